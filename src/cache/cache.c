/* SPDX-License-Identifier: MIT */
#include "cache/cache.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "seal/keyring.h"

#define RETRY_MS 1000
#define DEFAULT_NAMESPACE "default"
#define DEFAULT_BUSY_MS 250u

/*
 * Failures of the store, which leave the origin; every other failure to bind is one that the
 * user must know before anything is fetched (DESIGN 9.4).
 */
static bool is_bypass(cachet_status status)
{
    return status == CACHET_E_STORE || status == CACHET_E_BUSY || status == CACHET_E_IO ||
           status == CACHET_E_VERSION || status == CACHET_E_UNSUPPORTED;
}

static cachet_status bind_locked(cachet_cache *cache)
{
    struct ct_binding *binding = NULL;

    cache->tried_at_ms = ct_clock_monotonic_ms();
    const cachet_status status = ct_binding_new(cache, &binding, &cache->failure);
    if (status == CACHET_OK)
        atomic_store_explicit(&cache->binding, binding, memory_order_release);
    return status;
}

/* Under the lock: what another thread has bound meanwhile, or what binding now gives. */
static cachet_status bind_again_locked(cachet_cache *cache, cachet_error *err)
{
    const bool is_bound = atomic_load_explicit(&cache->binding, memory_order_acquire) != NULL;
    const bool is_time = ct_clock_monotonic_ms() - cache->tried_at_ms >= RETRY_MS;

    if (is_bound || (is_time && bind_locked(cache) == CACHET_OK))
        return CACHET_OK;
    assert(cache->failure.status != CACHET_OK);
    return ct_err_set(err, cache->failure.status, "%s", cache->failure.message);
}

cachet_status ct_cache_binding(cachet_cache *cache, const struct ct_binding **ret_binding,
                               cachet_error *err)
{
    *ret_binding = atomic_load_explicit(&cache->binding, memory_order_acquire);
    if (*ret_binding != NULL)
        return CACHET_OK;
    (void) pthread_mutex_lock(&cache->bind_lock);
    const cachet_status status = bind_again_locked(cache, err);
    (void) pthread_mutex_unlock(&cache->bind_lock);
    *ret_binding = atomic_load_explicit(&cache->binding, memory_order_acquire);
    return *ret_binding != NULL ? CACHET_OK : status;
}

static cachet_status check_options(const cachet_options *options, cachet_error *err)
{
    const bool is_unsealed = (options->flags & CACHET_UNSEALED) != 0;

    if (options->size < sizeof options->size)
        return ct_err_set(err, CACHET_E_USAGE,
                          "options.size is not set: use CACHET_OPTIONS_INIT");
    if (options->keyring == NULL && !is_unsealed)
        return ct_err_set(err, CACHET_E_NO_KEY,
                          "no keyring: make one with 'cachet keys new' and open it with "
                          "cachet_keyring_open, or say CACHET_UNSEALED");
    if (options->keyring != NULL && is_unsealed)
        return ct_err_set(err, CACHET_E_USAGE,
                          "a keyring and CACHET_UNSEALED exclude each other");
    if (options->cache_namespace != NULL &&
        (options->cache_namespace[0] == '\0' || strlen(options->cache_namespace) > 255))
        return ct_err_set(err, CACHET_E_USAGE, "a namespace has 1 to 255 bytes");
    return CACHET_OK;
}

static cachet_status fill(cachet_cache *cache, const char *spec, const cachet_options *options,
                          cachet_error *err)
{
    const char *const name = options->cache_namespace;

    TRY(ct_store_canonical_spec(spec, &cache->spec, err));
    TRY(ct_mem_text(&cache->cache_namespace,
                    cachet_bytes_of(name == NULL ? DEFAULT_NAMESPACE : name), err));
    cache->keyring = options->keyring == NULL ? NULL : ct_keyring_ref(options->keyring);
    cache->has_pinned_id = options->cache_id != NULL;
    if (cache->has_pinned_id)
        memcpy(cache->pinned_id, options->cache_id, sizeof cache->pinned_id);
    cache->on_tampered = options->on_tampered;
    cache->policy.is_shared = (options->flags & CACHET_SHARED) != 0;
    cache->must_exist = (options->flags & CACHET_NO_CREATE) != 0;
    cache->is_tls_unverified = (options->flags & CACHET_INSECURE) != 0;
    cache->busy_ms = options->busy_ms == 0 ? DEFAULT_BUSY_MS : options->busy_ms;
    cache->observer = options->observer;
    cache->observer_context = options->observer_context;
    return CACHET_OK;
}

