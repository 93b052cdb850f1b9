/* SPDX-License-Identifier: MIT */
#include "http/range.h"

#include <inttypes.h>
#include <stdio.h>

#include "http/date.h"
#include "http/etag.h"

#define POSITION_MAX UINT64_MAX

/* RFC 9110 14.1.1: one int-range or suffix-range, before anybody knows the total. */
struct spec {
    bool is_suffix;
    uint64_t first; /* of a suffix: how many */
    uint64_t last;  /* POSITION_MAX where open */
};

struct specs {
    struct spec at[CT_RANGES_MAX];
    size_t count;
};

static bool read_spec(cachet_bytes text, struct spec *ret_spec)
{
    const size_t dash = ct_bytes_find(text, '-');
    const cachet_bytes first = ct_bytes_first(text, dash);
    const cachet_bytes last = ct_bytes_from(text, dash + 1);

    if (dash == text.size || (first.size == 0 && last.size == 0))
        return false;
    *ret_spec = (struct spec){.is_suffix = first.size == 0, .last = POSITION_MAX};
    if (ret_spec->is_suffix)
        return ct_bytes_to_u64(last, POSITION_MAX, &ret_spec->first);
    return ct_bytes_to_u64(first, POSITION_MAX, &ret_spec->first) &&
           (last.size == 0 || ct_bytes_to_u64(last, POSITION_MAX, &ret_spec->last)) &&
           ret_spec->last >= ret_spec->first;
}

/* RFC 9110 14.2: a field that is not as it should be, or twice, is passed over. */
static bool read_specs(const struct ct_fields *request, struct specs *ret_specs)
{
    cachet_bytes text, member;

    ret_specs->count = 0;
    if (!ct_fields_only(request, CT_BYTES("range"), &text))
        return false;
    const size_t equals = ct_bytes_find(text, '=');
    if (!ct_bytes_equal_nocase(ct_bytes_first(text, equals), CT_BYTES("bytes")))
        return false;
    text = ct_bytes_from(text, equals + 1);
    while (ct_list_next(&text, &member))
        if (ret_specs->count == CT_RANGES_MAX ||
            !read_spec(member, &ret_specs->at[ret_specs->count++]))
            return false;
    return ret_specs->count > 0;
}

/* RFC 9110 14.1.2. False where nothing of `total` bytes is meant. */
static bool resolve_spec(const struct spec *spec, uint64_t total, struct ct_range *ret_range)
{
    if (total == 0)
        return false;
    if (spec->is_suffix) {
        const uint64_t size = spec->first < total ? spec->first : total;
        *ret_range = (struct ct_range){total - size, total - 1};
        return size > 0;
    }
    *ret_range = (struct ct_range){spec->first, spec->last < total ? spec->last : total - 1};
    return spec->first < total;
}

static bool overlaps(const struct ct_ranges *ranges, const struct ct_range *range)
{
    for (size_t i = 0; i < ranges->count; i++)
        if (range->first <= ranges->at[i].last && ranges->at[i].first <= range->last)
            return true;
    return false;
}

/* RFC 9110 14.2, 17.15: who asks twice for the same bytes gets them once, whole. */
static enum ct_range_answer resolve(const struct specs *specs, uint64_t total,
                                    struct ct_ranges *ret_ranges)
{
    struct ct_range range;

    ret_ranges->count = 0;
    for (size_t i = 0; i < specs->count; i++) {
        if (!resolve_spec(&specs->at[i], total, &range))
            continue;
        if (overlaps(ret_ranges, &range))
            return CT_RANGE_WHOLE;
        ret_ranges->at[ret_ranges->count++] = range;
    }
    return ret_ranges->count > 0 ? CT_RANGE_PARTS : CT_RANGE_UNSATISFIABLE;
}

enum ct_range_answer ct_range_resolve(const struct ct_fields *request, uint64_t total,
                                      struct ct_ranges *ret_ranges)
{
    struct specs specs;

    ret_ranges->count = 0;
    return read_specs(request, &specs) ? resolve(&specs, total, ret_ranges) : CT_RANGE_WHOLE;
}

/* Without the total, only what names both its ends can be said to be there. */
static enum ct_range_answer resolve_unknown(const struct specs *specs,
                                            struct ct_ranges *ret_ranges)
{
    ret_ranges->count = 0;
    for (size_t i = 0; i < specs->count; i++) {
        const struct ct_range range = {specs->at[i].first, specs->at[i].last};
        if (specs->at[i].is_suffix || range.last == POSITION_MAX ||
            overlaps(ret_ranges, &range))
            return CT_RANGE_MISSING;
        ret_ranges->at[ret_ranges->count++] = range;
    }
    return CT_RANGE_PARTS;
}

/* RFC 9111 3.3: an incomplete response answers only what lies wholly within it. */
enum ct_range_answer ct_range_resolve_part(const struct ct_fields *request,
                                           const struct ct_span *stored,
                                           struct ct_ranges *ret_ranges)
{
    struct specs specs;

