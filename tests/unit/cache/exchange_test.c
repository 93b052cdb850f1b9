/* SPDX-License-Identifier: MIT */
/* A whole miss, hit and 304 through the public exchange, without any network. */
#include "talk.h"

#define URL "http://example.org/items"

static struct talk talk;

static const struct talk_answer fresh_answer = {
    .status = 200,
    .fields = {{"Date", HTTP_DATE},
               {"Cache-Control", "max-age=60"},
               {"ETag", "\"one\""},
               {"Link", "</a>"},
               {"Link", "</b>"},
               {"Connection", "X-Hop"},
               {"X-Hop", "1"},
               {"Content-Length", "5"}},
    .body = "hello",
    .body_size = 5,
};

static const struct talk_answer not_modified = {
    .status = 304,
    .fields = {{"Date", "Fri, 15 Jan 2027 08:01:40 GMT"},
               {"Cache-Control", "max-age=120"},
               {"ETag", "\"one\""}},
};

static void test_miss_hit_304(void)
{
    CHECK(talk_get(&talk, URL, TALK_START_MS, &fresh_answer) == CACHET_OK &&
              talk.verdict == CACHET_FETCH && !talk.is_hit && talk_has_body(&talk, "hello"),
          "a first request is fetched: %s", talk.err.message);
    CHECK(strstr(talk.fields, "Cache-Status: cachet; fwd=uri-miss") != NULL &&
              strstr(talk.fields, "stored") != NULL,
          "its Cache-Status says miss and stored: %s", talk_cache_status(&talk));
    CHECK(strlen(talk.key) == 64, "it has a key");

    CHECK(talk_get(&talk, URL, TALK_START_MS + 10000, NULL) == CACHET_OK && talk.is_hit &&
              talk.status == 200 && talk_has_body(&talk, "hello"),
          "ten seconds later it is served without the origin: %s", talk.err.message);
    CHECK(strstr(talk.fields, "Age: 10\n") != NULL, "with an Age");
    CHECK(strstr(talk.fields, "cachet; hit; ttl=50") != NULL,
          "and a Cache-Status with its ttl");
    CHECK(strstr(talk.fields, "Link: </a>\nLink: </b>\n") != NULL, "duplicate fields in order");
    CHECK(strstr(talk.fields, "X-Hop") == NULL, "without hop-by-hop fields");
    CHECK(talk.expires_at_ms == TALK_START_MS + 60000, "it expires 60 s after it came");

    CHECK(talk_get(&talk, URL, TALK_START_MS + 100000, &not_modified) == CACHET_OK &&
              talk.verdict == CACHET_REVALIDATE && talk.is_hit && talk.status == 200 &&
              talk_has_body(&talk, "hello"),
          "after its lifetime it is revalidated and served: %s", talk.err.message);
    CHECK(strcmp(talk.conditions, "If-None-Match: \"one\"\n") == 0, "by its ETag: %s",
          talk.conditions);
    CHECK(strstr(talk.fields, "max-age=120") != NULL, "with the updated fields");
    CHECK(strstr(talk.fields, "fwd=stale; fwd-status=304") != NULL, "Cache-Status says so: %s",
          talk_cache_status(&talk));
    CHECK(talk_get(&talk, URL, TALK_START_MS + 200000, NULL) == CACHET_OK && talk.is_hit,
          "and it is fresh again for its new lifetime");
    CHECK(talk_get(&talk, URL, TALK_START_MS + 221000, NULL) == CACHET_E_TRANSFER,
          "but no longer");
}

static void test_304_that_confirms_nothing(void)
{
    const struct talk_answer again = {
        .status = 200,
        .fields = {{"Date", HTTP_DATE}, {"Cache-Control", "max-age=60"}},
        .body = "new",
        .body_size = 3};
    const struct talk_answer other = {
        .status = 304, .fields = {{"ETag", "\"other\""}}, .next = &again};

    CHECK(talk_get(&talk, URL, TALK_START_MS + 1000000, &other) == CACHET_OK &&
              talk_has_body(&talk, "new") && talk.conditions[0] == '\0',
          "a 304 with another ETag leads to an unconditional request: %s", talk.err.message);
}

