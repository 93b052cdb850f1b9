/* SPDX-License-Identifier: MIT */
/* What every target shares: its one entry, and a way to say that a promise was broken. */
#ifndef CT_FUZZ_FUZZ_H
#define CT_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A plain assert would vanish from release builds, and the check with it. */
#define MUST(condition)                                                                        \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            (void) fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);     \
            abort();                                                                           \
        }                                                                                      \
    } while (0)

#endif
