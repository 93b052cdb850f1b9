/* SPDX-License-Identifier: MIT */
#include "cli/json.h"
#include "cli/memory.h"
#include "cli/output.h"
#include "cli/report.h"

#include "tap.h"

static char *written;
static size_t written_size;

static FILE *begin(void)
{
    return open_memstream(&written, &written_size);
}

/* Closes what begin opened and says whether it holds exactly this. */
static bool holds(FILE *out, const char *wanted)
{
    (void) fclose(out);
    const bool is_same =
        written_size == strlen(wanted) && memcmp(written, wanted, written_size) == 0;
    if (!is_same)
        printf("# got: %s\n", written);
    cli_free(written);
    written = NULL;
    return is_same;
}

static void check_text(void)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"plain text", "plain text"},
        {"tab\there", "tab\\x09here"},
        {"\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m"},
        {"a\r\nb", "a\\x0d\\x0ab"},
        {"\x7f", "\\x7f"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        {"c1 \xc2\x9b[31m", "c1 \\xc2\\x9b[31m"},
        {"latin \xe9", "latin \\xe9"},
        {"cut \xe2\x82", "cut \\xe2\\x82"},
        {"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
        {"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
        {"beyond \xf4\x90\x80\x80", "beyond \\xf4\\x90\\x80\\x80"},
        {"face \xf0\x9f\x98\x80", "face \xf0\x9f\x98\x80"},
    };

    for (size_t i = 0; i < CLI_COUNT_OF(rows); i++) {
        FILE *const out = begin();
        cli_put_text(out, cachet_bytes_of(rows[i].from));
        CHECK(holds(out, rows[i].to), "text becomes: %s", rows[i].to);
    }
    FILE *const out = begin();
    cli_put_text(out, (cachet_bytes){(const unsigned char *) "a\0b", 3});
    CHECK(holds(out, "a\\x00b"), "a NUL is text too");
}

static void check_json(void)
{
    struct cli_json json;
    FILE *out = begin();

    cli_json_begin(&json, out);
    cli_json_end(&json);
    CHECK(holds(out, "{}\n"), "an empty object");

    out = begin();
    cli_json_begin(&json, out);
    cli_json_text(&json, "a", "q\"\\\n\xff\x7f \xc2\x9b caf\xc3\xa9");
    cli_json_text(&json, "b", NULL);
    cli_json_count(&json, "c", UINT64_MAX);
    cli_json_bool(&json, "d", true);
    cli_json_time(&json, "e", 1500);
    cli_json_time(&json, "f", -1);
    cli_json_end(&json);
    CHECK(holds(out, "{\"a\":\"q\\\"\\\\\\u000a\\ufffd\\u007f \\u009b caf\xc3\xa9\",\"b\":null,"
                     "\"c\":18446744073709551615,\"d\":true,\"e\":\"1970-01-01T00:00:01Z\","
                     "\"f\":null}\n"),
          "every kind of member");

    const cachet_field fields[] = {cachet_field_of("A", "1"), cachet_field_of("A", "\xe9")};
    out = begin();
    cli_json_begin(&json, out);
    cli_json_fields(&json, "fields", fields, 2);
    cli_json_fields(&json, "none", NULL, 0);
    cli_json_end(&json);
    CHECK(holds(out, "{\"fields\":[[\"A\",\"1\"],[\"A\",\"\\ufffd\"]],\"none\":[]}\n"),
          "fields in order, duplicates included");
}

static void check_times(void)
{
    static const struct {
        int64_t time_ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1700000000999, "2023-11-14T22:13:20Z"},
        {253402300799999, "9999-12-31T23:59:59Z"},
        {253402300800000, "-"},
        {INT64_MAX, "-"},
        {-1, "-"},
        {INT64_MIN, "-"},
    };

    for (size_t i = 0; i < CLI_COUNT_OF(rows); i++) {
        char text[CLI_TIME_TEXT_SIZE];
        cli_time_text(rows[i].time_ms, text);
        CHECK(strcmp(text, rows[i].text) == 0, "time %lld is %s", (long long) rows[i].time_ms,
              text);
    }
}

static void check_sizes(void)
{
    static const struct {
        uint64_t size;
        const char *text;
    } rows[] = {
        {0, "0"},
        {1023, "1023"},
        {1024, "1.0K"},
        {1536, "1.5K"},
        {10188, "9.9K"},
        {10189, "10K"},
        {65536, "64K"},
        {1048063, "1023K"},
        {1048064, "1.0M"},
        {1048575, "1.0M"},
        {UINT64_C(3) << 30, "3.0G"},
        {UINT64_C(1) << 40, "1.0T"},
        {UINT64_MAX, "16E"},
    };

    for (size_t i = 0; i < CLI_COUNT_OF(rows); i++) {
        char text[CLI_SIZE_TEXT_SIZE];
        cli_size_text(rows[i].size, text);
        CHECK(strcmp(text, rows[i].text) == 0, "size %s is %s", rows[i].text, text);
    }
}

static void check_urls(void)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"http://a.example/x@y", "http://a.example/x@y"},
        {"http://user:secret@a.example/x", "http://a.example/x"},
        {"http://u@v@a.example?@", "http://a.example?@"},
        {"abcd", "abcd"},
        {"", ""},
    };

    for (size_t i = 0; i < CLI_COUNT_OF(rows); i++) {
        CLEANUP(cli_freep) char *shown = cli_url_to_show(rows[i].from);
        CHECK(strcmp(shown, rows[i].to) == 0, "URL is shown as '%s'", rows[i].to);
    }
}

static void check_ids(void)
{
    unsigned char id[CLI_ID_SIZE], back[CLI_ID_SIZE];
    char text[CLI_ID_TEXT_SIZE];

    for (size_t i = 0; i < CLI_ID_SIZE; i++)
        id[i] = (unsigned char) (i * 17);
    cli_id_text(id, text);
    CHECK(strcmp(text, "00112233445566778899aabbccddeeff") == 0, "id as text");
    CHECK(cli_id_parse(text, back) && memcmp(id, back, sizeof(id)) == 0, "and back");
    CHECK(!cli_id_parse("0011", back), "a short id is none");
    CHECK(!cli_id_parse("00112233445566778899aabbccddeefg", back), "nor one that is not hex");
}

static void check_exits(void)
{
    CHECK(cli_exit_of(CACHET_OK) == 0 && cli_exit_of(CACHET_E_USAGE) == 2 &&
              cli_exit_of(CACHET_E_TAMPERED) == 3 && cli_exit_of(CACHET_E_UNKNOWN_KEY) == 3 &&
              cli_exit_of(CACHET_E_NOT_CACHED) == 4 && cli_exit_of(CACHET_E_TRANSFER) == 5 &&
              cli_exit_of(CACHET_E_PROTOCOL) == 5 && cli_exit_of(CACHET_E_TOO_LARGE) == 5 &&
              cli_exit_of(CACHET_E_BUSY) == 1,
          "every status has its exit code");
    CHECK(cli_worse(CLI_TAMPERED, CLI_NO_TRANSFER) == CLI_TAMPERED &&
              cli_worse(CLI_HTTP_ERROR, CLI_TAMPERED) == CLI_TAMPERED &&
              cli_worse(CLI_DONE, CLI_HTTP_ERROR) == CLI_HTTP_ERROR,
          "nothing hides a tampered entry");
    CHECK(strcmp(cli_status_name(CACHET_E_ABORTED), "E_ABORTED") == 0, "a status has a name");
}

int main(void)
{
    check_text();
    check_json();
    check_times();
    check_sizes();
    check_urls();
    check_ids();
    check_exits();
    return tap_done();
}
