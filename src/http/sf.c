/* SPDX-License-Identifier: MIT */
#include "http/sf.h"

#include "base/text.h"

#define INTEGER_DIGITS 15u
#define DECIMAL_WHOLE_DIGITS 12u
#define DECIMAL_PART_DIGITS 3u

static unsigned char front(cachet_bytes text)
{
    return text.size > 0 ? text.data[0] : 0;
}

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_lower_alpha(unsigned char byte)
{
    return byte >= 'a' && byte <= 'z';
}

/* Takes `byte` off the front if it stands there. */
static bool take(cachet_bytes *text, unsigned char byte)
{
    if (text->size == 0 || text->data[0] != byte)
        return false;
    *text = ct_bytes_from(*text, 1);
    return true;
}

static void skip_spaces(cachet_bytes *text)
{
    while (take(text, ' '))
        ;
}

static cachet_bytes take_first(cachet_bytes *text, size_t size)
{
    const cachet_bytes taken = ct_bytes_first(*text, size);

    *text = ct_bytes_from(*text, size);
    return taken;
}

/* RFC 9651 4.2.3.3. */
static bool take_key(cachet_bytes *text, cachet_bytes *ret_key)
{
    size_t size = 0;

    if (!is_lower_alpha(front(*text)) && front(*text) != '*')
        return false;
    while (size < text->size) {
        const unsigned char byte = text->data[size];
        if (!is_lower_alpha(byte) && !is_digit(byte) && byte != '_' && byte != '-' &&
            byte != '.' && byte != '*')
            break;
        size++;
    }
    *ret_key = take_first(text, size);
    return true;
}

static cachet_bytes take_digits(cachet_bytes *text)
{
    size_t size = 0;

    while (size < text->size && is_digit(text->data[size]))
        size++;
    return take_first(text, size);
}

/* RFC 9651 4.2.4. */
static bool take_number(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    const bool is_minus = take(text, '-');
    const cachet_bytes whole = take_digits(text);
    uint64_t number = 0;

    if (whole.size == 0 || whole.size > INTEGER_DIGITS ||
        !ct_bytes_to_u64(whole, INT64_MAX, &number))
        return false;
    ret_value->type = CT_SF_INTEGER;
    ret_value->integer = is_minus ? -(int64_t) number : (int64_t) number;
    if (!take(text, '.'))
        return true;
    const cachet_bytes part = take_digits(text);
    ret_value->type = CT_SF_DECIMAL;
    return whole.size <= DECIMAL_WHOLE_DIGITS && part.size > 0 &&
           part.size <= DECIMAL_PART_DIGITS;
}

/* RFC 9651 4.2.5; the opening quote is taken. */
static bool take_string(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    size_t at = 0;

    for (; at < text->size && text->data[at] != '"'; at++) {
        if (text->data[at] < 0x20 || text->data[at] > 0x7e)
            return false;
        if (text->data[at] != '\\')
            continue;
        at++;
        if (at == text->size || (text->data[at] != '"' && text->data[at] != '\\'))
            return false;
    }
    ret_value->type = CT_SF_STRING;
    ret_value->text = take_first(text, at);
    return take(text, '"');
}

/* RFC 9651 4.2.6. */
static bool take_token(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    size_t size = 1;

    for (cachet_bytes rest = ct_bytes_from(*text, 1); rest.size > 0;
         rest = ct_bytes_from(rest, 1), size++)
        if (ct_token_size(ct_bytes_first(rest, 1)) == 0 && rest.data[0] != ':' &&
            rest.data[0] != '/')
            break;
    ret_value->type = CT_SF_TOKEN;
    ret_value->text = take_first(text, size);
    return true;
}

