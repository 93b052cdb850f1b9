/* SPDX-License-Identifier: MIT */
/* Header fields as lists of lines, and the grammar their values share (RFC 9110 5). */
#ifndef CT_HTTP_FIELDS_H
#define CT_HTTP_FIELDS_H

#include "base/bytes.h"

/* Borrowed field lines in the order received. */
struct ct_fields {
    const cachet_field *at;
    size_t count;
};

/* RFC 9110 5.6.2: one or more tchar. */
bool ct_is_token(cachet_bytes bytes);

/* How many tchar stand at the front. */
size_t ct_token_size(cachet_bytes bytes);

/*
 * Takes a quoted-string off the front (RFC 9110 5.6.4); what is inside keeps its backslashes.
 * False, and nothing taken, where there is none or it is never closed.
 */
bool ct_quoted_cut(cachet_bytes *rest, cachet_bytes *ret_inside);

/* RFC 9110 5.1, 5.5: a token, and a value without NUL, CR, LF. */
bool ct_field_is_valid(const cachet_field *field);

/* The next line of that name from *cursor on (start with 0), its value trimmed. */
bool ct_fields_next(const struct ct_fields *fields, cachet_bytes name, size_t *cursor,
                    cachet_bytes *ret_value);

/* The value of the only line of that name; false where there is none or more than one. */
bool ct_fields_only(const struct ct_fields *fields, cachet_bytes name, cachet_bytes *ret_value);

bool ct_fields_has(const struct ct_fields *fields, cachet_bytes name);

/* Cuts the first member, which may be empty, and its comma off a list; trimmed. */
cachet_bytes ct_list_cut(cachet_bytes *list, bool *ret_has_more);

/*
 * Cuts the next member off a comma-separated list, quoted strings respected; members that are
 * empty are passed over (RFC 9110 5.6.1.2). False at the end.
 */
bool ct_list_next(cachet_bytes *list, cachet_bytes *ret_member);

/* As ct_list_next, across every line of that name. Start with zeros. */
struct ct_list_cursor {
    size_t line;
    cachet_bytes rest;
};
bool ct_fields_list_next(const struct ct_fields *fields, cachet_bytes name,
                         struct ct_list_cursor *cursor, cachet_bytes *ret_member);

/*
 * Copies the lines that may be stored (RFC 9111 3.1): not Connection and what it lists, not
 * the hop-by-hop fields, not Proxy-Authenticate, Proxy-Authentication-Info and
 * Proxy-Authorization. Connection has no say over fields meant for all (Cache-Control, Vary,
 * Content-* and the like). `ret_fields` has room for fields->count; returns how many.
 */
size_t ct_fields_storable(const struct ct_fields *fields, cachet_field *ret_fields);

#endif
