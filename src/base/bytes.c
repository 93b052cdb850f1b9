/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"

bool ct_bytes_equal_nocase(cachet_bytes a, cachet_bytes b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (ct_lower(a.data[i]) != ct_lower(b.data[i]))
            return false;
    return true;
}

int ct_bytes_compare_nocase(cachet_bytes a, cachet_bytes b)
{
    const size_t shared = a.size < b.size ? a.size : b.size;

    for (size_t i = 0; i < shared; i++) {
        const int difference = ct_lower(a.data[i]) - ct_lower(b.data[i]);
        if (difference != 0)
            return difference;
    }
    return a.size == b.size ? 0 : a.size < b.size ? -1 : 1;
}

size_t ct_bytes_find(cachet_bytes bytes, unsigned char byte)
{
    const unsigned char *const found =
        bytes.size == 0 ? NULL : memchr(bytes.data, byte, bytes.size);
    return found == NULL ? bytes.size : (size_t) (found - bytes.data);
}

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t';
}

cachet_bytes ct_bytes_trim(cachet_bytes bytes)
{
    while (bytes.size > 0 && is_blank(bytes.data[0]))
        bytes = ct_bytes_from(bytes, 1);
    while (bytes.size > 0 && is_blank(bytes.data[bytes.size - 1]))
        bytes.size--;
    return bytes;
}

bool ct_bytes_to_u64(cachet_bytes digits, uint64_t ceiling, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (digits.size == 0)
        return false;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        const uint64_t digit = (uint64_t) (digits.data[i] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            number = UINT64_MAX;
        else
            number = number * 10 + digit;
    }
    *ret_number = number < ceiling ? number : ceiling;
    return true;
}
