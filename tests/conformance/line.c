/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <stdlib.h>

/* Sticky: after the first surprise it stays bad and stands still. */
struct reader {
    char *at;
    bool is_bad;
};

static bool refuse(struct reader *reader)
{
    reader->is_bad = true;
    return false;
}

static void skip_blanks(struct reader *reader)
{
    while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r' ||
           *reader->at == '\n')
        reader->at++;
}

/* Steps over `wanted` if it comes next. */
static bool next_is(struct reader *reader, char wanted)
{
    if (reader->is_bad)
        return false;
    skip_blanks(reader);
    if (*reader->at != wanted)
        return false;
    reader->at++;
    return true;
}

static bool expect(struct reader *reader, char wanted)
{
    return next_is(reader, wanted) || refuse(reader);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits of \uXXXX, up to U+00FF and never U+0000; -1 for anything else. */
static int read_unicode(struct reader *reader)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        const int digit = hex_digit(*reader->at);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
        reader->at++;
    }
    return value > 0 && value <= 0xFF ? value : -1;
}

static int read_escape(struct reader *reader)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char name = *reader->at;
    const char *found = name == '\0' ? NULL : strchr(names, name);

    if (name == 'u') {
        reader->at++;
        return read_unicode(reader);
    }
    if (found == NULL)
        return -1;
    reader->at++;
    return values[found - names];
}

/* One byte of text, or -1. */
static int read_byte(struct reader *reader)
{
    const unsigned char first = (unsigned char) *reader->at;

    if (first < 0x20)
        return -1;
    reader->at++;
    if (first == '\\')
        return read_escape(reader);
    if (first < 0x80)
        return first;
    const unsigned char second = (unsigned char) *reader->at;
    if ((first != 0xC2 && first != 0xC3) || (second & 0xC0) != 0x80)
        return -1;
    reader->at++;
    return (first & 0x03) << 6 | (second & 0x3F);
}

/* Text only shrinks when it is unescaped, so it is written over itself, a NUL behind it. */
static cachet_bytes read_text(struct reader *reader)
{
    cachet_bytes text = {(const unsigned char *) "", 0};

    if (!expect(reader, '"'))
        return text;
    char *const start = reader->at;
    char *to = start;
    while (*reader->at != '"') {
        const int byte = read_byte(reader);
        if (byte < 0) {
            (void) refuse(reader);
            return text;
        }
        *to++ = (char) byte;
    }
    reader->at++;
    *to = '\0';
    text.data = (const unsigned char *) start;
    text.size = (size_t) (to - start);
    return text;
}

static uint64_t read_number(struct reader *reader)
{
    uint64_t value = 0;

    skip_blanks(reader);
    if (*reader->at < '0' || *reader->at > '9')
        (void) refuse(reader);
    while (!reader->is_bad && *reader->at >= '0' && *reader->at <= '9') {
        value = value * 10 + (uint64_t) (*reader->at++ - '0');
        /* The largest integer that the driver can count to. */
        if (value > UINT64_C(1) << 53)
            (void) refuse(reader);
    }
    return value;
}

static int base64_digit(unsigned char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *const found = c == '\0' ? NULL : strchr(digits, c);

    return found == NULL ? -1 : (int) (found - digits);
}

/* Decodes in place; false if it is not whole groups of four, padded. */
static bool decode_base64(cachet_bytes *bytes, unsigned char *data)
{
    size_t size = bytes->size, written = 0;
    uint32_t group = 0;

    if (size % 4 != 0)
        return false;
    for (int padding = 0; padding < 2 && size > 0 && data[size - 1] == '='; padding++)
        size--;
    for (size_t i = 0; i < size; i++) {
        const int digit = base64_digit(data[i]);
        if (digit < 0)
            return false;
        group = group << 6 | (uint32_t) digit;
        if (i % 4 != 0)
            data[written++] = (unsigned char) (group >> (6 - 2 * (i % 4)));
    }
    bytes->size = written;
    return true;
}

static void read_body(struct reader *reader, struct line_request *request)
{
    skip_blanks(reader);
    if (strncmp(reader->at, "null", 4) == 0) {
        reader->at += 4;
        return;
    }
    char *const start = reader->at + 1;
    request->body = read_text(reader);
    if (!reader->is_bad && !decode_base64(&request->body, (unsigned char *) start))
        (void) refuse(reader);
}

static void read_field(struct reader *reader, struct line_request *request)
{
    if (request->field_count == LINE_FIELDS_MAX) {
        (void) refuse(reader);
        return;
    }
    cachet_field *const field = &request->fields[request->field_count++];
    (void) expect(reader, '[');
    field->name = read_text(reader);
    (void) expect(reader, ',');
    field->value = read_text(reader);
    (void) expect(reader, ']');
}

