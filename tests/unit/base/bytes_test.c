/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"
#include "tap.h"

static void test_compare(void)
{
    static const struct {
        const char *a, *b;
        int sign;
    } rows[] = {
        {"", "", 0},
        {"a", "", 1},
        {"", "a", -1},
        {"ETag", "etag", 0},
        {"Accept", "accept-language", -1},
        {"b", "A", 1},
        {"[", "a", -1},
        {"\xc3\x84", "\xc3\xa4", -1} /* only ASCII has a case here */,
    };
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        const cachet_bytes a = cachet_bytes_of(rows[i].a), b = cachet_bytes_of(rows[i].b);
        const int order = ct_bytes_compare_nocase(a, b), back = ct_bytes_compare_nocase(b, a);
        CHECK((order > 0) - (order < 0) == rows[i].sign &&
                  (back > 0) - (back < 0) == -rows[i].sign,
              "'%s' against '%s'", rows[i].a, rows[i].b);
        CHECK(ct_bytes_equal_nocase(a, b) == (rows[i].sign == 0),
              "equal only where the order is");
    }
    CHECK(ct_bytes_equal(ct_bytes(NULL, 0), CT_BYTES("")), "no bytes equal no bytes");
    CHECK(!ct_bytes_equal(CT_BYTES("a"), CT_BYTES("A")), "case counts for plain equality");
    CHECK(ct_bytes_equal_nocase(ct_bytes(NULL, 0), ct_bytes(NULL, 0)), "also without case");
}

static void test_lower(void)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        const bool is_upper = byte >= 'A' && byte <= 'Z';
        if (ct_lower((unsigned char) byte) != (is_upper ? byte + 32 : byte))
            CHECK(false, "lower case of byte %u", byte);
    }
    CHECK(ct_lower('Q') == 'q', "lower case of all bytes");
}

static void test_cut(void)
{
    const cachet_bytes abc = CT_BYTES("abc"), none = ct_bytes(NULL, 0);

    CHECK(ct_bytes_equal(ct_bytes_from(abc, 1), CT_BYTES("bc")), "from");
    CHECK(ct_bytes_from(abc, 3).size == 0 && ct_bytes_from(abc, SIZE_MAX).size == 0,
          "from the end and beyond");
    CHECK(ct_bytes_from(none, 0).size == 0 && ct_bytes_first(none, 5).size == 0, "of nothing");
    CHECK(ct_bytes_equal(ct_bytes_first(abc, 2), CT_BYTES("ab")), "first");
    CHECK(ct_bytes_equal(ct_bytes_first(abc, SIZE_MAX), abc), "first of more than there is");
    CHECK(ct_bytes_find(abc, 'c') == 2 && ct_bytes_find(abc, 'x') == 3, "find");
    CHECK(ct_bytes_find(none, 'x') == 0, "find in nothing");
    CHECK(ct_bytes_find(CT_BYTES("a\0b"), 'b') == 2, "find behind a NUL");
}

static void test_trim(void)
{
    static const char *const rows[][2] = {{"", ""},          {" \t ", ""},       {"a", "a"},
                                          {" a b\t", "a b"}, {"\ra\n", "\ra\n"}, {"\ta", "a"}};

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++)
        CHECK(ct_bytes_equal(ct_bytes_trim(cachet_bytes_of(rows[i][0])),
                             cachet_bytes_of(rows[i][1])),
              "trim, row %zu", i);
    CHECK(ct_bytes_trim(ct_bytes(NULL, 0)).size == 0, "trim of nothing");
}

static void test_number(void)
{
    static const struct {
        const char *text;
        uint64_t ceiling;
        bool is_number;
        uint64_t number;
    } rows[] = {
        {"0", 10, true, 0},
        {"007", 10, true, 7},
        {"11", 10, true, 10},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551614", UINT64_MAX, true, UINT64_MAX - 1},
        {"18446744073709551616", UINT64_MAX, true, UINT64_MAX},
        {"184467440737095516150000000000000000", 99, true, 99},
        {"", 10, false, 0},
        {"-1", 10, false, 0},
        {"+1", 10, false, 0},
        {" 1", 10, false, 0},
        {"1.0", 10, false, 0},
        {"99999999999999999999999x", 10, false, 0},
        {"\xb2", 10, false, 0},
    };
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        uint64_t number = 4711;
        const bool is_number =
            ct_bytes_to_u64(cachet_bytes_of(rows[i].text), rows[i].ceiling, &number);
        CHECK(is_number == rows[i].is_number &&
                  number == (is_number ? rows[i].number : UINT64_C(4711)),
              "number '%s'", rows[i].text);
    }
}

static void test_loads(void)
{
    static const unsigned char bytes[] = {0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8};

    CHECK(ct_load_u16le(bytes + 1) == 0xf2f1, "u16 at an odd address");
    CHECK(ct_load_u32le(bytes + 1) == UINT32_C(0xf4f3f2f1), "u32 at an odd address");
    CHECK(ct_load_u64le(bytes + 1) == UINT64_C(0xf8f7f6f5f4f3f2f1), "u64 at an odd address");
}

static void test_shown(void)
{
    static const char many[CT_SHOWN_MAX + 50] = {'x'};
    char text[CT_SHOWN_MAX + 50];

    (void) snprintf(text, sizeof text, "<%.*s>", CT_SHOWN(CT_BYTES("ab")));
    CHECK(strcmp(text, "<ab>") == 0, "a view in a message");
    (void) snprintf(text, sizeof text, "<%.*s>", CT_SHOWN(ct_bytes(NULL, 0)));
    CHECK(strcmp(text, "<>") == 0, "no bytes in a message");
    CHECK(ct_shown_size(ct_bytes(many, sizeof many)) == CT_SHOWN_MAX &&
              ct_shown_size(ct_bytes(many, SIZE_MAX)) == CT_SHOWN_MAX,
          "too many bytes are cut");
}

int main(void)
{
    test_compare();
    test_lower();
    test_cut();
    test_trim();
    test_number();
    test_loads();
    test_shown();
    return tap_done();
}
