/* SPDX-License-Identifier: MIT */
#ifndef CACHET_CLI_HARDEN_H
#define CACHET_CLI_HARDEN_H

/* Before anything else: keys must not end up in a core dump (SEAL 1), nor words in a file. */
void cli_harden(void);

#endif
