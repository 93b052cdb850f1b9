/* SPDX-License-Identifier: MIT */
/* The public face of an exchange: begin, the getters, the body's ways in and out. */
#include "cache/exchange.h"

#include "base/error.h"
#include "base/mem.h"
#include "http/name.h"
#include "http/url.h"

#define NAME_BYTES_MAX (2 * CT_URL_MAX)

CT_DEFINE_FREEP(cachet_exchange, cachet_exchange_free)

struct ct_request_facts ct_exchange_request(const cachet_exchange *exchange)
{
    return (struct ct_request_facts){
        .method = cachet_bytes_of(exchange->method),
        .fields = ct_field_list_view(&exchange->fields),
        .refresh = (exchange->flags & CACHET_REFRESH) != 0,
        .force_refresh = (exchange->flags & CACHET_FORCE_REFRESH) != 0,
        .only_if_cached = (exchange->flags & CACHET_ONLY_IF_CACHED) != 0,
    };
}

struct ct_response_facts ct_exchange_response(const cachet_exchange *exchange)
{
    return (struct ct_response_facts){
        .status = exchange->status,
        .fields = ct_field_list_view(&exchange->origin),
        .requested_at_ms = exchange->sent_ms,
        .received_at_ms = exchange->received_ms,
    };
}

void ct_exchange_tell(const cachet_exchange *exchange, cachet_event_kind kind,
                      const char *reason, const char *detail)
{
    ct_cache_tell(exchange->cache, &(struct ct_event){.kind = kind,
                                                      .url = (const char *) exchange->url.data,
                                                      .key = exchange->key_text,
                                                      .reason = reason,
                                                      .detail = detail});
}

static cachet_status check_fields(const cachet_field *fields, size_t count, cachet_status wrong,
                                  cachet_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!ct_field_is_valid(&fields[i]))
            return ct_err_set(err, wrong, "field %zu, '%.*s', is malformed", i + 1,
                              CT_SHOWN(fields[i].name));
    return CACHET_OK;
}

/* Userinfo is a credential like any other: it becomes Authorization and is never stored. */
static cachet_status take_userinfo(cachet_exchange *exchange, cachet_bytes userinfo,
                                   cachet_error *err)
{
    const struct ct_fields fields = ct_field_list_view(&exchange->fields);

    if (userinfo.size == 0 || ct_fields_has(&fields, CT_BYTES("authorization")))
        return CACHET_OK;
    TRY(ct_url_basic_authorization(userinfo, &exchange->authorization, err));
    ct_field_list_add(&exchange->fields, CT_BYTES("Authorization"),
                      ct_buf_view(&exchange->authorization));
    exchange->added[exchange->added_count++] = exchange->fields.at[exchange->fields.count - 1];
    return CACHET_OK;
}

/* The bytes that are hashed into the request key. */
static cachet_status take_name(cachet_exchange *exchange, const struct ct_url *url,
                               const cachet_request *request, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf content = ct_buf_with_ceiling(CT_URL_MAX);
    const struct ct_fields fields = ct_field_list_view(&exchange->fields);
    unsigned char hash[32];
    struct ct_request_name name = {
        .method = cachet_bytes_of(exchange->method),
        .url = url->text,
        .trust = request->trust,
    };

    if (request->body_size > 0) {
        if (exchange->binding == NULL)
            return CACHET_OK;
        TRY(ct_hash(exchange->binding->sealer, ct_bytes(request->body, request->body_size),
                    hash, err));
        name.body_hash = ct_bytes(hash, sizeof hash);
    }
    /* RFC 10008 2.7: what a QUERY asks stands in its content. */
    if (strcmp(exchange->method, "QUERY") == 0)
        ct_request_content_encode(&fields, &content);
    TRY(ct_buf_status(&content, err));
    name.matched_fields = ct_buf_view(&content);
    ct_request_name_encode(&name, &exchange->canonical);
    return ct_buf_status(&exchange->canonical, err);
}

static cachet_status take_credential(cachet_exchange *exchange, const cachet_request *request,
                                     cachet_error *err)
{
    const struct ct_fields fields = ct_field_list_view(&exchange->fields);
    CLEANUP(ct_buf_wipe) struct ct_buf parts = ct_buf_with_ceiling(CACHET_HEAD_MAX);

    ct_credential_encode(&fields, request->credential, &parts);
    TRY(ct_buf_status(&parts, err));
    exchange->has_credential = parts.size > 0;
    exchange->has_other_credential = request->credential.size > 0;
    if (exchange->has_credential && exchange->binding != NULL)
        TRY(ct_name_credential(exchange->binding->sealer, ct_buf_view(&parts),
                               &exchange->credential, err));
    return CACHET_OK;
}

