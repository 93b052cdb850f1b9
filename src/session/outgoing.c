/* SPDX-License-Identifier: MIT */
#include "session/outgoing.h"

#include "base/error.h"
#include "base/mem.h"
#include "session/field.h"

#define DEFAULTS_MAX 3u

static cachet_status check_field(const cachet_field *field, cachet_error *err)
{
    const int size = field->name.size < 80 ? (int) field->name.size : 80;
    const char *const name = (const char *) field->name.data;

    if (!ct_field_name_is_token(field->name))
        return ct_err_set(err, CACHET_E_USAGE, "'%.*s' is no field name", size, name);
    if (!ct_field_value_is_clean(field->value))
        return ct_err_set(err, CACHET_E_USAGE,
                          "the value of field '%.*s' holds a NUL or a line break", size, name);
    /* Where these differ from the truth, two parties see two requests. */
    if (ct_field_is(field, "Content-Length") || ct_field_is(field, "Transfer-Encoding"))
        return ct_err_set(err, CACHET_E_USAGE, "leave field '%.*s' out: it is made here", size,
                          name);
    return CACHET_OK;
}

static cachet_status check_request(const cachet_request *request, cachet_error *err)
{
    if (request->field_count > 0 && request->fields == NULL)
        return ct_err_set(err, CACHET_E_USAGE, "request.fields is NULL");
    if (request->body_size > 0 && request->body == NULL)
        return ct_err_set(err, CACHET_E_USAGE, "request.body is NULL");
    if (request->body_size > 0 && strcmp(request->method, "HEAD") == 0)
        return ct_err_set(err, CACHET_E_USAGE, "a HEAD request takes no body");
    if (!ct_field_name_is_token(cachet_bytes_of(request->method)) ||
        strcmp(request->method, "CONNECT") == 0)
        return ct_err_set(err, CACHET_E_USAGE, "method '%s' cannot be used", request->method);
    for (size_t i = 0; i < request->field_count; i++)
        TRY(check_field(&request->fields[i], err));
    return CACHET_OK;
}

static void add_default(struct ct_outgoing *outgoing, const char *name, const char *value)
{
    cachet_field *const fields = ct_outgoing_fields(outgoing);

    if (value != NULL && ct_field_find(fields, outgoing->count, name, 0) == NULL)
        fields[outgoing->count++] = cachet_field_of(name, value);
}

cachet_status ct_outgoing_init(struct ct_outgoing *outgoing, const cachet_request *request,
                               const struct ct_outgoing_defaults *defaults, cachet_error *err)
{
    outgoing->many = NULL;
    outgoing->count = 0;
    TRY(check_request(request, err));
    if (request->field_count > CT_OUTGOING_INLINE - DEFAULTS_MAX)
        TRY(ct_new_array(&outgoing->many, request->field_count + DEFAULTS_MAX, err));
    if (request->field_count > 0)
        memcpy(ct_outgoing_fields(outgoing), request->fields,
               request->field_count * sizeof(cachet_field));
    outgoing->count = request->field_count;
    add_default(outgoing, "User-Agent", defaults->user_agent);
    add_default(outgoing, "Accept", "*/*");
    add_default(outgoing, "Accept-Encoding", defaults->accept_encoding);
    return CACHET_OK;
}

void ct_outgoing_fini(struct ct_outgoing *outgoing)
{
    ct_mem_free(outgoing->many);
    outgoing->many = NULL;
}

static bool is_bound_to_origin(const cachet_field *field)
{
    return ct_field_is(field, "Authorization") || ct_field_is(field, "Cookie") ||
           ct_field_is(field, "Proxy-Authorization") || ct_field_is(field, "Host");
}

void ct_outgoing_drop_credentials(struct ct_outgoing *outgoing)
{
    cachet_field *const fields = ct_outgoing_fields(outgoing);
    size_t kept = 0;

    for (size_t i = 0; i < outgoing->count; i++)
        if (!is_bound_to_origin(&fields[i]))
            fields[kept++] = fields[i];
    outgoing->count = kept;
}

void ct_outgoing_trust(const cachet_request *request, struct ct_buf *trust)
{
    for (size_t i = 0; i < request->field_count; i++) {
        if (!ct_field_is(&request->fields[i], "Host"))
            continue;
        ct_buf_part(trust, CT_BYTES("host"));
        ct_buf_part(trust, request->fields[i].value);
    }
    if (request->trust.size > 0) {
        ct_buf_part(trust, CT_BYTES("caller"));
        ct_buf_part(trust, request->trust);
    }
}
