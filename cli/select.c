/* SPDX-License-Identifier: MIT */
#include "cli/select.h"

#include "cli/memory.h"
#include "cli/output.h"
#include "cli/report.h"

#include <ctype.h>

#define KEY_SIZE 64

static bool is_hex(const char *text, size_t least)
{
    const size_t size = strspn(text, "0123456789abcdefABCDEF");

    return text[size] == '\0' && size >= least && size <= KEY_SIZE;
}

static void lower(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char) tolower((unsigned char) *text);
}

void cli_selected_fini(struct cli_selected *selected)
{
    cli_free(selected->key);
    *selected = (struct cli_selected){0};
}

cachet_status cli_select(const char *word, bool may_have_variant,
                         struct cli_selected *ret_selected, cachet_error *err)
{
    const cachet_filter all = CACHET_FILTER_INIT;
    struct cli_selected selected = {.filter = all};

    if (strstr(word, "://") != NULL) {
        selected.filter.url = word;
        *ret_selected = selected;
        return CACHET_OK;
    }
    selected.key = cli_format("%s", word);
    lower(selected.key);
    char *const slash = may_have_variant ? strchr(selected.key, '/') : NULL;
    if (slash != NULL) {
        *slash = '\0';
        selected.variant = slash + 1;
    }
    if (!is_hex(selected.key, CLI_KEY_MIN) ||
        (selected.variant != NULL && !is_hex(selected.variant, 1))) {
        cli_selected_fini(&selected);
        return cli_fail(err, CACHET_E_USAGE,
                        "'%s' is neither a URL nor a key of %d to %d hex digits", word,
                        CLI_KEY_MIN, KEY_SIZE);
    }
    selected.filter.key = selected.key;
    *ret_selected = selected;
    return CACHET_OK;
}
