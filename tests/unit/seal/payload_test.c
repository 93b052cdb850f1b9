/* SPDX-License-Identifier: MIT */
#include "seal/payload.h"

#include "seal_test.h"

#define MANY 4096u

static cachet_error err;

static struct ct_payload inline_payload(void)
{
    return (struct ct_payload){
        .total = 5,
        .body = 5,
        .plain = 5,
        .where = CT_BODY_INLINE,
        .record = CT_BYTES("the record"),
        .inline_body = CT_BYTES("hello"),
    };
}

static struct ct_payload chunked(uint64_t total, size_t segment_count)
{
    struct ct_payload payload = {
        .total = total,
        .body = total,
        .plain = total,
        .where = CT_BODY_CHUNKS,
        .segment_count = segment_count,
        .record = CT_BYTES("the record"),
    };
    for (size_t i = 0; i < segment_count; i++) {
        payload.segments[i].id.bytes[0] = (unsigned char) (i + 1);
        payload.segments[i].first_chunk = i;
        payload.segments[i].chunk_count = 1;
    }
    return payload;
}

static struct ct_buf encoded(const struct ct_payload *payload)
{
    struct ct_buf buf = ct_buf_with_ceiling(CACHET_HEAD_MAX);
    ct_payload_encode(payload, &buf);
    must(ct_buf_status(&buf, &err), &err);
    return buf;
}

static cachet_status decoded(const struct ct_payload *payload, bool is_partial,
                             struct ct_payload *ret_payload)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = encoded(payload);
    return ct_payload_decode(ct_buf_view(&buf), is_partial, ret_payload, &err);
}

static void check(const char *what, struct ct_payload payload, bool is_partial,
                  cachet_status expected)
{
    struct ct_payload got = {.total = 77};
    const cachet_status status = decoded(&payload, is_partial, &got);
    CHECK(status == expected && (status == CACHET_OK || got.total == 77), "%s: %s", what,
          cachet_status_text(status));
}

static void test_round_trips(void)
{
    struct ct_payload payload = inline_payload();
    CLEANUP(ct_buf_fini) struct ct_buf buf = encoded(&payload);
    struct ct_payload got;

    must(ct_payload_decode(ct_buf_view(&buf), false, &got, &err), &err);
    CHECK(got.total == 5 && got.body == 5 && got.plain == 5 && got.where == CT_BODY_INLINE &&
              ct_bytes_equal(got.record, payload.record) &&
              ct_bytes_equal(got.inline_body, payload.inline_body),
          "inline");
    payload = chunked(3 * 65536 + 1, 4);
    payload.segments[2].id.bytes[15] = 9;
    must(decoded(&payload, false, &got), &err);
    CHECK(got.where == CT_BODY_CHUNKS && got.segment_count == 4 &&
              memcmp(got.segments, payload.segments, 4 * sizeof payload.segments[0]) == 0,
          "four segments");
    payload = (struct ct_payload){.record = CT_BYTES("r")};
    must(decoded(&payload, false, &got), &err);
    CHECK(got.where == CT_BODY_NONE && got.total == 0 && got.record.size == 1, "no body");
}

static void test_sizes(void)
{
    struct ct_payload payload = inline_payload();

    payload.body = 4;
    check("body is not total", payload, false, CACHET_E_FORMAT);
    payload = inline_payload();
    payload.plain = 6;
    check("plain is not body", payload, false, CACHET_E_FORMAT);
    payload = inline_payload();
    payload.total = payload.body = payload.plain = 6;
    check("inline shorter than it says", payload, false, CACHET_E_FORMAT);
    payload.total = payload.body = payload.plain = 4;
    check("inline longer than it says", payload, false, CACHET_E_FORMAT);
    payload.where = CT_BODY_NONE;
    check("a body that is nowhere", payload, false, CACHET_E_FORMAT);
    payload = inline_payload();
    payload.where = (enum ct_body_where) 3;
    check("in an unknown place", payload, false, CACHET_E_FORMAT);
    payload = inline_payload();
    payload.total = payload.body = payload.plain = CT_TOTAL_UNKNOWN;
    check("inline of unknown size", payload, true, CACHET_E_FORMAT);
}

static void test_inline_limit(void)
{
    static unsigned char bytes[CT_INLINE_MAX + 1];
    struct ct_payload payload = inline_payload();

    payload.inline_body = ct_bytes(bytes, CT_INLINE_MAX);
    payload.total = payload.body = payload.plain = CT_INLINE_MAX;
    check("16384 bytes inline", payload, false, CACHET_OK);
    payload.inline_body = ct_bytes(bytes, CT_INLINE_MAX + 1);
    payload.total = payload.body = payload.plain = CT_INLINE_MAX + 1;
    check("16385 bytes inline", payload, false, CACHET_E_FORMAT);
    payload.inline_body = ct_bytes(bytes, 0);
    payload.total = payload.body = payload.plain = 0;
    check("nothing inline", payload, false, CACHET_OK);
}

static void test_codings(void)
{
    struct ct_payload payload = inline_payload();

    payload.serializer = 1;
    check("a serializer to come", payload, false, CACHET_E_VERSION);
    payload = inline_payload();
    payload.stage_count = 1;
    check("a stage to come", payload, false, CACHET_E_VERSION);
    CLEANUP(ct_buf_fini) struct ct_buf buf = encoded(&payload);
    buf.data[25] = 5;
    CHECK(ct_payload_decode(ct_buf_view(&buf), false, &payload, &err) == CACHET_E_FORMAT,
          "five stages");
}