static cachet_status take_request(cachet_exchange *exchange, const cachet_request *request,
                                  cachet_error *err)
{
    const cachet_bytes method =
        cachet_bytes_of(request->method == NULL ? "GET" : request->method);
    cachet_bytes userinfo = {0};
    struct ct_url url;

    if (!ct_is_token(method))
        return ct_err_set(err, CACHET_E_USAGE, "'%s' is not a method", request->method);
    if (request->url == NULL)
        return ct_err_set(err, CACHET_E_USAGE, "the request has no URL");
    TRY(check_fields(request->fields, request->field_count, CACHET_E_USAGE, err));
    TRY(ct_mem_text(&exchange->method, method, err));
    TRY(ct_url_normalise(cachet_bytes_of(request->url), &exchange->url, &url, &userinfo, err));
    TRY(ct_field_list_copy(&exchange->fields, request->fields, request->field_count, 1, err));
    TRY(take_userinfo(exchange, userinfo, err));
    TRY(take_name(exchange, &url, request, err));
    TRY(take_credential(exchange, request, err));
    exchange->flags = request->flags;
    if (ct_buf_c_string(&exchange->url) == NULL)
        return ct_buf_status(&exchange->url, err);
    return CACHET_OK;
}

static cachet_status exchange_new(cachet_cache *cache, cachet_exchange **ret_exchange,
                                  cachet_error *err)
{
    cachet_exchange *exchange = NULL;

    TRY(ct_new(&exchange, err));
    exchange->cache = cache;
    exchange->url = ct_buf_with_ceiling(CT_URL_MAX + 1);
    exchange->canonical = ct_buf_with_ceiling(NAME_BYTES_MAX);
    exchange->authorization = ct_buf_with_ceiling(CT_URL_MAX * 2);
    exchange->age_text = ct_buf_with_ceiling(32);
    exchange->part_text = ct_buf_with_ceiling(128);
    exchange->cache_status_text = ct_buf_with_ceiling(1024);
    exchange->stored_at_ms = exchange->expires_at_ms = -1;
    *ret_exchange = exchange;
    return CACHET_OK;
}

cachet_status cachet_exchange_begin(cachet_cache *cache, const cachet_request *given,
                                    int64_t now_ms, cachet_exchange **ret_exchange,
                                    cachet_error *err)
{
    CLEANUP(cachet_exchange_freep) cachet_exchange *exchange = NULL;
    cachet_request request = {0};
    cachet_error failure = {0};

    if (given == NULL || given->size < sizeof given->size)
        return ct_err_set(err, CACHET_E_USAGE,
                          "request.size is not set: use CACHET_REQUEST_INIT");
    memcpy(&request, given, given->size < sizeof request ? given->size : sizeof request);
    TRY(exchange_new(cache, &exchange, err));
    const cachet_status bound = ct_cache_binding(cache, &exchange->binding, &failure);
    TRY(take_request(exchange, &request, err));
    if (bound != CACHET_OK)
        ct_exchange_tell(exchange, CACHET_EVENT_BYPASSED, "store-failed", failure.message);
    TRY(ct_exchange_look_up(exchange, now_ms, err));
    *ret_exchange = ct_steal(&exchange);
    return CACHET_OK;
}

void cachet_exchange_free(cachet_exchange *exchange)
{
    if (exchange == NULL)
        return;
    ct_body_writer_free(exchange->writer);
    ct_body_reader_free(exchange->reader);
    ct_entry_free(exchange->entry);
    ct_field_list_fini(&exchange->fields);
    ct_field_list_fini(&exchange->origin);
    ct_field_list_fini(&exchange->shown);
    ct_buf_fini(&exchange->url);
    ct_buf_fini(&exchange->canonical);
    ct_buf_wipe(&exchange->authorization);
    ct_buf_fini(&exchange->age_text);
    ct_buf_fini(&exchange->part_text);
    ct_buf_fini(&exchange->cache_status_text);
    ct_mem_free(exchange->method);
    ct_mem_free(exchange);
}

void cachet_exchange_body(cachet_exchange *exchange, const void *data, size_t size)
{
    cachet_error failure;

    exchange->fed += size;
    if (exchange->writer == NULL)
        return;
    if (ct_body_writer_append(exchange->writer, ct_bytes(data, size), &failure) == CACHET_OK)
        return;
    ct_body_writer_free(ct_steal(&exchange->writer));
    ct_exchange_tell(exchange, CACHET_EVENT_BYPASSED, "store-failed", failure.message);
}

