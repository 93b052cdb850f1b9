/* SPDX-License-Identifier: MIT */
/*
 * total u64 ‖ body u64 ‖ plain u64 ‖ serializer u8 ‖ stages u8 ‖ stage ids ‖ where u8
 *   ‖ if 2: chunk size u32 ‖ segments u8, each: body id[16] ‖ first chunk u64 ‖ chunks u64
 *   ‖ record length u32 ‖ record ‖ if 1: the body
 */
#include "seal/payload.h"

#include "base/error.h"

/* Chunks that `total` bytes are cut into; does not overflow. */
static uint64_t chunks_in(uint64_t total)
{
    return total / CACHET_CHUNK_SIZE + (total % CACHET_CHUNK_SIZE != 0);
}

static void encode_segments(const struct ct_payload *payload, struct ct_buf *buf)
{
    assert(payload->segment_count >= 1 && payload->segment_count <= CACHET_SEGMENTS_MAX);
    ct_buf_u32le(buf, CACHET_CHUNK_SIZE);
    ct_buf_u8(buf, (uint8_t) payload->segment_count);
    for (size_t i = 0; i < payload->segment_count; i++) {
        const struct ct_segment *const segment = &payload->segments[i];
        ct_buf_append(buf, ct_bytes(segment->id.bytes, sizeof segment->id.bytes));
        ct_buf_u64le(buf, segment->first_chunk);
        ct_buf_u64le(buf, segment->chunk_count);
    }
}

void ct_payload_encode(const struct ct_payload *payload, struct ct_buf *buf)
{
    assert(payload->stage_count <= CT_STAGES_MAX);
    ct_buf_u64le(buf, payload->total);
    ct_buf_u64le(buf, payload->body);
    ct_buf_u64le(buf, payload->plain);
    ct_buf_u8(buf, payload->serializer);
    ct_buf_u8(buf, (uint8_t) payload->stage_count);
    ct_buf_append(buf, ct_bytes(payload->stages, payload->stage_count));
    ct_buf_u8(buf, (uint8_t) payload->where);
    if (payload->where == CT_BODY_CHUNKS)
        encode_segments(payload, buf);
    ct_buf_part(buf, payload->record);
    if (payload->where == CT_BODY_INLINE)
        ct_buf_append(buf, payload->inline_body);
}

static cachet_status refuse(const char *why, cachet_error *err)
{
    return ct_err_set(err, CACHET_E_FORMAT, "payload: %s", why);
}

static cachet_status decode_coding(struct ct_reader *reader, struct ct_payload *payload,
                                   cachet_error *err)
{
    payload->serializer = ct_read_u8(reader);
    payload->stage_count = ct_read_u8(reader);
    if (payload->stage_count > CT_STAGES_MAX)
        return refuse("over 4 stages", err);
    const cachet_bytes stages = ct_read_bytes(reader, payload->stage_count);
    if (stages.size > 0)
        memcpy(payload->stages, stages.data, stages.size);
    if (payload->serializer != CT_SERIALIZER_NATIVE || payload->stage_count > 0)
        return ct_err_set(err, CACHET_E_VERSION,
                          "payload: a serializer or stage that this version does not know");
    return CACHET_OK;
}

static bool has_id_before(const struct ct_payload *payload, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (ct_bytes_equal(ct_bytes(payload->segments[i].id.bytes, CACHET_BODY_ID_SIZE),
                           ct_bytes(payload->segments[index].id.bytes, CACHET_BODY_ID_SIZE)))
            return true;
    return false;
}

/* The segments' chunks in order, inside the body; without a gap unless it is partial. */
static cachet_status check_segments(const struct ct_payload *payload, bool is_partial,
                                    cachet_error *err)
{
    const uint64_t chunk_count = chunks_in(payload->total);
    uint64_t end = 0;

    for (size_t i = 0; i < payload->segment_count; i++) {
        const struct ct_segment *const segment = &payload->segments[i];
        if (segment->first_chunk < end || (segment->first_chunk > end && !is_partial))
            return refuse("segments overlap or leave a gap", err);
        if (segment->first_chunk > chunk_count || segment->chunk_count == 0 ||
            segment->chunk_count > chunk_count - segment->first_chunk)
            return refuse("a segment is empty or longer than the body", err);
        if (has_id_before(payload, i))
            return refuse("two segments have one body id", err);
        end = segment->first_chunk + segment->chunk_count;
    }
    if (end != chunk_count && !is_partial)
        return refuse("segments do not make up the body", err);
    return CACHET_OK;
}

