/* SPDX-License-Identifier: MIT */
/* Payloads and cache records: what decodes encodes to the very same bytes. */
#include <stdlib.h>

#include "seal/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_same(struct ct_buf *encoded, cachet_bytes bytes)
{
    if (ct_buf_status(encoded, NULL) != CACHET_OK ||
        !ct_bytes_equal(ct_buf_view(encoded), bytes))
        abort();
}

static void decode_payload(cachet_bytes bytes, bool is_partial)
{
    CLEANUP(ct_buf_fini) struct ct_buf encoded = ct_buf_with_ceiling(bytes.size);
    struct ct_payload payload;

    if (ct_payload_decode(bytes, is_partial, &payload, NULL) != CACHET_OK)
        return;
    ct_payload_encode(&payload, &encoded);
    require_same(&encoded, bytes);
}

static void decode_cache_record(cachet_bytes bytes)
{
    CLEANUP(ct_buf_fini) struct ct_buf encoded = ct_buf_with_ceiling(bytes.size);
    struct ct_cache_record record;

    if (ct_cache_record_decode(bytes, &record, NULL) != CACHET_OK)
        return;
    ct_cache_record_encode(&record, &encoded);
    require_same(&encoded, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode_payload(ct_bytes(data, size), false);
    decode_payload(ct_bytes(data, size), true);
    decode_cache_record(ct_bytes(data, size));
    return 0;
}
