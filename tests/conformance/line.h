/* SPDX-License-Identifier: MIT */
/*
 * The lines between the conformance driver and the bridge: one JSON object a line, a request
 * in, an answer out. This reads and writes exactly those two objects and nothing else of JSON.
 *
 *   {"id":7,"method":"GET","url":"http://127.0.0.1:1/x","headers":[["Name","value"]],
 *    "body":null,"cache":"default"}
 *   {"id":7,"status":200,"reason":"","headers":[["Name","value"]],"body":"BASE64"}
 *   {"id":7,"error":"what went wrong"}
 *
 * Text is ISO-8859-1: the byte 0xE9 travels as the code point U+00E9.
 */
#ifndef CT_CONFORMANCE_LINE_H
#define CT_CONFORMANCE_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <cachet/types.h>

#define LINE_SIZE_MAX (256u * 1024u)
#define LINE_FIELDS_MAX 256u

/* Everything in it points into the line it was read from. */
struct line_request {
    uint64_t id;
    const char *method;
    const char *url;
    cachet_field fields[LINE_FIELDS_MAX];
    size_t field_count;
    cachet_bytes body;
};

/* Takes the line apart in place. false: it is not a request; `line` is then of no use. */
bool line_read(char *line, struct line_request *ret_request);

/* What the application was handed. */
struct line_answer {
    uint64_t id;
    int status;
    const cachet_field *fields;
    size_t field_count;
    cachet_bytes body;
};

/* Each writes one whole line, without flushing; the caller holds the stream's lock. */
void line_write_answer(FILE *out, const struct line_answer *answer);
void line_write_error(FILE *out, uint64_t id, const char *message);

#endif
