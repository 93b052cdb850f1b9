/* SPDX-License-Identifier: MIT */
/* What an attacker who can write the directory leaves there for the store to trip over. */
#include "raw.h"

static const char *const endings[] = {"", "-wal", "-shm", "-journal"};

enum plant { FIFO, SYMLINK, DANGLING, HARD_LINK, DIRECTORY, PLANTS };
static const char *const plant_names[] = {"FIFO", "symlink", "dangling symlink", "hard link",
                                          "directory"};

static void plant(enum plant what, const char *victim, const char *at)
{
    int rc = -1;

    switch (what) {
    case FIFO:
        rc = mkfifo(at, 0600);
        break;
    case SYMLINK:
        rc = symlink(victim, at);
        break;
    case DANGLING:
        rc = symlink("/nowhere/at/all", at);
        break;
    case HARD_LINK:
        rc = link(victim, at);
        break;
    case DIRECTORY:
        rc = mkdir(at, 0700);
        break;
    case PLANTS:
        break;
    }
    if (rc != 0) {
        perror(at);
        exit(2);
    }
}

static bool is_untouched(const char *victim)
{
    unsigned char bytes[64];
    return read_file(victim, bytes, sizeof bytes) == 6 && memcmp(bytes, "victim", 6) == 0;
}

static void check_database(enum plant what, const char *ending, bool is_store_there)
{
    char directory[256], at[600];
    cachet_error err = {CACHET_OK, ""};

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    const char *const victim = in(directory, "victim");
    write_file(victim, "victim", 6);
    if (is_store_there)
        make_store(path);
    (void) snprintf(at, sizeof at, "%s%s", path, ending);
    plant(what, victim, at);

    const int64_t start_ms = ct_clock_monotonic_ms();
    CHECK(try_open(path, &err) == CACHET_E_STORE, "a %s as http.sqlite%s is refused",
          plant_names[what], ending);
    CHECK(strstr(err.message, at) != NULL, "and named: %s", err.message);
    CHECK(ct_clock_monotonic_ms() - start_ms < 2000, "without waiting");
    CHECK(is_untouched(victim) && is_there(at), "and left alone, with what it leads to");
    (void) rmdir(at);
    (void) unlink(at);
    CHECK(try_open(path, &err) == CACHET_OK, "moved away, the store opens %s", err.message);
    remove_tree(directory);
}

static void check_body_file(enum plant what)
{
    char directory[256], hex[33], at[600];
    cachet_error err = {CACHET_OK, ""};
    const cachet_body_id id = body_of(1);
    const cachet_name key = name_of(1);
    cachet_body_reader *reader = NULL;

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    const char *const victim = in(directory, "victim");
    write_file(victim, "victim", 6);
    cachet_store *const store = open_store(path, "default", 250);
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void) snprintf(hex + 2 * i, 3, "%02x", id.bytes[i]);
    (void) snprintf(at, sizeof at, "%s-bodies/%s", path, hex);
    CHECK(put_body(store, 1, "x") == CACHET_OK && is_there(at), "a body has its file");
    CHECK(put_naming(store, 1, "a", NULL, &id, 1) == CACHET_OK, "and a head that names it");
    (void) unlink(at);
    CHECK(open_body(store, 1) == CACHET_E_NOT_FOUND, "it is gone");
    plant(what, victim, at);
    CHECK(ct_store_body_open(store, &key, &id, &reader, &err) == CACHET_E_STORE,
          "a %s in its place is refused: %s", plant_names[what], err.message);
    CHECK(drop(store, 1, 1, NULL) == CACHET_OK, "the head is dropped");
    CHECK(is_untouched(victim) && is_there(at), "the %s is not", plant_names[what]);
    (void) snprintf(at, sizeof at, "%s-bodies/.tmp-%s", path, hex);
    plant(what, victim, at);
    CHECK(put_body(store, 1, "x") == CACHET_E_STORE, "a %s as temporary file is refused",
          plant_names[what]);
    CHECK(is_untouched(victim) && is_there(at), "and left alone");
    ct_store_close(store);
    remove_tree(directory);
}

static void check_bodies_directory(enum plant what)
{
    char directory[256], at[600];

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    const char *const victim =
        what == SYMLINK ? in(directory, "elsewhere") : in(directory, "victim");
    if (what == SYMLINK && mkdir(victim, 0700) != 0)
        exit(2);
    if (what != SYMLINK)
        write_file(victim, "victim", 6);
    (void) snprintf(at, sizeof at, "%s-bodies", path);
    plant(what, victim, at);
    cachet_store *const store = open_store(path, "default", 250);
    CHECK(put_body(store, 1, "x") == CACHET_E_STORE, "a %s as -bodies takes no body",
          plant_names[what]);
    CHECK(open_body(store, 1) == CACHET_E_STORE, "and gives none");
    CHECK(put(store, 1, 1, "inline", NULL) == CACHET_OK && has(store, 1, "inline"),
          "heads work on");
    ct_store_close(store);
    CHECK(what != SYMLINK || rmdir(victim) == 0, "nothing was written through it");
    remove_tree(directory);
}

static void big_endian(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char) (value >> (24 - 8 * i));
}

/*
 * A rollback journal of no pages that names a super-journal, laid out as the SQLite file format
 * has it: header (magic, count, nonce, pages, sector, page size), then at the next sector the
 * record of the name.
 */
static void plant_journal(const char *path, const char *super)
{
    static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    unsigned char bytes[1024] = {0};
    const size_t size = strlen(super);
    uint32_t sum = 0;
    char journal[600];

    memcpy(bytes, magic, sizeof magic);
    big_endian(bytes + 16, (uint32_t) ask_sql(path, "PRAGMA page_count"));
    big_endian(bytes + 20, 512);
    big_endian(bytes + 24, 4096);
    big_endian(bytes + 512, 0x40000000 / 4096 + 1);
    memcpy(bytes + 516, super, size);
    for (size_t i = 0; i < size; i++)
        sum += (unsigned char) super[i];
    big_endian(bytes + 516 + size, (uint32_t) size);
    big_endian(bytes + 520 + size, sum);
    memcpy(bytes + 524 + size, magic, sizeof magic);
    (void) snprintf(journal, sizeof journal, "%s-journal", path);
    write_file(journal, bytes, 532 + size);
}

static void check_super_journal(void)
{
    char directory[256];
    cachet_error err = {CACHET_OK, ""};

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    const char *const victim = in(directory, "victim");
    make_store(path);
    write_file(victim, "victim", 6);
    plant_journal(path, victim);
    CHECK(try_open(path, &err) == CACHET_OK, "a planted journal does not stop the store: %s",
          err.message);
    CHECK(is_untouched(victim), "nor does it make it delete a file");
    cachet_store *const store = open_store(path, "default", 250);
    CHECK(has(store, 1, "kept"), "and what is stored stays");
    ct_store_close(store);

    plant_journal(path, victim);
    (void) ask_sql(path, "SELECT count(*) FROM heads");
    if (is_there(victim))
        SKIP("this SQLite no longer does", "bare SQLite deletes the file");
    else
        CHECK(!is_there(victim), "bare SQLite deletes the file");
    remove_tree(directory);
}

int main(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(endings); i++)
        for (int what = 0; what < PLANTS; what++)
            check_database((enum plant) what, endings[i], i > 0);
    for (int what = 0; what < PLANTS; what++)
        check_body_file((enum plant) what);
    check_bodies_directory(FIFO);
    check_bodies_directory(SYMLINK);
    check_bodies_directory(DANGLING);
    check_bodies_directory(HARD_LINK);
    check_super_journal();
    return tap_done();
}
