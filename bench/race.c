/* SPDX-License-Identifier: MIT */
#include "race.h"

#include <stdlib.h>

/* Long enough that reading the clock and the first, cold operations do not show. */
#define BATCH_US 20000.0
#define BATCH_MIN 10.0
#define BATCH_MAX 100000.0
/* All lanes walk the items in the same order, in every run. */
#define SEED 0x2545f4914f6cdd1du

const char *bench_lane_name(enum bench_lane_index lane)
{
    static const char *const names[] = {
#define LANE_TEXT(name, text) text,
        BENCH_LANE_LIST(LANE_TEXT)
#undef LANE_TEXT
    };
    return names[lane];
}

/* xorshift64*: a few cycles, the same everywhere. */
static size_t random_below(uint64_t *state, size_t bound)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (size_t) ((*state * 2685821657736338717u) >> 33) % bound;
}

static cachet_status run_batch(struct bench_lane *lane, const struct bench_size *size,
                               double *ret_us, cachet_error *err)
{
    const double begun = bench_now_us();
    const double thread_begun = bench_thread_us();
    for (size_t i = 0; i < lane->batch; i++) {
        const size_t number = random_below(&lane->random, size->item_count);
        TRY(lane->fetch(lane->context, bench_item(size->first_item + number), false, err));
    }
    const double taken = bench_now_us() - begun;
    lane->wall_us += taken;
    lane->thread_us += bench_thread_us() - thread_begun;
    *ret_us = taken / (double) lane->batch;
    return CACHET_OK;
}

static cachet_status compare_all(const struct bench_lane *lane, const struct bench_size *size,
                                 cachet_error *err)
{
    for (size_t i = 0; i < size->item_count; i++)
        TRY(lane->fetch(lane->context, bench_item(size->first_item + i), true, err));
    return CACHET_OK;
}

/* Every byte is compared here, once; a batch then looks at sizes alone. */
static cachet_status prepare(struct bench_lane *lane, const struct bench_size *size,
                             cachet_error *err)
{
    double us = 0;
    TRY(compare_all(lane, size, err));
    lane->random = SEED;
    lane->batch = size->item_count;
    TRY(run_batch(lane, size, &us, err));
    const double wanted = BATCH_US / (us > 0 ? us : 1);
    lane->batch = (size_t) (wanted < BATCH_MIN   ? BATCH_MIN
                            : wanted > BATCH_MAX ? BATCH_MAX
                                                 : wanted);
    lane->random = SEED;
    return CACHET_OK;
}

cachet_status bench_race_run(struct bench_race *race, cachet_error *err)
{
    const struct bench_size *size = &bench_sizes[race->size];
    for (size_t i = 0; i < BENCH_LANE_COUNT; i++) {
        if (race->lanes[i].fetch != NULL)
            TRY(prepare(&race->lanes[i], size, err));
    }
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (size_t i = 0; i < BENCH_LANE_COUNT; i++) {
            struct bench_lane *lane = &race->lanes[i];
            if (lane->fetch != NULL)
                TRY(run_batch(lane, size, &lane->us[round], err));
        }
    }
    return CACHET_OK;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *) a;
    const double y = *(const double *) b;
    return (x > y) - (x < y);
}

static struct bench_figure figure_of(double values[BENCH_ROUNDS])
{
    qsort(values, BENCH_ROUNDS, sizeof(values[0]), compare_doubles);
    return (struct bench_figure){
        .median = values[BENCH_ROUNDS / 2], .min = values[0], .max = values[BENCH_ROUNDS - 1]};
}

struct bench_figure bench_race_us(const struct bench_race *race, enum bench_lane_index lane)
{
    double values[BENCH_ROUNDS];
    memcpy(values, race->lanes[lane].us, sizeof(values));
    return figure_of(values);
}

struct bench_figure bench_race_ratio(const struct bench_race *race, enum bench_lane_index lane,
                                     enum bench_lane_index base)
{
    double values[BENCH_ROUNDS];
    for (size_t i = 0; i < BENCH_ROUNDS; i++)
        values[i] = race->lanes[lane].us[i] / race->lanes[base].us[i];
    return figure_of(values);
}

double bench_races_stolen(const struct bench_race *races, size_t race_count)
{
    double wall_us = 0;
    double thread_us = 0;
    for (size_t i = 0; i < race_count; i++) {
        wall_us += races[i].lanes[BENCH_LANE_FLOOR].wall_us;
        thread_us += races[i].lanes[BENCH_LANE_FLOOR].thread_us;
    }
    return wall_us > thread_us ? 1 - thread_us / wall_us : 0;
}
