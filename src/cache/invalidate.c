/* SPDX-License-Identifier: MIT */
/* RFC 9111 4.4: what an unsafe method changed must not be served from the store any longer. */
#include "base/error.h"
#include "cache/exchange.h"
#include "http/name.h"

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

/* The key a GET of the same URL, on the same terms, is stored under. */
static cachet_status name_get(const cachet_exchange *exchange, cachet_name *ret_key,
                              cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf canonical = ct_buf_with_ceiling(NAME_BYTES_MAX);
    struct ct_request_name name;

    if (!ct_request_name_decode(ct_buf_view(&exchange->canonical), &name))
        return ct_err_set(err, CACHET_E_USAGE, "the request has no name");
    name.method = CT_BYTES("GET");
    name.body_hash = ct_bytes(NULL, 0);
    ct_request_name_encode(&name, &canonical);
    TRY(ct_buf_status(&canonical, err));
    return ct_name_request(exchange->binding->sealer, ct_buf_view(&canonical), ret_key, err);
}

static cachet_status drop_all(const cachet_exchange *exchange, bool *ret_dropped,
                              cachet_error *err)
{
    cachet_store *const store = exchange->binding->store;
    struct variants variants = {.count = 0};
    cachet_name key;

    TRY(name_get(exchange, &key, err));
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

void ct_exchange_invalidate(cachet_exchange *exchange)
{
    bool dropped = false;
    cachet_error failure;

    if (drop_all(exchange, &dropped, &failure) != CACHET_OK)
        ct_exchange_tell(exchange, CACHET_EVENT_BYPASSED, "store-failed", failure.message);
    else if (dropped)
        ct_exchange_tell(exchange, CACHET_EVENT_REMOVED, "invalidated", NULL);
}
