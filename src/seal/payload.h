/* SPDX-License-Identifier: MIT */
/* What a head of kind entry, partial or cache carries (docs/format.md). Strict and total. */
#ifndef CT_SEAL_PAYLOAD_H
#define CT_SEAL_PAYLOAD_H

#include <cachet/sys/store.h>

#include "base/buf.h"

#define CT_INLINE_MAX 16384u
#define CT_STAGES_MAX 4u
#define CT_TOTAL_UNKNOWN UINT64_MAX

enum ct_body_where {
    CT_BODY_NONE = 0,
    CT_BODY_INLINE = 1,
    CT_BODY_CHUNKS = 2,
};

enum ct_serializer {
    CT_SERIALIZER_NATIVE = 0,
};

struct ct_segment {
    cachet_body_id id;
    uint64_t first_chunk;
    uint64_t chunk_count;
};

/* Views point into the payload's bytes. */
struct ct_payload {
    uint64_t total; /* stored body bytes */
    uint64_t body;  /* without padding */
    uint64_t plain; /* before stages */
    uint8_t serializer;
    uint8_t stages[CT_STAGES_MAX];
    size_t stage_count;
    enum ct_body_where where;
    struct ct_segment segments[CACHET_SEGMENTS_MAX];
    size_t segment_count;
    cachet_bytes record;
    cachet_bytes inline_body;
};

/* The caller's payload must be one that decode takes. */
void ct_payload_encode(const struct ct_payload *payload, struct ct_buf *buf);

/*
 * E_FORMAT names what is wrong; E_VERSION: a serializer or stage this version does not know.
 * `is_partial` allows an unknown total and chunks that are missing. In an entry the segments
 * are exactly the chunks of `total` bytes, in order.
 */
cachet_status ct_payload_decode(cachet_bytes bytes, bool is_partial,
                                struct ct_payload *ret_payload, cachet_error *err);

/* The payload of the cache record. */
struct ct_cache_record {
    unsigned char id[16];
    uint64_t created_ms;
    uint32_t suites; /* a bit for each suite allowed in this cache */
};

void ct_cache_record_encode(const struct ct_cache_record *record, struct ct_buf *buf);
cachet_status ct_cache_record_decode(cachet_bytes bytes, struct ct_cache_record *ret_record,
                                     cachet_error *err);

#endif
