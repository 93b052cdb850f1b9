/* SPDX-License-Identifier: MIT */
/* What decode.c asks of one coding. Each file coding_*.c holds one library's. */
#ifndef CT_SESSION_CODING_H
#define CT_SESSION_CODING_H

#include "session/decode.h"

struct ct_coding {
    const char *name;
    /* What the coding's library needs; NULL only on failure. */
    cachet_status (*start)(void **ret_state, cachet_error *err);
    /*
     * Uses input and makes output until one of them is exhausted; never neither where there
     * are both. *ret_is_whole says whether the input may end here.
     */
    cachet_status (*step)(void *state, struct ct_flow *flow, bool *ret_is_whole,
                          cachet_error *err);
    void (*stop)(void *state); /* takes NULL */
};

extern const struct ct_coding ct_coding_gzip;
extern const struct ct_coding ct_coding_deflate;
extern const struct ct_coding ct_coding_brotli;
extern const struct ct_coding ct_coding_zstd;

#endif
