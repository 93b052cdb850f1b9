/* SPDX-License-Identifier: MIT */
/* RFC 9211: what the cache did, for the response's reader. */
#ifndef CT_HTTP_CACHE_STATUS_H
#define CT_HTTP_CACHE_STATUS_H

#include "base/buf.h"
#include "http/policy.h"

struct ct_cache_status {
    bool is_hit;
    bool is_forwarded;
    enum ct_reason forwarded; /* why it was forwarded */
    int forwarded_status;     /* what the origin answered, 0 if it did not */
    bool is_stored;
    bool has_ttl;
    int64_t ttl_s;      /* may be negative */
    const char *detail; /* a token; NULL for none */
};

/* Appends the member: "cachet; hit; ttl=57" or "cachet; fwd=stale; fwd-status=304; stored". */
void ct_cache_status_format(const struct ct_cache_status *status, struct ct_buf *buf);

#endif
