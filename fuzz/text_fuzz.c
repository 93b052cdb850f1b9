/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as hex, base64url, UTF-8, a number and a message. What decodes encodes to the same
 * text; a message is one line of UTF-8 without control characters, whatever went in.
 */
#include "base/error.h"
#include "base/text.h"
#include "fuzz.h"

#define TEXT_MAX 512u

static void check_hex(cachet_bytes text)
{
    unsigned char bytes[TEXT_MAX];
    char again[2 * TEXT_MAX + 1];

    MUST(!ct_hex_decode(text, bytes, text.size / 2 + 1));
    if (!ct_hex_decode(text, bytes, text.size / 2))
        return;
    ct_hex_encode(ct_bytes(bytes, text.size / 2), again);
    MUST(ct_bytes_equal_nocase(text, cachet_bytes_of(again)));
}

static void check_base64url(cachet_bytes text)
{
    const size_t size = text.size * 3 / 4;
    unsigned char bytes[TEXT_MAX];
    char again[CT_BASE64URL_SIZE(TEXT_MAX) + 1];

    if (!ct_base64url_decode(text, bytes, size))
        return;
    ct_base64url_encode(ct_bytes(bytes, size), again);
    MUST(ct_bytes_equal(text, cachet_bytes_of(again)));
}

/* The other way round: whatever is encoded decodes to itself. */
static void check_encoding(cachet_bytes bytes)
{
    char text[2 * TEXT_MAX + 1];
    unsigned char again[TEXT_MAX];

    ct_base64url_encode(bytes, text);
    MUST(strlen(text) == CT_BASE64URL_SIZE(bytes.size));
    MUST(ct_base64url_decode(cachet_bytes_of(text), again, bytes.size));
    MUST(ct_bytes_equal(ct_bytes(again, bytes.size), bytes));
    ct_hex_encode(bytes, text);
    MUST(ct_hex_decode(cachet_bytes_of(text), again, bytes.size));
    MUST(ct_bytes_equal(ct_bytes(again, bytes.size), bytes));
}

static void check_message(cachet_bytes bytes)
{
    cachet_error err;
    const int size = (int) bytes.size;

    (void) ct_err_set(&err, CACHET_E_FORMAT, "'%.*s'", size, (const char *) bytes.data);
    MUST(memchr(err.message, '\0', sizeof err.message) != NULL);
    cachet_bytes rest = cachet_bytes_of(err.message);
    while (rest.size > 0) {
        const size_t step = ct_utf8_size(rest);
        MUST(step > 0 && rest.data[0] >= 0x20 && rest.data[0] != 0x7f);
        MUST(step != 2 || rest.data[0] != 0xc2 || rest.data[1] >= 0xa0);
        rest = ct_bytes_from(rest, step);
    }
}

static void check_number(cachet_bytes text)
{
    uint64_t exact = 0, capped = 0;

    if (!ct_bytes_to_u64(text, UINT64_MAX, &exact))
        return;
    MUST(ct_bytes_to_u64(text, 1000, &capped));
    MUST(capped == (exact < 1000 ? exact : 1000));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const cachet_bytes bytes = ct_bytes(data, size < TEXT_MAX ? size : TEXT_MAX - 1);
    const cachet_bytes trimmed = ct_bytes_trim(bytes);

    check_hex(bytes);
    check_base64url(bytes);
    check_encoding(bytes);
    if (size > 0)
        check_message(bytes);
    check_number(bytes);
    MUST(trimmed.size <= bytes.size && ct_utf8_size(bytes) <= 4);
    MUST(ct_bytes_compare_nocase(trimmed, trimmed) == 0);
    return 0;
}
