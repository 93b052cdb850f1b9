/* SPDX-License-Identifier: MIT */
/* Parts of a representation, in bytes (RFC 9110 14, 15.3.7; RFC 9111 3.3, 3.4). */
#ifndef CT_HTTP_RANGE_H
#define CT_HTTP_RANGE_H

#include "base/buf.h"
#include "http/fields.h"

/* More ranges than this are not answered in parts (RFC 9110 14.2, 17.15). */
#define CT_RANGES_MAX 16u
#define CT_CONTENT_RANGE_SIZE 72u /* with three numbers of 20 digits, and a NUL */

/* Both ends are inside. */
struct ct_range {
    uint64_t first;
    uint64_t last;
};

/* A part that is there, and of how much. */
struct ct_span {
    struct ct_range range;
    bool has_total;
    uint64_t total; /* of the complete representation */
};

enum ct_range_answer {
    CT_RANGE_WHOLE,         /* no Range, or one that is passed over: answer with all of it */
    CT_RANGE_PARTS,         /* 206 with ranges->at, in the order asked for */
    CT_RANGE_UNSATISFIABLE, /* 416 */
    CT_RANGE_MISSING,       /* what is asked for is not all there: ask the origin */
};

struct ct_ranges {
    struct ct_range at[CT_RANGES_MAX];
    size_t count;
};

/*
 * RFC 9110 14.2: which parts of a representation of `total` bytes the request asks for. A
 * Range that is malformed, of another unit, of too many or overlapping ranges counts as none.
 * Only GET has ranges: ask for no other method.
 */
enum ct_range_answer ct_range_resolve(const struct ct_fields *request, uint64_t total,
                                      struct ct_ranges *ret_ranges);

/*
 * What a stored part can answer: PARTS within it, or MISSING; UNSATISFIABLE only where the
 * total is known.
 */
enum ct_range_answer ct_range_resolve_part(const struct ct_fields *request,
                                           const struct ct_span *stored,
                                           struct ct_ranges *ret_ranges);

/*
 * RFC 9110 13.1.5: is the If-Range, if there is one, that of the stored response? If not, the
 * Range is passed over. Strong comparison; a date must be the same, and strong.
 */
bool ct_if_range_holds(const struct ct_fields *request, const struct ct_fields *stored);

/* RFC 9110 14.4, strictly; false for "bytes *" too, which stands in a 416. */
bool ct_content_range_read(const struct ct_fields *response, struct ct_span *ret_span);

/* "bytes 0-4/10". `has_total` false gives "bytes 0-4" and an asterisk. */
void ct_content_range_format(const struct ct_span *span, char ret_text[CT_CONTENT_RANGE_SIZE]);

/* For a 416: "bytes", an asterisk, and the total. */
void ct_content_range_none(uint64_t total, char ret_text[CT_CONTENT_RANGE_SIZE]);

/*
 * RFC 9111 3.4, RFC 9110 15.3.7.3: may the 206 be put together with the stored part? Both have
 * the same strong validator, and speak of the same total.
 */
bool ct_range_may_combine(const struct ct_fields *stored, const struct ct_span *stored_span,
                          const struct ct_fields *answer, const struct ct_span *answer_span);

/*
 * The one range that two spans cover together, where they touch or overlap; false where there
 * is a gap between them.
 */
bool ct_span_join(const struct ct_span *a, const struct ct_span *b, struct ct_span *ret_span);

/*
 * RFC 9110 14.4, 15.3.7.2: appends the head of one part of a multipart/byteranges body, or
 * after the last part (span NULL) its end. `content_type` may be empty.
 */
void ct_multipart_append(struct ct_buf *buf, cachet_bytes boundary, cachet_bytes content_type,
                         const struct ct_span *span);

#endif
