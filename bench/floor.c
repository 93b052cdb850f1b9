/* SPDX-License-Identifier: MIT */
#include "floor.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMESPACE 1
#define ROW_MAX (BENCH_FACTS_SIZE + BENCH_INLINE_MAX + BENCH_SEAL_SIZE)

/* Where a fetch copies to; one thread fetches. */
static unsigned char row[ROW_MAX];
static unsigned char piece[BENCH_CHUNK_SIZE + BENCH_TAG_SIZE];
static unsigned char body[BENCH_BODY_MAX];

static void fd_close(int *fd)
{
    if (*fd >= 0)
        (void) close(*fd);
    *fd = -1;
}

static void statement_close(sqlite3_stmt **statement)
{
    (void) sqlite3_finalize(*statement);
}

static cachet_status database_failed(const struct bench_floor *floor, cachet_error *err)
{
    return bench_err_set(err, CACHET_E_STORE, "the floor's database: %s",
                         sqlite3_errmsg(floor->database));
}

static cachet_status prepare(struct bench_floor *floor, const char *sql,
                             sqlite3_stmt **ret_statement, cachet_error *err)
{
    if (sqlite3_prepare_v3(floor->database, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement,
                           NULL) != SQLITE_OK)
        return database_failed(floor, err);
    return CACHET_OK;
}

static cachet_status bind_key(struct bench_floor *floor, sqlite3_stmt *statement, size_t number,
                              cachet_error *err)
{
    if (sqlite3_bind_int64(statement, 1, NAMESPACE) != SQLITE_OK ||
        sqlite3_bind_blob(statement, 2, floor->keys[number], BENCH_KEY_SIZE, SQLITE_STATIC) !=
            SQLITE_OK)
        return database_failed(floor, err);
    return CACHET_OK;
}

static bool is_inline(const struct bench_item *item)
{
    return item->body.size <= BENCH_INLINE_MAX;
}

/* Facts and, if it is inline, body: what the HMAC is over. */
static size_t sealed_size(const struct bench_item *item)
{
    return BENCH_FACTS_SIZE + (is_inline(item) ? item->body.size : 0);
}

