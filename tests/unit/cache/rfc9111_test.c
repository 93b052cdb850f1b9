/* SPDX-License-Identifier: MIT */
/* What an exchange makes of the policy: conditions, parts, errors, HEAD, POST, invalidation. */
#include "talk.h"

static struct talk talk;

static const struct talk_answer fresh_answer = {
    .status = 200,
    .fields = {{"Date", HTTP_DATE},
               {"Cache-Control", "max-age=60"},
               {"ETag", "\"one\""},
               {"Content-Type", "text/plain"},
               {"Content-Length", "10"}},
    .body = "0123456789",
    .body_size = 10,
};

static cachet_status ask_with(const char *url, const char *name, const char *value,
                              int64_t now_ms, const struct talk_answer *answers)
{
    const cachet_field field = cachet_field_of(name, value);
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = url;
    request.fields = &field;
    request.field_count = 1;
    return talk_ask(&talk, &request, now_ms, answers, 4);
}

/* RFC 9111 4.3.2 */
static void test_own_conditions(void)
{
    const char *const url = "http://example.org/conditions";
    const struct talk_answer changed = {.status = 200,
                                        .fields = {{"Cache-Control", "max-age=60"}},
                                        .body = "new",
                                        .body_size = 3};

    (void) talk_get(&talk, url, TALK_START_MS, &fresh_answer);
    CHECK(ask_with(url, "If-None-Match", "\"zero\", W/\"one\"", TALK_START_MS, NULL) ==
                  CACHET_OK &&
              talk.status == 304 && talk.body_size == 0 &&
              strstr(talk.fields, "ETag: \"one\"") != NULL &&
              strstr(talk.fields, "Content-Length") == NULL,
          "a fresh entry answers its own ETag with a 304: %s", talk_cache_status(&talk));
    CHECK(ask_with(url, "If-None-Match", "\"two\"", TALK_START_MS, NULL) == CACHET_OK &&
              talk.status == 200 && talk_has_body(&talk, "0123456789"),
          "and another one with itself");
    CHECK(ask_with(url, "If-None-Match", "\"one\"", TALK_START_MS + 61000, &changed) ==
                  CACHET_OK &&
              talk.conditions[0] == '\0' && talk_has_body(&talk, "new"),
          "stale, the request goes on with its own condition alone");
    CHECK(ask_with(url, "If-Match", "\"one\"", TALK_START_MS + 61000, NULL) ==
              CACHET_E_TRANSFER,
          "If-Match is the origin's to answer");
}

/* RFC 9110 14.2 */
static void test_parts(void)
{
    const char *const url = "http://example.org/parts";

    (void) talk_get(&talk, url, TALK_START_MS, &fresh_answer);
    CHECK(ask_with(url, "Range", "bytes=2-4", TALK_START_MS, NULL) == CACHET_OK &&
              talk.status == 206 && talk_has_body(&talk, "234") &&
              strstr(talk.fields, "Content-Range: bytes 2-4/10\n") != NULL &&
              strstr(talk.fields, "Content-Length: 3\n") != NULL &&
              strstr(talk.fields, "Content-Length: 10\n") == NULL,
          "a part of what is stored whole");
    CHECK(ask_with(url, "Range", "bytes=-3", TALK_START_MS, NULL) == CACHET_OK &&
              talk.status == 206 && talk_has_body(&talk, "789"),
          "its end");
    CHECK(ask_with(url, "Range", "bytes=8-", TALK_START_MS, NULL) == CACHET_OK &&
              talk.status == 206 && talk_has_body(&talk, "89"),
          "from somewhere to the end");
    CHECK(ask_with(url, "Range", "pages=1-2", TALK_START_MS, NULL) == CACHET_OK &&
              talk.status == 200 && talk_has_body(&talk, "0123456789"),
          "a unit nobody knows is passed over");
    CHECK(ask_with(url, "Range", "bytes=0-1,4-5", TALK_START_MS, NULL) == CACHET_E_TRANSFER,
          "several parts are the origin's to answer");
    CHECK(ask_with(url, "Range", "bytes=10-", TALK_START_MS, NULL) == CACHET_E_TRANSFER,
          "and one that is not there");
}

static void test_parts_of_chunks(void)
{
    static unsigned char body[200000];
    static const struct {
        size_t first, last;
    } rows[] = {{0, 0},           {65535, 65536},   {65536, 131071}, {1, 199999},
                {199999, 199999}, {131072, 199999}, {100, 70000}};
    const struct talk_answer answer = {.status = 200,
                                       .fields = {{"Cache-Control", "max-age=60"}},
                                       .body = body,
                                       .body_size = sizeof body};
    char range[64];

    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (unsigned char) (i * 13 + (i >> 8));
    (void) talk_get(&talk, "http://example.org/chunks", TALK_START_MS, &answer);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t size = rows[i].last - rows[i].first + 1;
        (void) snprintf(range, sizeof range, "bytes=%zu-%zu", rows[i].first, rows[i].last);
        CHECK(ask_with("http://example.org/chunks", "Range", range, TALK_START_MS, NULL) ==
                      CACHET_OK &&
                  talk.status == 206 && talk.body_size == size &&
                  memcmp(talk.body, body + rows[i].first, size) == 0,
              "%s of 200000 in chunks", range);
    }
}

