/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/entry.h"
#include "cli/file.h"
#include "cli/memory.h"
#include "cli/open.h"
#include "cli/output.h"
#include "cli/select.h"

struct show_values {
    bool wants_body;
};

static const struct cli_option options[] = {
    {"body", NULL, "write the stored body, as it came (compressed, if it was)",
     offsetof(struct show_values, wants_body), CLI_FLAG, 0, 0},
    {0},
};

static const char notes[] =
    "KEY is the beginning of a request key, 4 hex digits or more; KEY/VARIANT names one of "
    "its\n"
    "variants. Every chunk of the body is checked. Exit 1 if nothing matches, 3 if what does\n"
    "was changed behind the cache's back.\n";

/* What the walk found: how many, and the names of the first. */
struct found {
    const struct cli *cli;
    const char *variant; /* the beginning of one, or NULL */
    bool is_silent;
    size_t count;
    bool is_tampered;
    char key[65];
    char first_variant[65];
};

static cachet_status visit(void *context, const cachet_entry *entry)
{
    struct found *const found = context;
    const size_t wanted = found->variant == NULL ? 0 : strlen(found->variant);

    if (wanted > 0 && strncmp(entry->variant, found->variant, wanted) != 0)
        return CACHET_OK;
    if (found->count == 0) {
        (void) snprintf(found->key, sizeof(found->key), "%s", entry->key);
        (void) snprintf(found->first_variant, sizeof(found->first_variant), "%s",
                        entry->variant);
    }
    if (!found->is_silent && found->cli->globals.json) {
        cli_entry_json(stdout, entry, true);
    } else if (!found->is_silent) {
        (void) fputs(found->count > 0 ? "\n" : "", stdout);
        cli_entry_full(stdout, cli_is_colourful(stdout), entry);
    }
    found->count++;
    found->is_tampered = found->is_tampered || entry->state == CACHET_ENTRY_TAMPERED;
    return ferror(stdout) ? CACHET_E_ABORTED : CACHET_OK;
}

struct body_writing {
    struct cli_sink *sink;
    cachet_error *err;
};

static cachet_status write_piece(void *context, const void *data, size_t size)
{
    const struct body_writing *const writing = context;

    return cli_sink_write(writing->sink, data, size, writing->err);
}

static cachet_status write_body(const struct cli_opened *opened, const struct found *found,
                                cachet_error *err)
{
    CLEANUP(cli_sink_fini) struct cli_sink sink = {0};
    cachet_error write_err = {.status = CACHET_OK};
    struct body_writing writing = {&sink, &write_err};

    TRY(cli_sink_open(&sink, NULL, err));
    cachet_error body_err = {.status = CACHET_OK};
    const cachet_status status = cachet_cache_body(
        opened->cache, found->key, found->first_variant, write_piece, &writing, &body_err);
    if (write_err.status != CACHET_OK) {
        *err = write_err;
        return err->status;
    }
    return status == CACHET_OK
               ? cli_sink_commit(&sink, err)
               : cli_fail(err, status, "the entry '%.16s': %s", found->key, body_err.message);
}

static cachet_status judge(const struct found *found, const char *word, cachet_error *err)
{
    CLEANUP(cli_freep) char *shown = cli_url_to_show(word);

    if (found->count == 0)
        return cli_fail(err, CACHET_E_NOT_FOUND, "not cached: '%s'", shown);
    if (found->is_tampered)
        return cli_fail(err, CACHET_E_TAMPERED, "'%.200s' was changed behind the cache's back",
                        shown);
    if (found->is_silent && found->count > 1)
        return cli_fail(err, CACHET_E_USAGE,
                        "'%s' has %zu entries: name one as KEY/VARIANT ('show' without --body "
                        "tells them)",
                        shown, found->count);
    return CACHET_OK;
}

static cachet_status walk(const struct cli_opened *opened, const cachet_filter *filter,
                          struct found *found, cachet_error *err)
{
    const cachet_status status =
        cachet_cache_each(opened->cache, filter, cli_now_ms(), visit, found, err);

    return status == CACHET_OK || ferror(stdout) ? cli_flush(err) : status;
}

static cachet_status show(const struct cli *cli, const struct show_values *values,
                          cachet_error *err)
{
    CLEANUP(cli_close) struct cli_opened opened = {0};
    CLEANUP(cli_selected_fini) struct cli_selected selected = {.key = NULL};
    struct found found = {.cli = cli, .is_silent = values->wants_body};

    TRY(cli_select(cli->words[0], true, &selected, err));
    TRY(cli_open_cache(cli, &opened, err));
    /* Writing the body checks it anyway. */
    selected.filter.flags = values->wants_body ? 0 : CACHET_FILTER_BODIES;
    found.variant = selected.variant;
    TRY(walk(&opened, &selected.filter, &found, err));
    cachet_status status = judge(&found, cli->words[0], err);
    if (status == CACHET_OK && values->wants_body)
        status = write_body(&opened, &found, err);
    if (status != CACHET_OK)
        cli_add_remedy(err);
    return status;
}

static enum cli_exit run(const struct cli *cli, const void *values)
{
    cachet_error err;

    return show(cli, values, &err) == CACHET_OK ? CLI_DONE : cli_report(&err);
}

const struct cli_command cli_show = {
    .name = "show",
    .words = "URL|KEY",
    .summary = "show one entry in full",
    .notes = notes,
    .options = options,
    .values_size = sizeof(struct show_values),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};
