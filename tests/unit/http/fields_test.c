/* SPDX-License-Identifier: MIT */
#include "lines.h"
#include "tap.h"

static void test_tokens(void)
{
    static const struct {
        const char *text;
        bool is_token;
    } rows[] = {
        {"", false},      {"a", true},         {"Cache-Control", true},
        {"a b", false},   {"a:", false},       {"!#$%&'*+-.^_`|~09azAZ", true},
        {"a,b", false},   {"\"a\"", false},    {"(a)", false},
        {"a\x7f", false}, {"\xc3\xa4", false}, {"a=b", false},
        {"a/b", false},   {"[a]", false},      {"{a}", false},
        {"a@b", false},
    };

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++)
        CHECK(ct_is_token(cachet_bytes_of(rows[i].text)) == rows[i].is_token,
              "'%s' is %sa token", shown(rows[i].text), rows[i].is_token ? "" : "not ");
    CHECK(!ct_is_token(ct_bytes("a\0", 2)), "a NUL is not in a token");
    CHECK(ct_token_size(CT_BYTES("max-age=1")) == 7, "a token ends at '='");
}

static void test_validity(void)
{
    const struct {
        cachet_field field;
        bool is_valid;
    } rows[] = {
        {{CT_BYTES("A"), CT_BYTES("b c \t \x01 \xff")}, true},
        {{CT_BYTES("A"), CT_BYTES("")}, true},
        {{CT_BYTES(""), CT_BYTES("b")}, false},
        {{CT_BYTES("A B"), CT_BYTES("b")}, false},
        {{CT_BYTES("A:"), CT_BYTES("b")}, false},
        {{CT_BYTES("A"), CT_BYTES("b\nX: y")}, false},
        {{CT_BYTES("A"), CT_BYTES("b\rX: y")}, false},
        {{CT_BYTES("A"), CT_BYTES("b\0c")}, false},
    };

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++)
        CHECK(ct_field_is_valid(&rows[i].field) == rows[i].is_valid, "field %zu is %s", i,
              rows[i].is_valid ? "valid" : "refused");
}

static void test_lines(void)
{
    struct lines lines;
    const struct ct_fields fields =
        lines_of_text(&lines, "A: 1\nb:  two \nAA: x\na: 3\nEmpty:\n");
    cachet_bytes value = {0};
    size_t cursor = 0;

    CHECK(ct_fields_next(&fields, CT_BYTES("a"), &cursor, &value) && is_text(value, "1"),
          "the first line of a name, in any case");
    CHECK(ct_fields_next(&fields, CT_BYTES("a"), &cursor, &value) && is_text(value, "3"),
          "then the second");
    CHECK(!ct_fields_next(&fields, CT_BYTES("a"), &cursor, &value), "then no more");
    CHECK(ct_fields_only(&fields, CT_BYTES("B"), &value) && is_text(value, "two"),
          "the only line of a name, trimmed");
    CHECK(!ct_fields_only(&fields, CT_BYTES("a"), &value), "two lines are not one");
    CHECK(!ct_fields_only(&fields, CT_BYTES("c"), &value), "none is not one");
    CHECK(ct_fields_only(&fields, CT_BYTES("empty"), &value) && value.size == 0,
          "an empty value is a value");
    CHECK(ct_fields_has(&fields, CT_BYTES("aa")) && !ct_fields_has(&fields, CT_BYTES("aaa")),
          "names are compared whole");
}

/* Members joined by '|'. */
static void check_list(const char *list, const char *wanted)
{
    cachet_bytes rest = cachet_bytes_of(list), member, expected = cachet_bytes_of(wanted);
    bool is_same = true;

    while (ct_list_next(&rest, &member)) {
        const size_t size = ct_bytes_find(expected, '|');
        is_same = is_same && ct_bytes_equal(member, ct_bytes_first(expected, size));
        expected = ct_bytes_from(expected, size + 1);
    }
    CHECK(is_same && expected.size == 0, "list '%s'", shown(list));
}

static void test_lists(void)
{
    check_list("", "");
    check_list(" , ,, ", "");
    check_list("a", "a");
    check_list(" a , b,c ,", "a|b|c");
    check_list("a=\"x, y\", b", "a=\"x, y\"|b");
    check_list("a=\"x\\\", y\", b", "a=\"x\\\", y\"|b");
    check_list("a=\"x\\\\\", y", "a=\"x\\\\\"|y");
    check_list("a=\"x, y", "a=\"x, y");
    check_list("a, \"b\\", "a|\"b\\");
    check_list("\"a\"\"b,c\",d", "\"a\"\"b,c\"|d");
    check_list("a\tb,\t", "a\tb");
}

