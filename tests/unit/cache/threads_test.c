/* SPDX-License-Identifier: MIT */
/* One cache, many threads: misses, hits, 304s and removals of the same few URLs at once. */
#include <cachet/inspect.h>

#include <pthread.h>

#include "talk.h"

#define THREADS 8
#define ROUNDS 150
#define URLS 6
#define LARGE_SIZE 70000u

static cachet_cache *cache;

struct worker {
    pthread_t id;
    struct talk *talk;
    unsigned seed;
    unsigned wrong;
    unsigned hits;
};

/* The body of a URL is its number, over and over: bytes of another entry would show. */
static struct talk_answer answer_of(unsigned url, char *body)
{
    const size_t size = url % 2 == 0 ? 100 : LARGE_SIZE;

    memset(body, (int) ('a' + url), size);
    return (struct talk_answer){
        .status = 200,
        .fields = {{"Cache-Control", "max-age=60"}, {"ETag", "\"one\""}},
        .body = body,
        .body_size = size};
}

static int is_whole(const struct talk *talk, unsigned url)
{
    const size_t size = url % 2 == 0 ? 100 : LARGE_SIZE;

    for (size_t i = 0; i < talk->body_size; i++)
        if (talk->body[i] != (unsigned char) ('a' + url))
            return 0;
    return talk->body_size == size;
}

static int ask_once(struct worker *worker, unsigned url, char *body)
{
    const struct talk_answer fresh = answer_of(url, body);
    const struct talk_answer same = {.status = 304, .fields = {{"ETag", "\"one\""}}};
    cachet_request request = CACHET_REQUEST_INIT;
    char text[64];

    (void) snprintf(text, sizeof text, "http://example.org/%u", url);
    request.url = text;
    request.flags = worker->seed % 5 == 0 ? CACHET_REFRESH : 0;
    /* A REVALIDATE is confirmed, a FETCH is answered; a 304 to a FETCH would be passed on. */
    struct talk_answer first = fresh;
    cachet_exchange *exchange = NULL;
    if (cachet_exchange_begin(cache, &request, TALK_START_MS, &exchange, NULL) != CACHET_OK)
        return 0;
    if (cachet_exchange_verdict(exchange) == CACHET_REVALIDATE)
        first = same;
    first.next = &fresh;
    cachet_exchange_free(exchange);
    worker->talk->cache = cache;
    const cachet_status status = talk_ask(worker->talk, &request, TALK_START_MS, &first, 5000);
    worker->hits += status == CACHET_OK && worker->talk->is_hit;
    /* Between the two looks another thread may have changed what is stored. */
    return status == CACHET_OK && (worker->talk->status == 304 || is_whole(worker->talk, url));
}

static void remove_once(unsigned url)
{
    cachet_filter filter = CACHET_FILTER_INIT;
    char text[64];
    size_t count = 0;

    (void) snprintf(text, sizeof text, "http://example.org/%u", url);
    filter.url = text;
    (void) !cachet_cache_remove(cache, &filter, TALK_START_MS, &count, NULL);
}

static void *work(void *context)
{
    struct worker *const worker = context;
    char *const body = malloc(LARGE_SIZE);

    for (int round = 0; round < ROUNDS; round++) {
        worker->seed = worker->seed * 1103515245u + 12345u;
        const unsigned url = worker->seed / 65536u % URLS;
        worker->wrong += !ask_once(worker, url, body);
        if (round % 40 == 39)
            remove_once(url);
    }
    free(body);
    return NULL;
}

/* Without an observer: the one of talk.h remembers for one thread only. */
static cachet_status open_quietly(cachet_error *err)
{
    cachet_options options = CACHET_OPTIONS_INIT;
    char spec[SCRATCH_PATH_MAX];

    (void) snprintf(spec, sizeof spec, "file:%s", scratch_path("keyring"));
    if (cachet_keyring_create(spec, err) != CACHET_OK ||
        cachet_keyring_open(&options.keyring, spec, err) != CACHET_OK)
        return err->status;
    const cachet_status status =
        cachet_cache_open(&cache, scratch_path("cache.sqlite"), &options, err);
    cachet_keyring_free(options.keyring);
    return status;
}

int main(void)
{
    cachet_error err = {CACHET_OK, ""};
    struct worker workers[THREADS];
    unsigned wrong = 0, hits = 0;

    scratch_begin();
    CHECK(open_quietly(&err) == CACHET_OK, "a cache opens: %s", err.message);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.seed = i + 1, .talk = calloc(1, sizeof(struct talk))};
        if (pthread_create(&workers[i].id, NULL, work, &workers[i]) != 0)
            return 1;
    }
    for (unsigned i = 0; i < THREADS; i++) {
        (void) pthread_join(workers[i].id, NULL);
        wrong += workers[i].wrong;
        hits += workers[i].hits;
        free(workers[i].talk);
    }
    CHECK(wrong == 0, "no thread got a wrong or failed answer (%u did)", wrong);
    CHECK(hits > 0, "%u of %d were hits", hits, THREADS * ROUNDS);
    cachet_stats_counts stats = CACHET_STATS_INIT;
    cachet_cache_stats(cache, &stats);
    CHECK(stats.tampered == 0, "nothing looked tampered");
    cachet_cache_close(cache);
    return tap_done();
}
