/* SPDX-License-Identifier: MIT */
#include "base/text.h"

void ct_hex_encode(cachet_bytes bytes, char *ret_text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.size; i++) {
        ret_text[2 * i] = digits[bytes.data[i] >> 4];
        ret_text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    ret_text[2 * bytes.size] = '\0';
}

static int hex_value(unsigned char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit = ct_lower(digit);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool ct_hex_decode(cachet_bytes text, unsigned char *ret_bytes, size_t size)
{
    if (text.size != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        const int high = hex_value(text.data[2 * i]), low = hex_value(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_bytes[i] = (unsigned char) (high << 4 | low);
    }
    return true;
}

/* All ones where low <= value <= high, else zero; no branch, no table. */
static unsigned in_range(unsigned value, unsigned low, unsigned high)
{
    return (((value - low) >> 31) | ((high - value) >> 31)) - 1U;
}

static unsigned char base64url_digit(unsigned value)
{
    return (unsigned char) ((in_range(value, 0, 25) & (value + 'A')) |
                            (in_range(value, 26, 51) & (value - 26 + 'a')) |
                            (in_range(value, 52, 61) & (value - 52 + '0')) |
                            (in_range(value, 62, 62) & '-') | (in_range(value, 63, 63) & '_'));
}

/* The value of a digit, or a number with bits above the sixth set. */
static unsigned base64url_value(unsigned char digit)
{
    const unsigned byte = digit;
    const unsigned upper = in_range(byte, 'A', 'Z'), lower = in_range(byte, 'a', 'z');
    const unsigned number = in_range(byte, '0', '9');
    const unsigned dash = in_range(byte, '-', '-'), line = in_range(byte, '_', '_');

    return (upper & (byte - 'A')) | (lower & (byte - 'a' + 26)) | (number & (byte - '0' + 52)) |
           (dash & 62U) | (line & 63U) | (~(upper | lower | number | dash | line) & 64U);
}

void ct_base64url_encode(cachet_bytes bytes, char *ret_text)
{
    unsigned bits = 0, held = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        held = (held << 8 | bytes.data[i]) & 0xffffU;
        for (bits += 8; bits >= 6; bits -= 6)
            *ret_text++ = (char) base64url_digit(held >> (bits - 6) & 63U);
    }
    if (bits > 0)
        *ret_text++ = (char) base64url_digit(held << (6 - bits) & 63U);
    *ret_text = '\0';
}

bool ct_base64url_decode(cachet_bytes text, unsigned char *ret_bytes, size_t size)
{
    unsigned bits = 0, held = 0, wrong = 0;

    if (text.size != CT_BASE64URL_SIZE(size))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        const unsigned value = base64url_value(text.data[i]);
        wrong |= value & 64U;
        held = (held << 6 | (value & 63U)) & 0xffffU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *ret_bytes++ = (unsigned char) (held >> bits);
        }
    }
    return (wrong | (held & ((1U << bits) - 1))) == 0;
}

size_t ct_utf8_size(cachet_bytes bytes)
{
    /* What only the second byte tells apart: overlong forms, surrogates, past U+10FFFF. */
    static const struct {
        unsigned char first, low, high;
    } limits[] = {
        {0xe0, 0xa0, 0xbf}, {0xed, 0x80, 0x9f}, {0xf0, 0x90, 0xbf}, {0xf4, 0x80, 0x8f}};
    const unsigned char first = bytes.size == 0 ? 0xff : bytes.data[0];

    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    const size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size > bytes.size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((bytes.data[i] & 0xc0) != 0x80)
            return 0;
    for (size_t i = 0; i < CT_COUNT_OF(limits); i++)
        if (first == limits[i].first &&
            (bytes.data[1] < limits[i].low || bytes.data[1] > limits[i].high))
            return 0;
    return size;
}
