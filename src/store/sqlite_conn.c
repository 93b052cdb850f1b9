/* SPDX-License-Identifier: MIT */
/*
 * Opening a connection. The order matters: what protects against a hostile file is set before
 * the first page is read, and nothing is written before the file is known to be ours or empty.
 */
#include "store/sqlite_conn.h"

#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "store/sqlite_schema.h"

#define STATEMENT_MIN_MS 2000
#define STEPS_BETWEEN_LOOKS 1000
#define NAP_MAX_MS 20

static void nap(int64_t ms)
{
    const struct timespec time = {.tv_sec = (time_t) (ms / 1000),
                                  .tv_nsec = (long) (ms % 1000) * 1000000};
    (void) nanosleep(&time, NULL);
}

/* Naps a little longer each time, never past the deadline. 0 gives up. */
static int wait_for_lock(void *context, int count)
{
    const struct ct_sqlite_conn *const conn = context;
    const int64_t left_ms = conn->lock_deadline_ms - ct_clock_monotonic_ms();
    const int64_t wanted_ms = count < NAP_MAX_MS ? count + 1 : NAP_MAX_MS;

    if (left_ms <= 0)
        return 0;
    nap(wanted_ms < left_ms ? wanted_ms : left_ms);
    return 1;
}

static int is_out_of_time(void *context)
{
    const struct ct_sqlite_conn *const conn = context;

    return ct_clock_monotonic_ms() >= conn->statement_deadline_ms;
}

void ct_sqlite_conn_start_clock(struct ct_sqlite_conn *conn)
{
    const int64_t now_ms = ct_clock_monotonic_ms();
    const int64_t busy_ms = conn->owner->busy_ms;
    const int64_t limit_ms = busy_ms * 10;

    conn->lock_deadline_ms = now_ms + busy_ms;
    conn->statement_deadline_ms =
        now_ms + (limit_ms > STATEMENT_MIN_MS ? limit_ms : STATEMENT_MIN_MS);
}

static void limit(sqlite3 *db)
{
    static const struct {
        int what, most;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, 2 << 20},     {SQLITE_LIMIT_SQL_LENGTH, 16384},
        {SQLITE_LIMIT_COLUMN, 64},          {SQLITE_LIMIT_EXPR_DEPTH, 32},
        {SQLITE_LIMIT_COMPOUND_SELECT, 2},  {SQLITE_LIMIT_VDBE_OP, 20000},
        {SQLITE_LIMIT_FUNCTION_ARG, 8},     {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 16}, {SQLITE_LIMIT_TRIGGER_DEPTH, 0},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };

    for (size_t i = 0; i < CT_COUNT_OF(limits); i++)
        (void) sqlite3_limit(db, limits[i].what, limits[i].most);
}

static cachet_status harden(struct ct_sqlite_conn *conn, cachet_error *err)
{
    static const struct {
        int what, is_on;
    } switches[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
    };

    for (size_t i = 0; i < CT_COUNT_OF(switches); i++) {
        const int rc =
            sqlite3_db_config(conn->db, switches[i].what, switches[i].is_on, (int *) NULL);
        if (rc != SQLITE_OK)
            return ct_sqlite_fail(conn, rc, err);
    }
    limit(conn->db);
    (void) sqlite3_busy_handler(conn->db, wait_for_lock, conn);
    sqlite3_progress_handler(conn->db, STEPS_BETWEEN_LOOKS, is_out_of_time, conn);
    return ct_sqlite_exec(
        conn, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY",
        err);
}

/* The cache is small on purpose: the system's page cache holds the rest. */
static cachet_status settle(struct ct_sqlite_conn *conn, cachet_error *err)
{
    TRY(ct_sqlite_schema_use_wal(conn, err));
    return ct_sqlite_exec(conn,
                          "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2048;"
                          " PRAGMA journal_size_limit = 8388608",
                          err);
}

static cachet_status find_namespace(struct ct_sqlite_conn *conn, bool *ret_is_found,
                                    cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *find = NULL;

    TRY(ct_sql_use(conn, CT_SQL_NAMESPACE_FIND, &find, err));
    ct_sql_bind(find, 1, cachet_bytes_of(conn->owner->cache_namespace));
    TRY(ct_sql_step(conn, find, ret_is_found, err));
    if (*ret_is_found)
        conn->namespace_id = sqlite3_column_int64(find, 0);
    return CACHET_OK;
}

static cachet_status enter_namespace(struct ct_sqlite_conn *conn, cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *add = NULL;
    bool is_found;

    TRY(find_namespace(conn, &is_found, err));
    if (is_found)
        return CACHET_OK;
    TRY(ct_sql_use(conn, CT_SQL_NAMESPACE_ADD, &add, err));
    ct_sql_bind(add, 1, cachet_bytes_of(conn->owner->cache_namespace));
    TRY(ct_sql_run(conn, &add, err));
    TRY(find_namespace(conn, &is_found, err));
    if (!is_found)
        return ct_sqlite_fail(conn, SQLITE_CORRUPT, err);
    return CACHET_OK;
}

static cachet_status connect(struct ct_sqlite_conn *conn, cachet_error *err)
{
    struct ct_sqlite_store *const store = conn->owner;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                      SQLITE_OPEN_NOFOLLOW;

    TRY(ct_sqlite_files_check(store->path, err));
    TRY(ct_sqlite_file_make(store->path, err));
    conn->identity = ct_file_identify(store->path);
    const int rc =
        sqlite3_open_v2(store->path, &conn->db, flags, ct_sqlite_vfs_name(store->vfs));
    if (rc != SQLITE_OK)
        return ct_sqlite_fail(conn, rc, err);
    (void) sqlite3_extended_result_codes(conn->db, 1);
    TRY(harden(conn, err));
    TRY(ct_sqlite_schema_check(conn, err));
    TRY(settle(conn, err));
    return enter_namespace(conn, err);
}

void ct_sqlite_conn_close(struct ct_sqlite_conn *conn)
{
    if (conn == NULL)
        return;
    for (size_t i = 0; i < CT_SQL_COUNT; i++)
        (void) sqlite3_finalize(conn->statements[i]);
    (void) sqlite3_close(conn->db);
    ct_mem_free(conn);
}

static cachet_status try_open(struct ct_sqlite_store *store, struct ct_sqlite_conn **ret_conn,
                              cachet_error *err)
{
    CLEANUP(ct_sqlite_conn_closep) struct ct_sqlite_conn *conn = NULL;

    TRY(ct_new(&conn, err));
    conn->owner = store;
    conn->pid = getpid();
    ct_sqlite_conn_start_clock(conn);
    TRY(connect(conn, err));
    *ret_conn = ct_steal(&conn);
    return CACHET_OK;
}

/* Where two make a database at once, SQLite does not ask the busy handler but fails at once. */
cachet_status ct_sqlite_conn_open(struct ct_sqlite_store *store,
                                  struct ct_sqlite_conn **ret_conn, cachet_error *err)
{
    const int64_t deadline_ms = ct_clock_monotonic_ms() + store->busy_ms;
    cachet_status status = try_open(store, ret_conn, err);

    while (status == CACHET_E_BUSY && ct_clock_monotonic_ms() < deadline_ms) {
        nap(2);
        status = try_open(store, ret_conn, err);
    }
    return status;
}
