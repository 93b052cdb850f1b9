/* SPDX-License-Identifier: MIT */
/* In which form a stored response answers a request: whole, in parts, or as a 304. */
#ifndef CT_HTTP_FORM_H
#define CT_HTTP_FORM_H

#include "http/policy.h"
#include "http/range.h"

enum ct_form_kind {
    CT_FORM_WHOLE,         /* as it is stored */
    CT_FORM_NOT_MODIFIED,  /* 304, with ct_conditional_fields */
    CT_FORM_PARTS,         /* 206 with form->ranges */
    CT_FORM_UNSATISFIABLE, /* 416 */
    CT_FORM_PASS,          /* not at all: If-Match and If-Unmodified-Since are the origin's */
    CT_FORM_MISSING,       /* not at all: a part is stored, and it is not enough */
};

struct ct_form {
    enum ct_form_kind kind;
    struct ct_ranges ranges; /* in bytes of the complete representation */
    bool has_span;
    struct ct_span span; /* what is stored of it */
};

/*
 * RFC 9110 13.2.2: conditions first, then If-Range and Range. `body_size` is of the stored
 * body. Says nothing about whether the response may be served.
 */
void ct_form_read(const struct ct_request_facts *request,
                  const struct ct_response_facts *stored, uint64_t body_size,
                  struct ct_form *ret_form);

/*
 * As ct_policy_decide, and the form. PASS and MISSING become a FETCH (CONDITIONAL, PARTIAL) or,
 * where the request must not leave, a refusal. After a 304 read the form again.
 */
struct ct_decision ct_policy_decide_form(const struct ct_policy_settings *settings,
                                         const struct ct_request_facts *request,
                                         const struct ct_response_facts *stored,
                                         uint64_t body_size, int64_t now_ms,
                                         struct ct_form *ret_form);

#define CT_COMPLETION_SIZE 40u

/*
 * RFC 9111 3.4: the Range and If-Range that ask for what is missing of a stored part, where it
 * is the beginning or the end and has a strong validator. Returns 2, or 0 where the whole must
 * be asked for. `room` holds the Range's text.
 */
size_t ct_form_completion(const struct ct_form *form, const struct ct_fields *stored,
                          char room[CT_COMPLETION_SIZE], cachet_field ret_fields[2]);

#endif
