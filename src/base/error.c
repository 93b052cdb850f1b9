/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

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

/* Bytes of hostile origin may stand in a message: a terminal must not obey them. */
static void escape_into(char *to, size_t room, const char *from)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;

    for (; *from != '\0' && at + 5 < room; from++) {
        const unsigned char byte = (unsigned char) *from;
        if (byte >= 0x20 && byte != 0x7f) {
            to[at++] = *from;
            continue;
        }
        to[at++] = '\\';
        to[at++] = 'x';
        to[at++] = digits[byte >> 4];
        to[at++] = digits[byte & 15];
    }
    to[at] = '\0';
}

static void fill(cachet_error *err, cachet_status status, const char *format, va_list arguments)
{
    char plain[sizeof err->message];

    if (vsnprintf(plain, sizeof plain, format, arguments) < 0)
        plain[0] = '\0';
    err->status = status;
    escape_into(err->message, sizeof err->message, plain);
}

cachet_status ct_err_set(cachet_error *err, cachet_status status, const char *format, ...)
{
    va_list arguments;

    if (err == NULL)
        return status;
    va_start(arguments, format);
    fill(err, status, format, arguments);
    va_end(arguments);
    return status;
}

cachet_status ct_err_set_errno(cachet_error *err, cachet_status status, const char *format, ...)
{
    const int saved = errno;
    va_list arguments;
    char reason[128];

    if (err == NULL)
        return status;
    va_start(arguments, format);
    fill(err, status, format, arguments);
    va_end(arguments);
    /* The POSIX strerror_r: glibc's own variant needs _GNU_SOURCE, which nobody here defines.
     */
    if (strerror_r(saved, reason, sizeof reason) == 0) {
        const size_t at = strlen(err->message);
        (void) snprintf(err->message + at, sizeof err->message - at, ": %s", reason);
    }
    errno = saved;
    return status;
}

cachet_status ct_err_prefix(cachet_error *err, cachet_status status, const char *words)
{
    if (err == NULL)
        return status;
    const cachet_error below = *err;
    return ct_err_set(err, status, "%s: %s", words, below.message);
}
