/* SPDX-License-Identifier: MIT */
#include "session/pool.h"

cachet_status ct_pool_take(struct ct_pool *pool, struct ct_transport **ret_transport,
                           cachet_error *err)
{
    for (size_t i = 0; i < CT_POOL_IDLE_MAX; i++) {
        struct ct_transport *const transport = atomic_exchange(&pool->idle[i], NULL);
        if (transport == NULL)
            continue;
        if (ct_transport_is_ours(transport)) {
            *ret_transport = transport;
            return CACHET_OK;
        }
        ct_transport_free(transport);
    }
    return ct_transport_new(ret_transport, err);
}

void ct_pool_give(struct ct_pool *pool, struct ct_transport *transport)
{
    if (transport == NULL)
        return;
    ct_transport_stop(transport);
    for (size_t i = 0; i < CT_POOL_IDLE_MAX && ct_transport_is_ours(transport); i++) {
        struct ct_transport *none = NULL;
        if (atomic_compare_exchange_strong(&pool->idle[i], &none, transport))
            return;
    }
    ct_transport_free(transport);
}

void ct_pool_fini(struct ct_pool *pool)
{
    for (size_t i = 0; i < CT_POOL_IDLE_MAX; i++)
        ct_transport_free(atomic_exchange(&pool->idle[i], NULL));
}
