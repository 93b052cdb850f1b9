/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include "tap.h"

static void test_hex(void)
{
    unsigned char bytes[256], again[256];
    char text[513];

    for (size_t i = 0; i < 256; i++)
        bytes[i] = (unsigned char) i;
    ct_hex_encode(ct_bytes(bytes, 256), text);
    CHECK(strncmp(text, "000102030405060708090a0b0c0d0e0f10", 34) == 0 &&
              strcmp(text + 508, "feff") == 0,
          "lower case digits and a NUL");
    CHECK(ct_hex_decode(ct_bytes(text, 512), again, 256) && memcmp(bytes, again, 256) == 0,
          "every byte there and back");
    CHECK(ct_hex_decode(CT_BYTES("aBCdEf"), again, 3) && memcmp(again, "\xab\xcd\xef", 3) == 0,
          "any case");
    CHECK(ct_hex_decode(ct_bytes(NULL, 0), again, 0), "no digits for no bytes");
    CHECK(!ct_hex_decode(CT_BYTES("abc"), again, 1) &&
              !ct_hex_decode(CT_BYTES("abc"), again, 2) &&
              !ct_hex_decode(CT_BYTES("abcd"), again, 1),
          "another length");
}

/* Each byte value in each place: digits and nothing else. */
static void test_hex_digits(void)
{
    unsigned wrong = 0;

    for (unsigned byte = 0; byte < 256; byte++) {
        const bool is_digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
                              (byte >= 'A' && byte <= 'F');
        for (int place = 0; place < 2; place++) {
            char text[2] = {'0', '0'};
            unsigned char decoded = 0;
            text[place] = (char) byte;
            wrong += ct_hex_decode(ct_bytes(text, 2), &decoded, 1) != is_digit;
        }
    }
    CHECK(wrong == 0, "each byte as a digit, %u wrong", wrong);
}

/* RFC 4648 10, without padding. */
static void test_base64url_vectors(void)
{
    static const char *const rows[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        const cachet_bytes bytes = cachet_bytes_of(rows[i][0]);
        unsigned char decoded[8];
        char text[16];

        ct_base64url_encode(bytes, text);
        CHECK(strcmp(text, rows[i][1]) == 0 && strlen(text) == CT_BASE64URL_SIZE(bytes.size) &&
                  ct_base64url_decode(cachet_bytes_of(rows[i][1]), decoded, bytes.size) &&
                  ct_bytes_equal(ct_bytes(decoded, bytes.size), bytes),
              "'%s'", rows[i][1]);
    }
}

/* Every size up to 100, bytes of every value. */
static void test_base64url_sizes(void)
{
    size_t wrong = 0;

    for (size_t size = 0; size < 100; size++) {
        unsigned char bytes[100], decoded[101];
        char text[CT_BASE64URL_SIZE(100) + 1];

        for (size_t i = 0; i < size; i++)
            bytes[i] = (unsigned char) (i * 37 + size * 11);
        ct_base64url_encode(ct_bytes(bytes, size), text);
        decoded[size] = 0x55;
        wrong += strlen(text) != CT_BASE64URL_SIZE(size);
        wrong += !ct_base64url_decode(cachet_bytes_of(text), decoded, size);
        wrong += memcmp(bytes, decoded, size) != 0 || decoded[size] != 0x55;
        wrong += ct_base64url_decode(cachet_bytes_of(text), decoded, size + 1);
        wrong += size > 0 && ct_base64url_decode(cachet_bytes_of(text), decoded, size - 1);
    }
    CHECK(wrong == 0, "all sizes there and back, %zu wrong", wrong);
}

/* Each byte value as a digit, against the alphabet of RFC 4648 5 written out. */
static void test_base64url_digits(void)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned wrong = 0;

    for (unsigned byte = 0; byte < 256; byte++) {
        const char *const digit =
            byte == 0 ? NULL : (const char *) memchr(alphabet, (int) byte, 64);
        for (int place = 0; place < 4; place++) {
            unsigned char text[4] = {'A', 'A', 'A', 'A'}, decoded[3] = {0};
            text[place] = (unsigned char) byte;
            const bool is_ok = ct_base64url_decode(ct_bytes(text, 4), decoded, 3);
            const unsigned value =
                (unsigned) decoded[0] << 16 | (unsigned) decoded[1] << 8 | decoded[2];
            wrong += is_ok != (digit != NULL);
            wrong += is_ok && value != (unsigned) (digit - alphabet) << (18 - 6 * place);
        }
    }
    CHECK(wrong == 0, "each byte as a digit, %u wrong", wrong);
}

/* One text for some bytes: of the last digits that differ in left-over bits, one. */
static void test_base64url_canonical(void)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned one = 0, two = 0;

    for (size_t i = 0; i < 64; i++) {
        unsigned char decoded[2];
        const char text[3] = {'A', 'A', alphabet[i]};
        one += ct_base64url_decode(ct_bytes(text + 1, 2), decoded, 1);
        two += ct_base64url_decode(ct_bytes(text, 3), decoded, 2);
    }
    CHECK(one == 4 && two == 16, "left-over bits are zero: %u and %u digits end a text", one,
          two);
    unsigned char decoded[3];
    CHECK(!ct_base64url_decode(CT_BYTES("Zg=="), decoded, 1) &&
              !ct_base64url_decode(CT_BYTES("Zm8="), decoded, 2) &&
              !ct_base64url_decode(CT_BYTES("Zm9v\n"), decoded, 3),
          "no padding, no line end");
}

static void test_utf8(void)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {"", 0},
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},
        {"\xbf", 0},
        {"\xc1\xbf", 0},
        {"\xc2\x80", 2},
        {"\xdf\xbfx", 2},
        {"\xc2", 0},
        {"\xc2\xc0", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0},
        {"\xee\x80\x80", 3},
        {"\xe4\xb8", 0},
        {"\xe4\xb8\x41", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0},
        {"\xf3\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
    };
    unsigned char nul = 0;

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++)
        CHECK(ct_utf8_size(cachet_bytes_of(rows[i].bytes)) == rows[i].size, "UTF-8, row %zu",
              i);
    CHECK(ct_utf8_size(ct_bytes(&nul, 1)) == 1, "NUL is a character");
}

int main(void)
{
    test_hex();
    test_hex_digits();
    test_base64url_vectors();
    test_base64url_sizes();
    test_base64url_digits();
    test_base64url_canonical();
    test_utf8();
    return tap_done();
}
