/* SPDX-License-Identifier: MIT */
#include "http/fields.h"

/* RFC 9110 5.6.2. */
static bool is_tchar(unsigned char byte)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    const unsigned char low = ct_lower(byte);

    if ((low >= 'a' && low <= 'z') || (byte >= '0' && byte <= '9'))
        return true;
    return memchr(marks, byte, sizeof marks - 1) != NULL;
}

size_t ct_token_size(cachet_bytes bytes)
{
    size_t size = 0;

    while (size < bytes.size && is_tchar(bytes.data[size]))
        size++;
    return size;
}

bool ct_is_token(cachet_bytes bytes)
{
    return bytes.size > 0 && ct_token_size(bytes) == bytes.size;
}

/* RFC 9110 5.5: other control characters are left alone, as recipients may. */
static bool is_field_value(cachet_bytes value)
{
    return ct_bytes_find(value, '\0') == value.size &&
           ct_bytes_find(value, '\r') == value.size && ct_bytes_find(value, '\n') == value.size;
}

bool ct_field_is_valid(const cachet_field *field)
{
    return ct_is_token(field->name) && is_field_value(field->value);
}

/* Asked some hundred times for each request: most names differ in size, or at their ends. */
static inline bool is_named(const cachet_field *field, cachet_bytes name)
{
    return field->name.size == name.size && name.size > 0 &&
           ct_lower(field->name.data[0]) == ct_lower(name.data[0]) &&
           ct_lower(field->name.data[name.size - 1]) == ct_lower(name.data[name.size - 1]) &&
           ct_bytes_equal_nocase(field->name, name);
}

bool ct_fields_next(const struct ct_fields *fields, cachet_bytes name, size_t *cursor,
                    cachet_bytes *ret_value)
{
    while (*cursor < fields->count) {
        const cachet_field *const field = &fields->at[(*cursor)++];
        if (is_named(field, name)) {
            *ret_value = ct_bytes_trim(field->value);
            return true;
        }
    }
    return false;
}

bool ct_fields_only(const struct ct_fields *fields, cachet_bytes name, cachet_bytes *ret_value)
{
    size_t cursor = 0;
    cachet_bytes first, second;

    if (!ct_fields_next(fields, name, &cursor, &first) ||
        ct_fields_next(fields, name, &cursor, &second))
        return false;
    *ret_value = first;
    return true;
}

bool ct_fields_has(const struct ct_fields *fields, cachet_bytes name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (is_named(&fields->at[i], name))
            return true;
    return false;
}

bool ct_quoted_cut(cachet_bytes *rest, cachet_bytes *ret_inside)
{
    if (rest->size == 0 || rest->data[0] != '"')
        return false;
    for (size_t at = 1; at < rest->size; at++) {
        if (rest->data[at] == '\\') {
            at++;
        } else if (rest->data[at] == '"') {
            *ret_inside = ct_bytes(rest->data + 1, at - 1);
            *rest = ct_bytes_from(*rest, at + 1);
            return true;
        }
    }
    return false;
}

/* A quoted-string that is never closed reaches to the end. */
static size_t member_size(cachet_bytes list)
{
    size_t at = 0;

    while (at < list.size && list.data[at] != ',') {
        cachet_bytes rest = ct_bytes_from(list, at), inside;
        if (list.data[at] != '"')
            at++;
        else if (ct_quoted_cut(&rest, &inside))
            at = list.size - rest.size;
        else
            return list.size;
    }
    return at;
}

cachet_bytes ct_list_cut(cachet_bytes *list, bool *ret_has_more)
{
    const size_t size = member_size(*list);
    const cachet_bytes member = ct_bytes_trim(ct_bytes_first(*list, size));

    *ret_has_more = size < list->size;
    *list = ct_bytes_from(*list, size + 1);
    return member;
}

bool ct_list_next(cachet_bytes *list, cachet_bytes *ret_member)
{
    bool has_more = list->size > 0;

    while (has_more) {
        const cachet_bytes member = ct_list_cut(list, &has_more);
        if (member.size > 0) {
            *ret_member = member;
            return true;
        }
    }
    return false;
}

bool ct_fields_list_next(const struct ct_fields *fields, cachet_bytes name,
                         struct ct_list_cursor *cursor, cachet_bytes *ret_member)
{
    while (!ct_list_next(&cursor->rest, ret_member))
        if (!ct_fields_next(fields, name, &cursor->line, &cursor->rest))
            return false;
    return true;
}
