/* SPDX-License-Identifier: MIT */
#include "http/freshness.h"

#include "http/date.h"

#define SECOND_MS INT64_C(1000)
#define HEURISTIC_SHARE 10 /* one part in ten of the time since the last change */
#define HEURISTIC_MAX_S INT64_C(604800)
#define FUTURE_TOLERANCE_MS (60 * SECOND_MS)

/* a - b, but never less than 0 nor more than the ceiling; whatever the clocks said. */
static int64_t elapsed(int64_t a, int64_t b, int64_t ceiling)
{
    int64_t difference;

    if (a <= b)
        return 0;
    if (__builtin_sub_overflow(a, b, &difference) || difference > ceiling)
        return ceiling;
    return difference;
}

/* Rounded down also before 1970. */
static int64_t to_s(int64_t time_ms)
{
    return time_ms / SECOND_MS - (time_ms % SECOND_MS < 0);
}

/* RFC 9110 6.6.1: without a Date that can be read, the time of receipt stands for it. */
static int64_t date_s(const struct ct_response_facts *response)
{
    const int64_t received_s = to_s(response->received_at_ms);
    cachet_bytes text;
    int64_t date;

    if (ct_fields_only(&response->fields, CT_BYTES("date"), &text) &&
        ct_http_date_parse(text, received_s, &date))
        return date;
    return received_s;
}

/* RFC 9111 5.3: no valid date, or more lines than one, is a time in the past. */
static bool expires_lifetime(const struct ct_response_facts *response, int64_t *ret_lifetime_s)
{
    cachet_bytes text;
    int64_t expires;

    if (!ct_fields_has(&response->fields, CT_BYTES("expires")))
        return false;
    *ret_lifetime_s = 0;
    if (ct_fields_only(&response->fields, CT_BYTES("expires"), &text) &&
        ct_http_date_parse(text, to_s(response->received_at_ms), &expires))
        *ret_lifetime_s = elapsed(expires, date_s(response), CT_DELTA_SECONDS_MAX);
    return true;
}

/*
 * RFC 9111 4.2.1: the first of s-maxage (shared caches), max-age, Expires; 5.2.2.10. RFC 9213
 * 2.2: a targeted field leaves no word to Expires.
 */
bool ct_freshness_explicit_s(const struct ct_policy_settings *settings,
                             const struct ct_response_facts *response,
                             const struct ct_cache_control *control, int64_t *ret_lifetime_s)
{
    enum ct_directive directive = CT_DIRECTIVE_MAX_AGE;

    if (settings->is_shared && ct_control_has(control, CT_DIRECTIVE_S_MAXAGE))
        directive = CT_DIRECTIVE_S_MAXAGE;
    if (!ct_control_has(control, directive))
        return !control->is_targeted && expires_lifetime(response, ret_lifetime_s);
    *ret_lifetime_s = control->seconds[directive];
    return true;
}

void ct_freshness_stated(const struct ct_policy_settings *settings,
                         const struct ct_fields *fields, struct ct_cache_control *ret_control)
{
    ct_cache_control_read_for(fields, settings->targets, settings->target_count, ret_control);
}

bool ct_freshness_is_heuristic_status(int status)
{
    static const int statuses[] = {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501};

    for (size_t i = 0; i < CT_COUNT_OF(statuses); i++)
        if (statuses[i] == status)
            return true;
    return false;
}

/*
 * RFC 9111 4.2.2: a tenth of the time it had not changed for, but a week at most. Only of what
 * says when it changed, and only where nobody is surprised that it is kept.
 */
static int64_t heuristic_s(const struct ct_policy_settings *settings,
                           const struct ct_response_facts *response,
                           const struct ct_cache_control *control)
{
    cachet_bytes text;
    int64_t modified;

    if (settings->no_heuristics ||
        (!ct_freshness_is_heuristic_status(response->status) &&
         !ct_control_has(control, CT_DIRECTIVE_PUBLIC)) ||
        !ct_fields_only(&response->fields, CT_BYTES("last-modified"), &text) ||
        !ct_http_date_parse(text, to_s(response->received_at_ms), &modified))
        return 0;
    return elapsed(date_s(response), modified, HEURISTIC_MAX_S * HEURISTIC_SHARE) /
           HEURISTIC_SHARE;
}

int64_t ct_freshness_s(const struct ct_policy_settings *settings,
                       const struct ct_response_facts *response,
                       const struct ct_cache_control *control)
{
    int64_t lifetime_s = 0;

    if (ct_freshness_explicit_s(settings, response, control, &lifetime_s))
        return lifetime_s;
    return heuristic_s(settings, response, control);
}

int64_t ct_policy_lifetime_s(const struct ct_policy_settings *settings,
                             const struct ct_response_facts *response)
{
    struct ct_cache_control control;

    ct_freshness_stated(settings, &response->fields, &control);
    return ct_freshness_s(settings, response, &control);
}

/* RFC 9111 5.1: the first member of a list, and nothing where that is no number. */
static int64_t age_value_s(const struct ct_response_facts *response)
{
    struct ct_list_cursor cursor = {0};
    cachet_bytes digits;
    uint64_t age = 0;

    if (ct_fields_list_next(&response->fields, CT_BYTES("age"), &cursor, &digits))
        (void) ct_bytes_to_u64(digits, CT_DELTA_SECONDS_MAX, &age);
    return (int64_t) age;
}

/*
 * RFC 9111 4.2.3, summed in milliseconds and rounded once, at the end, so that a delay of two
 * milliseconds does not make a second. A Date counts whole seconds; so does what is compared
 * with it.
 */
int64_t ct_policy_age_s(const struct ct_response_facts *response, int64_t now_ms)
{
    const int64_t ceiling_ms = CT_DELTA_SECONDS_MAX * SECOND_MS;
    const int64_t received = response->received_at_ms;

    const int64_t apparent =
        elapsed(to_s(received), date_s(response), CT_DELTA_SECONDS_MAX) * SECOND_MS;
    const int64_t delay = elapsed(received, response->requested_at_ms, ceiling_ms);
    const int64_t corrected = age_value_s(response) * SECOND_MS + delay;
    const int64_t initial = apparent > corrected ? apparent : corrected;
    const int64_t age = (initial + elapsed(now_ms, received, ceiling_ms)) / SECOND_MS;

    return age < CT_DELTA_SECONDS_MAX ? age : CT_DELTA_SECONDS_MAX;
}

bool ct_freshness_is_future(const struct ct_response_facts *response, int64_t now_ms)
{
    return elapsed(response->received_at_ms, now_ms, INT64_MAX) > FUTURE_TOLERANCE_MS;
}
