/* SPDX-License-Identifier: MIT */
/* Looks at a store from the side, as an attacker would: bare SQLite, bare files. */
#ifndef CT_TESTS_STORE_RAW_H
#define CT_TESTS_STORE_RAW_H

#include <sqlite3.h>

#include "fixture.h"

/* Runs SQL on the database itself. The store must be closed or in WAL mode. */
UNUSED static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;

    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        printf("# %s: %s\n", sql, message == NULL ? sqlite3_errmsg(db) : message);
        exit(2);
    }
    (void) sqlite3_close(db);
}

UNUSED static int64_t ask_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t answer = -1;

    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    (void) sqlite3_finalize(statement);
    (void) sqlite3_close(db);
    return answer;
}

UNUSED static void write_file(const char *path, const void *bytes, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || write(fd, bytes, size) != (ssize_t) size) {
        perror(path);
        exit(2);
    }
    (void) close(fd);
}

/* The bytes of a small file; SIZE_MAX if it cannot be read. */
UNUSED static size_t read_file(const char *path, unsigned char *bytes, size_t room)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK);
    const ssize_t size = fd < 0 ? -1 : read(fd, bytes, room);

    if (fd >= 0)
        (void) close(fd);
    return size < 0 ? SIZE_MAX : (size_t) size;
}

UNUSED static bool is_there(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0;
}

UNUSED static unsigned mode_of(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0 ? facts.st_mode & 07777u : 0xffffu;
}

/* A store with one head "kept" under key 1, closed again. */
UNUSED static void make_store(const char *path)
{
    cachet_store *const store = open_store(path, "default", 250);

    if (put(store, 1, 1, "kept", NULL) != CACHET_OK)
        exit(2);
    ct_store_close(store);
}

#endif
