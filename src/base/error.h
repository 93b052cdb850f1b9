/* SPDX-License-Identifier: MIT */
#ifndef CT_BASE_ERROR_H
#define CT_BASE_ERROR_H

#include "base/common.h"

/*
 * Fills `err` (which may be NULL) and returns `status`, so that a failure is one line:
 *     return ct_err_set(err, CACHET_E_FORMAT, "record is %zu bytes, 12 at least", size);
 * The message is one line of UTF-8 whatever goes in: control characters, and bytes that are
 * not UTF-8, are escaped as \xNN; what is too long is cut between characters. The arguments
 * may point into `err`.
 */
#define ct_err_set(err, status, ...) (ct_err_fill((err), (status), __VA_ARGS__), (status))

/* The same, followed by ": " and what errno means, which is never cut off. Keeps errno. */
#define ct_err_set_errno(err, status, ...)                                                     \
    (ct_err_fill_errno((err), (status), __VA_ARGS__), (status))

/* Macros, so that compiler and analyzer see at the call which status comes back. */
void ct_err_fill(cachet_error *err, cachet_status status, const char *format, ...)
    CT_PRINTF(3, 4);
void ct_err_fill_errno(cachet_error *err, cachet_status status, const char *format, ...)
    CT_PRINTF(3, 4);

/* Prepends "words: " to the message of a failure from below. Returns `status`, which `err`
 * then has too. */
cachet_status ct_err_prefix(cachet_error *err, cachet_status status, const char *words);

#endif
