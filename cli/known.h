/* SPDX-License-Identifier: MIT */
/*
 * The caches that were met before, as ssh keeps known hosts: one whose id changed was put in
 * the place of another (SEAL 2).
 *
 * The file is text, one cache a line: 32 hex digits of its id, its namespace, its SPEC, with
 * one blank between. Blanks, control characters and '%' in the latter two are written %XX.
 * Empty lines and lines that begin with '#' are kept.
 */
#ifndef CACHET_CLI_KNOWN_H
#define CACHET_CLI_KNOWN_H

#include "cli/output.h"

/* What a line is about; borrowed. */
struct cli_known_name {
    const char *cache_namespace;
    const char *spec;
};

enum cli_known_outcome {
    CLI_KNOWN_SAME,
    CLI_KNOWN_ADDED,  /* never met before */
    CLI_KNOWN_UPDATED /* another one was known, but this one was made just now */
};

/*
 * Looks the cache up in the file at `path`, which need not exist. *ret_line is the number of
 * its line, 0 where it has none; then ret_id is untouched. Fails with E_FORMAT (a malformed
 * line, a file that others can write), E_IO.
 */
cachet_status cli_known_find(const char *path, const struct cli_known_name *name,
                             unsigned char ret_id[CLI_ID_SIZE], size_t *ret_line,
                             cachet_error *err);

/*
 * Compares a cache that was just opened with what is known, and remembers it. Fails with
 * E_UNKNOWN_KEY (it is another cache, and not a new one), and as cli_known_find does; with E_IO
 * also if it cannot be remembered.
 */
cachet_status cli_known_check(const char *path, const struct cli_known_name *name,
                              const unsigned char id[CLI_ID_SIZE], bool is_new,
                              enum cli_known_outcome *ret_outcome, cachet_error *err);

#endif
