/* SPDX-License-Identifier: MIT */
/*
 * A libcachet that keeps nothing and fetches nothing, to see what the command makes of every
 * answer. What a fetch gives is written in the URL's path; a store is a file with the id of the
 * cache in it; environment variables break things:
 *
 *   FAKE_BROKEN     the store cannot be used
 *   FAKE_WRONG_KEY  the cache does not open
 *   FAKE_NEW_ID     the id that a new cache gets
 *   FAKE_ENTRIES    how often the first entry is visited
 */
#include <cachet/cachet.h>
#include <cachet/inspect.h>

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_A "aaaa000000000000000000000000000000000000000000000000000000000000"
#define KEY_B "bbbb000000000000000000000000000000000000000000000000000000000000"
#define KEY_C "cccc000000000000000000000000000000000000000000000000000000000000"
#define VARIANT_1 "1111000000000000000000000000000000000000000000000000000000000000"
#define VARIANT_2 "2222000000000000000000000000000000000000000000000000000000000000"
#define LATE_SIZE 70000u

struct cachet_keyring {
    int is_open;
};

struct cachet_cache {
    cachet_options options;
    char spec[4096];
    unsigned char id[16];
    int is_new;
};

struct cachet_session {
    cachet_cache *cache;
};

struct cachet_response {
    int status;
    int is_tampered_late;
    char url[1024];
    char body[8192];
    size_t size, position;
};

static cachet_keyring the_keyring;
static cachet_cache the_cache;
static cachet_session the_session;
static cachet_response the_response;

__attribute__((format(printf, 3, 4))) static cachet_status
fail(cachet_error *err, cachet_status status, const char *format, ...)
{
    va_list list;

    err->status = status;
    va_start(list, format);
    (void) vsnprintf(err->message, sizeof(err->message), format, list);
    va_end(list);
    return status;
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
        return fail(err, CACHET_E_USAGE, "'%s' is no key source", spec);
    if (access(spec + 5, R_OK) != 0)
        return fail(err, CACHET_E_NOT_FOUND, "no key file '%s'", spec + 5);
    the_keyring.is_open = 1;
    *ret_keyring = &the_keyring;
    return CACHET_OK;
}

cachet_status cachet_keyring_create(const char *spec, cachet_error *err)
{
    const int fd =
        strncmp(spec, "file:", 5) == 0 ? open(spec + 5, O_WRONLY | O_CREAT | O_EXCL, 0600) : -1;

    if (fd < 0)
        return fail(err, errno == EEXIST ? CACHET_E_CONFLICT : CACHET_E_IO, "cannot make '%s'",
                    spec);
    (void) close(fd);
    return CACHET_OK;
}

void cachet_keyring_free(cachet_keyring *keyring)
{
    if (keyring != NULL)
        keyring->is_open = 0;
}

static int is_broken(void)
{
    return getenv("FAKE_BROKEN") != NULL;
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
        return fail(err, CACHET_E_NO_KEY, "no keyring given");
    if (getenv("FAKE_WRONG_KEY") != NULL)
        return fail(err, CACHET_E_UNKNOWN_KEY, "the keyring does not open '%s'", spec);
    cache->options = *options;
    (void) snprintf(cache->spec, sizeof(cache->spec), "sqlite:%s", path);
    if (!is_broken())
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
    return is_broken() ? fail(err, CACHET_E_STORE, "'%s' is not a database", cache->spec)
                       : CACHET_OK;
}

cachet_status cachet_cache_id(cachet_cache *cache, unsigned char ret_id[16], int *ret_is_new,
                              cachet_error *err)
{
    if (is_broken())
        return cachet_cache_check(cache, err);
    memcpy(ret_id, cache->id, 16);
    *ret_is_new = cache->is_new;
    return CACHET_OK;
}

const char *cachet_cache_spec(const cachet_cache *cache)
{
    return cache->spec;
}

