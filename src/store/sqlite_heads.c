/* SPDX-License-Identifier: MIT */
/* Heads: get, put by compare-and-swap, drop. */
#include "base/bytes.h"
#include "base/error.h"
#include "store/sqlite_conn.h"

/* More than a head of ours can name; what a planted row names beyond that is left to the sweep.
 */
#define DROPPED_MAX ((size_t) 4 * CACHET_SEGMENTS_MAX)

struct body_list {
    cachet_body_id ids[DROPPED_MAX];
    size_t count;
};

static cachet_bytes name_bytes(const cachet_name *name)
{
    return ct_bytes(name->bytes, sizeof name->bytes);
}

static cachet_bytes body_bytes(const cachet_body_id *id)
{
    return ct_bytes(id->bytes, sizeof id->bytes);
}

static bool has_body(const cachet_body_id *ids, size_t count, const cachet_body_id *id)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(&ids[i], id, sizeof *id) == 0)
            return true;
    return false;
}

/* A row whose variant is no name was not written by us, and no head can have it. */
static cachet_status visit_row(sqlite3_stmt *row, const cachet_name *key,
                               cachet_head_visit visit, void *context)
{
    const cachet_bytes variant = ct_sql_column(row, 0);
    cachet_stored_head head = {.key = *key, .head = ct_sql_column_head(row, 1)};

    if (variant.size != sizeof head.variant.bytes)
        return CACHET_OK;
    memcpy(head.variant.bytes, variant.data, variant.size);
    return visit(context, &head);
}

cachet_status ct_sqlite_head_get(cachet_store *store, const cachet_name *key,
                                 cachet_head_visit visit, void *context, cachet_error *err)
{
    CLEANUP(ct_sqlite_give_backp) struct ct_sqlite_conn *conn = NULL;
    CLEANUP(ct_sql_reset) sqlite3_stmt *get = NULL;
    bool is_row;

    TRY(ct_sqlite_take(ct_sqlite_of(store), &conn, err));
    TRY(ct_sql_use(conn, CT_SQL_HEAD_GET, &get, err));
    (void) sqlite3_bind_int64(get, 1, conn->namespace_id);
    ct_sql_bind(get, 2, name_bytes(key));
    (void) sqlite3_bind_int64(get, 3, CACHET_VARIANTS_MAX);
    TRY(ct_sql_step(conn, get, &is_row, err));
    while (is_row) {
        TRY(visit_row(get, key, visit, context));
        TRY(ct_sql_step(conn, get, &is_row, err));
    }
    return CACHET_OK;
}

/* The row of a name that is there now; its head borrowed from the statement. */
struct found_row {
    bool is_there;
    int64_t id;
    cachet_bytes head;
};

static cachet_status find_row(struct ct_sqlite_conn *conn, const cachet_name *key,
                              const cachet_name *variant, sqlite3_stmt **ret_statement,
                              struct found_row *ret_row, cachet_error *err)
{
    TRY(ct_sql_use(conn, CT_SQL_HEAD_FIND, ret_statement, err));
    (void) sqlite3_bind_int64(*ret_statement, 1, conn->namespace_id);
    ct_sql_bind(*ret_statement, 2, name_bytes(key));
    ct_sql_bind(*ret_statement, 3, name_bytes(variant));
    TRY(ct_sql_step(conn, *ret_statement, &ret_row->is_there, err));
    if (ret_row->is_there) {
        ret_row->id = sqlite3_column_int64(*ret_statement, 0);
        ret_row->head = ct_sql_column_head(*ret_statement, 1);
    }
    return CACHET_OK;
}

static bool is_as_expected(const struct found_row *row, cachet_bytes expected)
{
    if (expected.data == NULL)
        return !row->is_there;
    return row->is_there && row->head.data != NULL && ct_bytes_equal(row->head, expected);
}

static cachet_status list_bodies(struct ct_sqlite_conn *conn, int64_t head_id,
                                 struct body_list *ret_list, cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *list = NULL;
    bool is_row;

    TRY(ct_sql_use(conn, CT_SQL_BODIES_OF, &list, err));
    (void) sqlite3_bind_int64(list, 1, head_id);
    (void) sqlite3_bind_int64(list, 2, DROPPED_MAX);
    TRY(ct_sql_step(conn, list, &is_row, err));
    while (is_row) {
        const cachet_bytes body = ct_sql_column(list, 0);
        if (body.size == CACHET_BODY_ID_SIZE)
            memcpy(&ret_list->ids[ret_list->count++], body.data, body.size);
        TRY(ct_sql_step(conn, list, &is_row, err));
    }
    return CACHET_OK;
}

