/* SPDX-License-Identifier: MIT */
/*
 * What a hit costs: the least it can (floor), through cachet sealed and unsealed, and what the
 * same request costs without a cache (libcurl, keep-alive, loopback). And what a miss costs
 * that is stored. A wrong byte, or a hit that was none, fails the run.
 */
#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>

#include "cached.h"
#include "floor.h"
#include "plain.h"
#include "report.h"
#include "scratch.h"
#include "server.h"

struct run {
    struct bench_scratch scratch;
    struct bench_server near_server;
    struct bench_server far_server;
    struct bench_floor floor;
    struct bench_plain near;
    struct bench_plain far;
    struct bench_cached sealed;
    struct bench_cached unsealed;
};

#define HIT_RACE(id, text, bytes, urls) {.name = "hit", .size = BENCH_SIZE_##id},

static struct run run;
static struct bench_race races[] = {
    BENCH_SIZE_LIST(HIT_RACE){.name = "miss", .size = BENCH_SIZE_KB_1}};

static void run_close(struct run **run_to_close)
{
    struct run *self = *run_to_close;
    bench_cached_close(&self->unsealed);
    bench_cached_close(&self->sealed);
    bench_plain_close(&self->far);
    bench_plain_close(&self->near);
    bench_floor_close(&self->floor);
    bench_server_stop(&self->far_server);
    bench_server_stop(&self->near_server);
    bench_scratch_remove(&self->scratch);
}

static cachet_status open_cached(struct run *self, struct bench_cached *cached,
                                 const char *name, cachet_error *err)
{
    char directory[BENCH_PATH_MAX];
    TRY(bench_format(directory, sizeof(directory), err, "%s/%s", self->scratch.path, name));
    return bench_cached_open(cached, directory, cached == &self->sealed, err);
}

/*
 * Where the scheduler happens to put the server changes what libcurl takes by a factor of four:
 * on the client's own core it is at its fastest, on another one each request wakes that core.
 * So both are measured, each always the same; caches are filled from the near one.
 */
static cachet_status open_libcurl(struct run *self, cachet_error *err)
{
    const int near = bench_cpu_under(INT_MAX);
    const int far = bench_cpu_under(near);
    (void) bench_cpu_pin(near);
    TRY(bench_server_start(&self->near_server, near, err));
    TRY(bench_plain_open(&self->near, self->near_server.port, err));
    if (far < 0)
        return CACHET_OK;
    TRY(bench_server_start(&self->far_server, far, err));
    return bench_plain_open(&self->far, self->far_server.port, err);
}

static cachet_status run_open(struct run *self, cachet_error *err)
{
    TRY(bench_scratch_make(&self->scratch, err));
    TRY(open_libcurl(self, err));
    TRY(bench_items_init(self->near_server.port, err));
    TRY(bench_floor_open(&self->floor, self->scratch.path, err));
    TRY(open_cached(self, &self->sealed, "sealed", err));
    return open_cached(self, &self->unsealed, "unsealed", err);
}

static void line_up(struct run *self, struct bench_race *race)
{
    const bool is_hit = strcmp(race->name, "hit") == 0;
    const bench_fetch cached = is_hit ? bench_cached_hit : bench_cached_miss;
    if (is_hit)
        race->lanes[BENCH_LANE_FLOOR] =
            (struct bench_lane){.fetch = bench_floor_hit, .context = &self->floor};
    race->lanes[BENCH_LANE_SEALED] =
        (struct bench_lane){.fetch = cached, .context = &self->sealed};
    race->lanes[BENCH_LANE_UNSEALED] =
        (struct bench_lane){.fetch = cached, .context = &self->unsealed};
    race->lanes[BENCH_LANE_NEAR] =
        (struct bench_lane){.fetch = bench_plain_fetch, .context = &self->near};
    if (self->far.easy != NULL)
        race->lanes[BENCH_LANE_FAR] =
            (struct bench_lane){.fetch = bench_plain_fetch, .context = &self->far};
}

/* A hit that asked the origin all the same would show here. */
static cachet_status check_requests(struct run *self, cachet_error *err)
{
    const unsigned long long made = self->near.request_count + self->far.request_count +
                                    self->sealed.miss_count + self->unsealed.miss_count;
    const unsigned long long served = atomic_load(&self->near_server.request_count) +
                                      atomic_load(&self->far_server.request_count);
    if (made != served)
        return bench_err_set(err, CACHET_E_PROTOCOL, "%llu requests served, %llu expected",
                             served, made);
    TRY(bench_cached_check(&self->sealed, err));
    return bench_cached_check(&self->unsealed, err);
}

static cachet_status run_races(cachet_error *err)
{
    CLEANUP(run_close) struct run *self = &run;
    TRY(run_open(self, err));
    for (size_t i = 0; i < CT_COUNT_OF(races); i++) {
        line_up(self, &races[i]);
        TRY(bench_race_run(&races[i], err));
    }
    return check_requests(self, err);
}

int main(void)
{
    cachet_error err = {0};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return 1;
    if (run_races(&err) != CACHET_OK) {
        (void) fprintf(stderr, "bench/hit: %s\n", err.message);
        return 1;
    }
    bench_report(races, CT_COUNT_OF(races));
    curl_global_cleanup();
    return 0;
}
