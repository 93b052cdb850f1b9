/* SPDX-License-Identifier: MIT */
/*
 * How things end and how that is said. Inside, a failure is a cachet_status with a message, as
 * in the library; words go to standard error, one line each, and nowhere else.
 */
#ifndef CACHET_CLI_REPORT_H
#define CACHET_CLI_REPORT_H

#include <cachet/types.h>

/* Runs `function(&variable)` when the variable leaves its scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Leave early with the status of a call that failed. The one macro that returns. */
#define TRY(call)                                                                              \
    do {                                                                                       \
        const cachet_status try_status_ = (call);                                              \
        if (try_status_ != CACHET_OK)                                                          \
            return try_status_;                                                                \
    } while (0)

#define CLI_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CLI_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

/* X(NAME, code, how bad: of several URLs the worst one speaks, "what it means") */
#define CLI_EXIT_LIST(X)                                                                       \
    X(DONE, 0, 0, "done")                                                                      \
    X(FAILED, 1, 4, "failed: the message says what, and what to do")                           \
    X(WRONG_USAGE, 2, 5, "wrong usage: also a malformed URL, field or SPEC")                   \
    X(TAMPERED, 3, 6, "a changed entry, another cache, or the wrong keyring")                  \
    X(NOT_CACHED, 4, 2, "--only-if-cached, and it is not cached")                              \
    X(NO_TRANSFER, 5, 3, "the transfer failed")                                                \
    X(HTTP_ERROR, 22, 1, "--fail, and the status is 400 or above")

enum cli_exit {
#define CLI_EXIT_ENUM(name, code, weight, text) CLI_##name = (code),
    CLI_EXIT_LIST(CLI_EXIT_ENUM)
#undef CLI_EXIT_ENUM
};

enum cli_exit cli_exit_of(cachet_status status);
enum cli_exit cli_worse(enum cli_exit one, enum cli_exit other);

/* The name of a status as in the headers, without CACHET_: "E_TAMPERED". */
const char *cli_status_name(cachet_status status);

/* Fills `err` and returns `status`. */
cachet_status cli_fail(cachet_error *err, cachet_status status, const char *format, ...)
    CLI_PRINTF(3, 4);

/* The same, followed by ": " and what errno means. */
cachet_status cli_fail_errno(cachet_error *err, cachet_status status, const char *format, ...)
    CLI_PRINTF(3, 4);

/* Adds words to the end of a message, as far as they fit. Returns err's own status. */
cachet_status cli_add(cachet_error *err, const char *format, ...) CLI_PRINTF(2, 3);

/* Where an entry was refused as tampered, and nobody said it yet: what to do. */
void cli_add_remedy(cachet_error *err);

/* "cachet: words" on standard error, with control characters escaped. */
void cli_say(const char *format, ...) CLI_PRINTF(1, 2);

/* Says a failure, unless its message is empty (a reader that left), and how to exit on it. */
enum cli_exit cli_report(const cachet_error *err);

#endif
