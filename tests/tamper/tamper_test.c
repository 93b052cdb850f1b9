/* SPDX-License-Identifier: MIT */
/*
 * Somebody with the store in their hands and no key: whatever they change, the reader gets a
 * refusal or the origin's bytes, never theirs.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>

#include "../unit/cache/talk.h"
#include "base/text.h"

#define SMALL_A "http://example.org/a"
#define SMALL_B "http://example.org/b"
#define LARGE_A "http://example.org/large-a"
#define LARGE_B "http://example.org/large-b"
#define ONE_CHUNK_SIZE 17000u
#define LARGE_SIZE (2u * 65536u + 1000u)
#define HEAD_ROOM 8192u
#define PREAMBLE_SIZE 4096

static struct talk talk;
static sqlite3 *attacker;
static unsigned char body[LARGE_SIZE];

/* What the origin answers when it is asked; never stored, so that a miss changes nothing. */
static const struct talk_answer origin = {.status = 200,
                                          .fields = {{"Cache-Control", "no-store"}},
                                          .body = "the origin",
                                          .body_size = 10};

enum outcome { REFUSED, MISSED, UNHARMED, FOREIGN };
static const char *const outcome_names[] = {"refused", "missed", "unharmed", "foreign bytes"};

static enum outcome ask(const char *url, const void *stored, size_t stored_size)
{
    const cachet_status status = talk_get(&talk, url, TALK_START_MS + 1000, &origin);

    if (status == CACHET_E_TAMPERED)
        return REFUSED;
    if (status != CACHET_OK)
        return FOREIGN;
    if (!talk.is_hit && talk.body_size == 10 && memcmp(talk.body, "the origin", 10) == 0)
        return MISSED;
    return talk.body_size == stored_size && memcmp(talk.body, stored, stored_size) == 0
               ? UNHARMED
               : FOREIGN;
}

static void put(const char *url, const void *bytes, size_t size)
{
    const struct talk_answer answer = {.status = 200,
                                       .fields = {{"Cache-Control", "max-age=600"}},
                                       .body = bytes,
                                       .body_size = size};
    char key[80];

    CHECK(talk_get(&talk, url, TALK_START_MS, &answer) == CACHET_OK &&
              ask(url, bytes, size) == UNHARMED,
          "%s is stored and served: %s", url, talk.err.message);
    (void) snprintf(key, sizeof key, "%s", talk.key);
}

/* --- the attacker's tools --- */

static void key_of(const char *url, unsigned char key[32])
{
    (void) ask(url, "", 0);
    CHECK(ct_hex_decode(cachet_bytes_of(talk.key), key, 32), "the key of %s", url);
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(attacker, sql, -1, &statement, NULL) != SQLITE_OK) {
        printf("Bail out! %s: %s\n", sql, sqlite3_errmsg(attacker));
        exit(1);
    }
    return statement;
}

static size_t read_head(const unsigned char key[32], unsigned char head[HEAD_ROOM])
{
    sqlite3_stmt *const statement = prepare("SELECT head FROM heads WHERE key = ?");
    size_t size = 0;

    (void) sqlite3_bind_blob(statement, 1, key, 32, SQLITE_STATIC);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        size = (size_t) sqlite3_column_bytes(statement, 0);
        memcpy(head, sqlite3_column_blob(statement, 0), size < HEAD_ROOM ? size : HEAD_ROOM);
    }
    (void) sqlite3_finalize(statement);
    return size;
}

static void write_head(const unsigned char key[32], const unsigned char *head, size_t size)
{
    static sqlite3_stmt *statement;

    if (statement == NULL)
        statement = prepare("UPDATE heads SET head = ? WHERE key = ?");
    (void) sqlite3_bind_blob(statement, 1, head, (int) size, SQLITE_STATIC);
    (void) sqlite3_bind_blob(statement, 2, key, 32, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE)
        printf("# the attacker failed: %s\n", sqlite3_errmsg(attacker));
    (void) sqlite3_reset(statement);
}

