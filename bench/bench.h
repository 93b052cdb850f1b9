/* SPDX-License-Identifier: MIT */
/*
 * What the parts of a benchmark share: the items that are fetched, the ways to come by them,
 * and how a failure is told.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <cachet/types.h>

#include "base/common.h"

#define BENCH_PATH_MAX 512u
#define BENCH_URL_MAX 96u

/* X(ENUM, "name", bytes of a body, URLs of that size) */
#define BENCH_SIZE_LIST(X)                                                                     \
    X(KB_1, "1 KB", 1024, 200)                                                                 \
    X(KB_10, "10 KB", 10240, 200)                                                              \
    X(KB_100, "100 KB", 102400, 50)                                                            \
    X(MB_1, "1 MB", 1048576, 20)

enum bench_size_index {
#define BENCH_SIZE_ENUM(name, text, bytes, urls) BENCH_SIZE_##name,
    BENCH_SIZE_LIST(BENCH_SIZE_ENUM)
#undef BENCH_SIZE_ENUM
        BENCH_SIZE_COUNT
};

#define BENCH_URLS_OF(name, text, bytes, urls) +(urls)
enum { BENCH_ITEM_COUNT = 0 BENCH_SIZE_LIST(BENCH_URLS_OF), BENCH_BODY_MAX = 1048576 };
#undef BENCH_URLS_OF

struct bench_size {
    const char *name;
    size_t body_size;
    size_t first_item;
    size_t item_count;
};

/* One URL and what it serves. */
struct bench_item {
    enum bench_size_index size;
    size_t number; /* among the items of all sizes */
    char url[BENCH_URL_MAX];
    cachet_bytes body;
};

extern const struct bench_size bench_sizes[BENCH_SIZE_COUNT];

/* Makes the bodies, the same in every run, and the URLs of a server on that port. */
cachet_status bench_items_init(unsigned port, cachet_error *err);

/* NULL past the end. */
const struct bench_item *bench_item(size_t number);

/* E_PROTOCOL unless `body` has the item's size and, if asked, every one of its bytes. */
cachet_status bench_item_check(const struct bench_item *item, cachet_bytes body,
                               bool is_compared, cachet_error *err);

/* Fetches an item once and checks it as bench_item_check does: what is timed. */
typedef cachet_status (*bench_fetch)(void *context, const struct bench_item *item,
                                     bool is_compared, cachet_error *err);

/* Fills `err` and returns `status`; the library keeps its own to itself. */
cachet_status bench_err_set(cachet_error *err, cachet_status status, const char *format, ...)
    CT_PRINTF(3, 4);

/* The same, followed by ": " and what errno means. */
cachet_status bench_err_set_errno(cachet_error *err, const char *what, const char *name);

/* snprintf that refuses to cut: E_TOO_LARGE. */
cachet_status bench_format(char *ret_text, size_t capacity, cachet_error *err,
                           const char *format, ...) CT_PRINTF(4, 5);

/* CLOCK_MONOTONIC in microseconds. */
double bench_now_us(void);

/* What this thread has had of a core so far, in microseconds. */
double bench_thread_us(void);

/* The highest CPU under `limit` that this thread may run on, or -1 where none is known. */
int bench_cpu_under(int limit);

/* Keeps this thread, and those it starts from now on, on one CPU. False where it cannot. */
bool bench_cpu_pin(int cpu);

#endif
