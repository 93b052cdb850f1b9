/* SPDX-License-Identifier: MIT */
/*
 * A libcachet that keeps nothing and fetches nothing, to see what the command makes of every
 * answer. What a fetch gives is written in the URL's path; a store is a file with the id of the
 * cache in it; environment variables break things:
 *
 *   FAKE_BROKEN     the store cannot be used
 *   FAKE_WRONG_KEY  the cache does not open
 *   FAKE_TAMPERED   neither, for another reason
 *   FAKE_NEW_ID     the id that a new cache gets
 *   FAKE_ENTRIES    how often the first entry is visited
 *   FAKE_SAY_BOUND  a cache that is opened bound to an id says so on standard error
 */
#include "fake.h"

#include <cachet/inspect.h>

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_B "bbbb000000000000000000000000000000000000000000000000000000000000"
#define KEY_C "cccc000000000000000000000000000000000000000000000000000000000000"
#define VARIANT_1 "1111000000000000000000000000000000000000000000000000000000000000"
#define VARIANT_2 "2222000000000000000000000000000000000000000000000000000000000000"

struct cachet_keyring {
    int is_open;
};

static cachet_keyring the_keyring;
static cachet_cache the_cache;

cachet_status fake_fail(cachet_error *err, cachet_status status, const char *format, ...)
{
    va_list list;

    err->status = status;
    va_start(list, format);
    (void) vsnprintf(err->message, sizeof(err->message), format, list);
    va_end(list);
    return status;
}

int fake_is_broken(void)
{
    return getenv("FAKE_BROKEN") != NULL;
}

const char *cachet_version(void)
{
    return CACHET_VERSION;
}

const char *cachet_event_name(cachet_event_kind kind)
{
    return kind == CACHET_EVENT_BYPASSED ? "bypassed" : kind == CACHET_EVENT_HIT ? "hit" : "?";
}

const char *cachet_entry_state_name(cachet_entry_state state)
{
    static const char *const names[] = {
#define STATE_NAME(name, text) text,
        CACHET_ENTRY_STATE_LIST(STATE_NAME)
#undef STATE_NAME
    };

    return names[state];
}

cachet_status cachet_keyring_open(cachet_keyring **ret_keyring, const char *spec,
                                  cachet_error *err)
{
    if (strncmp(spec, "file:", 5) != 0)
        return fake_fail(err, CACHET_E_USAGE, "'%s' is no key source", spec);
    if (access(spec + 5, R_OK) != 0)
        return fake_fail(err, CACHET_E_NOT_FOUND, "no key file '%s'", spec + 5);
    the_keyring.is_open = 1;
    *ret_keyring = &the_keyring;
    return CACHET_OK;
}

cachet_status cachet_keyring_create(const char *spec, cachet_error *err)
{
    const int fd =
        strncmp(spec, "file:", 5) == 0 ? open(spec + 5, O_WRONLY | O_CREAT | O_EXCL, 0600) : -1;

    if (fd < 0)
        return fake_fail(err, errno == EEXIST ? CACHET_E_CONFLICT : CACHET_E_IO,
                         "cannot make '%s'", spec);
    (void) close(fd);
    return CACHET_OK;
}

void cachet_keyring_free(cachet_keyring *keyring)
{
    if (keyring != NULL)
        keyring->is_open = 0;
}

static void set_id(cachet_cache *cache, const char *path)
{
    const char *const wanted = getenv("FAKE_NEW_ID");
    FILE *file = fopen(path, "r");
    char line[64] = "";

    cache->is_new = file == NULL;
    if (file != NULL && fgets(line, sizeof(line), file) == NULL)
        line[0] = '\0';
    if (file == NULL) {
        file = fopen(path, "w");
        (void) snprintf(line, sizeof(line), "%s", wanted == NULL ? "first" : wanted);
        if (file != NULL)
            (void) fputs(line, file);
    }
    memset(cache->id, 0, sizeof(cache->id));
    (void) snprintf((char *) cache->id, sizeof(cache->id), "%s", line);
    if (file != NULL)
        (void) fclose(file);
}

cachet_status cachet_cache_open(cachet_cache **ret_cache, const char *spec,
                                const cachet_options *options, cachet_error *err)
{
    const char *const path = strncmp(spec, "sqlite:", 7) == 0 ? spec + 7 : spec;
    cachet_cache *const cache = &the_cache;

    if (options->keyring == NULL && (options->flags & CACHET_UNSEALED) == 0)
        return fake_fail(err, CACHET_E_NO_KEY, "no keyring given");
    if (getenv("FAKE_TAMPERED") != NULL)
        return fake_fail(err, CACHET_E_TAMPERED, "the cache record of '%s' was changed", spec);
    if (getenv("FAKE_WRONG_KEY") != NULL)
        return fake_fail(err, CACHET_E_UNKNOWN_KEY, "the keyring does not open '%s'", spec);
    cache->options = *options;
    (void) snprintf(cache->spec, sizeof(cache->spec), "sqlite:%s", path);
    if (!fake_is_broken())
        set_id(cache, path);
    if (options->cache_id != NULL && getenv("FAKE_SAY_BOUND") != NULL)
        (void) fprintf(stderr, "bound to %s\n", (const char *) options->cache_id);
    *ret_cache = cache;
    return CACHET_OK;
}

void cachet_cache_close(cachet_cache *cache)
{
    (void) cache;
}

cachet_status cachet_cache_check(cachet_cache *cache, cachet_error *err)
{
    return fake_is_broken()
               ? fake_fail(err, CACHET_E_STORE, "'%s' is not a database", cache->spec)
               : CACHET_OK;
}

