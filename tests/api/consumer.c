/* SPDX-License-Identifier: MIT */
/* A program as a user writes it: installed headers, pkg-config, nothing else. */
#include <cachet/cachet.h>
#include <cachet/inspect.h>
#include <stdio.h>

int main(void)
{
    if (strcmp(cachet_version(), CACHET_VERSION) != 0) {
        fprintf(stderr, "the library is %s, its headers are %s\n", cachet_version(),
                CACHET_VERSION);
        return 1;
    }
    printf("%s: %s\n", cachet_version(), cachet_status_text(CACHET_E_TAMPERED));
    return 0;
}
