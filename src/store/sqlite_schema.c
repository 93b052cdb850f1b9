/* SPDX-License-Identifier: MIT */
/*
 * namespaces   id -> name.
 * heads        one row a head. Two indexes: by name to find one (and to keep it the only one),
 *              by key to read the newest variants of a key first without sorting.
 * bodies       which head names which body, so that a body nobody names any longer is found.
 *
 * body_size and expires_at are hints for eviction: they choose what to drop, never what to
 * serve. Lengths and types are not constrained here: whoever can write the file can lift any
 * constraint, so they are judged when read.
 */
#include "store/sqlite_schema.h"

#include "base/error.h"

#define NAMESPACES "CREATE TABLE namespaces (id INTEGER PRIMARY KEY, name BLOB NOT NULL)"
#define NAMESPACES_BY_NAME "CREATE UNIQUE INDEX namespaces_by_name ON namespaces (name)"
#define HEADS                                                                                  \
    "CREATE TABLE heads (id INTEGER PRIMARY KEY, namespace INTEGER NOT NULL,"                  \
    " key BLOB NOT NULL, variant BLOB NOT NULL, body_size INTEGER NOT NULL,"                   \
    " expires_at INTEGER NOT NULL, head BLOB NOT NULL)"
#define HEADS_BY_NAME "CREATE UNIQUE INDEX heads_by_name ON heads (namespace, key, variant)"
#define HEADS_BY_KEY "CREATE INDEX heads_by_key ON heads (namespace, key)"
#define BODIES                                                                                 \
    "CREATE TABLE bodies (head INTEGER NOT NULL, body BLOB NOT NULL,"                          \
    " PRIMARY KEY (head, body)) WITHOUT ROWID"
#define BODIES_BY_BODY "CREATE INDEX bodies_by_body ON bodies (body)"

/* In the order in which they are made. */
static const char *const schema[] = {
    NAMESPACES, NAMESPACES_BY_NAME, HEADS, HEADS_BY_NAME, HEADS_BY_KEY, BODIES, BODIES_BY_BODY,
};

enum whose { NOBODYS, OURS, NEWER, FOREIGN };

