/* SPDX-License-Identifier: MIT */
/*
 * Structured fields (RFC 9651), read strictly and without memory of their own: values are views
 * into the field's lines. A field is one value over all its lines; one wrong byte spoils all of
 * it, so what was read before the end is only good once the end was reached without a fault.
 */
#ifndef CT_HTTP_SF_H
#define CT_HTTP_SF_H

#include "http/fields.h"

enum ct_sf_type {
    CT_SF_INTEGER,
    CT_SF_DECIMAL,
    CT_SF_STRING,
    CT_SF_TOKEN,
    CT_SF_BYTES,
    CT_SF_BOOLEAN,
    CT_SF_DATE,
    CT_SF_DISPLAY,
    CT_SF_INNER_LIST,
};

struct ct_sf_value {
    enum ct_sf_type type;
    int64_t integer;   /* of INTEGER, DATE, BOOLEAN */
    cachet_bytes text; /* what is inside: of STRING with its escapes, of BYTES in base64 */
};

struct ct_sf_member {
    cachet_bytes key; /* of a dictionary */
    struct ct_sf_value value;
};

/* Start with zeros. */
struct ct_sf_cursor {
    size_t line;
    cachet_bytes rest;
    bool is_wrong;
};

/* The next member of a list; false at the end, and where cursor->is_wrong. */
bool ct_sf_list_next(const struct ct_fields *fields, cachet_bytes name,
                     struct ct_sf_cursor *cursor, struct ct_sf_value *ret_value);

/* As ct_sf_list_next, of a dictionary. Of two members with one key the last counts. */
bool ct_sf_dictionary_next(const struct ct_fields *fields, cachet_bytes name,
                           struct ct_sf_cursor *cursor, struct ct_sf_member *ret_member);

/* Is the field there, not empty, and good to its end? */
bool ct_sf_is_dictionary(const struct ct_fields *fields, cachet_bytes name);

/* Cuts the next item off an INNER_LIST's text, which was found good before. */
bool ct_sf_inner_next(cachet_bytes *text, struct ct_sf_value *ret_value);

/*
 * The bytes of a BYTES value, padded or not (RFC 9651 4.2.7); at most `capacity`. False where
 * there are more, or the text is no base64.
 */
bool ct_sf_bytes_decode(const struct ct_sf_value *value, unsigned char *ret_bytes,
                        size_t capacity, size_t *ret_size);

/* Cuts the next byte off a STRING's text; false at the end. */
static inline bool ct_sf_string_next(cachet_bytes *text, unsigned char *ret_byte)
{
    const size_t at = text->size > 1 && text->data[0] == '\\';

    if (text->size == 0)
        return false;
    *ret_byte = text->data[at];
    *text = ct_bytes_from(*text, at + 1);
    return true;
}

#endif
