/* SPDX-License-Identifier: MIT */
/* The fields of the answer as the caller sees them: Age and Cache-Status are ours to add. */
#include "cache/exchange.h"

#include "base/error.h"
#include "http/conditional.h"

#define ADDED_MAX 2u /* Age, Cache-Status */

static cachet_status add_cache_status(cachet_exchange *exchange, cachet_error *err)
{
    ct_buf_reset(&exchange->cache_status_text);
    ct_cache_status_format(&exchange->cache_status, &exchange->cache_status_text);
    TRY(ct_buf_status(&exchange->cache_status_text, err));
    ct_field_list_add(&exchange->shown, CT_BYTES("Cache-Status"),
                      ct_buf_view(&exchange->cache_status_text));
    return CACHET_OK;
}

/* RFC 9111 5.1: a stored response is handed on with an Age, and only one. */
static cachet_status add_age(cachet_exchange *exchange, int64_t age_s, cachet_error *err)
{
    ct_buf_reset(&exchange->age_text);
    ct_buf_format(&exchange->age_text, "%lld", (long long) age_s);
    TRY(ct_buf_status(&exchange->age_text, err));
    ct_field_list_add(&exchange->shown, CT_BYTES("Age"), ct_buf_view(&exchange->age_text));
    return CACHET_OK;
}

/* Sets the times the getters give, and the ttl of Cache-Status. */
static void set_times(cachet_exchange *exchange, const struct ct_response_facts *response,
                      int64_t age_s)
{
    const struct ct_policy_settings *const policy = &exchange->cache->policy;

    exchange->expires_at_ms = ct_expires_at_ms(policy, response);
    exchange->cache_status.has_ttl = true;
    exchange->cache_status.ttl_s = ct_policy_lifetime_s(policy, response) - age_s;
}

static void show_fields(cachet_exchange *exchange, const struct ct_shown *shown)
{
    const struct ct_policy_settings *const policy = &exchange->cache->policy;
    const struct ct_fields *const fields = &shown->fields;
    const bool withholds_some =
        !shown->is_confirmed && ct_policy_withholds_some(policy, fields);

    for (size_t i = 0; i < fields->count; i++) {
        const cachet_bytes name = fields->at[i].name;
        const bool is_withheld = withholds_some && ct_policy_withholds(policy, fields, name);
        if (!is_withheld && !ct_bytes_equal_nocase(name, CT_BYTES("age")))
            ct_field_list_add(&exchange->shown, name, fields->at[i].value);
    }
}

cachet_status ct_exchange_show_stored(cachet_exchange *exchange, const struct ct_shown *shown,
                                      int64_t now_ms, cachet_error *err)
{
    struct ct_response_facts response = ct_entry_facts(exchange->entry);

    response.fields = shown->fields;
    if (shown->is_confirmed) {
        response.requested_at_ms = exchange->sent_ms;
        response.received_at_ms = exchange->received_ms;
    }
    TRY(ct_field_list_new(&exchange->shown, shown->fields.count + ADDED_MAX, err));
    show_fields(exchange, shown);
    exchange->status = exchange->entry->record.status;
    exchange->stored_at_ms = exchange->entry->record.stored_at_ms;
    const int64_t age_s = ct_policy_age_s(&response, now_ms);
    set_times(exchange, &response, age_s);
    TRY(add_age(exchange, age_s, err));
    return add_cache_status(exchange, err);
}

void ct_exchange_show_not_modified(cachet_exchange *exchange)
{
    const struct ct_fields shown = ct_field_list_view(&exchange->shown);

    exchange->status = 304;
    exchange->shown.count = ct_conditional_fields(&shown, exchange->shown.at);
}

cachet_status ct_exchange_show_part(cachet_exchange *exchange, const struct ct_span *part,
                                    cachet_error *err)
{
    static const char length_name[] = "Content-Length";
    char range_text[CT_CONTENT_RANGE_SIZE];
    struct ct_field_list shown = {0};

    exchange->status = 206;
    exchange->is_part = true;
    exchange->part_size = part->range.last - part->range.first + 1;
    ct_content_range_format(part, range_text);
    ct_buf_reset(&exchange->part_text);
    ct_buf_text(&exchange->part_text, range_text);
    ct_buf_format(&exchange->part_text, "%llu", (unsigned long long) exchange->part_size);
    TRY(ct_buf_status(&exchange->part_text, err));
    const cachet_bytes text = ct_buf_view(&exchange->part_text);
    const size_t range_size = strlen(range_text);

    TRY(ct_field_list_new(&shown, exchange->shown.count + 2, err));
    for (size_t i = 0; i < exchange->shown.count; i++)
        if (!ct_bytes_equal_nocase(exchange->shown.at[i].name, cachet_bytes_of(length_name)))
            ct_field_list_add(&shown, exchange->shown.at[i].name, exchange->shown.at[i].value);
    ct_field_list_add(&shown, CT_BYTES("Content-Range"), ct_bytes_first(text, range_size));
    ct_field_list_add(&shown, cachet_bytes_of(length_name), ct_bytes_from(text, range_size));
    ct_field_list_fini(&exchange->shown);
    exchange->shown = shown;
    return CACHET_OK;
}

cachet_status ct_exchange_show_origin(cachet_exchange *exchange, cachet_error *err)
{
    const struct ct_response_facts response = ct_exchange_response(exchange);

    if (exchange->cache_status.is_stored)
        set_times(exchange, &response, ct_policy_age_s(&response, exchange->received_ms));
    TRY(ct_field_list_new(&exchange->shown, exchange->origin.count + ADDED_MAX, err));
    for (size_t i = 0; i < exchange->origin.count; i++)
        ct_field_list_add(&exchange->shown, exchange->origin.at[i].name,
                          exchange->origin.at[i].value);
    return add_cache_status(exchange, err);
}
