/* SPDX-License-Identifier: MIT */
/*
 * cachet_fetch: hop by hop, each an exchange of its own, to the answer that is handed out.
 *
 *     begin_hop ─► settle ─┬─ a redirect to follow: drain, drop what is not for another
 *         ▲                │                        origin, next hop ──┐
 *         └────────────────┼───────────────────────────────────────────┘
 *                          ├─ from the store: prime ─ unreadable? refetch, settle again
 *                          └─ else: the response
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "session/field.h"
#include "session/redirect.h"
#include "session/response.h"
#include "session/session.h"

struct fetch {
    cachet_session *session;
    cachet_request request; /* complete, and of the present hop */
    struct ct_outgoing outgoing;
    struct ct_buf trust;
    struct ct_question question;
    struct ct_body_wish wish;
    struct ct_body body;
    char *url;       /* of the present hop, after the first; owned */
    char *first_url; /* of the first, for messages; owned */
    uint32_t hops;
};

static void fetch_fini(struct fetch *fetch)
{
    ct_body_fini(&fetch->body);
    ct_outgoing_fini(&fetch->outgoing);
    ct_buf_fini(&fetch->trust);
    ct_mem_free(fetch->url);
    ct_mem_free(fetch->first_url);
}

static cachet_status take_request(const cachet_request *given, cachet_request *ret_request,
                                  cachet_error *err)
{
    *ret_request = (cachet_request) CACHET_REQUEST_INIT;
    if (given->size < sizeof given->size)
        return ct_err_set(err, CACHET_E_USAGE,
                          "request.size is %zu: begin with CACHET_REQUEST_INIT", given->size);
    memcpy(ret_request, given, given->size < sizeof *given ? given->size : sizeof *given);
    ret_request->size = sizeof *ret_request;
    if (ret_request->method == NULL)
        ret_request->method = "GET";
    if (ret_request->url == NULL)
        return ct_err_set(err, CACHET_E_USAGE, "request.url is NULL");
    if (ret_request->body_mode < CACHET_BODY_WHOLE ||
        ret_request->body_mode > CACHET_BODY_WRITE)
        return ct_err_set(err, CACHET_E_USAGE, "request.body_mode %d is none",
                          ret_request->body_mode);
    if (ret_request->body_mode == CACHET_BODY_WRITE && ret_request->write == NULL)
        return ct_err_set(err, CACHET_E_USAGE, "CACHET_BODY_WRITE needs request.write");
    return CACHET_OK;
}

/* The session's terms, then the request's own; the usual case takes no memory. */
static cachet_status set_trust(struct fetch *fetch, cachet_bytes callers, cachet_error *err)
{
    const cachet_bytes sessions = ct_buf_view(&fetch->session->trust);
    cachet_request own = fetch->request;

    own.trust = callers;
    ct_buf_reset(&fetch->trust);
    ct_buf_append(&fetch->trust, sessions);
    ct_outgoing_trust(&own, &fetch->trust);
    fetch->request.trust =
        fetch->trust.size == sessions.size ? sessions : ct_buf_view(&fetch->trust);
    return ct_buf_status(&fetch->trust, err);
}

static void set_question(struct fetch *fetch)
{
    const cachet_session *const session = fetch->session;

    fetch->question = (struct ct_question){
        .terms = &session->terms,
        .request = &fetch->request,
        /* The caller may free the body when cachet_fetch is back, before all of it was sent. */
        .is_body_copied = fetch->request.body_mode == CACHET_BODY_PULL,
        .deadline_ms = session->total_timeout_ms == 0
                           ? 0
                           : ct_clock_monotonic_ms() + session->total_timeout_ms,
    };
    fetch->wish = (struct ct_body_wish){
        .is_none = strcmp(fetch->request.method, "HEAD") == 0,
        .is_whole = fetch->request.body_mode == CACHET_BODY_WHOLE,
        .is_decoded = session->is_decoding,
        .max_whole_size = session->max_whole_size,
        .max_decoded_size = session->max_decoded_size,
    };
}

static cachet_status begin_hop(struct fetch *fetch, cachet_bytes callers_trust,
                               cachet_error *err)
{
    fetch->request.fields = ct_outgoing_fields(&fetch->outgoing);
    fetch->request.field_count = fetch->outgoing.count;
    TRY(set_trust(fetch, callers_trust, err));
    return ct_answer_open(&fetch->body.answer, fetch->session->cache, &fetch->question, err);
}

/* Where the present answer sends us, or NULL where it is to be handed out. */
static const cachet_field *redirection(const struct fetch *fetch)
{
    const cachet_exchange *const exchange = fetch->body.answer.exchange;
    const char *const method = fetch->request.method;
    size_t count = 0;

    if (!ct_redirect_is(cachet_exchange_status(exchange)) ||
        (fetch->request.flags & CACHET_NO_FOLLOW) != 0 || fetch->request.body_size > 0 ||
        (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0))
        return NULL;
    const cachet_field *const fields = cachet_exchange_fields(exchange, &count);
    const cachet_field *const location = ct_field_find(fields, count, "Location", 0);
    return location != NULL && location->value.size > 0 ? location : NULL;
}

