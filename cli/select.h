/* SPDX-License-Identifier: MIT */
/* Which entries a command is about: what a person writes, as a cachet_filter. */
#ifndef CACHET_CLI_SELECT_H
#define CACHET_CLI_SELECT_H

#include "cli/options.h"

#include <cachet/inspect.h>

/* Hex digits a key needs at least. */
#define CLI_KEY_MIN 4

/* `word` is a URL or a key; for the latter "KEY/VARIANT" where a variant may be named. */
struct cli_selected {
    cachet_filter filter;
    char *key;     /* freed by cli_selected_fini */
    char *variant; /* the beginning of one, or NULL */
};

/* E_USAGE if it is neither, or names a variant where none may be. */
cachet_status cli_select(const char *word, bool may_have_variant,
                         struct cli_selected *ret_selected, cachet_error *err);
void cli_selected_fini(struct cli_selected *selected);

#endif