static void test_counts(void)
{
    check("16 segments", chunked(UINT64_C(16) * 65536, 16), false, CACHET_OK);
    check("a chunk too few", chunked(16 * 65536 + 1, 16), false, CACHET_E_FORMAT);
    check("a chunk too many", chunked(UINT64_C(15) * 65536, 16), false, CACHET_E_FORMAT);
    check("chunks of nothing", chunked(0, 1), false, CACHET_E_FORMAT);
    check("one byte in a chunk", chunked(1, 1), false, CACHET_OK);
    check("unknown total of an entry", chunked(CT_TOTAL_UNKNOWN, 2), false, CACHET_E_FORMAT);
    check("unknown total of a partial", chunked(CT_TOTAL_UNKNOWN, 2), true, CACHET_OK);
    check("missing chunks of a partial", chunked(UINT64_C(9) * 65536, 2), true, CACHET_OK);
    check("missing chunks of an entry", chunked(UINT64_C(9) * 65536, 2), false,
          CACHET_E_FORMAT);
    struct ct_payload payload = chunked(1, 1);
    CLEANUP(ct_buf_fini) struct ct_buf buf = encoded(&payload);
    const cachet_bytes view = ct_buf_view(&buf);
    for (unsigned count = 0; count < 256; count += count == 0 ? 17 : 239) {
        buf.data[31] = (unsigned char) count;
        CHECK(ct_payload_decode(view, false, &payload, &err) == CACHET_E_FORMAT, "%u segments",
              count);
    }
    buf.data[31] = 1;
    CHECK(ct_payload_decode(view, false, &payload, &err) == CACHET_OK, "one segment");
    buf.data[29] = 2;
    CHECK(ct_payload_decode(view, false, &payload, &err) == CACHET_E_FORMAT,
          "chunks of another size");
}

static void test_segments(void)
{
    struct ct_payload payload = chunked(UINT64_C(3) * 65536, 3);

    payload.segments[1].chunk_count = 0;
    check("an empty segment", payload, true, CACHET_E_FORMAT);
    payload = chunked(UINT64_C(3) * 65536, 3);
    payload.segments[1].first_chunk = 0;
    check("segments that overlap", payload, true, CACHET_E_FORMAT);
    payload = chunked(UINT64_C(3) * 65536, 2);
    payload.segments[1].first_chunk = 2;
    check("a gap in an entry", payload, false, CACHET_E_FORMAT);
    check("a gap in a partial", payload, true, CACHET_OK);
    payload = chunked(UINT64_C(2) * 65536, 1);
    payload.segments[0].first_chunk = 1;
    check("an entry without its first chunk", payload, false, CACHET_E_FORMAT);
    payload = chunked(UINT64_C(3) * 65536, 3);
    payload.segments[2].id = payload.segments[0].id;
    check("one body id twice", payload, false, CACHET_E_FORMAT);
    payload = chunked(UINT64_C(3) * 65536, 2);
    payload.segments[0].chunk_count = UINT64_MAX;
    payload.segments[1].first_chunk = 0;
    check("counts that overflow", payload, true, CACHET_E_FORMAT);
    payload.segments[0].chunk_count = 1;
    payload.segments[1].first_chunk = UINT64_MAX;
    check("a first chunk that overflows", payload, true, CACHET_E_FORMAT);
    payload = chunked(UINT64_MAX - 1, 1);
    payload.segments[0].chunk_count = (uint64_t) 1 << 48;
    check("the largest total", payload, false, CACHET_OK);
}

/* Every beginning of it is refused, and every end that trails. */
static void test_lengths(struct ct_payload payload)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = encoded(&payload);
    const size_t size = buf.size;
    struct ct_payload got;
    size_t taken = 0;

    for (size_t i = 0; i < size; i++)
        taken += ct_payload_decode(ct_bytes(buf.data, i), false, &got, &err) != CACHET_E_FORMAT;
    CHECK(taken == 0, "%zu truncations are refused", size);
    ct_buf_u8(&buf, 0);
    CHECK(ct_payload_decode(ct_buf_view(&buf), false, &got, &err) == CACHET_E_FORMAT,
          "a byte that trails");
}

static void test_cache_record(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(MANY);
    struct ct_cache_record record = {{1, 2}, 1234567890123, 2}, got;
    size_t taken = 0;

    ct_cache_record_encode(&record, &buf);
    must(ct_cache_record_decode(ct_buf_view(&buf), &got, &err), &err);
    CHECK(buf.size == 28 && memcmp(got.id, record.id, sizeof got.id) == 0 &&
              got.created_ms == 1234567890123 && got.suites == 2,
          "a cache record");
    for (size_t i = 0; i < 28; i++)
        taken += ct_cache_record_decode(ct_bytes(buf.data, i), &got, &err) != CACHET_E_FORMAT;
    ct_buf_u8(&buf, 0);
    taken += ct_cache_record_decode(ct_buf_view(&buf), &got, &err) != CACHET_E_FORMAT;
    CHECK(taken == 0, "it has one length");
    memset(buf.data, 0, 16);
    CHECK(ct_cache_record_decode(ct_bytes(buf.data, 28), &got, &err) == CACHET_E_FORMAT,
          "a cache has an id");
    buf.data[0] = 1;
    memset(buf.data + 24, 0, 4);
    CHECK(ct_cache_record_decode(ct_bytes(buf.data, 28), &got, &err) == CACHET_E_FORMAT,
          "and a suite");
}

int main(void)
{
    test_round_trips();
    test_sizes();
    test_inline_limit();
    test_codings();
    test_counts();
    test_segments();
    test_lengths(inline_payload());
    test_lengths(chunked(UINT64_C(3) * 65536, 3));
    test_cache_record();
    return tap_done();
}