    ret_ranges->count = 0;
    if (!read_specs(request, &specs))
        return CT_RANGE_MISSING;
    const enum ct_range_answer answer = stored->has_total
                                            ? resolve(&specs, stored->total, ret_ranges)
                                            : resolve_unknown(&specs, ret_ranges);
    if (answer == CT_RANGE_WHOLE)
        return CT_RANGE_MISSING;
    for (size_t i = 0; answer == CT_RANGE_PARTS && i < ret_ranges->count; i++)
        if (ret_ranges->at[i].first < stored->range.first ||
            ret_ranges->at[i].last > stored->range.last)
            return CT_RANGE_MISSING;
    return answer;
}

bool ct_if_range_holds(const struct ct_fields *request, const struct ct_fields *stored)
{
    const struct ct_validators held = ct_validators_of(stored);
    cachet_bytes text;
    struct ct_etag etag;
    int64_t date_s;

    if (!ct_fields_has(request, CT_BYTES("if-range")))
        return true;
    if (!ct_fields_only(request, CT_BYTES("if-range"), &text))
        return false;
    if (ct_etag_read(text, &etag))
        return held.has_etag && ct_etag_equal_strong(&etag, &held.etag);
    return held.has_modified && ct_http_date_parse(text, 0, &date_s) &&
           date_s == held.modified_s && ct_modified_is_strong(stored, held.modified_s);
}

/* Cuts a number and the byte after it off the front; it does not saturate. */
static bool cut_number(cachet_bytes *text, unsigned char mark, uint64_t *ret_number)
{
    const size_t size = ct_bytes_find(*text, mark);
    const cachet_bytes digits = ct_bytes_first(*text, size);

    *text = ct_bytes_from(*text, size + 1);
    return ct_bytes_to_u64(digits, POSITION_MAX, ret_number) && *ret_number < POSITION_MAX;
}

bool ct_content_range_read(const struct ct_fields *response, struct ct_span *ret_span)
{
    const cachet_bytes unit = CT_BYTES("bytes ");
    struct ct_span span = {.has_total = true};
    cachet_bytes text;

    if (!ct_fields_only(response, CT_BYTES("content-range"), &text) ||
        !ct_bytes_equal_nocase(ct_bytes_first(text, unit.size), unit) ||
        ct_bytes_find(text, '/') == text.size)
        return false;
    text = ct_bytes_from(text, unit.size);
    if (!cut_number(&text, '-', &span.range.first) || !cut_number(&text, '/', &span.range.last))
        return false;
    if (ct_bytes_equal(text, CT_BYTES("*")))
        span.has_total = false;
    else if (!ct_bytes_to_u64(text, POSITION_MAX, &span.total) || span.total == POSITION_MAX ||
             span.range.last >= span.total)
        return false;
    *ret_span = span;
    return span.range.first <= span.range.last;
}

void ct_content_range_format(const struct ct_span *span, char ret_text[CT_CONTENT_RANGE_SIZE])
{
    const int size = snprintf(ret_text, CT_CONTENT_RANGE_SIZE, "bytes %" PRIu64 "-%" PRIu64,
                              span->range.first, span->range.last);
    char *const rest = ret_text + size;
    const size_t left = CT_CONTENT_RANGE_SIZE - (size_t) size;

    if (span->has_total)
        (void) snprintf(rest, left, "/%" PRIu64, span->total);
    else
        (void) snprintf(rest, left, "/*");
}

void ct_content_range_none(uint64_t total, char ret_text[CT_CONTENT_RANGE_SIZE])
{
    (void) snprintf(ret_text, CT_CONTENT_RANGE_SIZE, "bytes */%" PRIu64, total);
}

bool ct_range_may_combine(const struct ct_fields *stored, const struct ct_span *stored_span,
                          const struct ct_fields *answer, const struct ct_span *answer_span)
{
    if (stored_span->has_total && answer_span->has_total &&
        stored_span->total != answer_span->total)
        return false;
    return ct_validators_same_strong(stored, answer);
}

/* Does b begin no further than one byte behind a's end, and not before a begins? */
static bool continues(const struct ct_span *a, const struct ct_span *b)
{
    return b->range.first >= a->range.first &&
           (b->range.first <= a->range.last || b->range.first - a->range.last == 1);
}

bool ct_span_join(const struct ct_span *a, const struct ct_span *b, struct ct_span *ret_span)
{
    const struct ct_span *const first = b->range.first < a->range.first ? b : a;
    const struct ct_span *const second = first == a ? b : a;

    if (!continues(first, second))
        return false;
    *ret_span = a->has_total ? *a : *b;
    ret_span->range.first = first->range.first;
    ret_span->range.last =
        first->range.last > second->range.last ? first->range.last : second->range.last;
    return true;
}

void ct_multipart_append(struct ct_buf *buf, cachet_bytes boundary, cachet_bytes content_type,
                         const struct ct_span *span)
{
    char text[CT_CONTENT_RANGE_SIZE];

    ct_buf_text(buf, "\r\n--");
    ct_buf_append(buf, boundary);
    if (span == NULL) {
        ct_buf_text(buf, "--\r\n");
        return;
    }
    if (content_type.size > 0) {
        ct_buf_text(buf, "\r\nContent-Type: ");
        ct_buf_append(buf, content_type);
    }
    ct_content_range_format(span, text);
    ct_buf_format(buf, "\r\nContent-Range: %s\r\n\r\n", text);
}
