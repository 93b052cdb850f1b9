/* SPDX-License-Identifier: MIT */
/* cachet/policy.h: the policy's functions in plain types. */
#include <cachet/policy.h>

#include "http/form.h"
#include "http/name.h"
#include "http/validate.h"
#include "http/variants.h"

#define CT_COPY_SIZED(to, from)                                                                \
    memcpy((to), (from), (from)->size < sizeof *(to) ? (from)->size : sizeof *(to))

_Static_assert(CACHET_RANGES_MAX == CT_RANGES_MAX && CACHET_CONDITIONS_MAX == CT_CONDITIONS_MAX,
               "the public maxima are the internal ones");

static struct ct_policy_settings settings_of(const cachet_policy *given)
{
    cachet_policy policy = {0};

    CT_COPY_SIZED(&policy, given);
    return (struct ct_policy_settings){
        .is_shared = (policy.flags & CACHET_POLICY_SHARED) != 0,
        .no_heuristics = (policy.flags & CACHET_POLICY_NO_HEURISTICS) != 0,
        .serves_stale = (policy.flags & CACHET_POLICY_SERVES_STALE) != 0,
        .keeps_partial = (policy.flags & CACHET_POLICY_KEEPS_PARTIAL) != 0,
        .targets = policy.targets,
        .target_count = policy.target_count,
    };
}

static struct ct_request_facts request_of(const cachet_policy_request *given)
{
    cachet_policy_request request = {0};

    CT_COPY_SIZED(&request, given);
    return (struct ct_request_facts){
        .method = request.method,
        .fields = {request.fields, request.field_count},
        .refresh = (request.flags & CACHET_REFRESH) != 0,
        .force_refresh = (request.flags & CACHET_FORCE_REFRESH) != 0,
        .only_if_cached = (request.flags & CACHET_ONLY_IF_CACHED) != 0,
    };
}

/* A response, and what else is said of it. */
struct stored {
    struct ct_response_facts facts;
    struct ct_fields request;
    uint64_t body_size;
};

static struct stored stored_of(const cachet_policy_response *given)
{
    cachet_policy_response response = {0};

    CT_COPY_SIZED(&response, given);
    return (struct stored){
        .facts = {response.status,
                  {response.fields, response.field_count},
                  response.requested_ms,
                  response.received_ms},
        .request = {response.request_fields, response.request_field_count},
        .body_size = response.body_size,
    };
}

static cachet_policy_reason reason_of(enum ct_reason reason)
{
    return (cachet_policy_reason){ct_reason_word(reason), ct_reason_section(reason),
                                  ct_reason_text(reason)};
}

static void tell(cachet_policy_reason *ret_reason, enum ct_reason reason)
{
    if (ret_reason != NULL)
        *ret_reason = reason_of(reason);
}

/* RFC 9111 4: of those that fit, the most recent. SIZE_MAX where none does. */
static size_t select(const struct ct_request_facts *request, const struct stored *variants,
                     size_t count)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < count; i++)
        if (ct_vary_is_same(&variants[i].facts.fields, &variants[i].request,
                            &request->fields) &&
            (best == SIZE_MAX ||
             variants[i].facts.received_at_ms > variants[best].facts.received_at_ms))
            best = i;
    return best;
}

static cachet_policy_action action_of(enum ct_action action)
{
    static const cachet_policy_action actions[] = {
        [CT_ACTION_SERVE] = CACHET_DO_SERVE,
        [CT_ACTION_REVALIDATE] = CACHET_DO_REVALIDATE,
        [CT_ACTION_FETCH] = CACHET_DO_FETCH,
        [CT_ACTION_REFUSE] = CACHET_DO_REFUSE,
        [CT_ACTION_SERVE_STALE] = CACHET_DO_SERVE_STALE,
    };
    return actions[action];
}

static void tell_form(const struct ct_form *form, cachet_policy_verdict *verdict)
{
    static const cachet_policy_form forms[] = {
        [CT_FORM_WHOLE] = CACHET_FORM_WHOLE,
        [CT_FORM_NOT_MODIFIED] = CACHET_FORM_NOT_MODIFIED,
        [CT_FORM_PARTS] = CACHET_FORM_PARTS,
        [CT_FORM_UNSATISFIABLE] = CACHET_FORM_UNSATISFIABLE,
        [CT_FORM_PASS] = CACHET_FORM_WHOLE,
        [CT_FORM_MISSING] = CACHET_FORM_WHOLE,
    };

    verdict->form = forms[form->kind];
    if (form->kind != CT_FORM_PARTS)
        return;
    verdict->range_count = form->ranges.count;
    for (size_t i = 0; i < form->ranges.count; i++)
        verdict->ranges[i] =
            (cachet_policy_range){form->ranges.at[i].first, form->ranges.at[i].last};
}

/*
 * The selected variant's own conditions, its If-None-Match widened where there is room. One
 * without an entity tag keeps to its date, which an If-None-Match would overrule (RFC 9110
 * 13.1.3).
 */
