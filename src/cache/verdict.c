/* SPDX-License-Identifier: MIT */
/* From a request to the first verdict: life of a request, steps 2 to 4. */
#include "base/error.h"
#include "base/text.h"
#include "cache/exchange.h"
#include "http/conditional.h"

cachet_status ct_exchange_refuse(const cachet_exchange *exchange, const char *word,
                                 cachet_error *err)
{
    return ct_err_set(
        err, CACHET_E_TAMPERED,
        "the entry stored for '%s' was changed (%s): force a refresh or remove it",
        cachet_exchange_url(exchange), word);
}

void ct_exchange_forget(cachet_exchange *exchange)
{
    ct_body_reader_free(ct_steal(&exchange->reader));
    ct_entry_free(ct_steal(&exchange->entry));
}

void ct_exchange_forward(cachet_exchange *exchange, enum ct_reason reason)
{
    exchange->verdict = CACHET_FETCH;
    exchange->stored_at_ms = exchange->expires_at_ms = -1;
    exchange->cache_status =
        (struct ct_cache_status){.is_forwarded = true, .forwarded = reason};
    ct_exchange_tell(exchange, CACHET_EVENT_MISS, ct_reason_word(reason), NULL);
}

static cachet_status name_request(cachet_exchange *exchange, cachet_error *err)
{
    TRY(ct_name_request(exchange->binding->sealer, ct_buf_view(&exchange->canonical),
                        &exchange->key, err));
    ct_hex_encode(ct_bytes(exchange->key.bytes, CACHET_NAME_SIZE), exchange->key_text);
    exchange->is_named = true;
    return CACHET_OK;
}

static cachet_status find(cachet_exchange *exchange, struct ct_found *ret_found,
                          cachet_error *err)
{
    const struct ct_question question = {
        .key = exchange->key,
        .canonical = ct_buf_view(&exchange->canonical),
        .fields = ct_field_list_view(&exchange->fields),
        .credential = exchange->has_credential ? &exchange->credential : NULL,
        .url = cachet_exchange_url(exchange),
    };
    return ct_lookup(exchange->cache, exchange->binding, &question, ret_found, err);
}

/* Nothing usable is stored, for `absence`. */
static cachet_status decide_without(cachet_exchange *exchange, enum ct_reason absence,
                                    int64_t now_ms, cachet_error *err)
{
    const struct ct_request_facts request = ct_exchange_request(exchange);
    const struct ct_decision decision =
        ct_policy_decide(&exchange->cache->policy, &request, NULL, now_ms);

    if (decision.action == CT_ACTION_REFUSE)
        return ct_err_set(err, CACHET_E_NOT_CACHED, "'%s' is not cached (%s)",
                          cachet_exchange_url(exchange), ct_reason_word(absence));
    ct_exchange_forward(exchange,
                        decision.reason == CT_REASON_ABSENT ? absence : decision.reason);
    return CACHET_OK;
}

static cachet_status bypass(cachet_exchange *exchange, int64_t now_ms,
                            const cachet_error *failure, cachet_error *err)
{
    if (failure->status == CACHET_E_MEMORY) {
        if (err != NULL)
            *err = *failure;
        return CACHET_E_MEMORY;
    }
    ct_exchange_tell(exchange, CACHET_EVENT_BYPASSED, "store-failed", failure->message);
    ct_exchange_forget(exchange);
    exchange->is_named = false;
    exchange->key_text[0] = '\0';
    return decide_without(exchange, CT_REASON_STORE_FAILED, now_ms, err);
}

static struct ct_shown stored_of(const cachet_exchange *exchange)
{
    const struct ct_entry *const entry = exchange->entry;

    return (struct ct_shown){.fields = {entry->fields, entry->record.field_count}};
}

static cachet_status serve(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    const struct ct_shown shown = stored_of(exchange);

    exchange->verdict = CACHET_SERVE;
    exchange->cache_status = (struct ct_cache_status){.is_hit = true};
    TRY(ct_exchange_show_stored(exchange, &shown, now_ms, err));
    ct_exchange_tell(exchange, CACHET_EVENT_HIT, ct_reason_word(exchange->reason), NULL);
    return CACHET_OK;
}