static void update_blob(const char *sql, const unsigned char *a, const unsigned char *b)
{
    sqlite3_stmt *const statement = prepare(sql);

    (void) sqlite3_bind_blob(statement, 1, a, 32, SQLITE_STATIC);
    (void) sqlite3_bind_blob(statement, 2, b, 32, SQLITE_STATIC);
    (void) sqlite3_step(statement);
    (void) sqlite3_finalize(statement);
}

static int opened_attacker(const char *name)
{
    return sqlite3_open(scratch_path(name), &attacker) == SQLITE_OK &&
           sqlite3_exec(attacker, "PRAGMA synchronous=OFF", NULL, NULL, NULL) == SQLITE_OK;
}

/* --- every byte of a head --- */

static int is_instrumented(void)
{
    return getenv("CACHET_TEST_INSTRUMENTED") != NULL;
}

static void test_head_bytes(void)
{
    unsigned char key[32], head[HEAD_ROOM];
    const int step = is_instrumented() ? 50 : 1;
    size_t undetected = 0, tried = 0;

    key_of(SMALL_A, key);
    const size_t size = read_head(key, head);
    for (size_t at = 0; at < size; at++) {
        for (int change = 1; change < 256; change += step, tried++) {
            head[at] ^= (unsigned char) change;
            write_head(key, head, size);
            const enum outcome outcome = ask(SMALL_A, "a small body", 12);
            undetected += outcome != REFUSED && outcome != MISSED;
            head[at] ^= (unsigned char) change;
        }
    }
    write_head(key, head, size);
    CHECK(size > 100 && undetected == 0,
          "%zu changes of one byte of a %zu byte head: %zu undetected", tried, size,
          undetected);
    CHECK(ask(SMALL_A, "a small body", 12) == UNHARMED, "unchanged, it is served again");
}

static void test_head_lengths(void)
{
    unsigned char key[32], head[HEAD_ROOM];
    size_t undetected = 0;

    key_of(SMALL_A, key);
    const size_t size = read_head(key, head);
    for (size_t length = 0; length < size; length++) {
        write_head(key, head, length);
        undetected += ask(SMALL_A, "a small body", 12) >= UNHARMED;
    }
    CHECK(undetected == 0, "%zu truncations of a head: %zu undetected", size, undetected);
    for (size_t at = 0; at <= size; at++) {
        unsigned char longer[HEAD_ROOM + 1];
        memcpy(longer, head, at);
        longer[at] = 0;
        memcpy(longer + at + 1, head + at, size - at);
        write_head(key, longer, size + 1);
        undetected += ask(SMALL_A, "a small body", 12) >= UNHARMED;
    }
    CHECK(undetected == 0, "%zu insertions into a head: %zu undetected", size + 1, undetected);
    write_head(key, head, size);
}

/* --- places --- */

/* An entry: what is stored under a URL. */
struct stored {
    const char *url;
    const void *bytes;
    size_t size;
};

static const struct stored small_a = {SMALL_A, "a small body", 12};
static const struct stored small_b = {SMALL_B, "another body", 12};
static const struct stored large_a_entry = {LARGE_A, body, LARGE_SIZE};
static const struct stored large_b_entry = {LARGE_B, body, LARGE_SIZE};

static void check_both(const char *what, const struct stored *a, const struct stored *b)
{
    const enum outcome first = ask(a->url, a->bytes, a->size);
    const enum outcome second = ask(b->url, b->bytes, b->size);

    CHECK(first <= MISSED && second <= MISSED, "%s: %s and %s", what, outcome_names[first],
          outcome_names[second]);
}

static void test_swapped_heads(void)
{
    unsigned char key_a[32], key_b[32], head_a[HEAD_ROOM], head_b[HEAD_ROOM];

    key_of(SMALL_A, key_a);
    key_of(SMALL_B, key_b);
    const size_t size_a = read_head(key_a, head_a), size_b = read_head(key_b, head_b);
    write_head(key_a, head_b, size_b);
    write_head(key_b, head_a, size_a);
    check_both("two heads swapped", &small_a, &small_b);
    write_head(key_a, head_a, size_a);
    write_head(key_b, head_b, size_b);
}

