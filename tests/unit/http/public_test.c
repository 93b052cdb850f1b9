/* SPDX-License-Identifier: MIT */
/* cachet/policy.h, by what it alone does: selecting, asking after several, plain types. */
#include <cachet/policy.h>

#include "lines.h"
#include "tap.h"

#define NOW INT64_C(1700000000000)
#define VARIANTS_MAX 3u

static const struct {
    const char *method;
    const char *request;
    uint32_t flags;
    struct {
        const char *request;
        const char *response; /* received 10 s ago, the later ones later */
    } variants[VARIANTS_MAX];
    cachet_policy_action action;
    const char *reason;
    size_t variant;
    const char *conditions; /* the values, each behind a '|' */
} rows[] = {
    {"GET", "", 0, {{NULL, NULL}}, CACHET_DO_FETCH, "absent", SIZE_MAX, ""},
    {"GET",
     "",
     CACHET_ONLY_IF_CACHED,
     {{NULL, NULL}},
     CACHET_DO_REFUSE,
     "only-if-cached",
     SIZE_MAX,
     ""},
    {"GET", "", 0, {{"", "Cache-Control: max-age=60"}}, CACHET_DO_SERVE, "fresh", 0, ""},
    {"HEAD", "", 0, {{"", "Cache-Control: max-age=60"}}, CACHET_DO_SERVE, "fresh", 0, ""},
    {"QUERY", "", 0, {{"", "Cache-Control: max-age=60"}}, CACHET_DO_SERVE, "fresh", 0, ""},
    {"POST",
     "",
     0,
     {{"", "Cache-Control: max-age=60"}},
     CACHET_DO_FETCH,
     "method",
     SIZE_MAX,
     ""},
    {"GET",
     "",
     0,
     {{"", "Cache-Control: max-age=60"}, {"", "Cache-Control: max-age=60"}},
     CACHET_DO_SERVE,
     "fresh",
     1,
     ""},
    {"GET",
     "A: 1",
     0,
     {{"A: 1", "Vary: a\nCache-Control: max-age=60"},
      {"A: 2", "Vary: A\nCache-Control: max-age=60"}},
     CACHET_DO_SERVE,
     "fresh",
     0,
     ""},
    {"GET",
     "A: 3",
     0,
     {{"A: 1", "Vary: a\nETag: \"1\""}, {"A: 2", "Vary: A\nETag: W/\"2\""}, {"", "Vary: *"}},
     CACHET_DO_REVALIDATE,
     "vary-miss",
     SIZE_MAX,
     "|\"1\", W/\"2\""},
    {"GET", "A: 3", 0, {{"A: 1", "Vary: a"}}, CACHET_DO_FETCH, "vary-miss", SIZE_MAX, ""},
    {"GET",
     "A: 3",
     CACHET_FORCE_REFRESH,
     {{"A: 1", "Vary: a\nETag: \"1\""}},
     CACHET_DO_FETCH,
     "force-refresh",
     SIZE_MAX,
     ""},
    {"GET",
     "A: 3",
     CACHET_ONLY_IF_CACHED,
     {{"A: 1", "Vary: a\nETag: \"1\""}},
     CACHET_DO_REFUSE,
     "only-if-cached",
     SIZE_MAX,
     ""},
    {"GET",
     "A: 1",
     0,
     {{"A: 1", "Vary: a\nETag: \"1\"\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\n"
               "Expires: 0"},
      {"A: 2", "Vary: A\nETag: \"2\""}},
     CACHET_DO_REVALIDATE,
     "stale",
     0,
     "|\"1\", \"2\"|Sun, 06 Nov 1994 08:49:37 GMT"},
    {"GET",
     "A: 1",
     0,
     {{"A: 1", "Vary: a\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\nExpires: 0"},
      {"A: 2", "Vary: A\nETag: \"2\""}},
     CACHET_DO_REVALIDATE,
     "stale",
     0,
     "|Sun, 06 Nov 1994 08:49:37 GMT"},
    {"GET",
     "If-None-Match: \"x\"",
     0,
     {{"", "ETag: \"1\""}},
     CACHET_DO_REVALIDATE,
     "stale",
     0,
     "|\"1\", \"x\""},
    {"GET",
     "Accept-Language: de, en;q=0.5",
     0,
     {{"Accept-Language: EN ; q=0.50,de", "Vary: Accept-Language\nCache-Control: max-age=60"}},
     CACHET_DO_SERVE,
     "fresh",
     0,
     ""},
};

struct stored {
    struct lines request_lines[VARIANTS_MAX];
    struct lines lines[VARIANTS_MAX];
    cachet_policy_response responses[VARIANTS_MAX];
    const cachet_policy_response *pointers[VARIANTS_MAX];
    size_t count;
};

