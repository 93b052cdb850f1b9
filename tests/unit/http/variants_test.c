/* SPDX-License-Identifier: MIT */
/* Several stored responses: what asks after them, and which of them an answer is about. */
#include "http/variants.h"

#include "http/conditional.h"
#include "http/range.h"
#include "lines.h"
#include "tap.h"

#define VARIANTS_MAX 3u
#define LM "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"
#define LM_LATER "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT"

/* RFC 9111 4.3.1, 4.3.2. */
static const struct {
    const char *request;
    const char *variants[VARIANTS_MAX];
    const char *wanted;
} asked[] = {
    {"", {"ETag: \"a\""}, "\"a\""},
    {"", {"ETag: \"a\"", "ETag: W/\"b\""}, "\"a\", W/\"b\""},
    {"", {"ETag: \"a\"", "ETag: \"a\"", "ETag: W/\"a\""}, "\"a\", W/\"a\""},
    {"", {"ETag: a", LM}, ""},
    {"If-None-Match: \"x\"", {"ETag: \"a\"", LM, "ETag: \"b\""}, "\"a\", \"b\", \"x\""},
    {"If-None-Match: \"x\", junk\nIf-None-Match: W/\"y\"", {LM}, "\"x\", W/\"y\""},
    {"If-None-Match: *", {"ETag: \"a\""}, ""},
};

static size_t read_variants(const char *const *texts, struct lines *lines,
                            struct ct_fields *ret_variants)
{
    size_t count = 0;

    for (; count < VARIANTS_MAX && texts[count] != NULL; count++)
        ret_variants[count] = lines_of_text(&lines[count], texts[count]);
    return count;
}

static void test_etags(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(asked); i++) {
        struct lines lines[VARIANTS_MAX], own;
        struct ct_fields variants[VARIANTS_MAX];
        unsigned char text[64], cut[4];
        const size_t count = read_variants(asked[i].variants, lines, variants);
        const struct ct_fields request = lines_of_text(&own, asked[i].request);
        const size_t size = ct_variants_etags(&request, variants, count, text, sizeof text);
        CHECK(is_text(ct_bytes(text, size), asked[i].wanted), "row %zu asks with '%s'", i,
              asked[i].wanted);
        CHECK(ct_variants_etags(&request, variants, count, cut, sizeof cut) == size,
              "row %zu says what room it needs", i);
    }
}

/* RFC 9111 4.3.4. */
static const struct {
    const char *variants[VARIANTS_MAX];
    const char *answer;
    const char *wanted; /* one letter for each: is it confirmed? */
} selected[] = {
    {{"ETag: \"a\"", "ETag: \"b\""}, "ETag: \"b\"", "ny"},
    {{"ETag: \"a\"", "ETag: \"b\"", "ETag: \"a\""}, "ETag: \"a\"", "yny"},
    {{"ETag: W/\"a\"", "ETag: \"a\""}, "ETag: \"a\"", "ny"},
    {{"ETag: W/\"a\"", "ETag: W/\"a\""}, "ETag: W/\"a\"", "yn"},
    {{"ETag: \"b\"", "ETag: \"a\"", "ETag: W/\"a\""}, "ETag: W/\"a\"", "nyn"},
    {{LM, LM_LATER}, LM_LATER, "ny"},
    {{LM, LM}, LM, "yn"},
    {{"ETag: \"a\""}, "", "y"},
    {{"ETag: \"a\"", "ETag: \"b\""}, "", "nn"},
    {{"ETag: \"a\"", "ETag: \"b\""}, "ETag: \"c\"", "nn"},
    {{"", "X: 1"}, "ETag: \"c\"", "nn"},
};

static void test_select(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(selected); i++) {
        struct lines lines[VARIANTS_MAX], other;
        struct ct_fields variants[VARIANTS_MAX];
        bool is_confirmed[VARIANTS_MAX];
        char letters[VARIANTS_MAX + 1] = "";
        const size_t count = read_variants(selected[i].variants, lines, variants);
        const struct ct_fields answer = lines_of_text(&other, selected[i].answer);
        const size_t first = ct_variants_select(variants, count, &answer, is_confirmed);
        for (size_t k = 0; k < count; k++)
            letters[k] = is_confirmed[k] ? 'y' : 'n';
        CHECK(strcmp(letters, selected[i].wanted) == 0 &&
                  first == strcspn(selected[i].wanted, "y"),
              "row %zu: '%s' confirms %s (is %s)", i, shown(selected[i].answer),
              selected[i].wanted, letters);
    }
}

