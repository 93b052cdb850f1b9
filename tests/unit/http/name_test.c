/* SPDX-License-Identifier: MIT */
#include "http/name.h"

#include "lines.h"
#include "tap.h"

#define CEILING (1u << 20)

static void test_request_bytes(void)
{
    static const unsigned char wanted[] = "\3\0\0\0GET\11\0\0\0http://e/\1\0\0\0m\0\0\0\0"
                                          "\2\0\0\0pp\1\0\0\0t";
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
    const struct ct_request_name name = {
        .method = CT_BYTES("HEAD"),
        .url = CT_BYTES("http://e/"),
        .matched_fields = CT_BYTES("m"),
        .partition = CT_BYTES("pp"),
        .trust = CT_BYTES("t"),
    };
    struct ct_request_name back = {0};

    ct_request_name_encode(&name, &buf);
    CHECK(ct_bytes_equal(ct_buf_view(&buf), CT_BYTES(wanted)), "six parts, HEAD is GET");
    CHECK(ct_request_name_decode(ct_buf_view(&buf), &back) && is_text(back.method, "GET") &&
              is_text(back.url, "http://e/") && is_text(back.matched_fields, "m") &&
              back.body_hash.size == 0 && is_text(back.partition, "pp") &&
              is_text(back.trust, "t"),
          "and back");
    for (size_t size = 0; size < buf.size; size++)
        CHECK(!ct_request_name_decode(ct_bytes(buf.data, size), &back), "%zu bytes are short",
              size);
    ct_buf_u8(&buf, 0);
    CHECK(!ct_request_name_decode(ct_buf_view(&buf), &back), "nothing may follow");
}

static void check_name(const char *method, const char *url, size_t hash_size, bool is_good)
{
    static const unsigned char hash[33] = {0};
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
    const struct ct_request_name name = {.method = cachet_bytes_of(method),
                                         .url = cachet_bytes_of(url),
                                         .body_hash = ct_bytes(hash, hash_size)};
    struct ct_request_name back;

    ct_request_name_encode(&name, &buf);
    CHECK(ct_request_name_decode(ct_buf_view(&buf), &back) == is_good,
          "'%s' '%s' with %zu bytes of hash", method, url, hash_size);
}

static void test_request_strict(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
    struct ct_request_name back;

    check_name("POST", "http://e/", 32, true);
    check_name("head", "http://e/", 0, true);
    check_name("GET", "http://e/", 31, false);
    check_name("GET", "http://e/", 33, false);
    check_name("GET", "", 0, false);
    check_name("", "http://e/", 0, false);
    check_name("G T", "http://e/", 0, false);
    ct_buf_part(&buf, CT_BYTES("HEAD"));
    ct_buf_part(&buf, CT_BYTES("http://e/"));
    for (int i = 0; i < 4; i++)
        ct_buf_part(&buf, CT_BYTES(""));
    CHECK(!ct_request_name_decode(ct_buf_view(&buf), &back), "encode never writes HEAD");
}

/* RFC 9111 4.1: stored for `first`, asked for by `second`. */
static const struct {
    const char *vary;
    const char *first;
    const char *second;
    bool is_match;
} rows[] = {
    {"", "A: 1", "A: 2", true},
    {"Vary:", "A: 1", "A: 2", true},
    {"Vary: ,, ", "A: 1", "A: 2", true},
    {"Vary: a", "A: 1", "A: 1", true},
    {"Vary: a", "A: 1", "A: 2", false},
    {"Vary: a", "A: 1", "", false},
    {"Vary: a", "", "A: 1", false},
    {"Vary: a", "", "", true},
    {"Vary: a", "", "A:", false},
    {"Vary: a", "A:", "A:", true},
    {"Vary: a", "A: 1", "a: 1\nB: 2", true},
    {"Vary: A\nvary: b", "A: 1\nB: 2", "B: 2\nA: 1", true},
    {"Vary: A\nvary: b", "A: 1\nB: 2", "B: 3\nA: 1", false},
    {"Vary: a, A, a", "A: 1", "A: 1", true},
    {"Vary: a", "A: 1, 2", "A: 1,2", true},
    {"Vary: a", "A: 1 ,\t2", "A: 1\nA: 2", true},
    {"Vary: a", "A: 1, 2", "A: 2, 1", false},
    {"Vary: a", "A: 1", "A: 1,", false},
    {"Vary: a", "A: 1,,2", "A: 1\nA:\nA: 2", true},
    {"Vary: a", "A: x y", "A: x  y", false},
    {"Vary: a", "A: x", "A: X", false},
    {"Vary: a", "A: \"1, 2\"", "A: \"1,2\"", false},
    {"Vary: a", "A: \"1, 2\",3", "A: \"1, 2\" , 3", true},
    {"Vary: a", "A: 12", "A: 1\nA: 2", false},
    {"Vary: a", "A: 1", "A: 12", false},
    {"Vary: a", "A: 12", "A: 1", false},
    {"Vary: *", "A: 1", "A: 1", false},
    {"Vary: a, *", "A: 1", "A: 1", false},
    {"Vary: *, a", "A: 1", "A: 1", false},
    {"Vary: , *", "A: 1", "A: 1", false},
    {"Vary:\nVary: *", "A: 1", "A: 1", false},
    {"Vary: a\nVary: b, *", "A: 1", "A: 1", false},
    {"Vary: \"a\"", "A: 1", "A: 1", false},
    {"Vary: a b", "A: 1", "A: 1", false},
    {"Vary: a;q=1", "A: 1", "A: 1", false},
    {"Vary: Proxy-Authorization", "", "", false},
    /* of these only whether they are there; the digest says the rest */
    {"Vary: Cookie", "Cookie: a", "Cookie: b", true},
    {"Vary: Cookie", "Cookie: a", "", false},
    {"Vary: Cookie", "", "Cookie: a", false},
    {"Vary: Authorization", "Authorization: a", "Authorization: b", true},
};

