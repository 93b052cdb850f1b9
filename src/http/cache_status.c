/* SPDX-License-Identifier: MIT */
#include "http/cache_status.h"

/*
 * RFC 9211 2. A hit was not forwarded (2.2); only what was forwarded has a status from the next
 * hop (2.3) and can be stored (2.5).
 */
void ct_cache_status_format(const struct ct_cache_status *status, struct ct_buf *buf)
{
    const bool is_forwarded = status->is_forwarded && !status->is_hit;

    ct_buf_text(buf, "cachet");
    if (status->is_hit)
        ct_buf_text(buf, "; hit");
    if (is_forwarded)
        ct_buf_format(buf, "; fwd=%s", ct_reason_forwarded(status->forwarded));
    if (is_forwarded && status->forwarded_status != 0)
        ct_buf_format(buf, "; fwd-status=%d", status->forwarded_status);
    if (is_forwarded && status->is_stored)
        ct_buf_text(buf, "; stored");
    if (status->has_ttl)
        ct_buf_format(buf, "; ttl=%lld", (long long) status->ttl_s);
    if (status->detail != NULL)
        ct_buf_format(buf, "; detail=%s", status->detail);
}
