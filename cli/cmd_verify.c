/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/entry.h"
#include "cli/json.h"
#include "cli/memory.h"
#include "cli/open.h"
#include "cli/output.h"

#include <inttypes.h>

static const char notes[] =
    "Checks the seal of every entry and of every chunk of every body, names each bad one with\n"
    "its state and the reason, and closes with the counts. Exit 3 if anything was changed.\n";

/* cachet_entry_state is the index. */
#define STATE_ROW(name, text) [CACHET_ENTRY_##name] = (text),
static const char *const state_words[] = {CACHET_ENTRY_STATE_LIST(STATE_ROW)};
#undef STATE_ROW

#define STATE_COUNT CLI_COUNT_OF(state_words)

struct audit {
    bool json;
    struct cli_table table;
    struct cli_progress progress;
    uint64_t counts[STATE_COUNT];
    uint64_t total;
    int64_t took_ms;
};

static cachet_status visit(void *context, const cachet_entry *entry)
{
    struct audit *const audit = context;

    audit->total++;
    if ((size_t) entry->state < STATE_COUNT)
        audit->counts[entry->state]++;
    if (cli_entry_is_bad(entry)) {
        cli_progress_clear(&audit->progress);
        if (audit->json)
            cli_entry_json(stdout, entry, false);
        else
            cli_table_row(&audit->table, entry);
    }
    cli_progress_step(&audit->progress, "entries checked", audit->total);
    return ferror(stdout) ? CACHET_E_ABORTED : CACHET_OK;
}

static uint64_t per_second(const struct audit *audit)
{
    return audit->total * 1000 / (uint64_t) (audit->took_ms > 0 ? audit->took_ms : 1);
}

static void say_json(const struct audit *audit)
{
    struct cli_json json;

    cli_json_begin(&json, stdout);
    cli_json_count(&json, "checked", audit->total);
    for (size_t i = 0; i < STATE_COUNT; i++)
        cli_json_count(&json, state_words[i], audit->counts[i]);
    cli_json_count(&json, "took_ms", (uint64_t) audit->took_ms);
    cli_json_count(&json, "entries_per_s", per_second(audit));
    cli_json_end(&json);
}

static void say_words(const struct audit *audit)
{
    const uint64_t good = audit->counts[CACHET_ENTRY_FRESH] + audit->counts[CACHET_ENTRY_STALE];

    (void) printf("checked %" PRIu64 " %s in %" PRId64 ".%03d s (%" PRIu64 "/s): %" PRIu64
                  " good",
                  audit->total, audit->total == 1 ? "entry" : "entries", audit->took_ms / 1000,
                  (int) (audit->took_ms % 1000), per_second(audit), good);
    for (size_t i = 0; i < STATE_COUNT; i++)
        if (i != CACHET_ENTRY_FRESH && i != CACHET_ENTRY_STALE &&
            (audit->counts[i] > 0 || i == CACHET_ENTRY_TAMPERED))
            (void) printf(", %" PRIu64 " %s", audit->counts[i], state_words[i]);
    (void) printf("\n");
}

static cachet_status walk(const struct cli *cli, struct audit *audit, cachet_error *err)
{
    CLEANUP(cli_close) struct cli_opened opened = {0};
    cachet_filter filter = CACHET_FILTER_INIT;

    filter.flags = CACHET_FILTER_BODIES;
    TRY(cli_open_cache(cli, &opened, err));
    cli_table_begin(&audit->table, stdout);
    cli_progress_begin(&audit->progress, cli->globals.is_quiet);
    const int64_t start_ms = cli_monotonic_ms();
    const cachet_status status =
        cachet_cache_each(opened.cache, &filter, cli_now_ms(), visit, audit, err);
    audit->took_ms = cli_monotonic_ms() - start_ms;
    cli_progress_clear(&audit->progress);
    return status == CACHET_OK || ferror(stdout) ? cli_flush(err) : status;
}

static enum cli_exit run(const struct cli *cli, const void *values)
{
    struct audit audit = {.json = cli->globals.json};
    cachet_error err;

    (void) values;
    if (walk(cli, &audit, &err) != CACHET_OK)
        return cli_report(&err);
    if (audit.json)
        say_json(&audit);
    else
        say_words(&audit);
    if (cli_flush(&err) != CACHET_OK)
        return cli_report(&err);
    return audit.counts[CACHET_ENTRY_TAMPERED] > 0 ? CLI_TAMPERED : CLI_DONE;
}

const struct cli_command cli_verify = {
    .name = "verify",
    .words = "",
    .summary = "check every seal of every entry",
    .notes = notes,
    .run = run,
};