static void store(struct stored *stored, size_t row)
{
    for (stored->count = 0; stored->count < VARIANTS_MAX; stored->count++) {
        const size_t i = stored->count;
        cachet_policy_response *const response = &stored->responses[i];
        if (rows[row].variants[i].response == NULL)
            return;
        *response = (cachet_policy_response) CACHET_POLICY_RESPONSE_INIT;
        response->status = 200;
        response->requested_ms = response->received_ms = NOW - 10000 + (int64_t) i;
        const struct ct_fields request =
            lines_of_text(&stored->request_lines[i], rows[row].variants[i].request);
        const struct ct_fields fields =
            lines_of_text(&stored->lines[i], rows[row].variants[i].response);
        response->fields = fields.at;
        response->field_count = fields.count;
        response->request_fields = request.at;
        response->request_field_count = request.count;
        stored->pointers[i] = response;
    }
}

static void join(const cachet_policy_verdict *verdict, char *text, size_t size)
{
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < verdict->condition_count && at < size; i++)
        at += (size_t) snprintf(text + at, size - at, "|%.*s",
                                (int) verdict->conditions[i].value.size,
                                (const char *) verdict->conditions[i].value.data);
}

static void test_rows(void)
{
    static const cachet_policy policy = CACHET_POLICY_INIT;

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        struct stored stored;
        struct lines lines;
        char room[64], text[256];
        cachet_policy_request request = CACHET_POLICY_REQUEST_INIT;
        cachet_policy_verdict verdict = {.size = sizeof verdict, .room = room};
        const struct ct_fields fields = lines_of_text(&lines, rows[i].request);
        verdict.room_size = sizeof room;
        request.method = cachet_bytes_of(rows[i].method);
        request.fields = fields.at;
        request.field_count = fields.count;
        request.flags = rows[i].flags;
        store(&stored, i);
        cachet_policy_decide(&policy, &request, stored.pointers, stored.count, NOW, &verdict);
        join(&verdict, text, sizeof text);
        CHECK(verdict.action == rows[i].action &&
                  strcmp(verdict.reason.word, rows[i].reason) == 0 &&
                  verdict.variant == rows[i].variant && strcmp(text, rows[i].conditions) == 0,
              "row %zu: %s, asks with '%s'", i, verdict.reason.word, text);
        if (verdict.variant != SIZE_MAX)
            CHECK(verdict.age_s == 10 - (int64_t) (verdict.variant > 0),
                  "row %zu: the age is told", i);
    }
}

static void test_parts(void)
{
    static const cachet_policy policy = CACHET_POLICY_INIT;
    const cachet_field range = cachet_field_of("Range", "bytes=0-1,-2");
    const cachet_field fresh = cachet_field_of("Cache-Control", "max-age=60, stale-if-error=5");
    cachet_policy_request request = CACHET_POLICY_REQUEST_INIT;
    cachet_policy_response response = CACHET_POLICY_RESPONSE_INIT;
    const cachet_policy_response *const pointer = &response;
    cachet_policy_verdict verdict = {.size = sizeof verdict};
    cachet_policy_reason reason = {NULL, NULL, NULL};

    request.method = cachet_bytes_of("GET");
    request.fields = &range;
    request.field_count = 1;
    response.status = 200;
    response.fields = &fresh;
    response.field_count = 1;
    response.body_size = 10;
    response.received_ms = NOW;
    response.requested_ms = NOW;
    cachet_policy_decide(&policy, &request, &pointer, 1, NOW, &verdict);
    CHECK(verdict.action == CACHET_DO_SERVE && verdict.form == CACHET_FORM_PARTS &&
              verdict.range_count == 2 && verdict.ranges[1].first == 8 &&
              verdict.lifetime_s == 60,
          "parts are told");
    CHECK(strcmp(verdict.reason.section, "RFC 9111 4.2") == 0, "so is the rule");
    CHECK(cachet_policy_may_store(&policy, &request, &response, &reason) &&
              strcmp(reason.word, "storable") == 0,
          "may be stored");
    CHECK(cachet_policy_may_serve_on_error(&policy, &request, &response, 503, NOW + 64999,
                                           &reason) &&
              strcmp(reason.word, "stale-if-error") == 0,
          "may stand in for an error");
    CHECK(
        !cachet_policy_may_serve_on_error(&policy, &request, &response, 503, NOW + 65000, NULL),
        "for its time");
}

/* A program built against a shorter struct gets no more than it has room for. */
static void test_sizes(void)
{
    static const cachet_policy policy = CACHET_POLICY_INIT;
    struct {
        cachet_policy_verdict verdict;
        unsigned char guard[8];
    } held;
    cachet_policy_request request = CACHET_POLICY_REQUEST_INIT;

    memset(&held, 0xa5, sizeof held);
    held.verdict.size = offsetof(cachet_policy_verdict, variant);
    request.method = cachet_bytes_of("GET");
    cachet_policy_decide(&policy, &request, NULL, 0, NOW, &held.verdict);
    CHECK(held.verdict.action == CACHET_DO_FETCH, "a shorter verdict is filled");
    CHECK(held.verdict.condition_count == (size_t) 0xa5a5a5a5a5a5a5a5, "to its end only");
}

int main(void)
{
    test_rows();
    test_parts();
    test_sizes();
    return tap_done();
}
