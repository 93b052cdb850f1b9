/* SPDX-License-Identifier: MIT */
/* zstd (RFC 8878), with the window of 8 MB that RFC 9659 allows as a content coding. */
#include <zstd.h>

#include "base/error.h"
#include "session/coding.h"

#define WINDOW_LOG_MAX 23

static cachet_status start(void **ret_state, cachet_error *err)
{
    ZSTD_DStream *const stream = ZSTD_createDStream();

    if (stream == NULL)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory for zstd");
    (void) ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    *ret_state = stream;
    return CACHET_OK;
}

static void stop(void *state)
{
    (void) ZSTD_freeDStream(state);
}

static cachet_status step(void *state, struct ct_flow *flow, bool *ret_is_whole,
                          cachet_error *err)
{
    ZSTD_inBuffer in = {flow->in.data, flow->in.size, 0};
    ZSTD_outBuffer out = {flow->out, flow->room, 0};

    /* Without input a call after a whole frame would ask for the next one. */
    if (in.size == 0 && *ret_is_whole)
        return CACHET_OK;
    const size_t left = ZSTD_decompressStream(state, &out, &in);
    if (ZSTD_isError(left))
        return ct_err_set(err, CACHET_E_FORMAT, "zstd: %s", ZSTD_getErrorName(left));
    flow->in = ct_bytes_from(flow->in, in.pos);
    flow->made = out.pos;
    *ret_is_whole = left == 0;
    return CACHET_OK;
}

const struct ct_coding ct_coding_zstd = {"zstd", start, step, stop};
