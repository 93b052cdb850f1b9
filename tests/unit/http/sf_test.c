/* SPDX-License-Identifier: MIT */
/* RFC 9651: what is good, what is not, and what is read. */
#include "http/sf.h"

#include "http/digest.h"
#include "lines.h"
#include "tap.h"

static const struct {
    const char *lines;
    bool is_good;
    size_t count;
} lists[] = {
    {"f: a", true, 1},
    {"f: a, b,\tc ,d", true, 4},
    {"f: a\nF: b", true, 2},
    {"f: a\nf:\nf: b", false, 1},
    {"f:", false, 0},
    {"", true, 0},
    {"f: a,", false, 0},
    {"f: ,a", false, 0},
    {"f: a,,b", false, 1},
    {"f: a b", false, 0},
    {"f: 1, -1, 0.5, -12.125, 999999999999999", true, 5},
    {"f: 1000000000000000", false, 0},
    {"f: 1.", false, 0},
    {"f: 1.1234", false, 0},
    {"f: 1234567890123.1", false, 0},
    {"f: -", false, 0},
    {"f: --1", false, 0},
    {"f: \"\", \"a\\\"\\\\\"", true, 2},
    {"f: \"a\\b\"", false, 0},
    {"f: \"a", false, 0},
    {"f: \"\xc3\xbc\"", false, 0},
    {"f: \"a\tb\"", false, 0},
    {"f: *, A/b:c!#$%&'*+-.^_`|~", true, 2},
    {"f: @1659578233, @-5", true, 2},
    {"f: @1.5", false, 0},
    {"f: ?0, ?1", true, 2},
    {"f: ?2", false, 0},
    {"f: ?", false, 0},
    {"f: ::, :aGk=:, :aGk:, :+/+/:", true, 4},
    {"f: :aGk", false, 0},
    {"f: :a:", false, 0},
    {"f: :aG-_:", false, 0},
    {"f: :aG=k:", false, 0},
    {"f: %\"a %c3%bc%25\"", true, 1},
    {"f: %\"%C3%BC\"", false, 0},
    {"f: %\"%c3\"", false, 0},
    {"f: %\"%c3%28\"", false, 0},
    {"f: %\"%ff\"", false, 0},
    {"f: %\"a", false, 0},
    {"f: %a", false, 0},
    {"f: (), ( a  b ), (a;x=1 \"b\");y", true, 3},
    {"f: (a", false, 0},
    {"f: (a,b)", false, 0},
    {"f: (a\"b\")", false, 0},
    {"f: ((a))", false, 0},
    {"f: a;b;c=1; d=\"x\";*e=?0", true, 1},
    {"f: a;", false, 0},
    {"f: a;B", false, 0},
    {"f: a ;b", false, 0},
    {"f: a;b= 1", false, 0},
    {"f: a;b=(1)", false, 0},
};

static void test_lists(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(lists); i++) {
        struct lines lines;
        const struct ct_fields fields = lines_of_text(&lines, lists[i].lines);
        struct ct_sf_cursor cursor = {0};
        struct ct_sf_value value;
        size_t count = 0;
        while (ct_sf_list_next(&fields, CT_BYTES("f"), &cursor, &value))
            count++;
        CHECK(cursor.is_wrong != lists[i].is_good && count == lists[i].count,
              "'%s' is %s, of %zu", shown(lists[i].lines), lists[i].is_good ? "good" : "bad",
              count);
    }
}

static const struct {
    const char *lines;
    bool is_good;
} dictionaries[] = {
    {"f: a", true},
    {"f: a=1, b;x, c=(1 2)", true},
    {"f: *a_-.*=1", true},
    {"f: a=1\nf: b=2", true},
    {"f: a=?0, a", true},
    {"f:", false},
    {"", false},
    {"f: A=1", false},
    {"f: 1=a", false},
    {"f: a =1", false},
    {"f: a= 1", false},
    {"f: a=", false},
    {"f: a=1,", false},
    {"f: a=1 b=2", false},
    {"f: a, &&&", false},
    {"f: a=1\nf: ", false},
    {"f: a;x=1;y, b", true},
    {"f: a=1;", false},
};

static void test_dictionaries(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(dictionaries); i++) {
        struct lines lines;
        const struct ct_fields fields = lines_of_text(&lines, dictionaries[i].lines);
        CHECK(ct_sf_is_dictionary(&fields, CT_BYTES("f")) == dictionaries[i].is_good,
              "'%s' is %s", shown(dictionaries[i].lines),
              dictionaries[i].is_good ? "a dictionary" : "none");
    }
}

