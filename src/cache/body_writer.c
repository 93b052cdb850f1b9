/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/mem.h"
#include "cache/body.h"

/*
 * A full chunk is held back until the next byte or the end arrives: only then is it known
 * whether it is the last one, which its seal says.
 */
struct ct_body_writer {
    const struct ct_binding *binding;
    cachet_name key;
    cachet_body_id id;
    struct ct_body_key *seal;   /* NULL until the first chunk is written */
    cachet_body_writer *stored; /* likewise */
    uint64_t total;
    uint64_t chunk_count;
    size_t held;
    unsigned char chunk[CACHET_CHUNK_STORED_MAX];
};

cachet_status ct_body_writer_new(const struct ct_binding *binding, const cachet_name *key,
                                 struct ct_body_writer **ret_writer, cachet_error *err)
{
    struct ct_body_writer *writer = NULL;

    TRY(ct_new(&writer, err));
    writer->binding = binding;
    writer->key = *key;
    *ret_writer = writer;
    return CACHET_OK;
}

void ct_body_writer_free(struct ct_body_writer *writer)
{
    if (writer == NULL)
        return;
    ct_store_body_abort(writer->stored);
    ct_body_key_free(writer->seal);
    ct_mem_free(writer);
}

static cachet_status begin_chunks(struct ct_body_writer *writer, cachet_error *err)
{
    TRY(ct_body_key_new(writer->binding->sealer, &writer->id, &writer->seal, err));
    return ct_store_body_create(writer->binding->store, &writer->key, &writer->id,
                                &writer->stored, err);
}

static cachet_status flush(struct ct_body_writer *writer, bool is_last, cachet_error *err)
{
    size_t stored_size = 0;

    if (writer->seal == NULL)
        TRY(begin_chunks(writer, err));
    TRY(ct_chunk_seal(writer->seal, ct_chunk_at(writer->chunk_count, is_last), writer->chunk,
                      writer->held, &stored_size, err));
    writer->chunk_count++;
    writer->held = 0;
    return ct_store_body_append(writer->stored, ct_bytes(writer->chunk, stored_size), err);
}

cachet_status ct_body_writer_append(struct ct_body_writer *writer, cachet_bytes bytes,
                                    cachet_error *err)
{
    while (bytes.size > 0) {
        if (writer->held == CACHET_CHUNK_SIZE)
            TRY(flush(writer, false, err));
        const cachet_bytes piece = ct_bytes_first(bytes, CACHET_CHUNK_SIZE - writer->held);
        memcpy(writer->chunk + writer->held, piece.data, piece.size);
        writer->held += piece.size;
        writer->total += piece.size;
        bytes = ct_bytes_from(bytes, piece.size);
    }
    return CACHET_OK;
}

static cachet_status finish_chunks(struct ct_body_writer *writer, struct ct_payload *payload,
                                   cachet_error *err)
{
    TRY(flush(writer, true, err));
    TRY(ct_store_body_commit(&writer->stored, err));
    payload->where = CT_BODY_CHUNKS;
    payload->segment_count = 1;
    payload->segments[0] = (struct ct_segment){writer->id, 0, writer->chunk_count};
    return CACHET_OK;
}

cachet_status ct_body_writer_finish(struct ct_body_writer *writer, struct ct_payload *payload,
                                    cachet_error *err)
{
    payload->total = payload->body = payload->plain = writer->total;
    if (writer->total > ct_store_inline_size(writer->binding->store) ||
        writer->total > CT_INLINE_MAX)
        return finish_chunks(writer, payload, err);
    payload->where = writer->total == 0 ? CT_BODY_NONE : CT_BODY_INLINE;
    payload->inline_body = ct_bytes(writer->chunk, writer->held);
    return CACHET_OK;
}

void ct_body_writer_drop(struct ct_body_writer *writer)
{
    if (writer->chunk_count > 0)
        ct_store_body_drop(writer->binding->store, &writer->key, &writer->id);
}
