/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/mem.h"
#include "cache/body.h"

struct ct_body_reader {
    const struct ct_binding *binding;
    const struct ct_entry *entry;
    struct ct_body_key *seal;   /* of the segment below */
    cachet_body_reader *stored; /* likewise */
    size_t segment;
    uint64_t first; /* the window that is read: the whole body, or a part of it */
    uint64_t size;
    uint64_t next_chunk;
    uint64_t handed_out;
    bool is_checked;      /* every chunk was found good before the first byte */
    cachet_bytes ready;   /* checked bytes of `chunk` that were not handed out yet */
    unsigned char *chunk; /* CACHET_CHUNK_STORED_MAX bytes, made when first needed */
};

static uint64_t total_of(const struct ct_body_reader *reader)
{
    return reader->entry->payload.total;
}

static uint64_t chunk_count_of(const struct ct_body_reader *reader)
{
    const uint64_t total = total_of(reader);
    return total / CACHET_CHUNK_SIZE + (total % CACHET_CHUNK_SIZE != 0);
}

static cachet_status open_segment(struct ct_body_reader *reader, size_t index,
                                  cachet_error *err)
{
    const struct ct_segment *const segment = &reader->entry->payload.segments[index];
    const struct ct_binding *const binding = reader->binding;

    ct_store_body_close(reader->stored);
    ct_body_key_free(reader->seal);
    reader->stored = NULL;
    reader->seal = NULL;
    reader->segment = index;
    TRY(ct_body_key_of(binding->sealer, &reader->entry->opened, &segment->id, &reader->seal,
                       err));
    return ct_store_body_open(binding->store, &reader->entry->where.key, &segment->id,
                              &reader->stored, err);
}

cachet_status ct_body_reader_new(const struct ct_binding *binding, const struct ct_entry *entry,
                                 struct ct_body_reader **ret_reader, cachet_error *err)
{
    CLEANUP(ct_body_reader_freep) struct ct_body_reader *reader = NULL;

    TRY(ct_new(&reader, err));
    reader->binding = binding;
    reader->entry = entry;
    reader->size = entry->payload.total;
    if (entry->payload.where == CT_BODY_CHUNKS)
        TRY(open_segment(reader, 0, err));
    else
        reader->ready = entry->payload.inline_body;
    *ret_reader = ct_steal(&reader);
    return CACHET_OK;
}

void ct_body_reader_free(struct ct_body_reader *reader)
{
    if (reader == NULL)
        return;
    ct_store_body_close(reader->stored);
    ct_body_key_free(reader->seal);
    ct_mem_free(reader->chunk);
    ct_mem_free(reader);
}

void ct_body_reader_narrow(struct ct_body_reader *reader, uint64_t first, uint64_t size)
{
    assert(size > 0 && first < total_of(reader) && size <= total_of(reader) - first);
    reader->first = first;
    reader->size = size;
    reader->next_chunk = first / CACHET_CHUNK_SIZE;
    if (reader->entry->payload.where != CT_BODY_CHUNKS)
        reader->ready =
            ct_bytes_first(ct_bytes_from(reader->ready, (size_t) first), (size_t) size);
}

bool ct_body_reader_has_begun(const struct ct_body_reader *reader)
{
    return reader->handed_out > 0;
}

/* Segments hold runs of chunks, in order and without a gap (the payload's decoder saw to it).
 */
static cachet_status go_to_chunk(struct ct_body_reader *reader, uint64_t index,
                                 uint64_t *ret_index_in_segment, cachet_error *err)
{
    const struct ct_payload *const payload = &reader->entry->payload;
    size_t at = 0;

    while (at + 1 < payload->segment_count && index >= payload->segments[at + 1].first_chunk)
        at++;
    if (at != reader->segment || reader->stored == NULL)
        TRY(open_segment(reader, at, err));
    *ret_index_in_segment = index - payload->segments[at].first_chunk;
    return CACHET_OK;
}

/* The next chunk into `room` (CACHET_CHUNK_STORED_MAX bytes), checked: promise 1 is kept here.
 */
static cachet_status next_chunk(struct ct_body_reader *reader, unsigned char *room,
                                cachet_bytes *ret_bytes, cachet_error *err)
{
    const uint64_t index = reader->next_chunk, total = total_of(reader);
    const bool is_last = index + 1 == chunk_count_of(reader);
    const uint64_t rest = total - index * CACHET_CHUNK_SIZE;
    const size_t expected = rest < CACHET_CHUNK_SIZE ? (size_t) rest : CACHET_CHUNK_SIZE;
    uint64_t index_in_segment = 0;
    size_t size = 0;

    TRY(go_to_chunk(reader, index, &index_in_segment, err));
    const size_t tag_size = ct_body_tag_size(reader->seal);
    TRY(ct_store_body_read(reader->stored, index_in_segment, tag_size, room, &size, err));
    if (size < expected + tag_size || (!is_last && size != expected + tag_size))
        return ct_err_set(err, CACHET_E_TAMPERED, "chunk %llu of the body is cut off",
                          (unsigned long long) index);
    if (size != expected + tag_size)
        return ct_err_set(err, CACHET_E_TAMPERED, "the body goes on behind its end");
    TRY(ct_chunk_open(reader->seal, ct_chunk_at(index, is_last), room, size, ret_bytes, err));
    reader->next_chunk++;
    return CACHET_OK;
}

