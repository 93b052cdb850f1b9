/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"

void ct_buf_fini(struct ct_buf *buf)
{
    ct_mem_free(buf->data);
    *buf = ct_buf_with_ceiling(buf->ceiling);
}

void ct_buf_wipe(struct ct_buf *buf)
{
    if (buf->data != NULL)
        ct_mem_wipe(buf->data, buf->capacity);
    ct_buf_fini(buf);
}

cachet_status ct_buf_status(const struct ct_buf *buf, cachet_error *err)
{
    if (buf->status == CACHET_E_TOO_LARGE)
        return ct_err_set(err, buf->status, "over %zu bytes", buf->ceiling);
    if (buf->status != CACHET_OK)
        return ct_err_set(err, buf->status, "out of memory");
    return CACHET_OK;
}

/* Doubles, so that appending is linear in all; never past the ceiling. */
static bool has_room_for(struct ct_buf *buf, size_t size)
{
    if (buf->status != CACHET_OK)
        return false;
    if (size > buf->ceiling - buf->size) {
        buf->status = CACHET_E_TOO_LARGE;
        return false;
    }
    if (buf->size + size <= buf->capacity)
        return true;

    size_t capacity = buf->capacity < 256 ? 256 : buf->capacity;
    while (capacity < buf->size + size && capacity <= buf->ceiling / 2)
        capacity *= 2;
    if (capacity < buf->size + size || capacity > buf->ceiling)
        capacity = buf->ceiling;

    void *memory = buf->data;
    buf->status = ct_mem_resize(&memory, capacity, NULL);
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
    if (size < 0 || !has_room_for(buf, (size_t) size + 1))
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
    if (bytes.size > UINT32_MAX) {
        buf->status = CACHET_E_TOO_LARGE;
        return;
    }
    ct_buf_u32le(buf, (uint32_t) bytes.size);
    ct_buf_append(buf, bytes);
}

const char *ct_buf_c_string(struct ct_buf *buf)
{
    if (!has_room_for(buf, 1))
        return NULL;
    buf->data[buf->size] = '\0';
    return (const char *) buf->data;
}

cachet_bytes ct_read_bytes(struct ct_reader *reader, uint64_t size)
{
    if (size > reader->rest.size) {
        *reader = (struct ct_reader){ct_bytes(NULL, 0), true};
        return ct_bytes(NULL, 0);
    }
    const cachet_bytes taken = ct_bytes_first(reader->rest, (size_t) size);
    reader->rest = ct_bytes_from(reader->rest, (size_t) size);
    return taken;
}

cachet_bytes ct_read_part(struct ct_reader *reader)
{
    return ct_read_bytes(reader, ct_read_u32le(reader));
}

static uint64_t read_le(struct ct_reader *reader, size_t size)
{
    const cachet_bytes bytes = ct_read_bytes(reader, size);
    uint64_t value = 0;

    for (size_t i = 0; i < bytes.size; i++)
        value |= (uint64_t) bytes.data[i] << (8 * i);
    return value;
}

uint8_t ct_read_u8(struct ct_reader *reader)
{
    return (uint8_t) read_le(reader, 1);
}

uint16_t ct_read_u16le(struct ct_reader *reader)
{
    return (uint16_t) read_le(reader, 2);
}

uint32_t ct_read_u32le(struct ct_reader *reader)
{
    return (uint32_t) read_le(reader, 4);
}

uint64_t ct_read_u64le(struct ct_reader *reader)
{
    return read_le(reader, 8);
}
