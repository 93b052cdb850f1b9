/* SPDX-License-Identifier: MIT */
/* Bad days: no permission, no space, no memory, no longer the same file. */
#include <signal.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "raw.h"
#include "store/sqlite_store.h"

static char directory[256], path[512];

static void begin(void)
{
    make_directory(directory, sizeof directory);
    (void) snprintf(path, sizeof path, "%s/new/http.sqlite", directory);
}

static void check_modes(void)
{
    const mode_t old = umask(0);

    begin();
    cachet_store *const store = open_store(path, "default", 250);
    CHECK(put(store, 1, 1, "x", NULL) == CACHET_OK && put_body(store, 1, "x") == CACHET_OK,
          "a head and a body");
    CHECK(mode_of(in(directory, "new")) == 0700, "the directory is 0700");
    CHECK(mode_of(path) == 0600, "the database is 0600");
    CHECK(mode_of(in(directory, "new/http.sqlite-wal")) == 0600, "its -wal is 0600");
    CHECK(mode_of(in(directory, "new/http.sqlite-shm")) == 0600, "its -shm is 0600");
    const char *const bodies = in(directory, "new/http.sqlite-bodies");
    CHECK(mode_of(bodies) == 0700, "the directory of bodies is 0700");
    char name[33];
    const cachet_body_id id = body_of(1);
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void) snprintf(name + 2 * i, 3, "%02x", id.bytes[i]);
    CHECK(mode_of(in(bodies, name)) == 0600, "a body is 0600");
    ct_store_close(store);
    CHECK(!is_there(in(directory, "new/http.sqlite-wal")), "closing leaves one file");
    (void) umask(old);
    remove_tree(directory);
}

static int open_as_nobody(void *context)
{
    const cachet_status expected = *(const cachet_status *) context;
    cachet_error err = {CACHET_OK, ""};

    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 3;
    const cachet_status status = try_open(path, &err);
    printf("# %s\n", err.message);
    return status == expected && strstr(err.message, directory) != NULL ? 0 : 1;
}

static void check_unwritable(void)
{
    cachet_status expected = CACHET_E_STORE;

    begin();
    (void) snprintf(path, sizeof path, "%s/http.sqlite", directory);
    if (chmod(directory, 0555) != 0)
        exit(2);
    CHECK(in_child(open_as_nobody, &expected) == 0, "a directory one may not write");
    (void) chmod(directory, 0755);
    make_store(path);
    (void) chmod(path, 0444);
    (void) chmod(directory, 0555);
    CHECK(in_child(open_as_nobody, &expected) == 0, "a database one may not write");
    (void) chmod(directory, 0755);
    remove_tree(directory);
}

static void limit_files(rlim_t size)
{
    const struct rlimit limit = {size, size};

    (void) signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        exit(2);
}

static int fill_with_bodies(void *context)
{
    unsigned char chunk[CACHET_CHUNK_STORED_MAX] = {1};
    const cachet_name key = name_of(1);
    const cachet_body_id id = body_of(2);
    cachet_store *const store = context;
    cachet_body_writer *writer = NULL;
    cachet_error err = {CACHET_OK, ""};

    limit_files(200000);
    if (ct_store_body_create(store, &key, &id, &writer, &err) != CACHET_OK)
        return 1;
    const cachet_bytes whole = ct_bytes(chunk, sizeof chunk);
    for (int i = 0; i < 2; i++)
        if (ct_store_body_append(writer, whole, &err) != CACHET_OK)
            return 2;
    if (ct_store_body_append(writer, whole, &err) != CACHET_E_STORE)
        return 3;
    printf("# %s\n", err.message);
    if (ct_store_body_append(writer, whole, NULL) != CACHET_E_STORE)
        return 4;
    if (ct_store_body_commit(&writer, NULL) == CACHET_OK)
        return 5;
    return open_body(store, 2) == CACHET_E_NOT_FOUND && open_body(store, 1) == CACHET_OK ? 0
                                                                                         : 6;
}

static int fill_with_heads(void *context)
{
    unsigned char bytes[20000] = {1};
    cachet_store *const store = context;
    cachet_error err = {CACHET_OK, ""};
    cachet_status status = CACHET_OK;
    unsigned key = 10;

    limit_files(150000);
    for (; status == CACHET_OK && key < 100; key++) {
        const cachet_head_put one =
            put_of(key, 1, ct_bytes(bytes, sizeof bytes), ct_bytes(NULL, 0));
        status = ct_store_head_put(store, &one, &err);
    }
    printf("# after %u heads: %s\n", key - 10, err.message);
    if (status != CACHET_E_STORE)
        return 1;
    if (!has(store, 1, "kept"))
        return 2;
    return get(store, key - 1).count == 0 ? 0 : 3;
}