static void test_renamed_heads(void)
{
    static const unsigned char between[32] = {1};
    unsigned char key_a[32], key_b[32];

    key_of(SMALL_A, key_a);
    key_of(SMALL_B, key_b);
    update_blob("UPDATE heads SET key = ? WHERE key = ?", between, key_a);
    update_blob("UPDATE heads SET key = ? WHERE key = ?", key_a, key_b);
    update_blob("UPDATE heads SET key = ? WHERE key = ?", key_b, between);
    check_both("two keys exchanged", &small_a, &small_b);
    update_blob("UPDATE heads SET key = ? WHERE key = ?", between, key_a);
    update_blob("UPDATE heads SET key = ? WHERE key = ?", key_a, key_b);
    update_blob("UPDATE heads SET key = ? WHERE key = ?", key_b, between);
    update_blob("UPDATE heads SET variant = ? WHERE key = ?", between, key_a);
    CHECK(ask(SMALL_A, "a small body", 12) == REFUSED,
          "a head under another variant is refused");
    talk.body_size = 0;
}

/* --- another cache with the same keys --- */

static void test_other_cache(void)
{
    unsigned char key[32], other_key[32], head[HEAD_ROOM];
    sqlite3 *const first = attacker;
    struct talk *const other = calloc(1, sizeof *other);

    key_of(SMALL_B, key);
    const size_t size = read_head(key, head);
    CHECK(talk_open_with(other, "other.sqlite", 0) == CACHET_OK,
          "another cache, the same keyring");
    const struct talk_answer answer = {.status = 200,
                                       .fields = {{"Cache-Control", "max-age=600"}},
                                       .body = "another body",
                                       .body_size = 12};
    (void) talk_get(other, SMALL_B, TALK_START_MS, &answer);
    CHECK(memcmp(other->key, talk.key, 64) != 0, "names the same request differently");
    CHECK(ct_hex_decode(cachet_bytes_of(other->key), other_key, 32), "under a key of its own");
    CHECK(opened_attacker("other.sqlite"), "the attacker opens it");
    sqlite3_stmt *const statement = prepare("UPDATE heads SET head = ? WHERE key = ?");
    (void) sqlite3_bind_blob(statement, 1, head, (int) size, SQLITE_STATIC);
    (void) sqlite3_bind_blob(statement, 2, other_key, 32, SQLITE_STATIC);
    (void) sqlite3_step(statement);
    (void) sqlite3_finalize(statement);
    (void) sqlite3_close(attacker);
    attacker = first;
    CHECK(talk_get(other, SMALL_B, TALK_START_MS + 1000, &origin) == CACHET_E_TAMPERED,
          "a head copied from one cache to another is refused: %s", other->err.message);
    talk_close(other);
    free(other);
}

/* --- bodies --- */

static char body_paths[8][1024];
static size_t body_count;
static char large_a[1024]; /* the body file of LARGE_A */

static void list_bodies(void)
{
    DIR *const directory = opendir(scratch_path("cache.sqlite-bodies"));

    body_count = 0;
    for (const struct dirent *entry = directory == NULL ? NULL : readdir(directory);
         entry != NULL && body_count < 8; entry = readdir(directory))
        if (entry->d_name[0] != '.')
            (void) snprintf(body_paths[body_count++], sizeof body_paths[0],
                            "%.255s/cache.sqlite-bodies/%.255s", scratch_dir, entry->d_name);
    if (directory != NULL)
        (void) closedir(directory);
}

static off_t size_of(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 ? facts.st_size : -1;
}

/* The first body file of exactly so many bytes of chunks, tags included. */
static const char *body_of_size(size_t size)
{
    for (size_t i = 0; i < body_count; i++)
        if (size_of(body_paths[i]) == (off_t) (PREAMBLE_SIZE + size))
            return body_paths[i];
    return "";
}

static size_t flip_all(int fd, off_t from, off_t to, off_t step, const char *url, size_t size)
{
    size_t undetected = 0;

    for (off_t at = from; at < to; at += step) {
        unsigned char byte = 0;
        (void) !pread(fd, &byte, 1, at);
        byte ^= (unsigned char) (1 << (at % 8));
        (void) !pwrite(fd, &byte, 1, at);
        undetected += ask(url, body, size) >= UNHARMED;
        byte ^= (unsigned char) (1 << (at % 8));
        (void) !pwrite(fd, &byte, 1, at);
    }
    return undetected;
}

