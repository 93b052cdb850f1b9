/* SPDX-License-Identifier: MIT */
#include "cli/options.h"
#include "cli/report.h"

#include "tap.h"

static void check_durations(void)
{
    static const struct {
        const char *text;
        int64_t seconds; /* -2: refused */
    } rows[] = {
        {"0", 0},          {"90", 90},          {"90s", 90},
        {"15m", 900},      {"2h", 7200},        {"7d", 604800},
        {"never", -1},     {"007", 7},          {"9999999999d", INT64_C(9999999999) * 86400},
        {"", -2},          {"s", -2},           {"-1", -2},
        {"1.5h", -2},      {"1 h", -2},         {" 1", -2},
        {"1w", -2},        {"1hm", -2},         {"Never", -2},
        {"nevermore", -2}, {"99999999999", -2}, {"0x10", -2},
        {"1S", -2},        {"+5", -2},
    };

    for (size_t i = 0; i < CLI_COUNT_OF(rows); i++) {
        int64_t seconds = -2;
        cachet_error err = {.status = CACHET_OK};
        const cachet_status status = cli_duration_parse(rows[i].text, &seconds, &err);
        CHECK(seconds == rows[i].seconds &&
                  status == (seconds == -2 ? CACHET_E_USAGE : CACHET_OK),
              "duration '%s'", rows[i].text);
    }
}

struct values {
    bool flag;
    uint32_t bits;
    const char *text;
    struct cli_list list;
    struct cli_duration duration;
};

static const struct cli_option table[] = {
    {"flag", NULL, "f", offsetof(struct values, flag), CLI_FLAG, 0, 'f'},
    {"one", NULL, "1", offsetof(struct values, bits), CLI_BITS, 1, 0},
    {"two", NULL, "2", offsetof(struct values, bits), CLI_BITS, 2, 0},
    {"text", "TEXT", "t", offsetof(struct values, text), CLI_TEXT, 0, 't'},
    {"list", "ITEM", "l", offsetof(struct values, list), CLI_LIST, 0, 'l'},
    {"time", "D", "d", offsetof(struct values, duration), CLI_DURATION, 0, 0},
    {0},
};

/* Arguments that begin with the program's name and end in NULL. */
static cachet_status parse(char **arguments, bool stop_at_word, struct values *values,
                           int *ret_word, cachet_error *err)
{
    const struct cli_option_set sets[2] = {{table, values}, {NULL, NULL}};
    int count = 0;

    while (arguments[count] != NULL)
        count++;
    return cli_options_parse(sets, stop_at_word, count, arguments, ret_word, err);
}

#define ARGUMENTS(...) ((char *[]){(char[]){"program"}, __VA_ARGS__, NULL})
#define A(text) ((char[]){text})

static void check_good(void)
{
    struct values values = {.flag = false};
    const struct cli_option_set own = {table, &values};
    cachet_error err;
    int word = 0;
    char **arguments =
        ARGUMENTS(A("word"), A("-f"), A("--one"), A("-tx"), A("-l"), A("a"), A("--two"),
                  A("-l"), A("b"), A("--time=2h"), A("--text"), A("y"), A("--"), A("-z"));
    const cachet_status status = parse(arguments, false, &values, &word, &err);

    CHECK(status == CACHET_OK, "options and words in any order");
    CHECK(values.flag && values.bits == 3, "a flag and bits");
    CHECK(values.text != NULL && strcmp(values.text, "y") == 0, "the last text stays");
    CHECK(values.list.count == 2 && strcmp(values.list.items[0], "a") == 0 &&
              strcmp(values.list.items[1], "b") == 0,
          "a list keeps all, in order");
    CHECK(values.duration.is_given && values.duration.seconds == 7200, "a duration");
    CHECK(word == 13 && strcmp(arguments[13], "word") == 0 && strcmp(arguments[14], "-z") == 0,
          "words come last, also what follows --");
    cli_options_fini(&own);
    CHECK(values.list.items == NULL && values.list.count == 0, "lists are freed");
}

static void check_stop(void)
{
    struct values values = {.flag = false};
    cachet_error err;
    int word = 0;
    const cachet_status status =
        parse(ARGUMENTS(A("-f"), A("word"), A("--no-such")), true, &values, &word, &err);

    CHECK(status == CACHET_OK && word == 2 && values.flag, "stops before the first word");
}

static void check_refused(const char *words, char **arguments)
{
    struct values values = {.flag = false};
    const struct cli_option_set own = {table, &values};
    cachet_error err = {.status = CACHET_OK};
    int word = 0;
    const cachet_status status = parse(arguments, false, &values, &word, &err);

    CHECK(status == CACHET_E_USAGE && strstr(err.message, words) != NULL, "refused: %s (%s)",
          words, err.message);
    cli_options_fini(&own);
}

int main(void)
{
    check_durations();
    check_good();
    check_stop();
    check_refused("no option '--nosuch'", ARGUMENTS(A("--nosuch")));
    check_refused("no option '--nosuch=1'", ARGUMENTS(A("--nosuch=1")));
    check_refused("no option '-z'", ARGUMENTS(A("-fz")));
    check_refused("'--text' wants a value: TEXT", ARGUMENTS(A("--text")));
    check_refused("'-l' wants a value: ITEM", ARGUMENTS(A("-l")));
    check_refused("'--flag' takes no value", ARGUMENTS(A("--flag=1")));
    check_refused("'soon' is no duration", ARGUMENTS(A("--time"), A("soon")));
    check_refused("(--time)", ARGUMENTS(A("--time"), A("soon")));
    return tap_done();
}
