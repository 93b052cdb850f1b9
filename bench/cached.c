/* SPDX-License-Identifier: MIT */
#include "cached.h"

#include <sys/stat.h>

static void response_freep(cachet_response **response)
{
    cachet_response_free(*response);
}

static cachet_status open_keyring(struct bench_cached *cached, const char *directory,
                                  cachet_error *err)
{
    char spec[BENCH_PATH_MAX];
    TRY(bench_format(spec, sizeof(spec), err, "file:%s/keyring", directory));
    TRY(cachet_keyring_create(spec, err));
    return cachet_keyring_open(&cached->keyring, spec, err);
}

/* One request, whose answer must be a hit or must be none. */
static cachet_status fetch(struct bench_cached *cached, const char *url,
                           const struct bench_item *item, bool is_compared, bool is_hit,
                           cachet_error *err)
{
    cachet_request request = CACHET_REQUEST_INIT;
    CLEANUP(response_freep) cachet_response *response = NULL;
    request.url = url;
    request.body_mode = CACHET_BODY_WHOLE;
    TRY(cachet_fetch(cached->session, &request, &response, err));
    if (cachet_response_status(response) != 200 ||
        (cachet_response_is_hit(response) != 0) != is_hit)
        return bench_err_set(err, CACHET_E_PROTOCOL, "%s: not the %s with status 200 it is",
                             url, is_hit ? "hit" : "miss");
    const cachet_bytes body = {cachet_response_body(response),
                               (size_t) cachet_response_size(response)};
    return bench_item_check(item, body, is_compared, err);
}

static cachet_status store_every_item(struct bench_cached *cached, cachet_error *err)
{
    for (size_t i = 0; i < BENCH_ITEM_COUNT; i++) {
        const struct bench_item *item = bench_item(i);
        cached->miss_count++;
        TRY(fetch(cached, item->url, item, true, false, err));
    }
    return CACHET_OK;
}

cachet_status bench_cached_open(struct bench_cached *cached, const char *directory,
                                bool is_sealed, cachet_error *err)
{
    char spec[BENCH_PATH_MAX];
    cachet_options options = CACHET_OPTIONS_INIT;
    if (mkdir(directory, 0700) != 0)
        return bench_err_set_errno(err, "cannot make", directory);
    if (is_sealed)
        TRY(open_keyring(cached, directory, err));
    else
        options.flags |= CACHET_UNSEALED;
    options.keyring = cached->keyring;
    TRY(bench_format(spec, sizeof(spec), err, "%s/http.sqlite", directory));
    TRY(cachet_open(&cached->session, spec, &options, err));
    return store_every_item(cached, err);
}

void bench_cached_close(struct bench_cached *cached)
{
    cachet_close(cached->session);
    cachet_keyring_free(cached->keyring);
    *cached = (struct bench_cached){0};
}

cachet_status bench_cached_hit(void *context, const struct bench_item *item, bool is_compared,
                               cachet_error *err)
{
    struct bench_cached *cached = context;
    cached->hit_count++;
    return fetch(cached, item->url, item, is_compared, true, err);
}

cachet_status bench_cached_miss(void *context, const struct bench_item *item, bool is_compared,
                                cachet_error *err)
{
    struct bench_cached *cached = context;
    char url[BENCH_URL_MAX];
    TRY(bench_format(url, sizeof(url), err, "%s?miss=%llu", item->url, cached->miss_count));
    cached->miss_count++;
    return fetch(cached, url, item, is_compared, false, err);
}

cachet_status bench_cached_check(const struct bench_cached *cached, cachet_error *err)
{
    cachet_stats_counts counts = CACHET_STATS_INIT;
    cachet_stats(cached->session, &counts);
    if (counts.hit != cached->hit_count || counts.stored != cached->miss_count)
        return bench_err_set(err, CACHET_E_STORE,
                             "%llu hits and %llu stored entries counted, %llu and %llu made",
                             (unsigned long long) counts.hit,
                             (unsigned long long) counts.stored, cached->hit_count,
                             cached->miss_count);
    return CACHET_OK;
}