static void tell_conditions(const struct ct_request_facts *request,
                            const struct stored *variants, size_t count,
                            cachet_policy_verdict *verdict)
{
    struct ct_fields fields[CACHET_VARIANTS_MAX];
    cachet_field *const conditions = verdict->conditions;

    for (size_t i = 0; i < count; i++)
        fields[i] = variants[i].facts.fields;
    const size_t size =
        ct_variants_etags(&request->fields, fields, count, verdict->room, verdict->room_size);
    if (verdict->variant != SIZE_MAX)
        verdict->condition_count =
            ct_validate_conditions(&fields[verdict->variant], conditions);
    const bool is_by_date =
        verdict->condition_count > 0 &&
        !ct_bytes_equal_nocase(conditions[0].name, CT_BYTES("if-none-match"));
    if (size == 0 || size > verdict->room_size || is_by_date)
        return;
    if (verdict->condition_count == 0)
        verdict->condition_count = 1;
    conditions[0] = (cachet_field){CT_BYTES("If-None-Match"), ct_bytes(verdict->room, size)};
}

/* RFC 9111 4.1: nothing fits, but the origin may say that one of the others would. */
static void ask_after_others(const struct ct_request_facts *request,
                             const struct stored *variants, size_t count,
                             cachet_policy_verdict *verdict)
{
    verdict->reason = reason_of(CT_REASON_VARY);
    tell_conditions(request, variants, count, verdict);
    if (verdict->condition_count > 0)
        verdict->action = CACHET_DO_REVALIDATE;
}

static bool is_answered_from_cache(const struct ct_request_facts *request)
{
    return ct_method_is_cached(request->method) ||
           ct_bytes_equal(request->method, CT_BYTES("HEAD"));
}

static void decide(const struct ct_policy_settings *settings,
                   const struct ct_request_facts *request, const struct stored *variants,
                   size_t count, int64_t now_ms, cachet_policy_verdict *verdict)
{
    const bool is_answered = is_answered_from_cache(request);
    const size_t at = is_answered ? select(request, variants, count) : SIZE_MAX;
    struct ct_form form;

    if (at == SIZE_MAX) {
        const struct ct_decision without = ct_policy_decide(settings, request, NULL, now_ms);
        verdict->action = action_of(without.action);
        verdict->reason = reason_of(without.reason);
        if (!is_answered && without.action != CT_ACTION_REFUSE)
            verdict->reason = reason_of(CT_REASON_METHOD);
        else if (count > 0 && without.reason == CT_REASON_ABSENT)
            ask_after_others(request, variants, count, verdict);
        return;
    }
    const struct ct_response_facts *const stored = &variants[at].facts;
    const struct ct_decision decision =
        ct_policy_decide_form(settings, request, stored, variants[at].body_size, now_ms, &form);
    verdict->action = action_of(decision.action);
    verdict->reason = reason_of(decision.reason);
    verdict->variant = at;
    verdict->age_s = decision.age_s;
    verdict->lifetime_s = decision.lifetime_s;
    if (decision.action == CT_ACTION_REVALIDATE)
        tell_conditions(request, variants, count, verdict);
    else if (decision.action == CT_ACTION_SERVE || decision.action == CT_ACTION_SERVE_STALE)
        tell_form(&form, verdict);
}

void cachet_policy_decide(const cachet_policy *policy, const cachet_policy_request *request,
                          const cachet_policy_response *const *variants, size_t variant_count,
                          int64_t now_ms, cachet_policy_verdict *verdict)
{
    const struct ct_policy_settings settings = settings_of(policy);
    const struct ct_request_facts asked = request_of(request);
    struct stored stored[CACHET_VARIANTS_MAX];
    cachet_policy_verdict given = {0}, told = {.variant = SIZE_MAX};

    if (variant_count > CACHET_VARIANTS_MAX)
        variant_count = CACHET_VARIANTS_MAX;
    for (size_t i = 0; i < variant_count; i++)
        stored[i] = stored_of(variants[i]);
    CT_COPY_SIZED(&given, verdict);
    told.size = given.size;
    told.room = given.room;
    told.room_size = given.room == NULL ? 0 : given.room_size;
    decide(&settings, &asked, stored, variant_count, now_ms, &told);
    memcpy(verdict, &told, told.size < sizeof told ? told.size : sizeof told);
}

int cachet_policy_may_store(const cachet_policy *policy, const cachet_policy_request *request,
                            const cachet_policy_response *response,
                            cachet_policy_reason *ret_reason)
{
    const struct ct_policy_settings settings = settings_of(policy);
    const struct ct_request_facts asked = request_of(request);
    const struct stored told = stored_of(response);
    enum ct_reason reason = CT_REASON_STORABLE;

    const bool may = ct_policy_may_store(&settings, &asked, &told.facts, &reason);
    tell(ret_reason, reason);
    return may;
}

int cachet_policy_may_serve_on_error(const cachet_policy *policy,
                                     const cachet_policy_request *request,
                                     const cachet_policy_response *stored, int error_status,
                                     int64_t now_ms, cachet_policy_reason *ret_reason)
{
    const struct ct_policy_settings settings = settings_of(policy);
    const struct ct_request_facts asked = request_of(request);
    const struct stored held = stored_of(stored);
    enum ct_reason reason = CT_REASON_STALE;

    const bool may = ct_policy_may_serve_on_error(&settings, &asked, &held.facts, error_status,
                                                  now_ms, &reason);
    tell(ret_reason, reason);
    return may;
}
