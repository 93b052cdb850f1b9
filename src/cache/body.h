/* SPDX-License-Identifier: MIT */
/*
 * Bodies on their way into the store and out of it, a chunk at a time: one chunk of memory
 * each, whatever the size of the body.
 */
#ifndef CT_CACHE_BODY_H
#define CT_CACHE_BODY_H

#include "cache/entry.h"

/* Bodies up to this size are checked to their end before the first byte is handed out. */
#define CT_CHECKED_WHOLE_MAX (UINT64_C(8) << 20)

/*
 *     new ─► append … ─► finish ─► (its head is put) ─► free
 *
 * Small bodies never leave the writer: they travel inside the head. A body that is freed before
 * it was finished leaves nothing behind.
 */
struct ct_body_writer;

cachet_status ct_body_writer_new(const struct ct_binding *binding, const cachet_name *key,
                                 struct ct_body_writer **ret_writer, cachet_error *err);
void ct_body_writer_free(struct ct_body_writer *writer);
CT_DEFINE_FREEP(struct ct_body_writer, ct_body_writer_free)

cachet_status ct_body_writer_append(struct ct_body_writer *writer, cachet_bytes bytes,
                                    cachet_error *err);

/* Fills the payload's account of the body; its inline bytes are borrowed from the writer. */
cachet_status ct_body_writer_finish(struct ct_body_writer *writer, struct ct_payload *payload,
                                    cachet_error *err);

/* After finish: throws away the body whose head could not be put. */
void ct_body_writer_drop(struct ct_body_writer *writer);

/* Reads the body of an opened entry, which must outlive it. */
struct ct_body_reader;

/* E_NOT_FOUND if the body is gone. */
cachet_status ct_body_reader_new(const struct ct_binding *binding, const struct ct_entry *entry,
                                 struct ct_body_reader **ret_reader, cachet_error *err);
void ct_body_reader_free(struct ct_body_reader *reader);
CT_DEFINE_FREEP(struct ct_body_reader, ct_body_reader_free)

/*
 * From now on it reads so many bytes from `first` on, which are there, and nothing else: only
 * their chunks are read and checked. Before the first read.
 */
void ct_body_reader_narrow(struct ct_body_reader *reader, uint64_t first, uint64_t size);

/* As cachet_exchange_read. */
cachet_status ct_body_reader_read(struct ct_body_reader *reader, unsigned char *buffer,
                                  size_t capacity, size_t *ret_size, cachet_error *err);

/* Have any bytes been handed out? */
bool ct_body_reader_has_begun(const struct ct_body_reader *reader);

/* Checks every chunk and hands out nothing. */
cachet_status ct_body_reader_check(struct ct_body_reader *reader, cachet_error *err);

#endif
