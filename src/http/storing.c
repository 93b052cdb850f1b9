/* SPDX-License-Identifier: MIT */
/* What may be stored (RFC 9111 3). */
#include "http/freshness.h"
#include "http/judge.h"
#include "http/name.h"
#include "http/range.h"
#include "http/validate.h"

/*
 * RFC 9111 5.2.2.3: statuses whose rules for caching are kept here: those of RFC 9110 15 that
 * are final.
 */
static bool is_understood(int status)
{
    return (status >= 200 && status <= 206) || (status >= 300 && status <= 305) ||
           status == 307 || status == 308 || (status >= 400 && status <= 417) ||
           status == 421 || status == 422 || status == 426 || (status >= 500 && status <= 505);
}

/* RFC 9111 3: with must-understand no-store is for those who do not understand. */
enum ct_reason ct_policy_why_kept_out(const struct ct_policy_settings *settings,
                                      const struct ct_cache_control *stated, int status)
{
    if (ct_control_has(stated, CT_DIRECTIVE_MUST_UNDERSTAND)) {
        if (!is_understood(status))
            return CT_REASON_MUST_UNDERSTAND;
    } else if (ct_control_has(stated, CT_DIRECTIVE_NO_STORE)) {
        return CT_REASON_NO_STORE;
    }
    if (settings->is_shared && ct_control_has_whole(stated, CT_DIRECTIVE_PRIVATE))
        return CT_REASON_PRIVATE;
    return CT_REASON_FRESH;
}

/* RFC 9111 3.3: one part, and it says which. */
static bool is_storable_part(const struct ct_policy_settings *settings,
                             const struct ct_response_facts *response)
{
    struct ct_span span;

    return settings->keeps_partial && ct_content_range_read(&response->fields, &span);
}

/* RFC 9111 3: any final status. 304 is about another response, 206 is a part of one. */
static bool is_storable_status(const struct ct_policy_settings *settings,
                               const struct ct_response_facts *response)
{
    const int status = response->status;

    if (status == 206)
        return is_storable_part(settings, response);
    return status >= 200 && status <= 999 && status != 304;
}

/*
 * RFC 9110 15.5.13, 15.5.17: these speak of the request's own conditions or range, which are no
 * part of its name: kept, they would answer requests that have none.
 */
static bool is_about_request(const struct ct_request_facts *request, int status)
{
    return (status == 412 && ct_request_has_conditions(&request->fields)) ||
           (status == 416 && ct_fields_has(&request->fields, CT_BYTES("range")));
}

/* RFC 9111 3.5: what lets a shared cache keep an answer to somebody's Authorization. */
static bool is_for_all(const struct ct_cache_control *stated)
{
    return ct_control_has(stated, CT_DIRECTIVE_PUBLIC) ||
           ct_control_has(stated, CT_DIRECTIVE_MUST_REVALIDATE) ||
           ct_control_is_valid(stated, CT_DIRECTIVE_S_MAXAGE);
}

bool ct_policy_is_for_all(const struct ct_policy_settings *settings,
                          const struct ct_fields *response)
{
    struct ct_cache_control stated;

    ct_freshness_stated(settings, response, &stated);
    return settings->is_shared && is_for_all(&stated) &&
           !ct_control_has_whole(&stated, CT_DIRECTIVE_PRIVATE);
}

/* May it be served though it is no longer fresh, and without asking (RFC 5861 3, 4)? */
static bool has_stale_use(const struct ct_policy_settings *settings,
                          const struct ct_cache_control *stated)
{
    return (settings->serves_stale &&
            stated->seconds[CT_DIRECTIVE_STALE_WHILE_REVALIDATE] > 0) ||
           stated->seconds[CT_DIRECTIVE_STALE_IF_ERROR] > 0;
}

/*
 * RFC 9111 3, its last condition, and what it does not ask: that the response can be of use
 * again, fresh or by a validator. STORABLE if so.
 */
