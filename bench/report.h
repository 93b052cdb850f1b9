/* SPDX-License-Identifier: MIT */
/* What the races came to: a table for people, then one line of JSON to compare runs by. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "race.h"

void bench_report(const struct bench_race *races, size_t race_count);

#endif
