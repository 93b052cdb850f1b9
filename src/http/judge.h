/* SPDX-License-Identifier: MIT */
/* What storing and reusing judge alike. */
#ifndef CT_HTTP_JUDGE_H
#define CT_HTTP_JUDGE_H

#include "http/cache_control.h"
#include "http/policy.h"

/* RFC 9110 13.1: any of the five fields. */
bool ct_request_has_conditions(const struct ct_fields *request);

/*
 * Does the response itself keep this cache from having it (no-store, private,
 * must-understand)? FRESH if not.
 */
enum ct_reason ct_policy_why_kept_out(const struct ct_policy_settings *settings,
                                      const struct ct_cache_control *stated, int status);

#endif
