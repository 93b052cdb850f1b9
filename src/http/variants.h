/* SPDX-License-Identifier: MIT */
/* Several stored responses under one name (RFC 9111 4.3.1, 4.3.4, 4.3.5). */
#ifndef CT_HTTP_VARIANTS_H
#define CT_HTTP_VARIANTS_H

#include "http/policy.h"

/*
 * RFC 9111 4.3.1, 4.3.2: the value of an If-None-Match that asks after every variant, and after
 * what the request itself names (NULL, or a request without one, for none). Returns its size, 0
 * where there is no entity tag at all, or "*" is asked for; written only if `capacity` is
 * enough.
 */
size_t ct_variants_etags(const struct ct_fields *request, const struct ct_fields *variants,
                         size_t count, void *ret_text, size_t capacity);

/*
 * RFC 9111 4.3.4: which variants (the most recent first) the 304 confirms: all with its strong
 * validator, else the most recent with its weak one, else, where it has none, the only one that
 * was asked after. Fills ret_is_confirmed[count]; returns the first of them, or `count` where
 * there is none.
 */
size_t ct_variants_select(const struct ct_fields *variants, size_t count,
                          const struct ct_fields *answer, bool *ret_is_confirmed);

/*
 * RFC 9111 4.3.5: after a HEAD that was answered with 200, may the stored GET be updated by its
 * fields (ct_validate_merge)? If not it counts as stale from now on. `body_size` is of the
 * stored body.
 */
bool ct_head_freshens(const struct ct_fields *stored, uint64_t body_size,
                      const struct ct_fields *head);

#endif
