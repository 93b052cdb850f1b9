/* SPDX-License-Identifier: MIT */
#include "http/cache_status.h"

#include "http/fields.h"
#include "lines.h"
#include "tap.h"

static const struct {
    struct ct_cache_status status;
    const char *text;
} rows[] = {
    {{.is_hit = true, .has_ttl = true, .ttl_s = 57}, "cachet; hit; ttl=57"},
    {{.is_hit = true, .has_ttl = true, .ttl_s = -3, .detail = "x"},
     "cachet; hit; ttl=-3; detail=x"},
    {{.is_forwarded = true,
      .forwarded = CT_REASON_STALE,
      .forwarded_status = 304,
      .is_stored = true},
     "cachet; fwd=stale; fwd-status=304; stored"},
    {{.is_forwarded = true,
      .forwarded = CT_REASON_ABSENT,
      .forwarded_status = 200,
      .is_stored = true,
      .has_ttl = true,
      .ttl_s = 60},
     "cachet; fwd=uri-miss; fwd-status=200; stored; ttl=60"},
    {{.is_forwarded = true, .forwarded = CT_REASON_VARY}, "cachet; fwd=vary-miss"},
    {{.is_forwarded = true, .forwarded = CT_REASON_METHOD, .forwarded_status = 201},
     "cachet; fwd=method; fwd-status=201"},
    {{.is_forwarded = true, .forwarded = CT_REASON_RANGE, .detail = "range"},
     "cachet; fwd=bypass; detail=range"},
    {{.is_forwarded = true, .forwarded = CT_REASON_REQUEST_NO_CACHE}, "cachet; fwd=request"},
    {{.detail = "only-if-cached"}, "cachet; detail=only-if-cached"},
    /* a hit was not forwarded, and what was not forwarded was not stored */
    {{.is_hit = true,
      .is_forwarded = true,
      .forwarded = CT_REASON_STALE,
      .forwarded_status = 200,
      .is_stored = true},
     "cachet; hit"},
    {{0}, "cachet"},
};

static void test_format(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(256);
        ct_cache_status_format(&rows[i].status, &buf);
        CHECK(is_text(ct_buf_view(&buf), rows[i].text), "%s", rows[i].text);
    }
}

/* RFC 9211 2.2. */
static bool is_forward_token(const char *word)
{
    static const char *const tokens[] = {"bypass", "method",  "uri-miss", "vary-miss",
                                         "miss",   "request", "stale",    "partial"};

    for (size_t i = 0; i < CT_COUNT_OF(tokens); i++)
        if (strcmp(tokens[i], word) == 0)
            return true;
    return false;
}

#define REASON_COUNT(name, word, section, text, forwarded) +1

static void test_reasons(void)
{
    const int count = 0 CT_REASON_LIST(REASON_COUNT);

    for (int i = 0; i < count; i++) {
        const enum ct_reason reason = (enum ct_reason) i;
        bool is_alone = ct_is_token(cachet_bytes_of(ct_reason_word(reason)));
        for (int other = 0; other < i; other++)
            is_alone = is_alone && strcmp(ct_reason_word(reason),
                                          ct_reason_word((enum ct_reason) other)) != 0;
        CHECK(is_alone && is_forward_token(ct_reason_forwarded(reason)) &&
                  ct_reason_text(reason)[0] != '\0' && ct_reason_section(reason) != NULL,
              "'%s' is a token of its own, forwarded as '%s'", ct_reason_word(reason),
              ct_reason_forwarded(reason));
    }
}

int main(void)
{
    test_format();
    test_reasons();
    return tap_done();
}
