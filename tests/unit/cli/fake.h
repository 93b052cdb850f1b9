/* SPDX-License-Identifier: MIT */
/* What the two halves of the fake library share: see fake_cachet.c. */
#ifndef CACHET_TESTS_FAKE_H
#define CACHET_TESTS_FAKE_H

#include <cachet/cachet.h>

#define KEY_A "aaaa000000000000000000000000000000000000000000000000000000000000"

struct cachet_cache {
    cachet_options options;
    char spec[4096];
    unsigned char id[16];
    int is_new;
};

/* Fills err and returns status. */
cachet_status fake_fail(cachet_error *err, cachet_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int fake_is_broken(void);

#endif
