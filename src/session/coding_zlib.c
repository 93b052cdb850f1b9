/* SPDX-License-Identifier: MIT */
/* gzip (RFC 1952) and deflate (RFC 1950, or bare RFC 1951 as some servers send it). */
#define ZLIB_CONST
#include <limits.h>
#include <zlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "session/coding.h"

struct zlib_state {
    z_stream stream;
    bool is_gzip;
    bool is_open; /* inflateInit2 was called */
    bool is_whole;
};

static cachet_status start(void **ret_state, bool is_gzip, cachet_error *err)
{
    struct zlib_state *state = NULL;

    TRY(ct_new(&state, err));
    state->is_gzip = is_gzip;
    *ret_state = state;
    return CACHET_OK;
}

static cachet_status start_gzip(void **ret_state, cachet_error *err)
{
    return start(ret_state, true, err);
}

static cachet_status start_deflate(void **ret_state, cachet_error *err)
{
    return start(ret_state, false, err);
}

static void stop(void *memory)
{
    struct zlib_state *const state = memory;

    if (state != NULL && state->is_open)
        (void) inflateEnd(&state->stream);
    ct_mem_free(state);
}

/*
 * RFC 1950 2.2: a zlib header has 8 in its low nibble. A bare stream would have to begin with a
 * stored block whose padding is not zero, which no encoder writes.
 */
static int window_bits(const struct zlib_state *state, unsigned char first)
{
    if (state->is_gzip)
        return MAX_WBITS + 16;
    return (first & 0x0fU) == 8 ? MAX_WBITS : -MAX_WBITS;
}

/* Before the first byte of a stream, and of each further gzip member (RFC 1952 2.2). */
static cachet_status open_stream(struct zlib_state *state, unsigned char first,
                                 cachet_error *err)
{
    if (!state->is_open) {
        if (inflateInit2(&state->stream, window_bits(state, first)) != Z_OK)
            return ct_err_set(err, CACHET_E_MEMORY, "out of memory for zlib");
        state->is_open = true;
    } else if (state->is_whole) {
        if (!state->is_gzip || first != 0x1f)
            return ct_err_set(err, CACHET_E_FORMAT, "bytes after the end of the coded body");
        (void) inflateReset(&state->stream);
        state->is_whole = false;
    }
    return CACHET_OK;
}

static uInt clamp(size_t size)
{
    return size < UINT_MAX ? (uInt) size : UINT_MAX;
}

static cachet_status judge(struct zlib_state *state, int code, cachet_error *err)
{
    if (code == Z_MEM_ERROR)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory for zlib");
    /* Z_BUF_ERROR: nothing to do without more input; not a fault. */
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return ct_err_set(err, CACHET_E_FORMAT, "%s: %s", state->is_gzip ? "gzip" : "deflate",
                          state->stream.msg == NULL ? "corrupt" : state->stream.msg);
    state->is_whole = code == Z_STREAM_END;
    return CACHET_OK;
}

static cachet_status step(void *memory, struct ct_flow *flow, bool *ret_is_whole,
                          cachet_error *err)
{
    struct zlib_state *const state = memory;
    z_stream *const stream = &state->stream;

    if (flow->in.size > 0)
        TRY(open_stream(state, flow->in.data[0], err));
    *ret_is_whole = state->is_whole;
    if (!state->is_open || state->is_whole)
        return CACHET_OK;

    stream->next_in = flow->in.data;
    stream->avail_in = clamp(flow->in.size);
    stream->next_out = flow->out;
    stream->avail_out = clamp(flow->room);
    const size_t before = stream->avail_in, room = stream->avail_out;
    TRY(judge(state, inflate(stream, Z_NO_FLUSH), err));
    flow->in = ct_bytes_from(flow->in, before - stream->avail_in);
    flow->made = room - stream->avail_out;
    *ret_is_whole = state->is_whole;
    return CACHET_OK;
}

const struct ct_coding ct_coding_gzip = {"gzip", start_gzip, step, stop};
const struct ct_coding ct_coding_deflate = {"deflate", start_deflate, step, stop};
