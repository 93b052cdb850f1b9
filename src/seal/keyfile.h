/* SPDX-License-Identifier: MIT */
/* Key files on disk: who may own them, who may reach them (SEAL 1). */
#ifndef CT_SEAL_KEYFILE_H
#define CT_SEAL_KEYFILE_H

#include "base/bytes.h"
#include "seal/secret.h"

#define CT_KEY_FILE_MAX 16384u

/* A key file's content, in pages for secrets. */
struct ct_key_file {
    struct ct_secret *secret;
    size_t size;
    char *path; /* absolute, without links */
};

void ct_key_file_fini(struct ct_key_file *file);

/*
 * Reads a file that only the user or root can have written and nobody else can read. Fails with
 * E_NOT_FOUND, E_IO, E_FORMAT (not such a file), E_MEMORY.
 */
cachet_status ct_key_file_read(const char *path, struct ct_key_file *ret_file,
                               cachet_error *err);

/*
 * Writes a new file, mode 0600, in one step: it is there whole or not at all. Directories that
 * are missing are made, mode 0700. Fails with E_CONFLICT where there is one already.
 */
cachet_status ct_key_file_create(const char *path, cachet_bytes content, cachet_error *err);

#endif
