/* SPDX-License-Identifier: MIT */
/* A stored response, whole or a part, as the answer to a request. */
#include "http/form.h"

#include "lines.h"
#include "tap.h"

#define NOW INT64_C(1700000000000)
#define FRESH "Cache-Control: max-age=60\n"
#define STALE "Cache-Control: max-age=0\n"
#define PART "Content-Range: bytes 0-4/10\n"

static const struct {
    const char *method;
    const char *request;
    int status;
    const char *stored;
    uint64_t body_size;
    enum ct_action action;
    enum ct_reason reason;
    enum ct_form_kind kind;
} rows[] = {
    {"GET", "", 200, FRESH, 10, CT_ACTION_SERVE, CT_REASON_FRESH, CT_FORM_WHOLE},
    {"GET", "Range: bytes=0-4", 200, FRESH, 10, CT_ACTION_SERVE, CT_REASON_FRESH,
     CT_FORM_PARTS},
    {"HEAD", "Range: bytes=0-4", 200, FRESH, 10, CT_ACTION_SERVE, CT_REASON_FRESH,
     CT_FORM_WHOLE},
    {"GET", "Range: bytes=0-4", 404, FRESH, 10, CT_ACTION_SERVE, CT_REASON_FRESH,
     CT_FORM_WHOLE},
    {"GET", "Range: bytes=20-", 200, FRESH, 10, CT_ACTION_SERVE, CT_REASON_FRESH,
     CT_FORM_UNSATISFIABLE},
    {"GET", "Range: bytes=0-4", 200, FRESH, 0, CT_ACTION_SERVE, CT_REASON_FRESH,
     CT_FORM_UNSATISFIABLE},
    {"GET", "Range: bytes=0-4\nIf-Range: \"a\"", 200, FRESH "ETag: \"a\"", 10, CT_ACTION_SERVE,
     CT_REASON_FRESH, CT_FORM_PARTS},
    {"GET", "Range: bytes=0-4\nIf-Range: \"b\"", 200, FRESH "ETag: \"a\"", 10, CT_ACTION_SERVE,
     CT_REASON_FRESH, CT_FORM_WHOLE},
    {"GET", "Range: bytes=0-4\nIf-None-Match: \"a\"", 200, FRESH "ETag: \"a\"", 10,
     CT_ACTION_SERVE, CT_REASON_FRESH, CT_FORM_NOT_MODIFIED},
    {"GET", "If-None-Match: \"a\"", 200, STALE "ETag: \"a\"", 10, CT_ACTION_REVALIDATE,
     CT_REASON_STALE, CT_FORM_NOT_MODIFIED},
    {"GET", "If-Match: \"a\"", 200, FRESH "ETag: \"a\"", 10, CT_ACTION_FETCH,
     CT_REASON_CONDITIONAL, CT_FORM_PASS},
    {"GET", "If-Unmodified-Since: x\nCache-Control: only-if-cached", 200, FRESH, 10,
     CT_ACTION_REFUSE, CT_REASON_ONLY_IF_CACHED, CT_FORM_PASS},
    {"GET", "Range: bytes=1-3", 206, FRESH PART, 5, CT_ACTION_SERVE, CT_REASON_FRESH,
     CT_FORM_PARTS},
    {"GET", "Range: bytes=4-6", 206, FRESH PART, 5, CT_ACTION_FETCH, CT_REASON_PARTIAL,
     CT_FORM_MISSING},
    {"GET", "", 206, FRESH PART, 5, CT_ACTION_FETCH, CT_REASON_PARTIAL, CT_FORM_MISSING},
    {"HEAD", "", 206, FRESH PART, 5, CT_ACTION_FETCH, CT_REASON_PARTIAL, CT_FORM_MISSING},
    {"GET", "Cache-Control: only-if-cached", 206, FRESH PART, 5, CT_ACTION_REFUSE,
     CT_REASON_ONLY_IF_CACHED, CT_FORM_MISSING},
    {"GET", "Range: bytes=1-3", 206, FRESH PART, 4, CT_ACTION_FETCH, CT_REASON_PARTIAL,
     CT_FORM_MISSING},
    {"GET", "Range: bytes=1-3\nIf-Range: \"b\"", 206, FRESH PART "ETag: \"a\"", 5,
     CT_ACTION_FETCH, CT_REASON_PARTIAL, CT_FORM_MISSING},
    {"GET", "Range: bytes=1-3", 206, STALE PART "ETag: \"a\"", 5, CT_ACTION_REVALIDATE,
     CT_REASON_STALE, CT_FORM_PARTS},
    {"GET", "Range: bytes=0-4", 200, STALE, 10, CT_ACTION_FETCH, CT_REASON_STALE,
     CT_FORM_WHOLE},
};

static void test_forms(void)
{
    static const struct ct_policy_settings settings = {.keeps_partial = true};

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        struct lines first, second;
        struct ct_form form;
        const struct ct_request_facts request = {
            .method = cachet_bytes_of(rows[i].method),
            .fields = lines_of_text(&first, rows[i].request),
        };
        const struct ct_response_facts stored = {
            rows[i].status, lines_of_text(&second, rows[i].stored), NOW, NOW};
        const struct ct_decision decision =
            ct_policy_decide_form(&settings, &request, &stored, rows[i].body_size, NOW, &form);
        CHECK(decision.action == rows[i].action && decision.reason == rows[i].reason &&
                  form.kind == rows[i].kind,
              "row %zu: %s '%s' is %s, form %d", i, rows[i].method, shown(rows[i].request),
              ct_reason_word(decision.reason), form.kind);
    }
}

/* RFC 9111 3.4. */
static const struct {
    const char *stored;
    uint64_t body_size;
    const char *range; /* NULL: the whole must be asked for */
} completions[] = {
    {"Content-Range: bytes 0-4/10\nETag: \"a\"", 5, "bytes=5-"},
    {"Content-Range: bytes 0-4/*\nETag: \"a\"", 5, "bytes=5-"},
    {"Content-Range: bytes 5-9/10\nETag: \"a\"", 5, "bytes=0-4"},
    {"Content-Range: bytes 5-8/10\nETag: \"a\"", 4, NULL},
    {"Content-Range: bytes 0-9/10\nETag: \"a\"", 10, NULL},
    {"Content-Range: bytes 0-4/10\nETag: W/\"a\"", 5, NULL},
    {"Content-Range: bytes 0-4/10", 5, NULL},
    {"Content-Range: bytes 0-4/10\nETag: \"a\"", 6, NULL},
    {"ETag: \"a\"", 5, NULL},
};

static void test_completions(void)
{
    static const struct ct_request_facts request = {
        .method = {(const unsigned char *) "GET", 3}};

    for (size_t i = 0; i < CT_COUNT_OF(completions); i++) {
        struct lines lines;
        struct ct_form form;
        char room[CT_COMPLETION_SIZE];
        cachet_field fields[2];
        const struct ct_response_facts stored = {
            206, lines_of_text(&lines, completions[i].stored), NOW, NOW};
        ct_form_read(&request, &stored, completions[i].body_size, &form);
        const size_t count = ct_form_completion(&form, &stored.fields, room, fields);
        CHECK(count == (completions[i].range == NULL ? 0 : 2) &&
                  (count == 0 || (is_text(fields[0].value, completions[i].range) &&
                                  is_text(fields[1].value, "\"a\""))),
              "row %zu: '%s' asks for %s", i, shown(completions[i].stored),
              count > 0 ? room : "the whole");
    }
}

int main(void)
{
    test_forms();
    test_completions();
    return tap_done();
}
