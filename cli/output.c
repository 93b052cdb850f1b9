/* SPDX-License-Identifier: MIT */
#include "cli/output.h"

#include "cli/memory.h"
#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

size_t cli_utf8_next(cachet_bytes bytes, uint32_t *ret_code)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {
        {0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    size_t extra = 0;

    if (bytes.size == 0)
        return 0;
    while (extra < CLI_COUNT_OF(forms) &&
           (bytes.data[0] & forms[extra].mask) != forms[extra].lead)
        extra++;
    if (extra == CLI_COUNT_OF(forms) || bytes.size <= extra)
        return 0;
    uint32_t code = bytes.data[0] & (unsigned char) ~forms[extra].mask;
    for (size_t i = 1; i <= extra; i++) {
        if ((bytes.data[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (bytes.data[i] & 0x3fu);
    }
    if (code < forms[extra].least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret_code = code;
    return extra + 1;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

void cli_put_text(FILE *out, cachet_bytes bytes)
{
    while (bytes.size > 0) {
        uint32_t code = 0;
        size_t size = cli_utf8_next(bytes, &code);
        if (size > 0 && !is_control(code)) {
            (void) fwrite(bytes.data, 1, size, out);
        } else {
            size = size > 0 ? size : 1;
            for (size_t i = 0; i < size; i++)
                (void) fprintf(out, "\\x%02x", bytes.data[i]);
        }
        bytes.data += size;
        bytes.size -= size;
    }
}

char *cli_url_to_show(const char *url)
{
    const char *const scheme_end = strstr(url, "://");
    const char *const authority = scheme_end == NULL ? url : scheme_end + 3;
    const char *const end = authority + strcspn(authority, "/?#");
    const char *host = end;

    while (host > authority && host[-1] != '@')
        host--;
    return cli_format("%.*s%s", (int) (authority - url), url, host);
}

void cli_time_text(int64_t time_ms, char ret_text[CLI_TIME_TEXT_SIZE])
{
    const int64_t end_of_year_9999_ms = INT64_C(253402300800000);
    struct tm when;
    const time_t seconds = (time_t) (time_ms / 1000);

    if (time_ms < 0 || time_ms >= end_of_year_9999_ms || gmtime_r(&seconds, &when) == NULL ||
        strftime(ret_text, CLI_TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &when) == 0)
        (void) snprintf(ret_text, CLI_TIME_TEXT_SIZE, "-");
}

void cli_size_text(uint64_t size, char ret_text[CLI_SIZE_TEXT_SIZE])
{
    static const char units[] = "KMGTPE";
    size_t unit = 0;
    double value = (double) size / 1024;

    if (size < 1024) {
        (void) snprintf(ret_text, CLI_SIZE_TEXT_SIZE, "%" PRIu64, size);
        return;
    }
    while (value >= 1023.5 && units[unit + 1] != '\0') {
        value /= 1024;
        unit++;
    }
    (void) snprintf(ret_text, CLI_SIZE_TEXT_SIZE, value < 9.95 ? "%.1f%c" : "%.0f%c", value,
                    units[unit]);
}

void cli_id_text(const unsigned char id[CLI_ID_SIZE], char ret_text[CLI_ID_TEXT_SIZE])
{
    for (size_t i = 0; i < CLI_ID_SIZE; i++)
        (void) snprintf(ret_text + 2 * i, 3, "%02x", id[i]);
}

bool cli_id_parse(const char *text, unsigned char ret_id[CLI_ID_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    if (strlen(text) != CLI_ID_TEXT_SIZE - 1 || strspn(text, digits) != CLI_ID_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < CLI_ID_SIZE; i++)
        ret_id[i] = (unsigned char) ((strchr(digits, text[2 * i]) - digits) << 4 |
                                     (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

bool cli_is_colourful(FILE *out)
{
    const char *const refused = getenv("NO_COLOR");
    const char *const terminal = getenv("TERM");

    return (refused == NULL || refused[0] == '\0') && terminal != NULL &&
           strcmp(terminal, "dumb") != 0 && isatty(fileno(out));
}

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now = {0, 0};

    (void) clock_gettime(clock, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t cli_now_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

int64_t cli_monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

void cli_progress_begin(struct cli_progress *progress, bool quiet)
{
    progress->is_shown = !quiet && isatty(STDERR_FILENO);
    progress->next_ms = cli_monotonic_ms() + 500;
}

void cli_progress_step(struct cli_progress *progress, const char *words, uint64_t count)
{
    if (!progress->is_shown || cli_monotonic_ms() < progress->next_ms)
        return;
    progress->next_ms = cli_monotonic_ms() + 100;
    (void) fprintf(stderr, "\r%" PRIu64 " %s\033[K", count, words);
}

void cli_progress_clear(struct cli_progress *progress)
{
    if (progress->is_shown)
        (void) fputs("\r\033[K", stderr);
}

cachet_status cli_write_failed(const char *name, cachet_error *err)
{
    if (errno == EPIPE)
        return cli_fail(err, CACHET_E_ABORTED, "%s", "");
    return cli_fail_errno(err, CACHET_E_IO, "cannot write to %s", name);
}

/* A pipe nobody holds the other end of. */
static bool is_reader_gone(int fd)
{
    struct pollfd facts = {.fd = fd, .events = POLLOUT};

    return poll(&facts, 1, 0) > 0 && (facts.revents & POLLERR) != 0;
}

/* An earlier write may have failed unseen, and errno may be about something else since. */
cachet_status cli_flush(cachet_error *err)
{
    const bool has_failed = ferror(stdout) != 0;

    if (fflush(stdout) != 0) {
        clearerr(stdout);
        return cli_write_failed("standard output", err);
    }
    if (!has_failed)
        return CACHET_OK;
    clearerr(stdout);
    errno = is_reader_gone(STDOUT_FILENO) ? EPIPE : EIO;
    return cli_write_failed("standard output", err);
}
