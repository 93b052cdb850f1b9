/* SPDX-License-Identifier: MIT */
/* Databases that are not ours, no longer ours, or broken. */
#include "raw.h"

static const char other_bodies[] =
    "DROP TABLE bodies; CREATE TABLE bodies (head INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY (head, body)) WITHOUT ROWID;"
    " CREATE INDEX bodies_by_body ON bodies (body, head)";
static const char other_text[] =
    "PRAGMA writable_schema = ON;"
    " UPDATE sqlite_master SET sql = sql || ' ' WHERE name = 'heads'";

static const char *const changes[] = {
    "CREATE TRIGGER t AFTER INSERT ON heads BEGIN DELETE FROM heads; END",
    "CREATE VIEW v AS SELECT * FROM heads",
    "CREATE INDEX i ON heads (expires_at)",
    "CREATE TABLE x (y)",
    "DROP INDEX heads_by_key",
    "DROP TABLE bodies",
    "ALTER TABLE heads ADD COLUMN z",
    "ALTER TABLE heads RENAME COLUMN head TO body",
    "ANALYZE",
    "PRAGMA application_id = 7",
    "PRAGMA user_version = 0",
    other_bodies,
    other_text,
};

static void check_changed(const char *change)
{
    char directory[256];
    cachet_error err = {CACHET_OK, ""};

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    make_store(path);
    run_sql(path, change);
    CHECK(try_open(path, &err) == CACHET_E_STORE, "refused after: %.60s", change);
    CHECK(strstr(err.message, "not a cachet database") != NULL, "because %s", err.message);
    remove_tree(directory);
}

/* An attacker adds a trigger while the store is open: it must not fire. */
static void check_trigger_while_open(void)
{
    char directory[256];

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    cachet_store *const store = open_store(path, "default", 250);
    CHECK(put(store, 1, 1, "kept", NULL) == CACHET_OK, "a head before the trigger");
    run_sql(path, changes[0]);
    CHECK(put(store, 2, 1, "second", NULL) == CACHET_OK, "a head after it");
    CHECK(has(store, 1, "kept") && has(store, 2, "second"), "it did not fire");
    ct_store_close(store);
    remove_tree(directory);
}

static void check_untouched(const char *sql, cachet_status expected, const char *word)
{
    static unsigned char before[65536], after[65536];
    char directory[256];
    cachet_error err = {CACHET_OK, ""};

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    if (expected == CACHET_E_VERSION)
        make_store(path);
    run_sql(path, sql);
    const size_t size = read_file(path, before, sizeof before);
    CHECK(try_open(path, &err) == expected, "%.50s: refused", sql);
    CHECK(strstr(err.message, word) != NULL && strstr(err.message, path) != NULL, "because %s",
          err.message);
    CHECK(read_file(path, after, sizeof after) == size && memcmp(before, after, size) == 0,
          "and not a byte of %zu is changed", size);
    remove_tree(directory);
}

static void check_damaged(const void *bytes, size_t size, const char *what)
{
    char directory[256];
    cachet_error err = {CACHET_OK, ""};

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    write_file(path, bytes, size);
    CHECK(try_open(path, &err) == CACHET_E_STORE, "%s is refused", what);
    CHECK(strstr(err.message, "move it away") != NULL, "with advice: %s", err.message);
    (void) unlink(path);
    CHECK(try_open(path, &err) == CACHET_OK, "which helps");
    remove_tree(directory);
}

/* Opens a file that was cut or changed and uses it: nothing but statuses may come of it. */
static void use(const char *path, unsigned *ret_failed)
{
    const struct ct_store_settings settings = {.cache_namespace = "default", .busy_ms = 250};
    struct seen seen = {0};
    cachet_store *store = NULL;

    if (ct_store_open(&store, path, &settings, NULL) != CACHET_OK) {
        ++*ret_failed;
        return;
    }
    (void) get(store, 1);
    (void) ct_store_head_each(store, see, &seen, NULL);
    (void) put(store, 3, 1, "new", NULL);
    (void) drop(store, 1, 1, NULL);
    ct_store_close(store);
}

static void check_cut_and_changed(void)
{
    static unsigned char whole[65536], changed[65536];
    char directory[256];
    unsigned failed = 0, cuts = 0;

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    make_store(path);
    const size_t size = read_file(path, whole, sizeof whole);
    (void) fflush(stdout);
    for (size_t cut = 33; cut <= size - 4096; cut += cut < 200 ? 33 : 2039, cuts++) {
        write_file(path, whole, cut);
        use(path, &failed);
    }
    CHECK(failed == cuts, "a database that lacks a page does not open (%u of %u)", failed,
          cuts);
    for (size_t cut = size - 4095; cut < size; cut += 511) {
        write_file(path, whole, cut);
        use(path, &failed);
    }
    CHECK(true, "one that lacks part of the last does no harm");
    for (size_t at = 0; at < size; at += at < 110 ? 1 : 409) {
        memcpy(changed, whole, size);
        changed[at] ^= 0x41;
        write_file(path, changed, size);
        use(path, &failed);
    }
    CHECK(true, "a changed one does no harm");
    write_file(path, whole, size);
    cachet_store *const store = open_store(path, "default", 250);
    CHECK(has(store, 1, "kept"), "and the whole one is fine");
    ct_store_close(store);
    remove_tree(directory);
}

static void check_empty(void)
{
    char directory[256];

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    write_file(path, "", 0);
    if (chmod(path, 0644) != 0)
        exit(2);
    make_store(path);
    CHECK(mode_of(path) == 0644, "an empty file is used as it is, its mode too");
    run_sql(path, "PRAGMA journal_mode = DELETE");
    cachet_store *const store = open_store(path, "default", 250);
    CHECK(has(store, 1, "kept"), "a store in another journal mode is put back into WAL");
    ct_store_close(store);
    CHECK(ask_sql(path, "SELECT 1 FROM pragma_journal_mode WHERE journal_mode = 'wal'") == 1,
          "for good");
    remove_tree(directory);
}

int main(void)
{
    static const unsigned char zeros[8192];
    static const char text[] =
        "this is a text and was never a database of any kind, really; it only lies where one "
        "is meant to be, and is over a hundred bytes long";

    for (size_t i = 0; i < CT_COUNT_OF(changes); i++)
        check_changed(changes[i]);
    check_trigger_while_open();
    check_untouched("PRAGMA user_version = 2", CACHET_E_VERSION, "newer cachet");
    check_untouched("PRAGMA user_version = 2; CREATE TABLE n (x)", CACHET_E_VERSION, "newer");
    check_untouched("CREATE TABLE mine (x); INSERT INTO mine VALUES (1)", CACHET_E_STORE,
                    "not a cachet database");
    check_untouched("PRAGMA application_id = 1; CREATE TABLE mine (x)", CACHET_E_STORE,
                    "not a cachet database");
    check_damaged(text, sizeof text - 1, "a text");
    check_damaged(zeros, sizeof zeros, "a file of zeros");
    check_cut_and_changed();
    check_empty();
    return tap_done();
}
