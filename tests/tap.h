/* SPDX-License-Identifier: MIT */
/*
 * Twenty lines of TAP: a test is a main() that calls CHECK and ends with `return tap_done();`.
 * A failing CHECK names itself, its line and goes on.
 */
#ifndef CT_TESTS_TAP_H
#define CT_TESTS_TAP_H

#include <stdio.h>

static int tap_count, tap_failed;

/* Each takes a printf format that names what is checked. */
#define CHECK(condition, ...)                                                                  \
    do {                                                                                       \
        const int tap_ok_ = !!(condition);                                                     \
        tap_failed += !tap_ok_;                                                                \
        printf("%sok %d - ", tap_ok_ ? "" : "not ", ++tap_count);                              \
        printf(__VA_ARGS__);                                                                   \
        printf("\n");                                                                          \
        if (!tap_ok_)                                                                          \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition);                           \
        (void) fflush(stdout); /* or an abort takes the results before it along */             \
    } while (0)

#define SKIP(reason, ...)                                                                      \
    do {                                                                                       \
        printf("ok %d - ", ++tap_count);                                                       \
        printf(__VA_ARGS__);                                                                   \
        printf(" # SKIP %s\n", (reason));                                                      \
    } while (0)

static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed == 0 ? 0 : 1;
}

#endif
