/* SPDX-License-Identifier: MIT */
#include "cli/entry.h"

#include "cli/json.h"
#include "cli/output.h"

#include <inttypes.h>

bool cli_entry_is_bad(const cachet_entry *entry)
{
    return entry->state != CACHET_ENTRY_FRESH && entry->state != CACHET_ENTRY_STALE;
}

/* Only these have more than state, reason and names. */
static bool is_authentic(const cachet_entry *entry)
{
    return !cli_entry_is_bad(entry) || entry->state == CACHET_ENTRY_GONE;
}

static const char *reason_of(const cachet_entry *entry)
{
    return entry->reason == NULL ? "" : entry->reason;
}

void cli_table_begin(struct cli_table *table, FILE *out)
{
    *table = (struct cli_table){.out = out, .is_colourful = cli_is_colourful(out)};
}

static void put_authentic_row(FILE *out, const cachet_entry *entry)
{
    char stored[CLI_TIME_TEXT_SIZE], expires[CLI_TIME_TEXT_SIZE], size[CLI_SIZE_TEXT_SIZE];

    cli_time_text(entry->stored_at_ms, stored);
    cli_time_text(entry->expires_at_ms, expires);
    cli_size_text(entry->body_size, size);
    (void) fprintf(out, "%-6d  %-8s  ", entry->status, cachet_entry_state_name(entry->state));
    cli_put_text(out, cachet_bytes_of(entry->method));
    (void) fprintf(out, "%*s  %-20s  %-20s  %6s  ",
                   (int) (strlen(entry->method) < 6 ? 6 - strlen(entry->method) : 0), "",
                   stored, expires, size);
    cli_put_text(out, cachet_bytes_of(entry->url));
    if (cli_entry_is_bad(entry))
        (void) fprintf(out, "  (%s)", reason_of(entry));
}

static void put_unknown_row(FILE *out, const cachet_entry *entry)
{
    (void) fprintf(out, "%-6s  %-8s  %-6s  %-20s  %-20s  %6s  key %.16s  (%s)", "-",
                   cachet_entry_state_name(entry->state), "-", "-", "-", "-", entry->key,
                   reason_of(entry));
}

void cli_table_row(struct cli_table *table, const cachet_entry *entry)
{
    const bool is_red = table->is_colourful && cli_entry_is_bad(entry);

    if (!table->has_heading)
        (void) fprintf(table->out, "%-6s  %-8s  %-6s  %-20s  %-20s  %6s  %s\n", "STATUS",
                       "STATE", "METHOD", "STORED", "EXPIRES", "SIZE", "URL");
    table->has_heading = true;
    (void) fputs(is_red ? "\033[31m" : "", table->out);
    if (is_authentic(entry))
        put_authentic_row(table->out, entry);
    else
        put_unknown_row(table->out, entry);
    (void) fputs(is_red ? "\033[0m\n" : "\n", table->out);
}

static void put_line(FILE *out, const char *name, const char *text)
{
    (void) fprintf(out, "%-9s", name);
    cli_put_text(out, cachet_bytes_of(text));
    (void) fputc('\n', out);
}

static void put_facts(FILE *out, const cachet_entry *entry)
{
    char stored[CLI_TIME_TEXT_SIZE], expires[CLI_TIME_TEXT_SIZE], size[CLI_SIZE_TEXT_SIZE];

    cli_time_text(entry->stored_at_ms, stored);
    cli_time_text(entry->expires_at_ms, expires);
    cli_size_text(entry->body_size, size);
    put_line(out, "method", entry->method);
    put_line(out, "url", entry->url);
    (void) fprintf(out, "%-9s%d\n", "status", entry->status);
    put_line(out, "stored", stored);
    put_line(out, "expires", expires);
    (void) fprintf(out, "%-9s%" PRIu64 " bytes", "size", entry->body_size);
    (void) fprintf(out, entry->body_size < 1024 ? "\n" : " (%s)\n", size);
    for (size_t i = 0; i < entry->field_count; i++) {
        (void) fputs(i == 0 ? "fields   " : "         ", out);
        cli_put_text(out, entry->fields[i].name);
        (void) fputs(": ", out);
        cli_put_text(out, entry->fields[i].value);
        (void) fputc('\n', out);
    }
}

void cli_entry_full(FILE *out, bool is_colourful, const cachet_entry *entry)
{
    const bool is_red = is_colourful && cli_entry_is_bad(entry);

    put_line(out, "key", entry->key);
    put_line(out, "variant", entry->variant);
    (void) fprintf(out, "%-9s%s%s%s%s%s%s\n", "state", is_red ? "\033[31m" : "",
                   cachet_entry_state_name(entry->state), cli_entry_is_bad(entry) ? " (" : "",
                   cli_entry_is_bad(entry) ? reason_of(entry) : "",
                   cli_entry_is_bad(entry) ? ")" : "", is_red ? "\033[0m" : "");
    if (is_authentic(entry))
        put_facts(out, entry);
}

static void put_json_facts(struct cli_json *json, const cachet_entry *entry)
{
    cli_json_text(json, "method", entry->method);
    cli_json_text(json, "url", entry->url);
    cli_json_count(json, "status", (uint64_t) entry->status);
    cli_json_count(json, "size", entry->body_size);
    cli_json_time(json, "stored_at", entry->stored_at_ms);
    cli_json_time(json, "expires_at", entry->expires_at_ms);
}

void cli_entry_json(FILE *out, const cachet_entry *entry, bool with_fields)
{
    static const char *const unknown[] = {"method", "url",       "status",
                                          "size",   "stored_at", "expires_at"};
    struct cli_json json;

    cli_json_begin(&json, out);
    cli_json_text(&json, "key", entry->key);
    cli_json_text(&json, "variant", entry->variant);
    cli_json_text(&json, "state", cachet_entry_state_name(entry->state));
    cli_json_text(&json, "reason", cli_entry_is_bad(entry) ? entry->reason : NULL);
    if (is_authentic(entry))
        put_json_facts(&json, entry);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]) && !is_authentic(entry); i++)
        cli_json_null(&json, unknown[i]);
    if (with_fields && is_authentic(entry))
        cli_json_fields(&json, "fields", entry->fields, entry->field_count);
    else if (with_fields)
        cli_json_null(&json, "fields");
    cli_json_end(&json);
}
