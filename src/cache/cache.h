/* SPDX-License-Identifier: MIT */
/*
 * A cache and its binding: the store, the keys derived for it and its id.
 *
 * A cache opens even where its store cannot be used. It then has no binding, every exchange on
 * it is a bypass, and binding is tried again at most once a second. A binding, once made, stays
 * until the cache closes.
 */
#ifndef CT_CACHE_CACHE_H
#define CT_CACHE_CACHE_H

#include <pthread.h>
#include <stdatomic.h>

#include <cachet/exchange.h>

#include "http/policy.h"
#include "seal/seal.h"
#include "store/store.h"

/* Immutable; used by any number of threads. */
struct ct_binding {
    cachet_store *store;
    struct ct_sealer *sealer;
    unsigned char id[CT_CACHE_ID_SIZE];
    cachet_name plain_variant; /* of what has neither Vary nor a credential: most entries */
    bool is_new;               /* this very open made the cache */
};

struct cachet_cache {
    char *spec; /* canonical */
    char *cache_namespace;
    cachet_keyring *keyring; /* a reference; NULL in an unsealed cache */
    bool has_pinned_id;
    unsigned char pinned_id[CT_CACHE_ID_SIZE];
    cachet_on_tampered on_tampered;
    uint32_t busy_ms;
    bool must_exist;
    bool is_tls_unverified; /* a circumstance of what is stored */
    struct ct_policy_settings policy;
    cachet_observer observer;
    void *observer_context;
    atomic_uint_fast64_t counts[CACHET_EVENT_COUNT];

    struct ct_binding *_Atomic binding; /* NULL while the store cannot be used */
    pthread_mutex_t bind_lock;          /* guards binding's making and what follows */
    int64_t tried_at_ms;                /* by the monotonic clock */
    cachet_error failure;               /* why there is no binding */
};

/* The binding, made now if it is time to try again; or NULL and why there is none. */
cachet_status ct_cache_binding(cachet_cache *cache, const struct ct_binding **ret_binding,
                               cachet_error *err);

/* Opens store, cache record and keys. */
cachet_status ct_binding_new(const cachet_cache *cache, struct ct_binding **ret_binding,
                             cachet_error *err);
void ct_binding_free(struct ct_binding *binding);
CT_DEFINE_FREEP(struct ct_binding, ct_binding_free)

/* Counts an event and tells the observer. Only `kind` and `reason` are always there. */
struct ct_event {
    cachet_event_kind kind;
    const char *url;
    const char *key;
    const char *reason;
    const char *detail;
};
void ct_cache_tell(cachet_cache *cache, const struct ct_event *event);

#endif
