/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/output.h"

#include <cachet/keyring.h>

static const char notes[] = "SPEC is file:PATH. A file that is there is never overwritten. The "
                            "directory must exist, and\n"
                            "only you may be able to write to it.\n";

static void say_made(const struct cli *cli, const char *spec)
{
    struct cli_json json;

    if (cli->globals.json) {
        cli_json_begin(&json, stdout);
        cli_json_text(&json, "keyring", spec);
        cli_json_end(&json);
    } else if (!cli->globals.is_quiet) {
        (void) printf("made a new key: ");
        cli_put_text(stdout, cachet_bytes_of(spec));
        (void) printf("\nuse it with '--keyring ");
        cli_put_text(stdout, cachet_bytes_of(spec));
        (void) printf("' or CACHET_KEYRING; keep it safe: what it seals opens with nothing "
                      "else\n");
    }
}

static enum cli_exit run_new(const struct cli *cli, const void *values)
{
    const char *const spec = cli->words[0];
    cachet_error err;

    (void) values;
    if (cachet_keyring_create(spec, &err) != CACHET_OK)
        return cli_report(&err);
    say_made(cli, spec);
    return cli_flush(&err) == CACHET_OK ? CLI_DONE : cli_report(&err);
}

const struct cli_command cli_keys_new = {
    .name = "keys new",
    .words = "SPEC",
    .summary = "make a keyring with one fresh key",
    .notes = notes,
    .min_words = 1,
    .max_words = 1,
    .run = run_new,
};
