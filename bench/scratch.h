/* SPDX-License-Identifier: MIT */
/* A directory of the run's own, under TMPDIR or /tmp. */
#ifndef BENCH_SCRATCH_H
#define BENCH_SCRATCH_H

#include "bench.h"

struct bench_scratch {
    char path[BENCH_PATH_MAX]; /* empty where it was not made */
};

cachet_status bench_scratch_make(struct bench_scratch *scratch, cachet_error *err);

/* Removes it with all that is in it. */
void bench_scratch_remove(struct bench_scratch *scratch);

#endif