static void test_list_across_lines(void)
{
    struct lines lines;
    const struct ct_fields fields = lines_of_text(&lines, "L: a, b\nM: no\nL:\nl: , c");
    struct ct_list_cursor cursor = {0};
    cachet_bytes member;
    char seen[8] = "";

    for (size_t i = 0; i < 7 && ct_fields_list_next(&fields, CT_BYTES("l"), &cursor, &member);
         i++)
        seen[i] = (char) member.data[0];
    CHECK(strcmp(seen, "abc") == 0, "a list goes on over its lines");
}

static void test_quoted(void)
{
    cachet_bytes rest = CT_BYTES("\"a\\\"b\"c"), inside = {0};

    CHECK(ct_quoted_cut(&rest, &inside) && is_text(inside, "a\\\"b") && is_text(rest, "c"),
          "a quoted-string ends at its own quote");
    rest = CT_BYTES("\"a");
    CHECK(!ct_quoted_cut(&rest, &inside) && is_text(rest, "\"a"), "one that is open is none");
    rest = CT_BYTES("\"\\\"");
    CHECK(!ct_quoted_cut(&rest, &inside), "an escaped quote closes nothing");
    rest = CT_BYTES("a\"b\"");
    CHECK(!ct_quoted_cut(&rest, &inside), "it must stand at the front");
}

/* RFC 9111 3.1: the names that stay, joined by ' '. */
static void check_storable(const char *text, const char *wanted)
{
    struct lines lines;
    const struct ct_fields fields = lines_of_text(&lines, text);
    cachet_field kept[LINES_MAX];
    const size_t count = ct_fields_storable(&fields, kept);
    cachet_bytes expected = cachet_bytes_of(wanted);
    bool is_same = true;

    for (size_t i = 0; i < count; i++) {
        const size_t size = ct_bytes_find(expected, ' ');
        is_same = is_same && ct_bytes_equal(kept[i].name, ct_bytes_first(expected, size));
        expected = ct_bytes_from(expected, size + 1);
    }
    CHECK(is_same && expected.size == 0, "of '%.20s...' stays '%s'", shown(text), wanted);
}

static void test_storable(void)
{
    char many[4096] = "Connection: ";

    check_storable("Date: d\nSet-Cookie: a\nX: 1\nSet-Cookie: b\nx: 2",
                   "Date Set-Cookie X Set-Cookie x");
    check_storable("A: 1\nConnection: close, X-Hop\nx-hop: 2\nX-Hop: 3\nX-Hope: 4", "A X-Hope");
    check_storable("connection: b\nA: 1\nB: 2\nConnection: , \"q\" ,c\nC: 3", "A");
    check_storable(
        "Keep-Alive: 1\nProxy-Connection: 2\nTE: 3\nTransfer-Encoding: 4\nUpgrade: 5\n"
        "Proxy-Authenticate: 6\nProxy-Authentication-Info: 7\nProxy-Authorization: 8\n"
        "Trailer: 9\nWWW-Authenticate: 10",
        "Trailer WWW-Authenticate");
    check_storable(
        "Connection: cache-control, VARY, date, age, expires, etag, pragma, location\n"
        "Connection: content-length, Content-Type, last-modified\n"
        "Cache-Control: 1\nVary: 2\nDate: 3\nAge: 4\nExpires: 5\nETag: 6\n"
        "Pragma: 7\nLocation: 8\nContent-Length: 9\nContent-Type: 10\n"
        "Last-Modified: 11",
        "Cache-Control Vary Date Age Expires ETag Pragma Location Content-Length "
        "Content-Type Last-Modified");
    size_t at = strlen(many);
    for (int i = 0; i < 70; i++)
        at += (size_t) snprintf(many + at, sizeof many - at, "x%d,", i);
    (void) snprintf(many + at, sizeof many - at, "\nx69: 1\nY: 2\nVary: 3");
    check_storable(many, "Vary");
}

int main(void)
{
    test_tokens();
    test_validity();
    test_lines();
    test_lists();
    test_list_across_lines();
    test_quoted();
    test_storable();
    return tap_done();
}
