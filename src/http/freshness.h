/* SPDX-License-Identifier: MIT */
/* How old a response is and how old it may get; ct_policy_lifetime_s and ct_policy_age_s are
 * these. */
#ifndef CT_HTTP_FRESHNESS_H
#define CT_HTTP_FRESHNESS_H

#include "http/cache_control.h"
#include "http/policy.h"

/* What Cache-Control, or the targeted field that stands for it, says (RFC 9213). */
void ct_freshness_stated(const struct ct_policy_settings *settings,
                         const struct ct_fields *fields, struct ct_cache_control *ret_control);

/* RFC 9111 4.2.1, 4.2.2: explicit, or else heuristic, or else 0. */
int64_t ct_freshness_s(const struct ct_policy_settings *settings,
                       const struct ct_response_facts *response,
                       const struct ct_cache_control *control);

/* RFC 9110 15.1: may be stored and reused though it states no lifetime. */
bool ct_freshness_is_heuristic_status(int status);

/* RFC 9111 4.2.1: false where the response states no lifetime. 0 where it states a bad one. */
bool ct_freshness_explicit_s(const struct ct_policy_settings *settings,
                             const struct ct_response_facts *response,
                             const struct ct_cache_control *control, int64_t *ret_lifetime_s);

/* SEAL 4 (3): it claims to have been received so far ahead that the clock or the claim lies. */
bool ct_freshness_is_future(const struct ct_response_facts *response, int64_t now_ms);

#endif
