/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <cachet/cachet.h>

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>

#define CELL_MAX 32u
#define CELL_WIDTH 24

/* What is divided by what: always how many times as long the first one takes. */
static const struct {
    const char *name;
    enum bench_lane_index lane;
    enum bench_lane_index base;
} ratios[] = {
    {"sealed/floor", BENCH_LANE_SEALED, BENCH_LANE_FLOOR},
    {"sealed/unsealed", BENCH_LANE_SEALED, BENCH_LANE_UNSEALED},
    {"sealed/libcurl-near", BENCH_LANE_SEALED, BENCH_LANE_NEAR},
    {"sealed/libcurl-far", BENCH_LANE_SEALED, BENCH_LANE_FAR},
};

static bool has_lane(const struct bench_race *race, enum bench_lane_index lane)
{
    return race->lanes[lane].fetch != NULL;
}

static bool has_ratio(const struct bench_race *race, size_t index)
{
    return has_lane(race, ratios[index].lane) && has_lane(race, ratios[index].base);
}

static struct bench_figure ratio(const struct bench_race *race, size_t index)
{
    return bench_race_ratio(race, ratios[index].lane, ratios[index].base);
}

/* Three digits that count, more where there are more before the point. */
static const char *number_text(double number, char ret_text[CELL_MAX])
{
    (void) snprintf(ret_text, CELL_MAX, number < 100 ? "%.3g" : "%.0f", number);
    return ret_text;
}

static void print_cell(bool is_there, struct bench_figure figure)
{
    char median[CELL_MAX];
    char min[CELL_MAX];
    char max[CELL_MAX];
    char cell[4 * CELL_MAX] = "-";
    if (is_there)
        (void) snprintf(cell, sizeof(cell), "%s (%s-%s)", number_text(figure.median, median),
                        number_text(figure.min, min), number_text(figure.max, max));
    (void) printf("%*s", CELL_WIDTH, cell);
}

static void print_race_name(const struct bench_race *race)
{
    (void) printf("%-5s%-8s", race->name, bench_sizes[race->size].name);
}

static void print_times(const struct bench_race *races, size_t race_count)
{
    (void) printf("microseconds per operation: median (min-max) of %u rounds in turn\n"
                  "near: the server on the same core; far: on another one\n\n%-13s",
                  BENCH_ROUNDS, "");
    for (size_t lane = 0; lane < BENCH_LANE_COUNT; lane++)
        (void) printf("%*s", CELL_WIDTH, bench_lane_name((enum bench_lane_index) lane));
    (void) printf("\n");
    for (size_t i = 0; i < race_count; i++) {
        print_race_name(&races[i]);
        for (size_t j = 0; j < BENCH_LANE_COUNT; j++) {
            const enum bench_lane_index lane = (enum bench_lane_index) j;
            const bool is_there = has_lane(&races[i], lane);
            print_cell(is_there,
                       is_there ? bench_race_us(&races[i], lane) : (struct bench_figure){0});
        }
        (void) printf("\n");
    }
}

static void print_ratios(const struct bench_race *races, size_t race_count)
{
    (void) printf("\nratios: median (min-max) of each round's own\n\n%-13s", "");
    for (size_t i = 0; i < CT_COUNT_OF(ratios); i++)
        (void) printf("%*s", CELL_WIDTH, ratios[i].name);
    (void) printf("\n");
    for (size_t i = 0; i < race_count; i++) {
        print_race_name(&races[i]);
        for (size_t j = 0; j < CT_COUNT_OF(ratios); j++) {
            const bool is_there = has_ratio(&races[i], j);
            print_cell(is_there, is_there ? ratio(&races[i], j) : (struct bench_figure){0});
        }
        (void) printf("\n");
    }
}

/* "," NAME: [median, min, max] */
static void print_json_figure(const char *name, struct bench_figure figure)
{
    (void) printf(",\"%s\":[%.5g,%.5g,%.5g]", name, figure.median, figure.min, figure.max);
}

static void print_json_race(const struct bench_race *race)
{
    (void) printf("{\"case\":\"%s\",\"size\":%zu,\"urls\":%zu", race->name,
                  bench_sizes[race->size].body_size, bench_sizes[race->size].item_count);
    for (size_t i = 0; i < BENCH_LANE_COUNT; i++) {
        const enum bench_lane_index lane = (enum bench_lane_index) i;
        if (has_lane(race, lane))
            print_json_figure(bench_lane_name(lane), bench_race_us(race, lane));
    }
    for (size_t i = 0; i < CT_COUNT_OF(ratios); i++) {
        if (has_ratio(race, i))
            print_json_figure(ratios[i].name, ratio(race, i));
    }
    (void) printf("}");
}

static void print_json(const struct bench_race *races, size_t race_count)
{
    (void) printf("\n{\"bench\":\"hit\",\"cachet\":\"%s\",\"libcurl\":\"%s\",\"sqlite\":\"%s\","
                  "\"openssl\":\"%s\",\"unit\":\"us\",\"figures\":\"median,min,max\","
                  "\"rounds\":%u,\"stolen\":%.3f,\"results\":[",
                  cachet_version(), curl_version_info(CURLVERSION_NOW)->version,
                  sqlite3_libversion(), OpenSSL_version(OPENSSL_VERSION_STRING), BENCH_ROUNDS,
                  bench_races_stolen(races, race_count));
    for (size_t i = 0; i < race_count; i++) {
        (void) printf("%s", i == 0 ? "" : ",");
        print_json_race(&races[i]);
    }
    (void) printf("]}\n");
}

void bench_report(const struct bench_race *races, size_t race_count)
{
    print_times(races, race_count);
    print_ratios(races, race_count);
    (void) printf("\nother programs had the core for %.1f %% of the floor's time\n",
                  100 * bench_races_stolen(races, race_count));
    print_json(races, race_count);
}
