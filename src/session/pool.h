/* SPDX-License-Identifier: MIT */
/*
 * A session's transports while nobody uses them. Handing out and taking back are single atomic
 * steps on a slot each: no lock that a fork could leave held. The lowest slots are used first,
 * so that a lone thread goes on talking over the same connections.
 */
#ifndef CT_SESSION_POOL_H
#define CT_SESSION_POOL_H

#include <stdatomic.h>

#include "session/transport.h"

#define CT_POOL_IDLE_MAX 8u

struct ct_pool {
    _Atomic(struct ct_transport *) idle[CT_POOL_IDLE_MAX];
};

/* An idle transport, or a new one. Those of a parent process are forgotten on the way. */
cachet_status ct_pool_take(struct ct_pool *pool, struct ct_transport **ret_transport,
                           cachet_error *err);

/* Stops the transport, and keeps or frees it. Takes NULL. */
void ct_pool_give(struct ct_pool *pool, struct ct_transport *transport);

void ct_pool_fini(struct ct_pool *pool);

#endif