static void check_full(void)
{
    cachet_error err;

    begin();
    make_store(path);
    cachet_store *store = open_store(path, "default", 250);
    CHECK(put_body(store, 1, "body") == CACHET_OK, "a body before the disk is full");
    CHECK(in_child(fill_with_bodies, store) == 0, "a body that does not fit fails by name");
    CHECK(in_child(fill_with_heads, store) == 0, "so does a head");
    CHECK(has(store, 1, "kept") && open_body(store, 1) == CACHET_OK,
          "what was there stays, for whoever has it open");
    ct_store_close(store);
    CHECK(try_open(path, &err) == CACHET_OK, "and for who opens it again");
    store = open_store(path, "default", 250);
    CHECK(has(store, 1, "kept") && put(store, 2, 1, "more", NULL) == CACHET_OK,
          "with room, all goes on");
    ct_store_close(store);
    remove_tree(directory);
}

/* Everything a store does, once. */
static cachet_status do_all(void)
{
    const struct ct_store_settings settings = {.cache_namespace = "default", .busy_ms = 250};
    CLEANUP(ct_store_closep) cachet_store *store = NULL;
    CLEANUP(ct_mem_freep) char *text = NULL;
    struct seen seen = {0};
    const cachet_name key = name_of(1), variant = name_of(1);
    const cachet_body_id id = body_of(5);
    cachet_head_put one =
        put_of(1, 1, cachet_bytes_of("head"), cachet_bytes_of((const char *) NULL));

    TRY(ct_store_canonical_spec(path, &text, NULL));
    TRY(ct_store_open(&store, path, &settings, NULL));
    TRY(put_body(store, 5, "body"));
    one.bodies = &id;
    one.body_count = 1;
    TRY(ct_store_head_put(store, &one, NULL));
    TRY(ct_store_head_get(store, &key, see, &seen, NULL));
    TRY(open_body(store, 5));
    TRY(ct_store_head_each(store, see, &seen, NULL));
    return ct_store_head_drop(store, &key, &variant, one.head, NULL);
}

static void check_memory(void)
{
    cachet_status status = CACHET_E_MEMORY;
    unsigned strange = 0;
    long n = 0;

    begin();
    for (; n < 500 && status != CACHET_OK; n++) {
        cachet_store *store;
        ct_mem_fail_after(n);
        status = do_all();
        ct_mem_fail_after(-1);
        strange += status != CACHET_OK && status != CACHET_E_MEMORY && status != CACHET_E_STORE;
        if (status == CACHET_OK)
            break;
        store = open_store(path, "default", 250);
        (void) drop(store, 1, 1, NULL);
        (void) put_naming(store, 3, "naming", NULL, (const cachet_body_id[]){body_of(5)}, 1);
        (void) drop(store, 3, 1, NULL);
        CHECK(get(store, 1).count == 0 && open_body(store, 5) == CACHET_E_NOT_FOUND,
              "without allocation %ld the store stays whole (%s)", n,
              cachet_status_text(status));
        ct_store_close(store);
    }
    CHECK(status == CACHET_OK && n > 10, "every allocation failed once (%ld)", n);
    CHECK(strange == 0, "each time by its name");
    remove_tree(directory);
}

/* As if the second between two looks had passed. */
static void let_it_look(cachet_store *store)
{
    ct_sqlite_of(store)->pool.looked_at_ms = -100000;
}

static void check_moved(void)
{
    begin();
    cachet_store *const store = open_store(path, "default", 250);
    CHECK(put(store, 1, 1, "old", NULL) == CACHET_OK && put_body(store, 1, "x") == CACHET_OK,
          "a store in use");
    remove_tree(in(directory, "new"));
    let_it_look(store);
    CHECK(get(store, 1).count == 0, "is deleted: it begins anew");
    CHECK(is_there(path), "where it was");
    CHECK(put(store, 1, 1, "new", NULL) == CACHET_OK && has(store, 1, "new"), "and works");
    CHECK(put_body(store, 1, "x") == CACHET_OK && open_body(store, 1) == CACHET_OK,
          "with its bodies");

    char other[600], nonsense[200];
    (void) snprintf(other, sizeof other, "%s/other.sqlite", directory);
    make_store(other);
    if (rename(other, path) != 0)
        exit(2);
    (void) unlink(in(directory, "new/http.sqlite-wal"));
    (void) unlink(in(directory, "new/http.sqlite-shm"));
    let_it_look(store);
    CHECK(has(store, 1, "kept"), "replaced by another, it uses that one");

    memset(nonsense, 'x', sizeof nonsense);
    write_file(other, nonsense, sizeof nonsense);
    if (rename(other, path) != 0)
        exit(2);
    let_it_look(store);
    CHECK(put(store, 5, 1, "x", NULL) == CACHET_E_STORE, "replaced by nonsense, it says so");
    (void) unlink(path);
    let_it_look(store);
    CHECK(put(store, 5, 1, "x", NULL) == CACHET_OK, "moved away, it is made anew");
    ct_store_close(store);
    remove_tree(directory);
}

int main(void)
{
    check_modes();
    check_unwritable();
    check_full();
    check_memory();
    check_moved();
    return tap_done();
}
