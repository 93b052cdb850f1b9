/* SPDX-License-Identifier: MIT */
/*
 * The command's own small framework: what a command is, and what all of them share.
 *
 *     main ── finds the command ── reads the options ── run ── exit code
 *                                                        │
 *                              settings (config.h) ── keyring and cache (open.h)
 */
#ifndef CACHET_CLI_CLI_H
#define CACHET_CLI_CLI_H

#include "cli/options.h"
#include "cli/report.h"

/* What every command takes; fields of the options in main.c. */
struct cli_globals {
    const char *cache;
    const char *keyring;
    const char *cache_namespace;
    const char *config;
    bool is_unsealed;
    bool json;
    bool is_quiet;
    bool is_verbose;
    bool wants_version;
    bool wants_help;
};

/* One run of the command. */
struct cli {
    struct cli_globals globals;
    char **words; /* what follows the options */
    size_t word_count;
};

struct cli_command {
    const char *name;    /* one word, or two with a blank between */
    const char *words;   /* what follows the options, as in "URL..." */
    const char *summary; /* one line */
    const char *notes;   /* the rest of --help, whole lines, or NULL */
    const struct cli_option *options;
    size_t values_size; /* of the struct the options fill; it starts zeroed */
    size_t min_words;
    size_t max_words; /* SIZE_MAX: any number */
    enum cli_exit (*run)(const struct cli *cli, const void *values);
};

extern const struct cli_command cli_get, cli_ls, cli_show, cli_rm, cli_verify, cli_keys_new;

#endif
