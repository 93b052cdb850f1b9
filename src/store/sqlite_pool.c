/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "store/sqlite_bodies.h"
#include "store/sqlite_conn.h"

#define LOOK_EVERY_MS 1000

static cachet_status init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    if (pthread_condattr_init(&attributes) != 0)
        return CACHET_E_MEMORY;
    const bool is_made = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                         pthread_cond_init(condition, &attributes) == 0;
    (void) pthread_condattr_destroy(&attributes);
    return is_made ? CACHET_OK : CACHET_E_MEMORY;
}

cachet_status ct_sqlite_pool_init(struct ct_sqlite_pool *pool, cachet_error *err)
{
    if (pthread_mutex_init(&pool->lock, NULL) != 0)
        return ct_err_set(err, CACHET_E_MEMORY, "no mutex left");
    if (init_condition(&pool->is_given_back) != CACHET_OK) {
        (void) pthread_mutex_destroy(&pool->lock);
        return ct_err_set(err, CACHET_E_MEMORY, "no condition variable left");
    }
    pool->pid = getpid();
    return CACHET_OK;
}

static void close_idle_locked(struct ct_sqlite_pool *pool)
{
    while (pool->idle != NULL) {
        struct ct_sqlite_conn *const conn = pool->idle;
        pool->idle = conn->next;
        pool->count--;
        ct_sqlite_conn_close(conn);
    }
}

/* What a child inherited stays where it is, reachable and untouched, for ever. */
static void leave_parents_locked(struct ct_sqlite_pool *pool)
{
    const pid_t pid = getpid();

    if (pool->pid == pid)
        return;
    ct_sqlite_vfs_after_fork();
    while (pool->idle != NULL) {
        struct ct_sqlite_conn *const conn = pool->idle;
        pool->idle = conn->next;
        conn->next = pool->inherited;
        pool->inherited = conn;
    }
    pool->count = 0;
    pool->out_count = 0;
    pool->pid = pid;
}

void ct_sqlite_pool_fini(struct ct_sqlite_pool *pool)
{
    leave_parents_locked(pool);
    close_idle_locked(pool);
    (void) pthread_cond_destroy(&pool->is_given_back);
    (void) pthread_mutex_destroy(&pool->lock);
}

/*
 * A database that was deleted or replaced is left, but not while a thread works with it: the
 * old and the new one would share the -shm, which SQLite knows by its name only.
 */
static void leave_moved_locked(struct ct_sqlite_store *store, int64_t now_ms)
{
    struct ct_sqlite_pool *const pool = &store->pool;

    if (pool->out_count > 0 || now_ms - pool->looked_at_ms < LOOK_EVERY_MS)
        return;
    pool->looked_at_ms = now_ms;
    const struct ct_file_identity there = ct_file_identify(store->path);
    if (!ct_file_identity_equal(&there, &pool->identity))
        close_idle_locked(pool);
    ct_bodies_look_again(store);
}

/* False once the deadline has passed. */
static bool wait_locked(struct ct_sqlite_pool *pool, int64_t deadline_ms)
{
    const struct timespec until = {.tv_sec = (time_t) (deadline_ms / 1000),
                                   .tv_nsec = (long) (deadline_ms % 1000) * 1000000};

    return pthread_cond_timedwait(&pool->is_given_back, &pool->lock, &until) != ETIMEDOUT;
}

/* An idle connection, or NULL and a place kept for a new one. */
static cachet_status take_locked(struct ct_sqlite_store *store,
                                 struct ct_sqlite_conn **ret_conn, cachet_error *err)
{
    struct ct_sqlite_pool *const pool = &store->pool;
    const int64_t now_ms = ct_clock_monotonic_ms();

    leave_parents_locked(pool);
    leave_moved_locked(store, now_ms);
    while (pool->idle == NULL && pool->count == CT_SQLITE_CONNECTIONS_MAX)
        if (!wait_locked(pool, now_ms + store->busy_ms))
            return ct_err_set(err, CACHET_E_BUSY, "all %u connections to '%s' are in use",
                              CT_SQLITE_CONNECTIONS_MAX, store->path);
    *ret_conn = pool->idle;
    if (pool->idle != NULL)
        pool->idle = pool->idle->next;
    else
        pool->count++;
    pool->out_count++;
    return CACHET_OK;
}

/* Gives the place of a connection up. */
static void leave(struct ct_sqlite_pool *pool)
{
    (void) pthread_mutex_lock(&pool->lock);
    pool->count--;
    pool->out_count--;
    (void) pthread_cond_signal(&pool->is_given_back);
    (void) pthread_mutex_unlock(&pool->lock);
}

static cachet_status open_new(struct ct_sqlite_store *store, struct ct_sqlite_conn **ret_conn,
                              cachet_error *err)
{
    struct ct_sqlite_pool *const pool = &store->pool;
    struct ct_sqlite_conn *conn = NULL;
    const cachet_status status = ct_sqlite_conn_open(store, &conn, err);

    if (status != CACHET_OK) {
        leave(pool);
        return status;
    }
    (void) pthread_mutex_lock(&pool->lock);
    pool->identity = conn->identity;
    (void) pthread_mutex_unlock(&pool->lock);
    *ret_conn = conn;
    return CACHET_OK;
}

cachet_status ct_sqlite_take(struct ct_sqlite_store *store, struct ct_sqlite_conn **ret_conn,
                             cachet_error *err)
{
    struct ct_sqlite_conn *conn = NULL;

    (void) pthread_mutex_lock(&store->pool.lock);
    const cachet_status status = take_locked(store, &conn, err);
    (void) pthread_mutex_unlock(&store->pool.lock);
    TRY(status);
    if (conn == NULL)
        return open_new(store, ret_conn, err);
    ct_sqlite_conn_start_clock(conn);
    *ret_conn = conn;
    return CACHET_OK;
}

/* True for a connection whose operation began before a fork, in the child. */
static bool is_inherited(const struct ct_sqlite_conn *conn)
{
    return conn->pid != getpid();
}

void ct_sqlite_give_back(struct ct_sqlite_conn *conn)
{
    if (conn == NULL)
        return;
    struct ct_sqlite_pool *const pool = &conn->owner->pool;
    if (conn->is_broken && !is_inherited(conn)) {
        ct_sqlite_conn_close(conn);
        leave(pool);
        return;
    }
    (void) pthread_mutex_lock(&pool->lock);
    struct ct_sqlite_conn **const list =
        conn->pid == pool->pid ? &pool->idle : &pool->inherited;
    conn->next = *list;
    *list = conn;
    if (list == &pool->idle)
        pool->out_count--;
    (void) pthread_cond_signal(&pool->is_given_back);
    (void) pthread_mutex_unlock(&pool->lock);
}
