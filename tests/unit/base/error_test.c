/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>

#include "base/text.h"
#include "tap.h"

static void test_set(void)
{
    cachet_error err;

    CHECK(ct_err_set(&err, CACHET_E_FORMAT, "%d of '%s'", 3, "x") == CACHET_E_FORMAT &&
              err.status == CACHET_E_FORMAT && strcmp(err.message, "3 of 'x'") == 0,
          "status and message");
    CHECK(ct_err_set(NULL, CACHET_E_IO, "%s", "x") == CACHET_E_IO, "without an error");
    errno = ENOENT;
    CHECK(ct_err_set_errno(NULL, CACHET_E_IO, "%s", "x") == CACHET_E_IO && errno == ENOENT,
          "without an error, with errno");
    CHECK(ct_err_prefix(NULL, CACHET_E_STORE, "x") == CACHET_E_STORE, "without one to prefix");
}

static void test_escapes(void)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"plain \\ text", "plain \\ text"},
        {"a\nb\r\t", "a\\x0ab\\x0d\\x09"},
        {"\x1b[31m\x7f", "\\x1b[31m\\x7f"},
        {"\x01\x1f", "\\x01\\x1f"},
        {"gr\xc3\xbc\xc3\x9f \xe4\xb8\x96 \xf0\x9d\x84\x9e",
         "gr\xc3\xbc\xc3\x9f \xe4\xb8\x96 \xf0\x9d\x84\x9e"},
        {"\xc2\x9b"
         "1m",
         "\\xc2\\x9b1m"},
        {"\xc2\xa0", "\xc2\xa0"},
        {"\x9b", "\\x9b"},
        {"\xff", "\\xff"},
        {"\xc0\xaf", "\\xc0\\xaf"},
        {"\xe4\xb8", "\\xe4\\xb8"},
        {"\xe4\xb8x", "\\xe4\\xb8x"},
        {"", ""},
    };
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        cachet_error err;
        (void) ct_err_set(&err, CACHET_E_FORMAT, "%s", rows[i].from);
        CHECK(strcmp(err.message, rows[i].to) == 0, "shown as '%s'", rows[i].to);
    }
}

static bool is_one_line(const char *message, size_t room)
{
    if (memchr(message, '\0', room) == NULL)
        return false;
    cachet_bytes rest = cachet_bytes_of(message);
    while (rest.size > 0) {
        const size_t size = ct_utf8_size(rest);
        if (size == 0 || rest.data[0] < 0x20)
            return false;
        rest = ct_bytes_from(rest, size);
    }
    return true;
}

/* Every length around the message's own, of characters that are 1 to 4 bytes, shown or not. */
static void test_long(void)
{
    static const char *const characters[] = {"x", "\xc3\xbc", "\xe4\xb8\x96",
                                             "\xf0\x9d\x84\x9e", "\n"};

    for (size_t i = 0; i < CT_COUNT_OF(characters); i++) {
        bool is_safe = true;
        size_t longest = 0;
        for (size_t count = 100; count < 600; count++) {
            char text[600 * 4 + 1];
            cachet_error err[2];
            text[0] = '\0';
            for (size_t at = 0, size = strlen(characters[i]); at < count; at++)
                memcpy(text + at * size, characters[i], size + 1);
            memset(&err[1], 0x55, sizeof err[1]);
            (void) ct_err_set(&err[0], CACHET_E_FORMAT, "%s", text);
            is_safe = is_safe && is_one_line(err[0].message, sizeof err[0].message) &&
                      ((const char *) &err[1])[0] == 0x55;
            longest = strlen(err[0].message) > longest ? strlen(err[0].message) : longest;
        }
        CHECK(is_safe && longest >= 508 && longest <= 511, "cut at %zu: character %zu", longest,
              i);
    }
}

static bool ends_with(const char *text, const char *end)
{
    return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void test_errno(void)
{
    char text[1000];
    cachet_error err;

    errno = ENOENT;
    (void) ct_err_set_errno(&err, CACHET_E_IO, "cannot open '%s'", "x");
    CHECK(strcmp(err.message, "cannot open 'x': No such file or directory") == 0 &&
              errno == ENOENT,
          "%s", err.message);
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void) ct_err_set_errno(&err, CACHET_E_IO, "%s", text);
    CHECK(ends_with(err.message, "y: No such file or directory") &&
              is_one_line(err.message, sizeof err.message) && strlen(err.message) >= 505,
          "the reason is not cut off");
    errno = 99999;
    (void) ct_err_set_errno(&err, CACHET_E_IO, "x");
    CHECK(strncmp(err.message, "x: ", 3) == 0 && strstr(err.message, "99999") != NULL &&
              errno == 99999,
          "a reason nobody knows: %s", err.message);
}

static void test_prefix(void)
{
    char words[600];
    cachet_error err;

    (void) ct_err_set(&err, CACHET_E_FORMAT, "bad\n");
    CHECK(ct_err_prefix(&err, CACHET_E_TAMPERED, "head") == CACHET_E_TAMPERED &&
              err.status == CACHET_E_TAMPERED && strcmp(err.message, "head: bad\\x0a") == 0,
          "the prefix, and nothing escaped twice");
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    (void) ct_err_prefix(&err, CACHET_E_TAMPERED, words);
    CHECK(is_one_line(err.message, sizeof err.message), "a long prefix");
    memset(&err, 'z', sizeof err);
    (void) ct_err_prefix(&err, CACHET_E_STORE, "store");
    CHECK(is_one_line(err.message, sizeof err.message), "in front of what nobody ended");
    (void) ct_err_set(&err, CACHET_E_FORMAT, "one");
    (void) ct_err_set(&err, CACHET_E_IO, "two after %s", err.message);
    CHECK(strcmp(err.message, "two after one") == 0, "arguments may point into the error");
}

static void test_status_text(void)
{
    bool are_there = true;

    for (int status = CACHET_OK; status <= (int) CACHET_E_ABORTED; status++)
        are_there = are_there && cachet_status_text((cachet_status) status)[0] != '\0';
    CHECK(are_there, "every status has words");
    CHECK(strcmp(cachet_status_text(CACHET_E_TAMPERED), "changed behind the cache's back") == 0,
          "its own");
    CHECK(strcmp(cachet_status_text((cachet_status) 1000), "unknown status") == 0 &&
              strcmp(cachet_status_text((cachet_status) -1), "unknown status") == 0,
          "no other number has");
    CHECK(strcmp(cachet_version(), CACHET_VERSION) == 0, "version");
}

int main(void)
{
    test_set();
    test_escapes();
    test_long();
    test_errno();
    test_prefix();
    test_status_text();
    return tap_done();
}
