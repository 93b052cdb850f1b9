/* SPDX-License-Identifier: MIT */
/* What an answer to an unsafe method makes invalid besides its target (RFC 9111 4.4, RFC 9875).
 */
#ifndef CT_HTTP_INVALIDATION_H
#define CT_HTTP_INVALIDATION_H

#include "http/fields.h"
#include "http/url.h"

/*
 * RFC 9111 4.4: does the response's `name` (Location or Content-Location) name another URL of
 * the target's origin? Appends it to `buf`, normalised, which `ret_url` then points into. Ask
 * only where ct_policy_invalidates.
 */
bool ct_invalidation_url(const struct ct_url *target, const struct ct_fields *response,
                         cachet_bytes name, struct ct_buf *buf, struct ct_url *ret_url);

/* RFC 9875 2: at least 32 of them must be read. */
#define CT_GROUPS_MAX 64u

/* Names of groups, as they stand in the field: equal if their bytes are. */
struct ct_groups {
    cachet_bytes at[CT_GROUPS_MAX];
    size_t count;
};

/*
 * RFC 9875 2, 3: the strings that Cache-Groups (of any response) or Cache-Group-Invalidation
 * (of a response to an unsafe method, of any status) lists. None where the field is anything
 * but a list of strings; those past the maximum are left out.
 */
void ct_groups_read(const struct ct_fields *response, cachet_bytes name,
                    struct ct_groups *ret_groups);

/* RFC 9875 2.1: have both one in common? The caller compares the origins. */
bool ct_groups_share(const struct ct_groups *a, const struct ct_groups *b);

#endif
