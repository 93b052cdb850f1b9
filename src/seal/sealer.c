/* SPDX-License-Identifier: MIT */
#include "seal/sealer.h"

#include "base/error.h"
#include "base/mem.h"

/* The keys of a cache are numbered as they lie in memory. */
_Static_assert(sizeof(struct ct_cache_keys) ==
                   (1 + 2 * CT_KEYS_MAX) * sizeof(struct ct_purpose_key),
               "ct_key_slot counts struct ct_purpose_key");

static cachet_status derive_from_prk(struct ct_sealer *sealer, const struct ct_place *place,
                                     size_t index, const struct ct_prk *prk, cachet_error *err)
{
    struct ct_cache_keys *const keys = ct_secret_memory(sealer->pages);
    struct ct_purpose_of of = {CT_PURPOSE_HEAD, sealer->suite, place};

    TRY(ct_derive_key_id(sealer->crypto, prk, &sealer->key_ids[index], err));
    TRY(ct_derive_key(sealer->crypto, prk, &of, &keys->head[index], err));
    of.purpose = CT_PURPOSE_BODY;
    return ct_derive_key(sealer->crypto, prk, &of, &keys->body[index], err);
}

static cachet_status derive_key(struct ct_sealer *sealer, const cachet_keyring *keyring,
                                const struct ct_place *place, size_t index, cachet_error *err)
{
    struct ct_prk prk;

    TRY(ct_derive_prk(sealer->crypto, CT_KEY_RAW, ct_keyring_key(keyring, index), &prk, err));
    const cachet_status status = derive_from_prk(sealer, place, index, &prk, err);
    ct_mem_wipe(&prk, sizeof prk);
    return status;
}

static cachet_status derive_names(struct ct_sealer *sealer, const cachet_keyring *keyring,
                                  const struct ct_place *place, cachet_error *err)
{
    struct ct_cache_keys *const keys = ct_secret_memory(sealer->pages);
    struct ct_prk prk;

    TRY(ct_derive_prk(sealer->crypto, CT_KEY_NAMES, ct_keyring_names_key(keyring), &prk, err));
    const cachet_status status =
        ct_derive_names_key(sealer->crypto, &prk, place, &keys->names, err);
    ct_mem_wipe(&prk, sizeof prk);
    return status;
}

static cachet_status take_keyring(struct ct_sealer *sealer, const cachet_keyring *keyring,
                                  const struct ct_place *place, cachet_error *err)
{
    sealer->suite = CT_SUITE_SIGN_CHACHA;
    sealer->epoch = ct_keyring_epoch(keyring);
    sealer->key_count = ct_keyring_key_count(keyring);
    TRY(ct_secret_new(&sealer->pages, sizeof(struct ct_cache_keys), err));
    TRY(ct_pool_new(&sealer->pool, err));
    TRY(derive_names(sealer, keyring, place, err));
    for (size_t i = 0; i < sealer->key_count; i++)
        TRY(derive_key(sealer, keyring, place, i, err));
    return CACHET_OK;
}

static void take_place(struct ct_sealer *sealer, const struct ct_place *place)
{
    static const unsigned char zero[CT_CACHE_ID_SIZE];

    sealer->is_of_cache_record =
        ct_bytes_equal(ct_bytes(place->bytes, sizeof zero), ct_bytes(zero, sizeof zero));
    memcpy(sealer->prefix, CT_SEAL_LABEL, sizeof CT_SEAL_LABEL);
    memcpy(sealer->prefix + sizeof CT_SEAL_LABEL, place->bytes, sizeof place->bytes);
}

cachet_status ct_sealer_new(struct ct_sealer **ret_sealer, cachet_keyring *keyring,
                            const unsigned char cache_id[CT_CACHE_ID_SIZE],
                            cachet_bytes cache_namespace, cachet_error *err)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = NULL;
    struct ct_place place;

    TRY(ct_new(&sealer, err));
    if (keyring == NULL)
        TRY(ct_crypto_new(&sealer->crypto, err));
    else
        sealer->crypto = ct_crypto_ref(ct_keyring_crypto(keyring));
    TRY(ct_place_make(sealer->crypto, cache_id, cache_namespace, &place, err));
    take_place(sealer, &place);
    if (keyring != NULL)
        TRY(take_keyring(sealer, keyring, &place, err));
    *ret_sealer = ct_steal(&sealer);
    return CACHET_OK;
}

void ct_sealer_free(struct ct_sealer *sealer)
{
    if (sealer == NULL)
        return;
    ct_pool_free(sealer->pool);
    ct_secret_free(sealer->pages);
    ct_crypto_free(sealer->crypto);
    ct_mem_free(sealer);
}

uint8_t ct_sealer_suite(const struct ct_sealer *sealer)
{
    return (uint8_t) sealer->suite;
}
