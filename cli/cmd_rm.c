/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/memory.h"
#include "cli/open.h"
#include "cli/output.h"
#include "cli/select.h"

struct rm_values {
    uint32_t states;
    struct cli_duration older_than;
    const char *url_glob;
    bool all;
};

static const struct cli_option options[] = {
    {"expired", NULL, "what is stale", offsetof(struct rm_values, states), CLI_BITS,
     CACHET_FILTER_EXPIRED, 0},
    {"tampered", NULL, "what was changed; checks every body too",
     offsetof(struct rm_values, states), CLI_BITS,
     CACHET_FILTER_TAMPERED | CACHET_FILTER_BODIES, 0},
    {"older-than", "D", "what was stored at least so long ago",
     offsetof(struct rm_values, older_than), CLI_DURATION, 0, 0},
    {"url", "GLOB", "URLs that match, as in 'https://*.example.com/*'",
     offsetof(struct rm_values, url_glob), CLI_TEXT, 0, 0},
    {"all", NULL, "everything in this namespace", offsetof(struct rm_values, all), CLI_FLAG, 0,
     0},
    {0},
};

static const char notes[] =
    "Name entries by URL or by KEY (the beginning of a request key, 4 hex digits or more), or\n"
    "choose them with options: what is expired or tampered, of that age, and of that URL.\n"
    "Exit 1 if something named was not there.\n";

static bool has_choice(const struct rm_values *values)
{
    return values->states != 0 || values->older_than.is_given || values->url_glob != NULL;
}

static cachet_status check_values(const struct cli *cli, const struct rm_values *values,
                                  cachet_error *err)
{
    const int ways = (cli->word_count > 0) + has_choice(values) + values->all;

    if (ways == 0)
        return cli_fail(
            err, CACHET_E_USAGE,
            "nothing chosen: name a URL or KEY, or say which (--all is everything)");
    if (ways > 1)
        return cli_fail(err, CACHET_E_USAGE,
                        "name entries, choose them by options, or say --all: one of these");
    if (values->older_than.is_given && values->older_than.seconds <= 0)
        return cli_fail(err, CACHET_E_USAGE, "'--older-than' is 1 second or more");
    return CACHET_OK;
}

/* Every word is looked at before anything is removed. */
static cachet_status check_words(const struct cli *cli, cachet_error *err)
{
    for (size_t i = 0; i < cli->word_count; i++) {
        CLEANUP(cli_selected_fini) struct cli_selected selected = {.key = NULL};
        TRY(cli_select(cli->words[i], false, &selected, err));
    }
    return CACHET_OK;
}

static cachet_status remove_named(cachet_cache *cache, const char *word, size_t *total,
                                  cachet_error *err)
{
    CLEANUP(cli_selected_fini) struct cli_selected selected = {.key = NULL};
    CLEANUP(cli_freep) char *shown = cli_url_to_show(word);
    size_t count = 0;

    TRY(cli_select(word, false, &selected, err));
    TRY(cachet_cache_remove(cache, &selected.filter, cli_now_ms(), &count, err));
    *total += count;
    return count > 0 ? CACHET_OK : cli_fail(err, CACHET_E_NOT_FOUND, "not cached: '%s'", shown);
}

static enum cli_exit remove_all_named(const struct cli *cli, cachet_cache *cache, size_t *total)
{
    enum cli_exit worst = CLI_DONE;

    for (size_t i = 0; i < cli->word_count; i++) {
        cachet_error err;
        if (remove_named(cache, cli->words[i], total, &err) != CACHET_OK)
            worst = cli_worse(worst, cli_report(&err));
    }
    return worst;
}

static cachet_status remove_chosen(cachet_cache *cache, const struct rm_values *values,
                                   size_t *total, cachet_error *err)
{
    cachet_filter filter = CACHET_FILTER_INIT;

    filter.flags = values->states;
    filter.url_glob = values->url_glob;
    if (values->older_than.is_given)
        filter.older_than_s = values->older_than.seconds;
    return cachet_cache_remove(cache, &filter, cli_now_ms(), total, err);
}

static void say_total(const struct cli *cli, size_t total)
{
    struct cli_json json;

    if (cli->globals.json) {
        cli_json_begin(&json, stdout);
        cli_json_count(&json, "removed", total);
        cli_json_end(&json);
    } else if (!cli->globals.is_quiet) {
        (void) printf("removed %zu %s\n", total, total == 1 ? "entry" : "entries");
    }
}

static cachet_status open_checked(const struct cli *cli, const struct rm_values *values,
                                  struct cli_opened *opened, cachet_error *err)
{
    TRY(check_values(cli, values, err));
    TRY(check_words(cli, err));
    return cli_open_cache(cli, opened, err);
}

static enum cli_exit run(const struct cli *cli, const void *values_as_bytes)
{
    const struct rm_values *const values = values_as_bytes;
    CLEANUP(cli_close) struct cli_opened opened = {0};
    enum cli_exit code = CLI_DONE;
    size_t total = 0;
    cachet_error err;

    if (open_checked(cli, values, &opened, &err) != CACHET_OK)
        return cli_report(&err);
    if (cli->word_count > 0)
        code = remove_all_named(cli, opened.cache, &total);
    else if (remove_chosen(opened.cache, values, &total, &err) != CACHET_OK)
        code = cli_report(&err);
    if (code == CLI_DONE || total > 0)
        say_total(cli, total);
    if (cli_flush(&err) != CACHET_OK)
        code = cli_worse(code, cli_report(&err));
    return code;
}

const struct cli_command cli_rm = {
    .name = "rm",
    .words = "[URL|KEY...]",
    .summary = "remove entries",
    .notes = notes,
    .options = options,
    .values_size = sizeof(struct rm_values),
    .max_words = SIZE_MAX,
    .run = run,
};
