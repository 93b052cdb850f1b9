/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

static int64_t read_ms(clockid_t clock)
{
    struct timespec now = {0};

    /* Cannot fail for these two clocks (POSIX.1-2008). */
    (void) clock_gettime(clock, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t ct_clock_now_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

int64_t ct_clock_monotonic_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}