cachet_status cachet_cache_id(cachet_cache *cache, unsigned char ret_id[16], int *ret_is_new,
                              cachet_error *err)
{
    if (fake_is_broken())
        return cachet_cache_check(cache, err);
    memcpy(ret_id, cache->id, 16);
    *ret_is_new = cache->is_new;
    return CACHET_OK;
}

const char *cachet_cache_spec(const cachet_cache *cache)
{
    return cache->spec;
}

#define ENTRY_COUNT 4u

static const cachet_entry *entry_at(size_t index)
{
    static cachet_field fields[2];
    static const cachet_entry fresh = {.size = sizeof(cachet_entry),
                                       .state = CACHET_ENTRY_FRESH,
                                       .reason = NULL,
                                       .key = KEY_A,
                                       .variant = VARIANT_1,
                                       .method = "GET",
                                       .url = "http://a.example/x",
                                       .status = 200,
                                       .fields = fields,
                                       .field_count = 2,
                                       .body_size = 1536,
                                       .stored_at_ms = 1700000000000,
                                       .expires_at_ms = 1700000060000},
                              stale = {.size = sizeof(cachet_entry),
                                       .state = CACHET_ENTRY_STALE,
                                       .reason = NULL,
                                       .key = KEY_B,
                                       .variant = VARIANT_1,
                                       .method = "GET",
                                       .url = "http://b.example/\033[31my",
                                       .status = 404,
                                       .fields = fields,
                                       .field_count = 2,
                                       .body_size = 12,
                                       .stored_at_ms = 1600000000000,
                                       .expires_at_ms = -1},
                              other = {.size = sizeof(cachet_entry),
                                       .state = CACHET_ENTRY_STALE,
                                       .reason = NULL,
                                       .key = KEY_B,
                                       .variant = VARIANT_2,
                                       .method = "GET",
                                       .url = "http://b.example/\033[31my",
                                       .status = 200,
                                       .fields = fields,
                                       .field_count = 1,
                                       .body_size = 12,
                                       .stored_at_ms = 1600000000000,
                                       .expires_at_ms = -1},
                              tampered = {.size = sizeof(cachet_entry),
                                          .state = CACHET_ENTRY_TAMPERED,
                                          .reason = "bad-seal",
                                          .key = KEY_C,
                                          .variant = VARIANT_1,
                                          .method = NULL,
                                          .url = NULL,
                                          .status = 0,
                                          .fields = NULL,
                                          .field_count = 0,
                                          .body_size = 0,
                                          .stored_at_ms = 0,
                                          .expires_at_ms = 0};
    static const cachet_entry *const list[ENTRY_COUNT] = {&fresh, &stale, &other, &tampered};

    fields[0] = cachet_field_of("Content-Type", "text/plain");
    fields[1] = cachet_field_of("X-Odd", "caf\xc3\xa9 \xff \"q\" \x1b]0;x\x07");
    return list[index];
}

static int passes(const cachet_filter *filter, const cachet_entry *entry)
{
    const uint32_t states =
        CACHET_FILTER_FRESH | CACHET_FILTER_EXPIRED | CACHET_FILTER_TAMPERED;
    const uint32_t own = entry->state == CACHET_ENTRY_FRESH   ? CACHET_FILTER_FRESH
                         : entry->state == CACHET_ENTRY_STALE ? CACHET_FILTER_EXPIRED
                                                              : CACHET_FILTER_TAMPERED;

    if ((filter->flags & states) != 0 && (filter->flags & own) == 0)
        return 0;
    if (filter->key != NULL && strncmp(entry->key, filter->key, strlen(filter->key)) != 0)
        return 0;
    if (filter->url != NULL && entry->url == NULL)
        return strstr(filter->url, "tampered") != NULL;
    if (filter->url != NULL && strcmp(filter->url, entry->url) != 0)
        return 0;
    return filter->url_glob == NULL ||
           (entry->url != NULL && fnmatch(filter->url_glob, entry->url, 0) == 0);
}

cachet_status cachet_cache_each(cachet_cache *cache, const cachet_filter *filter,
                                int64_t now_ms, cachet_entry_visit visit, void *context,
                                cachet_error *err)
{
    const char *const times = getenv("FAKE_ENTRIES");
    unsigned long repeat = times == NULL ? 1 : 0;

    (void) now_ms;
    (void) cache;
    for (const char *digit = times; digit != NULL && *digit != '\0'; digit++)
        repeat = repeat * 10 + (unsigned long) (*digit - '0');
    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        for (unsigned long j = 0; j < repeat && passes(filter, entry_at(i)); j++) {
            const cachet_status status = visit(context, entry_at(i));
            if (status != CACHET_OK)
                return fake_fail(err, status, "the visit stopped the walk");
        }
        repeat = 1;
    }
    return CACHET_OK;
}

cachet_status cachet_cache_body(cachet_cache *cache, const char *key, const char *variant,
                                cachet_write write, void *write_context, cachet_error *err)
{
    (void) cache;
    if (strcmp(key, KEY_B) == 0 && strcmp(variant, VARIANT_1) == 0)
        return fake_fail(err, CACHET_E_TAMPERED, "chunk 0 does not match its seal");
    const cachet_status status = write(write_context, "stored\0body\n", 12);
    return status == CACHET_OK ? status : fake_fail(err, status, "write stopped it");
}

cachet_status cachet_cache_remove(cachet_cache *cache, const cachet_filter *filter,
                                  int64_t now_ms, size_t *ret_count, cachet_error *err)
{
    size_t removed = 0;

    (void) cache;
    (void) now_ms;
    (void) err;
    for (size_t i = 0; i < ENTRY_COUNT; i++)
        removed += (size_t) passes(filter, entry_at(i));
    *ret_count = removed;
    return CACHET_OK;
}