static cachet_status is_named(struct ct_sqlite_conn *conn, const cachet_body_id *id,
                              bool *ret_is_named, cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *find = NULL;

    TRY(ct_sql_use(conn, CT_SQL_BODY_IS_NAMED, &find, err));
    ct_sql_bind(find, 1, body_bytes(id));
    return ct_sql_step(conn, find, ret_is_named, err);
}

static cachet_status forget_bodies(struct ct_sqlite_conn *conn, int64_t head_id,
                                   cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *forget = NULL;

    TRY(ct_sql_use(conn, CT_SQL_BODIES_FORGET, &forget, err));
    (void) sqlite3_bind_int64(forget, 1, head_id);
    return ct_sql_run(conn, &forget, err);
}

static cachet_status add_body(struct ct_sqlite_conn *conn, int64_t head_id,
                              const cachet_body_id *id, cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *add = NULL;

    TRY(ct_sql_use(conn, CT_SQL_BODY_ADD, &add, err));
    (void) sqlite3_bind_int64(add, 1, head_id);
    ct_sql_bind(add, 2, body_bytes(id));
    return ct_sql_run(conn, &add, err);
}

/* Leaves in the list those that no head names any longer. */
static cachet_status keep_unnamed(struct ct_sqlite_conn *conn, struct body_list *list,
                                  cachet_error *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        bool is_still_named;
        TRY(is_named(conn, &list->ids[i], &is_still_named, err));
        if (!is_still_named)
            list->ids[kept++] = list->ids[i];
    }
    list->count = kept;
    return CACHET_OK;
}

/* A validated entry (304) names the bodies it named before: most puts change nothing here. */
static bool names_the_same(const struct body_list *old, const cachet_head_put *put)
{
    if (old->count != put->body_count)
        return false;
    for (size_t i = 0; i < put->body_count; i++)
        if (!has_body(old->ids, old->count, &put->bodies[i]))
            return false;
    return true;
}

static cachet_status change_bodies(struct ct_sqlite_conn *conn, int64_t head_id,
                                   const cachet_head_put *put, struct body_list *ret_dropped,
                                   cachet_error *err)
{
    TRY(list_bodies(conn, head_id, ret_dropped, err));
    if (names_the_same(ret_dropped, put)) {
        ret_dropped->count = 0;
        return CACHET_OK;
    }
    TRY(forget_bodies(conn, head_id, err));
    for (size_t i = 0; i < put->body_count; i++)
        TRY(add_body(conn, head_id, &put->bodies[i], err));
    return keep_unnamed(conn, ret_dropped, err);
}

static int64_t as_integer(uint64_t number)
{
    return number > INT64_MAX ? INT64_MAX : (int64_t) number;
}

static cachet_status add_row(struct ct_sqlite_conn *conn, const cachet_head_put *put,
                             int64_t *ret_id, cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *add = NULL;

    TRY(ct_sql_use(conn, CT_SQL_HEAD_ADD, &add, err));
    (void) sqlite3_bind_int64(add, 1, conn->namespace_id);
    ct_sql_bind(add, 2, name_bytes(&put->key));
    ct_sql_bind(add, 3, name_bytes(&put->variant));
    (void) sqlite3_bind_int64(add, 4, as_integer(put->body_size));
    (void) sqlite3_bind_int64(add, 5, put->expires_at_ms);
    ct_sql_bind(add, 6, put->head);
    TRY(ct_sql_run(conn, &add, err));
    *ret_id = sqlite3_last_insert_rowid(conn->db);
    return CACHET_OK;
}

static cachet_status change_row(struct ct_sqlite_conn *conn, int64_t id,
                                const cachet_head_put *put, cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *change = NULL;

    TRY(ct_sql_use(conn, CT_SQL_HEAD_CHANGE, &change, err));
    (void) sqlite3_bind_int64(change, 1, id);
    (void) sqlite3_bind_int64(change, 2, as_integer(put->body_size));
    (void) sqlite3_bind_int64(change, 3, put->expires_at_ms);
    ct_sql_bind(change, 4, put->head);
    return ct_sql_run(conn, &change, err);
}

