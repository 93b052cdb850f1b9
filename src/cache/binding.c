/* SPDX-License-Identifier: MIT */
/*
 * Binding a cache to its store (SEAL 2): the cache record is found or made, and opens or the
 * cache does not.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/random.h"
#include "cache/cache.h"
#include "seal/payload.h"

/* The cache record stands under a name and in a place of zeros. */
static const struct ct_where record_where;
static const unsigned char no_id[CT_CACHE_ID_SIZE];

void ct_binding_free(struct ct_binding *binding)
{
    if (binding == NULL)
        return;
    ct_store_close(binding->store);
    ct_sealer_free(binding->sealer);
    ct_mem_free(binding);
}

struct found_record {
    const struct ct_sealer *sealer;
    bool is_there;
    enum ct_refusal refusal;
    struct ct_cache_record record;
    cachet_status status;
    cachet_error *err;
};

/* The failure is kept beside the walk: the walk's own status is the store's. */
static cachet_status open_record(void *context, const cachet_stored_head *head)
{
    struct found_record *const found = context;
    struct ct_opened opened;

    if (!ct_bytes_equal(ct_bytes(head->variant.bytes, CACHET_NAME_SIZE),
                        ct_bytes(record_where.variant.bytes, CACHET_NAME_SIZE)))
        return CACHET_OK;
    found->is_there = true;
    found->status = ct_head_open(found->sealer, &record_where, head->head, &opened,
                                 &found->refusal, found->err);
    if (found->status == CACHET_OK && opened.kind != CT_HEAD_CACHE)
        found->status = ct_err_set(found->err, CACHET_E_TAMPERED, "not a cache record");
    if (found->status == CACHET_OK)
        found->status = ct_cache_record_decode(opened.payload, &found->record, found->err);
    return CACHET_OK;
}

static cachet_status find_record(cachet_store *store, struct found_record *found,
                                 cachet_error *err)
{
    found->is_there = false;
    found->err = err;
    return ct_store_head_get(store, &record_where.key, open_record, found, err);
}

static cachet_status stop_at_first(void *context, const cachet_stored_head *head)
{
    (void) head;
    *(bool *) context = true;
    return CACHET_E_CONFLICT;
}

static cachet_status is_empty(cachet_store *store, bool *ret_is_empty, cachet_error *err)
{
    bool has_some = false;
    const cachet_status status = ct_store_head_each(store, stop_at_first, &has_some, err);

    if (status != CACHET_OK && !has_some)
        return status;
    *ret_is_empty = !has_some;
    return CACHET_OK;
}

static cachet_status put_record(cachet_store *store, const struct ct_sealer *sealer,
                                cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf payload = ct_buf_with_ceiling(256);
    CLEANUP(ct_buf_fini) struct ct_buf head = ct_buf_with_ceiling(1024);
    struct ct_cache_record record = {
        .created_ms = (uint64_t) ct_clock_now_ms(),
        .suites = UINT32_C(1) << ct_sealer_suite(sealer),
    };

    TRY(ct_random(record.id, sizeof record.id, err));
    ct_cache_record_encode(&record, &payload);
    TRY(ct_buf_status(&payload, err));
    TRY(ct_head_seal(sealer, &record_where, CT_HEAD_CACHE, ct_buf_view(&payload), &head, err));
    const cachet_head_put put = {.head = ct_buf_view(&head), .expires_at_ms = INT64_MAX};
    return ct_store_head_put(store, &put, err);
}

/* No record: make one, unless there are entries, which somebody then robbed of theirs. */
static cachet_status make_record(cachet_store *store, struct found_record *found,
                                 cachet_error *err)
{
    bool empty = false;

    TRY(is_empty(store, &empty, err));
    if (empty) {
        const cachet_status status = put_record(store, found->sealer, err);
        if (status != CACHET_OK && status != CACHET_E_CONFLICT)
            return status;
    }
    TRY(find_record(store, found, err));
    if (!found->is_there)
        return ct_err_set(err, CACHET_E_TAMPERED,
                          "it holds entries but its cache record is gone; nothing in it can be "
                          "trusted, move it away to start afresh");
    return CACHET_OK;
}

static cachet_status explain_record(const cachet_cache *cache, const struct found_record *found,
                                    cachet_error *err)
{
    if (cache->keyring == NULL)
        return ct_err_set(err, CACHET_E_UNKNOWN_KEY, "it is sealed; open it with its keyring");
    if (found->status == CACHET_E_UNKNOWN_KEY)
        return ct_err_set(err, found->status,
                          "it is sealed by a key that the keyring lacks; open it with the "
                          "keyring it was made with");
    if (found->status == CACHET_E_NOT_FOUND)
        return ct_err_set(err, CACHET_E_UNKNOWN_KEY,
                          "its cache record is of an epoch before the keyring's");
    if (found->status != CACHET_E_TAMPERED)
        return found->status;
    return ct_err_set(err, CACHET_E_TAMPERED, "its cache record was changed (%s)",
                      ct_refusal_word(found->refusal));
}

static cachet_status check_record(const cachet_cache *cache, const struct found_record *found,
                                  cachet_error *err)
{
    if (found->status != CACHET_OK)
        return explain_record(cache, found, err);
    if ((found->record.suites & UINT32_C(1) << ct_sealer_suite(found->sealer)) == 0)
        return ct_err_set(err, CACHET_E_UNKNOWN_KEY, "it was made for another kind of seal");
    if (cache->has_pinned_id &&
        memcmp(cache->pinned_id, found->record.id, CT_CACHE_ID_SIZE) != 0)
        return ct_err_set(err, CACHET_E_UNKNOWN_KEY,
                          "its id is not the one asked for: it is another cache");
    return CACHET_OK;
}

/* Finds or makes the cache record, and with it the cache's id. */
static cachet_status bind_id(const cachet_cache *cache, struct ct_binding *binding,
                             cachet_error *err)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = NULL;
    const cachet_bytes cache_namespace = cachet_bytes_of(cache->cache_namespace);

    TRY(ct_sealer_new(&sealer, cache->keyring, no_id, cache_namespace, err));
    struct found_record found = {.sealer = sealer};
    TRY(find_record(binding->store, &found, err));
    binding->is_new = !found.is_there;
    if (!found.is_there)
        TRY(make_record(binding->store, &found, err));
    TRY(check_record(cache, &found, err));
    memcpy(binding->id, found.record.id, sizeof binding->id);
    TRY(ct_sealer_new(&binding->sealer, cache->keyring, binding->id, cache_namespace, err));
    return ct_name_variant(binding->sealer, ct_bytes(NULL, 0), NULL, &binding->plain_variant,
                           err);
}

cachet_status ct_binding_new(const cachet_cache *cache, struct ct_binding **ret_binding,
                             cachet_error *err)
{
    CLEANUP(ct_binding_freep) struct ct_binding *binding = NULL;
    const struct ct_store_settings settings = {.cache_namespace = cache->cache_namespace,
                                               .busy_ms = cache->busy_ms,
                                               .must_exist = cache->must_exist};

    TRY(ct_new(&binding, err));
    TRY(ct_store_open(&binding->store, cache->spec, &settings, err));
    const cachet_status status = bind_id(cache, binding, err);
    if (status != CACHET_OK) {
        char words[200];
        (void) snprintf(words, sizeof words, "the cache '%.160s' does not open", cache->spec);
        return ct_err_prefix(err, status, words);
    }
    *ret_binding = ct_steal(&binding);
    return CACHET_OK;
}
