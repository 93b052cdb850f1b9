/* SPDX-License-Identifier: MIT */
/* Field lines out of text, for tests and fuzz targets: "Name: value\nName: value". */
#ifndef CT_TESTS_HTTP_LINES_H
#define CT_TESTS_HTTP_LINES_H

#include "http/fields.h"

#define LINES_MAX 128u

struct lines {
    cachet_field at[LINES_MAX];
    size_t count;
};

/* Views into `text`; lines past the maximum are left out. A line without a colon is a name. */
static inline struct ct_fields lines_of(struct lines *lines, cachet_bytes text)
{
    lines->count = 0;
    while (text.size > 0 && lines->count < LINES_MAX) {
        const cachet_bytes line = ct_bytes_first(text, ct_bytes_find(text, '\n'));
        const size_t colon = ct_bytes_find(line, ':');
        cachet_field *const field = &lines->at[lines->count++];

        field->name = ct_bytes_first(line, colon);
        field->value = ct_bytes_trim(ct_bytes_from(line, colon + 1));
        text = ct_bytes_from(text, line.size + 1);
    }
    return (struct ct_fields){lines->at, lines->count};
}

static inline struct ct_fields lines_of_text(struct lines *lines, const char *text)
{
    return lines_of(lines, cachet_bytes_of(text));
}

/* Is `bytes` what the C string says? */
static inline bool is_text(cachet_bytes bytes, const char *text)
{
    return ct_bytes_equal(bytes, cachet_bytes_of(text));
}

/* For the line that names a check: without line feeds, and without what TAP takes for a mark.
 */
static inline const char *shown(const char *text)
{
    static char kept[4][160];
    static size_t turn;
    char *const line = kept[turn++ % 4];
    size_t size = 0;

    for (; text[size] != '\0' && size + 1 < sizeof kept[0]; size++) {
        const bool is_plain = text[size] >= ' ' && text[size] <= '~' && text[size] != '#';
        line[size] = text[size] == '\n' ? '|' : is_plain ? text[size] : '?';
    }
    line[size] = '\0';
    return line;
}

#endif
