/* SPDX-License-Identifier: MIT */
/*
 * Which cache, which keyring: options win over environment over config file over defaults. A
 * set-id program believes neither environment nor what it names.
 */
#ifndef CACHET_CLI_CONFIG_H
#define CACHET_CLI_CONFIG_H

#include "cli/cli.h"

/* X(ENUM, "name in the config file", "environment variable", field of struct cli_globals) */
#define CLI_SETTING_LIST(X)                                                                    \
    X(CACHE, "cache", "CACHET_CACHE", cache)                                                   \
    X(KEYRING, "keyring", "CACHET_KEYRING", keyring)                                           \
    X(NAMESPACE, "namespace", "CACHET_NAMESPACE", cache_namespace)

enum cli_setting {
#define CLI_SETTING_ENUM(name, word, variable, field) CLI_SETTING_##name,
    CLI_SETTING_LIST(CLI_SETTING_ENUM)
#undef CLI_SETTING_ENUM
        CLI_SETTING_COUNT
};

struct cli_settings {
    char *values[CLI_SETTING_COUNT]; /* a namespace of NULL is the library's default */
    bool is_default[CLI_SETTING_COUNT];
    char *config_dir; /* $XDG_CONFIG_HOME/cachet; NULL where there is no home */
};

/* Frees what they hold. */
void cli_settings_fini(struct cli_settings *settings);

/* Fails with E_USAGE (a line of the config file, or no home to find defaults in), E_IO. */
cachet_status cli_settings_load(const struct cli_globals *globals,
                                struct cli_settings *ret_settings, cachet_error *err);

#endif
