/* SPDX-License-Identifier: MIT */
#include "cli/config.h"
#include "cli/file.h"
#include "cli/memory.h"

#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[] = "/tmp/cachet-config-test.XXXXXX";

static void write_file(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");

    if (file != NULL) {
        (void) fputs(text, file);
        (void) fclose(file);
    }
}

static void forget_environment(void)
{
    static const char *const names[] = {"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "CACHET_CACHE",
                                        "CACHET_KEYRING", "CACHET_NAMESPACE"};

    for (size_t i = 0; i < CLI_COUNT_OF(names); i++)
        (void) unsetenv(names[i]);
    (void) setenv("HOME", home, 1);
}

static bool is(const struct cli_settings *settings, enum cli_setting which, const char *format,
               const char *dir)
{
    CLEANUP(cli_freep) char *wanted = cli_format("%s%s", dir, format);

    if (settings->values[which] == NULL || strcmp(settings->values[which], wanted) != 0)
        printf("# is '%s', not '%s'\n", settings->values[which], wanted);
    return settings->values[which] != NULL && strcmp(settings->values[which], wanted) == 0;
}

static void check_defaults(void)
{
    CLEANUP(cli_freep) char *keyring = cli_format("file:%s", home);
    struct cli_globals globals = {.cache = NULL};
    struct cli_settings settings = {0};
    cachet_error err;

    forget_environment();
    CHECK(cli_settings_load(&globals, &settings, &err) == CACHET_OK, "defaults");
    CHECK(is(&settings, CLI_SETTING_CACHE, "/.cache/cachet/http.sqlite", home), "the cache");
    CHECK(is(&settings, CLI_SETTING_KEYRING, "/.config/cachet/keyring", keyring),
          "the keyring");
    CHECK(settings.values[CLI_SETTING_NAMESPACE] == NULL, "no namespace");
    CHECK(settings.is_default[CLI_SETTING_CACHE] && settings.is_default[CLI_SETTING_KEYRING],
          "both are known to be defaults");
    cli_settings_fini(&settings);

    (void) setenv("XDG_CACHE_HOME", "/tmp/c", 1);
    (void) setenv("XDG_CONFIG_HOME", "relative", 1);
    CHECK(cli_settings_load(&globals, &settings, &err) == CACHET_OK &&
              is(&settings, CLI_SETTING_CACHE, "/c/cachet/http.sqlite", "/tmp") &&
              is(&settings, CLI_SETTING_KEYRING, "/.config/cachet/keyring", keyring),
          "an absolute XDG directory counts, a relative one does not");
    cli_settings_fini(&settings);

    globals.is_unsealed = true;
    CHECK(cli_settings_load(&globals, &settings, &err) == CACHET_OK &&
              settings.values[CLI_SETTING_KEYRING] == NULL,
          "unsealed wants no keyring");
    cli_settings_fini(&settings);
}

static void check_precedence(const char *config)
{
    struct cli_globals globals = {.config = config};
    struct cli_settings settings = {0};
    cachet_error err;

    forget_environment();
    write_file(config, "# remark\n\n  cache =  from file \nkeyring=file:/k\nnamespace = n");
    CHECK(cli_settings_load(&globals, &settings, &err) == CACHET_OK &&
              is(&settings, CLI_SETTING_CACHE, "", "from file") &&
              is(&settings, CLI_SETTING_KEYRING, "", "file:/k") &&
              is(&settings, CLI_SETTING_NAMESPACE, "", "n"),
          "the file says everything");
    CHECK(!settings.is_default[CLI_SETTING_KEYRING], "a keyring from the file is no default");
    cli_settings_fini(&settings);

    (void) setenv("CACHET_CACHE", "from environment", 1);
    (void) setenv("CACHET_NAMESPACE", "", 1);
    CHECK(cli_settings_load(&globals, &settings, &err) == CACHET_OK &&
              is(&settings, CLI_SETTING_CACHE, "", "from environment") &&
              is(&settings, CLI_SETTING_NAMESPACE, "", "n"),
          "the environment wins over the file, unless empty");
    cli_settings_fini(&settings);

    globals.cache = "from option";
    CHECK(cli_settings_load(&globals, &settings, &err) == CACHET_OK &&
              is(&settings, CLI_SETTING_CACHE, "", "from option"),
          "the option wins over both");
    cli_settings_fini(&settings);
}

static void check_refused(const char *config, const char *text, const char *words)
{
    struct cli_globals globals = {.config = config};
    struct cli_settings settings = {0};
    cachet_error err = {.status = CACHET_OK};

    forget_environment();
    write_file(config, text);
    CHECK(cli_settings_load(&globals, &settings, &err) == CACHET_E_USAGE &&
              strstr(err.message, words) != NULL && strstr(err.message, config) != NULL,
          "refused: %s (%s)", words, err.message);
    cli_settings_fini(&settings);
}

static void check_missing(void)
{
    struct cli_globals globals = {.config = "/nonexistent/config"};
    struct cli_settings settings = {0};
    cachet_error err = {.status = CACHET_OK};

    CHECK(cli_settings_load(&globals, &settings, &err) == CACHET_E_IO, "a named file must be");
}

static void check_usual_place(void)
{
    CLEANUP(cli_freep) char *dir = cli_format("%s/.config/cachet", home);
    CLEANUP(cli_freep) char *config = cli_format("%s/config", dir);
    struct cli_globals globals = {.cache = NULL};
    struct cli_settings settings = {0};
    struct stat facts;
    cachet_error err;

    forget_environment();
    CHECK(cli_make_dirs(dir, &err) == CACHET_OK && stat(dir, &facts) == 0 &&
              (facts.st_mode & 0777) == 0700,
          "directories are made, for their owner only");
    CHECK(cli_make_dirs(dir, &err) == CACHET_OK, "once more is no error");
    write_file(config, "cache = usual\n");
    CHECK(cli_make_dirs(config, &err) == CACHET_OK || err.status == CACHET_E_IO,
          "a file in the way is seen later at the latest");
    CHECK(cli_settings_load(&globals, &settings, &err) == CACHET_OK &&
              is(&settings, CLI_SETTING_CACHE, "", "usual"),
          "the config file is found in its usual place");
    cli_settings_fini(&settings);
    (void) unlink(config);
    (void) rmdir(dir);
}

static void check_parents(void)
{
    static const struct {
        const char *path, *parent;
    } rows[] = {{"a", "."}, {"/a", "/"}, {"/a/b", "/a"}, {"a/b/c", "a/b"}};

    for (size_t i = 0; i < CLI_COUNT_OF(rows); i++) {
        CLEANUP(cli_freep) char *parent = cli_parent_of(rows[i].path);
        CHECK(strcmp(parent, rows[i].parent) == 0, "parent of '%s'", rows[i].path);
    }
}

int main(void)
{
    if (mkdtemp(home) == NULL)
        return 1;
    CLEANUP(cli_freep) char *config = cli_format("%s/config", home);
    check_defaults();
    check_precedence(config);
    check_refused(config, "cache = a\nkeyrnig = b\n", ":2: no setting 'keyrnig'");
    check_refused(config, "cache\n", ":1: 'cache' is not a line");
    check_refused(config, "\ncache =\n", ":2: 'cache' has no value");
    check_missing();
    check_usual_place();
    check_parents();
    (void) unlink(config);
    CLEANUP(cli_freep) char *dot_config = cli_format("%s/.config", home);
    (void) rmdir(dot_config);
    (void) rmdir(home);
    return tap_done();
}
