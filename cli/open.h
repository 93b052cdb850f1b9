/* SPDX-License-Identifier: MIT */
/*
 * From settings to an open cache: the keyring (made on first use, if it is the default one),
 * the cache or a session on it, and the check that it is the cache that was here before. What
 * the library observes meanwhile is said on standard error.
 */
#ifndef CACHET_CLI_OPEN_H
#define CACHET_CLI_OPEN_H

#include "cli/config.h"

#include <cachet/cachet.h>

/*
 * An open cache, and the session on it where one was asked for. It stays where it is (the
 * library holds pointers to it) until cli_close.
 */
struct cli_opened {
    const struct cli *cli;
    struct cli_settings settings;
    cachet_keyring *keyring;
    cachet_session *session;
    cachet_cache *cache;
};

/*
 * Opens the cache to look at. Fails as cachet_cache_open does, and where the store cannot be
 * used.
 */
cachet_status cli_open_cache(const struct cli *cli, struct cli_opened *opened,
                             cachet_error *err);

/*
 * Opens a session. `options` say what differs from the defaults; keyring, namespace and
 * observer are filled in. A store that cannot be used is no failure: it is bypassed.
 */
cachet_status cli_open_session(const struct cli *cli, const cachet_options *options,
                               struct cli_opened *opened, cachet_error *err);

void cli_close(struct cli_opened *opened);

/*
 * Tells an event of the library: warnings always, the rest where it was asked for. The same
 * kind with the same reason is a warning only once in a run. `context` is a struct cli_opened.
 */
void cli_observe(void *context, const cachet_event *event);

/* Says something that is no failure, unless --quiet. */
void cli_note(const struct cli *cli, const char *format, ...) CLI_PRINTF(2, 3);

/*
 * Where known-caches is: beside the keyring file, or in the config directory. A new string, or
 * NULL where there is no place for it.
 */
char *cli_known_path(const struct cli_settings *settings);

#endif
