/* SPDX-License-Identifier: MIT */
/* Files and directories, and the file a body is written to. */
#ifndef CACHET_CLI_FILE_H
#define CACHET_CLI_FILE_H

#include <cachet/types.h>

#include <stdbool.h>
#include <stdio.h>

/* For CLEANUP: closes a file that is not NULL. */
void cli_close_file(FILE **file);

/* Makes a directory and those above it, mode 0700; one that is there is left as it is. */
cachet_status cli_make_dirs(const char *path, cachet_error *err);

/* The part of a path before its last slash, as a new string; "." where there is none. */
char *cli_parent_of(const char *path);

/*
 * Where a body goes: standard output, or a file that appears under its name only when it is
 * whole.
 *
 *     open ── write … write ── commit ── fini     without the commit nothing was changed
 *
 * At most one at a time: a signal that ends the command removes its temporary file.
 */
struct cli_sink {
    FILE *file;
    char *name;      /* for messages, and where a temporary file goes to */
    char *temporary; /* NULL where bytes go straight to their place */
};

/*
 * `path` of NULL or "-" is standard output. What is there and is not a regular file (a pipe, a
 * device) is written to directly. Through a symbolic link the file it points to is replaced;
 * it keeps its permissions.
 */
cachet_status cli_sink_open(struct cli_sink *sink, const char *path, cachet_error *err);

/* Hands the bytes on at once. E_ABORTED with nothing to say where a reader has left. */
cachet_status cli_sink_write(struct cli_sink *sink, const void *data, size_t size,
                             cachet_error *err);
cachet_status cli_sink_commit(struct cli_sink *sink, cachet_error *err);
void cli_sink_fini(struct cli_sink *sink);

bool cli_sink_is_terminal(const struct cli_sink *sink);

#endif