static void read_fields(struct reader *reader, struct line_request *request)
{
    if (!expect(reader, '[') || next_is(reader, ']'))
        return;
    do {
        read_field(reader, request);
    } while (next_is(reader, ','));
    (void) expect(reader, ']');
}

/* The members there are, and the bit that says that one was there. */
enum member { ID = 1, METHOD = 2, URL = 4, HEADERS = 8, BODY = 16, CACHE = 32, UNKNOWN = 0 };

static enum member member_named(const char *name)
{
    static const char *const names[] = {"id", "method", "url", "headers", "body", "cache"};
    static const enum member members[] = {ID, METHOD, URL, HEADERS, BODY, CACHE};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0)
            return members[i];
    }
    return UNKNOWN;
}

static void read_value(struct reader *reader, enum member member, struct line_request *request)
{
    switch (member) {
    case ID:
        request->id = read_number(reader);
        break;
    case METHOD:
        request->method = (const char *) read_text(reader).data;
        break;
    case URL:
        request->url = (const char *) read_text(reader).data;
        break;
    case HEADERS:
        read_fields(reader, request);
        break;
    case BODY:
        read_body(reader, request);
        break;
    case CACHE:
        /* The driver has made fields of it already. */
        (void) read_text(reader);
        break;
    case UNKNOWN:
    default:
        (void) refuse(reader);
    }
}

bool line_read(char *line, struct line_request *ret_request)
{
    struct reader reader = {NULL, false};
    unsigned seen = 0;

    reader.at = line;
    ret_request->id = 0;
    ret_request->method = ret_request->url = "";
    ret_request->field_count = 0;
    ret_request->body = (cachet_bytes){NULL, 0};
    (void) expect(&reader, '{');
    do {
        const enum member member = member_named((const char *) read_text(&reader).data);
        if ((seen & member) != 0)
            return false;
        seen |= member;
        (void) expect(&reader, ':');
        read_value(&reader, member, ret_request);
    } while (next_is(&reader, ','));
    (void) expect(&reader, '}');
    skip_blanks(&reader);
    return !reader.is_bad && *reader.at == '\0' &&
           (seen & (ID | METHOD | URL)) == (ID | METHOD | URL);
}

static void write_text(FILE *out, const unsigned char *data, size_t size)
{
    (void) putc('"', out);
    for (size_t i = 0; i < size; i++) {
        if (data[i] < 0x20 || data[i] >= 0x7F)
            (void) fprintf(out, "\\u%04x", data[i]);
        else if (data[i] == '"' || data[i] == '\\')
            (void) fprintf(out, "\\%c", data[i]);
        else
            (void) putc(data[i], out);
    }
    (void) putc('"', out);
}

static void write_base64(FILE *out, cachet_bytes bytes)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    (void) putc('"', out);
    for (size_t i = 0; i < bytes.size; i += 3) {
        const size_t left = bytes.size - i;
        const uint32_t group = (uint32_t) bytes.data[i] << 16 |
                               (left > 1 ? (uint32_t) bytes.data[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t) bytes.data[i + 2] : 0);
        (void) putc(digits[group >> 18], out);
        (void) putc(digits[group >> 12 & 63], out);
        (void) putc(left > 1 ? digits[group >> 6 & 63] : '=', out);
        (void) putc(left > 2 ? digits[group & 63] : '=', out);
    }
    (void) putc('"', out);
}

void line_write_answer(FILE *out, const struct line_answer *answer)
{
    (void) fprintf(out, "{\"id\":%llu,\"status\":%d,\"reason\":\"\",\"headers\":[",
                   (unsigned long long) answer->id, answer->status);
    for (size_t i = 0; i < answer->field_count; i++) {
        const cachet_field *const field = &answer->fields[i];
        (void) fputs(i == 0 ? "[" : ",[", out);
        write_text(out, field->name.data, field->name.size);
        (void) putc(',', out);
        write_text(out, field->value.data, field->value.size);
        (void) putc(']', out);
    }
    (void) fputs("],\"body\":", out);
    write_base64(out, answer->body);
    (void) fputs("}\n", out);
}

void line_write_error(FILE *out, uint64_t id, const char *message)
{
    (void) fprintf(out, "{\"id\":%llu,\"error\":", (unsigned long long) id);
    write_text(out, (const unsigned char *) message, strlen(message));
    (void) fputs("}\n", out);
}
