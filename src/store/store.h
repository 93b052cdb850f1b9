/* SPDX-License-Identifier: MIT */
/* Opens the store a SPEC names, and calls it: nobody above goes through ->ops. */
#ifndef CT_STORE_STORE_H
#define CT_STORE_STORE_H

#include <cachet/sys/store.h>

#include "base/common.h"

/* How a store is opened. */
struct ct_store_settings {
    const char *cache_namespace; /* a name, 1 to 255 bytes */
    uint32_t busy_ms;
    bool must_exist; /* E_NOT_FOUND instead of making the store */
};

/*
 * E_USAGE: a SPEC that names no store or is malformed. E_STORE, E_BUSY: it cannot be used now.
 * E_VERSION: written by a newer cachet, and left untouched.
 */
cachet_status ct_store_open(cachet_store **ret_store, const char *spec,
                            const struct ct_store_settings *settings, cachet_error *err);

/* Is the SPEC well formed and known? Opens nothing. */
cachet_status ct_store_check_spec(const char *spec, cachet_error *err);

/* The SPEC with a path made absolute: what a cache is remembered by. A new string. */
cachet_status ct_store_canonical_spec(const char *spec, char **ret_text, cachet_error *err);

/* The file the store lies in: absolute, without links but maybe its last part. A new string. */
cachet_status ct_store_path(const char *spec, char **ret_path, cachet_error *err);

/* Takes NULL. */
void ct_store_close(cachet_store *store);
CT_DEFINE_FREEP(cachet_store, ct_store_close)

uint32_t ct_store_inline_size(const cachet_store *store);

/* The contract, call by call: see cachet/sys/store.h. */
cachet_status ct_store_head_get(cachet_store *store, const cachet_name *key,
                                cachet_head_visit visit, void *context, cachet_error *err);
cachet_status ct_store_head_put(cachet_store *store, const cachet_head_put *put,
                                cachet_error *err);
cachet_status ct_store_head_drop(cachet_store *store, const cachet_name *key,
                                 const cachet_name *variant, cachet_bytes expected,
                                 cachet_error *err);
cachet_status ct_store_head_each(cachet_store *store, cachet_head_visit visit, void *context,
                                 cachet_error *err);
cachet_status ct_store_body_create(cachet_store *store, const cachet_name *key,
                                   const cachet_body_id *id, cachet_body_writer **ret_writer,
                                   cachet_error *err);
cachet_status ct_store_body_append(cachet_body_writer *writer, cachet_bytes chunk,
                                   cachet_error *err);
/* Frees *writer and makes it NULL, also on failure. */
cachet_status ct_store_body_commit(cachet_body_writer **writer, cachet_error *err);
void ct_store_body_abort(cachet_body_writer *writer);
CT_DEFINE_FREEP(cachet_body_writer, ct_store_body_abort)
void ct_store_body_drop(cachet_store *store, const cachet_name *key, const cachet_body_id *id);
cachet_status ct_store_body_open(cachet_store *store, const cachet_name *key,
                                 const cachet_body_id *id, cachet_body_reader **ret_reader,
                                 cachet_error *err);
cachet_status ct_store_body_read(cachet_body_reader *reader, uint64_t index, size_t tag_size,
                                 unsigned char *chunk, size_t *ret_size, cachet_error *err);
void ct_store_body_close(cachet_body_reader *reader);
CT_DEFINE_FREEP(cachet_body_reader, ct_store_body_close)

#endif
