/* SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include "cli/file.h"
#include "cli/memory.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
    const char *word;
    const char *variable;
    size_t offset;
} settings_table[] = {
#define CLI_SETTING_ROW(name, word, variable, field)                                           \
    {word, variable, offsetof(struct cli_globals, field)},
    CLI_SETTING_LIST(CLI_SETTING_ROW)
#undef CLI_SETTING_ROW
};

void cli_settings_fini(struct cli_settings *settings)
{
    for (size_t i = 0; i < CLI_SETTING_COUNT; i++)
        cli_free(settings->values[i]);
    cli_free(settings->config_dir);
    *settings = (struct cli_settings){0};
}

static void set(struct cli_settings *settings, size_t which, const char *text)
{
    char *const old = settings->values[which];

    settings->values[which] = cli_format("%s", text);
    cli_free(old);
}

/* Who runs a set-id program chooses its environment, but not what it may read. */
static const char *environment(const char *name)
{
    const bool is_set_id = getuid() != geteuid() || getgid() != getegid();
    const char *const text = is_set_id ? NULL : getenv(name);

    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* The XDG base directory specification wants absolute paths, and others ignored. */
static const char *absolute(const char *path)
{
    return path != NULL && path[0] == '/' ? path : NULL;
}

/* "$variable/cachet" or "~/below/cachet" as a new string; NULL where there is no home. */
static char *base_dir(const char *variable, const char *below)
{
    const char *const named = absolute(environment(variable));
    const char *home = absolute(environment("HOME"));

    if (named != NULL)
        return cli_format("%s/cachet", named);
    if (home == NULL) {
        const struct passwd *const user = getpwuid(geteuid());
        home = user == NULL ? NULL : absolute(user->pw_dir);
    }
    return home == NULL ? NULL : cli_format("%s/%s/cachet", home, below);
}

/* Cuts blanks off both ends, in place. */
static char *trim(char *text)
{
    static const char blanks[] = " \t\r\n";
    char *const start = text + strspn(text, blanks);
    size_t size = strlen(start);

    while (size > 0 && strchr(blanks, start[size - 1]) != NULL)
        size--;
    start[size] = '\0';
    return start;
}

static cachet_status take_line(struct cli_settings *settings, char *line, cachet_error *err)
{
    char *const text = trim(line);
    char *const equals = strchr(text, '=');

    if (text[0] == '\0' || text[0] == '#')
        return CACHET_OK;
    if (equals == NULL)
        return cli_fail(err, CACHET_E_USAGE, "'%s' is not a line: write name = value", text);
    *equals = '\0';
    const char *const name = trim(text), *const value = trim(equals + 1);
    for (size_t i = 0; i < CLI_SETTING_COUNT; i++) {
        if (strcmp(settings_table[i].word, name) != 0)
            continue;
        if (value[0] == '\0')
            return cli_fail(err, CACHET_E_USAGE, "'%s' has no value", name);
        set(settings, i, value);
        return CACHET_OK;
    }
    return cli_fail(err, CACHET_E_USAGE, "no setting '%s'", name);
}

static cachet_status load_file(struct cli_settings *settings, const char *path, bool must_exist,
                               cachet_error *err)
{
    CLEANUP(cli_close_file) FILE *file = fopen(path, "re");
    CLEANUP(cli_freep) char *line = NULL;
    size_t capacity = 0;

    if (file == NULL && errno == ENOENT && !must_exist)
        return CACHET_OK;
    if (file == NULL)
        return cli_fail_errno(err, CACHET_E_IO, "config file '%s'", path);
    for (size_t number = 1; getline(&line, &capacity, file) >= 0; number++) {
        cachet_error inner;
        if (take_line(settings, line, &inner) != CACHET_OK)
            return cli_fail(err, inner.status, "%s:%zu: %s", path, number, inner.message);
    }
    return ferror(file) ? cli_fail_errno(err, CACHET_E_IO, "config file '%s'", path)
                        : CACHET_OK;
}

static cachet_status load_config(struct cli_settings *settings, const char *named,
                                 cachet_error *err)
{
    CLEANUP(cli_freep) char *usual = NULL;

    if (named != NULL)
        return load_file(settings, named, true, err);
    if (settings->config_dir == NULL)
        return CACHET_OK;
    usual = cli_format("%s/config", settings->config_dir);
    return load_file(settings, usual, false, err);
}

static cachet_status set_default(struct cli_settings *settings, enum cli_setting which,
                                 const char *dir, const char *file, cachet_error *err)
{
    if (settings->values[which] != NULL)
        return CACHET_OK;
    if (dir == NULL)
        return cli_fail(err, CACHET_E_USAGE, "no home directory to look in: say --%s",
                        settings_table[which].word);
    settings->is_default[which] = true;
    settings->values[which] =
        cli_format("%s%s%s", which == CLI_SETTING_KEYRING ? "file:" : "", dir, file);
    return CACHET_OK;
}

cachet_status cli_settings_load(const struct cli_globals *globals,
                                struct cli_settings *ret_settings, cachet_error *err)
{
    CLEANUP(cli_settings_fini) struct cli_settings settings = {0};
    CLEANUP(cli_freep) char *cache_dir = base_dir("XDG_CACHE_HOME", ".cache");

    settings.config_dir = base_dir("XDG_CONFIG_HOME", ".config");
    TRY(load_config(&settings, globals->config, err));
    for (size_t i = 0; i < CLI_SETTING_COUNT; i++) {
        const char *const *const option =
            (const void *) ((const char *) globals + settings_table[i].offset);
        const char *const text =
            *option != NULL ? *option : environment(settings_table[i].variable);
        if (text != NULL)
            set(&settings, i, text);
    }
    TRY(set_default(&settings, CLI_SETTING_CACHE, cache_dir, "/http.sqlite", err));
    if (!globals->is_unsealed)
        TRY(set_default(&settings, CLI_SETTING_KEYRING, settings.config_dir, "/keyring", err));
    *ret_settings = settings;
    settings = (struct cli_settings){0};
    return CACHET_OK;
}
