/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "store/sqlite_conn.h"

_Static_assert(CACHET_HEAD_MAX == 1048576, "as the statements say");

static const char *const texts[] = {
#define SQL_TEXT(name, text) text,
    CT_SQLITE_STATEMENTS(SQL_TEXT)
#undef SQL_TEXT
};

/* Failures after which the connection is as good as before. */
static bool is_passing(int primary)
{
    return primary == SQLITE_BUSY || primary == SQLITE_LOCKED || primary == SQLITE_INTERRUPT ||
           primary == SQLITE_PROTOCOL || primary == SQLITE_NOMEM;
}

cachet_status ct_sqlite_fail(struct ct_sqlite_conn *conn, int rc, cachet_error *err)
{
    const int primary = rc & 0xff;
    const char *const path = conn->owner->path;
    const char *const words = conn->db == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(conn->db);

    if (!is_passing(primary))
        conn->is_broken = true;
    if (primary == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory in SQLite");
    if (primary == SQLITE_INTERRUPT)
        return ct_err_set(err, CACHET_E_BUSY, "'%s' took too long to answer", path);
    if (is_passing(primary))
        return ct_err_set(err, CACHET_E_BUSY, "'%s' is locked by somebody else", path);
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB)
        return ct_err_set(err, CACHET_E_STORE,
                          "'%s' is damaged or no database (%s): move it away, a new one will "
                          "be made",
                          path, words);
    if (primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY)
        return ct_err_set(err, CACHET_E_STORE,
                          "'%s': %s: it and its directory must be writable", path, words);
    return ct_err_set(err, CACHET_E_STORE, "'%s': %s", path, words);
}

cachet_status ct_sql_use(struct ct_sqlite_conn *conn, enum ct_sql which,
                         sqlite3_stmt **ret_statement, cachet_error *err)
{
    if (conn->statements[which] == NULL) {
        const int rc = sqlite3_prepare_v3(conn->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT,
                                          &conn->statements[which], NULL);
        if (rc != SQLITE_OK)
            return ct_sqlite_fail(conn, rc, err);
    }
    *ret_statement = conn->statements[which];
    return CACHET_OK;
}

void ct_sql_reset(sqlite3_stmt **statement)
{
    if (*statement == NULL)
        return;
    /* Its answer is the failure of the last step, which was reported then. */
    (void) sqlite3_reset(*statement);
    (void) sqlite3_clear_bindings(*statement);
    *statement = NULL;
}

/* Binding fails only for lengths over the limit; the column's NOT NULL then refuses the row. */
void ct_sql_bind(sqlite3_stmt *statement, int at, cachet_bytes bytes)
{
    if (bytes.size == 0)
        (void) sqlite3_bind_zeroblob(statement, at, 0);
    else
        (void) sqlite3_bind_blob64(statement, at, bytes.data, bytes.size, SQLITE_STATIC);
}

cachet_status ct_sql_step(struct ct_sqlite_conn *conn, sqlite3_stmt *statement,
                          bool *ret_is_row, cachet_error *err)
{
    const int rc = sqlite3_step(statement);

    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return ct_sqlite_fail(conn, rc, err);
    *ret_is_row = rc == SQLITE_ROW;
    return CACHET_OK;
}

cachet_status ct_sql_run(struct ct_sqlite_conn *conn, sqlite3_stmt **statement,
                         cachet_error *err)
{
    bool is_row;
    const cachet_status status = ct_sql_step(conn, *statement, &is_row, err);

    ct_sql_reset(statement);
    return status;
}

cachet_bytes ct_sql_column(sqlite3_stmt *statement, int at)
{
    if (sqlite3_column_type(statement, at) != SQLITE_BLOB)
        return (cachet_bytes){NULL, 0};
    const void *const data = sqlite3_column_blob(statement, at);
    return (cachet_bytes){data == NULL ? CT_EMPTY : data,
                          (size_t) sqlite3_column_bytes(statement, at)};
}

cachet_bytes ct_sql_column_head(sqlite3_stmt *statement, int at)
{
    cachet_bytes head = ct_sql_column(statement, at + 1);

    if (head.data == NULL) {
        const int64_t size = sqlite3_column_int64(statement, at);
        head.size = size > 0 ? (size_t) size : 0;
    }
    return head;
}

static cachet_status run(struct ct_sqlite_conn *conn, enum ct_sql which, cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *statement = NULL;

    TRY(ct_sql_use(conn, which, &statement, err));
    return ct_sql_run(conn, &statement, err);
}

cachet_status ct_sql_begin(struct ct_sqlite_conn *conn, struct ct_sql_transaction *ret_open,
                           cachet_error *err)
{
    TRY(run(conn, CT_SQL_BEGIN_WRITE, err));
    ret_open->conn = conn;
    return CACHET_OK;
}

cachet_status ct_sql_commit(struct ct_sql_transaction *open, cachet_error *err)
{
    TRY(run(open->conn, CT_SQL_COMMIT, err));
    open->conn = NULL;
    return CACHET_OK;
}

void ct_sql_undo(struct ct_sql_transaction *open)
{
    /* Some failures make SQLite roll back by itself. */
    if (open->conn == NULL || sqlite3_get_autocommit(open->conn->db) != 0)
        return;
    if (run(open->conn, CT_SQL_ROLLBACK, NULL) != CACHET_OK)
        open->conn->is_broken = true;
}
