/* SPDX-License-Identifier: MIT */
/* The origin's head: a 304 that confirms what is stored, or a new answer to pass on and store.
 */
#include "base/error.h"
#include "base/mem.h"
#include "cache/exchange.h"
#include "http/name.h"
#include "http/url.h"

bool ct_exchange_is_bodyless(const cachet_exchange *exchange)
{
    return strcmp(exchange->method, "HEAD") == 0 || exchange->status == 204 ||
           exchange->status == 304;
}

/* RFC 9112 6.3: a length counts where nothing else delimits the body. */
static void take_length(cachet_exchange *exchange)
{
    const struct ct_fields fields = ct_field_list_view(&exchange->origin);
    cachet_bytes text;

    exchange->has_length = !ct_exchange_is_bodyless(exchange) &&
                           !ct_fields_has(&fields, CT_BYTES("transfer-encoding")) &&
                           ct_fields_only(&fields, CT_BYTES("content-length"), &text) &&
                           ct_bytes_to_u64(text, UINT64_MAX, &exchange->length);
}

/* RFC 9110 9.3.3: an answer to a POST that says it is what a GET would give. */
static bool may_store_for_get(cachet_exchange *exchange)
{
    CLEANUP(ct_buf_fini) struct ct_buf scratch = ct_buf_with_ceiling(2 * CT_URL_MAX);
    CLEANUP(ct_buf_fini) struct ct_buf text = ct_buf_with_ceiling(CT_URL_MAX + 1);
    const struct ct_request_facts request = ct_exchange_request(exchange);
    const struct ct_response_facts response = ct_exchange_response(exchange);
    enum ct_reason reason = CT_REASON_METHOD;
    cachet_bytes userinfo;
    struct ct_url url;

    return exchange->binding != NULL &&
           ct_url_normalise(cachet_bytes_of(cachet_exchange_url(exchange)), &text, &url,
                            &userinfo, NULL) == CACHET_OK &&
           ct_policy_may_store_for_get(&exchange->cache->policy, &request, &response, &url,
                                       &scratch, &reason) &&
           ct_exchange_name_as_get(exchange, NULL) == CACHET_OK;
}

static bool may_store(cachet_exchange *exchange)
{
    const struct ct_request_facts request = ct_exchange_request(exchange);
    const struct ct_response_facts response = ct_exchange_response(exchange);
    enum ct_reason reason = CT_REASON_METHOD;

    if (!exchange->is_named)
        return may_store_for_get(exchange);
    if (ct_policy_may_store(&exchange->cache->policy, &request, &response, &reason))
        return true;
    ct_exchange_tell(exchange, CACHET_EVENT_NOT_STORED, ct_reason_word(reason), NULL);
    return false;
}

static cachet_status pass(cachet_exchange *exchange, cachet_error *err)
{
    cachet_error failure;

    ct_body_reader_free(ct_steal(&exchange->reader));
    exchange->verdict = CACHET_PASS;
    take_length(exchange);
    if (exchange->binding != NULL &&
        ct_policy_invalidates(cachet_bytes_of(exchange->method), exchange->status))
        ct_exchange_invalidate(exchange);
    if (exchange->entry != NULL && exchange->status == 200 &&
        strcmp(exchange->method, "HEAD") == 0)
        ct_exchange_take_head_answer(exchange);
    if (may_store(exchange)) {
        if (ct_body_writer_new(exchange->binding, &exchange->key, &exchange->writer,
                               &failure) == CACHET_OK)
            exchange->cache_status.is_stored = true;
        else
            ct_exchange_tell(exchange, CACHET_EVENT_BYPASSED, "store-failed", failure.message);
    }
    return ct_exchange_show_origin(exchange, err);
}

/* RFC 5861 4: an origin that fails may leave the answer to what is stale. */
static cachet_status pass_or_serve(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    bool is_served = false;

    TRY(ct_exchange_serve_on_error(exchange, exchange->status, now_ms, &is_served, err));
    return is_served ? CACHET_OK : pass(exchange, err);
}

cachet_status ct_exchange_merge(const cachet_exchange *exchange, struct ct_field_list *merged,
                                cachet_error *err)
{
    const struct ct_fields stored = {exchange->entry->fields,
                                     exchange->entry->record.field_count};
    CLEANUP(ct_field_list_fini) struct ct_field_list kept = {0};

    TRY(ct_exchange_storable(exchange, &kept, err));
    const struct ct_fields answer = ct_field_list_view(&kept);
    TRY(ct_field_list_new(merged, stored.count + answer.count, err));
    merged->count = ct_validate_merge(&stored, &answer, merged->at);
    return CACHET_OK;
}

