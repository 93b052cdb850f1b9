/* SPDX-License-Identifier: MIT */
/*
 * Every head of a namespace, page by page in the order of names. A page is copied and its
 * connection given back before the first visit, so that visits may put and drop, and no reader
 * keeps the write-ahead log from being emptied. Rows added after the walk began are not
 * visited: a visit that puts cannot make it endless.
 */
#include "base/buf.h"
#include "store/sqlite_conn.h"

#define PAGE_ROWS 64u
#define PAGE_BYTES ((size_t) 256 * 1024)

struct page_row {
    cachet_name key;
    cachet_name variant;
    size_t size;
    size_t at;
    bool has_data;
};

struct walk {
    struct page_row rows[PAGE_ROWS];
    size_t count;
    struct ct_buf bytes;
    int64_t last_id;          /* of the last row there was when the walk began */
    cachet_name key, variant; /* the next page begins after these */
    bool is_begun, is_done;
};

static void fini(struct walk *walk)
{
    ct_buf_fini(&walk->bytes);
}

static cachet_status find_last(struct ct_sqlite_conn *conn, struct walk *walk,
                               cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *last = NULL;
    bool is_row;

    TRY(ct_sql_use(conn, CT_SQL_HEAD_LAST, &last, err));
    TRY(ct_sql_step(conn, last, &is_row, err));
    walk->last_id = is_row ? sqlite3_column_int64(last, 0) : 0;
    return CACHET_OK;
}

static cachet_status copy_row(struct walk *walk, sqlite3_stmt *row, cachet_error *err)
{
    const cachet_bytes key = ct_sql_column(row, 0), variant = ct_sql_column(row, 1);
    const cachet_bytes head = ct_sql_column_head(row, 2);
    struct page_row *const copy = &walk->rows[walk->count];

    /* A row that has no name was not written by us, and no visit could do a thing about it. */
    if (key.size != CACHET_NAME_SIZE || variant.size != CACHET_NAME_SIZE)
        return CACHET_OK;
    memcpy(copy->key.bytes, key.data, key.size);
    memcpy(copy->variant.bytes, variant.data, variant.size);
    copy->size = head.size;
    copy->at = walk->bytes.size;
    copy->has_data = head.data != NULL;
    if (copy->has_data)
        ct_buf_append(&walk->bytes, head);
    walk->count++;
    return ct_buf_status(&walk->bytes, err);
}

static void bind_page(const struct ct_sqlite_conn *conn, const struct walk *walk,
                      sqlite3_stmt *page)
{
    const size_t size = walk->is_begun ? CACHET_NAME_SIZE : 0;

    (void) sqlite3_bind_int64(page, 1, conn->namespace_id);
    ct_sql_bind(page, 2, ct_bytes(walk->key.bytes, size));
    ct_sql_bind(page, 3, ct_bytes(walk->variant.bytes, size));
    (void) sqlite3_bind_int64(page, 4, walk->last_id);
}

static cachet_status read_page(struct ct_sqlite_conn *conn, struct walk *walk,
                               cachet_error *err)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *page = NULL;
    bool is_row;

    walk->count = 0;
    ct_buf_reset(&walk->bytes);
    TRY(ct_sql_use(conn, CT_SQL_HEAD_PAGE, &page, err));
    bind_page(conn, walk, page);
    TRY(ct_sql_step(conn, page, &is_row, err));
    while (is_row && walk->count < PAGE_ROWS && walk->bytes.size < PAGE_BYTES) {
        TRY(copy_row(walk, page, err));
        TRY(ct_sql_step(conn, page, &is_row, err));
    }
    walk->is_done = !is_row;
    walk->is_begun = true;
    if (walk->count > 0) {
        walk->key = walk->rows[walk->count - 1].key;
        walk->variant = walk->rows[walk->count - 1].variant;
    }
    return CACHET_OK;
}

static cachet_status next_page(struct ct_sqlite_store *store, struct walk *walk,
                               cachet_error *err)
{
    CLEANUP(ct_sqlite_give_backp) struct ct_sqlite_conn *conn = NULL;

    TRY(ct_sqlite_take(store, &conn, err));
    if (!walk->is_begun)
        TRY(find_last(conn, walk, err));
    return read_page(conn, walk, err);
}

static cachet_status visit_page(const struct walk *walk, cachet_head_visit visit, void *context)
{
    for (size_t i = 0; i < walk->count; i++) {
        const struct page_row *const row = &walk->rows[i];
        cachet_stored_head head = {row->key, row->variant, {NULL, row->size}};
        if (row->has_data)
            head.head.data = row->size == 0 ? CT_EMPTY : walk->bytes.data + row->at;
        TRY(visit(context, &head));
    }
    return CACHET_OK;
}

cachet_status ct_sqlite_head_each(cachet_store *store, cachet_head_visit visit, void *context,
                                  cachet_error *err)
{
    CLEANUP(fini)
    struct walk walk = {.bytes = ct_buf_with_ceiling(PAGE_BYTES + CACHET_HEAD_MAX)};

    while (!walk.is_done) {
        TRY(next_page(ct_sqlite_of(store), &walk, err));
        TRY(visit_page(&walk, visit, context));
    }
    return CACHET_OK;
}