static void test_vary(void)
{
    const struct talk_answer json = {
        .status = 200,
        .fields = {{"Date", HTTP_DATE}, {"Cache-Control", "max-age=60"}, {"Vary", "Accept"}},
        .body = "{}",
        .body_size = 2};
    struct talk_answer text = json;
    const cachet_field accept_json = cachet_field_of("Accept", "application/json");
    const cachet_field accept_text = cachet_field_of("accept", " text/plain ");
    cachet_request request = CACHET_REQUEST_INIT;

    text.body = "text";
    text.body_size = 4;
    request.url = "http://example.org/vary";
    request.field_count = 1;
    request.fields = &accept_json;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, &json, 100) == CACHET_OK,
          "one variant stored");
    request.fields = &accept_text;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, &text, 100) == CACHET_OK &&
              strstr(talk.fields, "fwd=vary-miss") != NULL,
          "another Accept is another variant: %s", talk_cache_status(&talk));
    CHECK(talk_ask(&talk, &request, TALK_START_MS + 1, NULL, 100) == CACHET_OK &&
              talk_has_body(&talk, "text"),
          "the second is served to its own");
    request.fields = &accept_json;
    CHECK(talk_ask(&talk, &request, TALK_START_MS + 1, NULL, 100) == CACHET_OK &&
              talk_has_body(&talk, "{}"),
          "and the first to its own");
}

static void test_credentials(void)
{
    const struct talk_answer secret = {
        .status = 200,
        .fields = {{"Date", HTTP_DATE}, {"Cache-Control", "max-age=60"}},
        .body = "for alice",
        .body_size = 9};
    const cachet_field alice = cachet_field_of("Authorization", "Bearer alice");
    const cachet_field bob = cachet_field_of("Authorization", "Bearer bob");
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = "http://example.org/mine";
    request.field_count = 1;
    request.fields = &alice;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, &secret, 100) == CACHET_OK, "alice fetches");
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_OK &&
              talk_has_body(&talk, "for alice"),
          "alice is served");
    request.fields = &bob;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_E_TRANSFER,
          "bob is not served what alice got (DESIGN 9.7)");
    request.field_count = 0;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_E_TRANSFER,
          "nor is somebody without a credential");
    request.url = "http://alice:secret@example.org/userinfo";
    CHECK(talk_ask(&talk, &request, TALK_START_MS, &secret, 100) == CACHET_OK &&
              strstr(talk.conditions, "Authorization: Basic YWxpY2U6c2VjcmV0") != NULL,
          "userinfo becomes Authorization: %s", talk.conditions);
    request.url = "http://bob:secret@example.org/userinfo";
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_E_TRANSFER,
          "and is a credential");
    request.url = "http://example.org/public";
    CHECK(talk_ask(&talk, &request, TALK_START_MS, &secret, 100) == CACHET_OK,
          "anybody fetches");
    request.fields = &bob;
    request.field_count = 1;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_OK && talk.is_hit,
          "what came without a credential may serve anyone");
}

static void test_trust_and_namespace(void)
{
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = "http://example.org/trust";
    CHECK(talk_ask(&talk, &request, TALK_START_MS, &fresh_answer, 100) == CACHET_OK, "stored");
    request.trust = cachet_bytes_of("insecure");
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_E_TRANSFER,
          "other terms of trust are another entry");
}

