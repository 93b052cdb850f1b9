/* SPDX-License-Identifier: MIT */
/* Borrowed views: compare, search, cut. Nothing here allocates. */
#ifndef CT_BASE_BYTES_H
#define CT_BASE_BYTES_H

#include "base/common.h"

static inline cachet_bytes ct_bytes(const void *data, size_t size)
{
    return (cachet_bytes){data, size};
}

/* The bytes of a string literal or array, its NUL left out. */
#define CT_BYTES(literal) ct_bytes((literal), sizeof(literal) - 1)

static inline bool ct_bytes_equal(cachet_bytes a, cachet_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline unsigned char ct_lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char) (byte | 0x20) : byte;
}

/* ASCII case does not count; the locale never does. */
bool ct_bytes_equal_nocase(cachet_bytes a, cachet_bytes b);

/* Less than, equal to or greater than 0, by bytes in lower case and then by length. */
int ct_bytes_compare_nocase(cachet_bytes a, cachet_bytes b);

/* From `from` on; nothing where from is past the end. */
static inline cachet_bytes ct_bytes_from(cachet_bytes bytes, size_t from)
{
    return from >= bytes.size ? ct_bytes(NULL, 0)
                              : ct_bytes(bytes.data + from, bytes.size - from);
}

/* The first `size` bytes, or all there are. */
static inline cachet_bytes ct_bytes_first(cachet_bytes bytes, size_t size)
{
    return ct_bytes(bytes.data, size < bytes.size ? size : bytes.size);
}

/* Where `byte` stands first, or bytes.size. */
size_t ct_bytes_find(cachet_bytes bytes, unsigned char byte);

/* Without spaces and tabs at both ends (OWS of RFC 9110 5.6.3). */
cachet_bytes ct_bytes_trim(cachet_bytes bytes);

/* A decimal number of digits only; saturates at `ceiling`. False where it is none. */
bool ct_bytes_to_u64(cachet_bytes digits, uint64_t ceiling, uint64_t *ret_number);

#endif
