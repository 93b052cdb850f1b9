/* SPDX-License-Identifier: MIT */
#include "http/validate.h"

#include "base/buf.h"
#include "lines.h"
#include "tap.h"

#define LM "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"
#define LM_RFC850 "Last-Modified: Sunday, 06-Nov-94 08:49:37 GMT"
#define LM_LATER "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT"
#define DATE "Date: Sun, 06 Nov 1994 09:00:00 GMT"
#define DATE_SAME "Date: Sun, 06 Nov 1994 08:49:37 GMT"

/* "Name: value\nName: value" of the fields. */
static void join(const cachet_field *fields, size_t count, struct ct_buf *buf)
{
    for (size_t i = 0; i < count; i++) {
        ct_buf_text(buf, i > 0 ? "\n" : "");
        ct_buf_append(buf, fields[i].name);
        ct_buf_text(buf, ": ");
        ct_buf_append(buf, fields[i].value);
    }
}

/* RFC 9111 4.3.1. */
static void check_conditions(const char *stored, const char *wanted)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(4096);
    struct lines lines;
    const struct ct_fields fields = lines_of_text(&lines, stored);
    cachet_field conditions[CT_CONDITIONS_MAX];
    const size_t count = ct_validate_conditions(&fields, conditions);

    join(conditions, count, &buf);
    CHECK(is_text(ct_buf_view(&buf), wanted) && ct_validate_is_possible(&fields) == (count > 0),
          "'%s' asks with '%s'", shown(stored), shown(wanted));
}

static void test_conditions(void)
{
    check_conditions("", "");
    check_conditions("ETag: \"a\"", "If-None-Match: \"a\"");
    check_conditions("etag: W/\"a\"", "If-None-Match: W/\"a\"");
    check_conditions("ETag: \"\"", "If-None-Match: \"\"");
    check_conditions("ETag: \"\xc3\xbc!#~\\\"", "If-None-Match: \"\xc3\xbc!#~\\\"");
    check_conditions("ETag: \"a\"\n" LM, "If-None-Match: \"a\"\n"
                                         "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT");
    check_conditions(LM, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT");
    check_conditions(LM_RFC850, "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT");
    /* no validators */
    check_conditions("ETag: a", "");
    check_conditions("ETag: \"a", "");
    check_conditions("ETag: a\"", "");
    check_conditions("ETag: \"", "");
    check_conditions("ETag: W/", "");
    check_conditions("ETag: w/\"a\"", "");
    check_conditions("ETag: \"a b\"", "");
    check_conditions("ETag: \"a\", \"b\"", "");
    check_conditions("ETag: \"a\"\nETag: \"a\"", "");
    check_conditions("ETag: \"a\x7f\"", "");
    check_conditions("ETag:", "");
    check_conditions("Last-Modified: yesterday", "");
    check_conditions(LM "\n" LM, "");
    check_conditions(DATE, "");
}

/* RFC 9111 4.3.4, RFC 9110 8.8.3.2 and 8.8.2.2. */
static const struct {
    const char *stored;
    const char *answer;
    bool is_confirmed;
} rows[] = {
    {"ETag: \"a\"", "ETag: \"a\"", true},
    {"ETag: \"a\"", "ETag: \"b\"", false},
    {"ETag: \"a\"", "ETag: \"A\"", false},
    {"ETag: W/\"a\"", "ETag: W/\"a\"", true},
    {"ETag: W/\"a\"", "ETag: W/\"b\"", false},
    {"ETag: \"a\"", "ETag: W/\"a\"", true},
    {"ETag: W/\"a\"", "ETag: \"a\"", false},
    {"ETag: \"a\"", "", true},
    {"ETag: W/\"a\"", "", true},
    {LM, "", true},
    {LM, LM, true},
    {LM, LM_RFC850, true},
    {LM, LM_LATER, false},
    {"ETag: \"a\"\n" LM, "ETag: \"a\"\n" LM, true},
    {"ETag: \"a\"\n" LM, "ETag: \"a\"", true},
    {"ETag: \"a\"\n" LM, "ETag: \"a\"\n" LM_LATER, true},
    {"ETag: \"a\"\n" DATE "\n" LM, "ETag: \"b\"\n" LM, false},
    {"ETag: \"a\"\n" LM, LM, true},
    {"ETag: \"a\"\n" LM, LM_LATER, false},
    {"ETag: \"a\"", LM, false},
    /* an ETag nobody had before: the date must be a strong validator */
    {LM "\n" DATE, "ETag: \"a\"\n" LM, true},
    {LM "\n" DATE_SAME, "ETag: \"a\"\n" LM, false},
    {LM, "ETag: \"a\"\n" LM, false},
    {LM "\n" DATE, "ETag: \"a\"", false},
    {LM "\n" DATE, "ETag: \"a\"\n" LM_LATER, false},
    {LM, "ETag: W/\"a\"\n" LM, true},
    {LM, "ETag: W/\"a\"", false},
    /* one that cannot be read does not say that it is the same */
    {"ETag: \"a\"", "ETag: a", false},
    {"ETag: \"a\"", "ETag: \"a\"\nETag: \"b\"", false},
    {"ETag: a\n" LM, "ETag: a\n" LM, true},
    {"ETag: a\n" LM, "ETag: a", true},
    {"ETag: a\n" LM, "ETag: b\n" LM, false},
    {"ETag: \"a\nETag: \"a\n" LM, "ETag: \"a\n" LM, false},
    {LM, "ETag:\n" LM, false},
    {LM, "Last-Modified: yesterday", true},
    /* nothing to ask with */
    {"", "", false},
    {"ETag: a", "", false},
    {"", "ETag: \"a\"", false},
};

static void test_confirms(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        struct lines first, second;
        const struct ct_fields stored = lines_of_text(&first, rows[i].stored);
        const struct ct_fields answer = lines_of_text(&second, rows[i].answer);
        CHECK(ct_validate_confirms(&stored, &answer) == rows[i].is_confirmed,
              "row %zu: '%s' by '%s' is %sconfirmed", i, shown(rows[i].stored),
              shown(rows[i].answer), rows[i].is_confirmed ? "" : "not ");
    }
}

