/* SPDX-License-Identifier: MIT */
/*
 * The one growing buffer and the one reader.
 *
 * ct_buf: bytes that grow up to a ceiling named when it is made. Writers are sticky: append as
 * much as you like, ask ct_buf_status once. After a failure nothing more is appended, and what
 * is there may end in the middle of a value. What is appended must not be a view of the buffer
 * itself: growing moves the bytes.
 *
 * ct_reader: little-endian fields out of hostile bytes. Readers are sticky too: past the end
 * they give zeros and empty views and remember it in `is_short`.
 */
#ifndef CT_BASE_BUF_H
#define CT_BASE_BUF_H

#include "base/bytes.h"

struct ct_buf {
    unsigned char *data;
    size_t size;
    size_t capacity;
    size_t ceiling;
    cachet_status status;
    bool is_secret;
};

static inline struct ct_buf ct_buf_with_ceiling(size_t ceiling)
{
    return (struct ct_buf){NULL, 0, 0, ceiling, CACHET_OK, false};
}

/* For secrets: bytes it lets go of, also while it grows, are zeroed first. */
static inline struct ct_buf ct_buf_secret_with_ceiling(size_t ceiling)
{
    return (struct ct_buf){NULL, 0, 0, ceiling, CACHET_OK, true};
}

/* Frees the bytes; the buffer is then empty and usable again. */
void ct_buf_fini(struct ct_buf *buf);

/*
 * As ct_buf_fini, after zeroing the bytes. What an ordinary buffer let go of while it grew is
 * out of reach: what holds secrets is made by ct_buf_secret_with_ceiling.
 */
void ct_buf_wipe(struct ct_buf *buf);

/* Forgets the bytes and any failure, keeps the memory. */
void ct_buf_reset(struct ct_buf *buf);

/* OK, or the first failure: E_TOO_LARGE (the ceiling) or E_MEMORY. */
cachet_status ct_buf_status(const struct ct_buf *buf, cachet_error *err);

/* Valid until the next append. */
static inline cachet_bytes ct_buf_view(const struct ct_buf *buf)
{
    return ct_bytes(buf->data, buf->size);
}

/* Room for `size` more bytes, to be filled by the caller; NULL on failure only. */
unsigned char *ct_buf_grow(struct ct_buf *buf, size_t size);

void ct_buf_append(struct ct_buf *buf, cachet_bytes bytes);
void ct_buf_text(struct ct_buf *buf, const char *text);
void ct_buf_format(struct ct_buf *buf, const char *format, ...) CT_PRINTF(2, 3);
void ct_buf_u8(struct ct_buf *buf, uint8_t value);
void ct_buf_u16le(struct ct_buf *buf, uint16_t value);
void ct_buf_u32le(struct ct_buf *buf, uint32_t value);
void ct_buf_u64le(struct ct_buf *buf, uint64_t value);
/* u32 length, then the bytes: the coding of every part of a name. */
void ct_buf_part(struct ct_buf *buf, cachet_bytes bytes);

/* The bytes followed by a NUL that counts neither in size nor against the ceiling; NULL on
 * failure. Valid until the next append. */
const char *ct_buf_c_string(struct ct_buf *buf);

struct ct_reader {
    cachet_bytes rest;
    bool is_short;
};

static inline struct ct_reader ct_reader_over(cachet_bytes bytes)
{
    return (struct ct_reader){bytes, false};
}

/* Inline, because a hit decodes some dozens of these. */
static inline cachet_bytes ct_read_bytes(struct ct_reader *reader, uint64_t size)
{
    if (size > reader->rest.size) {
        *reader = (struct ct_reader){ct_bytes(NULL, 0), true};
        return ct_bytes(NULL, 0);
    }
    const cachet_bytes taken = ct_bytes_first(reader->rest, (size_t) size);
    reader->rest = ct_bytes_from(reader->rest, (size_t) size);
    return taken;
}

static inline uint8_t ct_read_u8(struct ct_reader *reader)
{
    const cachet_bytes bytes = ct_read_bytes(reader, 1);
    return bytes.size == 0 ? 0 : bytes.data[0];
}

static inline uint16_t ct_read_u16le(struct ct_reader *reader)
{
    const cachet_bytes bytes = ct_read_bytes(reader, 2);
    return bytes.size == 0 ? 0 : ct_load_u16le(bytes.data);
}

static inline uint32_t ct_read_u32le(struct ct_reader *reader)
{
    const cachet_bytes bytes = ct_read_bytes(reader, 4);
    return bytes.size == 0 ? 0 : ct_load_u32le(bytes.data);
}

static inline uint64_t ct_read_u64le(struct ct_reader *reader)
{
    const cachet_bytes bytes = ct_read_bytes(reader, 8);
    return bytes.size == 0 ? 0 : ct_load_u64le(bytes.data);
}

/* u32 length, then the bytes. */
static inline cachet_bytes ct_read_part(struct ct_reader *reader)
{
    return ct_read_bytes(reader, ct_read_u32le(reader));
}

/* True if everything was read and nothing was missing. */
static inline bool ct_reader_is_done(const struct ct_reader *reader)
{
    return !reader->is_short && reader->rest.size == 0;
}

#endif
