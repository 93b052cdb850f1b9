/* SPDX-License-Identifier: MIT */
/* The table of commands, and the way from the words on the command line to one of them. */
#include "cli/cli.h"
#include "cli/harden.h"
#include "cli/memory.h"
#include "cli/output.h"

#include <stdlib.h>

static const struct cli_command cli_help;

static const struct cli_command *const commands[] = {
    &cli_get, &cli_ls, &cli_show, &cli_rm, &cli_verify, &cli_keys_new, &cli_help,
};

static const struct cli_option global_options[] = {
    {"cache", "SPEC", "the cache: a path, or sqlite:PATH", offsetof(struct cli_globals, cache),
     CLI_TEXT, 0, 0},
    {"keyring", "SPEC", "the keys that seal it: file:PATH",
     offsetof(struct cli_globals, keyring), CLI_TEXT, 0, 0},
    {"namespace", "NAME", "one of several caches in one store",
     offsetof(struct cli_globals, cache_namespace), CLI_TEXT, 0, 0},
    {"unsealed", NULL, "no keyring: entries are not protected",
     offsetof(struct cli_globals, is_unsealed), CLI_FLAG, 0, 0},
    {"config", "FILE", "read defaults from there", offsetof(struct cli_globals, config),
     CLI_TEXT, 0, 0},
    {"json", NULL, "one JSON object a line", offsetof(struct cli_globals, json), CLI_FLAG, 0,
     0},
    {"quiet", NULL, "only errors on standard error", offsetof(struct cli_globals, is_quiet),
     CLI_FLAG, 0, 'q'},
    {"verbose", NULL, "say everything the cache does", offsetof(struct cli_globals, is_verbose),
     CLI_FLAG, 0, 'v'},
    {"version", NULL, "print the version", offsetof(struct cli_globals, wants_version),
     CLI_FLAG, 0, 0},
    {"help", NULL, "print this", offsetof(struct cli_globals, wants_help), CLI_FLAG, 0, 0},
    {0},
};

/* How many of the words make up the command's name; 0 if they do not. */
static size_t words_in_name(const struct cli_command *command, char *const *words, size_t count)
{
    const char *const blank = strchr(command->name, ' ');
    const size_t first =
        blank == NULL ? strlen(command->name) : (size_t) (blank - command->name);

    if (count == 0 || strlen(words[0]) != first || strncmp(words[0], command->name, first) != 0)
        return 0;
    if (blank == NULL)
        return 1;
    return count > 1 && strcmp(words[1], blank + 1) == 0 ? 2 : 0;
}

static const struct cli_command *find_command(char *const *words, size_t count,
                                              size_t *ret_used)
{
    for (size_t i = 0; i < CLI_COUNT_OF(commands); i++) {
        *ret_used = words_in_name(commands[i], words, count);
        if (*ret_used > 0)
            return commands[i];
    }
    return NULL;
}

static bool is_first_word_of_some(const char *word)
{
    const size_t size = strlen(word);

    for (size_t i = 0; i < CLI_COUNT_OF(commands); i++)
        if (strncmp(commands[i]->name, word, size) == 0 && commands[i]->name[size] == ' ')
            return true;
    return false;
}

static enum cli_exit refuse_command(char *const *words, size_t count)
{
    if (count == 0)
        cli_say("no command given: see 'cachet --help'");
    else if (!is_first_word_of_some(words[0]))
        cli_say("no command '%s': see 'cachet --help'", words[0]);
    else if (count == 1 || words[1][0] == '-')
        cli_say("'%s' wants another word: see 'cachet --help'", words[0]);
    else
        cli_say("no command '%s %s': see 'cachet --help'", words[0], words[1]);
    return CLI_WRONG_USAGE;
}

static void put_exits(FILE *out)
{
    (void) fputs("\nexit codes:\n", out);
#define CLI_EXIT_HELP(name, code, weight, text) (void) fprintf(out, "  %-3d %s\n", code, text);
    CLI_EXIT_LIST(CLI_EXIT_HELP)
#undef CLI_EXIT_HELP
}

static void put_overview(FILE *out)
{
    (void) fputs("usage: cachet [OPTION...] COMMAND [OPTION...] [WORD...]\n\n"
                 "A persistent HTTP cache whose every entry is sealed.\n\ncommands:\n",
                 out);
    for (size_t i = 0; i < CLI_COUNT_OF(commands); i++)
        (void) fprintf(out, "  %-26s %s\n", commands[i]->name, commands[i]->summary);
    (void) fputs("\noptions of every command:\n", out);
    cli_options_help(global_options, out);
    (void) fputs("\nD is 90, 90s, 15m, 2h, 7d or never. 'cachet help COMMAND' tells more.\n",
                 out);
    put_exits(out);
}

