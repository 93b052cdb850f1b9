/* SPDX-License-Identifier: MIT */
/* Where an SQLite store lies, and whether what lies there may be touched (SEAL 6). */
#ifndef CT_STORE_SQLITE_PATH_H
#define CT_STORE_SQLITE_PATH_H

#include <sys/stat.h>

#include "base/common.h"

/* Which file a name led to: the same name may lead to another one later. */
struct ct_file_identity {
    dev_t device;
    ino_t inode;
    bool is_there;
};

static inline bool ct_file_identity_equal(const struct ct_file_identity *a,
                                          const struct ct_file_identity *b)
{
    return a->is_there == b->is_there &&
           (!a->is_there || (a->device == b->device && a->inode == b->inode));
}

/* E_USAGE for what cannot be the name of a database. */
cachet_status ct_sqlite_path_check(const char *path, cachet_error *err);

/*
 * The path with its directory made absolute and free of links; its last part is kept as it is.
 * Directories that are not there yet are taken by their names, so that the answer is the same
 * before and after they are made.
 */
cachet_status ct_sqlite_path_canonical(const char *path, char **ret_path, cachet_error *err);

/* Owned by the effective user or root, a regular file, with one name. */
bool ct_file_is_trustworthy(const struct stat *facts);

/* What is at `path` now, a link not followed. */
struct ct_file_identity ct_file_identify(const char *path);

/* E_STORE if something untrustworthy is there; nothing there is fine. */
cachet_status ct_sqlite_file_check(const char *path, cachet_error *err);

/* The database and the three files SQLite keeps beside it. */
cachet_status ct_sqlite_files_check(const char *path, cachet_error *err);

/* Makes an empty database, 0600, and the directories above it, where there is none. */
cachet_status ct_sqlite_file_make(const char *path, cachet_error *err);

#endif
