/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <unistd.h>

#include "base/mem.h"
#include "seal/sealer.h"

/* As many threads find a set waiting; more make their own and free it again. */
#define POOL_SLOTS 16u
#define KEY_SLOTS (1 + 2 * CT_KEYS_MAX)

struct context_set {
    struct ct_pool *home;
    pid_t owner;
    EVP_CIPHER_CTX *tagger;
    EVP_MAC_CTX *macs[KEY_SLOTS]; /* NULL until it is used */
};

struct ct_pool {
    _Atomic(struct context_set *) slots[POOL_SLOTS];
};

static void context_set_free(struct context_set *set)
{
    if (set == NULL)
        return;
    ct_tagger_free(set->tagger);
    for (size_t i = 0; i < KEY_SLOTS; i++)
        ct_mac_free(set->macs[i]);
    ct_mem_free(set);
}

cachet_status ct_pool_new(struct ct_pool **ret_pool, cachet_error *err)
{
    return ct_new(ret_pool, err);
}

void ct_pool_free(struct ct_pool *pool)
{
    for (size_t i = 0; pool != NULL && i < POOL_SLOTS; i++)
        context_set_free(atomic_load(&pool->slots[i]));
    ct_mem_free(pool);
}

static struct context_set *take_waiting(struct ct_pool *pool)
{
    struct context_set *set = NULL;

    for (size_t i = 0; set == NULL && i < POOL_SLOTS; i++)
        if (atomic_load_explicit(&pool->slots[i], memory_order_relaxed) != NULL)
            set = atomic_exchange(&pool->slots[i], NULL);
    return set;
}

static cachet_status take(struct ct_pool *pool, struct context_set **ret_set, cachet_error *err)
{
    const pid_t self = getpid();
    struct context_set *set = take_waiting(pool);

    while (set != NULL && set->owner != self) {
        context_set_free(set);
        set = take_waiting(pool);
    }
    if (set == NULL) {
        TRY(ct_new(&set, err));
        set->home = pool;
        set->owner = self;
    }
    *ret_set = set;
    return CACHET_OK;
}

/* For CLEANUP: back into the first empty slot. */
static void put(struct context_set **set)
{
    for (size_t i = 0; *set != NULL && i < POOL_SLOTS; i++) {
        struct context_set *empty = NULL;
        if (atomic_compare_exchange_strong(&(*set)->home->slots[i], &empty, *set))
            return;
    }
    context_set_free(*set);
}

static cachet_status ensure_mac(const struct ct_sealer *sealer, struct context_set *set,
                                struct ct_key_slot slot, cachet_error *err)
{
    assert(slot.number < KEY_SLOTS);
    if (set->macs[slot.number] != NULL)
        return CACHET_OK;
    const struct ct_purpose_key *const keys = ct_secret_memory(sealer->pages);
    const struct ct_purpose_key *const key = &keys[slot.number];
    return ct_mac_new(sealer->crypto, ct_bytes(key->bytes, sizeof key->bytes),
                      &set->macs[slot.number], err);
}

cachet_status ct_sealer_mac(const struct ct_sealer *sealer, struct ct_key_slot slot,
                            const cachet_bytes *parts, size_t part_count,
                            unsigned char ret_mac[CT_HASH_SIZE], cachet_error *err)
{
    CLEANUP(put) struct context_set *set = NULL;

    TRY(take(sealer->pool, &set, err));
    TRY(ensure_mac(sealer, set, slot, err));
    return ct_mac_run(set->macs[slot.number], parts, part_count, ret_mac, err);
}

static cachet_status take_tagger(const struct ct_sealer *sealer, struct context_set **ret_set,
                                 cachet_error *err)
{
    CLEANUP(put) struct context_set *set = NULL;

    TRY(take(sealer->pool, &set, err));
    if (set->tagger == NULL)
        TRY(ct_tagger_new(sealer->crypto, &set->tagger, err));
    *ret_set = ct_steal(&set);
    return CACHET_OK;
}

cachet_status ct_sealer_tag(const struct ct_sealer *sealer, const struct ct_tagged *tagged,
                            unsigned char ret_tag[CT_TAG_SIZE], cachet_error *err)
{
    CLEANUP(put) struct context_set *set = NULL;

    TRY(take_tagger(sealer, &set, err));
    return ct_tag_make(set->tagger, tagged, ret_tag, err);
}

cachet_status ct_sealer_check_tag(const struct ct_sealer *sealer,
                                  const struct ct_tagged *tagged,
                                  const unsigned char tag[CT_TAG_SIZE], bool *ret_is_good,
                                  cachet_error *err)
{
    CLEANUP(put) struct context_set *set = NULL;

    TRY(take_tagger(sealer, &set, err));
    return ct_tag_check(set->tagger, tagged, tag, ret_is_good, err);
}