static cachet_status drop_row(struct ct_sqlite_conn *conn, int64_t id, cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *drop = NULL;

    TRY(ct_sql_use(conn, CT_SQL_HEAD_DROP, &drop, err));
    (void) sqlite3_bind_int64(drop, 1, id);
    return ct_sql_run(conn, &drop, err);
}

static cachet_status put_in_transaction(struct ct_sqlite_conn *conn, const cachet_head_put *put,
                                        struct body_list *ret_dropped, cachet_error *err)
{
    CLEANUP(ct_sql_undo) struct ct_sql_transaction open = {NULL};
    CLEANUP(ct_sql_reset) sqlite3_stmt *found = NULL;
    struct found_row row = {0};

    TRY(ct_sql_begin(conn, &open, err));
    TRY(find_row(conn, &put->key, &put->variant, &found, &row, err));
    if (!is_as_expected(&row, put->expected))
        return ct_err_set(err, CACHET_E_CONFLICT, "the stored head is not the expected one");
    ct_sql_reset(&found);
    if (row.is_there)
        TRY(change_row(conn, row.id, put, err));
    else
        TRY(add_row(conn, put, &row.id, err));
    TRY(change_bodies(conn, row.id, put, ret_dropped, err));
    return ct_sql_commit(&open, err);
}

cachet_status ct_sqlite_head_put(cachet_store *store, const cachet_head_put *put,
                                 cachet_error *err)
{
    struct ct_sqlite_store *const self = ct_sqlite_of(store);
    CLEANUP(ct_sqlite_give_backp) struct ct_sqlite_conn *conn = NULL;
    struct body_list dropped = {.count = 0};

    if (put->head.size > CACHET_HEAD_MAX)
        return ct_err_set(err, CACHET_E_TOO_LARGE,
                          "a head of %zu bytes is over the limit of %u", put->head.size,
                          CACHET_HEAD_MAX);
    if (put->body_count > CACHET_SEGMENTS_MAX)
        return ct_err_set(err, CACHET_E_TOO_LARGE, "a head names %zu bodies, %u at most",
                          put->body_count, CACHET_SEGMENTS_MAX);
    ct_sqlite_sweep_once(self);
    TRY(ct_sqlite_take(self, &conn, err));
    TRY(put_in_transaction(conn, put, &dropped, err));
    ct_sqlite_bodies_delete(self, dropped.ids, dropped.count);
    return CACHET_OK;
}

static cachet_status drop_in_transaction(struct ct_sqlite_conn *conn, const cachet_name *key,
                                         const cachet_name *variant, cachet_bytes expected,
                                         struct body_list *ret_dropped, cachet_error *err)
{
    CLEANUP(ct_sql_undo) struct ct_sql_transaction open = {NULL};
    CLEANUP(ct_sql_reset) sqlite3_stmt *found = NULL;
    struct found_row row = {0};

    TRY(ct_sql_begin(conn, &open, err));
    TRY(find_row(conn, key, variant, &found, &row, err));
    if (!row.is_there)
        return ct_err_set(err, CACHET_E_NOT_FOUND, "no such head");
    if (expected.data != NULL && !is_as_expected(&row, expected))
        return ct_err_set(err, CACHET_E_CONFLICT, "the stored head is not the expected one");
    ct_sql_reset(&found);
    TRY(list_bodies(conn, row.id, ret_dropped, err));
    TRY(drop_row(conn, row.id, err));
    TRY(forget_bodies(conn, row.id, err));
    TRY(keep_unnamed(conn, ret_dropped, err));
    return ct_sql_commit(&open, err);
}

cachet_status ct_sqlite_head_drop(cachet_store *store, const cachet_name *key,
                                  const cachet_name *variant, cachet_bytes expected,
                                  cachet_error *err)
{
    struct ct_sqlite_store *const self = ct_sqlite_of(store);
    CLEANUP(ct_sqlite_give_backp) struct ct_sqlite_conn *conn = NULL;
    struct body_list dropped = {.count = 0};

    TRY(ct_sqlite_take(self, &conn, err));
    TRY(drop_in_transaction(conn, key, variant, expected, &dropped, err));
    ct_sqlite_bodies_delete(self, dropped.ids, dropped.count);
    return CACHET_OK;
}
