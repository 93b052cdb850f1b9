/* SPDX-License-Identifier: MIT */
/* Asking whether what is stored still holds, and taking in the answer (RFC 9111 4.3). */
#ifndef CT_HTTP_VALIDATE_H
#define CT_HTTP_VALIDATE_H

#include "http/policy.h"

#define CT_CONDITIONS_MAX 2u

/* A validator that can be sent: an ETag, or a Last-Modified that is a date. */
bool ct_validate_is_possible(const struct ct_fields *stored);

/*
 * The fields that ask (If-None-Match, If-Modified-Since), as views into the stored ones;
 * returns how many.
 */
size_t ct_validate_conditions(const struct ct_fields *stored,
                              cachet_field ret_conditions[CT_CONDITIONS_MAX]);

/*
 * RFC 9111 4.3.4: does this 304 confirm the stored response? By a strong validator that is the
 * same, by a weak one that is the same, or, where the 304 has none, by being the only answer to
 * our own conditions.
 */
bool ct_validate_confirms(const struct ct_fields *stored, const struct ct_fields *answer);

/*
 * RFC 9111 3.2: the stored fields, updated by the 304's. `ret_fields` has room for the sum of
 * both counts; returns how many. Views into both.
 */
size_t ct_validate_merge(const struct ct_fields *stored, const struct ct_fields *answer,
                         cachet_field *ret_fields);

#endif
