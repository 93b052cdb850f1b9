/* SPDX-License-Identifier: MIT */
#include "http/policy.h"

#include "http/freshness.h"
#include "http/judge.h"
#include "http/validate.h"

static bool is_get(cachet_bytes method)
{
    return ct_bytes_equal(method, CT_BYTES("GET"));
}

/* RFC 9110 13.1. */
bool ct_request_has_conditions(const struct ct_fields *request)
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
    else if (ct_request_has_conditions(&request->fields))
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

/* What both sides say, and how old the stored response is by it. */
struct judgement {
    const struct ct_policy_settings *settings;
    const struct ct_request_facts *request;
    const struct ct_response_facts *stored;
    struct ct_cache_control asked;
    struct ct_cache_control stated;
    int64_t lifetime_s;
    int64_t age_s;
};

static void judge(const struct ct_policy_settings *settings,
                  const struct ct_request_facts *request,
                  const struct ct_response_facts *stored, int64_t now_ms,
                  struct judgement *ret_judgement)
{
    ret_judgement->settings = settings;
    ret_judgement->request = request;
    ret_judgement->stored = stored;
    ct_cache_control_read(&request->fields, &ret_judgement->asked);
    ret_judgement->lifetime_s = ret_judgement->age_s = 0;
    if (stored == NULL)
        return;
    ct_freshness_stated(settings, &stored->fields, &ret_judgement->stated);
    ret_judgement->lifetime_s = ct_freshness_s(settings, stored, &ret_judgement->stated);
    ret_judgement->age_s = ct_policy_age_s(stored, now_ms);
}

/* Seconds past its lifetime. What is so old that nobody counts any more is the stalest. */
static int64_t staleness_s(const struct judgement *judged)
{
    if (judged->age_s < judged->lifetime_s)
        return 0;
    return judged->age_s >= CT_DELTA_SECONDS_MAX ? CT_DELTA_SECONDS_MAX
                                                 : judged->age_s - judged->lifetime_s;
}

/*
 * RFC 9111 4.2.4: stale is forbidden by 5.2.2.2 (must-revalidate), 5.2.2.4 (no-cache) and, to
 * shared caches, 5.2.2.8 (proxy-revalidate) and 5.2.2.10 (s-maxage).
 */
static bool forbids_stale(const struct judgement *judged)
{
    const struct ct_cache_control *const stated = &judged->stated;

    return ct_control_has(stated, CT_DIRECTIVE_MUST_REVALIDATE) ||
           ct_control_has_whole(stated, CT_DIRECTIVE_NO_CACHE) ||
           (judged->settings->is_shared &&
            (ct_control_has(stated, CT_DIRECTIVE_PROXY_REVALIDATE) ||
             ct_control_has(stated, CT_DIRECTIVE_S_MAXAGE)));
}

/* Is it stale by less than the directive's seconds? */
static bool is_within(const struct judgement *judged, const struct ct_cache_control *control,
                      enum ct_directive directive)
{
    return ct_control_is_valid(control, directive) &&
           staleness_s(judged) < control->seconds[directive];
}

/*
 * RFC 9111 5.2.1.2: "by no more than". A saturated age is no known age: only the max-stale that
 * takes any is as long.
 */
static bool takes_stale(const struct judgement *judged)
{
    const struct ct_cache_control *const asked = &judged->asked;

    return ct_control_is_valid(asked, CT_DIRECTIVE_MAX_STALE) &&
           staleness_s(judged) <= asked->seconds[CT_DIRECTIVE_MAX_STALE] &&
           !is_too_old(asked, judged->age_s) && !ct_control_has(asked, CT_DIRECTIVE_MIN_FRESH);
}

/*
 * RFC 5861 3. RFC 9111 5.2.1.1, 5.2.1.3: who names an age or a freshness does not want stale.
 */
static bool is_refreshed_meanwhile(const struct judgement *judged)
{
    return judged->settings->serves_stale &&
           is_within(judged, &judged->stated, CT_DIRECTIVE_STALE_WHILE_REVALIDATE) &&
           !ct_control_has(&judged->asked, CT_DIRECTIVE_MAX_AGE) &&
           !ct_control_has(&judged->asked, CT_DIRECTIVE_MIN_FRESH);
}

