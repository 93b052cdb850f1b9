/* SPDX-License-Identifier: MIT */
#include "cli/open.h"

#include "cli/file.h"
#include "cli/known.h"
#include "cli/memory.h"

/* The name the library gives a namespace nobody named. */
#define DEFAULT_NAMESPACE "default"

static cachet_status create_default_keyring(const struct cli_opened *opened, cachet_error *err)
{
    const char *const spec = opened->settings.values[CLI_SETTING_KEYRING];

    TRY(cli_make_dirs(opened->settings.config_dir, err));
    const cachet_status status = cachet_keyring_create(spec, err);
    /* Another command made it in the meantime. */
    if (status == CACHET_E_CONFLICT)
        return CACHET_OK;
    if (status == CACHET_OK)
        cli_note(opened->cli,
                 "made a new key in '%s': keep it, what it sealed opens with nothing else",
                 spec + strlen("file:"));
    return status;
}

static cachet_status open_keyring(struct cli_opened *opened, cachet_error *err)
{
    const char *const spec = opened->settings.values[CLI_SETTING_KEYRING];
    const cachet_status status = cachet_keyring_open(&opened->keyring, spec, err);

    if (status != CACHET_E_NOT_FOUND)
        return status;
    if (!opened->settings.is_default[CLI_SETTING_KEYRING])
        return strstr(err->message, "keys new") != NULL
                   ? status
                   : cli_add(err, "; make one with 'cachet keys new SPEC'");
    TRY(create_default_keyring(opened, err));
    return cachet_keyring_open(&opened->keyring, spec, err);
}

static void close_cache(struct cli_opened *opened)
{
    if (opened->session != NULL)
        cachet_close(opened->session);
    else
        cachet_cache_close(opened->cache);
    opened->session = NULL;
    opened->cache = NULL;
}

void cli_close(struct cli_opened *opened)
{
    close_cache(opened);
    cachet_keyring_free(opened->keyring);
    cli_settings_fini(&opened->settings);
    *opened = (struct cli_opened){0};
}

static cachet_status open_with(struct cli_opened *opened, const cachet_options *options,
                               bool wants_session, cachet_error *err)
{
    const char *const spec = opened->settings.values[CLI_SETTING_CACHE];

    if (!wants_session)
        return cachet_cache_open(&opened->cache, spec, options, err);
    TRY(cachet_open(&opened->session, spec, options, err));
    opened->cache = cachet_session_cache(opened->session);
    return CACHET_OK;
}

/* The path of a file: SPEC, up to its options, as a new string; NULL for another source. */
static char *keyring_path(const char *spec)
{
    const size_t scheme = strspn(spec, "abcdefghijklmnopqrstuvwxyz-");

    if (strncmp(spec, "file:", 5) == 0)
        return cli_format("%.*s", (int) strcspn(spec + 5, "?"), spec + 5);
    return spec[scheme] == ':' ? NULL : cli_format("%s", spec);
}

char *cli_known_path(const struct cli_settings *settings)
{
    CLEANUP(cli_freep) char *keyring = keyring_path(settings->values[CLI_SETTING_KEYRING]);
    CLEANUP(cli_freep) char *dir = NULL;

    if (keyring != NULL)
        dir = cli_parent_of(keyring);
    else if (settings->config_dir != NULL)
        dir = cli_format("%s", settings->config_dir);
    return dir == NULL ? NULL : cli_format("%s/known-caches", dir);
}

static struct cli_known_name name_of(const struct cli_opened *opened)
{
    const char *const named = opened->settings.values[CLI_SETTING_NAMESPACE];

    return (struct cli_known_name){named == NULL ? DEFAULT_NAMESPACE : named,
                                   cachet_cache_spec(opened->cache)};
}

/* A file that cannot be written is a pity, not a danger: the check itself was made. */
static cachet_status check_known(struct cli_opened *opened, const char *path,
                                 const unsigned char id[CLI_ID_SIZE], bool is_new,
                                 cachet_error *err)
{
    const struct cli_known_name name = name_of(opened);
    enum cli_known_outcome outcome = CLI_KNOWN_SAME;
    const cachet_status status = cli_known_check(path, &name, id, is_new, &outcome, err);

    if (status == CACHET_E_IO && outcome != CLI_KNOWN_SAME) {
        cli_note(opened->cli, "warning: the cache is not remembered: %s", err->message);
        return CACHET_OK;
    }
    if (status == CACHET_OK && outcome == CLI_KNOWN_UPDATED)
        cli_note(opened->cli, "'%s' is a new cache in the place of an older one: remembered",
                 name.spec);
    return status;
}

/*
 * The store cannot be used now, but may work again before the session ends: then it must be the
 * one that is known. So open it again, bound to that id.
 */
static cachet_status reopen_bound(struct cli_opened *opened, const char *path,
                                  cachet_options options, cachet_error *err)
{
    const struct cli_known_name name = name_of(opened);
    unsigned char id[CLI_ID_SIZE];
    size_t line = 0;

    TRY(cli_known_find(path, &name, id, &line, err));
    if (line == 0)
        return CACHET_OK;
    close_cache(opened);
    options.cache_id = id;
    return open_with(opened, &options, true, err);
}

static cachet_status check(struct cli_opened *opened, const cachet_options *options,
                           cachet_error *err)
{
    CLEANUP(cli_freep) char *path = NULL;
    unsigned char id[CLI_ID_SIZE];
    int is_new = 0;

    if (opened->cli->globals.is_unsealed)
        return opened->session == NULL ? cachet_cache_check(opened->cache, err) : CACHET_OK;
    path = cli_known_path(&opened->settings);
    if (path == NULL)
        return cli_fail(err, CACHET_E_USAGE,
                        "no home directory to remember caches in: set HOME");
    if (cachet_cache_id(opened->cache, id, &is_new, err) == CACHET_OK)
        return check_known(opened, path, id, is_new != 0, err);
    return opened->session == NULL ? err->status : reopen_bound(opened, path, *options, err);
}

static cachet_status open_and_check(const struct cli *cli, const cachet_options *base,
                                    bool wants_session, struct cli_opened *opened,
                                    cachet_error *err)
{
    cachet_options options = *base;

    *opened = (struct cli_opened){.cli = cli};
    TRY(cli_settings_load(&cli->globals, &opened->settings, err));
    if (cli->globals.is_unsealed)
        options.flags |= CACHET_UNSEALED;
    else
        TRY(open_keyring(opened, err));
    options.keyring = opened->keyring;
    options.cache_namespace = opened->settings.values[CLI_SETTING_NAMESPACE];
    options.observer = cli_observe;
    options.observer_context = opened;
    TRY(open_with(opened, &options, wants_session, err));
    return check(opened, &options, err);
}

cachet_status cli_open_cache(const struct cli *cli, struct cli_opened *opened,
                             cachet_error *err)
{
    cachet_options options = CACHET_OPTIONS_INIT;

    /* Who looks at a cache does not want a new one for every mistyped path. */
    options.flags = CACHET_NO_CREATE;
    return open_and_check(cli, &options, false, opened, err);
}

cachet_status cli_open_session(const struct cli *cli, const cachet_options *options,
                               struct cli_opened *opened, cachet_error *err)
{
    return open_and_check(cli, options, true, opened, err);
}