static void test_chunk_bytes(void)
{
    const off_t step = is_instrumented() ? 97 : 1;
    const char *const path = body_of_size(ONE_CHUNK_SIZE + 16);
    const int fd = open(path, O_RDWR);
    const off_t end = size_of(path);

    CHECK(fd >= 0, "a body of one chunk stands in a file");
    const size_t undetected =
        flip_all(fd, PREAMBLE_SIZE, end, step, "http://example.org/chunk", ONE_CHUNK_SIZE);
    CHECK(undetected == 0, "every byte of a chunk and its tag changed: %zu undetected",
          undetected);
    (void) close(fd);

    const int large_fd = open(large_a, O_RDWR);
    CHECK(large_fd >= 0, "a body of three chunks stands in a file");
    CHECK(flip_all(large_fd, PREAMBLE_SIZE, size_of(large_a), is_instrumented() ? 9973 : 499,
                   LARGE_A, LARGE_SIZE) == 0,
          "bytes of a long body changed: none undetected");
    (void) close(large_fd);
}

static void test_chunk_lengths(void)
{
    const char *const path = body_of_size(ONE_CHUNK_SIZE + 16);
    const off_t size = size_of(path), step = is_instrumented() ? 211 : 1;
    static unsigned char bytes[PREAMBLE_SIZE + ONE_CHUNK_SIZE + 16];
    const int fd = open(path, O_RDWR);
    size_t undetected = 0;

    (void) !pread(fd, bytes, sizeof bytes, 0);
    for (off_t length = size - 1; length >= 0; length -= step) {
        (void) !ftruncate(fd, length);
        undetected += ask("http://example.org/chunk", body, ONE_CHUNK_SIZE) >= UNHARMED;
    }
    (void) !pwrite(fd, bytes, sizeof bytes, 0);
    CHECK(undetected == 0, "every truncation of a body file: %zu undetected", undetected);
    (void) !pwrite(fd, "x", 1, size);
    CHECK(ask("http://example.org/chunk", body, ONE_CHUNK_SIZE) <= MISSED,
          "so is one byte more");
    (void) !ftruncate(fd, size);
    CHECK(ask("http://example.org/chunk", body, ONE_CHUNK_SIZE) == UNHARMED,
          "as it was, it is served");
    (void) close(fd);
}

static void test_chunk_order(void)
{
    static unsigned char chunks[3 * 65552];
    const int fd = open(large_a, O_RDWR);

    (void) !pread(fd, chunks, sizeof chunks, PREAMBLE_SIZE);
    (void) !pwrite(fd, chunks + 65552, 65552, PREAMBLE_SIZE);
    (void) !pwrite(fd, chunks, 65552, PREAMBLE_SIZE + 65552);
    CHECK(ask(LARGE_A, body, LARGE_SIZE) == REFUSED, "two chunks swapped are refused");
    (void) !pwrite(fd, chunks, 65552, PREAMBLE_SIZE);
    CHECK(ask(LARGE_A, body, LARGE_SIZE) == REFUSED, "a chunk repeated is refused");
    (void) !pwrite(fd, chunks + 65552, 65552, PREAMBLE_SIZE + 65552);
    CHECK(ask(LARGE_A, body, LARGE_SIZE) == UNHARMED, "in order they are served");
    (void) !ftruncate(fd, PREAMBLE_SIZE + 2 * 65552);
    CHECK(ask(LARGE_A, body, LARGE_SIZE) == REFUSED, "the last chunk dropped is refused");
    (void) !pwrite(fd, chunks + (size_t) 2 * 65552, 1016, PREAMBLE_SIZE + 2 * 65552);
    (void) close(fd);
}