cachet_status cachet_exchange_end(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    if (exchange->verdict != CACHET_PASS)
        return ct_err_set(err, CACHET_E_USAGE, "no answer of the origin is being passed on");
    if (exchange->has_length && exchange->fed != exchange->length) {
        ct_body_writer_free(ct_steal(&exchange->writer));
        ct_exchange_tell(exchange, CACHET_EVENT_NOT_STORED,
                         ct_reason_word(CT_REASON_INCOMPLETE), NULL);
        return ct_err_set(err, CACHET_E_TRANSFER,
                          "'%s' sent %llu bytes of body where its Content-Length says %llu",
                          cachet_exchange_url(exchange), (unsigned long long) exchange->fed,
                          (unsigned long long) exchange->length);
    }
    if (exchange->writer != NULL)
        ct_exchange_publish(exchange, now_ms);
    return CACHET_OK;
}

static void tell_unreadable(const cachet_exchange *exchange)
{
    const cachet_error *const failure = &exchange->read_failure;

    if (failure->status == CACHET_E_TAMPERED)
        ct_exchange_tell(exchange, CACHET_EVENT_TAMPERED, ct_refusal_word(CT_REFUSED_BAD_CHUNK),
                         failure->message);
    else if (failure->status == CACHET_E_NOT_FOUND)
        ct_exchange_tell(exchange, CACHET_EVENT_GONE, "gone", failure->message);
    else
        ct_exchange_tell(exchange, CACHET_EVENT_BYPASSED, "store-failed", failure->message);
}

cachet_status cachet_exchange_read(cachet_exchange *exchange, void *buffer, size_t capacity,
                                   size_t *ret_size, cachet_error *err)
{
    cachet_error *const below = &exchange->read_failure;

    if (exchange->verdict != CACHET_SERVE)
        return ct_err_set(err, CACHET_E_USAGE, "there is no stored body to read");
    if (ct_exchange_is_bodyless(exchange)) {
        *ret_size = 0;
        return CACHET_OK;
    }
    if (ct_body_reader_read(exchange->reader, buffer, capacity, ret_size, below) == CACHET_OK)
        return CACHET_OK;
    tell_unreadable(exchange);
    return ct_err_set(err, below->status, "the stored body of '%s' cannot be used: %s",
                      cachet_exchange_url(exchange), below->message);
}

cachet_status cachet_exchange_refetch(cachet_exchange *exchange, cachet_error *err)
{
    const cachet_status failure = exchange->read_failure.status;

    if (exchange->verdict != CACHET_SERVE || failure == CACHET_OK ||
        ct_body_reader_has_begun(exchange->reader))
        return ct_err_set(err, CACHET_E_USAGE,
                          "only a read that failed before its first byte can be asked again");
    if (failure == CACHET_E_TAMPERED && exchange->cache->on_tampered == CACHET_TAMPERED_ERROR)
        return ct_exchange_refuse(exchange, ct_refusal_word(CT_REFUSED_BAD_CHUNK), err);
    if ((exchange->flags & CACHET_ONLY_IF_CACHED) != 0)
        return ct_err_set(err, CACHET_E_NOT_CACHED, "'%s' must not be asked of its origin",
                          cachet_exchange_url(exchange));
    ct_exchange_forget(exchange);
    ct_exchange_forward(exchange, CT_REASON_ABSENT);
    return CACHET_OK;
}

cachet_verdict cachet_exchange_verdict(const cachet_exchange *exchange)
{
    return exchange->verdict;
}

const char *cachet_exchange_url(const cachet_exchange *exchange)
{
    return (const char *) exchange->url.data;
}

const cachet_field *cachet_exchange_added_fields(const cachet_exchange *exchange,
                                                 size_t *ret_count)
{
    *ret_count = exchange->added_count;
    return exchange->added;
}

int cachet_exchange_status(const cachet_exchange *exchange)
{
    return exchange->status;
}

const cachet_field *cachet_exchange_fields(const cachet_exchange *exchange, size_t *ret_count)
{
    *ret_count = exchange->shown.count;
    return exchange->shown.at;
}

uint64_t cachet_exchange_body_size(const cachet_exchange *exchange)
{
    if (exchange->verdict != CACHET_SERVE)
        return UINT64_MAX;
    if (ct_exchange_is_bodyless(exchange))
        return 0;
    return exchange->is_part ? exchange->part_size : exchange->entry->payload.total;
}

int cachet_exchange_is_hit(const cachet_exchange *exchange)
{
    return exchange->verdict == CACHET_SERVE;
}

const char *cachet_exchange_key(const cachet_exchange *exchange)
{
    return exchange->key_text;
}

int64_t cachet_exchange_stored_at_ms(const cachet_exchange *exchange)
{
    return exchange->stored_at_ms;
}

int64_t cachet_exchange_expires_at_ms(const cachet_exchange *exchange)
{
    return exchange->expires_at_ms;
}