static cachet_status insert_row(struct bench_floor *floor, sqlite3_stmt *insert,
                                const struct bench_item *item, cachet_error *err)
{
    const size_t size = sealed_size(item);
    /* Any bytes do for facts; those of the body are at hand. */
    memcpy(row, item->body.data, BENCH_FACTS_SIZE);
    if (is_inline(item))
        memcpy(row + BENCH_FACTS_SIZE, item->body.data, item->body.size);
    TRY(bench_floor_head_seal(&floor->seal, (cachet_bytes){row, size}, row + size, err));
    TRY(bind_key(floor, insert, item->number, err));
    if (sqlite3_bind_blob64(insert, 3, row, size + BENCH_SEAL_SIZE, SQLITE_TRANSIENT) !=
            SQLITE_OK ||
        sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
        return database_failed(floor, err);
    return CACHET_OK;
}

static cachet_status file_name(const struct bench_item *item, char ret_name[32],
                               cachet_error *err)
{
    return bench_format(ret_name, 32, err, "%016zx", item->number);
}

static size_t chunk_size_at(const struct bench_item *item, size_t offset)
{
    const size_t rest = item->body.size - offset;
    return rest < BENCH_CHUNK_SIZE ? rest : BENCH_CHUNK_SIZE;
}

static cachet_status write_piece(struct bench_floor *floor, int fd,
                                 const struct bench_item *item, size_t offset,
                                 cachet_error *err)
{
    const size_t size = chunk_size_at(item, offset);
    memcpy(piece, item->body.data + offset, size);
    TRY(bench_floor_chunk_tag(&floor->seal, offset / BENCH_CHUNK_SIZE,
                              (cachet_bytes){piece, size}, piece + size, err));
    if (write(fd, piece, size + BENCH_TAG_SIZE) != (ssize_t) (size + BENCH_TAG_SIZE))
        return bench_err_set_errno(err, "cannot write the body of", item->url);
    return CACHET_OK;
}

static cachet_status write_file(struct bench_floor *floor, const struct bench_item *item,
                                cachet_error *err)
{
    char name[32];
    TRY(file_name(item, name, err));
    CLEANUP(fd_close)
    int fd = openat(floor->directory_fd, name,
                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return bench_err_set_errno(err, "cannot make", name);
    for (size_t offset = 0; offset < item->body.size; offset += BENCH_CHUNK_SIZE)
        TRY(write_piece(floor, fd, item, offset, err));
    return CACHET_OK;
}

static cachet_status fill(struct bench_floor *floor, cachet_error *err)
{
    CLEANUP(statement_close) sqlite3_stmt *insert = NULL;
    TRY(prepare(floor, "INSERT INTO head(ns, key, head) VALUES (?, ?, ?)", &insert, err));
    for (size_t i = 0; i < BENCH_ITEM_COUNT; i++) {
        const struct bench_item *item = bench_item(i);
        const cachet_bytes url = cachet_bytes_of(item->url);
        TRY(bench_floor_head_seal(&floor->seal, url, floor->keys[i], err));
        TRY(insert_row(floor, insert, item, err));
        if (!is_inline(item))
            TRY(write_file(floor, item, err));
    }
    return CACHET_OK;
}

static cachet_status open_database(struct bench_floor *floor, const char *directory,
                                   cachet_error *err)
{
    char path[BENCH_PATH_MAX];
    TRY(bench_format(path, sizeof(path), err, "%s/floor.sqlite", directory));
    if (sqlite3_open_v2(path, &floor->database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK ||
        sqlite3_exec(floor->database,
                     "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL;"
                     "PRAGMA synchronous = NORMAL; PRAGMA mmap_size = 0;"
                     "PRAGMA cache_size = -2048;"
                     "CREATE TABLE head (id INTEGER PRIMARY KEY, ns INTEGER NOT NULL,"
                     " key BLOB NOT NULL, head BLOB NOT NULL, UNIQUE (ns, key))",
                     NULL, NULL, NULL) != SQLITE_OK)
        return database_failed(floor, err);
    return prepare(floor, "SELECT head FROM head WHERE ns = ? AND key = ?", &floor->select,
                   err);
}

cachet_status bench_floor_open(struct bench_floor *floor, const char *directory,
                               cachet_error *err)
{
    TRY(bench_floor_seal_open(&floor->seal, err));
    floor->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    floor->has_directory = floor->directory_fd >= 0;
    if (!floor->has_directory)
        return bench_err_set_errno(err, "cannot open", directory);
    TRY(open_database(floor, directory, err));
    return fill(floor, err);
}

void bench_floor_close(struct bench_floor *floor)
{
    (void) sqlite3_finalize(floor->select);
    (void) sqlite3_close(floor->database);
    bench_floor_seal_close(&floor->seal);
    if (floor->has_directory)
        (void) close(floor->directory_fd);
    *floor = (struct bench_floor){0};
}

static cachet_status refused(const struct bench_item *item, cachet_error *err)
{
    return bench_err_set(err, CACHET_E_TAMPERED, "%s: the floor does not hold what was put",
                         item->url);
}

static cachet_status copy_row(struct bench_floor *floor, const struct bench_item *item,
                              cachet_error *err)
{
    const int size = (int) (sealed_size(item) + BENCH_SEAL_SIZE);
    TRY(bind_key(floor, floor->select, item->number, err));
    if (sqlite3_step(floor->select) != SQLITE_ROW ||
        sqlite3_column_bytes(floor->select, 0) != size)
        return refused(item, err);
    memcpy(row, sqlite3_column_blob(floor->select, 0), (size_t) size);
    return sqlite3_reset(floor->select) == SQLITE_OK ? CACHET_OK : database_failed(floor, err);
}

static cachet_status check_row(struct bench_floor *floor, const struct bench_item *item,
                               cachet_error *err)
{
    const size_t size = sealed_size(item);
    unsigned char seal[BENCH_SEAL_SIZE];
    TRY(bench_floor_head_seal(&floor->seal, (cachet_bytes){row, size}, seal, err));
    return CRYPTO_memcmp(seal, row + size, sizeof(seal)) == 0 ? CACHET_OK : refused(item, err);
}

static cachet_status read_piece(struct bench_floor *floor, int fd,
                                const struct bench_item *item, size_t offset, cachet_error *err)
{
    const size_t size = chunk_size_at(item, offset);
    const size_t index = offset / BENCH_CHUNK_SIZE;
    unsigned char tag[BENCH_TAG_SIZE];
    if (pread(fd, piece, size + BENCH_TAG_SIZE, (off_t) (index * sizeof(piece))) !=
        (ssize_t) (size + BENCH_TAG_SIZE))
        return refused(item, err);
    memcpy(body + offset, piece, size);
    TRY(bench_floor_chunk_tag(&floor->seal, index, (cachet_bytes){body + offset, size}, tag,
                              err));
    return CRYPTO_memcmp(tag, piece + size, sizeof(tag)) == 0 ? CACHET_OK : refused(item, err);
}

static cachet_status read_file(struct bench_floor *floor, const struct bench_item *item,
                               cachet_error *err)
{
    const size_t chunk_count = (item->body.size + BENCH_CHUNK_SIZE - 1) / BENCH_CHUNK_SIZE;
    char name[32];
    struct stat facts;
    TRY(file_name(item, name, err));
    CLEANUP(fd_close)
    int fd = openat(floor->directory_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode) ||
        (size_t) facts.st_size != item->body.size + chunk_count * BENCH_TAG_SIZE)
        return refused(item, err);
    for (size_t offset = 0; offset < item->body.size; offset += BENCH_CHUNK_SIZE)
        TRY(read_piece(floor, fd, item, offset, err));
    return CACHET_OK;
}

cachet_status bench_floor_hit(void *context, const struct bench_item *item, bool is_compared,
                              cachet_error *err)
{
    struct bench_floor *floor = context;
    const unsigned char *found = row + BENCH_FACTS_SIZE;
    TRY(copy_row(floor, item, err));
    TRY(check_row(floor, item, err));
    if (!is_inline(item)) {
        TRY(read_file(floor, item, err));
        found = body;
    }
    return bench_item_check(item, (cachet_bytes){found, item->body.size}, is_compared, err);
}