static const cachet_entry *entries(size_t *ret_count)
{
    static cachet_field fields[2];
    static const cachet_entry list[] = {
        {sizeof(cachet_entry), CACHET_ENTRY_FRESH, NULL, KEY_A, VARIANT_1, "GET",
         "http://a.example/x", 200, fields, 2, 1536, 1700000000000, 1700000060000},
        {sizeof(cachet_entry), CACHET_ENTRY_STALE, NULL, KEY_B, VARIANT_1, "GET",
         "http://b.example/\033[31my", 404, fields, 2, 12, 1600000000000, -1},
        {sizeof(cachet_entry), CACHET_ENTRY_STALE, NULL, KEY_B, VARIANT_2, "GET",
         "http://b.example/\033[31my", 200, fields, 1, 12, 1600000000000, -1},
        {sizeof(cachet_entry), CACHET_ENTRY_TAMPERED, "bad-seal", KEY_C, VARIANT_1, NULL, NULL,
         0, NULL, 0, 0, 0, 0},
    };

    fields[0] = cachet_field_of("Content-Type", "text/plain");
    fields[1] = cachet_field_of("X-Odd", "caf\xc3\xa9 \xff \"q\" \x1b]0;x\x07");
    *ret_count = sizeof(list) / sizeof(list[0]);
    return list;
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
    long repeat = times == NULL ? 1 : strtol(times, NULL, 10);
    size_t count = 0;
    const cachet_entry *const list = entries(&count);

    (void) now_ms;
    (void) cache;
    for (size_t i = 0; i < count; i++) {
        for (long j = 0; j < repeat && passes(filter, &list[i]); j++) {
            const cachet_status status = visit(context, &list[i]);
            if (status != CACHET_OK)
                return fail(err, status, "the visit stopped the walk");
        }
        repeat = 1;
    }
    return CACHET_OK;
}

cachet_status cachet_cache_body(cachet_cache *cache, const char *key, const char *variant,
                                cachet_write write, void *write_context, cachet_error *err)
{
    (void) cache;
    (void) variant;
    if (strcmp(key, KEY_C) == 0)
        return fail(err, CACHET_E_TAMPERED, "chunk 0 does not match its seal");
    const cachet_status status = write(write_context, "stored\0body\n", 12);
    return status == CACHET_OK ? status : fail(err, status, "write stopped it");
}

cachet_status cachet_cache_remove(cachet_cache *cache, const cachet_filter *filter,
                                  int64_t now_ms, size_t *ret_count, cachet_error *err)
{
    size_t count = 0, removed = 0;
    const cachet_entry *const list = entries(&count);

    (void) cache;
    (void) now_ms;
    (void) err;
    for (size_t i = 0; i < count; i++)
        removed += (size_t) passes(filter, &list[i]);
    *ret_count = removed;
    return CACHET_OK;
}

cachet_status cachet_open(cachet_session **ret_session, const char *spec,
                          const cachet_options *options, cachet_error *err)
{
    const cachet_status status = cachet_cache_open(&the_session.cache, spec, options, err);

    if (status == CACHET_OK)
        *ret_session = &the_session;
    return status;
}

void cachet_close(cachet_session *session)
{
    (void) session;
}

cachet_cache *cachet_session_cache(cachet_session *session)
{
    return session->cache;
}

static void emit(cachet_session *session, cachet_event_kind kind, const char *url,
                 const char *reason, const char *detail)
{
    const cachet_event event = {sizeof(event), kind, url, NULL, reason, detail};
    const cachet_options *const options = &session->cache->options;

    if (options->observer != NULL)
        options->observer(options->observer_context, &event);
}

/* The request as the command made it, for the body of /echo. */
static void echo(const cachet_session *session, const cachet_request *request,
                 cachet_response *response)
{
    const cachet_options *const options = &session->cache->options;
    size_t size = (size_t) snprintf(
        response->body, sizeof(response->body), "%s flags=%u session=%u time=%u ca=%s\n",
        request->method == NULL ? "GET" : request->method, request->flags, options->flags,
        options->total_timeout_ms, options->ca_file == NULL ? "-" : options->ca_file);

    for (size_t i = 0; i < request->field_count; i++)
        size += (size_t) snprintf(
            response->body + size, sizeof(response->body) - size, "[%.*s]=[%.*s]\n",
            (int) request->fields[i].name.size, (const char *) request->fields[i].name.data,
            (int) request->fields[i].value.size, (const char *) request->fields[i].value.data);
    (void) snprintf(response->body + size, sizeof(response->body) - size, "%.*s\n",
                    (int) request->body_size,
                    request->body == NULL ? "" : (const char *) request->body);
}

