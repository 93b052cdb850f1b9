/* SPDX-License-Identifier: MIT */
/* Borrowed views: compare, search, cut. Nothing here allocates. */
#ifndef CT_BASE_BYTES_H
#define CT_BASE_BYTES_H

#include "base/common.h"

static inline cachet_bytes ct_bytes(const void *data, size_t size)
{
    return (cachet_bytes){data, size};
}

/* The bytes of a string literal or array, its NUL left out. A pointer does not compile. */
#define CT_BYTES(literal) ct_bytes((literal), sizeof(literal) - 1 + CT_MUST_BE_ARRAY(literal))

/* For "%.*s": views have no NUL, and an int cannot hold every size. Long ones are cut. */
#define CT_SHOWN_MAX 200u
#define CT_SHOWN(bytes) ct_shown_size(bytes), ct_shown_text(bytes)

static inline int ct_shown_size(cachet_bytes bytes)
{
    return (int) (bytes.size < CT_SHOWN_MAX ? bytes.size : CT_SHOWN_MAX);
}

static inline const char *ct_shown_text(cachet_bytes bytes)
{
    return bytes.size == 0 ? "" : (const char *) bytes.data;
}

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

/* Little-endian numbers at any address; compilers make one load of each. */
static inline uint16_t ct_load_u16le(const unsigned char *at)
{
    return (uint16_t) (at[0] | at[1] << 8);
}

static inline uint32_t ct_load_u32le(const unsigned char *at)
{
    return at[0] | (uint32_t) at[1] << 8 | (uint32_t) at[2] << 16 | (uint32_t) at[3] << 24;
}

static inline uint64_t ct_load_u64le(const unsigned char *at)
{
    return ct_load_u32le(at) | (uint64_t) ct_load_u32le(at + 4) << 32;
}

/* Where `byte` stands first, or bytes.size. */
size_t ct_bytes_find(cachet_bytes bytes, unsigned char byte);

/* Without spaces and tabs at both ends (OWS of RFC 9110 5.6.3). */
cachet_bytes ct_bytes_trim(cachet_bytes bytes);

/* A decimal number of digits only; saturates at `ceiling`. False where it is none. */
bool ct_bytes_to_u64(cachet_bytes digits, uint64_t ceiling, uint64_t *ret_number);

#endif
