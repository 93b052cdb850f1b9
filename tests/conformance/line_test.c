/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <string.h>

#include "tap.h"

#define LINE_MAX_HERE 8192

static struct line_request request;

static bool read_copy(const char *text)
{
    static char line[LINE_MAX_HERE];

    (void) snprintf(line, sizeof line, "%s", text);
    return line_read(line, &request);
}

static bool has_text(cachet_bytes bytes, const char *text)
{
    return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

static void test_whole(void)
{
    CHECK(read_copy("{\"id\":7,\"method\":\"PUT\",\"url\":\"http://h/\\u003f\",\"headers\":"
                    "[[\"A\",\"1\"],[\"A\",\"\"]] ,\"body\":\"YWI=\",\"cache\":\"default\"}\n"),
          "a whole request");
    CHECK(request.id == 7 && strcmp(request.method, "PUT") == 0, "its id and method");
    CHECK(strcmp(request.url, "http://h/?") == 0, "its URL, unescaped");
    CHECK(request.field_count == 2 && has_text(request.fields[0].name, "A") &&
              has_text(request.fields[0].value, "1") && has_text(request.fields[1].value, ""),
          "its fields, in order, repeated");
    CHECK(has_text(request.body, "ab"), "its body, decoded");
    CHECK(read_copy("{\"url\":\"u\",\"method\":\"GET\",\"id\":9007199254740992}") &&
              request.field_count == 0 && request.body.data == NULL,
          "what may be left out, in another order");
    CHECK(read_copy("{\"id\":1,\"method\":\"\xC3\xBC\\\"\\\\\\u00E9\\t\",\"url\":\"u\","
                    "\"headers\":[]}") &&
              strcmp(request.method, "\xFC\"\\\xE9\t") == 0,
          "text in both spellings is bytes of ISO-8859-1");
}

static void test_base64(void)
{
    static const struct {
        const char *text, *bytes;
    } rows[] = {
        {"", ""}, {"YQ==", "a"}, {"YWI=", "ab"}, {"YWJj", "abc"}, {"+/+/", "\xFB\xFF\xBF"}};
    char line[LINE_MAX_HERE];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void) snprintf(line, sizeof line,
                        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"body\":\"%s\"}",
                        rows[i].text);
        CHECK(line_read(line, &request) && has_text(request.body, rows[i].bytes), "base64 '%s'",
              rows[i].text);
    }
}

static void test_refused(void)
{
    static const char *const rows[] = {
        "",
        "{",
        "{}",
        "[]",
        "{\"id\":1,\"method\":\"M\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\"",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\"} x",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",}",
        "{\"id\":1,\"id\":1,\"method\":\"M\",\"url\":\"u\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"more\":1}",
        "{\"id\":-1,\"method\":\"M\",\"url\":\"u\"}",
        "{\"id\":,\"method\":\"M\",\"url\":\"u\"}",
        "{\"id\":9007199254740993,\"method\":\"M\",\"url\":\"u\"}",
        "{\"id\":99999999999999999999,\"method\":\"M\",\"url\":\"u\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\\",
        "{\"id\":1,\"method\":\"M\",\"url\":\"\\u00\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"\\u0000\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"\\u0100\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"\\x\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"a\nb\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"\xC4\x80\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"\xC3\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"\xFC\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"headers\":[[\"A\"]]}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"headers\":[[\"A\",\"1\",\"2\"]]}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"headers\":[[\"A\",\"1\"]",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"headers\":[,]}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"headers\":{}}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"body\":\"YQ\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"body\":\"Y===\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"body\":\"Y!==\"}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"body\":nul}",
        "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"body\":",
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK(!read_copy(rows[i]), "refused: row %zu", i);
}

static void test_too_many_fields(void)
{
    for (unsigned count = LINE_FIELDS_MAX; count <= LINE_FIELDS_MAX + 1; count++) {
        char line[LINE_MAX_HERE] =
            "{\"id\":1,\"method\":\"M\",\"url\":\"u\",\"headers\":[[\"A\",\"\"]";
        size_t size = strlen(line);
        for (unsigned i = 1; i < count; i++)
            size += (size_t) snprintf(line + size, sizeof line - size, ",[\"A\",\"\"]");
        (void) snprintf(line + size, sizeof line - size, "]}");
        CHECK(line_read(line, &request) == (count == LINE_FIELDS_MAX), "%u fields", count);
    }
}

static void test_written(void)
{
    static const cachet_field fields[] = {
        {{(const unsigned char *) "A", 1}, {(const unsigned char *) "\xFC\"\\\t", 4}},
        {{(const unsigned char *) "B", 1}, {NULL, 0}}};
    const struct line_answer answer = {.id = 3,
                                       .status = 999,
                                       .fields = fields,
                                       .field_count = 2,
                                       .body = cachet_bytes_of("abcd")};
    char text[512];
    FILE *const out = fmemopen(text, sizeof text, "w");

    line_write_answer(out, &answer);
    line_write_error(out, 4, "no '\n'");
    (void) fclose(out);
    CHECK(
        strcmp(text,
               "{\"id\":3,\"status\":999,\"reason\":\"\",\"headers\":[[\"A\",\"\\u00fc\\\"\\\\"
               "\\u0009\"],[\"B\",\"\"]],\"body\":\"YWJjZA==\"}\n"
               "{\"id\":4,\"error\":\"no '\\u000a'\"}\n") == 0,
        "an answer and an error, written");
}

int main(void)
{
    test_whole();
    test_base64();
    test_refused();
    test_too_many_fields();
    test_written();
    return tap_done();
}
