/* SPDX-License-Identifier: MIT */
#include "session/response.h"

#include "base/error.h"
#include "base/mem.h"
#include "session/field.h"

/* RFC 9110 8.4, 8.6: these speak about the coded body. */
static bool is_shown(const struct ct_body *body, const cachet_field *field)
{
    return body->decoder == NULL ||
           !(ct_field_is(field, "Content-Encoding") || ct_field_is(field, "Content-Length"));
}

/* Memory behind the response, given out from the front. */
static const char *put_text(unsigned char **room, cachet_bytes text)
{
    char *const at = (char *) *room;

    if (text.size > 0)
        memcpy(at, text.data, text.size);
    at[text.size] = '\0';
    *room += text.size + 1;
    return at;
}

static size_t room_for(const struct ct_body *body, const cachet_field *fields, size_t count)
{
    size_t size = count * sizeof(cachet_field) +
                  strlen(cachet_exchange_url(body->answer.exchange)) + 1 +
                  strlen(cachet_exchange_key(body->answer.exchange)) + 1;

    for (size_t i = 0; i < count; i++)
        size += fields[i].name.size + 1 + fields[i].value.size + 1;
    return size;
}

static size_t put_fields(const struct ct_body *body, const cachet_field *from, size_t count,
                         cachet_field *to, unsigned char **room)
{
    size_t shown = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_shown(body, &from[i]))
            continue;
        const char *const name = put_text(room, from[i].name);
        const char *const value = put_text(room, from[i].value);
        to[shown].name = ct_bytes(name, from[i].name.size);
        to[shown].value = ct_bytes(value, from[i].value.size);
        shown++;
    }
    return shown;
}

static void note_times(cachet_response *response, const cachet_exchange *exchange)
{
    response->stored_at_ms = cachet_exchange_stored_at_ms(exchange);
    response->expires_at_ms = cachet_exchange_expires_at_ms(exchange);
}

void ct_response_settle(cachet_response *response)
{
    struct ct_answer *const answer = &response->body.answer;

    if (answer->exchange == NULL)
        return;
    note_times(response, answer->exchange);
    if (response->body.is_complete)
        ct_answer_fini(answer);
}

cachet_status ct_response_new(cachet_response **ret_response, struct ct_body *body,
                              cachet_body_mode mode, cachet_error *err)
{
    const cachet_exchange *const exchange = body->answer.exchange;
    size_t count = 0;
    const cachet_field *const fields = cachet_exchange_fields(exchange, &count);
    void *memory = NULL;

    TRY(ct_mem_resize(&memory, sizeof(cachet_response) + room_for(body, fields, count), err));
    cachet_response *const response = memory;
    cachet_field *const copied = (cachet_field *) (response + 1);
    unsigned char *room = (unsigned char *) (copied + count);

    response->mode = mode;
    response->size = 0;
    response->failure.status = CACHET_OK;
    response->status = cachet_exchange_status(exchange);
    response->is_hit = cachet_exchange_is_hit(exchange) != 0;
    note_times(response, exchange);
    response->url = put_text(&room, cachet_bytes_of(cachet_exchange_url(exchange)));
    response->key = put_text(&room, cachet_bytes_of(cachet_exchange_key(exchange)));
    response->fields = copied;
    response->field_count = put_fields(body, fields, count, copied, &room);
    response->body = *body;
    *body = (struct ct_body){.answer = {.pool = body->answer.pool}};
    *ret_response = response;
    return CACHET_OK;
}

void cachet_response_free(cachet_response *response)
{
    if (response == NULL)
        return;
    ct_body_fini(&response->body);
    ct_mem_free(response);
}

int cachet_response_status(const cachet_response *response)
{
    return response->status;
}

const char *cachet_response_field(const cachet_response *response, const char *name,
                                  size_t index)
{
    const cachet_field *const field =
        ct_field_find(response->fields, response->field_count, name, index);
    return field == NULL ? NULL : (const char *) field->value.data;
}

const cachet_field *cachet_response_fields(const cachet_response *response, size_t *ret_count)
{
    *ret_count = response->field_count;
    return response->fields;
}

const void *cachet_response_body(const cachet_response *response)
{
    return response->body.whole != NULL ? (const void *) response->body.whole : "";
}

uint64_t cachet_response_size(const cachet_response *response)
{
    return response->mode == CACHET_BODY_WHOLE ? response->body.whole_size : response->size;
}

int cachet_response_is_hit(const cachet_response *response)
{
    return response->is_hit;
}

const char *cachet_response_url(const cachet_response *response)
{
    return response->url;
}

const char *cachet_response_key(const cachet_response *response)
{
    return response->key;
}

int64_t cachet_response_stored_at_ms(const cachet_response *response)
{
    return response->stored_at_ms;
}

int64_t cachet_response_expires_at_ms(const cachet_response *response)
{
    return response->expires_at_ms;
}

/* A failure stays: whoever goes on reading must not take the rest for the end. */
static cachet_status fail(cachet_response *response, cachet_error *err)
{
    if (err != NULL)
        *err = response->failure;
    return response->failure.status;
}

cachet_status cachet_response_read(cachet_response *response, void *buffer, size_t capacity,
                                   size_t *ret_size, cachet_error *err)
{
    size_t size = 0;

    if (response->mode != CACHET_BODY_PULL)
        return ct_err_set(err, CACHET_E_USAGE, "ask for CACHET_BODY_PULL to read the body");
    if (buffer == NULL || capacity == 0)
        return ct_err_set(err, CACHET_E_USAGE, "no room to read into");
    if (response->failure.status != CACHET_OK)
        return fail(response, err);
    if (ct_body_read(&response->body, buffer, capacity, &size, &response->failure) != CACHET_OK)
        return fail(response, err);
    response->size += size;
    /* What fails now is told by the next read: these bytes are good. */
    (void) ct_body_settle(&response->body, &response->failure);
    ct_response_settle(response);
    *ret_size = size;
    return CACHET_OK;
}

cachet_status ct_response_write(cachet_response *response, cachet_write write, void *context,
                                cachet_error *err)
{
    CLEANUP(ct_mem_freep) void *piece = NULL;
    size_t size = 0;

    TRY(ct_mem_resize(&piece, CT_BODY_PIECE_SIZE, err));
    for (;;) {
        TRY(ct_body_read(&response->body, piece, CT_BODY_PIECE_SIZE, &size, err));
        if (size == 0)
            return CACHET_OK;
        if (write(context, piece, size) != CACHET_OK)
            return ct_err_set(err, CACHET_E_ABORTED, "request.write stopped the body of '%s'",
                              response->url);
        response->size += size;
    }
}