static void put_help(const struct cli_command *command, FILE *out)
{
    const bool has_options = command->options != NULL;

    (void) fprintf(out, "usage: cachet %s%s%s%s\n\n%s\n", command->name,
                   has_options ? " [OPTION...]" : "", command->words[0] == '\0' ? "" : " ",
                   command->words, command->summary);
    if (has_options) {
        (void) fputs("\noptions:\n", out);
        cli_options_help(command->options, out);
    }
    (void) fputs("\noptions of every command:\n", out);
    cli_options_help(global_options, out);
    if (command->notes != NULL)
        (void) fprintf(out, "\n%s", command->notes);
}

static enum cli_exit flushed(void)
{
    cachet_error err;

    return cli_flush(&err) == CACHET_OK ? CLI_DONE : cli_report(&err);
}

static enum cli_exit run_help(const struct cli *cli, const void *values)
{
    size_t used = 0;

    (void) values;
    if (cli->word_count == 0) {
        put_overview(stdout);
        return flushed();
    }
    const struct cli_command *const command = find_command(cli->words, cli->word_count, &used);
    if (command == NULL || used != cli->word_count)
        return refuse_command(cli->words, cli->word_count);
    put_help(command, stdout);
    return flushed();
}

static const struct cli_command cli_help = {
    .name = "help",
    .words = "[COMMAND]",
    .summary = "tell about a command",
    .max_words = 2,
    .run = run_help,
};

static cachet_status check_usage(const struct cli *cli, const struct cli_command *command,
                                 cachet_error *err)
{
    if (cli->word_count < command->min_words)
        return cli_fail(err, CACHET_E_USAGE, "%s is missing", command->words);
    if (cli->word_count > command->max_words)
        return cli_fail(err, CACHET_E_USAGE, "'%s' is too much",
                        cli->words[command->max_words]);
    if (cli->globals.is_unsealed && cli->globals.keyring != NULL)
        return cli_fail(err, CACHET_E_USAGE, "--unsealed uses no --keyring: say one of them");
    return CACHET_OK;
}

static void put_version(void)
{
    (void) printf("cachet %s\n", cachet_version());
}

/* Reads the command's own options and runs it. `words` are what follows its name. */
static enum cli_exit run_with(struct cli *cli, const struct cli_command *command, int count,
                              char **arguments, void *values)
{
    const struct cli_option_set sets[2] = {{global_options, &cli->globals},
                                           {command->options, values}};
    cachet_error err;
    int word = 0;
    cachet_status status = cli_options_parse(sets, false, count, arguments, &word, &err);

    cli->words = arguments + word;
    cli->word_count = (size_t) (count - word);
    if (status == CACHET_OK && cli->globals.wants_version) {
        put_version();
        return flushed();
    }
    if (status == CACHET_OK && cli->globals.wants_help) {
        put_help(command, stdout);
        return flushed();
    }
    if (status == CACHET_OK)
        status = check_usage(cli, command, &err);
    if (status != CACHET_OK) {
        cli_say("%s: %s; see 'cachet %s --help'", command->name, err.message, command->name);
        return CLI_WRONG_USAGE;
    }
    return command->run(cli, values);
}

static enum cli_exit run_command(struct cli *cli, const struct cli_command *command, int count,
                                 char **arguments)
{
    CLEANUP(cli_freep) void *values = cli_new(1, command->values_size);
    const struct cli_option_set own = {command->options, values};
    const enum cli_exit code = run_with(cli, command, count, arguments, values);

    cli_options_fini(&own);
    return code;
}

int main(int count, char **arguments)
{
    struct cli cli = {.words = NULL};
    const struct cli_option_set sets[2] = {{global_options, &cli.globals}, {NULL, NULL}};
    cachet_error err;
    size_t used = 0;
    int word = 0;

    cli_harden();
    if (cli_options_parse(sets, true, count, arguments, &word, &err) != CACHET_OK) {
        cli_say("%s; see 'cachet --help'", err.message);
        return CLI_WRONG_USAGE;
    }
    const size_t left = (size_t) (count - word);
    const struct cli_command *const command = find_command(arguments + word, left, &used);
    if (command == NULL && cli.globals.wants_version)
        put_version();
    else if (command == NULL && cli.globals.wants_help)
        put_overview(stdout);
    if (command == NULL)
        return cli.globals.wants_version || cli.globals.wants_help
                   ? (int) flushed()
                   : (int) refuse_command(arguments + word, left);
    /* The last word of the name stands where getopt expects the program's. */
    const int skipped = word + (int) used - 1;
    return (int) run_command(&cli, command, count - skipped, arguments + skipped);
}
