/* SPDX-License-Identifier: MIT */
/* Bytes as text: hex, which is not for secrets, base64url (RFC 4648 5, no padding), UTF-8. */
#ifndef CT_BASE_TEXT_H
#define CT_BASE_TEXT_H

#include "base/bytes.h"

/* Writes 2 * size lower case digits and a NUL. */
void ct_hex_encode(cachet_bytes bytes, char *ret_text);

/* Exactly 2 * size digits, in any case. On false `ret_bytes` may have been written to. */
bool ct_hex_decode(cachet_bytes text, unsigned char *ret_bytes, size_t size);

/* Characters that `size` bytes take, without a NUL. */
#define CT_BASE64URL_SIZE(size) (((size) *4 + 2) / 3)

/* Writes CT_BASE64URL_SIZE(bytes.size) characters and a NUL. In time that tells nothing. */
void ct_base64url_encode(cachet_bytes bytes, char *ret_text);

/*
 * Exactly CT_BASE64URL_SIZE(size) characters that encode `size` bytes in the one canonical way:
 * left-over bits must be zero. In time that tells nothing but whether it succeeded; on false
 * `ret_bytes` may have been written to, so wipe it where the text was a secret.
 */
bool ct_base64url_decode(cachet_bytes text, unsigned char *ret_bytes, size_t size);

/* How many bytes the UTF-8 character at the front has (RFC 3629); 0 where there is none. */
size_t ct_utf8_size(cachet_bytes bytes);

#endif