static cachet_status refuse(const char *path, uint32_t flags, cachet_error *err)
{
    if (strcmp(path, "/tampered") == 0 && (flags & CACHET_FORCE_REFRESH) == 0)
        return fail(err, CACHET_E_TAMPERED, "the entry does not match its seal");
    if (strcmp(path, "/tampered-said") == 0)
        return fail(err, CACHET_E_TAMPERED, "changed: say --force-refresh");
    if (strcmp(path, "/down") == 0)
        return fail(err, CACHET_E_TRANSFER, "no connection to fake: refused");
    if (strcmp(path, "/garbage") == 0)
        return fail(err, CACHET_E_PROTOCOL, "fake sent no HTTP");
    if ((flags & CACHET_ONLY_IF_CACHED) != 0 && strcmp(path, "/ok") != 0)
        return fail(err, CACHET_E_NOT_CACHED, "http://fake%s is not cached", path);
    return CACHET_OK;
}

cachet_status cachet_fetch(cachet_session *session, const cachet_request *request,
                           cachet_response **ret_response, cachet_error *err)
{
    static const char origin[] = "http://fake";
    cachet_response *const response = &the_response;

    if (strncmp(request->url, origin, sizeof(origin) - 1) != 0)
        return fail(err, CACHET_E_USAGE, "'%s' is no URL", request->url);
    const char *const path = request->url + sizeof(origin) - 1;
    const cachet_status status = refuse(path, request->flags, err);
    if (status != CACHET_OK)
        return status;
    *response = (cachet_response){.status = strcmp(path, "/missing") == 0 ? 404 : 200};
    (void) snprintf(response->url, sizeof(response->url), "%s", request->url);
    (void) snprintf(response->body, sizeof(response->body), "hello\n");
    response->is_tampered_late = strcmp(path, "/late") == 0;
    if (strcmp(path, "/echo") == 0)
        echo(session, request, response);
    if (is_broken())
        emit(session, CACHET_EVENT_BYPASSED, request->url, "store", "not a database");
    emit(session, CACHET_EVENT_HIT, request->url, "fresh", NULL);
    response->size = response->is_tampered_late ? LATE_SIZE : (size_t) strlen(response->body);
    *ret_response = response;
    return CACHET_OK;
}

void cachet_response_free(cachet_response *response)
{
    (void) response;
}

int cachet_response_status(const cachet_response *response)
{
    return response->status;
}

const cachet_field *cachet_response_fields(const cachet_response *response, size_t *ret_count)
{
    static cachet_field fields[2];

    (void) response;
    fields[0] = cachet_field_of("X-Odd", "a\033b");
    fields[1] = cachet_field_of("Cache-Status", "cachet; hit");
    *ret_count = 2;
    return fields;
}

const char *cachet_response_field(const cachet_response *response, const char *name,
                                  size_t index)
{
    static const char *const values[] = {"origin", "cachet; hit"};

    (void) response;
    return strcmp(name, "Cache-Status") == 0 && index < 2 ? values[index] : NULL;
}

cachet_status cachet_response_read(cachet_response *response, void *buffer, size_t capacity,
                                   size_t *ret_size, cachet_error *err)
{
    const size_t left = response->size - response->position;
    const size_t size = left < capacity ? left : capacity;

    if (strcmp(response->url, "http://fake/killed") == 0 && response->position > 0)
        (void) raise(SIGTERM);
    if (response->is_tampered_late && response->position > 0)
        return fail(err, CACHET_E_TAMPERED, "chunk 1 does not match its seal");
    if (response->is_tampered_late)
        memset(buffer, 'x', size);
    else
        memcpy(buffer, response->body + response->position, size);
    response->position += size;
    *ret_size = size;
    return CACHET_OK;
}

uint64_t cachet_response_size(const cachet_response *response)
{
    return response->position;
}

int cachet_response_is_hit(const cachet_response *response)
{
    (void) response;
    return 1;
}

const char *cachet_response_url(const cachet_response *response)
{
    return response->url;
}

const char *cachet_response_key(const cachet_response *response)
{
    (void) response;
    return KEY_A;
}

int64_t cachet_response_stored_at_ms(const cachet_response *response)
{
    (void) response;
    return 1700000000000;
}

int64_t cachet_response_expires_at_ms(const cachet_response *response)
{
    (void) response;
    return -1;
}
