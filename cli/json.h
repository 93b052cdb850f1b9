/* SPDX-License-Identifier: MIT */
/*
 * One JSON object (RFC 8259) a line, written as it goes. What is not UTF-8 becomes U+FFFD, byte
 * by byte; control characters, C1 too, are escaped as \u00XX.
 */
#ifndef CACHET_CLI_JSON_H
#define CACHET_CLI_JSON_H

#include <cachet/types.h>

#include <stdbool.h>
#include <stdio.h>

struct cli_json {
    FILE *out;
    bool has_members;
};

void cli_json_begin(struct cli_json *json, FILE *out);
void cli_json_end(struct cli_json *json);

/* `text` may be NULL: null. */
void cli_json_text(struct cli_json *json, const char *name, const char *text);
void cli_json_count(struct cli_json *json, const char *name, uint64_t count);
void cli_json_bool(struct cli_json *json, const char *name, bool value);
void cli_json_null(struct cli_json *json, const char *name);
/* ISO 8601 in UTC, or null for a time that there is not. */
void cli_json_time(struct cli_json *json, const char *name, int64_t time_ms);
/* A list of [name, value]. */
void cli_json_fields(struct cli_json *json, const char *name, const cachet_field *fields,
                     size_t count);

#endif