static void test_swapped_bodies(void)
{
    const char *found[2] = {"", ""};
    size_t count = 0;

    for (size_t i = 0; i < body_count && count < 2; i++)
        if (size_of(body_paths[i]) == (off_t) (PREAMBLE_SIZE + LARGE_SIZE + 3 * 16))
            found[count++] = body_paths[i];
    const char *const first = found[0], *const second = found[1];
    const char *const aside = scratch_path("aside");
    CHECK(rename(first, aside) == 0 && rename(second, first) == 0 && rename(aside, second) == 0,
          "two body files swapped");
    check_both("they are noticed", &large_a_entry, &large_b_entry);
    CHECK(rename(first, aside) == 0 && rename(second, first) == 0 && rename(aside, second) == 0,
          "and swapped back");
    CHECK(rename(first, aside) == 0, "a body file taken away");
    const enum outcome a = ask(LARGE_A, body, LARGE_SIZE), b = ask(LARGE_B, body, LARGE_SIZE);
    CHECK((a == MISSED && b == UNHARMED) || (a == UNHARMED && b == MISSED),
          "is a miss for its entry, and none for the other: %s, %s", outcome_names[a],
          outcome_names[b]);
    (void) rename(aside, first);
}

/* --- the database file itself --- */

static size_t copy_file(const char *from, const char *to, size_t flip_at, unsigned char flip)
{
    static unsigned char bytes[4 << 20];
    const int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const ssize_t size = in < 0 ? 0 : read(in, bytes, sizeof bytes);

    if (size > 0) {
        bytes[flip_at % (size_t) size] ^= flip;
        (void) !write(out, bytes, (size_t) size);
    }
    (void) close(in);
    (void) close(out);
    return size < 0 ? 0 : (size_t) size;
}

static void test_database_bytes(void)
{
    const int rounds = is_instrumented() ? 100 : 2000;
    struct talk *const reader = calloc(1, sizeof *reader);
    size_t counts[4] = {0}, refused_open = 0;
    unsigned long long chance = 12345;
    static struct talk kept;

    (void) sqlite3_exec(attacker, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    memcpy(&kept, &talk, sizeof kept);
    for (int round = 0; round < rounds; round++) {
        chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
        (void) unlink(scratch_path("flipped.sqlite-wal"));
        (void) unlink(scratch_path("flipped.sqlite-shm"));
        (void) copy_file(scratch_path("cache.sqlite"), scratch_path("flipped.sqlite"),
                         (size_t) (chance >> 20), (unsigned char) (1u << (chance >> 11 & 7)));
        if (talk_open_with(reader, "flipped.sqlite", 0) != CACHET_OK) {
            refused_open++;
            talk_close(reader);
            continue;
        }
        talk.cache = reader->cache;
        counts[ask(SMALL_B, "another body", 12)]++;
        talk.cache = kept.cache;
        talk_close(reader);
    }
    CHECK(counts[FOREIGN] == 0,
          "%d changes of one byte of the database: %zu refused, %zu refused at opening, %zu "
          "missed "
          "or bypassed, %zu unharmed, %zu foreign",
          rounds, counts[REFUSED], refused_open, counts[MISSED], counts[UNHARMED],
          counts[FOREIGN]);
    free(reader);
}

int main(void)
{
    scratch_begin();
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (unsigned char) (i * 7 + (i >> 9));
    CHECK(talk_open_with(&talk, "cache.sqlite", 0) == CACHET_OK, "a cache opens: %s",
          talk.err.message);
    if (talk.cache == NULL || !opened_attacker("cache.sqlite"))
        return tap_done() + 1;
    put(SMALL_A, "a small body", 12);
    put(SMALL_B, "another body", 12);
    put("http://example.org/chunk", body, ONE_CHUNK_SIZE);
    put(LARGE_A, body, LARGE_SIZE);
    list_bodies();
    (void) snprintf(large_a, sizeof large_a, "%s", body_of_size(LARGE_SIZE + 3 * 16));
    put(LARGE_B, body, LARGE_SIZE);
    list_bodies();
    test_head_bytes();
    test_head_lengths();
    test_swapped_heads();
    test_chunk_bytes();
    test_chunk_lengths();
    test_chunk_order();
    test_swapped_bodies();
    test_database_bytes();
    test_other_cache();
    test_renamed_heads();
    (void) sqlite3_close(attacker);
    talk_close(&talk);
    return tap_done();
}
