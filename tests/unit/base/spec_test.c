/* SPDX-License-Identifier: MIT */
#include "base/spec.h"

#include "fail_sweep.h"
#include "tap.h"

static const char *const schemes[] = {"sqlite", "files", "redis+unix", NULL};

/* What a SPEC says, on one line: "scheme|location|name=value|...". */
static void describe(const struct ct_spec *spec, char *text, size_t room)
{
    int at = snprintf(text, room, "%s|%s", spec->scheme, spec->location);

    for (size_t i = 0; i < spec->option_count; i++)
        at += snprintf(text + at, room - (size_t) at, "|%s=%s", spec->options[i].name,
                       spec->options[i].value);
}

static void test_good(void)
{
    static const char *const rows[][2] = {
        {"cache.sqlite", "sqlite|cache.sqlite"},
        {"/a b/c?d=e&f", "sqlite|/a b/c?d=e&f"},
        {"/a:b", "sqlite|/a:b"},
        {"./redis:x", "sqlite|./redis:x"},
        {"a_b:c", "sqlite|a_b:c"},
        {"1:2", "sqlite|1:2"},
        {":x", "sqlite|:x"},
        {"100%zz", "sqlite|100%zz"},
        {"sqlite:cache", "sqlite|cache"},
        {"files:/d", "files|/d"},
        {"files:sqlite:x", "files|sqlite:x"},
        {"sqlite", "sqlite|sqlite"},
        {"redis+unix:/run/s?db=1", "redis+unix|/run/s|db=1"},
        {"files:a%20b", "files|a%20b"},
        {"files:d?a=1&b=2", "files|d|a=1|b=2"},
        {"files:d?a=", "files|d|a="},
        {"files:d?a=b=c", "files|d|a=b=c"},
        {"files:d?a=b?c", "files|d|a=b?c"},
        {"files:d?%61%26=%3d%20+", "files|d|a&== +"},
    };
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        CLEANUP(ct_spec_fini) struct ct_spec spec = {0};
        char text[200] = "";
        cachet_error err = {0};
        if (ct_spec_parse(rows[i][0], schemes, &spec, &err) == CACHET_OK)
            describe(&spec, text, sizeof text);
        CHECK(strcmp(text, rows[i][1]) == 0, "'%s' is %s%s", rows[i][0], text, err.message);
    }
}

static void test_bad(void)
{
    static const char *const rows[][2] = {
        {NULL, "'' names no place"},
        {"", "'' names no place"},
        {"sqlite:", "'sqlite:' names no place"},
        {"sqlite:?a=b", "'sqlite:' names no place"},
        {"redis:x", "'redis:' is not supported: write './redis:' for a path of that name"},
        {"SQLite:x", "'SQLite:' is not supported: write './SQLite:' for a path of that name"},
        {"sqlite3:x",
         "'sqlite3:' is not supported: write './sqlite3:' for a path of that name"},
        {"files:d?", "'' is not an option: write name=value"},
        {"files:d?a", "'a' is not an option: write name=value"},
        {"files:d?=a", "'' is not an option: write name=value"},
        {"files:d?a=1&", "'' is not an option: write name=value"},
        {"files:d?a=1&&b=1", "'' is not an option: write name=value"},
        {"files:d?a=1&a=2", "option 'a' is given twice"},
        {"files:d?a=1&%61=2", "option 'a' is given twice"},
        {"files:d?a=secret%", "option 'a' has a bad %-escape"},
        {"files:d?a=secret%4", "option 'a' has a bad %-escape"},
        {"files:d?a=%g0secret", "option 'a' has a bad %-escape"},
        {"files:d?a=%00", "option 'a' has a bad %-escape"},
        {"files:d?%a=1", "option '%a' has a bad %-escape"},
        {"files:d?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1&l=1&m=1&n=1&o=1&p=1&q=1",
         "over 16 options"},
    };
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        struct ct_spec spec = {.scheme = "untouched"};
        cachet_error err = {0};
        CHECK(ct_spec_parse(rows[i][0], schemes, &spec, &err) == CACHET_E_USAGE &&
                  strcmp(err.message, rows[i][1]) == 0,
              "%s", err.message);
        CHECK(strcmp(spec.scheme, "untouched") == 0 && spec.location == NULL,
              "and nothing is handed out");
    }
}

static void test_options(void)
{
    static const char *const known[] = {"a", "bc", NULL}, *const fewer[] = {"bc", NULL};
    CLEANUP(ct_spec_fini) struct ct_spec spec = {0};
    cachet_error err = {0};

    CHECK(ct_spec_parse("files:d?a=1&bc=2", schemes, &spec, NULL) == CACHET_OK, "parsed");
    CHECK(strcmp(ct_spec_option(&spec, "bc"), "2") == 0 && ct_spec_option(&spec, "b") == NULL,
          "found by its whole name");
    CHECK(ct_spec_check_options(&spec, known, &err) == CACHET_OK, "all known");
    CHECK(ct_spec_check_options(&spec, fewer, &err) == CACHET_E_USAGE &&
              strcmp(err.message, "files: has no option 'a'") == 0,
          "one is not: %s", err.message);
    ct_spec_fini(&spec);
    CHECK(spec.location == NULL && spec.option_count == 0, "fini leaves nothing");
}

static void test_long(void)
{
    static char text[100000];
    struct ct_spec spec = {0};
    cachet_error err = {0};

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 2] = ':';
    CHECK(ct_spec_parse(text, schemes, &spec, &err) == CACHET_E_USAGE, "a long scheme: %.60s",
          err.message);
    memcpy(text, "files:d?", 8);
    CHECK(ct_spec_parse(text, schemes, &spec, &err) == CACHET_E_USAGE, "a long option: %.60s",
          err.message);
}

static cachet_status parse(void *context, cachet_error *err)
{
    CLEANUP(ct_spec_fini) struct ct_spec spec = {0};
    return ct_spec_parse(context, schemes, &spec, err);
}

int main(void)
{
    char text[] = "files:d?a=1&b=%20";

    test_good();
    test_bad();
    test_options();
    test_long();
    CHECK(fail_sweep("parsing a SPEC", parse, text) == 5, "five texts are kept");
    return tap_done();
}