static cachet_status pass_by(cachet_exchange *exchange, enum ct_reason reason, int64_t now_ms,
                             cachet_error *err)
{
    ct_exchange_forget(exchange);
    return decide_without(exchange, reason, now_ms, err);
}

static cachet_status serve_part(cachet_exchange *exchange, const struct ct_range *range,
                                int64_t now_ms, cachet_error *err)
{
    const struct ct_span span = {*range, true, exchange->entry->payload.total};

    TRY(serve(exchange, now_ms, err));
    ct_body_reader_narrow(exchange->reader, range->first, range->last - range->first + 1);
    return ct_exchange_show_part(exchange, &span, err);
}

/*
 * RFC 9110 14.2: one part of what is stored whole. Several at once, and a part that is not
 * there, are left to the origin.
 */
static cachet_status serve_ranges(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    const struct ct_fields request = ct_field_list_view(&exchange->fields);
    const struct ct_response_facts stored = ct_entry_facts(exchange->entry);
    struct ct_ranges ranges = {.count = 0};

    if (strcmp(exchange->method, "GET") != 0 || stored.status != 200 ||
        !ct_if_range_holds(&request, &stored.fields))
        return serve(exchange, now_ms, err);
    const enum ct_range_answer answer =
        ct_range_resolve(&request, exchange->entry->payload.total, &ranges);
    if (answer == CT_RANGE_WHOLE)
        return serve(exchange, now_ms, err);
    if (answer == CT_RANGE_PARTS && ranges.count == 1)
        return serve_part(exchange, &ranges.at[0], now_ms, err);
    return pass_by(exchange, CT_REASON_RANGE, now_ms, err);
}

/* What is fresh answers the request's own conditions too (RFC 9111 4.3.2). */
static cachet_status serve_conditional(cachet_exchange *exchange, int64_t now_ms,
                                       cachet_error *err)
{
    const struct ct_request_facts request = ct_exchange_request(exchange);
    const struct ct_response_facts stored = ct_entry_facts(exchange->entry);
    const enum ct_conditional answer = ct_conditional_evaluate(&request, &stored);

    if (answer == CT_CONDITIONAL_PASS)
        return pass_by(exchange, CT_REASON_CONDITIONAL, now_ms, err);
    if (answer == CT_CONDITIONAL_NONE)
        return serve_ranges(exchange, now_ms, err);
    TRY(serve(exchange, now_ms, err));
    ct_exchange_show_not_modified(exchange);
    return CACHET_OK;
}

cachet_status ct_exchange_serve_on_error(cachet_exchange *exchange, int error_status,
                                         int64_t now_ms, bool *ret_is_served, cachet_error *err)
{
    const struct ct_request_facts request = ct_exchange_request(exchange);
    enum ct_reason reason = CT_REASON_STALE;

    *ret_is_served = false;
    if (exchange->entry == NULL || exchange->reader == NULL)
        return CACHET_OK;
    const struct ct_response_facts stored = ct_entry_facts(exchange->entry);
    const struct ct_shown shown = stored_of(exchange);
    if (!ct_policy_may_serve_on_error(&exchange->cache->policy, &request, &stored, error_status,
                                      now_ms, &reason))
        return CACHET_OK;
    exchange->verdict = CACHET_SERVE;
    exchange->cache_status.detail = ct_reason_word(reason);
    TRY(ct_exchange_show_stored(exchange, &shown, now_ms, err));
    ct_exchange_tell(exchange, CACHET_EVENT_HIT, ct_reason_word(reason), NULL);
    *ret_is_served = true;
    return CACHET_OK;
}