static cachet_status confirm(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    CLEANUP(ct_field_list_fini) struct ct_field_list merged = {0};

    TRY(ct_exchange_merge(exchange, &merged, err));
    exchange->verdict = CACHET_SERVE;
    ct_exchange_tell(exchange, CACHET_EVENT_REVALIDATED, "confirmed", NULL);
    ct_exchange_freshen(exchange, ct_field_list_view(&merged), now_ms);
    const struct ct_shown shown = {ct_field_list_view(&merged), true};
    return ct_exchange_show_stored(exchange, &shown, now_ms, err);
}

static bool is_confirmed(const cachet_exchange *exchange)
{
    const struct ct_fields answer = ct_field_list_view(&exchange->origin);

    if (exchange->entry == NULL || exchange->reader == NULL)
        return false;
    const struct ct_fields stored = {exchange->entry->fields,
                                     exchange->entry->record.field_count};
    return ct_validate_confirms(&stored, &answer);
}

/* RFC 9110 6.6.1: an answer without a Date that is stored or handed on gets one. */
static void add_date(cachet_exchange *exchange)
{
    const struct ct_fields fields = ct_field_list_view(&exchange->origin);

    if (ct_fields_has(&fields, CT_BYTES("date")))
        return;
    ct_http_date_format(exchange->received_ms / 1000, exchange->date_text);
    ct_field_list_add(&exchange->origin, CT_BYTES("Date"),
                      cachet_bytes_of(exchange->date_text));
}

static cachet_status take_head(cachet_exchange *exchange, const cachet_head *head,
                               cachet_error *err)
{
    if (head->status < 200 || head->status > 999)
        return ct_err_set(err, CACHET_E_PROTOCOL, "'%s' answered with status %d",
                          cachet_exchange_url(exchange), head->status);
    for (size_t i = 0; i < head->field_count; i++)
        if (!ct_field_is_valid(&head->fields[i]))
            return ct_err_set(err, CACHET_E_PROTOCOL, "'%s' sent a malformed field '%.*s'",
                              cachet_exchange_url(exchange), CT_SHOWN(head->fields[i].name));
    exchange->status = head->status;
    exchange->cache_status.forwarded_status = head->status;
    exchange->sent_ms = head->sent_ms;
    exchange->received_ms = head->received_ms;
    TRY(ct_field_list_copy(&exchange->origin, head->fields, head->field_count, 1, err));
    add_date(exchange);
    return CACHET_OK;
}

cachet_status cachet_exchange_head(cachet_exchange *exchange, const cachet_head *given,
                                   cachet_error *err)
{
    const cachet_verdict verdict = exchange->verdict;
    cachet_head head = {0};

    if (verdict != CACHET_FETCH && verdict != CACHET_REVALIDATE)
        return ct_err_set(err, CACHET_E_USAGE, "no answer of the origin is awaited");
    if (given->size < sizeof given->size)
        return ct_err_set(err, CACHET_E_USAGE, "head.size is not set: use CACHET_HEAD_INIT");
    memcpy(&head, given, given->size < sizeof head ? given->size : sizeof head);
    TRY(take_head(exchange, &head, err));
    if (verdict == CACHET_FETCH || head.status != 304)
        return pass_or_serve(exchange, head.received_ms, err);
    if (is_confirmed(exchange))
        return confirm(exchange, head.received_ms, err);
    exchange->added_count = exchange->authorization.size > 0 ? 1 : 0;
    ct_exchange_forget(exchange);
    ct_exchange_forward(exchange, CT_REASON_STALE);
    return CACHET_OK;
}

cachet_status cachet_exchange_unreachable(cachet_exchange *exchange, int64_t now_ms,
                                          cachet_error *err)
{
    bool is_served = false;

    if (exchange->verdict != CACHET_FETCH && exchange->verdict != CACHET_REVALIDATE)
        return ct_err_set(err, CACHET_E_USAGE, "no answer of the origin is awaited");
    TRY(ct_exchange_serve_on_error(exchange, 0, now_ms, &is_served, err));
    if (!is_served)
        return ct_err_set(err, CACHET_E_NOT_CACHED, "nothing may be served for '%s' instead",
                          cachet_exchange_url(exchange));
    return CACHET_OK;
}
