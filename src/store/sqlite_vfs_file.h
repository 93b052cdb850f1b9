/* SPDX-License-Identifier: MIT */
/* The files of the VFS of sqlite_vfs.h: they pass everything on to the unix VFS. */
#ifndef CT_STORE_SQLITE_VFS_FILE_H
#define CT_STORE_SQLITE_VFS_FILE_H

#include <sqlite3.h>

#include "base/common.h"

/* Guards all lists of open files. Held only while a file is opened or closed. */
#define CT_SQLITE_FILES_MUTEX SQLITE_MUTEX_STATIC_VFS2

/* One open file. The unix VFS's own struct follows it in memory. */
struct ct_sqlite_file {
    sqlite3_file base;
    const char *shm_path; /* of the database only; borrowed from the VFS */
    bool has_shm;
    struct ct_sqlite_file *next;
    struct ct_sqlite_file **link; /* what points to this one */
};

static inline sqlite3_file *ct_sqlite_file_real(struct ct_sqlite_file *file)
{
    return (sqlite3_file *) (void *) (file + 1);
}

/* Puts an open file on the list and gives it its methods. */
void ct_sqlite_file_adopt(struct ct_sqlite_file *file, struct ct_sqlite_file **list);

/* Closes the unix VFS's file under one that will never be used again; the list is locked. */
void ct_sqlite_file_abandon_locked(struct ct_sqlite_file *file);

#endif