static void revalidate(cachet_exchange *exchange, enum ct_reason reason)
{
    const struct ct_fields fields = {exchange->entry->fields,
                                     exchange->entry->record.field_count};

    exchange->verdict = CACHET_REVALIDATE;
    exchange->cache_status =
        (struct ct_cache_status){.is_forwarded = true, .forwarded = reason};
    exchange->added_count +=
        ct_validate_conditions(&fields, exchange->added + exchange->added_count);
    ct_exchange_tell(exchange, CACHET_EVENT_MISS, ct_reason_word(reason), NULL);
}

/* The body must be at hand before anything is said of the entry. */
static cachet_status open_body(cachet_exchange *exchange, cachet_error *failure)
{
    const cachet_status status =
        ct_body_reader_new(exchange->binding, exchange->entry, &exchange->reader, failure);

    if (status == CACHET_E_NOT_FOUND)
        ct_exchange_tell(exchange, CACHET_EVENT_GONE, "gone", failure->message);
    return status;
}

static cachet_status act_on(cachet_exchange *exchange, const struct ct_decision *decision,
                            int64_t now_ms, cachet_error *err)
{
    if (decision->action == CT_ACTION_SERVE)
        return exchange->is_conditional ? serve_conditional(exchange, now_ms, err)
                                        : serve(exchange, now_ms, err);
    if (exchange->is_conditional)
        ct_exchange_forget(exchange);
    if (exchange->is_conditional || decision->action == CT_ACTION_FETCH)
        return decide_without(exchange, decision->reason, now_ms, err);
    revalidate(exchange, decision->reason);
    return CACHET_OK;
}

/* A stored response was found: what policy makes of it. */
static cachet_status decide_with(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    const struct ct_request_facts request = ct_exchange_request(exchange);
    const struct ct_response_facts stored = ct_entry_facts(exchange->entry);
    const struct ct_decision decision =
        ct_policy_decide(&exchange->cache->policy, &request, &stored, now_ms);
    cachet_error failure;

    exchange->reason = decision.reason;
    if (decision.action == CT_ACTION_REFUSE)
        return decide_without(exchange, decision.reason, now_ms, err);
    const cachet_status status = open_body(exchange, &failure);
    if (status == CACHET_E_NOT_FOUND) {
        ct_exchange_forget(exchange);
        return decide_without(exchange, CT_REASON_ABSENT, now_ms, err);
    }
    if (status != CACHET_OK)
        return bypass(exchange, now_ms, &failure, err);
    return act_on(exchange, &decision, now_ms, err);
}

static cachet_status look_up_named(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    struct ct_found found = {0};
    cachet_error failure;

    if ((exchange->flags & CACHET_FORCE_REFRESH) != 0)
        return decide_without(exchange, CT_REASON_FORCE_REFRESH, now_ms, err);
    if (find(exchange, &found, &failure) != CACHET_OK)
        return bypass(exchange, now_ms, &failure, err);
    exchange->entry = found.entry;
    if (found.entry != NULL)
        return decide_with(exchange, now_ms, err);
    if (found.refusal != CT_REFUSED_NONE &&
        exchange->cache->on_tampered == CACHET_TAMPERED_ERROR)
        return ct_exchange_refuse(exchange, ct_refusal_word(found.refusal), err);
    return decide_without(exchange, found.has_others ? CT_REASON_VARY : CT_REASON_ABSENT,
                          now_ms, err);
}

cachet_status ct_exchange_look_up(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    struct ct_request_facts request = ct_exchange_request(exchange);
    enum ct_reason reason = CT_REASON_ABSENT;

    /* RFC 10008 2.7: a QUERY may be looked up as a GET may; its name tells them apart. */
    if (ct_method_is_cached(request.method))
        request.method = CT_BYTES("GET");
    if (exchange->binding == NULL)
        return decide_without(exchange, CT_REASON_STORE_FAILED, now_ms, err);
    exchange->is_conditional = !ct_policy_may_look_up(&request, &reason);
    if (exchange->is_conditional && reason != CT_REASON_CONDITIONAL &&
        reason != CT_REASON_RANGE)
        return decide_without(exchange, reason, now_ms, err);
    TRY(name_request(exchange, err));
    return look_up_named(exchange, now_ms, err);
}