/* RFC 9111 4.2.4, RFC 5861 4 */
static void test_errors(void)
{
    const struct talk_answer broken = {.status = 503, .fields = {{"Retry-After", "1"}}};
    struct talk_answer answer = fresh_answer;
    cachet_exchange *exchange = NULL;
    cachet_request request = CACHET_REQUEST_INIT;
    size_t size = 0;
    char body[16];

    answer.fields[1][1] = "max-age=60, stale-if-error=100";
    (void) talk_get(&talk, "http://example.org/errors", TALK_START_MS, &answer);
    CHECK(talk_get(&talk, "http://example.org/errors", TALK_START_MS + 100000, &broken) ==
                  CACHET_OK &&
              talk.status == 200 && talk_has_body(&talk, "0123456789") &&
              strstr(talk_cache_status(&talk), "fwd=stale; fwd-status=503") != NULL,
          "what is stale in place of a 503: %s", talk_cache_status(&talk));
    CHECK(talk_get(&talk, "http://example.org/errors", TALK_START_MS + 161000, &broken) ==
                  CACHET_OK &&
              talk.status == 503,
          "but not for longer than it says");
    request.url = "http://example.org/errors";
    CHECK(cachet_exchange_begin(talk.cache, &request, TALK_START_MS + 100000, &exchange,
                                &talk.err) == CACHET_OK &&
              cachet_exchange_unreachable(exchange, TALK_START_MS + 100000, &talk.err) ==
                  CACHET_OK &&
              cachet_exchange_verdict(exchange) == CACHET_SERVE &&
              cachet_exchange_read(exchange, body, sizeof body, &size, &talk.err) ==
                  CACHET_OK &&
              size == 10,
          "and in place of no answer: %s", talk.err.message);
    cachet_exchange_free(exchange);
    answer.fields[1][1] = "max-age=60, must-revalidate";
    (void) talk_get(&talk, "http://example.org/must", TALK_START_MS, &answer);
    request.url = "http://example.org/must";
    exchange = NULL;
    CHECK(cachet_exchange_begin(talk.cache, &request, TALK_START_MS + 100000, &exchange,
                                &talk.err) == CACHET_OK &&
              cachet_exchange_unreachable(exchange, TALK_START_MS + 100000, &talk.err) ==
                  CACHET_E_NOT_CACHED,
          "must-revalidate is never overridden (invariant 6): %s", talk.err.message);
    cachet_exchange_free(exchange);
}

/* RFC 9111 4.3.5 */
static void test_head(void)
{
    struct talk_answer head = {.status = 200,
                               .fields = {{"Date", "Fri, 15 Jan 2027 08:02:00 GMT"},
                                          {"Cache-Control", "max-age=90"},
                                          {"ETag", "\"one\""},
                                          {"Content-Length", "10"}}};
    cachet_request request = CACHET_REQUEST_INIT;

    (void) talk_get(&talk, "http://example.org/head", TALK_START_MS, &fresh_answer);
    request.url = "http://example.org/head";
    request.method = "HEAD";
    (void) talk_ask(&talk, &request, TALK_START_MS + 120000, &head, 10);
    CHECK(talk_get(&talk, "http://example.org/head", TALK_START_MS + 150000, NULL) ==
                  CACHET_OK &&
              talk_has_body(&talk, "0123456789"),
          "a HEAD that agrees makes the stored GET fresh again");
    head.fields[3][1] = "11";
    (void) talk_ask(&talk, &request, TALK_START_MS + 300000, &head, 10);
    (void) talk_get(&talk, "http://example.org/head", TALK_START_MS + 300000, NULL);
    CHECK(talk.verdict == CACHET_FETCH, "one that does not makes an end of it");
}

/* RFC 9111 4.4 */
static void test_invalidation_targets(void)
{
    static const char *const fields[] = {"Location", "Content-Location"};
    struct talk_answer done = {.status = 201, .fields = {{"", "/made"}}};
    cachet_request request = CACHET_REQUEST_INIT;

    for (size_t i = 0; i < 2; i++) {
        (void) talk_get(&talk, "http://example.org/made", TALK_START_MS, &fresh_answer);
        request.url = "http://example.org/maker";
        request.method = "POST";
        done.fields[0][0] = fields[i];
        (void) talk_ask(&talk, &request, TALK_START_MS, &done, 10);
        CHECK(talk_get(&talk, "http://example.org/made", TALK_START_MS, NULL) ==
                  CACHET_E_TRANSFER,
              "what %s names is gone", fields[i]);
    }
    (void) talk_get(&talk, "http://example.com/made", TALK_START_MS, &fresh_answer);
    done.fields[0][1] = "http://example.com/made";
    (void) talk_ask(&talk, &request, TALK_START_MS, &done, 10);
    CHECK(talk_get(&talk, "http://example.com/made", TALK_START_MS, NULL) == CACHET_OK,
          "not so at another origin");
}