/* Must a new response be fetched, whatever validators a stored one has? FRESH if not. */
static enum ct_reason why_fetch(const struct judgement *judged)
{
    if (judged->request->force_refresh)
        return CT_REASON_FORCE_REFRESH;
    if (judged->stored == NULL)
        return CT_REASON_ABSENT;
    if (ct_control_has(&judged->asked, CT_DIRECTIVE_NO_STORE))
        return CT_REASON_REQUEST_NO_STORE;
    /* SEAL 2: what other settings let in is judged by these. */
    return ct_policy_why_kept_out(judged->settings, &judged->stated, judged->stored->status);
}

/* The stored response is stale. Why it is served all the same, or else STALE. */
static enum ct_reason why_stale(const struct judgement *judged)
{
    if (forbids_stale(judged))
        return CT_REASON_STALE;
    if (takes_stale(judged))
        return CT_REASON_MAX_STALE;
    if (is_refreshed_meanwhile(judged))
        return CT_REASON_STALE_WHILE_REVALIDATE;
    return CT_REASON_STALE;
}

/* RFC 8246 2: while it is fresh an immutable response is not asked for again by a reload. */
static bool is_settled(const struct judgement *judged)
{
    return ct_control_has(&judged->stated, CT_DIRECTIVE_IMMUTABLE) &&
           ct_control_is_valid(&judged->asked, CT_DIRECTIVE_MAX_AGE) &&
           judged->asked.seconds[CT_DIRECTIVE_MAX_AGE] == 0;
}

/* RFC 9111 4: may the selected response be reused without asking, and by which rule? */
static enum ct_reason why_validate(const struct judgement *judged, int64_t now_ms)
{
    if (ct_freshness_is_future(judged->stored, now_ms))
        return CT_REASON_FUTURE;
    if (ct_control_has_whole(&judged->stated, CT_DIRECTIVE_NO_CACHE))
        return CT_REASON_NO_CACHE;
    if (judged->request->refresh)
        return CT_REASON_REFRESH;
    if (asks_for_no_cache(judged->request, &judged->asked))
        return CT_REASON_REQUEST_NO_CACHE;
    if (judged->age_s >= judged->lifetime_s)
        return why_stale(judged);
    if (is_too_old(&judged->asked, judged->age_s) && !is_settled(judged))
        return CT_REASON_REQUEST_MAX_AGE;
    if (is_too_close(&judged->asked, judged->lifetime_s - judged->age_s))
        return CT_REASON_REQUEST_MIN_FRESH;
    return CT_REASON_FRESH;
}

static struct ct_decision decide(const struct judgement *judged, int64_t now_ms)
{
    struct ct_decision decision = {.action = CT_ACTION_FETCH, .reason = why_fetch(judged)};

    if (decision.reason != CT_REASON_FRESH)
        return decision;
    decision.reason = why_validate(judged, now_ms);
    if (decision.reason == CT_REASON_FRESH || decision.reason == CT_REASON_MAX_STALE)
        decision.action = CT_ACTION_SERVE;
    else if (decision.reason == CT_REASON_STALE_WHILE_REVALIDATE)
        decision.action = CT_ACTION_SERVE_STALE;
    else if (ct_validate_is_possible(&judged->stored->fields))
        decision.action = CT_ACTION_REVALIDATE;
    return decision;
}

struct ct_decision ct_policy_decide(const struct ct_policy_settings *settings,
                                    const struct ct_request_facts *request,
                                    const struct ct_response_facts *stored, int64_t now_ms)
{
    struct judgement judged;

    judge(settings, request, stored, now_ms, &judged);
    struct ct_decision decision = decide(&judged, now_ms);
    decision.age_s = judged.age_s;
    decision.lifetime_s = judged.lifetime_s;
    /* RFC 9111 5.2.1.7: nothing leaves, no refreshing either. */
    if (request->only_if_cached || ct_control_has(&judged.asked, CT_DIRECTIVE_ONLY_IF_CACHED)) {
        if (decision.action == CT_ACTION_SERVE_STALE)
            decision.action = CT_ACTION_SERVE;
        if (decision.action != CT_ACTION_SERVE) {
            decision.action = CT_ACTION_REFUSE;
            decision.reason = CT_REASON_ONLY_IF_CACHED;
        }
    }
    return decision;
}

