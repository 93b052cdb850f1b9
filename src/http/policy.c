/* SPDX-License-Identifier: MIT */
#include "http/policy.h"

#include "http/cache_control.h"
#include "http/freshness.h"
#include "http/name.h"
#include "http/validate.h"

static bool is_get(cachet_bytes method)
{
    return ct_bytes_equal(method, CT_BYTES("GET"));
}

/* RFC 9110 13.1. */
static bool has_own_conditions(const struct ct_fields *request)
{
    static const char *const names[] = {"if-none-match", "if-modified-since", "if-match",
                                        "if-unmodified-since", "if-range"};

    for (size_t i = 0; i < request->count; i++) {
        const cachet_bytes name = request->at[i].name;
        if (!ct_bytes_equal_nocase(ct_bytes_first(name, 3), CT_BYTES("if-")))
            continue;
        for (size_t k = 0; k < CT_COUNT_OF(names); k++)
            if (ct_bytes_equal_nocase(name, cachet_bytes_of(names[k])))
                return true;
    }
    return false;
}

bool ct_policy_may_look_up(const struct ct_request_facts *request, enum ct_reason *ret_reason)
{
    if (!is_get(request->method) && !ct_bytes_equal(request->method, CT_BYTES("HEAD")))
        *ret_reason = CT_REASON_METHOD;
    else if (ct_fields_has(&request->fields, CT_BYTES("range")))
        *ret_reason = CT_REASON_RANGE;
    else if (has_own_conditions(&request->fields))
        *ret_reason = CT_REASON_CONDITIONAL;
    else
        return true;
    return false;
}

/* RFC 9111 5.4: Pragma counts in requests, and only where Cache-Control says nothing. */
static bool asks_for_no_cache(const struct ct_request_facts *request,
                              const struct ct_cache_control *control)
{
    struct ct_list_cursor cursor = {0};
    cachet_bytes member;

    if (control->is_there)
        return ct_control_has(control, CT_DIRECTIVE_NO_CACHE);
    while (ct_fields_list_next(&request->fields, CT_BYTES("pragma"), &cursor, &member))
        if (ct_bytes_equal_nocase(member, CT_BYTES("no-cache")))
            return true;
    return false;
}

/*
 * RFC 9111 5.2.1.1. max-age=0 is how a reload is asked for: it never takes what is stored, not
 * even in its first second.
 */
static bool is_too_old(const struct ct_cache_control *control, int64_t age_s)
{
    const int64_t max_age_s = control->seconds[CT_DIRECTIVE_MAX_AGE];

    return ct_control_has(control, CT_DIRECTIVE_MAX_AGE) &&
           (max_age_s == 0 || age_s > max_age_s);
}

/* RFC 9111 5.2.1.3; a number that cannot be read is one that is never reached. */
static bool is_too_close(const struct ct_cache_control *control, int64_t left_s)
{
    if (!ct_control_has(control, CT_DIRECTIVE_MIN_FRESH))
        return false;
    return !ct_control_is_valid(control, CT_DIRECTIVE_MIN_FRESH) ||
           left_s < control->seconds[CT_DIRECTIVE_MIN_FRESH];
}

/* Must a new response be fetched, whatever validators a stored one has? FRESH if not. */
static enum ct_reason why_fetch(const struct ct_policy_settings *settings,
                                const struct ct_request_facts *request,
                                const struct ct_cache_control *asked,
                                const struct ct_cache_control *stated)
{
    if (request->force_refresh)
        return CT_REASON_FORCE_REFRESH;
    if (stated == NULL)
        return CT_REASON_ABSENT;
    if (ct_control_has(asked, CT_DIRECTIVE_NO_STORE))
        return CT_REASON_REQUEST_NO_STORE;
    /* SEAL 2: what other settings let in is judged by these. */
    if (ct_control_has(stated, CT_DIRECTIVE_NO_STORE))
        return CT_REASON_NO_STORE;
    if (settings->is_shared && ct_control_has_whole(stated, CT_DIRECTIVE_PRIVATE))
        return CT_REASON_PRIVATE;
    return CT_REASON_FRESH;
}

