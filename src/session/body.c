/* SPDX-License-Identifier: MIT */
#include "session/body.h"

#include "base/error.h"
#include "base/mem.h"
#include "session/field.h"

void ct_body_forget(struct ct_body *body)
{
    ct_decoder_free(ct_steal(&body->decoder));
    ct_mem_free(ct_steal(&body->held));
    ct_mem_free(ct_steal(&body->whole));
    body->whole_size = 0;
    body->ready = ct_bytes(NULL, 0);
    body->is_none = body->is_complete = body->is_unreadable = false;
}

void ct_body_fini(struct ct_body *body)
{
    ct_body_forget(body);
    ct_answer_fini(&body->answer);
}

/* RFC 9110 14.4: a part of a coded body does not decode by itself. */
static bool is_part(const cachet_exchange *exchange)
{
    return cachet_exchange_status(exchange) == 206;
}

static cachet_status make_decoder(const cachet_exchange *exchange, uint64_t ceiling,
                                  struct ct_decoder **ret_decoder, cachet_error *err)
{
    CLEANUP(ct_decoder_freep) struct ct_decoder *decoder = NULL;
    size_t count = 0;
    const cachet_field *const fields = cachet_exchange_fields(exchange, &count);

    for (size_t i = 0; i < count; i++) {
        if (!ct_field_is(&fields[i], "Content-Encoding"))
            continue;
        if (decoder == NULL)
            TRY(ct_decoder_new(&decoder, ceiling, err));
        TRY(ct_decoder_add(decoder, fields[i].value, err));
    }
    if (decoder != NULL && ct_decoder_is_needed(decoder))
        *ret_decoder = ct_steal(&decoder);
    return CACHET_OK;
}

static cachet_status too_large(const struct ct_body *body, uint64_t limit, cachet_error *err)
{
    return ct_err_set(err, CACHET_E_TOO_LARGE,
                      "the body of '%.200s' is over %llu bytes: take it with "
                      "cachet_response_read, or raise max_whole_size",
                      cachet_exchange_url(body->answer.exchange), (unsigned long long) limit);
}

/* Where addresses are short, what memory can hold counts, too. */
static size_t whole_limit(const struct ct_body_wish *wish)
{
    return wish->max_whole_size < SIZE_MAX / 4 ? (size_t) wish->max_whole_size : SIZE_MAX / 4;
}

cachet_status ct_body_open(struct ct_body *body, const struct ct_body_wish *wish,
                           cachet_error *err)
{
    body->is_none = wish->is_none;
    if (wish->is_none)
        return CACHET_OK;
    if (wish->is_decoded && !is_part(body->answer.exchange))
        TRY(make_decoder(body->answer.exchange, wish->max_decoded_size, &body->decoder, err));
    const uint64_t size = ct_answer_body_size(&body->answer);
    const bool is_known = size != UINT64_MAX || !ct_answer_is_from_origin(&body->answer);
    if (wish->is_whole && body->decoder == NULL && is_known && size > whole_limit(wish))
        return too_large(body, whole_limit(wish), err);
    return CACHET_OK;
}

static cachet_status read_stored(struct ct_body *body, void *buffer, size_t capacity,
                                 size_t *ret_size, cachet_error *err)
{
    return cachet_exchange_read(body->answer.exchange, buffer, capacity, ret_size, err);
}

/* One pass over what is stored, straight to where it stays; the room for a NUL is capacity. */
static cachet_status prime_whole(struct ct_body *body, cachet_error *err)
{
    const size_t capacity = (size_t) cachet_exchange_body_size(body->answer.exchange) + 1;
    void *memory = NULL;

    TRY(ct_mem_resize(&memory, capacity, err));
    body->whole = memory;
    body->is_unreadable = true;
    TRY(read_stored(body, body->whole, capacity, &body->whole_size, err));
    body->is_unreadable = false;
    return CACHET_OK;
}

static cachet_status prime_piece(struct ct_body *body, cachet_error *err)
{
    size_t size = 0;
    void *memory = NULL;

    TRY(ct_mem_resize(&memory, CT_BODY_PIECE_SIZE, err));
    body->held = memory;
    body->is_unreadable = true;
    TRY(read_stored(body, body->held, CT_BODY_PIECE_SIZE, &size, err));
    body->is_unreadable = false;
    body->ready = ct_bytes(body->held, size);
    return CACHET_OK;
}

cachet_status ct_body_prime(struct ct_body *body, const struct ct_body_wish *wish,
                            cachet_error *err)
{
    if (body->is_none || ct_answer_is_from_origin(&body->answer))
        return CACHET_OK;
    return wish->is_whole && body->decoder == NULL ? prime_whole(body, err)
                                                   : prime_piece(body, err);
}

/* Fills `ready`, which is empty; it stays so at the end. */
static cachet_status refill(struct ct_body *body, cachet_error *err)
{
    size_t size = 0;

    if (ct_answer_is_from_origin(&body->answer))
        return ct_answer_next(&body->answer, &body->ready, err);
    TRY(read_stored(body, body->held, CT_BODY_PIECE_SIZE, &size, err));
    body->ready = ct_bytes(body->held, size);
    return CACHET_OK;
}