static cachet_status decode_segments(struct ct_reader *reader, bool is_partial,
                                     struct ct_payload *payload, cachet_error *err)
{
    const uint32_t chunk_size = ct_read_u32le(reader);
    payload->segment_count = ct_read_u8(reader);

    if (chunk_size != CACHET_CHUNK_SIZE)
        return refuse("chunks of another size than 65536", err);
    if (payload->segment_count < 1 || payload->segment_count > CACHET_SEGMENTS_MAX)
        return refuse("not 1 to 16 segments", err);
    for (size_t i = 0; i < payload->segment_count; i++) {
        struct ct_segment *const segment = &payload->segments[i];
        const cachet_bytes id = ct_read_bytes(reader, sizeof segment->id.bytes);
        if (id.size > 0)
            memcpy(segment->id.bytes, id.data, id.size);
        segment->first_chunk = ct_read_u64le(reader);
        segment->chunk_count = ct_read_u64le(reader);
    }
    if (reader->is_short)
        return refuse("cut off in its segments", err);
    return check_segments(payload, is_partial, err);
}

/* Suites 0 and 1 pad nothing, and there are no stages yet: the three sizes are one. */
static cachet_status check_sizes(const struct ct_payload *payload, bool is_partial,
                                 cachet_error *err)
{
    if (payload->body != payload->total || payload->plain != payload->body)
        return refuse("its sizes do not agree", err);
    if (payload->total == CT_TOTAL_UNKNOWN && !(is_partial && payload->where == CT_BODY_CHUNKS))
        return refuse("no total", err);
    switch (payload->where) {
    case CT_BODY_NONE:
        return payload->total == 0 ? CACHET_OK : refuse("a body that is nowhere", err);
    case CT_BODY_INLINE:
        return payload->total <= CT_INLINE_MAX ? CACHET_OK : refuse("inline over 16384", err);
    case CT_BODY_CHUNKS:
        return payload->total > 0 ? CACHET_OK : refuse("chunks of nothing", err);
    default:
        return refuse("its body is in no known place", err);
    }
}

static cachet_status decode_all(struct ct_reader *reader, bool is_partial,
                                struct ct_payload *payload, cachet_error *err)
{
    payload->total = ct_read_u64le(reader);
    payload->body = ct_read_u64le(reader);
    payload->plain = ct_read_u64le(reader);
    TRY(decode_coding(reader, payload, err));
    payload->where = (enum ct_body_where) ct_read_u8(reader);
    TRY(check_sizes(payload, is_partial, err));
    if (payload->where == CT_BODY_CHUNKS)
        TRY(decode_segments(reader, is_partial, payload, err));
    payload->record = ct_read_part(reader);
    if (payload->where == CT_BODY_INLINE)
        payload->inline_body = ct_read_bytes(reader, payload->total);
    if (!ct_reader_is_done(reader))
        return refuse(reader->is_short ? "cut off" : "bytes trail behind it", err);
    return CACHET_OK;
}

cachet_status ct_payload_decode(cachet_bytes bytes, bool is_partial,
                                struct ct_payload *ret_payload, cachet_error *err)
{
    struct ct_reader reader = ct_reader_over(bytes);
    struct ct_payload payload = {0};

    TRY(decode_all(&reader, is_partial, &payload, err));
    *ret_payload = payload;
    return CACHET_OK;
}

void ct_cache_record_encode(const struct ct_cache_record *record, struct ct_buf *buf)
{
    ct_buf_append(buf, ct_bytes(record->id, sizeof record->id));
    ct_buf_u64le(buf, record->created_ms);
    ct_buf_u32le(buf, record->suites);
}

cachet_status ct_cache_record_decode(cachet_bytes bytes, struct ct_cache_record *ret_record,
                                     cachet_error *err)
{
    static const unsigned char zero[sizeof ret_record->id];
    struct ct_reader reader = ct_reader_over(bytes);
    struct ct_cache_record record = {0};

    const cachet_bytes id = ct_read_bytes(&reader, sizeof record.id);
    record.created_ms = ct_read_u64le(&reader);
    record.suites = ct_read_u32le(&reader);
    if (!ct_reader_is_done(&reader))
        return ct_err_set(err, CACHET_E_FORMAT, "cache record is %zu bytes, not 28",
                          bytes.size);
    memcpy(record.id, id.data, sizeof record.id);
    if (ct_bytes_equal(id, ct_bytes(zero, sizeof zero)) || record.suites == 0)
        return ct_err_set(err, CACHET_E_FORMAT, "cache record without an id or a suite");
    *ret_record = record;
    return CACHET_OK;
}