static void test_vary(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
        struct lines response, first, second;
        const struct ct_fields vary = lines_of_text(&response, rows[i].vary);
        const struct ct_fields one = lines_of_text(&first, rows[i].first);
        const struct ct_fields two = lines_of_text(&second, rows[i].second);
        const bool is_any = ct_vary_encode(&vary, &one, &buf);

        CHECK(is_any == ct_vary_is_any(&vary) && (!is_any || buf.size == 0) &&
                  ct_vary_is_valid(ct_buf_view(&buf)),
              "row %zu: '%s' is coded", i, shown(rows[i].vary));
        CHECK((!is_any && ct_vary_matches(ct_buf_view(&buf), &two)) == rows[i].is_match,
              "row %zu: '%s' of '%s' %s '%s'", i, shown(rows[i].vary), shown(rows[i].first),
              rows[i].is_match ? "selects" : "does not select", shown(rows[i].second));
    }
}

static void test_vary_bytes(void)
{
    static const unsigned char wanted[] = "\1\0\0\0a\1\3\0\0\0001,2"
                                          "\1\0\0\0b\0\0\0\0\0"
                                          "\6\0\0\0cookie\1\0\0\0\0";
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
    struct lines response, request;
    const struct ct_fields vary = lines_of_text(&response, "Vary: Cookie, B\nVary: a, b");
    const struct ct_fields fields = lines_of_text(&request, "A: 1\nCookie: secret\nA: 2");

    CHECK(!ct_vary_encode(&vary, &fields, &buf) &&
              ct_bytes_equal(ct_buf_view(&buf), CT_BYTES(wanted)),
          "sorted, lower case, each once, and no secret");
    CHECK(ct_vary_names_credential(ct_buf_view(&buf)), "it names a credential");
    CHECK(!ct_vary_names_credential(ct_bytes(buf.data, 22)), "a and b are none");
    for (size_t size = 0; size < buf.size; size++)
        CHECK(ct_vary_is_valid(ct_bytes(buf.data, size)) ==
                  (size == 0 || size == 13 || size == 23),
              "%zu bytes hold together only at a pair's end", size);
}

static void check_pairs(const char *bytes, size_t size, const char *why)
{
    struct lines lines;
    const struct ct_fields request = lines_of_text(&lines, "a: 1");

    CHECK(!ct_vary_is_valid(ct_bytes(bytes, size)) &&
              !ct_vary_matches(ct_bytes(bytes, size), &request),
          "refused: %s", why);
}

#define CHECK_PAIRS(bytes, why) check_pairs((bytes), sizeof(bytes) - 1, (why))

static void test_vary_hostile(void)
{
    CHECK_PAIRS("\1\0\0\0A\1\1\0\0\0"
                "1",
                "a name in upper case");
    CHECK_PAIRS("\1\0\0\0b\0\0\0\0\0\1\0\0\0a\1\1\0\0\0"
                "1",
                "not sorted");
    CHECK_PAIRS("\1\0\0\0a\1\1\0\0\0"
                "1\1\0\0\0a\1\1\0\0\0"
                "1",
                "a name twice");
    CHECK_PAIRS("\1\0\0\0a\2\1\0\0\0"
                "1",
                "a flag that is none");
    CHECK_PAIRS("\1\0\0\0b\0\1\0\0\0"
                "1",
                "a value of an absent field");
    CHECK_PAIRS("\0\0\0\0\0\0\0\0\0", "an empty name");
    CHECK_PAIRS("\1\0\0\0*\0\0\0\0\0", "a star");
    CHECK_PAIRS("\3\0\0\0a b\0\0\0\0\0", "a name that is none");
    CHECK_PAIRS("\6\0\0\0cookie\1\1\0\0\0x", "the text of a credential");
    CHECK_PAIRS("\377\377\377\377a", "a length past the end");
}

