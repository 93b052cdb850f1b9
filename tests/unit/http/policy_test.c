/* SPDX-License-Identifier: MIT */
/* What tests/vectors does not reach: extreme facts, methods, withheld fields. */
#include "http/policy.h"

#include "lines.h"
#include "tap.h"

#define NOW INT64_C(1700000000000)
#define MOST (INT64_C(1) << 31)

static const struct ct_policy_settings private_cache = {.is_shared = false};
static const struct ct_policy_settings shared_cache = {.is_shared = true};

static void test_methods(void)
{
    static const struct {
        const char *method;
        bool is_safe;
    } rows[] = {
        {"GET", true},      {"HEAD", true},    {"OPTIONS", true}, {"TRACE", true},
        {"PROPFIND", true}, {"REPORT", true},  {"SEARCH", true},  {"POST", false},
        {"PUT", false},     {"DELETE", false}, {"PATCH", false},  {"M-SEARCH", false},
        {"get", false},     {"", false},       {"GETX", false},   {"CONNECT", false},
    };

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++)
        CHECK(ct_method_is_safe(cachet_bytes_of(rows[i].method)) == rows[i].is_safe,
              "'%s' is %ssafe", rows[i].method, rows[i].is_safe ? "" : "not ");
}

/* RFC 9111 4.4. */
static void test_invalidates(void)
{
    static const struct {
        const char *method;
        int status;
        bool invalidates;
    } rows[] = {
        {"POST", 200, true},   {"POST", 204, true},     {"PUT", 301, true},
        {"DELETE", 399, true}, {"FOO", 200, true},      {"POST", 400, false},
        {"POST", 500, false},  {"POST", 199, false},    {"GET", 200, false},
        {"HEAD", 200, false},  {"OPTIONS", 200, false},
    };

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++)
        CHECK(ct_policy_invalidates(cachet_bytes_of(rows[i].method), rows[i].status) ==
                  rows[i].invalidates,
              "%s %d %s", rows[i].method, rows[i].status,
              rows[i].invalidates ? "invalidates" : "changes nothing");
}

/* RFC 9111 5.2.2.4, 5.2.2.7. */
static const struct {
    const char *control;
    const char *name;
    bool in_private;
    bool in_shared;
} withheld[] = {
    {"Cache-Control: no-cache=\"Set-Cookie\"", "set-cookie", true, true},
    {"Cache-Control: no-cache=\"a, Set-Cookie ,b\"", "B", true, true},
    {"Cache-Control: no-cache=\"a\"", "Set-Cookie", false, false},
    {"Cache-Control: no-cache=a", "A", true, true},
    {"Cache-Control: no-cache", "Set-Cookie", false, false},
    {"Cache-Control: x=\"a\"\nCache-Control: max-age=1, private=\"a\"", "a", false, true},
    {"Cache-Control: private=\"a\", no-cache=\"b\"", "b", true, true},
    {"Cache-Control: private", "a", false, false},
    {"Cache-Control: no-cache=\"a\", no-cache", "a", false, false},
    {"Cache-Control: no-cache=\"a b\"", "a", false, false},
    {"Cache-Control: ext=\"no-cache=a\"", "a", false, false},
};

static void test_withholds_some(void)
{
    struct lines lines;
    const struct ct_fields both = lines_of_text(&lines, "Cache-Control: private=a");

    CHECK(!ct_policy_withholds_some(&private_cache, &both), "private is for shared caches");
    CHECK(ct_policy_withholds_some(&shared_cache, &both), "and they are told");
    const struct ct_fields none = lines_of_text(&lines, "Cache-Control: no-cache, private");
    CHECK(!ct_policy_withholds_some(&shared_cache, &none), "nothing is named");
}

static void test_withholds(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(withheld); i++) {
        struct lines lines;
        const struct ct_fields fields = lines_of_text(&lines, withheld[i].control);
        const cachet_bytes name = cachet_bytes_of(withheld[i].name);
        CHECK(ct_policy_withholds(&private_cache, &fields, name) == withheld[i].in_private &&
                  ct_policy_withholds(&shared_cache, &fields, name) == withheld[i].in_shared,
              "'%s' and %s", shown(withheld[i].control), withheld[i].name);
    }
}

