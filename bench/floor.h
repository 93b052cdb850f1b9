/* SPDX-License-Identifier: MIT */
/*
 * The floor: the least that a sealed hit out of SQLite and files can cost on this machine. No
 * HTTP, no names, no policy: the key is known, the facts of the response are opaque bytes.
 *
 *   up to 16 KiB   one row: facts, body, HMAC over both
 *   above          one row: facts, HMAC; and a file: 64 KiB and their tag, again and again
 *
 * A fetch selects the row, copies it out, checks the HMAC; then, if there is a file, opens it,
 * asks for its size, reads each piece, copies its chunk out and checks the tag of the copy.
 * The database is set up as the store sets up its own: WAL, 4 KiB pages, no mmap, 2 MiB cache.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <sqlite3.h>

#include "floor_seal.h"

#define BENCH_KEY_SIZE 32u
/* Bytes that stand for status, fields and times: the server sends about so many. */
#define BENCH_FACTS_SIZE 1024u
#define BENCH_INLINE_MAX 16384u
#define BENCH_CHUNK_SIZE 65536u

/* All zero where it was not opened. */
struct bench_floor {
    struct bench_floor_seal seal;
    sqlite3 *database;
    sqlite3_stmt *select;
    bool has_directory;
    int directory_fd;
    unsigned char keys[BENCH_ITEM_COUNT][BENCH_KEY_SIZE];
};

/* Makes a floor in an existing directory and fills it with every item. */
cachet_status bench_floor_open(struct bench_floor *floor, const char *directory,
                               cachet_error *err);
void bench_floor_close(struct bench_floor *floor);

/* A bench_fetch; the context is the floor. */
cachet_status bench_floor_hit(void *context, const struct bench_item *item, bool is_compared,
                              cachet_error *err);

#endif
