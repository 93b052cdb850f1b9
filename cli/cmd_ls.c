/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/entry.h"
#include "cli/open.h"
#include "cli/output.h"

struct ls_values {
    uint32_t states;
    const char *url_glob;
};

static const struct cli_option options[] = {
    {"fresh", NULL, "only what is fresh", offsetof(struct ls_values, states), CLI_BITS,
     CACHET_FILTER_FRESH, 0},
    {"expired", NULL, "only what is stale", offsetof(struct ls_values, states), CLI_BITS,
     CACHET_FILTER_EXPIRED, 0},
    {"tampered", NULL, "only what was changed; checks every body too",
     offsetof(struct ls_values, states), CLI_BITS,
     CACHET_FILTER_TAMPERED | CACHET_FILTER_BODIES, 0},
    {"url", "GLOB", "only URLs that match, as in 'https://*.example.com/*'",
     offsetof(struct ls_values, url_glob), CLI_TEXT, 0, 0},
    {0},
};

static const char notes[] =
    "Several of --fresh, --expired and --tampered show all of them. Bad entries are marked\n"
    "with their state and the reason; the exit code is 0 all the same ('verify' tells).\n"
    "Bodies are not looked at, except with --tampered.\n";

struct listing {
    bool json;
    struct cli_table table;
};

static cachet_status visit(void *context, const cachet_entry *entry)
{
    struct listing *const listing = context;

    if (listing->json)
        cli_entry_json(stdout, entry, false);
    else
        cli_table_row(&listing->table, entry);
    return ferror(stdout) ? CACHET_E_ABORTED : CACHET_OK;
}

static cachet_status list(const struct cli *cli, const struct ls_values *values,
                          cachet_error *err)
{
    CLEANUP(cli_close) struct cli_opened opened = {0};
    struct listing listing = {.json = cli->globals.json};
    cachet_filter filter = CACHET_FILTER_INIT;

    filter.flags = values->states;
    filter.url_glob = values->url_glob;
    TRY(cli_open_cache(cli, &opened, err));
    cli_table_begin(&listing.table, stdout);
    const cachet_status status =
        cachet_cache_each(opened.cache, &filter, cli_now_ms(), visit, &listing, err);
    return status == CACHET_OK || ferror(stdout) ? cli_flush(err) : status;
}

static enum cli_exit run(const struct cli *cli, const void *values)
{
    cachet_error err;

    return list(cli, values, &err) == CACHET_OK ? CLI_DONE : cli_report(&err);
}

const struct cli_command cli_ls = {
    .name = "ls",
    .words = "",
    .summary = "list what is stored",
    .notes = notes,
    .options = options,
    .values_size = sizeof(struct ls_values),
    .run = run,
};