static void test_values(void)
{
    struct lines lines;
    const struct ct_fields fields =
        lines_of_text(&lines, "f: a=-42, b=\"x\\\"y\", c=(t \"s\"), d=:aGVsbG8=:, e=?0;p");
    struct ct_sf_cursor cursor = {0};
    struct ct_sf_member member;
    struct ct_sf_value item;
    unsigned char bytes[8], byte = 0;
    size_t size = 0;

    CHECK(ct_sf_dictionary_next(&fields, CT_BYTES("f"), &cursor, &member) &&
              is_text(member.key, "a") && member.value.integer == -42,
          "a number");
    CHECK(ct_sf_dictionary_next(&fields, CT_BYTES("f"), &cursor, &member) &&
              is_text(member.value.text, "x\\\"y"),
          "a string as it stands");
    cachet_bytes rest = ct_bytes_from(member.value.text, 1);
    CHECK(ct_sf_string_next(&rest, &byte) && byte == '"' && is_text(rest, "y"),
          "and what its escape means");
    CHECK(ct_sf_dictionary_next(&fields, CT_BYTES("f"), &cursor, &member) &&
              member.value.type == CT_SF_INNER_LIST,
          "an inner list");
    rest = member.value.text;
    CHECK(ct_sf_inner_next(&rest, &item) && item.type == CT_SF_TOKEN &&
              ct_sf_inner_next(&rest, &item) && is_text(item.text, "s") &&
              !ct_sf_inner_next(&rest, &item),
          "of two items");
    CHECK(ct_sf_dictionary_next(&fields, CT_BYTES("f"), &cursor, &member) &&
              ct_sf_bytes_decode(&member.value, bytes, sizeof bytes, &size) &&
              is_text(ct_bytes(bytes, size), "hello"),
          "bytes");
    CHECK(!ct_sf_bytes_decode(&member.value, bytes, 4, &size), "that need their room");
    CHECK(ct_sf_dictionary_next(&fields, CT_BYTES("f"), &cursor, &member) &&
              member.value.type == CT_SF_BOOLEAN && member.value.integer == 0,
          "a boolean");
    CHECK(!ct_sf_dictionary_next(&fields, CT_BYTES("f"), &cursor, &member) && !cursor.is_wrong,
          "and the end");
}

#define ZEROS32 ":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"

/* RFC 9530 2, 3. */
static void test_digests(void)
{
    struct lines lines;
    struct ct_digest found[CT_DIGEST_COUNT];
    const cachet_bytes name = CT_BYTES("repr-digest");

    struct ct_fields fields = lines_of_text(&lines, "Repr-Digest: sha-256=" ZEROS32);
    CHECK(ct_digests_read(&fields, name, found) == 1 && found[0].size == 32 &&
              found[0].algorithm == CT_DIGEST_SHA256 && !found[0].is_malformed,
          "a digest is read");
    fields = lines_of_text(&lines, "Repr-Digest: md5=:AAAA:\nRepr-Digest: sha-512=:AAAA:");
    CHECK(ct_digests_read(&fields, name, found) == 1 && found[0].is_malformed &&
              found[0].algorithm == CT_DIGEST_SHA512,
          "one of the wrong size matches nothing, one nobody trusts is passed over");
    fields = lines_of_text(&lines, "Repr-Digest: sha-256=\"x\"");
    CHECK(ct_digests_read(&fields, name, found) == 1 && found[0].is_malformed,
          "nor does one that is no bytes");
    fields = lines_of_text(&lines, "Repr-Digest: sha-256=:AAAA:, sha-256=" ZEROS32);
    CHECK(ct_digests_read(&fields, name, found) == 1 && !found[0].is_malformed,
          "of two the last counts");
    fields = lines_of_text(&lines, "Repr-Digest: sha-256=" ZEROS32 ", &");
    CHECK(ct_digests_read(&fields, name, found) == 0, "what is no dictionary states nothing");
    fields = lines_of_text(&lines, "Content-Digest: sha-256=" ZEROS32);
    CHECK(ct_digests_read(&fields, name, found) == 0, "nor does another field");
}

int main(void)
{
    test_lists();
    test_dictionaries();
    test_values();
    test_digests();
    return tap_done();
}
