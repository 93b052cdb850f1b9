/* SPDX-License-Identifier: MIT */
/* br (RFC 7932): a window of 16 MiB at most. */
#include <brotli/decode.h>

#include "base/error.h"
#include "session/coding.h"

static cachet_status start(void **ret_state, cachet_error *err)
{
    *ret_state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    return *ret_state != NULL ? CACHET_OK
                              : ct_err_set(err, CACHET_E_MEMORY, "out of memory for brotli");
}

static void stop(void *state)
{
    if (state != NULL)
        BrotliDecoderDestroyInstance(state);
}

static cachet_status step(void *state, struct ct_flow *flow, bool *ret_is_whole,
                          cachet_error *err)
{
    if (BrotliDecoderIsFinished(state)) {
        *ret_is_whole = true;
        return flow->in.size == 0
                   ? CACHET_OK
                   : ct_err_set(err, CACHET_E_FORMAT, "bytes after the end of the coded body");
    }
    size_t in_size = flow->in.size, room = flow->room;
    const unsigned char *in = flow->in.data;
    unsigned char *out = flow->out;
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state, &in_size, &in, &room, &out, NULL);
    if (result == BROTLI_DECODER_RESULT_ERROR)
        return ct_err_set(err, CACHET_E_FORMAT, "br: %s",
                          BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state)));
    flow->in = ct_bytes_from(flow->in, flow->in.size - in_size);
    flow->made = flow->room - room;
    *ret_is_whole = result == BROTLI_DECODER_RESULT_SUCCESS;
    return CACHET_OK;
}

const struct ct_coding ct_coding_brotli = {"br", start, step, stop};
