/* SPDX-License-Identifier: MIT */
/* The two clocks. Policy never comes here: it is told what time it is. */
#ifndef CT_BASE_CLOCK_H
#define CT_BASE_CLOCK_H

#include "base/common.h"

/* The time of day, ms since 1970; may jump. */
int64_t ct_clock_now_ms(void);

/* For waiting: never goes back, says nothing about the time of day. */
int64_t ct_clock_monotonic_ms(void);

/* `time_ms` and so many seconds more or less; stays at the ends of time. */
static inline int64_t ct_time_plus_s(int64_t time_ms, int64_t seconds)
{
    int64_t ms = 0, sum = 0;

    if (__builtin_mul_overflow(seconds, INT64_C(1000), &ms) ||
        __builtin_add_overflow(time_ms, ms, &sum))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

#endif
