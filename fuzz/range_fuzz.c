/* SPDX-License-Identifier: MIT */
/*
 * A total (8 bytes), then lines of a request, an empty line, lines of a response: every range
 * that comes out lies within what there is, and none overlaps another.
 */
#include <stdlib.h>

#include "../tests/unit/http/lines.h"
#include "base/buf.h"
#include "http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check(enum ct_range_answer answer, const struct ct_ranges *ranges, uint64_t first,
                  uint64_t last)
{
    if (answer != CT_RANGE_PARTS)
        return;
    must(ranges->count > 0 && ranges->count <= CT_RANGES_MAX);
    for (size_t i = 0; i < ranges->count; i++) {
        must(ranges->at[i].first <= ranges->at[i].last);
        must(ranges->at[i].first >= first && ranges->at[i].last <= last);
        for (size_t k = 0; k < i; k++)
            must(ranges->at[i].first > ranges->at[k].last ||
                 ranges->at[k].first > ranges->at[i].last);
    }
}

static void check_part(const struct ct_fields *request, const struct ct_fields *response)
{
    struct ct_ranges ranges;
    struct ct_span span, again, joined;
    char text[CT_CONTENT_RANGE_SIZE];

    if (!ct_content_range_read(response, &span))
        return;
    must(span.range.first <= span.range.last &&
         (!span.has_total || span.range.last < span.total));
    check(ct_range_resolve_part(request, &span, &ranges), &ranges, span.range.first,
          span.range.last);
    ct_content_range_format(&span, text);
    const cachet_field field = cachet_field_of("Content-Range", text);
    must(ct_content_range_read(&(struct ct_fields){&field, 1}, &again));
    must(again.range.first == span.range.first && again.range.last == span.range.last &&
         again.has_total == span.has_total && again.total == span.total);
    must(ct_span_join(&span, &again, &joined) && joined.range.last == span.range.last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ct_reader reader = ct_reader_over(ct_bytes(data, size));
    struct lines first, second;
    struct ct_ranges ranges;
    size_t at = 0;

    const uint64_t total = ct_read_u64le(&reader);
    const cachet_bytes text = reader.rest;
    while (at + 1 < text.size && (text.data[at] != '\n' || text.data[at + 1] != '\n'))
        at++;
    const struct ct_fields request = lines_of(&first, ct_bytes_first(text, at));
    const struct ct_fields response = lines_of(&second, ct_bytes_from(text, at + 2));

    check(ct_range_resolve(&request, total, &ranges), &ranges, 0, total - 1);
    check_part(&request, &response);
    (void) ct_if_range_holds(&request, &response);
    return 0;
}
