/* SPDX-License-Identifier: MIT */
/* Rows that were written past us: too long, of the wrong type, too many. */
#include "raw.h"
#include "store/sqlite_store.h"

static char path[512];

static void hex_of(const void *bytes, size_t size, char *ret_text)
{
    for (size_t i = 0; i < size; i++)
        (void) snprintf(ret_text + 2 * i, 3, "%02x", ((const unsigned char *) bytes)[i]);
}

/* Inserts a head under `key`; the expressions are SQL. */
static void insert(unsigned key, const char *variant, const char *head)
{
    const cachet_name name = name_of(key);
    char hex[65], sql[600];

    hex_of(name.bytes, sizeof name.bytes, hex);
    (void) snprintf(sql, sizeof sql,
                    "INSERT INTO heads (namespace, key, variant, body_size, expires_at, head)"
                    " VALUES ((SELECT id FROM namespaces WHERE name = CAST('default' AS BLOB)),"
                    " x'%s', %s, 0, 0, %s)",
                    hex, variant, head);
    run_sql(path, sql);
}

static const struct {
    const char *head;
    size_t size;
    bool has_data;
} heads[] = {
    {"zeroblob(1048576)", 1048576, true},
    {"zeroblob(1048577)", 1048577, false},
    {"zeroblob(2000000)", 2000000, false},
    {"zeroblob(3000000)", 3000000, false},
    {"zeroblob(100000000)", 100000000, false},
    {"'text'", 4, false},
    {"12345", 5, false},
    {"x''", 0, true},
};

static void check_heads(cachet_store *store)
{
    struct seen all = {0};

    for (unsigned i = 0; i < CT_COUNT_OF(heads); i++) {
        insert(10 + i, "zeroblob(32)", heads[i].head);
        const struct seen seen = get(store, 10 + i);
        CHECK(seen.count == 1 && seen.size == heads[i].size, "%s is visited with its size",
              heads[i].head);
        CHECK(seen.has_data == heads[i].has_data, "and %s data",
              heads[i].has_data ? "with" : "without");
    }
    CHECK(ct_store_head_each(store, see, &all, NULL) == CACHET_OK &&
              all.count == CT_COUNT_OF(heads),
          "all of them are walked over (%zu)", all.count);
    const cachet_name key = name_of(13), variant = {{0}};
    cachet_head_put one = {.key = key, .variant = variant, .head = CT_BYTES("new")};
    CHECK(ct_store_head_put(store, &one, NULL) == CACHET_E_CONFLICT, "one too long is there");
    CHECK(ct_store_head_drop(store, &key, &variant, ct_bytes(NULL, 0), NULL) == CACHET_OK,
          "and can be dropped");
    CHECK(ct_store_head_put(store, &one, NULL) == CACHET_OK && has(store, 13, "new"),
          "and replaced");
}

static void check_names(cachet_store *store)
{
    insert(50, "x''", "x'00'");
    insert(50, "zeroblob(31)", "x'00'");
    insert(50, "zeroblob(33)", "x'00'");
    insert(50, "'01234567890123456789012345678901'", "x'00'");
    insert(50, "7", "x'00'");
    CHECK(get(store, 50).count == 0, "variants that are no names are not visited");
    run_sql(path, "INSERT INTO heads (namespace, key, variant, body_size, expires_at, head)"
                  " VALUES (1, 'text', zeroblob(32), 0, 0, x'00'),"
                  " (1, zeroblob(31), zeroblob(32), 0, 0, x'00'),"
                  " (1, zeroblob(1000), zeroblob(32), 0, 0, x'00')");
    struct seen all = {0};
    CHECK(ct_store_head_each(store, see, &all, NULL) == CACHET_OK &&
              all.count == CT_COUNT_OF(heads),
          "nor are such keys (%zu)", all.count);
}

struct order {
    unsigned expected, wrong, count;
};

static cachet_status see_order(void *context, const cachet_stored_head *head)
{
    struct order *const order = context;
    const cachet_name name = name_of(order->expected--);

    order->wrong += memcmp(&name, &head->variant, sizeof name) != 0;
    order->count++;
    return CACHET_OK;
}

static void check_newest(cachet_store *store)
{
    struct order order = {.expected = 1000 + 99};
    const cachet_name key = name_of(60);

    for (unsigned i = 0; i < 100; i++)
        if (put(store, 60, 1000 + i, "x", NULL) != CACHET_OK)
            exit(2);
    CHECK(ct_store_head_get(store, &key, see_order, &order, NULL) == CACHET_OK &&
              order.count == CACHET_VARIANTS_MAX && order.wrong == 0,
          "of 100 variants the newest %u, newest first (%u, %u wrong)", CACHET_VARIANTS_MAX,
          order.count, order.wrong);
}

static void check_bodies(cachet_store *store)
{
    const cachet_body_id ids[CACHET_SEGMENTS_MAX + 1] = {{{0}}};

    CHECK(put_naming(store, 70, "many", NULL, ids, CACHET_SEGMENTS_MAX + 1) ==
              CACHET_E_TOO_LARGE,
          "too many bodies are refused");
    CHECK(put_naming(store, 70, "twice", NULL, ids, 2) == CACHET_OK, "one body named twice");
    run_sql(path, "INSERT INTO bodies (head, body) SELECT (SELECT max(id) FROM heads), "
                  "zeroblob(value) FROM (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL "
                  "SELECT value + 1 FROM n WHERE value < 500) SELECT value FROM n) "
                  "WHERE value <> 16");
    CHECK(put_naming(store, 70, "none", "twice", NULL, 0) == CACHET_OK,
          "rows that name no body do no harm");
    CHECK(ask_sql(path, "SELECT count(*) FROM bodies") == 0, "and go");
}

int main(void)
{
    char directory[256];

    make_directory(directory, sizeof directory);
    (void) snprintf(path, sizeof path, "%s/http.sqlite", directory);
    cachet_store *const store = open_store(path, "default", 2000);
    check_heads(store);
    check_names(store);
    check_newest(store);
    check_bodies(store);
    ct_store_close(store);
    remove_tree(directory);
    return tap_done();
}
