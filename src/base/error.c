/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

const char *cachet_status_text(cachet_status status)
{
    static const char *const texts[] = {
#define STATUS_TEXT(name, text) text,
        CACHET_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
    };
    return (size_t) status < CT_COUNT_OF(texts) ? texts[status] : "unknown status";
}

const char *cachet_version(void)
{
    return CACHET_VERSION;
}

/* C0, DEL, and the C1 that some terminals obey in UTF-8 as well. */
static bool is_control(cachet_bytes character)
{
    const unsigned char *const byte = character.data;

    if (character.size == 1)
        return byte[0] < 0x20 || byte[0] == 0x7f;
    return character.size == 2 && byte[0] == 0xc2 && byte[1] < 0xa0;
}

/* Bytes of hostile origin may stand in a message: a terminal must not obey them. */
static void escape_into(char *to, size_t room, cachet_bytes from)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;

    while (from.size > 0) {
        const cachet_bytes character = ct_bytes_first(from, ct_utf8_size(from));
        const bool is_shown = character.size > 0 && !is_control(character);
        const unsigned char byte = from.data[0];
        const char escape[4] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        const size_t size = is_shown ? character.size : sizeof escape;

        if (at + size >= room)
            break;
        memcpy(to + at, is_shown ? (const char *) from.data : escape, size);
        at += size;
        from = ct_bytes_from(from, is_shown ? size : 1);
    }
    to[at] = '\0';
}

/* `room` is how much of the message it may take, with the NUL. */
CT_PRINTF(3, 0)
static void fill(cachet_error *err, size_t room, const char *format, va_list arguments)
{
    char plain[sizeof err->message];

    if (vsnprintf(plain, sizeof plain, format, arguments) < 0)
        plain[0] = '\0';
    escape_into(err->message, room, cachet_bytes_of(plain));
}

void ct_err_fill(cachet_error *err, cachet_status status, const char *format, ...)
{
    va_list arguments;

    if (err == NULL)
        return;
    va_start(arguments, format);
    fill(err, sizeof err->message, format, arguments);
    va_end(arguments);
    err->status = status;
}

void ct_err_fill_errno(cachet_error *err, cachet_status status, const char *format, ...)
{
    const int saved = errno;
    va_list arguments;
    char reason[128];

    if (err == NULL)
        return;
    /* The POSIX strerror_r: glibc's own variant needs _GNU_SOURCE, which nobody here defines.
     */
    if (strerror_r(saved, reason, sizeof reason) != 0)
        (void) snprintf(reason, sizeof reason, "error %d", saved);
    va_start(arguments, format);
    fill(err, sizeof err->message - strlen(": ") - strlen(reason), format, arguments);
    va_end(arguments);
    err->status = status;
    const size_t at = strlen(err->message);
    (void) snprintf(err->message + at, sizeof err->message - at, ": %s", reason);
    errno = saved;
}

cachet_status ct_err_prefix(cachet_error *err, cachet_status status, const char *words)
{
    if (err == NULL)
        return status;
    const cachet_error below = *err;
    return ct_err_set(err, status, "%s: %.*s", words, (int) sizeof below.message - 1,
                      below.message);
}
