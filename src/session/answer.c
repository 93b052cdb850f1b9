/* SPDX-License-Identifier: MIT */
#include "session/answer.h"

#include "base/clock.h"
#include "base/error.h"

/* Once, once more where a 304 confirmed nothing, once more where what is stored cannot be read.
 */
#define ASKED_MAX 3u

/* The largest body nobody reads that is worth receiving to keep its connection. */
#define DRAIN_SIZE_MAX ((size_t) 1 << 20)

cachet_status ct_answer_open(struct ct_answer *answer, cachet_cache *cache,
                             const struct ct_question *question, cachet_error *err)
{
    return cachet_exchange_begin(cache, question->request, ct_clock_now_ms(), &answer->exchange,
                                 err);
}

void ct_answer_fini(struct ct_answer *answer)
{
    ct_pool_give(answer->pool, ct_steal(&answer->transport));
    cachet_exchange_free(ct_steal(&answer->exchange));
}

static cachet_status start(struct ct_answer *answer, const struct ct_question *question,
                           cachet_error *err)
{
    const cachet_request *const request = question->request;
    struct ct_call call = {
        .method = request->method,
        .url = cachet_exchange_url(answer->exchange),
        .fields = request->fields,
        .field_count = request->field_count,
        .body = ct_bytes(request->body, request->body_size),
        .is_body_copied = question->is_body_copied,
        .deadline_ms = question->deadline_ms,
    };

    call.added = cachet_exchange_added_fields(answer->exchange, &call.added_count);
    return ct_transport_start(answer->transport, question->terms, &call, err);
}

/* The rest of an answer that nobody wants, so that its connection can be used again. */
static void skip_body(struct ct_transport *transport)
{
    cachet_bytes piece = {NULL, 0};
    size_t size = 0;

    do {
        if (ct_transport_next(transport, &piece, NULL) != CACHET_OK)
            return;
        size += piece.size;
    } while (piece.size > 0 && size < DRAIN_SIZE_MAX);
}

/* Sends the request and waits for the head; or for what may be served without one. */
static cachet_status converse(struct ct_answer *answer, const struct ct_question *question,
                              cachet_error *err)
{
    cachet_head head = CACHET_HEAD_INIT;
    cachet_status status = start(answer, question, err);

    if (status == CACHET_OK)
        status = ct_transport_head(answer->transport, &head, err);
    if (status == CACHET_OK)
        return cachet_exchange_head(answer->exchange, &head, err);
    if (status == CACHET_E_TRANSFER &&
        cachet_exchange_unreachable(answer->exchange, ct_clock_now_ms(), NULL) == CACHET_OK)
        return CACHET_OK;
    return status;
}

static cachet_status ask(struct ct_answer *answer, const struct ct_question *question,
                         cachet_error *err)
{
    if (answer->asked++ == ASKED_MAX)
        return ct_err_set(err, CACHET_E_PROTOCOL,
                          "'%s' answers 304 to a request without conditions",
                          cachet_exchange_url(answer->exchange));
    TRY(ct_pool_take(answer->pool, &answer->transport, err));
    TRY(converse(answer, question, err));
    if (ct_answer_is_from_origin(answer))
        return CACHET_OK;
    skip_body(answer->transport);
    ct_pool_give(answer->pool, ct_steal(&answer->transport));
    return CACHET_OK;
}

cachet_status ct_answer_settle(struct ct_answer *answer, const struct ct_question *question,
                               cachet_error *err)
{
    for (;;) {
        const cachet_verdict verdict = cachet_exchange_verdict(answer->exchange);
        if (verdict == CACHET_SERVE || verdict == CACHET_PASS)
            return CACHET_OK;
        TRY(ask(answer, question, err));
    }
}

cachet_status ct_answer_next(struct ct_answer *answer, cachet_bytes *ret_piece,
                             cachet_error *err)
{
    if (answer->transport == NULL) {
        *ret_piece = ct_bytes(NULL, 0);
        return CACHET_OK;
    }
    TRY(ct_transport_next(answer->transport, ret_piece, err));
    if (ret_piece->size > 0)
        cachet_exchange_body(answer->exchange, ret_piece->data, ret_piece->size);
    return CACHET_OK;
}

bool ct_answer_is_at_end(const struct ct_answer *answer)
{
    return answer->transport == NULL || ct_transport_is_at_end(answer->transport);
}

cachet_status ct_answer_end(struct ct_answer *answer, cachet_error *err)
{
    if (answer->is_ended || !ct_answer_is_from_origin(answer))
        return CACHET_OK;
    answer->is_ended = true;
    ct_pool_give(answer->pool, ct_steal(&answer->transport));
    return cachet_exchange_end(answer->exchange, ct_clock_now_ms(), err);
}

void ct_answer_drain(struct ct_answer *answer)
{
    cachet_bytes piece = {NULL, 0};
    size_t size = 0;

    do {
        if (size > DRAIN_SIZE_MAX || ct_answer_next(answer, &piece, NULL) != CACHET_OK)
            return;
        size += piece.size;
    } while (piece.size > 0);
    /* Its reader has what they came for: the head. */
    (void) ct_answer_end(answer, NULL);
}

uint64_t ct_answer_body_size(const struct ct_answer *answer)
{
    return ct_answer_is_from_origin(answer) && answer->transport != NULL
               ? ct_transport_body_size(answer->transport)
               : cachet_exchange_body_size(answer->exchange);
}
