/* SPDX-License-Identifier: MIT */
/* The application's own conditions, answered from what is stored (RFC 9110 13, RFC 9111 4.3.2).
 */
#ifndef CT_HTTP_CONDITIONAL_H
#define CT_HTTP_CONDITIONAL_H

#include "http/policy.h"

enum ct_conditional {
    CT_CONDITIONAL_NONE,         /* no condition, or one that asks for the whole response */
    CT_CONDITIONAL_NOT_MODIFIED, /* answer with a 304 */
    CT_CONDITIONAL_PASS,         /* If-Match, If-Unmodified-Since: only an origin may answer */
};

/*
 * What the request's conditions make of a stored response that may be served. RFC 9110 13.2.2:
 * If-None-Match has precedence over If-Modified-Since; If-Range is a matter of ranges.
 * A cache answers no 412: RFC 9111 4.3.2 leaves If-Match and If-Unmodified-Since to the origin.
 */
enum ct_conditional ct_conditional_evaluate(const struct ct_request_facts *request,
                                            const struct ct_response_facts *stored);

/*
 * RFC 9110 15.4.5: the stored fields that a 304 out of the cache carries: not those that
 * describe content which is not there. `ret_fields` has room for fields->count; returns how
 * many.
 */
size_t ct_conditional_fields(const struct ct_fields *fields, cachet_field *ret_fields);

#endif
