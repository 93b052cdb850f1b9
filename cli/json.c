/* SPDX-License-Identifier: MIT */
#include "cli/json.h"

#include "cli/output.h"

#include <inttypes.h>

static void put_character(FILE *out, cachet_bytes bytes, uint32_t code)
{
    if (code == '"' || code == '\\')
        (void) fprintf(out, "\\%c", (int) code);
    else if (code < 0x20 || (code >= 0x7f && code <= 0x9f))
        (void) fprintf(out, "\\u%04" PRIx32, code);
    else
        (void) fwrite(bytes.data, 1, bytes.size, out);
}

static void put_string(FILE *out, cachet_bytes bytes)
{
    (void) fputc('"', out);
    while (bytes.size > 0) {
        uint32_t code = 0;
        size_t size = cli_utf8_next(bytes, &code);
        if (size > 0)
            put_character(out, (cachet_bytes){bytes.data, size}, code);
        else
            (void) fputs("\\ufffd", out);
        size = size > 0 ? size : 1;
        bytes.data += size;
        bytes.size -= size;
    }
    (void) fputc('"', out);
}

static void put_name(struct cli_json *json, const char *name)
{
    (void) fputs(json->has_members ? "," : "", json->out);
    json->has_members = true;
    put_string(json->out, cachet_bytes_of(name));
    (void) fputc(':', json->out);
}

void cli_json_begin(struct cli_json *json, FILE *out)
{
    *json = (struct cli_json){.out = out};
    (void) fputc('{', out);
}

void cli_json_end(struct cli_json *json)
{
    (void) fputs("}\n", json->out);
}

void cli_json_null(struct cli_json *json, const char *name)
{
    put_name(json, name);
    (void) fputs("null", json->out);
}

void cli_json_text(struct cli_json *json, const char *name, const char *text)
{
    if (text == NULL) {
        cli_json_null(json, name);
        return;
    }
    put_name(json, name);
    put_string(json->out, cachet_bytes_of(text));
}

void cli_json_count(struct cli_json *json, const char *name, uint64_t count)
{
    put_name(json, name);
    (void) fprintf(json->out, "%" PRIu64, count);
}

void cli_json_bool(struct cli_json *json, const char *name, bool value)
{
    put_name(json, name);
    (void) fputs(value ? "true" : "false", json->out);
}

void cli_json_time(struct cli_json *json, const char *name, int64_t time_ms)
{
    char text[CLI_TIME_TEXT_SIZE];

    cli_time_text(time_ms, text);
    cli_json_text(json, name, text[0] == '-' ? NULL : text);
}

void cli_json_fields(struct cli_json *json, const char *name, const cachet_field *fields,
                     size_t count)
{
    put_name(json, name);
    (void) fputc('[', json->out);
    for (size_t i = 0; i < count; i++) {
        (void) fputs(i > 0 ? ",[" : "[", json->out);
        put_string(json->out, fields[i].name);
        (void) fputc(',', json->out);
        put_string(json->out, fields[i].value);
        (void) fputc(']', json->out);
    }
    (void) fputc(']', json->out);
}