static void test_not_stored(void)
{
    static const struct {
        const char *name, *field, *value;
        int status;
    } rows[] = {
        {"no-store", "Cache-Control", "no-store, max-age=60", 200},
        {"neither lifetime nor validator", "Server", "x", 200},
        {"a part", "Cache-Control", "max-age=60", 206},
        {"Vary: *", "Vary", "*", 200},
    };
    struct talk_answer answer = {.body = "x", .body_size = 1};
    char url[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        answer.status = rows[i].status;
        answer.fields[0][0] = rows[i].field;
        answer.fields[0][1] = rows[i].value;
        answer.fields[1][0] = i == 3 ? "Cache-Control" : NULL;
        answer.fields[1][1] = "max-age=60";
        (void) snprintf(url, sizeof url, "http://example.org/not-stored/%zu", i);
        CHECK(talk_get(&talk, url, TALK_START_MS, &answer) == CACHET_OK &&
                  strstr(talk.fields, "stored") == NULL &&
                  talk_get(&talk, url, TALK_START_MS, NULL) == CACHET_E_TRANSFER,
              "not stored: %s", rows[i].name);
    }
}

static void test_broken_transfers(void)
{
    struct talk_answer answer = fresh_answer;

    answer.body_size = 4;
    CHECK(talk_get(&talk, "http://example.org/short", TALK_START_MS, &answer) ==
              CACHET_E_TRANSFER,
          "a body shorter than its Content-Length fails: %s", talk.err.message);
    CHECK(talk_get(&talk, "http://example.org/short", TALK_START_MS, NULL) ==
                  CACHET_E_TRANSFER &&
              talk.verdict == CACHET_FETCH,
          "and is not stored");
    answer.status = 42;
    CHECK(talk_get(&talk, "http://example.org/status", TALK_START_MS, &answer) ==
              CACHET_E_PROTOCOL,
          "a status that is none is refused: %s", talk.err.message);
    answer = fresh_answer;
    answer.fields[3][1] = "a\nb";
    CHECK(talk_get(&talk, "http://example.org/field", TALK_START_MS, &answer) ==
              CACHET_E_PROTOCOL,
          "so is a field with a line break: %s", talk.err.message);
}

static void test_flags(void)
{
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = "http://example.org/flags";
    request.flags = CACHET_ONLY_IF_CACHED;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_E_NOT_CACHED,
          "only-if-cached and not cached: %s", talk.err.message);
    request.flags = 0;
    (void) talk_ask(&talk, &request, TALK_START_MS, &fresh_answer, 100);
    request.flags = CACHET_ONLY_IF_CACHED;
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_OK && talk.is_hit,
          "only-if-cached and cached");
    request.flags = CACHET_REFRESH;
    (void) talk_ask(&talk, &request, TALK_START_MS, NULL, 100);
    CHECK(talk.verdict == CACHET_REVALIDATE, "refresh revalidates what is fresh");
    request.flags = CACHET_FORCE_REFRESH;
    (void) talk_ask(&talk, &request, TALK_START_MS, NULL, 100);
    CHECK(talk.verdict == CACHET_FETCH, "force-refresh does not look");
}

static void test_bad_requests(void)
{
    const cachet_field bad = cachet_field_of("X-A", "1\r\nX-B: 2");
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = "ftp://example.org/";
    CHECK(talk_ask(&talk, &request, 0, NULL, 1) == CACHET_E_USAGE, "a scheme: %s",
          talk.err.message);
    request.url = URL;
    request.method = "GE T";
    CHECK(talk_ask(&talk, &request, 0, NULL, 1) == CACHET_E_USAGE, "a method: %s",
          talk.err.message);
    request.method = NULL;
    request.fields = &bad;
    request.field_count = 1;
    CHECK(talk_ask(&talk, &request, 0, NULL, 1) == CACHET_E_USAGE, "a field: %s",
          talk.err.message);
}

static void test_unsafe_method_invalidates(void)
{
    cachet_request request = CACHET_REQUEST_INIT;
    const struct talk_answer done = {.status = 204};

    request.url = "http://example.org/changed";
    (void) talk_ask(&talk, &request, TALK_START_MS, &fresh_answer, 100);
    request.method = "DELETE";
    CHECK(talk_ask(&talk, &request, TALK_START_MS, &done, 100) == CACHET_OK,
          "DELETE passes by");
    request.method = "GET";
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_E_TRANSFER,
          "what it made wrong is gone (RFC 9111 4.4)");
}