/* RFC 9111 4: may the selected response be reused without asking? FRESH if so. */
static enum ct_reason why_validate(const struct ct_policy_settings *settings,
                                   const struct ct_request_facts *request,
                                   const struct ct_cache_control *asked,
                                   const struct ct_cache_control *stated,
                                   const struct ct_response_facts *stored, int64_t now_ms)
{
    int64_t lifetime_s = 0;

    if (ct_freshness_is_future(stored, now_ms))
        return CT_REASON_FUTURE;
    if (ct_control_has_whole(stated, CT_DIRECTIVE_NO_CACHE))
        return CT_REASON_NO_CACHE;
    if (request->refresh)
        return CT_REASON_REFRESH;
    if (asks_for_no_cache(request, asked))
        return CT_REASON_REQUEST_NO_CACHE;

    (void) ct_freshness_explicit_s(settings, stored, stated, &lifetime_s);
    const int64_t age_s = ct_policy_age_s(stored, now_ms);
    if (age_s >= lifetime_s)
        return CT_REASON_STALE;
    if (is_too_old(asked, age_s))
        return CT_REASON_REQUEST_MAX_AGE;
    if (is_too_close(asked, lifetime_s - age_s))
        return CT_REASON_REQUEST_MIN_FRESH;
    return CT_REASON_FRESH;
}

struct ct_decision ct_policy_decide(const struct ct_policy_settings *settings,
                                    const struct ct_request_facts *request,
                                    const struct ct_response_facts *stored, int64_t now_ms)
{
    struct ct_decision decision = {.action = CT_ACTION_FETCH};
    struct ct_cache_control asked, stated;

    ct_cache_control_read(&request->fields, &asked);
    if (stored != NULL)
        ct_cache_control_read(&stored->fields, &stated);
    decision.reason = why_fetch(settings, request, &asked, stored == NULL ? NULL : &stated);
    if (decision.reason == CT_REASON_FRESH) {
        decision.reason = why_validate(settings, request, &asked, &stated, stored, now_ms);
        if (decision.reason == CT_REASON_FRESH)
            decision.action = CT_ACTION_SERVE;
        else if (ct_validate_is_possible(&stored->fields))
            decision.action = CT_ACTION_REVALIDATE;
    }
    /* RFC 9111 5.2.1.7. */
    if (decision.action != CT_ACTION_SERVE &&
        (request->only_if_cached || ct_control_has(&asked, CT_DIRECTIVE_ONLY_IF_CACHED)))
        decision = (struct ct_decision){CT_ACTION_REFUSE, CT_REASON_ONLY_IF_CACHED};
    return decision;
}

/* RFC 9110 15.1: may be stored though they state no lifetime; 206 is not stored at all yet. */
static bool is_heuristically_cacheable(int status)
{
    static const int statuses[] = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501};

    for (size_t i = 0; i < CT_COUNT_OF(statuses); i++)
        if (statuses[i] == status)
            return true;
    return false;
}

/* RFC 9111 3: any final status. 304 is about another response, 206 is a part of one. */
static bool is_storable_status(int status)
{
    return status >= 200 && status <= 999 && status != 206 && status != 304;
}

/*
 * RFC 9110 15.5.13, 15.5.17: these speak of the request's own conditions or range, which are no
 * part of its name: kept, they would answer requests that have none.
 */
static bool is_about_request(const struct ct_request_facts *request, int status)
{
    return (status == 412 && has_own_conditions(&request->fields)) ||
           (status == 416 && ct_fields_has(&request->fields, CT_BYTES("range")));
}

/* RFC 9111 3.5. */
static bool is_someones(const struct ct_request_facts *request,
                        const struct ct_cache_control *stated)
{
    return ct_fields_has(&request->fields, CT_BYTES("authorization")) &&
           !ct_control_has(stated, CT_DIRECTIVE_PUBLIC) &&
           !ct_control_has(stated, CT_DIRECTIVE_MUST_REVALIDATE) &&
           !ct_control_is_valid(stated, CT_DIRECTIVE_S_MAXAGE);
}

/*
 * RFC 9111 3, its last condition, and what it does not ask: that the response can be of use
 * again, fresh or by a validator. STORABLE if so.
 */
