/* SPDX-License-Identifier: MIT */
/* The half of the fake library that fetches: the URL's path says what happens. */
#include "fake.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

/* The leak check of a sanitizer needs what the command otherwise refuses. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

#define LATE_SIZE 70000u

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

static cachet_session the_session;
static cachet_response the_response;

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

static int is_dumpable(void)
{
#if defined(__linux__) && !defined(IS_SANITIZED)
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
#else
    return 0;
#endif
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

/* What the process allows others to see of its keys. */
static void tell_limits(cachet_response *response)
{
    struct rlimit core = {1, 1};

    (void) getrlimit(RLIMIT_CORE, &core);
    (void) snprintf(response->body, sizeof(response->body), "core %llu dumpable %d\n",
                    (unsigned long long) core.rlim_max, is_dumpable());
}

static cachet_status refuse(const char *path, uint32_t flags, cachet_error *err)
{
    if (strcmp(path, "/tampered") == 0 && (flags & CACHET_FORCE_REFRESH) == 0)
        return fake_fail(err, CACHET_E_TAMPERED, "the entry does not match its seal");
    if (strcmp(path, "/tampered-said") == 0)
        return fake_fail(err, CACHET_E_TAMPERED, "changed: force a refresh or remove it");
    if (strcmp(path, "/down") == 0)
        return fake_fail(err, CACHET_E_TRANSFER, "no connection to fake: refused");
    if (strcmp(path, "/garbage") == 0)
        return fake_fail(err, CACHET_E_PROTOCOL, "fake sent no HTTP");
    if ((flags & CACHET_ONLY_IF_CACHED) != 0 && strcmp(path, "/ok") != 0)
        return fake_fail(err, CACHET_E_NOT_CACHED, "http://fake%s is not cached", path);
    return CACHET_OK;
}

cachet_status cachet_fetch(cachet_session *session, const cachet_request *request,
                           cachet_response **ret_response, cachet_error *err)
{
    static const char origin[] = "http://fake";
    cachet_response *const response = &the_response;

    if (strncmp(request->url, origin, sizeof(origin) - 1) != 0)
        return fake_fail(err, CACHET_E_USAGE, "'%s' is no URL", request->url);
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
    if (strcmp(path, "/limits") == 0)
        tell_limits(response);
    if (fake_is_broken())
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
        return fake_fail(err, CACHET_E_TAMPERED, "chunk 1 does not match its seal");
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