static cachet_status count_hop(struct fetch *fetch, cachet_error *err)
{
    if (fetch->first_url == NULL)
        TRY(ct_mem_text(&fetch->first_url,
                        cachet_bytes_of(cachet_exchange_url(fetch->body.answer.exchange)),
                        err));
    if (fetch->hops++ == fetch->session->max_redirects)
        return ct_err_set(err, CACHET_E_PROTOCOL, "over %u redirects from '%.300s'",
                          fetch->session->max_redirects, fetch->first_url);
    return CACHET_OK;
}

static cachet_status follow(struct fetch *fetch, cachet_bytes location, cachet_error *err)
{
    struct ct_redirect redirect = {NULL, false};

    TRY(count_hop(fetch, err));
    TRY(ct_redirect_resolve(cachet_exchange_url(fetch->body.answer.exchange),
                            fetch->request.url, location, &redirect, err));
    ct_mem_free(fetch->url);
    fetch->request.url = fetch->url = redirect.url;
    if (ct_answer_is_from_origin(&fetch->body.answer))
        ct_answer_drain(&fetch->body.answer);
    ct_body_fini(&fetch->body);
    fetch->body = (struct ct_body){.answer = {.pool = &fetch->session->pool}};
    if (!redirect.is_same_origin) {
        ct_outgoing_drop_credentials(&fetch->outgoing);
        fetch->request.credential = ct_bytes(NULL, 0);
    }
    return CACHET_OK;
}

/* A URL the cache refuses is the caller's fault but for a redirect, where it is the origin's.
 */
static cachet_status begin_next_hop(struct fetch *fetch, cachet_bytes callers_trust,
                                    cachet_error *err)
{
    cachet_error why;
    const cachet_status status = begin_hop(fetch, callers_trust, &why);

    if (status == CACHET_E_USAGE)
        return ct_err_set(err, CACHET_E_PROTOCOL, "a redirect from '%.200s': %s",
                          fetch->first_url, why.message);
    if (status != CACHET_OK && err != NULL)
        *err = why;
    return status;
}

/* After a failure to read what is stored: the origin is asked instead, if that may be. */
static cachet_status turn_to_origin(struct fetch *fetch, const cachet_error *why,
                                    cachet_error *err)
{
    cachet_status status = why->status;

    if (fetch->body.is_unreadable) {
        ct_body_forget(&fetch->body);
        status = cachet_exchange_refetch(fetch->body.answer.exchange, err);
    }
    if (status == why->status && err != NULL)
        *err = *why;
    return status;
}

/* To the answer that is handed out, its first bytes at hand. */
static cachet_status find_answer(struct fetch *fetch, cachet_bytes callers_trust,
                                 cachet_error *err)
{
    cachet_error why;

    TRY(begin_hop(fetch, callers_trust, err));
    for (;;) {
        TRY(ct_answer_settle(&fetch->body.answer, &fetch->question, err));
        const cachet_field *const location = redirection(fetch);
        if (location != NULL) {
            TRY(follow(fetch, location->value, err));
            TRY(begin_next_hop(fetch, callers_trust, err));
            continue;
        }
        TRY(ct_body_open(&fetch->body, &fetch->wish, err));
        if (ct_body_prime(&fetch->body, &fetch->wish, &why) == CACHET_OK)
            return CACHET_OK;
        TRY(turn_to_origin(fetch, &why, err));
    }
}

/* What the body mode asks for before the response is handed out. */
static cachet_status take_body(struct fetch *fetch, cachet_response *response,
                               cachet_error *err)
{
    unsigned char none[1];
    size_t size = 0;

    if (fetch->wish.is_none)
        return ct_body_read(&response->body, none, sizeof none, &size, err);
    if (response->mode == CACHET_BODY_WHOLE)
        return ct_body_read_whole(&response->body, &fetch->wish, err);
    if (response->mode == CACHET_BODY_WRITE)
        return ct_response_write(response, fetch->request.write, fetch->request.write_context,
                                 err);
    (void) ct_body_settle(&response->body, &response->failure);
    return CACHET_OK;
}

cachet_status cachet_fetch(cachet_session *session, const cachet_request *request,
                           cachet_response **ret_response, cachet_error *err)
{
    CLEANUP(fetch_fini) struct fetch fetch;
    CLEANUP(cachet_response_freep) cachet_response *response = NULL;

    fetch.session = session;
    fetch.outgoing.many = NULL;
    fetch.trust = ct_buf_with_ceiling(SIZE_MAX);
    fetch.body = (struct ct_body){.answer = {.pool = &session->pool}};
    fetch.url = fetch.first_url = NULL;
    fetch.hops = 0;
    TRY(take_request(request, &fetch.request, err));
    const cachet_bytes callers_trust = fetch.request.trust;
    TRY(ct_outgoing_init(&fetch.outgoing, &fetch.request, &session->defaults, err));
    set_question(&fetch);
    TRY(find_answer(&fetch, callers_trust, err));
    TRY(ct_response_new(&response, &fetch.body, (cachet_body_mode) fetch.request.body_mode,
                        err));
    TRY(take_body(&fetch, response, err));
    ct_response_settle(response);
    *ret_response = ct_steal(&response);
    return CACHET_OK;
}

cachet_status cachet_get(cachet_session *session, const char *url,
                         cachet_response **ret_response, cachet_error *err)
{
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = url;
    return cachet_fetch(session, &request, ret_response, err);
}
