/* SPDX-License-Identifier: MIT */
/* Which field lines of a response are kept (RFC 9111 3.1). */
#include "http/fields.h"

#define CONNECTION_OPTIONS_MAX 64u

/* What a message's Connection lines name. */
struct connection_options {
    cachet_bytes at[CONNECTION_OPTIONS_MAX];
    size_t count;
    bool is_overfull; /* there were more than are held */
};

static void read_connection(const struct ct_fields *fields,
                            struct connection_options *ret_options)
{
    struct ct_list_cursor cursor = {0};
    cachet_bytes option;

    ret_options->count = 0;
    ret_options->is_overfull = false;
    while (ct_fields_list_next(fields, CT_BYTES("connection"), &cursor, &option)) {
        if (ret_options->count == CONNECTION_OPTIONS_MAX) {
            ret_options->is_overfull = true;
            return;
        }
        ret_options->at[ret_options->count++] = option;
    }
}

static bool is_among(const char *const *names, cachet_bytes name)
{
    for (; *names != NULL; names++)
        if (ct_bytes_equal_nocase(cachet_bytes_of(*names), name))
            return true;
    return false;
}

/* RFC 9110 7.6.1 and, for those a proxy means for us, RFC 9111 3.1. */
static bool is_of_the_hop(cachet_bytes name)
{
    static const char *const names[] = {
        "connection",
        "keep-alive",
        "proxy-connection",
        "transfer-encoding",
        "te",
        "upgrade",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        NULL,
    };
    return is_among(names, name);
}

/*
 * RFC 9110 7.6.1: a connection option must not name a field meant for all recipients. One that
 * does is not obeyed: without these a response would be fresh for longer, match more requests
 * or mean something else than its origin said.
 */
static bool is_for_all(cachet_bytes name)
{
    static const char *const names[] = {
        "age",           "cache-control", "date",   "etag", "expires",
        "last-modified", "location",      "pragma", "vary", NULL};
    const cachet_bytes content = CT_BYTES("content-");

    return is_among(names, name) ||
           ct_bytes_equal_nocase(ct_bytes_first(name, content.size), content);
}

/* With more options than are held, every field that may be listed counts as listed. */
static bool is_listed(const struct connection_options *options, cachet_bytes name)
{
    bool is_found = options->is_overfull;

    for (size_t i = 0; i < options->count && !is_found; i++)
        is_found = ct_bytes_equal_nocase(options->at[i], name);
    return is_found && !is_for_all(name);
}

size_t ct_fields_storable(const struct ct_fields *fields, cachet_field *ret_fields)
{
    struct connection_options options;
    size_t count = 0;

    read_connection(fields, &options);
    for (size_t i = 0; i < fields->count; i++) {
        const cachet_field *const field = &fields->at[i];
        if (!is_of_the_hop(field->name) && !is_listed(&options, field->name))
            ret_fields[count++] = *field;
    }
    return count;
}
