/* SPDX-License-Identifier: MIT */
/*
 * A race: several ways to come by the same items, timed batch by batch in turn (A B C, A B C,
 * ...), so that what else the machine does hits all of them alike. Figures are medians over
 * the rounds; a ratio is the median of each round's own ratio.
 */
#ifndef BENCH_RACE_H
#define BENCH_RACE_H

#include "bench.h"

#define BENCH_ROUNDS 31u

/* X(ENUM, "name") */
#define BENCH_LANE_LIST(X)                                                                     \
    X(FLOOR, "floor")                                                                          \
    X(SEALED, "sealed")                                                                        \
    X(UNSEALED, "unsealed")                                                                    \
    X(NEAR, "libcurl-near")                                                                    \
    X(FAR, "libcurl-far")

enum bench_lane_index {
#define BENCH_LANE_ENUM(name, text) BENCH_LANE_##name,
    BENCH_LANE_LIST(BENCH_LANE_ENUM)
#undef BENCH_LANE_ENUM
        BENCH_LANE_COUNT
};

struct bench_lane {
    bench_fetch fetch; /* NULL: does not take part */
    void *context;
    size_t batch;    /* operations in a round */
    uint64_t random; /* where its walk through the items is */
    double us[BENCH_ROUNDS];
    double wall_us;   /* of all its batches together */
    double thread_us; /* for which it had a core */
};

struct bench_race {
    const char *name;
    enum bench_size_index size;
    struct bench_lane lanes[BENCH_LANE_COUNT];
};

struct bench_figure {
    double median;
    double min;
    double max;
};

const char *bench_lane_name(enum bench_lane_index lane);

/* Fetches every item once in each lane and compares it, then times the rounds. */
cachet_status bench_race_run(struct bench_race *race, cachet_error *err);

/* Microseconds per operation of a lane that takes part. */
struct bench_figure bench_race_us(const struct bench_race *race, enum bench_lane_index lane);

/*
 * The share of the floor's time, 0 to 1, that other programs had its core: it never waits by
 * itself. Where that is more than a few hundredths the figures are worth little.
 */
double bench_races_stolen(const struct bench_race *races, size_t race_count);

/* How many times as long as `base` it takes; both take part. */
struct bench_figure bench_race_ratio(const struct bench_race *race, enum bench_lane_index lane,
                                     enum bench_lane_index base);

#endif
