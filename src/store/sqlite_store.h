/* SPDX-License-Identifier: MIT */
/*
 * The SQLite store, inside.
 *
 *   sqlite_store.c   opens and closes it, and holds its table of operations
 *   sqlite_path.c    where it lies, what may lie there
 *   sqlite_vfs.c     what SQLite may open (sqlite_vfs_file.c: the open files)
 *   sqlite_pool.c    hands connections out, one to a thread, and finds out about forks and
 *                    about databases moved away
 *   sqlite_conn.c    opens a connection: settings, limits, whose database it is
 *   sqlite_sql.c     every statement there is; failures put into words
 *   sqlite_heads.c   get, put, drop                    sqlite_walk.c   each
 *   sqlite_bodies.c  the files of bodies               sqlite_sweep.c  those nobody names
 */
#ifndef CT_STORE_SQLITE_STORE_H
#define CT_STORE_SQLITE_STORE_H

#include <pthread.h>
#include <sys/types.h>

#include "store/sqlite_path.h"
#include "store/sqlite_vfs.h"
#include "store/store.h"

#define CT_SQLITE_CONNECTIONS_MAX 8u

struct ct_sqlite_conn;

/* Life of a connection: opened on demand, out with one thread, idle, out again, closed. */
struct ct_sqlite_pool {
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t is_given_back;
    struct ct_sqlite_conn *idle;
    unsigned count;     /* idle and out */
    unsigned out_count; /* with a thread, or being opened for one */
    pid_t pid;          /* whose connections they are */
    struct ct_file_identity identity;
    int64_t looked_at_ms; /* when the database was last seen to be that one */
    /* In a child: its parent's. Never used, never closed. */
    struct ct_sqlite_conn *inherited;
};

/* The directory of the body files, opened when first needed. */
struct ct_sqlite_bodies {
    pthread_rwlock_t lock; /* guards what follows; held while the descriptor is in use */
    int fd;
    struct ct_file_identity identity;
};

struct ct_sqlite_store {
    cachet_store store;
    char *path;        /* canonical */
    char *bodies_path; /* path + "-bodies" */
    char *cache_namespace;
    uint32_t busy_ms;
    struct ct_sqlite_vfs *vfs;
    struct ct_sqlite_pool pool;
    struct ct_sqlite_bodies bodies;
    pthread_mutex_t sweep_lock; /* guards is_swept */
    bool is_swept;
};

static inline struct ct_sqlite_store *ct_sqlite_of(cachet_store *store)
{
    return (struct ct_sqlite_store *) (void *) store;
}

/* The scheme's row in the table of store.c. */
cachet_status ct_sqlite_open(cachet_store **ret_store, const char *location,
                             const struct ct_store_settings *settings, cachet_error *err);
cachet_status ct_sqlite_check(const char *location, cachet_error *err);
cachet_status ct_sqlite_canonical(const char *location, char **ret_text, cachet_error *err);

/* The operations: see cachet/sys/store.h. */
cachet_status ct_sqlite_head_get(cachet_store *store, const cachet_name *key,
                                 cachet_head_visit visit, void *context, cachet_error *err);
cachet_status ct_sqlite_head_put(cachet_store *store, const cachet_head_put *put,
                                 cachet_error *err);
cachet_status ct_sqlite_head_drop(cachet_store *store, const cachet_name *key,
                                  const cachet_name *variant, cachet_bytes expected,
                                  cachet_error *err);
cachet_status ct_sqlite_head_each(cachet_store *store, cachet_head_visit visit, void *context,
                                  cachet_error *err);
cachet_status ct_sqlite_body_create(cachet_store *store, const cachet_name *key,
                                    const cachet_body_id *id, cachet_body_writer **ret_writer,
                                    cachet_error *err);
cachet_status ct_sqlite_body_append(cachet_body_writer *writer, cachet_bytes chunk,
                                    cachet_error *err);
cachet_status ct_sqlite_body_commit(cachet_body_writer *writer, cachet_error *err);
void ct_sqlite_body_abort(cachet_body_writer *writer);
void ct_sqlite_body_drop(cachet_store *store, const cachet_name *key, const cachet_body_id *id);
cachet_status ct_sqlite_body_open(cachet_store *store, const cachet_name *key,
                                  const cachet_body_id *id, cachet_body_reader **ret_reader,
                                  cachet_error *err);
cachet_status ct_sqlite_body_read(cachet_body_reader *reader, uint64_t index, size_t tag_size,
                                  unsigned char *chunk, size_t *ret_size, cachet_error *err);
void ct_sqlite_body_close(cachet_body_reader *reader);

/* Deletes the files of bodies that no head names any longer. */
void ct_sqlite_bodies_delete(struct ct_sqlite_store *store, const cachet_body_id *ids,
                             size_t count);

/* Before a first write: deletes what was left behind an hour ago or earlier. Once a store. */
void ct_sqlite_sweep_once(struct ct_sqlite_store *store);

#endif
