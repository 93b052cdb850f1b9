/* SPDX-License-Identifier: MIT */
/*
 * Collects the head of an origin's answer from the lines libcurl hands on.
 *
 *     status line ─► fields ─► empty line ─┬─ 1xx: forgotten, the next status line is awaited
 *                                          └─ else: complete; what follows are trailers,
 * ignored
 *
 * libcurl 7.88 hands on folded lines as they came; they are joined here (RFC 9112 5.2).
 */
#ifndef CT_SESSION_HEAD_H
#define CT_SESSION_HEAD_H

#include "base/buf.h"

/* All the lines of one transfer together, interim heads and trailers too. */
#define CT_HEAD_SIZE_MAX ((size_t) 1 << 20)
#define CT_HEAD_FIELDS_MAX 10000u

struct ct_head_span; /* where a field stands in the text */

struct ct_head {
    int status; /* 0 until there is a status line */
    bool is_complete;
    size_t line_size; /* bytes of all lines so far */
    struct ct_buf text;
    struct ct_buf spans;
    struct ct_buf fields; /* cachet_field, once complete */
};

void ct_head_init(struct ct_head *head);

/* Forgets the head, keeps the memory it usually takes. */
void ct_head_reset(struct ct_head *head);
void ct_head_fini(struct ct_head *head);

/* Takes one line, its end included. Fails with E_PROTOCOL, E_TOO_LARGE, E_MEMORY. */
cachet_status ct_head_line(struct ct_head *head, cachet_bytes line, cachet_error *err);

/* The fields of a complete head, in order. Borrowed until the head is reset. */
const cachet_field *ct_head_fields(const struct ct_head *head, size_t *ret_count);

#endif
