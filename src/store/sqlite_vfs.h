/* SPDX-License-Identifier: MIT */
/*
 * The thin VFS under every SQLite store (SEAL 6).
 *
 * It stands on the platform's "unix" VFS, one instance a store, and lets SQLite open, look for
 * and delete the database and its -wal, -shm and -journal: nothing else, whatever a planted
 * file names. Before each is opened, what is there must be a regular file with one name, owned
 * by the effective user or root.
 *
 * Fork. SQLite's unix VFS keeps, for the whole process, what locks it holds on a file. A child
 * inherits that memory but not the locks, and a connection opened on top of it would take no
 * locks at all. So the child first closes, under the connections it inherited and will never
 * use again, their files: only descriptors and maps of its own go, the parent loses no lock.
 * SQLite's list of VFSes is what finds those of other stores in the process.
 */
#ifndef CT_STORE_SQLITE_VFS_H
#define CT_STORE_SQLITE_VFS_H

#include "base/common.h"

struct ct_sqlite_vfs;

/* For the database at `path`, absolute and canonical. `busy_ms` bounds SQLite's own naps. */
cachet_status ct_sqlite_vfs_new(struct ct_sqlite_vfs **ret_vfs, const char *path,
                                uint32_t busy_ms, cachet_error *err);

/* Takes NULL. No connection may be open on it. */
void ct_sqlite_vfs_free(struct ct_sqlite_vfs *vfs);
CT_DEFINE_FREEP(struct ct_sqlite_vfs, ct_sqlite_vfs_free)

/* What to tell sqlite3_open_v2. */
const char *ct_sqlite_vfs_name(const struct ct_sqlite_vfs *vfs);

/* In a child: closes the files inherited open by any store. Does nothing elsewhere. */
void ct_sqlite_vfs_after_fork(void);

#endif
