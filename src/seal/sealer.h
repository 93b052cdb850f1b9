/* SPDX-License-Identifier: MIT */
/*
 * The inside of a ct_sealer, for the files that seal with it.
 *
 *     ct_sealer_new ─► derives every key of the cache into pages for secrets
 *     a call        ─► takes a set of contexts from the pool (or makes one), puts it back
 *     ct_sealer_free ─► frees the contexts, wipes the keys
 *
 * A set of contexts is in the pool or in one call's hands, never in both. The pool is an array
 * of slots that are exchanged atomically: no lock that another thread could hold while the
 * process forks. A set made in another process is dropped, not used.
 */
#ifndef CT_SEAL_SEALER_H
#define CT_SEAL_SEALER_H

#include "seal/derive.h"
#include "seal/secret.h"

/* The beginning of W: label, cache id, H(namespace). */
#define CT_SEAL_LABEL "cachet/1 seal"
#define CT_PREFIX_SIZE (sizeof CT_SEAL_LABEL + CT_PLACE_SIZE)

struct ct_cache_keys {
    struct ct_purpose_key names;
    struct ct_purpose_key head[CT_KEYS_MAX];
    struct ct_purpose_key body[CT_KEYS_MAX];
};

struct ct_pool;

struct ct_sealer {
    struct ct_crypto *crypto;
    enum ct_suite suite;
    bool is_of_cache_record; /* its cache id is all zero */
    unsigned char prefix[CT_PREFIX_SIZE];
    uint64_t epoch;
    size_t key_count; /* 0 in an unsealed cache */
    struct ct_key_id key_ids[CT_KEYS_MAX];
    struct ct_secret *pages; /* struct ct_cache_keys */
    struct ct_pool *pool;
};

/* A key of the cache, as the offset of its ct_purpose_key in struct ct_cache_keys / 32. */
struct ct_key_slot {
    size_t number;
};

static inline struct ct_key_slot ct_slot_names(void)
{
    return (struct ct_key_slot){0};
}

static inline struct ct_key_slot ct_slot_head(size_t key_index)
{
    return (struct ct_key_slot){1 + key_index};
}

static inline struct ct_key_slot ct_slot_body(size_t key_index)
{
    return (struct ct_key_slot){1 + CT_KEYS_MAX + key_index};
}

/* HMAC of the parts under one of the cache's keys. */
cachet_status ct_sealer_mac(const struct ct_sealer *sealer, struct ct_key_slot slot,
                            const cachet_bytes *parts, size_t part_count,
                            unsigned char ret_mac[CT_HASH_SIZE], cachet_error *err);
cachet_status ct_sealer_tag(const struct ct_sealer *sealer, const struct ct_tagged *tagged,
                            unsigned char ret_tag[CT_TAG_SIZE], cachet_error *err);
cachet_status ct_sealer_check_tag(const struct ct_sealer *sealer,
                                  const struct ct_tagged *tagged,
                                  const unsigned char tag[CT_TAG_SIZE], bool *ret_is_good,
                                  cachet_error *err);

cachet_status ct_pool_new(struct ct_pool **ret_pool, cachet_error *err);
/* Nobody may be using it. Takes NULL. */
void ct_pool_free(struct ct_pool *pool);

#endif
