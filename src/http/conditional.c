/* SPDX-License-Identifier: MIT */
#include "http/conditional.h"

#include "http/date.h"
#include "http/etag.h"
#include "http/judge.h"

static int64_t received_s(const struct ct_response_facts *stored)
{
    return stored->received_at_ms / 1000 - (stored->received_at_ms % 1000 < 0);
}

/* RFC 9110 13.1.2: weak comparison with each of the list; "*" is anything that is there. */
static bool is_among(const struct ct_fields *request, const struct ct_validators *held)
{
    size_t line = 0;
    cachet_bytes list;
    struct ct_etag etag;

    while (ct_fields_next(request, CT_BYTES("if-none-match"), &line, &list)) {
        if (ct_bytes_equal(list, CT_BYTES("*")))
            return true;
        while (held->has_etag && ct_etag_next(&list, &etag))
            if (ct_etag_equal_weak(&etag, &held->etag))
                return true;
    }
    return false;
}

/*
 * RFC 9111 4.3.2: Last-Modified, or else Date, or else the time of receipt is no later than the
 * date asked with. RFC 9110 13.1.3: what is no date is passed over.
 */
static bool is_unmodified(const struct ct_fields *request,
                          const struct ct_response_facts *stored,
                          const struct ct_validators *held)
{
    const int64_t now_s = received_s(stored);
    int64_t since_s, changed_s = now_s;
    cachet_bytes text;

    if (!ct_fields_only(request, CT_BYTES("if-modified-since"), &text) ||
        !ct_http_date_parse(text, now_s, &since_s))
        return false;
    /* Read again: here a two digit year is one near the time of receipt. */
    if (held->has_modified)
        (void) ct_http_date_parse(held->modified_text, now_s, &changed_s);
    else if (ct_fields_only(&stored->fields, CT_BYTES("date"), &text))
        (void) ct_http_date_parse(text, now_s, &changed_s);
    return changed_s <= since_s;
}

enum ct_conditional ct_conditional_evaluate(const struct ct_request_facts *request,
                                            const struct ct_response_facts *stored)
{
    const struct ct_fields *const fields = &request->fields;

    if (!ct_request_has_conditions(fields))
        return CT_CONDITIONAL_NONE;
    if (ct_fields_has(fields, CT_BYTES("if-match")) ||
        ct_fields_has(fields, CT_BYTES("if-unmodified-since")))
        return CT_CONDITIONAL_PASS;
    /* RFC 9110 13.2.1: conditions do not count where the answer is not a success. */
    if (stored->status < 200 || stored->status > 299)
        return CT_CONDITIONAL_NONE;
    const struct ct_validators held = ct_validators_of(&stored->fields);
    const bool is_known = ct_fields_has(fields, CT_BYTES("if-none-match"))
                              ? is_among(fields, &held)
                              : is_unmodified(fields, stored, &held);
    return is_known ? CT_CONDITIONAL_NOT_MODIFIED : CT_CONDITIONAL_NONE;
}

/* RFC 9110 8.3 to 8.8, 14, RFC 9530: what describes the content. Content-Location does not. */
static bool describes_content(cachet_bytes name)
{
    static const char *const names[] = {
        "content-type",   "content-encoding", "content-language",
        "content-length", "content-range",    "content-disposition",
        "content-digest", "repr-digest",      "accept-ranges",
        "trailer",
    };

    for (size_t i = 0; i < CT_COUNT_OF(names); i++)
        if (ct_bytes_equal_nocase(name, cachet_bytes_of(names[i])))
            return true;
    return false;
}

size_t ct_conditional_fields(const struct ct_fields *fields, cachet_field *ret_fields)
{
    const bool has_etag = ct_fields_has(fields, CT_BYTES("etag"));
    size_t count = 0;

    for (size_t i = 0; i < fields->count; i++) {
        const cachet_bytes name = fields->at[i].name;
        const bool is_superseded =
            has_etag && ct_bytes_equal_nocase(name, CT_BYTES("last-modified"));
        if (!describes_content(name) && !is_superseded)
            ret_fields[count++] = fields->at[i];
    }
    return count;
}
