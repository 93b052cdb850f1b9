/* SPDX-License-Identifier: MIT */
#include "cli/known.h"
#include "cli/memory.h"
#include "cli/report.h"

#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const unsigned char id_1[CLI_ID_SIZE] = {1}, id_2[CLI_ID_SIZE] = {2};
static const struct cli_known_name name_a = {"default", "sqlite:/a b%/\n1"};
static const struct cli_known_name name_b = {"other", "sqlite:/b"};

static char dir[] = "/tmp/cachet-known-test.XXXXXX";
static char *path;

static cachet_status check(const struct cli_known_name *name, const unsigned char *id,
                           bool is_new, enum cli_known_outcome *ret_outcome, cachet_error *err)
{
    *err = (cachet_error){.status = CACHET_OK};
    return cli_known_check(path, name, id, is_new, ret_outcome, err);
}

static bool file_is(const char *wanted)
{
    char text[1024] = "";
    FILE *const file = fopen(path, "r");
    const size_t size = file == NULL ? 0 : fread(text, 1, sizeof(text) - 1, file);

    text[size] = '\0';
    if (file != NULL)
        (void) fclose(file);
    if (strcmp(text, wanted) != 0)
        printf("# file is: %s\n", text);
    return strcmp(text, wanted) == 0;
}

static void write_known(const char *text)
{
    FILE *const file = fopen(path, "w");

    if (file != NULL) {
        (void) fputs(text, file);
        (void) fclose(file);
    }
}

#define LINE_A1 "01000000000000000000000000000000 default sqlite:/a%20b%25/%0a1\n"
#define LINE_A2 "02000000000000000000000000000000 default sqlite:/a%20b%25/%0a1\n"
#define LINE_B1 "01000000000000000000000000000000 other sqlite:/b\n"

static void check_life(void)
{
    enum cli_known_outcome outcome = CLI_KNOWN_SAME;
    struct stat facts;
    cachet_error err;

    CHECK(check(&name_a, id_1, false, &outcome, &err) == CACHET_OK &&
              outcome == CLI_KNOWN_ADDED && file_is(LINE_A1),
          "an unknown cache is remembered");
    CHECK(stat(path, &facts) == 0 && (facts.st_mode & 0777) == 0600, "mode 0600");
    CHECK(check(&name_a, id_1, false, &outcome, &err) == CACHET_OK && outcome == CLI_KNOWN_SAME,
          "the same is fine");
    CHECK(check(&name_b, id_1, true, &outcome, &err) == CACHET_OK &&
              outcome == CLI_KNOWN_ADDED && file_is(LINE_A1 LINE_B1),
          "another name gets its own line");
    CHECK(check(&name_a, id_2, false, &outcome, &err) == CACHET_E_UNKNOWN_KEY &&
              file_is(LINE_A1 LINE_B1),
          "another id is refused and nothing is written");
    CHECK(strstr(err.message, "line 1 of ") != NULL && strstr(err.message, path) != NULL &&
              strstr(err.message, name_a.spec) != NULL,
          "the message names file, line and cache: %s", err.message[0] ? "yes" : "no");
    CHECK(check(&name_a, id_2, true, &outcome, &err) == CACHET_OK &&
              outcome == CLI_KNOWN_UPDATED && file_is(LINE_B1 LINE_A2),
          "a new cache takes the place of the old one");
}

static void check_find(void)
{
    unsigned char id[CLI_ID_SIZE] = {9};
    size_t line = 7;
    cachet_error err;

    write_known("# mine\n\n" LINE_B1 LINE_A2 "# end");
    CHECK(cli_known_find(path, &name_a, id, &line, &err) == CACHET_OK && line == 4 &&
              memcmp(id, id_2, sizeof(id)) == 0,
          "found, with its line");
    const struct cli_known_name stranger = {"default", "sqlite:/b"};
    CHECK(cli_known_find(path, &stranger, id, &line, &err) == CACHET_OK && line == 0,
          "a cache of another namespace is another cache");
    enum cli_known_outcome outcome = CLI_KNOWN_SAME;
    CHECK(check(&name_b, id_2, true, &outcome, &err) == CACHET_OK &&
              file_is("# mine\n\n" LINE_A2 "# end\n"
                      "02000000000000000000000000000000 other sqlite:/b\n"),
          "remarks are kept");
}

static void check_malformed(void)
{
    static const char *const lines[] = {
        "nonsense",
        "0100 default sqlite:/b",
        "01000000000000000000000000000000",
        "01000000000000000000000000000000 default",
        "01000000000000000000000000000000 default ",
        "01000000000000000000000000000000  sqlite:/b",
        "01000000000000000000000000000000 default sqlite:/b more",
        "0100000000000000000000000000000G default sqlite:/b",
    };

    for (size_t i = 0; i < CLI_COUNT_OF(lines); i++) {
        enum cli_known_outcome outcome = CLI_KNOWN_SAME;
        cachet_error err;
        CLEANUP(cli_freep) char *text = cli_format("#\n%s\n", lines[i]);
        write_known(text);
        CHECK(check(&name_b, id_1, true, &outcome, &err) == CACHET_E_FORMAT &&
                  strstr(err.message, "line 2 of") != NULL && file_is(text),
              "malformed: '%s'", lines[i]);
    }
}

static void check_untrusted(void)
{
    enum cli_known_outcome outcome = CLI_KNOWN_SAME;
    cachet_error err;

    write_known(LINE_B1);
    (void) chmod(path, 0622);
    CHECK(check(&name_b, id_1, false, &outcome, &err) == CACHET_E_FORMAT,
          "a file that others can write is not believed");
    (void) unlink(path);
    CHECK(symlink("elsewhere", path) == 0 &&
              check(&name_b, id_1, false, &outcome, &err) == CACHET_E_IO,
          "a link is not followed");
    (void) unlink(path);
}

int main(void)
{
    if (mkdtemp(dir) == NULL)
        return 1;
    CLEANUP(cli_freep) char *below = cli_format("%s/config", dir);
    path = cli_format("%s/known-caches", below);
    check_life();
    check_find();
    check_malformed();
    check_untrusted();
    CHECK(rmdir(below) == 0, "no temporary file is left");
    (void) rmdir(dir);
    cli_free(path);
    return tap_done();
}