/* RFC 9110 9.3.3 */
static void test_post_for_get(void)
{
    const struct talk_answer answer = {.status = 200,
                                       .fields = {{"Date", HTTP_DATE},
                                                  {"Cache-Control", "max-age=60"},
                                                  {"Content-Location", "/posted"}},
                                       .body = "as a GET would",
                                       .body_size = 14};
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = "http://example.org/posted";
    request.method = "POST";
    request.body = "x=1";
    request.body_size = 3;
    (void) talk_ask(&talk, &request, TALK_START_MS, &answer, 10);
    CHECK(talk_get(&talk, "http://example.org/posted", TALK_START_MS, NULL) == CACHET_OK &&
              talk_has_body(&talk, "as a GET would"),
          "an answer to a POST that says so is stored for GET: %s", talk_cache_status(&talk));
}

/* RFC 10008 2.7 */
static void test_query(void)
{
    const cachet_field json = cachet_field_of("Content-Type", "application/json");
    const cachet_field text = cachet_field_of("Content-Type", "text/plain");
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = "http://example.org/query";
    request.method = "QUERY";
    request.fields = &json;
    request.field_count = 1;
    request.body = "{}";
    request.body_size = 2;
    (void) talk_ask(&talk, &request, TALK_START_MS, &fresh_answer, 10);
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 10) == CACHET_OK && talk.is_hit,
          "an answer to a QUERY is stored: %s", talk_cache_status(&talk));
    request.body = "[]";
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 10) == CACHET_E_TRANSFER,
          "for its own content");
    request.body = "{}";
    request.fields = &text;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 10) == CACHET_E_TRANSFER,
          "of its own type");
    CHECK(talk_get(&talk, "http://example.org/query", TALK_START_MS, NULL) == CACHET_E_TRANSFER,
          "and not for GET");
}

/* RFC 9111 5.2.1.2 */
static void test_max_stale(void)
{
    (void) talk_get(&talk, "http://example.org/stale", TALK_START_MS, &fresh_answer);
    CHECK(ask_with("http://example.org/stale", "Cache-Control", "max-stale=100",
                   TALK_START_MS + 100000, NULL) == CACHET_OK &&
              strcmp(talk.last_reason, "fresh") != 0 &&
              strstr(talk_cache_status(&talk), "hit; ttl=-40") != NULL,
          "what is stale serves who asks for it, and is not called fresh: %s, %s",
          talk.last_reason, talk_cache_status(&talk));
}

/* CACHET_ONLY_IF_CACHED holds for what the cache cannot answer at all. */
static void test_only_if_cached(void)
{
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = "http://example.org/only";
    request.method = "POST";
    request.flags = CACHET_ONLY_IF_CACHED;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 10) == CACHET_E_NOT_CACHED,
          "nothing leaves, whatever the method: %s", talk.err.message);
}

/* RFC 9111 3.5, 5.2.2.7, 5.2.2.10 */
static void test_shared_role(void)
{
    static struct talk shared;
    struct talk_answer answer = fresh_answer;
    const cachet_field alice = cachet_field_of("Authorization", "Bearer alice");
    cachet_request request = CACHET_REQUEST_INIT;

    CHECK(talk_open_with(&shared, "shared.sqlite", CACHET_SHARED) == CACHET_OK,
          "a shared cache: %s", shared.err.message);
    request.url = "http://example.org/shared";
    request.fields = &alice;
    request.field_count = 1;
    (void) talk_ask(&shared, &request, TALK_START_MS, &answer, 10);
    CHECK(talk_ask(&shared, &request, TALK_START_MS, NULL, 10) == CACHET_E_TRANSFER,
          "does not store for Authorization");
    answer.fields[1][1] = "max-age=60, public";
    (void) talk_ask(&shared, &request, TALK_START_MS, &answer, 10);
    request.field_count = 0;
    CHECK(talk_ask(&shared, &request, TALK_START_MS, NULL, 10) == CACHET_OK,
          "but what is public serves everybody: %s", talk_cache_status(&shared));
    answer.fields[1][1] = "max-age=60, private";
    request.url = "http://example.org/private";
    (void) talk_ask(&shared, &request, TALK_START_MS, &answer, 10);
    CHECK(talk_ask(&shared, &request, TALK_START_MS, NULL, 10) == CACHET_E_TRANSFER,
          "what is private it does not store");
    talk_close(&shared);
}

int main(void)
{
    scratch_begin();
    CHECK(talk_open_with(&talk, "cache.sqlite", 0) == CACHET_OK, "a cache opens: %s",
          talk.err.message);
    if (talk.cache == NULL)
        return tap_done();
    test_own_conditions();
    test_parts();
    test_parts_of_chunks();
    test_errors();
    test_head();
    test_invalidation_targets();
    test_post_for_get();
    test_query();
    test_max_stale();
    test_only_if_cached();
    test_shared_role();
    talk_close(&talk);
    return tap_done();
}