/* A program built with an older header has a shorter struct: what it lacks is zero. */
static cachet_options options_of(const cachet_options *given)
{
    cachet_options options = {0};

    memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
    return options;
}

/* SEAL 1: who can write where the keyring lies can replace it. */
static cachet_status check_keyring_place(const cachet_cache *cache, cachet_error *err)
{
    const char *const keyring = ct_keyring_path(cache->keyring);
    CLEANUP(ct_mem_freep) char *path = NULL;
    CLEANUP(ct_mem_freep) char *directory = NULL;
    struct stat facts;

    if (keyring == NULL)
        return CACHET_OK;
    TRY(ct_store_path(cache->spec, &path, err));
    TRY(ct_path_parent(path, &directory, err));
    const size_t size = strlen(directory);
    if (strncmp(keyring, directory, size) == 0 && ct_path_name(keyring) == keyring + size + 1 &&
        stat(directory, &facts) == 0 && (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return ct_err_set(err, CACHET_E_USAGE,
                          "the keyring '%s' lies beside the cache in '%s', where others can "
                          "write: move it away",
                          keyring, directory);
    return CACHET_OK;
}

/* Secrets that may be swapped out are worth a word, not a failure. */
static void tell_of_keyring(cachet_cache *cache)
{
    if (cache->keyring != NULL && !ct_keyring_is_locked(cache->keyring))
        ct_cache_tell(cache, &(struct ct_event){.kind = CACHET_EVENT_WARNING,
                                                .reason = "unlocked-keys",
                                                .detail = "the keys may be swapped to disk: "
                                                          "raise the limit on locked memory"});
}

CT_DEFINE_FREEP(cachet_cache, cachet_cache_close)

cachet_status cachet_cache_open(cachet_cache **ret_cache, const char *spec,
                                const cachet_options *given, cachet_error *err)
{
    CLEANUP(cachet_cache_closep) cachet_cache *cache = NULL;
    cachet_options options;

    if (given == NULL || spec == NULL)
        return ct_err_set(err, CACHET_E_USAGE, "a cache needs a SPEC and options");
    options = options_of(given);
    TRY(check_options(&options, err));
    TRY(ct_store_check_spec(spec, err));
    TRY(ct_new(&cache, err));
    (void) pthread_mutex_init(&cache->bind_lock, NULL);
    TRY(fill(cache, spec, &options, err));
    if (cache->keyring != NULL)
        TRY(check_keyring_place(cache, err));
    tell_of_keyring(cache);

    (void) pthread_mutex_lock(&cache->bind_lock);
    const cachet_status status = bind_locked(cache);
    (void) pthread_mutex_unlock(&cache->bind_lock);
    if (status != CACHET_OK && !is_bypass(status)) {
        if (err != NULL)
            *err = cache->failure;
        return status;
    }
    *ret_cache = ct_steal(&cache);
    return CACHET_OK;
}

void cachet_cache_close(cachet_cache *cache)
{
    if (cache == NULL)
        return;
    ct_binding_free(atomic_load_explicit(&cache->binding, memory_order_acquire));
    cachet_keyring_free(cache->keyring);
    (void) pthread_mutex_destroy(&cache->bind_lock);
    ct_mem_free(cache->spec);
    ct_mem_free(cache->cache_namespace);
    ct_mem_free(cache);
}

cachet_status cachet_cache_check(cachet_cache *cache, cachet_error *err)
{
    const struct ct_binding *binding = NULL;

    return ct_cache_binding(cache, &binding, err);
}

cachet_status cachet_cache_id(cachet_cache *cache, unsigned char ret_id[16], int *ret_is_new,
                              cachet_error *err)
{
    const struct ct_binding *binding = NULL;

    const cachet_status status = ct_cache_binding(cache, &binding, err);
    if (binding == NULL)
        return status;
    memcpy(ret_id, binding->id, sizeof binding->id);
    *ret_is_new = binding->is_new;
    return CACHET_OK;
}

const char *cachet_cache_spec(const cachet_cache *cache)
{
    return cache->spec;
}