static void test_head_request(void)
{
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = "http://example.org/head";
    (void) talk_ask(&talk, &request, TALK_START_MS, &fresh_answer, 100);
    request.method = "HEAD";
    CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 100) == CACHET_OK && talk.is_hit &&
              talk.body_size == 0 && strstr(talk.fields, "Content-Length: 5") != NULL,
          "a stored GET answers HEAD, without its body");
}

/* SEAL 4 (3): a year back, what is stored comes from the future; it must not stand in the way.
 */
static void test_clock_set_back(void)
{
    const int64_t year_ms = INT64_C(365) * 86400 * 1000, back_ms = TALK_START_MS - year_ms;
    struct talk_answer answer = fresh_answer;

    answer.fields[0][1] = "Thu, 15 Jan 2026 08:00:00 GMT";
    answer.fields[2][0] = "Server"; /* no ETag: nothing to revalidate by */
    (void) talk_get(&talk, "http://example.org/clock", TALK_START_MS, &answer);
    answer.body = "again";
    CHECK(talk_get(&talk, "http://example.org/clock", back_ms, &answer) == CACHET_OK &&
              talk_has_body(&talk, "again"),
          "what claims to come from the future is not served: %s", talk_cache_status(&talk));
    CHECK(talk_get(&talk, "http://example.org/clock", back_ms + 1000, NULL) == CACHET_OK &&
              talk_has_body(&talk, "again"),
          "and is replaced: %s", talk_cache_status(&talk));
}

static void test_large_body(void)
{
    static unsigned char body[300000];
    struct talk_answer answer = {
        .status = 200,
        .fields = {{"Date", HTTP_DATE}, {"Cache-Control", "max-age=9"}},
        .body = body};
    static const size_t sizes[] = {0,     1,     16384,  16385,      65535,
                                   65536, 65537, 131072, 131072 + 1, 300000};
    cachet_request request = CACHET_REQUEST_INIT;
    char url[64];

    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (unsigned char) (i * 31 + (i >> 8));
    request.url = url;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        answer.body_size = sizes[i];
        (void) snprintf(url, sizeof url, "http://example.org/size/%zu", sizes[i]);
        (void) talk_ask(&talk, &request, TALK_START_MS, &answer, 100);
        CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, TALK_BODY_MAX) == CACHET_OK &&
                  talk.body_size == sizes[i] && memcmp(talk.body, body, sizes[i]) == 0,
              "%zu bytes come back whole: %s", sizes[i], talk.err.message);
        CHECK(talk_ask(&talk, &request, TALK_START_MS, NULL, 777) == CACHET_OK &&
                  talk.body_size == sizes[i] && memcmp(talk.body, body, sizes[i]) == 0,
              "%zu bytes come back in pieces", sizes[i]);
    }
}

static void test_counts(void)
{
    cachet_stats_counts stats = CACHET_STATS_INIT;

    cachet_cache_stats(talk.cache, &stats);
    CHECK(stats.hit > 10 && stats.miss > 10 && stats.stored > 5 && stats.revalidated == 1 &&
              stats.tampered == 0 && stats.bypassed == 0,
          "the counters counted: %llu hits, %llu misses", (unsigned long long) stats.hit,
          (unsigned long long) stats.miss);
}

int main(void)
{
    scratch_begin();
    CHECK(talk_open_with(&talk, "cache.sqlite", 0) == CACHET_OK, "a cache opens: %s",
          talk.err.message);
    if (talk.cache == NULL)
        return tap_done();
    test_miss_hit_304();
    test_304_that_confirms_nothing();
    test_vary();
    test_credentials();
    test_trust_and_namespace();
    test_not_stored();
    test_broken_transfers();
    test_flags();
    test_bad_requests();
    test_unsafe_method_invalidates();
    test_head_request();
    test_clock_set_back();
    test_large_body();
    test_counts();
    talk_close(&talk);
    return tap_done();
}