static void test_vary_many(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf text = ct_buf_with_ceiling(CEILING);
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
    struct lines response, request;
    const struct ct_fields none = lines_of_text(&request, "");

    ct_buf_text(&text, "Vary: ");
    for (int i = 0; i < 64; i++)
        ct_buf_format(&text, "x%d,x1,", i);
    struct ct_fields vary = lines_of(&response, ct_buf_view(&text));
    CHECK(!ct_vary_encode(&vary, &none, &buf) && ct_vary_is_valid(ct_buf_view(&buf)) &&
              ct_vary_matches(ct_buf_view(&buf), &none),
          "64 names");
    ct_buf_text(&text, "one-more");
    vary = lines_of(&response, ct_buf_view(&text));
    ct_buf_reset(&buf);
    CHECK(ct_vary_encode(&vary, &none, &buf) && buf.size == 0, "65 match nothing");
}

/* As many as encode writes, and one more than it ever would. */
static void test_pairs_many(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
    static const struct ct_fields none = {NULL, 0};

    for (unsigned i = 0; i < 65; i++) {
        CHECK(ct_vary_is_valid(ct_buf_view(&buf)) && ct_vary_matches(ct_buf_view(&buf), &none),
              "%u pairs", i);
        ct_buf_u32le(&buf, 3);
        ct_buf_format(&buf, "x%02u", i);
        ct_buf_u8(&buf, 0);
        ct_buf_u32le(&buf, 0);
    }
    CHECK(!ct_vary_is_valid(ct_buf_view(&buf)) && !ct_vary_matches(ct_buf_view(&buf), &none),
          "65 pairs are refused");
}

static void check_credential(const char *fields, const char *extra, cachet_bytes wanted)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
    struct lines lines;
    const struct ct_fields request = lines_of_text(&lines, fields);

    ct_credential_encode(&request, cachet_bytes_of(extra), &buf);
    CHECK(ct_bytes_equal(ct_buf_view(&buf), wanted), "credential of '%s', '%s'", shown(fields),
          extra);
}

static void test_credential(void)
{
    check_credential("Accept: x\nCookies: y", "", CT_BYTES(""));
    check_credential("COOKIE: c\nauthorization:  Basic x ", "",
                     CT_BYTES("\15\0\0\0authorization\7\0\0\0Basic x\6\0\0\0cookie\1\0\0\0c"));
    check_credential("Cookie: a\nCookie: b", "",
                     CT_BYTES("\6\0\0\0cookie\1\0\0\0a\6\0\0\0cookie\1\0\0\0b"));
    check_credential("", "cert", CT_BYTES("\5\0\0\0extra\4\0\0\0cert"));
    check_credential("Cookie:", "", CT_BYTES("\6\0\0\0cookie\0\0\0\0"));
}

static void test_small_buffer(void)
{
    struct lines response, request;
    const struct ct_fields vary = lines_of_text(&response, "Vary: a");
    const struct ct_fields fields = lines_of_text(&request, "A: 1234");

    for (size_t ceiling = 0; ceiling < 14; ceiling++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ceiling);
        CHECK(!ct_vary_encode(&vary, &fields, &buf) &&
                  ct_buf_status(&buf, NULL) == CACHET_E_TOO_LARGE,
              "%zu bytes are too few", ceiling);
    }
}

/* RFC 9110 12.5.4: what two ways to write an Accept-Language have in common. */
static const struct {
    const char *stored;
    const char *live;
    bool is_same;
} languages[] = {
    {"en, de", "de, en", true},
    {"en, de", "EN,De", true},
    {"en;q=0.5, de", "de,en; q=0.500", true},
    {"en;q=0.5, de", "de;q=1.0,en;q=0.5", true},
    {"en;q=0.5, de", "de;q=0.5,en", false},
    {"en, de", "en, de, fr", false},
    {"en", "", false},
    {"en-GB, *;q=0", "*;Q=0.0, en-gb", true},
    {"en;q=0.5, de;q=0.5", "de;q=0.5, en;q=0.5", true},
    {"en;q=0.5", "en;q=0.51", false},
    {"en;q=1.001, de", "de, en;q=1.001", false},
    {"en;level=1, de", "de, en;level=1", false},
    {"en;q=2, de", "en;q=2,de", true},
    {"e n, de", "de, e n", false},
};

static struct ct_fields language_of(const char *text, cachet_field *field)
{
    *field = cachet_field_of("accept-language", text);
    return (struct ct_fields){field, text[0] != '\0'};
}