static enum ct_reason why_useless(const struct ct_policy_settings *settings,
                                  const struct ct_response_facts *response,
                                  const struct ct_cache_control *stated)
{
    int64_t explicit_s = 0;
    const bool is_explicit = ct_freshness_explicit_s(settings, response, stated, &explicit_s);
    const int64_t lifetime_s = ct_freshness_s(settings, response, stated);
    const bool is_allowed =
        is_explicit || ct_control_has(stated, CT_DIRECTIVE_PUBLIC) ||
        (!settings->is_shared && ct_control_has(stated, CT_DIRECTIVE_PRIVATE)) ||
        ct_freshness_is_heuristic_status(response->status);
    const bool needs_validator = (lifetime_s == 0 && !has_stale_use(settings, stated)) ||
                                 ct_control_has_whole(stated, CT_DIRECTIVE_NO_CACHE);

    if (is_allowed && (!needs_validator || ct_validate_is_possible(&response->fields)))
        return CT_REASON_STORABLE;
    return lifetime_s > 0 ? CT_REASON_NO_CACHE : CT_REASON_NO_FRESHNESS;
}

/* All but the method. */
static enum ct_reason why_not_store(const struct ct_policy_settings *settings,
                                    const struct ct_request_facts *request,
                                    const struct ct_response_facts *response)
{
    struct ct_cache_control asked, stated;

    if (!is_storable_status(settings, response) || is_about_request(request, response->status))
        return CT_REASON_STATUS;
    ct_cache_control_read(&request->fields, &asked);
    if (ct_control_has(&asked, CT_DIRECTIVE_NO_STORE))
        return CT_REASON_REQUEST_NO_STORE;
    ct_freshness_stated(settings, &response->fields, &stated);
    const enum ct_reason reason = ct_policy_why_kept_out(settings, &stated, response->status);
    if (reason != CT_REASON_FRESH)
        return reason;
    if (settings->is_shared && !is_for_all(&stated) &&
        ct_fields_has(&request->fields, CT_BYTES("authorization")))
        return CT_REASON_AUTHORIZATION;
    if (ct_vary_is_any(&response->fields))
        return CT_REASON_VARY_ANY;
    return why_useless(settings, response, &stated);
}

bool ct_method_is_cached(cachet_bytes method)
{
    return ct_bytes_equal(method, CT_BYTES("GET")) || ct_bytes_equal(method, CT_BYTES("QUERY"));
}

bool ct_policy_may_store(const struct ct_policy_settings *settings,
                         const struct ct_request_facts *request,
                         const struct ct_response_facts *response, enum ct_reason *ret_reason)
{
    *ret_reason = ct_method_is_cached(request->method)
                      ? why_not_store(settings, request, response)
                      : CT_REASON_METHOD;
    return *ret_reason == CT_REASON_STORABLE;
}

/* RFC 9110 8.7: it is the representation that a GET of `url` would give. */
static bool is_content_of(const struct ct_response_facts *response, const struct ct_url *url,
                          struct ct_buf *scratch)
{
    cachet_bytes location;
    struct ct_url resolved;

    ct_buf_reset(scratch);
    return response->status >= 200 && response->status <= 299 && response->status != 206 &&
           ct_fields_only(&response->fields, CT_BYTES("content-location"), &location) &&
           ct_url_resolve(url, location, scratch, &resolved, NULL) == CACHET_OK &&
           ct_bytes_equal(resolved.text, url->text);
}

bool ct_policy_may_store_for_get(const struct ct_policy_settings *settings,
                                 const struct ct_request_facts *request,
                                 const struct ct_response_facts *response,
                                 const struct ct_url *url, struct ct_buf *scratch,
                                 enum ct_reason *ret_reason)
{
    struct ct_cache_control stated;
    int64_t lifetime_s = 0;

    *ret_reason = CT_REASON_METHOD;
    if (!ct_bytes_equal(request->method, CT_BYTES("POST")) ||
        !is_content_of(response, url, scratch))
        return false;
    ct_freshness_stated(settings, &response->fields, &stated);
    if (!ct_freshness_explicit_s(settings, response, &stated, &lifetime_s) || lifetime_s == 0)
        *ret_reason = CT_REASON_NO_FRESHNESS;
    else
        *ret_reason = why_not_store(settings, request, response);
    return *ret_reason == CT_REASON_STORABLE;
}
