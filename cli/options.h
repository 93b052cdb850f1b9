/* SPDX-License-Identifier: MIT */
/*
 * Options as tables. One const table for what every command takes, one for each command; the
 * getopt_long structs, the --help texts and the checks all derive from them.
 */
#ifndef CACHET_CLI_OPTIONS_H
#define CACHET_CLI_OPTIONS_H

#include <cachet/types.h>

#include <stdbool.h>
#include <stdio.h>

/* What an option does to the field it stands for. */
enum cli_option_type {
    CLI_FLAG,    /* bool: it was given */
    CLI_BITS,    /* uint32_t: option.bits are set */
    CLI_TEXT,    /* const char *: the last one given */
    CLI_LIST,    /* struct cli_list: all that were given, in order */
    CLI_DURATION /* struct cli_duration */
};

struct cli_list {
    const char **items; /* freed by cli_options_fini */
    size_t count;
};

#define CLI_NEVER (-1)

struct cli_duration {
    bool is_given;
    int64_t seconds; /* or CLI_NEVER */
};

/* A table of these ends with one that has no name. */
struct cli_option {
    const char *name;     /* the long form, without dashes */
    const char *argument; /* the word for its value in --help; NULL: it takes none */
    const char *help;
    size_t offset; /* of its field in the values */
    enum cli_option_type type;
    uint32_t bits;
    char letter; /* the short form, or NUL */
};

/* A table and the struct its offsets are about. */
struct cli_option_set {
    const struct cli_option *options;
    void *values;
};

#define CLI_OPTIONS_MAX 64

/*
 * Reads the options of both sets (the second may have no options) out of arguments[1 ...].
 * With `stop_at_word` it stops before the first word; otherwise options and words may stand in
 * any order, and the words are moved to the end. *ret_word is where the words begin. E_USAGE
 * names what is wrong.
 */
cachet_status cli_options_parse(const struct cli_option_set sets[2], bool stop_at_word,
                                int count, char **arguments, int *ret_word, cachet_error *err);

/* Frees the lists. */
void cli_options_fini(const struct cli_option_set *set);

/* One line of --help for each option. */
void cli_options_help(const struct cli_option *options, FILE *out);

/* "90", "90s", "15m", "2h", "7d" or "never". E_USAGE for anything else. */
cachet_status cli_duration_parse(const char *text, int64_t *ret_seconds, cachet_error *err);

#endif
