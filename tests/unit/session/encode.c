/* SPDX-License-Identifier: MIT */
#define ZLIB_CONST
#include "encode.h"

#include "config.h"

#if CT_HAVE_ZLIB
#include <zlib.h>

static bool encode_zlib(int window_bits, cachet_bytes bytes, struct ct_buf *buf)
{
    z_stream stream = {0};

    if (deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    const size_t room = deflateBound(&stream, bytes.size) + 64;
    stream.next_in = bytes.data;
    stream.avail_in = (uInt) bytes.size;
    stream.next_out = ct_buf_grow(buf, room);
    stream.avail_out = (uInt) room;
    const bool is_done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    buf->size -= stream.avail_out;
    (void) deflateEnd(&stream);
    return is_done;
}
#endif

#if CT_HAVE_BROTLI_ENCODER
#include <brotli/encode.h>

static bool encode_brotli(cachet_bytes bytes, struct ct_buf *buf)
{
    size_t size = BrotliEncoderMaxCompressedSize(bytes.size) + 64;
    const size_t room = size;
    unsigned char *const to = ct_buf_grow(buf, room);
    const bool is_done = BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, bytes.size,
                                               bytes.data, &size, to) == BROTLI_TRUE;
    buf->size -= room - size;
    return is_done;
}
#endif

#if CT_HAVE_ZSTD
#include <zstd.h>

static bool encode_zstd(int window_log, cachet_bytes bytes, struct ct_buf *buf)
{
    ZSTD_CCtx *const context = ZSTD_createCCtx();
    const size_t room = ZSTD_compressBound(bytes.size) + 64;
    ZSTD_inBuffer in = {bytes.data, bytes.size, 0};
    ZSTD_outBuffer out = {ct_buf_grow(buf, room), room, 0};

    if (window_log > 0)
        (void) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    /* A flush first: the encoder must not know how little there is, or its window shrinks. */
    (void) ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush);
    const size_t left = ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
    buf->size -= room - out.pos;
    (void) ZSTD_freeCCtx(context);
    return left == 0;
}
#endif

bool encode(const char *coding, cachet_bytes bytes, struct ct_buf *buf)
{
#if CT_HAVE_ZLIB
    if (strcmp(coding, "gzip") == 0)
        return encode_zlib(31, bytes, buf);
    if (strcmp(coding, "deflate") == 0)
        return encode_zlib(15, bytes, buf);
    if (strcmp(coding, "raw-deflate") == 0)
        return encode_zlib(-15, bytes, buf);
#endif
#if CT_HAVE_BROTLI_ENCODER
    if (strcmp(coding, "br") == 0)
        return encode_brotli(bytes, buf);
#endif
#if CT_HAVE_ZSTD
    if (strcmp(coding, "zstd") == 0)
        return encode_zstd(0, bytes, buf);
    if (strcmp(coding, "zstd-wide") == 0)
        return encode_zstd(27, bytes, buf);
#endif
    (void) bytes, (void) buf;
    return false;
}