static void test_languages(void)
{
    const cachet_field vary = cachet_field_of("Vary", "Accept-Language");
    const struct ct_fields response = {&vary, 1};

    for (size_t i = 0; i < CT_COUNT_OF(languages); i++) {
        CLEANUP(ct_buf_fini) struct ct_buf first = ct_buf_with_ceiling(4096);
        CLEANUP(ct_buf_fini) struct ct_buf second = ct_buf_with_ceiling(4096);
        cachet_field a, b;
        const struct ct_fields stored = language_of(languages[i].stored, &a);
        const struct ct_fields live = language_of(languages[i].live, &b);
        CHECK(!ct_vary_encode(&response, &stored, &first) &&
                  !ct_vary_encode(&response, &live, &second),
              "row %zu can be matched by", i);
        CHECK(ct_vary_matches(ct_buf_view(&first), &live) == languages[i].is_same &&
                  ct_bytes_equal(ct_buf_view(&first), ct_buf_view(&second)) ==
                      languages[i].is_same &&
                  ct_vary_is_same(&response, &stored, &live) == languages[i].is_same,
              "row %zu: '%s' and '%s' are %s", i, languages[i].stored, languages[i].live,
              languages[i].is_same ? "the same" : "two");
    }
}

/* More languages than are sorted are compared as they stand. */
static void test_many_languages(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf text = ct_buf_with_ceiling(4096);
    CLEANUP(ct_buf_fini) struct ct_buf pairs = ct_buf_with_ceiling(4096);
    const cachet_field vary = cachet_field_of("Vary", "Accept-Language");

    for (int i = 0; i < 40; i++)
        ct_buf_format(&text, "%sx-%d", i > 0 ? ", " : "", i);
    const cachet_field field = {CT_BYTES("Accept-Language"), ct_buf_view(&text)};
    const struct ct_fields request = {&field, 1};
    (void) ct_vary_encode(&(struct ct_fields){&vary, 1}, &request, &pairs);
    CHECK(ct_vary_matches(ct_buf_view(&pairs), &request), "many languages match themselves");
}

/* RFC 9111 4.1 with both requests at hand. */
static void test_same(void)
{
    struct lines lines[3];
    const struct ct_fields vary = lines_of_text(&lines[0], "Vary: A, Cookie");
    const struct ct_fields first = lines_of_text(&lines[1], "A: 1 ,2\nCookie: x\nB: 1");
    const struct ct_fields second = lines_of_text(&lines[2], "cookie: x\na: 1\na: 2\nB: 2");

    CHECK(ct_vary_is_same(&vary, &first, &second), "lines and blanks do not count");
    struct ct_fields other = lines_of_text(&lines[2], "Cookie: y\nA: 1, 2");
    CHECK(!ct_vary_is_same(&vary, &first, &other), "credentials do");
    other = lines_of_text(&lines[2], "Cookie: x");
    CHECK(!ct_vary_is_same(&vary, &first, &other), "so does what is missing");
    other = lines_of_text(&lines[2], "Cookie: x\nA: 1, 2, 3");
    CHECK(!ct_vary_is_same(&vary, &first, &other) && !ct_vary_is_same(&vary, &other, &first),
          "and what is longer");
    const struct ct_fields any = lines_of_text(&lines[0], "Vary: *");
    CHECK(!ct_vary_is_same(&any, &first, &first), "nothing is the same to a star");
}

/* RFC 10008 2.7. */
static void test_content(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf first = ct_buf_with_ceiling(4096);
    CLEANUP(ct_buf_fini) struct ct_buf second = ct_buf_with_ceiling(4096);
    CLEANUP(ct_buf_fini) struct ct_buf none = ct_buf_with_ceiling(4096);
    struct lines lines;

    struct ct_fields request =
        lines_of_text(&lines, "X: 1\nContent-Type: a/b\nContent-Encoding: gzip");
    ct_request_content_encode(&request, &first);
    request = lines_of_text(&lines, "content-encoding: gzip\ncontent-type: a/b\nX: 2");
    ct_request_content_encode(&request, &second);
    CHECK(first.size > 0 && ct_bytes_equal(ct_buf_view(&first), ct_buf_view(&second)),
          "what belongs to the content is in one order");
    request = lines_of_text(&lines, "X: 1\nContent-Length: 5");
    ct_request_content_encode(&request, &none);
    CHECK(none.size == 0, "and nothing else is");
}

int main(void)
{
    test_request_bytes();
    test_request_strict();
    test_vary();
    test_vary_bytes();
    test_vary_hostile();
    test_vary_many();
    test_pairs_many();
    test_credential();
    test_small_buffer();
    test_languages();
    test_many_languages();
    test_same();
    test_content();
    return tap_done();
}