/* Times no honest record has. */
static void test_extreme_times(void)
{
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1,       0, 1,
                                    NOW,       INT64_MAX - 1, INT64_MAX};
    struct lines lines;
    const struct ct_fields fields = lines_of_text(
        &lines, "Age: 99999999999999999999999\nDate: Mon, 01 Jan 0001 00:00:00 GMT\n"
                "Expires: Fri, 31 Dec 9999 23:59:59 GMT");
    const size_t count = CT_COUNT_OF(times);
    size_t wrong = 0;

    for (size_t i = 0; i < count * count * count; i++) {
        const struct ct_response_facts facts = {.status = 200,
                                                .fields = fields,
                                                .requested_at_ms = times[i % count],
                                                .received_at_ms = times[i / count % count]};
        const int64_t now_ms = times[i / count / count];
        const int64_t age = ct_policy_age_s(&facts, now_ms);
        const int64_t lifetime = ct_policy_lifetime_s(&private_cache, &facts);
        wrong += age != MOST || lifetime != MOST;
    }
    CHECK(wrong == 0, "age and lifetime saturate for any times");
}

static void test_age_never_negative(void)
{
    static const int64_t times[] = {INT64_MIN, -NOW, 0, NOW, INT64_MAX};
    struct lines lines;
    const struct ct_fields fields = lines_of_text(&lines, "Age: 0");
    const size_t count = CT_COUNT_OF(times);
    size_t wrong = 0;

    for (size_t i = 0; i < count * count * count; i++) {
        const struct ct_response_facts facts = {.status = 200,
                                                .fields = fields,
                                                .requested_at_ms = times[i % count],
                                                .received_at_ms = times[i / count % count]};
        const int64_t age = ct_policy_age_s(&facts, times[i / count / count]);
        wrong += age < 0 || age > MOST;
    }
    CHECK(wrong == 0, "an age is from 0 to 2^31 for any times");
}

/* SEAL 4 (3): to the millisecond. */
static void test_future(void)
{
    struct lines lines;
    const struct ct_fields fields = lines_of_text(&lines, "Cache-Control: max-age=1000");
    const struct ct_request_facts request = {.method = CT_BYTES("GET")};
    struct ct_response_facts stored = {
        .status = 200, .fields = fields, .requested_at_ms = NOW, .received_at_ms = NOW + 60000};

    struct ct_decision decision = ct_policy_decide(&private_cache, &request, &stored, NOW);
    CHECK(decision.action == CT_ACTION_SERVE, "60 seconds ahead is a clock's error");
    stored.received_at_ms++;
    decision = ct_policy_decide(&private_cache, &request, &stored, NOW);
    CHECK(decision.action == CT_ACTION_FETCH && decision.reason == CT_REASON_FUTURE,
          "a millisecond more is not");
    stored.received_at_ms = INT64_MAX;
    decision = ct_policy_decide(&private_cache, &request, &stored, INT64_MIN);
    CHECK(decision.reason == CT_REASON_FUTURE, "nor is all the time there is");
}

static void test_nothing_stored(void)
{
    struct ct_request_facts request = {.method = CT_BYTES("GET")};

    struct ct_decision decision = ct_policy_decide(&private_cache, &request, NULL, NOW);
    CHECK(decision.action == CT_ACTION_FETCH && decision.reason == CT_REASON_ABSENT, "a miss");
    request.force_refresh = true;
    decision = ct_policy_decide(&private_cache, &request, NULL, NOW);
    CHECK(decision.action == CT_ACTION_FETCH && decision.reason == CT_REASON_FORCE_REFRESH,
          "a forced one");
    request.only_if_cached = true;
    decision = ct_policy_decide(&private_cache, &request, NULL, NOW);
    CHECK(decision.action == CT_ACTION_REFUSE && decision.reason == CT_REASON_ONLY_IF_CACHED,
          "one that must not leave");
}

/* RFC 9111 5.2.1.7. */
static void test_only_if_cached_field(void)
{
    struct lines lines;
    const struct ct_request_facts request = {
        .method = CT_BYTES("GET"),
        .fields = lines_of_text(&lines, "Cache-Control: only-if-cached")};

    const struct ct_decision decision = ct_policy_decide(&private_cache, &request, NULL, NOW);
    CHECK(decision.action == CT_ACTION_REFUSE, "the request's own only-if-cached");
}

int main(void)
{
    test_methods();
    test_invalidates();
    test_withholds();
    test_withholds_some();
    test_extreme_times();
    test_age_never_negative();
    test_future();
    test_nothing_stored();
    test_only_if_cached_field();
    return tap_done();
}
