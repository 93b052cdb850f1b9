/* SPDX-License-Identifier: MIT */
/* What every test with an origin needs: a session, URLs, a request in one line. */
#ifndef CT_TESTS_WEB_H
#define CT_TESTS_WEB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cachet/cachet.h>

#include "fake_exchange.h"
#include "origin.h"
#include "tap.h"

struct web {
    struct origin *origin;
    cachet_session *session;
    cachet_options options;
    char url[2048]; /* of the last web_url */
    char host[64];  /* "127.0.0.1:PORT" */
};

/* Loopback only, whatever proxy the machine has. */
static inline void web_use_no_proxy(void)
{
    (void) setenv("no_proxy", "*", 1);
}

static inline bool web_open(struct web *web, const cachet_options *options)
{
    cachet_error err;

    web->options = *options;
    web->options.flags |= CACHET_UNSEALED;
    if (cachet_open(&web->session, "fake", &web->options, &err) == CACHET_OK)
        return true;
    printf("# %s\n", err.message);
    return false;
}

static inline bool web_start(struct web *web, origin_handler handler)
{
    const cachet_options options = CACHET_OPTIONS_INIT;

    web_use_no_proxy();
    fake_reset();
    web->origin = origin_start(handler);
    if (web->origin == NULL)
        return false;
    (void) snprintf(web->host, sizeof web->host, "127.0.0.1:%d", origin_port(web->origin));
    return web_open(web, &options);
}

/* The same origin, a session with other options, an empty cache. */
static inline bool web_reopen(struct web *web, const cachet_options *options)
{
    cachet_close(web->session);
    fake_reset();
    return web_open(web, options);
}

static inline void web_stop(struct web *web)
{
    cachet_close(web->session);
    origin_stop(web->origin);
    fake_reset();
}

static inline const char *web_url(struct web *web, const char *target)
{
    (void) snprintf(web->url, sizeof web->url, "http://%s%s", web->host, target);
    return web->url;
}

/* Fetches; NULL and a diagnostic line where that fails with another status than expected. */
static inline cachet_response *web_fetch(struct web *web, const cachet_request *request,
                                         cachet_status expected, cachet_error *err)
{
    cachet_response *response = NULL;
    const cachet_status status = cachet_fetch(web->session, request, &response, err);

    if (status != expected)
        printf("# status %d, not %d: %s\n", (int) status, (int) expected,
               status == CACHET_OK ? "" : err->message);
    return response;
}

static inline cachet_response *web_get(struct web *web, const char *target)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;

    request.url = web_url(web, target);
    return web_fetch(web, &request, CACHET_OK, &err);
}

/* True if the GET fails so, and its message has `words`. */
static inline bool web_fails(struct web *web, const char *target, cachet_status expected,
                             const char *words)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err = {CACHET_OK, ""};

    request.url = web_url(web, target);
    cachet_response *const response = web_fetch(web, &request, expected, &err);
    const bool is_so =
        response == NULL && err.status == expected && strstr(err.message, words) != NULL;
    printf("# %s\n", err.message);
    cachet_response_free(response);
    return is_so;
}

static inline bool web_is(const cachet_response *response, int status, const char *body,
                          bool is_hit)
{
    return response != NULL && cachet_response_status(response) == status &&
           cachet_response_size(response) == strlen(body) &&
           memcmp(cachet_response_body(response), body, strlen(body) + 1) == 0 &&
           (cachet_response_is_hit(response) != 0) == is_hit;
}

#endif
