/* SPDX-License-Identifier: MIT */
/* RFC 9111 4.4: what an unsafe method changed must not be served from the store any longer. */
#include "base/error.h"
#include "base/text.h"
#include "cache/exchange.h"
#include "http/invalidation.h"
#include "http/name.h"
#include "http/url.h"

#define NAME_BYTES_MAX (1u << 20)

struct variants {
    cachet_name at[CACHET_VARIANTS_MAX];
    size_t count;
};

static cachet_status collect(void *context, const cachet_stored_head *head)
{
    struct variants *const variants = context;

    if (variants->count < CT_COUNT_OF(variants->at))
        variants->at[variants->count++] = head->variant;
    return CACHET_OK;
}

/* The bytes that a GET of `url`, on the same terms as this request, is named by. */
static cachet_status encode_get(const cachet_exchange *exchange, cachet_bytes url,
                                struct ct_buf *canonical, cachet_error *err)
{
    struct ct_request_name name;

    if (!ct_request_name_decode(ct_buf_view(&exchange->canonical), &name))
        return ct_err_set(err, CACHET_E_USAGE, "the request has no name");
    name.method = CT_BYTES("GET");
    name.body_hash = ct_bytes(NULL, 0);
    if (url.data != NULL)
        name.url = url;
    ct_request_name_encode(&name, canonical);
    return ct_buf_status(canonical, err);
}

cachet_status ct_exchange_name_as_get(cachet_exchange *exchange, cachet_error *err)
{
    struct ct_buf canonical = ct_buf_with_ceiling(NAME_BYTES_MAX);

    const cachet_status status = encode_get(exchange, ct_bytes(NULL, 0), &canonical, err);
    ct_buf_fini(&exchange->canonical);
    exchange->canonical = canonical;
    TRY(status);
    TRY(ct_name_request(exchange->binding->sealer, ct_buf_view(&exchange->canonical),
                        &exchange->key, err));
    ct_hex_encode(ct_bytes(exchange->key.bytes, CACHET_NAME_SIZE), exchange->key_text);
    exchange->is_named = true;
    return CACHET_OK;
}

/* All variants of a GET of `url`; with no data, of the request's own. */
static cachet_status drop_all(const cachet_exchange *exchange, cachet_bytes url,
                              bool *ret_dropped, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf canonical = ct_buf_with_ceiling(NAME_BYTES_MAX);
    cachet_store *const store = exchange->binding->store;
    struct variants variants = {.count = 0};
    cachet_name key;

    TRY(encode_get(exchange, url, &canonical, err));
    TRY(ct_name_request(exchange->binding->sealer, ct_buf_view(&canonical), &key, err));
    TRY(ct_store_head_get(store, &key, collect, &variants, err));
    for (size_t i = 0; i < variants.count; i++) {
        const cachet_status status =
            ct_store_head_drop(store, &key, &variants.at[i], ct_bytes(NULL, 0), err);
        if (status != CACHET_OK && status != CACHET_E_NOT_FOUND)
            return status;
        *ret_dropped = true;
    }
    return CACHET_OK;
}

/* The URL that `field` of the answer names, if it is another one of the same origin. */
static cachet_status drop_named(const cachet_exchange *exchange, cachet_bytes field,
                                bool *ret_dropped, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf own = ct_buf_with_ceiling(CT_URL_MAX + 1);
    CLEANUP(ct_buf_fini) struct ct_buf other = ct_buf_with_ceiling(2 * CT_URL_MAX);
    const struct ct_fields answer = ct_field_list_view(&exchange->origin);
    cachet_bytes userinfo;
    struct ct_url target, named;

    TRY(ct_url_normalise(cachet_bytes_of(cachet_exchange_url(exchange)), &own, &target,
                         &userinfo, err));
    if (!ct_invalidation_url(&target, &answer, field, &other, &named))
        return CACHET_OK;
    return drop_all(exchange, named.text, ret_dropped, err);
}

static cachet_status drop_targets(const cachet_exchange *exchange, bool *ret_dropped,
                                  cachet_error *err)
{
    TRY(drop_all(exchange, ct_bytes(NULL, 0), ret_dropped, err));
    TRY(drop_named(exchange, CT_BYTES("location"), ret_dropped, err));
    return drop_named(exchange, CT_BYTES("content-location"), ret_dropped, err);
}

void ct_exchange_invalidate(cachet_exchange *exchange)
{
    bool dropped = false;
    cachet_error failure;

    if (drop_targets(exchange, &dropped, &failure) != CACHET_OK)
        ct_exchange_tell(exchange, CACHET_EVENT_BYPASSED, "store-failed", failure.message);
    else if (dropped)
        ct_exchange_tell(exchange, CACHET_EVENT_REMOVED, "invalidated", NULL);
}