cachet_status ct_sqlite_exec(struct ct_sqlite_conn *conn, const char *sql, cachet_error *err)
{
    const int rc = sqlite3_exec(conn->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? CACHET_OK : ct_sqlite_fail(conn, rc, err);
}

static cachet_status prepare(struct ct_sqlite_conn *conn, const char *sql,
                             sqlite3_stmt **ret_statement, cachet_error *err)
{
    const int rc = sqlite3_prepare_v2(conn->db, sql, -1, ret_statement, NULL);
    return rc == SQLITE_OK ? CACHET_OK : ct_sqlite_fail(conn, rc, err);
}

static void finalize(sqlite3_stmt **statement)
{
    (void) sqlite3_finalize(*statement);
}

static cachet_status read_number(struct ct_sqlite_conn *conn, const char *sql,
                                 int64_t *ret_number, cachet_error *err)
{
    CLEANUP(finalize) sqlite3_stmt *statement = NULL;
    bool is_row;

    TRY(prepare(conn, sql, &statement, err));
    TRY(ct_sql_step(conn, statement, &is_row, err));
    *ret_number = is_row ? sqlite3_column_int64(statement, 0) : 0;
    return CACHET_OK;
}

static bool is_text(sqlite3_stmt *statement, const char *text)
{
    const void *const found = sqlite3_column_text(statement, 0);

    return found != NULL && strcmp(found, text) == 0;
}

/* Every text must be the one we write: a view, a trigger or an index more is not ours. */
static cachet_status compare_schema(struct ct_sqlite_conn *conn, enum whose *ret_whose,
                                    cachet_error *err)
{
    CLEANUP(finalize) sqlite3_stmt *statement = NULL;
    size_t count = 0;
    bool is_row, is_same = true;

    TRY(prepare(conn, "SELECT sql FROM sqlite_master ORDER BY rowid", &statement, err));
    TRY(ct_sql_step(conn, statement, &is_row, err));
    for (; is_row && is_same; count++) {
        is_same = count < CT_COUNT_OF(schema) && is_text(statement, schema[count]);
        TRY(ct_sql_step(conn, statement, &is_row, err));
    }
    if (count == 0)
        *ret_whose = NOBODYS;
    else
        *ret_whose = is_same && count == CT_COUNT_OF(schema) ? OURS : FOREIGN;
    return CACHET_OK;
}

/* The header first: a newer version's schema need not even be one we can read. */
static cachet_status identify_at_once(struct ct_sqlite_conn *conn, enum whose *ret_whose,
                                      cachet_error *err)
{
    int64_t application, version;

    TRY(read_number(conn, "PRAGMA application_id", &application, err));
    TRY(read_number(conn, "PRAGMA user_version", &version, err));
    if (application == CT_SQLITE_APPLICATION_ID && version > CT_SQLITE_VERSION) {
        *ret_whose = NEWER;
        return CACHET_OK;
    }
    TRY(compare_schema(conn, ret_whose, err));
    const bool is_marked =
        application == CT_SQLITE_APPLICATION_ID && version == CT_SQLITE_VERSION;
    const bool is_unmarked = application == 0 && version == 0;
    if ((*ret_whose == OURS && !is_marked) || (*ret_whose == NOBODYS && !is_unmarked))
        *ret_whose = FOREIGN;
    return CACHET_OK;
}

/* In one transaction, so that one who makes the database is seen to do all of it or nothing. */
static cachet_status identify(struct ct_sqlite_conn *conn, enum whose *ret_whose,
                              cachet_error *err)
{
    TRY(ct_sqlite_exec(conn, "BEGIN", err));
    const cachet_status status = identify_at_once(conn, ret_whose, err);
    if (sqlite3_get_autocommit(conn->db) == 0)
        (void) sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

cachet_status ct_sqlite_schema_use_wal(struct ct_sqlite_conn *conn, cachet_error *err)
{
    CLEANUP(finalize) sqlite3_stmt *statement = NULL;
    bool is_row;

    TRY(prepare(conn, "PRAGMA journal_mode = WAL", &statement, err));
    TRY(ct_sql_step(conn, statement, &is_row, err));
    if (!is_row || !is_text(statement, "wal"))
        return ct_err_set(err, CACHET_E_STORE,
                          "'%s' lies where SQLite can keep no write-ahead log: choose a local "
                          "directory",
                          conn->owner->path);
    return CACHET_OK;
}

/* Somebody else may have made it since it was seen to be empty. */
static cachet_status create_locked(struct ct_sqlite_conn *conn, cachet_error *err)
{
    enum whose whose;

    TRY(identify_at_once(conn, &whose, err));
    if (whose != NOBODYS)
        return CACHET_OK;
    for (size_t i = 0; i < CT_COUNT_OF(schema); i++)
        TRY(ct_sqlite_exec(conn, schema[i], err));
    char *const marks = sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                        CT_SQLITE_APPLICATION_ID, CT_SQLITE_VERSION);
    if (marks == NULL)
        return ct_sqlite_fail(conn, SQLITE_NOMEM, err);
    const cachet_status status = ct_sqlite_exec(conn, marks, err);
    sqlite3_free(marks);
    return status;
}

static cachet_status create(struct ct_sqlite_conn *conn, cachet_error *err)
{
    CLEANUP(ct_sql_undo) struct ct_sql_transaction open = {NULL};

    TRY(ct_sqlite_exec(conn, "PRAGMA page_size = 4096", err));
    TRY(ct_sqlite_schema_use_wal(conn, err));
    TRY(ct_sql_begin(conn, &open, err));
    TRY(create_locked(conn, err));
    return ct_sql_commit(&open, err);
}

cachet_status ct_sqlite_schema_check(struct ct_sqlite_conn *conn, cachet_error *err)
{
    enum whose whose;

    TRY(identify(conn, &whose, err));
    if (whose == NOBODYS) {
        TRY(create(conn, err));
        TRY(identify(conn, &whose, err));
    }
    if (whose == OURS)
        return CACHET_OK;
    conn->is_broken = true;
    if (whose == NEWER)
        return ct_err_set(err, CACHET_E_VERSION,
                          "'%s' was written by a newer cachet: use that one, or name another "
                          "file",
                          conn->owner->path);
    return ct_err_set(err, CACHET_E_STORE,
                      "'%s' is not a cachet database: name another file, or move it away",
                      conn->owner->path);
}
