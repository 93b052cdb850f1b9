/* SPDX-License-Identifier: MIT */
#include "session/head.h"

#include "base/error.h"
#include "session/field.h"

/* Memory worth keeping between two answers. */
#define KEPT_SIZE ((size_t) 64 << 10)

struct ct_head_span {
    size_t name_at, name_size;
    size_t value_at, value_size;
};

void ct_head_init(struct ct_head *head)
{
    *head = (struct ct_head){
        /* A fold adds a space where it took at least as much away. */
        .text = ct_buf_with_ceiling(CT_HEAD_SIZE_MAX),
        .spans = ct_buf_with_ceiling(CT_HEAD_FIELDS_MAX * sizeof(struct ct_head_span)),
        .fields = ct_buf_with_ceiling(CT_HEAD_FIELDS_MAX * sizeof(cachet_field)),
    };
}

static void forget(struct ct_buf *buf)
{
    if (buf->capacity > KEPT_SIZE)
        ct_buf_fini(buf);
    ct_buf_reset(buf);
}

/* The lines counted so far go on counting: endless interim heads must end, too. */
static void forget_fields(struct ct_head *head)
{
    forget(&head->text);
    forget(&head->spans);
    forget(&head->fields);
    head->status = 0;
}

void ct_head_reset(struct ct_head *head)
{
    forget_fields(head);
    head->is_complete = false;
    head->line_size = 0;
}

void ct_head_fini(struct ct_head *head)
{
    ct_buf_fini(&head->text);
    ct_buf_fini(&head->spans);
    ct_buf_fini(&head->fields);
}

static bool is_status_line(cachet_bytes line)
{
    return ct_bytes_equal(ct_bytes_first(line, 5), CT_BYTES("HTTP/"));
}

/* RFC 9112 4: HTTP-version SP 3DIGIT, then a space and a reason or nothing. */
static cachet_status take_status(struct ct_head *head, cachet_bytes line, cachet_error *err)
{
    const cachet_bytes rest = ct_bytes_trim(ct_bytes_from(line, ct_bytes_find(line, ' ')));
    const cachet_bytes digits = ct_bytes_first(rest, ct_bytes_find(rest, ' '));
    uint64_t status = 0;

    if (!is_status_line(line) || digits.size != 3 || !ct_bytes_to_u64(digits, 999, &status) ||
        status < 100)
        return ct_err_set(err, CACHET_E_PROTOCOL, "'%.*s' is no status line",
                          line.size < 80 ? (int) line.size : 80, (const char *) line.data);
    head->status = (int) status;
    return CACHET_OK;
}

static cachet_status store_status(const struct ct_head *head, cachet_error *err)
{
    if (head->spans.status == CACHET_E_TOO_LARGE || head->fields.status == CACHET_E_TOO_LARGE)
        return ct_err_set(err, CACHET_E_TOO_LARGE, "over %u header fields", CT_HEAD_FIELDS_MAX);
    TRY(ct_buf_status(&head->spans, err));
    TRY(ct_buf_status(&head->fields, err));
    return ct_buf_status(&head->text, err);
}

static cachet_status take_field(struct ct_head *head, cachet_bytes line, cachet_error *err)
{
    const size_t colon = ct_bytes_find(line, ':');
    /* RFC 9112 5.1: blanks before the colon of an answer are taken away. */
    const cachet_bytes name = ct_bytes_trim(ct_bytes_first(line, colon));
    const cachet_bytes value = ct_bytes_trim(ct_bytes_from(line, colon + 1));

    if (colon == line.size || !ct_field_name_is_token(name))
        return ct_err_set(err, CACHET_E_PROTOCOL, "'%.*s' is no header field",
                          line.size < 80 ? (int) line.size : 80, (const char *) line.data);
    const struct ct_head_span span = {head->text.size, name.size, head->text.size + name.size,
                                      value.size};
    ct_buf_append(&head->text, name);
    ct_buf_append(&head->text, value);
    ct_buf_append(&head->spans, ct_bytes(&span, sizeof span));
    return store_status(head, err);
}

/* RFC 9112 5.2: a folded line goes on with the value above it, after one space. */
static cachet_status take_fold(struct ct_head *head, cachet_bytes line, cachet_error *err)
{
    const cachet_bytes value = ct_bytes_trim(line);
    struct ct_head_span span;

    if (head->spans.size == 0)
        return ct_err_set(err, CACHET_E_PROTOCOL, "a head that begins with a folded line");
    unsigned char *const last = head->spans.data + head->spans.size - sizeof span;
    memcpy(&span, last, sizeof span);
    if (span.value_size > 0 && value.size > 0)
        ct_buf_u8(&head->text, ' ');
    ct_buf_append(&head->text, value);
    span.value_size = head->text.size - span.value_at;
    memcpy(last, &span, sizeof span);
    return store_status(head, err);
}

/* The text does not move any more: spans become views. */
static cachet_status complete(struct ct_head *head, cachet_error *err)
{
    for (size_t at = 0; at < head->spans.size; at += sizeof(struct ct_head_span)) {
        struct ct_head_span span;
        memcpy(&span, head->spans.data + at, sizeof span);
        const cachet_field field = {
            ct_bytes(head->text.data + span.name_at, span.name_size),
            ct_bytes(head->text.data + span.value_at, span.value_size),
        };
        ct_buf_append(&head->fields, ct_bytes(&field, sizeof field));
    }
    head->is_complete = true;
    return store_status(head, err);
}

static cachet_bytes without_line_end(cachet_bytes line)
{
    if (line.size > 0 && line.data[line.size - 1] == '\n')
        line.size--;
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

static cachet_status take_line(struct ct_head *head, cachet_bytes line, cachet_error *err)
{
    if (!ct_field_value_is_clean(line))
        return ct_err_set(err, CACHET_E_PROTOCOL, "a header line holds a NUL or a line break");
    if (head->is_complete)
        /* A head after the head would mix the fields of one answer with the body of another. */
        return is_status_line(line)
                   ? ct_err_set(err, CACHET_E_PROTOCOL, "a second head in one answer")
                   : CACHET_OK;
    if (head->status == 0)
        return take_status(head, line, err);
    if (line.size == 0 && head->status >= 200)
        return complete(head, err);
    if (line.size == 0) {
        forget_fields(head);
        return CACHET_OK;
    }
    return line.data[0] == ' ' || line.data[0] == '\t' ? take_fold(head, line, err)
                                                       : take_field(head, line, err);
}

cachet_status ct_head_line(struct ct_head *head, cachet_bytes line, cachet_error *err)
{
    if (line.size > CT_HEAD_SIZE_MAX - head->line_size)
        return ct_err_set(err, CACHET_E_TOO_LARGE, "over %zu bytes of header lines",
                          CT_HEAD_SIZE_MAX);
    head->line_size += line.size;
    return take_line(head, without_line_end(line), err);
}

const cachet_field *ct_head_fields(const struct ct_head *head, size_t *ret_count)
{
    *ret_count = head->fields.size / sizeof(cachet_field);
    /* The buffer's memory comes from malloc: aligned for any type. */
    return (const void *) head->fields.data;
}
