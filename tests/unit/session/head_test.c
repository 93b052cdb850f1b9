/* SPDX-License-Identifier: MIT */
#include "session/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* Feeds `text` line by line; the status of the first failure. */
static cachet_status feed(struct ct_head *head, cachet_bytes text, cachet_error *err)
{
    while (text.size > 0) {
        const size_t end = ct_bytes_find(text, '\n');
        const cachet_status status = ct_head_line(head, ct_bytes_first(text, end + 1), err);
        if (status != CACHET_OK)
            return status;
        text = ct_bytes_from(text, end + 1);
    }
    return CACHET_OK;
}

static void describe(const struct ct_head *head, char *ret_text, size_t capacity)
{
    size_t count = 0, at = 0;
    const cachet_field *const fields = ct_head_fields(head, &count);

    ret_text[0] = '\0';
    for (size_t i = 0; i < count && at < capacity; i++)
        at +=
            (size_t) snprintf(ret_text + at, capacity - at, "%.*s=%.*s|",
                              (int) fields[i].name.size, (const char *) fields[i].name.data,
                              (int) fields[i].value.size, (const char *) fields[i].value.data);
}

static const struct row {
    const char *text;
    int http_status; /* 0: not complete */
    cachet_status status;
    const char *fields;
} rows[] = {
    {"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", 200, CACHET_OK, "A=b|"},
    {"HTTP/2 404 \r\na:b\r\nA: \t c \t\r\n\r\n", 404, CACHET_OK, "a=b|A=c|"},
    {"HTTP/1.1 200\r\n\r\n", 200, CACHET_OK, ""},
    {"HTTP/1.0 599 Odd\nA: b\n\n", 599, CACHET_OK, "A=b|"},
    {"HTTP/1.1 200 OK\r\nA: b\r\n", 0, CACHET_OK, ""},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nX: y\r\n\r\n"
     "HTTP/1.1 200 OK\r\nA: b\r\n\r\n",
     200, CACHET_OK, "A=b|"},
    {"HTTP/1.1 200 OK\r\nA: one\r\n two\r\n\tthree\r\nB: c\r\n\r\n", 200, CACHET_OK,
     "A=one two three|B=c|"},
    {"HTTP/1.1 200 OK\r\nA:\r\n \r\n two\r\n\r\n", 200, CACHET_OK, "A=two|"},
    {"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", 200, CACHET_OK, "A=b|"},
    {"HTTP/1.1 200 OK\r\nA: b\r\n\r\nX-Trailer: t\r\n\r\n", 200, CACHET_OK, "A=b|"},
    {"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 No\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"A: b\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1 20 OK\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1 2000 OK\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1 099 OK\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1 2x0 OK\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1 200 OK\r\n folded: first\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1 200 OK\r\nno colon\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1 200 OK\r\n: no name\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1 200 OK\r\nbad name: x\r\n", 0, CACHET_E_PROTOCOL, ""},
    {"HTTP/1.1 200 OK\r\nA: b\rc\r\n", 0, CACHET_E_PROTOCOL, ""},
};

static void test_rows(void)
{
    char text[256];

    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        struct ct_head head;
        cachet_error err = {CACHET_OK, ""};
        ct_head_init(&head);
        const cachet_status status = feed(&head, cachet_bytes_of(rows[i].text), &err);
        const bool is_complete = head.is_complete && status == CACHET_OK;
        CHECK(status == rows[i].status && is_complete == (rows[i].http_status != 0) &&
                  (!is_complete || head.status == rows[i].http_status),
              "row %zu: status %d, %s", i, head.status, err.message);
        if (is_complete) {
            describe(&head, text, sizeof text);
            CHECK(strcmp(text, rows[i].fields) == 0, "row %zu: %s", i, text);
        }
        ct_head_fini(&head);
    }
}

static void test_limits(void)
{
    struct ct_head head;
    cachet_error err = {CACHET_OK, ""};
    size_t count = 0;
    cachet_status status = CACHET_OK;

    ct_head_init(&head);
    CHECK(ct_head_line(&head, CT_BYTES("HTTP/1.1 200 OK\r\nX"), &err) == CACHET_E_PROTOCOL,
          "one line at a time");
    ct_head_reset(&head);
    CHECK(ct_head_line(&head, CT_BYTES("HTTP/1.1 200 OK\r\n"), &err) == CACHET_OK, "a head");
    while (status == CACHET_OK && count++ <= CT_HEAD_FIELDS_MAX)
        status = ct_head_line(&head, CT_BYTES("a:b\r\n"), &err);
    CHECK(status == CACHET_E_TOO_LARGE && count == CT_HEAD_FIELDS_MAX + 1,
          "10,000 fields are taken, one more is not: %s", err.message);

    static char line[CT_HEAD_SIZE_MAX];
    memset(line, 'x', sizeof line);
    line[1] = ':';
    ct_head_reset(&head);
    CHECK(ct_head_line(&head, CT_BYTES("HTTP/1.1 200 OK\r\n"), &err) == CACHET_OK, "again");
    CHECK(ct_head_line(&head, ct_bytes(line, sizeof line), &err) == CACHET_E_TOO_LARGE,
          "over 1 MiB: %s", err.message);
    CHECK(ct_head_line(&head, ct_bytes(line, sizeof line - 100), &err) == CACHET_OK,
          "a little less");
    ct_head_reset(&head);
    status = CACHET_OK;
    for (count = 0; status == CACHET_OK && count < 100000; count++)
        status = feed(&head, CT_BYTES("HTTP/1.1 103 Hints\r\nA: b\r\n\r\n"), &err);
    CHECK(status == CACHET_E_TOO_LARGE, "interim heads do not go on for ever");
    ct_head_fini(&head);
    CHECK(ct_head_line(&head, CT_BYTES("HTTP/1.1 200 OK\0\r\n"), &err) != CACHET_OK, "a NUL");
    ct_head_fini(&head);
}

int main(void)
{
    test_rows();
    test_limits();
    return tap_done();
}