static cachet_status decode(struct ct_body *body, struct ct_flow *flow, cachet_error *err)
{
    cachet_error why;
    const cachet_status status = ct_decoder_run(body->decoder, flow, &why);

    if (status != CACHET_OK)
        return ct_err_set(err, status, "the body of '%.200s': %s",
                          cachet_exchange_url(body->answer.exchange), why.message);
    return CACHET_OK;
}

static cachet_status read_decoded(struct ct_body *body, void *buffer, size_t capacity,
                                  size_t *ret_size, cachet_error *err)
{
    struct ct_flow flow = {.out = buffer, .room = capacity};

    do {
        if (body->ready.size == 0)
            TRY(refill(body, err));
        flow.in = body->ready;
        flow.is_last = body->ready.size == 0;
        TRY(decode(body, &flow, err));
        body->ready = flow.in;
    } while (flow.made == 0 && !flow.is_last);
    *ret_size = flow.made;
    return CACHET_OK;
}

static cachet_status read_plain(struct ct_body *body, void *buffer, size_t capacity,
                                size_t *ret_size, cachet_error *err)
{
    if (body->ready.size == 0 && !ct_answer_is_from_origin(&body->answer))
        return read_stored(body, buffer, capacity, ret_size, err);
    if (body->ready.size == 0)
        TRY(refill(body, err));
    const cachet_bytes piece = ct_bytes_first(body->ready, capacity);
    if (piece.size > 0)
        memcpy(buffer, piece.data, piece.size);
    body->ready = ct_bytes_from(body->ready, piece.size);
    *ret_size = piece.size;
    return CACHET_OK;
}

cachet_status ct_body_read(struct ct_body *body, void *buffer, size_t capacity,
                           size_t *ret_size, cachet_error *err)
{
    size_t size = 0;

    *ret_size = 0;
    if (body->is_complete)
        return CACHET_OK;
    if (body->is_none) {
        cachet_bytes nothing = {NULL, 0};
        if (ct_answer_is_from_origin(&body->answer))
            TRY(ct_answer_next(&body->answer, &nothing, err));
    } else {
        TRY(body->decoder != NULL ? read_decoded(body, buffer, capacity, &size, err)
                                  : read_plain(body, buffer, capacity, &size, err));
    }
    if (size == 0) {
        body->is_complete = true;
        TRY(ct_answer_end(&body->answer, err));
    }
    *ret_size = size;
    return CACHET_OK;
}

cachet_status ct_body_settle(struct ct_body *body, cachet_error *err)
{
    unsigned char none[1];
    size_t size = 0;

    /* A decoder may have bytes left inside: it has to be asked. */
    if (body->is_complete || body->decoder != NULL || body->ready.size > 0 ||
        !ct_answer_is_from_origin(&body->answer) || !ct_answer_is_at_end(&body->answer))
        return CACHET_OK;
    return ct_body_read(body, none, sizeof none, &size, err);
}

/* What prime_whole began: its room is exact. */
static cachet_status read_rest(struct ct_body *body, cachet_error *err)
{
    const size_t capacity = (size_t) cachet_exchange_body_size(body->answer.exchange) + 1;
    size_t size = body->whole_size;

    while (size > 0 && body->whole_size < capacity) {
        TRY(read_stored(body, body->whole + body->whole_size, capacity - body->whole_size,
                        &size, err));
        body->whole_size += size;
    }
    if (body->whole_size == capacity)
        return ct_err_set(err, CACHET_E_TAMPERED, "the stored body of '%.200s' is too long",
                          cachet_exchange_url(body->answer.exchange));
    body->whole[body->whole_size] = '\0';
    body->is_complete = true;
    return CACHET_OK;
}

static cachet_status collect(struct ct_body *body, struct ct_buf *buf, size_t limit,
                             cachet_error *err)
{
    size_t size = 0;

    do {
        const size_t left = limit + 1 - buf->size;
        const size_t room = left < CT_BODY_PIECE_SIZE ? left : CT_BODY_PIECE_SIZE;
        unsigned char *const to = ct_buf_grow(buf, room);
        TRY(ct_buf_status(buf, err));
        TRY(ct_body_read(body, to, room, &size, err));
        buf->size -= room - size;
        if (buf->size > limit)
            return too_large(body, limit, err);
    } while (size > 0);
    return CACHET_OK;
}

cachet_status ct_body_read_whole(struct ct_body *body, const struct ct_body_wish *wish,
                                 cachet_error *err)
{
    const size_t limit = whole_limit(wish);
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(limit + 2);

    if (body->whole != NULL)
        return read_rest(body, err);
    TRY(collect(body, &buf, limit, err));
    if (ct_buf_c_string(&buf) == NULL)
        return ct_buf_status(&buf, err);
    body->whole = ct_steal(&buf.data);
    body->whole_size = buf.size;
    /* Doubling leaves up to as much again behind the body; giving back less room cannot hurt.
     */
    void *memory = body->whole;
    if (ct_mem_resize(&memory, body->whole_size + 1, NULL) == CACHET_OK)
        body->whole = memory;
    return CACHET_OK;
}
