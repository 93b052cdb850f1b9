/* SPDX-License-Identifier: MIT */
/* The two clocks. Policy never comes here: it is told what time it is. */
#ifndef CT_BASE_CLOCK_H
#define CT_BASE_CLOCK_H

#include "base/common.h"

/* The time of day, ms since 1970; may jump. */
int64_t ct_clock_now_ms(void);

/* For waiting: never goes back, says nothing about the time of day. */
int64_t ct_clock_monotonic_ms(void);

#endif