/* RFC 9111 4.3.5; the stored body has 10 bytes. */
static const struct {
    const char *stored;
    const char *head;
    bool freshens;
} heads[] = {
    {"ETag: \"a\"", "ETag: \"a\"", true},
    {"ETag: \"a\"", "ETag: \"b\"", false},
    {"ETag: \"a\"", "ETag: W/\"a\"", false},
    {"ETag: \"a\"", "", true},
    {"X: 1", "ETag: \"a\"", false},
    {"ETag: \"a\"", "ETag: a", false},
    {LM, LM, true},
    {LM, LM_LATER, false},
    {"ETag: \"a\"\n" LM, "ETag: \"a\"\n" LM_LATER, false},
    {"X: 1", LM, false},
    {"ETag: \"a\"", "ETag: \"a\"\nContent-Length: 10", true},
    {"ETag: \"a\"", "ETag: \"a\"\nContent-Length: 11", false},
    {"X: 1", "Content-Length: 10", true},
    {"X: 1", "Content-Length: x", false},
    {"X: 1", "Content-Length: 10\nContent-Length: 10", false},
};

static void test_heads(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(heads); i++) {
        struct lines first, second;
        const struct ct_fields stored = lines_of_text(&first, heads[i].stored);
        const struct ct_fields head = lines_of_text(&second, heads[i].head);
        CHECK(ct_head_freshens(&stored, 10, &head) == heads[i].freshens,
              "row %zu: '%s' by '%s'", i, shown(heads[i].stored), shown(heads[i].head));
    }
}

/* RFC 9110 15.4.5. */
static void test_not_modified_fields(void)
{
    struct lines lines;
    cachet_field kept[LINES_MAX];
    struct ct_fields fields = lines_of_text(
        &lines, "Content-Type: t\nETag: \"a\"\n" LM "\nVary: x\nContent-Location: /\n"
                "content-length: 5\nRepr-Digest: a\nSet-Cookie: c\nContent-Security-Policy: p");
    size_t count = ct_conditional_fields(&fields, kept);

    CHECK(count == 5 && is_text(kept[0].name, "ETag") && is_text(kept[1].name, "Vary") &&
              is_text(kept[2].name, "Content-Location") &&
              is_text(kept[3].name, "Set-Cookie") &&
              is_text(kept[4].name, "Content-Security-Policy"),
          "a 304 carries what is not about the content");
    fields = lines_of_text(&lines, LM "\nDate: d");
    count = ct_conditional_fields(&fields, kept);
    CHECK(count == 2, "and Last-Modified where there is no ETag");
}

/* RFC 9110 15.3.7.3, RFC 9111 3.4. */
static void test_combining(void)
{
    static const char *const date = "Date: Sun, 06 Nov 1994 09:00:00 GMT\n";
    const struct ct_span first = {{0, 4}, true, 10}, second = {{5, 9}, true, 10};
    const struct ct_span far = {{7, 9}, true, 10}, other = {{5, 9}, true, 11};
    const struct ct_span open = {{3, 6}, false, 0};
    struct ct_span joined;
    struct lines lines[4];
    const struct ct_fields strong = lines_of_text(&lines[0], "ETag: \"a\"");
    const struct ct_fields weak = lines_of_text(&lines[1], "ETag: W/\"a\"");
    const struct ct_fields none = lines_of_text(&lines[2], date);
    const struct ct_fields dated =
        lines_of_text(&lines[3], "Date: Sun, 06 Nov 1994 09:00:00 GMT\n" LM);

    CHECK(ct_range_may_combine(&strong, &first, &strong, &second), "the same strong ETag");
    CHECK(ct_range_may_combine(&dated, &first, &dated, &second), "the same strong date");
    CHECK(!ct_range_may_combine(&weak, &first, &weak, &second), "not a weak one");
    CHECK(!ct_range_may_combine(&none, &first, &none, &second), "not without any");
    CHECK(!ct_range_may_combine(&strong, &first, &dated, &second), "not of two kinds");
    CHECK(!ct_range_may_combine(&strong, &first, &strong, &other), "not of another total");
    CHECK(ct_span_join(&first, &second, &joined) && joined.range.first == 0 &&
              joined.range.last == 9 && joined.total == 10,
          "parts that touch are one");
    CHECK(ct_span_join(&second, &first, &joined) && joined.range.last == 9, "in any order");
    CHECK(ct_span_join(&open, &first, &joined) && joined.range.last == 6 && joined.has_total,
          "parts that overlap too, and one knows the total");
    CHECK(!ct_span_join(&first, &far, &joined), "a gap stays a gap");
}

static void test_multipart(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(4096);
    const struct ct_span span = {{0, 1}, true, 10};
    char text[CT_CONTENT_RANGE_SIZE];

    ct_multipart_append(&buf, CT_BYTES("b"), CT_BYTES("text/plain"), &span);
    ct_multipart_append(&buf, CT_BYTES("b"), CT_BYTES(""), NULL);
    CHECK(is_text(ct_buf_view(&buf), "\r\n--b\r\nContent-Type: text/plain\r\n"
                                     "Content-Range: bytes 0-1/10\r\n\r\n\r\n--b--\r\n"),
          "the seams of a multipart body");
    ct_content_range_none(10, text);
    CHECK(strcmp(text, "bytes */10") == 0, "the Content-Range of a 416");
}

int main(void)
{
    test_etags();
    test_select();
    test_heads();
    test_not_modified_fields();
    test_combining();
    test_multipart();
    return tap_done();
}
