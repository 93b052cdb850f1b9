/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include "cli/memory.h"
#include "cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A status that is not here is a plain failure. */
static const struct {
    cachet_status status;
    enum cli_exit code;
} exits[] = {
    {CACHET_OK, CLI_DONE},
    {CACHET_E_USAGE, CLI_WRONG_USAGE},
    {CACHET_E_TAMPERED, CLI_TAMPERED},
    {CACHET_E_UNKNOWN_KEY, CLI_TAMPERED},
    {CACHET_E_NOT_CACHED, CLI_NOT_CACHED},
    {CACHET_E_TRANSFER, CLI_NO_TRANSFER},
    {CACHET_E_PROTOCOL, CLI_NO_TRANSFER},
    {CACHET_E_TOO_LARGE, CLI_NO_TRANSFER},
};

enum cli_exit cli_exit_of(cachet_status status)
{
    for (size_t i = 0; i < CLI_COUNT_OF(exits); i++)
        if (exits[i].status == status)
            return exits[i].code;
    return CLI_FAILED;
}

static int weight_of(enum cli_exit code)
{
    switch (code) {
#define CLI_EXIT_WEIGHT(name, number, weight, text)                                            \
    case CLI_##name:                                                                           \
        return (weight);
        CLI_EXIT_LIST(CLI_EXIT_WEIGHT)
#undef CLI_EXIT_WEIGHT
    }
    return 0;
}

enum cli_exit cli_worse(enum cli_exit one, enum cli_exit other)
{
    return weight_of(one) >= weight_of(other) ? one : other;
}

const char *cli_status_name(cachet_status status)
{
    static const char *const names[] = {
#define CLI_STATUS_NAME(name, text) #name,
        CACHET_STATUS_LIST(CLI_STATUS_NAME)
#undef CLI_STATUS_NAME
    };

    return (size_t) status < CLI_COUNT_OF(names) ? names[status] : "unknown";
}

CLI_PRINTF(2, 0)
static void add_list(cachet_error *err, const char *format, va_list list)
{
    const size_t used = strlen(err->message);

    (void) vsnprintf(err->message + used, sizeof(err->message) - used, format, list);
}

cachet_status cli_add(cachet_error *err, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    add_list(err, format, list);
    va_end(list);
    return err->status;
}

cachet_status cli_fail(cachet_error *err, cachet_status status, const char *format, ...)
{
    va_list list;

    *err = (cachet_error){.status = status};
    va_start(list, format);
    add_list(err, format, list);
    va_end(list);
    return status;
}

cachet_status cli_fail_errno(cachet_error *err, cachet_status status, const char *format, ...)
{
    const int number = errno;
    va_list list;

    *err = (cachet_error){.status = status};
    va_start(list, format);
    add_list(err, format, list);
    va_end(list);
    return cli_add(err, ": %s", strerror(number));
}

void cli_say(const char *format, ...)
{
    CLEANUP(cli_freep) char *text = NULL;
    va_list list;

    va_start(list, format);
    text = cli_format_list(format, list);
    va_end(list);
    flockfile(stderr);
    (void) fputs("cachet: ", stderr);
    cli_put_text(stderr, cachet_bytes_of(text));
    (void) fputc('\n', stderr);
    funlockfile(stderr);
}

/* The library may say it in a program's words; a person needs to know the commands. */
void cli_add_remedy(cachet_error *err)
{
    if (err->status != CACHET_E_TAMPERED || strstr(err->message, "--force-refresh") != NULL)
        return;
    if (strstr(err->message, "force a refresh") != NULL)
        (void) cli_add(err, " ('get --force-refresh', 'rm')");
    else
        (void) cli_add(err,
                       "; fetch it anew with 'get --force-refresh', or remove it with 'rm'");
}

enum cli_exit cli_report(const cachet_error *err)
{
    if (err->message[0] != '\0')
        cli_say("%s", err->message);
    return cli_exit_of(err->status);
}