static int base64_digit(unsigned char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (is_lower_alpha(byte))
        return byte - 'a' + 26;
    if (is_digit(byte))
        return byte - '0' + 52;
    return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

/* Without the padding; false where the rest is no base64. */
static bool strip_padding(cachet_bytes *text)
{
    size_t size = text->size;

    while (size > 0 && text->size - size < 2 && text->data[size - 1] == '=')
        size--;
    for (size_t i = 0; i < size; i++)
        if (base64_digit(text->data[i]) < 0)
            return false;
    *text = ct_bytes_first(*text, size);
    return size % 4 != 1;
}

/* RFC 9651 4.2.7; the opening colon is taken. */
static bool take_bytes(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    ret_value->type = CT_SF_BYTES;
    ret_value->text = take_first(text, ct_bytes_find(*text, ':'));
    cachet_bytes digits = ret_value->text;
    return take(text, ':') && strip_padding(&digits);
}

/* RFC 9651 4.2.8; the '?' is taken. */
static bool take_boolean(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    ret_value->type = CT_SF_BOOLEAN;
    ret_value->integer = front(*text) == '1';
    return take(text, '0') || take(text, '1');
}

/* The next byte of a display string: itself, or "%" and two lower case hex digits. */
static bool take_display_byte(cachet_bytes *text, unsigned char *ret_byte)
{
    const unsigned char byte = front(*text);

    if (byte < 0x20 || byte > 0x7e)
        return false;
    *ret_byte = byte;
    if (byte != '%') {
        *text = ct_bytes_from(*text, 1);
        return true;
    }
    for (size_t i = 1; i < 3; i++)
        if (text->size > i && text->data[i] >= 'A' && text->data[i] <= 'F')
            return false;
    if (text->size < 3 || !ct_hex_decode(ct_bytes(text->data + 1, 2), ret_byte, 1))
        return false;
    *text = ct_bytes_from(*text, 3);
    return true;
}

/* RFC 9651 4.2.10: what is inside decodes to UTF-8. The '%' is taken. */
static bool take_display(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    unsigned char window[4];
    size_t held = 0;

    if (!take(text, '"'))
        return false;
    const cachet_bytes start = *text;
    while (text->size > 0 && front(*text) != '"') {
        if (held == sizeof window || !take_display_byte(text, &window[held]))
            return false;
        held++;
        if (ct_utf8_size(ct_bytes(window, held)) == held)
            held = 0;
    }
    ret_value->type = CT_SF_DISPLAY;
    ret_value->text = ct_bytes_first(start, start.size - text->size);
    return held == 0 && take(text, '"');
}

/* RFC 9651 4.2.9; the '@' is taken. */
static bool take_date(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    const bool is_number = take_number(text, ret_value) && ret_value->type == CT_SF_INTEGER;

    ret_value->type = CT_SF_DATE;
    return is_number;
}

/* RFC 9651 4.2.3.1. */
static bool take_bare(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    const unsigned char byte = front(*text);

    *ret_value = (struct ct_sf_value){.type = CT_SF_TOKEN};
    if (is_digit(byte) || byte == '-')
        return take_number(text, ret_value);
    if (is_lower_alpha(ct_lower(byte)) || byte == '*')
        return take_token(text, ret_value);
    if (take(text, '"'))
        return take_string(text, ret_value);
    if (take(text, ':'))
        return take_bytes(text, ret_value);
    if (take(text, '?'))
        return take_boolean(text, ret_value);
    if (take(text, '@'))
        return take_date(text, ret_value);
    return take(text, '%') && take_display(text, ret_value);
}

/* RFC 9651 4.2.3.2. Nothing here that is read has parameters that mean something. */
static bool skip_parameters(cachet_bytes *text)
{
    struct ct_sf_value value;
    cachet_bytes key;

    while (take(text, ';')) {
        skip_spaces(text);
        if (!take_key(text, &key) || (take(text, '=') && !take_bare(text, &value)))
            return false;
    }
    return true;
}

static bool take_item(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    return take_bare(text, ret_value) && skip_parameters(text);
}

/* RFC 9651 4.2.1.2; the '(' is taken. */
static bool take_inner_list(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    const cachet_bytes start = *text;
    struct ct_sf_value item;

    for (;;) {
        skip_spaces(text);
        const size_t inside = start.size - text->size;
        if (take(text, ')')) {
            *ret_value = (struct ct_sf_value){.type = CT_SF_INNER_LIST,
                                              .text = ct_bytes_first(start, inside)};
            return skip_parameters(text);
        }
        if (!take_item(text, &item) || (front(*text) != ' ' && front(*text) != ')'))
            return false;
    }
}

bool ct_sf_inner_next(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    skip_spaces(text);
    return text->size > 0 && take_item(text, ret_value);
}

/* RFC 9651 4.2.1.1. */
static bool take_list_member(cachet_bytes *text, struct ct_sf_value *ret_value)
{
    return take(text, '(') ? take_inner_list(text, ret_value) : take_item(text, ret_value);
}

/* RFC 9651 4.2.2: a key alone is true. */
static bool take_dictionary_member(cachet_bytes *text, struct ct_sf_member *ret_member)
{
    if (!take_key(text, &ret_member->key))
        return false;
    if (take(text, '='))
        return take_list_member(text, &ret_member->value);
    ret_member->value = (struct ct_sf_value){.type = CT_SF_BOOLEAN, .integer = 1};
    return skip_parameters(text);
}

/*
 * Goes to the next line where this one is read. An empty line is a comma too many once all are
 * joined, or else the whole field is empty: of no use either way.
 */
static bool has_member(const struct ct_fields *fields, cachet_bytes name,
                       struct ct_sf_cursor *cursor)
{
    if (cursor->is_wrong)
        return false;
    if (cursor->rest.size > 0)
        return true;
    if (!ct_fields_next(fields, name, &cursor->line, &cursor->rest))
        return false;
    cursor->is_wrong = cursor->rest.size == 0;
    return !cursor->is_wrong;
}

/* RFC 9651 4.2.1, 4.2.2: what may stand between two members; a comma needs a second. */
static bool take_comma(cachet_bytes *text)
{
    *text = ct_bytes_trim(*text);
    if (text->size == 0)
        return true;
    if (!take(text, ','))
        return false;
    *text = ct_bytes_trim(*text);
    return text->size > 0;
}

bool ct_sf_list_next(const struct ct_fields *fields, cachet_bytes name,
                     struct ct_sf_cursor *cursor, struct ct_sf_value *ret_value)
{
    if (!has_member(fields, name, cursor))
        return false;
    cursor->is_wrong =
        !take_list_member(&cursor->rest, ret_value) || !take_comma(&cursor->rest);
    return !cursor->is_wrong;
}

bool ct_sf_dictionary_next(const struct ct_fields *fields, cachet_bytes name,
                           struct ct_sf_cursor *cursor, struct ct_sf_member *ret_member)
{
    if (!has_member(fields, name, cursor))
        return false;
    cursor->is_wrong =
        !take_dictionary_member(&cursor->rest, ret_member) || !take_comma(&cursor->rest);
    return !cursor->is_wrong;
}

bool ct_sf_is_dictionary(const struct ct_fields *fields, cachet_bytes name)
{
    struct ct_sf_cursor cursor = {0};
    struct ct_sf_member member;
    bool has_one = false;

    while (ct_sf_dictionary_next(fields, name, &cursor, &member))
        has_one = true;
    return has_one && !cursor.is_wrong;
}

bool ct_sf_bytes_decode(const struct ct_sf_value *value, unsigned char *ret_bytes,
                        size_t capacity, size_t *ret_size)
{
    cachet_bytes digits = value->text;
    uint32_t bits = 0;
    unsigned held = 0;
    size_t size = 0;

    if (value->type != CT_SF_BYTES || !strip_padding(&digits) ||
        digits.size / 4 * 3 + digits.size % 4 * 3 / 4 > capacity)
        return false;
    for (size_t i = 0; i < digits.size; i++) {
        bits = bits << 6 | (uint32_t) base64_digit(digits.data[i]);
        held += 6;
        if (held >= 8) {
            held -= 8;
            ret_bytes[size++] = (unsigned char) (bits >> held);
        }
    }
    *ret_size = size;
    return true;
}