static cachet_status make_room(struct ct_body_reader *reader, cachet_error *err)
{
    return reader->chunk != NULL ? CACHET_OK
                                 : ct_new_array(&reader->chunk, CACHET_CHUNK_STORED_MAX, err);
}

/* The chunks that the window touches, one after the other; nothing is handed out. */
static cachet_status check_window(struct ct_body_reader *reader, cachet_error *err)
{
    const uint64_t begin = reader->next_chunk;
    const uint64_t end = (reader->first + reader->size - 1) / CACHET_CHUNK_SIZE;
    cachet_bytes bytes;

    TRY(make_room(reader, err));
    while (reader->next_chunk <= end)
        TRY(next_chunk(reader, reader->chunk, &bytes, err));
    reader->next_chunk = begin;
    return CACHET_OK;
}

cachet_status ct_body_reader_check(struct ct_body_reader *reader, cachet_error *err)
{
    return reader->entry->payload.where == CT_BODY_CHUNKS ? check_window(reader, err)
                                                          : CACHET_OK;
}

static cachet_status hand_out(struct ct_body_reader *reader, unsigned char *buffer,
                              size_t capacity, size_t *ret_size)
{
    const cachet_bytes piece = ct_bytes_first(reader->ready, capacity);

    if (piece.size > 0)
        memcpy(buffer, piece.data, piece.size);
    reader->ready = ct_bytes_from(reader->ready, piece.size);
    reader->handed_out += piece.size;
    *ret_size = piece.size;
    return CACHET_OK;
}

/*
 * The whole body in one pass: chunks are opened where they will stay, except where the buffer
 * has no room for the tag behind one. What was copied is wiped if a later chunk is bad.
 */
static cachet_status read_whole(struct ct_body_reader *reader, unsigned char *buffer,
                                size_t capacity, size_t *ret_size, cachet_error *err)
{
    size_t size = 0;
    cachet_bytes bytes;
    cachet_status status = CACHET_OK;

    while (status == CACHET_OK && reader->next_chunk < chunk_count_of(reader)) {
        const bool has_room = capacity - size >= CACHET_CHUNK_STORED_MAX;
        if (!has_room)
            TRY(make_room(reader, err));
        unsigned char *const room = has_room ? buffer + size : reader->chunk;
        status = next_chunk(reader, room, &bytes, err);
        if (status == CACHET_OK) {
            if (!has_room)
                memcpy(buffer + size, bytes.data, bytes.size);
            size += bytes.size;
        }
    }
    if (status != CACHET_OK) {
        ct_mem_wipe(buffer, capacity);
        return status;
    }
    reader->handed_out = size;
    *ret_size = size;
    return CACHET_OK;
}

/* The next chunk, and of it what lies in the window. */
static cachet_status read_chunk(struct ct_body_reader *reader, cachet_error *err)
{
    const size_t skipped =
        reader->handed_out == 0 ? (size_t) (reader->first % CACHET_CHUNK_SIZE) : 0;
    const uint64_t left = reader->size - reader->handed_out;
    cachet_bytes bytes;

    TRY(make_room(reader, err));
    TRY(next_chunk(reader, reader->chunk, &bytes, err));
    bytes = ct_bytes_from(bytes, skipped);
    reader->ready = bytes.size < left ? bytes : ct_bytes_first(bytes, (size_t) left);
    return CACHET_OK;
}

cachet_status ct_body_reader_read(struct ct_body_reader *reader, unsigned char *buffer,
                                  size_t capacity, size_t *ret_size, cachet_error *err)
{
    if (reader->ready.size > 0 || reader->handed_out == reader->size || capacity == 0)
        return hand_out(reader, buffer, capacity, ret_size);
    if (reader->handed_out == 0 && reader->size == total_of(reader) && capacity >= reader->size)
        return read_whole(reader, buffer, capacity, ret_size, err);
    if (!reader->is_checked && reader->size <= CT_CHECKED_WHOLE_MAX)
        TRY(check_window(reader, err));
    reader->is_checked = true;
    TRY(read_chunk(reader, err));
    return hand_out(reader, buffer, capacity, ret_size);
}
