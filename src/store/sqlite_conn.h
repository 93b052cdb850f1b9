/* SPDX-License-Identifier: MIT */
/* Connections: how they are opened, lent and given back, and the statements kept on them. */
#ifndef CT_STORE_SQLITE_CONN_H
#define CT_STORE_SQLITE_CONN_H

#include <sqlite3.h>

#include "store/sqlite_store.h"

/* X(NAME, text). ?1 is the namespace wherever there is one. */
#define CT_SQLITE_STATEMENTS(X)                                                                \
    X(NAMESPACE_FIND, "SELECT id FROM namespaces WHERE name = ?1")                             \
    X(NAMESPACE_ADD, "INSERT OR IGNORE INTO namespaces (name) VALUES (?1)")                    \
    X(HEAD_GET,                                                                                \
      "SELECT variant, length(head), " CT_SQLITE_HEAD " FROM heads INDEXED BY heads_by_key"    \
      " WHERE namespace = ?1 AND key = ?2 ORDER BY id DESC LIMIT ?3")                          \
    X(HEAD_FIND,                                                                               \
      "SELECT id, length(head), " CT_SQLITE_HEAD " FROM heads INDEXED BY heads_by_name"        \
      " WHERE namespace = ?1 AND key = ?2 AND variant = ?3")                                   \
    X(HEAD_ADD, "INSERT INTO heads (namespace, key, variant, body_size, expires_at, head)"     \
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")                                            \
    X(HEAD_CHANGE,                                                                             \
      "UPDATE heads SET body_size = ?2, expires_at = ?3, head = ?4 WHERE id = ?1")             \
    X(HEAD_DROP, "DELETE FROM heads WHERE id = ?1")                                            \
    X(HEAD_LAST, "SELECT max(id) FROM heads")                                                  \
    X(HEAD_PAGE, "SELECT key, variant, length(head), " CT_SQLITE_HEAD                          \
                 " FROM heads INDEXED BY heads_by_name"                                        \
                 " WHERE namespace = ?1 AND (key, variant) > (?2, ?3) AND id <= ?4"            \
                 " ORDER BY key, variant")                                                     \
    X(BODIES_OF, "SELECT body FROM bodies WHERE head = ?1 LIMIT ?2")                           \
    X(BODIES_FORGET, "DELETE FROM bodies WHERE head = ?1")                                     \
    X(BODY_ADD, "INSERT OR IGNORE INTO bodies (head, body) VALUES (?1, ?2)")                   \
    X(BODY_IS_NAMED, "SELECT 1 FROM bodies INDEXED BY bodies_by_body WHERE body = ?1 LIMIT 1") \
    X(BEGIN_WRITE, "BEGIN IMMEDIATE")                                                          \
    X(COMMIT, "COMMIT")                                                                        \
    X(ROLLBACK, "ROLLBACK")

/* The head, fetched only if it is a blob of a length that is allowed (SEAL 6). */
#define CT_SQLITE_HEAD                                                                         \
    "CASE WHEN typeof(head) = 'blob' AND length(head) <= 1048576 THEN head END"

enum ct_sql {
#define CT_SQL_ENUM(name, text) CT_SQL_##name,
    CT_SQLITE_STATEMENTS(CT_SQL_ENUM)
#undef CT_SQL_ENUM
        CT_SQL_COUNT
};

struct ct_sqlite_conn {
    struct ct_sqlite_store *owner;
    struct ct_sqlite_conn *next;
    sqlite3 *db;
    sqlite3_stmt *statements[CT_SQL_COUNT]; /* prepared when first used */
    int64_t namespace_id;
    struct ct_file_identity identity;
    pid_t pid;
    int64_t lock_deadline_ms;      /* monotonic: waits for locks end here */
    int64_t statement_deadline_ms; /* and whatever a damaged file makes SQLite do, here */
    bool is_broken;                /* to be closed, not lent again */
};

/* Gives the operation that starts now its time. */
void ct_sqlite_conn_start_clock(struct ct_sqlite_conn *conn);

/* Opens one, makes the database where there is none, checks whose it is. */
cachet_status ct_sqlite_conn_open(struct ct_sqlite_store *store,
                                  struct ct_sqlite_conn **ret_conn, cachet_error *err);

/* Takes NULL. */
void ct_sqlite_conn_close(struct ct_sqlite_conn *conn);
CT_DEFINE_FREEP(struct ct_sqlite_conn, ct_sqlite_conn_close)

/* A connection of this thread's own until it is given back. E_BUSY if all stay out. */
cachet_status ct_sqlite_take(struct ct_sqlite_store *store, struct ct_sqlite_conn **ret_conn,
                             cachet_error *err);

/* Takes NULL. */
void ct_sqlite_give_back(struct ct_sqlite_conn *conn);
CT_DEFINE_FREEP(struct ct_sqlite_conn, ct_sqlite_give_back)

cachet_status ct_sqlite_pool_init(struct ct_sqlite_pool *pool, cachet_error *err);
/* Closes what is idle; nothing may be out. */
void ct_sqlite_pool_fini(struct ct_sqlite_pool *pool);

/* Puts SQLite's answer into words and a status, and marks a connection not to be used again. */
cachet_status ct_sqlite_fail(struct ct_sqlite_conn *conn, int rc, cachet_error *err);

/* A statement ready to be bound. Give it to ct_sql_reset when done, before the connection. */
cachet_status ct_sql_use(struct ct_sqlite_conn *conn, enum ct_sql which,
                         sqlite3_stmt **ret_statement, cachet_error *err);

/* For CLEANUP. The statement stays prepared; what was bound is forgotten. */
void ct_sql_reset(sqlite3_stmt **statement);

/* Binds borrowed bytes, which must live until the reset. */
void ct_sql_bind(sqlite3_stmt *statement, int at, cachet_bytes bytes);

/* Runs a statement that gives no rows, and resets it. */
cachet_status ct_sql_run(struct ct_sqlite_conn *conn, sqlite3_stmt **statement,
                         cachet_error *err);

/* A row, or *ret_is_row false at the end. */
cachet_status ct_sql_step(struct ct_sqlite_conn *conn, sqlite3_stmt *statement,
                          bool *ret_is_row, cachet_error *err);

/* An empty blob has no address in SQLite; here it must differ from no blob. */
#define CT_EMPTY ((const unsigned char *) "")

/* The bytes of a column, valid until the next step; data NULL unless it is a blob. */
cachet_bytes ct_sql_column(sqlite3_stmt *statement, int at);

/* A head out of two columns: length(head), CT_SQLITE_HEAD. */
cachet_bytes ct_sql_column_head(sqlite3_stmt *statement, int at);

/* Undoes what was not committed: for CLEANUP. */
struct ct_sql_transaction {
    struct ct_sqlite_conn *conn; /* NULL once committed */
};
cachet_status ct_sql_begin(struct ct_sqlite_conn *conn, struct ct_sql_transaction *ret_open,
                           cachet_error *err);
cachet_status ct_sql_commit(struct ct_sql_transaction *open, cachet_error *err);
void ct_sql_undo(struct ct_sql_transaction *open);

#endif