/* RFC 5861 4: what counts as an error; RFC 9111 4.2.4: 0 is being disconnected. */
static bool is_error(int status)
{
    return status == 0 || status == 500 || (status >= 502 && status <= 504);
}

/*
 * RFC 5861 4: where either side names a window it holds for a lost connection too: past it the
 * origin did not want this served.
 */
static enum ct_reason why_on_error(const struct judgement *judged, int error_status)
{
    const bool has_window = ct_control_has(&judged->stated, CT_DIRECTIVE_STALE_IF_ERROR) ||
                            ct_control_has(&judged->asked, CT_DIRECTIVE_STALE_IF_ERROR);

    if (is_within(judged, &judged->stated, CT_DIRECTIVE_STALE_IF_ERROR) ||
        is_within(judged, &judged->asked, CT_DIRECTIVE_STALE_IF_ERROR))
        return CT_REASON_STALE_IF_ERROR;
    return error_status == 0 && !has_window ? CT_REASON_DISCONNECTED : CT_REASON_STALE;
}

/* Is the stored response out of question, however the origin fails? FRESH if not. */
static enum ct_reason why_not_on_error(const struct judgement *judged, int64_t now_ms)
{
    const enum ct_reason reason = why_fetch(judged);

    if (reason != CT_REASON_FRESH)
        return reason;
    if (ct_freshness_is_future(judged->stored, now_ms))
        return CT_REASON_FUTURE;
    if (judged->request->refresh)
        return CT_REASON_REFRESH;
    if (asks_for_no_cache(judged->request, &judged->asked))
        return CT_REASON_REQUEST_NO_CACHE;
    if (ct_control_has_whole(&judged->stated, CT_DIRECTIVE_NO_CACHE) ||
        (judged->age_s >= judged->lifetime_s && forbids_stale(judged)))
        return CT_REASON_MUST_REVALIDATE;
    return CT_REASON_FRESH;
}

bool ct_policy_may_serve_on_error(const struct ct_policy_settings *settings,
                                  const struct ct_request_facts *request,
                                  const struct ct_response_facts *stored, int error_status,
                                  int64_t now_ms, enum ct_reason *ret_reason)
{
    struct judgement judged;

    judge(settings, request, stored, now_ms, &judged);
    *ret_reason = is_error(error_status) ? why_not_on_error(&judged, now_ms) : CT_REASON_STATUS;
    if (*ret_reason == CT_REASON_FRESH)
        *ret_reason = why_on_error(&judged, error_status);
    return *ret_reason == CT_REASON_STALE_IF_ERROR || *ret_reason == CT_REASON_DISCONNECTED;
}

bool ct_method_is_safe(cachet_bytes method)
{
    /* RFC 9110 9.2.1; RFC 4918 9.1; RFC 3253 3.6; RFC 5323 2; RFC 10008 2. In this case only.
     */
    static const char *const safe[] = {"GET",      "HEAD",   "OPTIONS", "TRACE",
                                       "PROPFIND", "REPORT", "SEARCH",  "QUERY"};

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

    ct_freshness_stated(settings, response, &stated);
    return withholds(settings, &stated, CT_DIRECTIVE_NO_CACHE) ||
           withholds(settings, &stated, CT_DIRECTIVE_PRIVATE);
}

bool ct_policy_withholds(const struct ct_policy_settings *settings,
                         const struct ct_fields *response, cachet_bytes field_name)
{
    struct ct_cache_control stated;

    ct_freshness_stated(settings, response, &stated);
    return (withholds(settings, &stated, CT_DIRECTIVE_NO_CACHE) &&
            ct_control_names(response, &stated, CT_DIRECTIVE_NO_CACHE, field_name)) ||
           (withholds(settings, &stated, CT_DIRECTIVE_PRIVATE) &&
            ct_control_names(response, &stated, CT_DIRECTIVE_PRIVATE, field_name));
}