static enum ct_reason why_useless(const struct ct_policy_settings *settings,
                                  const struct ct_response_facts *response,
                                  const struct ct_cache_control *stated)
{
    int64_t lifetime_s = 0;
    const bool is_explicit = ct_freshness_explicit_s(settings, response, stated, &lifetime_s);
    const bool is_allowed =
        is_explicit || ct_control_has(stated, CT_DIRECTIVE_PUBLIC) ||
        (!settings->is_shared && ct_control_has(stated, CT_DIRECTIVE_PRIVATE)) ||
        is_heuristically_cacheable(response->status);
    const bool needs_validator =
        lifetime_s == 0 || ct_control_has_whole(stated, CT_DIRECTIVE_NO_CACHE);

    if (is_allowed && (!needs_validator || ct_validate_is_possible(&response->fields)))
        return CT_REASON_STORABLE;
    return lifetime_s > 0 ? CT_REASON_NO_CACHE : CT_REASON_NO_FRESHNESS;
}

static enum ct_reason why_not_store(const struct ct_policy_settings *settings,
                                    const struct ct_request_facts *request,
                                    const struct ct_response_facts *response)
{
    struct ct_cache_control asked, stated;

    if (!is_get(request->method))
        return CT_REASON_METHOD;
    if (!is_storable_status(response->status) || is_about_request(request, response->status))
        return CT_REASON_STATUS;
    ct_cache_control_read(&request->fields, &asked);
    if (ct_control_has(&asked, CT_DIRECTIVE_NO_STORE))
        return CT_REASON_REQUEST_NO_STORE;
    ct_cache_control_read(&response->fields, &stated);
    if (ct_control_has(&stated, CT_DIRECTIVE_NO_STORE))
        return CT_REASON_NO_STORE;
    if (settings->is_shared && ct_control_has_whole(&stated, CT_DIRECTIVE_PRIVATE))
        return CT_REASON_PRIVATE;
    if (settings->is_shared && is_someones(request, &stated))
        return CT_REASON_AUTHORIZATION;
    if (ct_vary_is_any(&response->fields))
        return CT_REASON_VARY_ANY;
    return why_useless(settings, response, &stated);
}

bool ct_policy_may_store(const struct ct_policy_settings *settings,
                         const struct ct_request_facts *request,
                         const struct ct_response_facts *response, enum ct_reason *ret_reason)
{
    *ret_reason = why_not_store(settings, request, response);
    return *ret_reason == CT_REASON_STORABLE;
}

bool ct_method_is_safe(cachet_bytes method)
{
    /* RFC 9110 9.2.1; RFC 4918 9.1; RFC 3253 3.6; RFC 5323 2. Methods are case-sensitive. */
    static const char *const safe[] = {"GET",      "HEAD",   "OPTIONS", "TRACE",
                                       "PROPFIND", "REPORT", "SEARCH"};

    for (size_t i = 0; i < CT_COUNT_OF(safe); i++)
        if (ct_bytes_equal(method, cachet_bytes_of(safe[i])))
            return true;
    return false;
}

bool ct_policy_invalidates(cachet_bytes method, int status)
{
    return !ct_method_is_safe(method) && status >= 200 && status <= 399;
}

/* Is this directive one that withholds fields? private is a matter of shared caches. */
static bool withholds(const struct ct_policy_settings *settings,
                      const struct ct_cache_control *stated, enum ct_directive directive)
{
    return ct_control_is_qualified(stated, directive) &&
           (directive == CT_DIRECTIVE_NO_CACHE || settings->is_shared);
}

bool ct_policy_withholds_some(const struct ct_policy_settings *settings,
                              const struct ct_fields *response)
{
    struct ct_cache_control stated;

    ct_cache_control_read(response, &stated);
    return withholds(settings, &stated, CT_DIRECTIVE_NO_CACHE) ||
           withholds(settings, &stated, CT_DIRECTIVE_PRIVATE);
}

bool ct_policy_withholds(const struct ct_policy_settings *settings,
                         const struct ct_fields *response, cachet_bytes field_name)
{
    struct ct_cache_control stated;

    ct_cache_control_read(response, &stated);
    return (withholds(settings, &stated, CT_DIRECTIVE_NO_CACHE) &&
            ct_control_names(response, CT_DIRECTIVE_NO_CACHE, field_name)) ||
           (withholds(settings, &stated, CT_DIRECTIVE_PRIVATE) &&
            ct_control_names(response, CT_DIRECTIVE_PRIVATE, field_name));
}