/* RFC 9111 3.2. */
static void check_merge(const char *stored, const char *answer, const char *wanted)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(4096);
    struct lines first, second;
    const struct ct_fields held = lines_of_text(&first, stored);
    const struct ct_fields told = lines_of_text(&second, answer);
    cachet_field merged[2 * LINES_MAX];

    join(merged, ct_validate_merge(&held, &told, merged), &buf);
    CHECK(is_text(ct_buf_view(&buf), wanted), "merged '%s'", shown(wanted));
}

static void test_merge(void)
{
    check_merge("A: 1\nB: 2", "", "A: 1\nB: 2");
    check_merge("A: 1\nB: 2", "b: 3\nC: 4", "A: 1\nb: 3\nC: 4");
    check_merge("Set-Cookie: a\nX: 1\nSet-Cookie: b", "Set-Cookie: c\nSet-Cookie: d",
                "X: 1\nSet-Cookie: c\nSet-Cookie: d");
    check_merge("Content-Length: 5", "Content-Length: 0", "Content-Length: 5");
    check_merge("A: 1", "Content-Length: 0", "A: 1");
    check_merge("Content-Type: a\nContent-Encoding: b\nContent-Range: c",
                "Content-Type: d\nContent-Encoding: e\nContent-Range: f",
                "Content-Type: d\nContent-Encoding: e\nContent-Range: f");
    check_merge("Content-Range: bytes 0-4/10", "Content-Range: bytes 5-9/10\nB: 1",
                "Content-Range: bytes 0-4/10\nB: 1");
    check_merge("A: 1\nX: 2",
                "Connection: a, x, close\nA: 3\nX: 4\nTransfer-Encoding: chunked\nTE: t",
                "A: 1\nX: 2");
    check_merge("Cache-Control: max-age=1",
                "Connection: cache-control\nCache-Control: no-store",
                "Cache-Control: no-store");
    /* the age begins anew */
    check_merge("Age: 100\nX: 1", "X: 2", "X: 2");
    check_merge("Age: 100\nX: 1", "Age: 7", "X: 1\nAge: 7");
    check_merge("Date: a\nX: 1", "", "X: 1");
    check_merge("Date: a\nX: 1", "Date: b", "X: 1\nDate: b");
    check_merge("Expires: a\nETag: \"1\"", "Expires: b", "ETag: \"1\"\nExpires: b");
}

/* RFC 9111 4.3.4 with 4.2.3: what was stale is fresh again once it is confirmed. */
static void test_restart(void)
{
    static const struct ct_policy_settings settings = {0};
    struct lines first, second;
    const struct ct_fields stored = lines_of_text(
        &first, "Date: Tue, 14 Nov 2023 20:00:00 GMT\nAge: 5000\nCache-Control: max-age=60");
    const struct ct_fields answer = lines_of_text(&second, "X: 1");
    cachet_field merged[2 * LINES_MAX];
    const size_t count = ct_validate_merge(&stored, &answer, merged);
    const int64_t now_ms = INT64_C(1700000000000);
    const struct ct_response_facts facts = {
        .status = 200,
        .fields = {merged, count},
        .requested_at_ms = now_ms - 20,
        .received_at_ms = now_ms,
    };

    CHECK(ct_policy_age_s(&facts, now_ms) == 0, "a confirmed response is new");
    CHECK(ct_policy_lifetime_s(&settings, &facts) == 60, "and has its lifetime again");
}

int main(void)
{
    test_conditions();
    test_confirms();
    test_merge();
    test_restart();
    return tap_done();
}
