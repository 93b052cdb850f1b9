/* SPDX-License-Identifier: MIT */
/* One stored entry as a line of a table, as JSON, or in full. */
#ifndef CACHET_CLI_ENTRY_H
#define CACHET_CLI_ENTRY_H

#include <cachet/inspect.h>

#include <stdbool.h>
#include <stdio.h>

/* A table with a heading before its first line. */
struct cli_table {
    FILE *out;
    bool is_colourful;
    bool has_heading;
};

void cli_table_begin(struct cli_table *table, FILE *out);
void cli_table_row(struct cli_table *table, const cachet_entry *entry);

void cli_entry_full(FILE *out, bool is_colourful, const cachet_entry *entry);

/* What was not authenticated is null. */
void cli_entry_json(FILE *out, const cachet_entry *entry, bool with_fields);

/* Whether the entry is one that would not be served even if it were fresh. */
bool cli_entry_is_bad(const cachet_entry *entry);

#endif
