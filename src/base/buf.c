/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"

void ct_buf_fini(struct ct_buf *buf)
{
    if (buf->is_secret && buf->data != NULL)
        ct_mem_wipe(buf->data, buf->capacity);
    ct_mem_free(buf->data);
    buf->data = NULL;
    buf->capacity = 0;
    ct_buf_reset(buf);
}

void ct_buf_wipe(struct ct_buf *buf)
{
    if (buf->data != NULL)
        ct_mem_wipe(buf->data, buf->capacity);
    ct_buf_fini(buf);
}

void ct_buf_reset(struct ct_buf *buf)
{
    if (buf->is_secret && buf->data != NULL)
        ct_mem_wipe(buf->data, buf->capacity);
    buf->size = 0;
    buf->status = CACHET_OK;
}

cachet_status ct_buf_status(const struct ct_buf *buf, cachet_error *err)
{
    if (buf->status == CACHET_E_TOO_LARGE)
        return ct_err_set(err, buf->status, "larger than the %zu bytes it may have",
                          buf->ceiling);
    if (buf->status != CACHET_OK)
        return ct_err_set(err, buf->status, "out of memory");
    return CACHET_OK;
}

/* Doubles, so that appending is linear in all; never past the ceiling. */
static size_t next_capacity(const struct ct_buf *buf, size_t needed)
{
    size_t capacity = buf->capacity < 256 ? 256 : buf->capacity;

    while (capacity < needed && capacity <= buf->ceiling / 2)
        capacity *= 2;
    return capacity < needed || capacity > buf->ceiling ? buf->ceiling : capacity;
}

/* realloc would leave the old bytes behind in memory nobody can reach any more. */
static cachet_status move_secret(void **memory, size_t used, size_t size)
{
    void *moved = NULL;

    TRY(ct_mem_new(&moved, size, 1, NULL));
    if (*memory != NULL && used > 0) {
        memcpy(moved, *memory, used);
        ct_mem_wipe(*memory, used);
    }
    ct_mem_free(*memory);
    *memory = moved;
    return CACHET_OK;
}

/* There is always one byte more than the capacity, for the NUL of a C string. */
static bool has_room_for(struct ct_buf *buf, size_t size)
{
    if (buf->status != CACHET_OK)
        return false;
    if (size > buf->ceiling - buf->size) {
        buf->status = CACHET_E_TOO_LARGE;
        return false;
    }
    if (buf->data != NULL && size <= buf->capacity - buf->size)
        return true;

    const size_t capacity = next_capacity(buf, buf->size + size);
    void *memory = buf->data;
    if (capacity == SIZE_MAX)
        buf->status = CACHET_E_MEMORY;
    else if (buf->is_secret)
        buf->status = move_secret(&memory, buf->size, capacity + 1);
    else
        buf->status = ct_mem_resize(&memory, capacity + 1, NULL);
    if (buf->status != CACHET_OK)
        return false;
    buf->data = memory;
    buf->capacity = capacity;
    return true;
}

unsigned char *ct_buf_grow(struct ct_buf *buf, size_t size)
{
    if (!has_room_for(buf, size))
        return NULL;
    buf->size += size;
    return buf->data + buf->size - size;
}

void ct_buf_append(struct ct_buf *buf, cachet_bytes bytes)
{
    if (bytes.size == 0)
        return;
    unsigned char *const room = ct_buf_grow(buf, bytes.size);
    if (room != NULL)
        memcpy(room, bytes.data, bytes.size);
}

void ct_buf_text(struct ct_buf *buf, const char *text)
{
    ct_buf_append(buf, cachet_bytes_of(text));
}

void ct_buf_format(struct ct_buf *buf, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    const int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0 && buf->status == CACHET_OK)
        buf->status = CACHET_E_TOO_LARGE; /* for printf, which counts in int */
    if (size < 0 || !has_room_for(buf, (size_t) size))
        return;
    va_start(arguments, format);
    (void) vsnprintf((char *) buf->data + buf->size, (size_t) size + 1, format, arguments);
    va_end(arguments);
    buf->size += (size_t) size;
}

static void append_le(struct ct_buf *buf, uint64_t value, size_t size)
{
    unsigned char *const room = ct_buf_grow(buf, size);

    for (size_t i = 0; room != NULL && i < size; i++)
        room[i] = (unsigned char) (value >> (8 * i));
}

void ct_buf_u8(struct ct_buf *buf, uint8_t value)
{
    append_le(buf, value, 1);
}

void ct_buf_u16le(struct ct_buf *buf, uint16_t value)
{
    append_le(buf, value, 2);
}

void ct_buf_u32le(struct ct_buf *buf, uint32_t value)
{
    append_le(buf, value, 4);
}

void ct_buf_u64le(struct ct_buf *buf, uint64_t value)
{
    append_le(buf, value, 8);
}

void ct_buf_part(struct ct_buf *buf, cachet_bytes bytes)
{
    if (bytes.size > UINT32_MAX && buf->status == CACHET_OK)
        buf->status = CACHET_E_TOO_LARGE;
    ct_buf_u32le(buf, (uint32_t) bytes.size);
    ct_buf_append(buf, bytes);
}

const char *ct_buf_c_string(struct ct_buf *buf)
{
    if (!has_room_for(buf, 0))
        return NULL;
    buf->data[buf->size] = '\0';
    return (const char *) buf->data;
}
