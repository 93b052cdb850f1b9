/* SPDX-License-Identifier: MIT */
/*
 * Content codings off hostile bytes. The first byte chooses the codings, the second how the
 * rest is cut into pieces.
 */
#include "session/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const choices[] = {
    "gzip", "deflate", "br", "zstd", "gzip, br", "zstd, gzip, deflate", "br,br,br,br"};

static void run(struct ct_decoder *decoder, cachet_bytes coded, size_t step)
{
    unsigned char out[4096];
    struct ct_flow flow = {.out = out, .room = step % sizeof out + 1};

    do {
        if (flow.in.size == 0) {
            flow.in = ct_bytes_first(coded, step);
            coded = ct_bytes_from(coded, flow.in.size);
            flow.is_last = flow.in.size == 0;
        }
        if (ct_decoder_run(decoder, &flow, NULL) != CACHET_OK)
            return;
    } while (flow.made > 0 || !flow.is_last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(ct_decoder_freep) struct ct_decoder *decoder = NULL;

    if (size < 2 || ct_decoder_new(&decoder, (uint64_t) 1 << 20, NULL) != CACHET_OK)
        return 0;
    const char *const codings = choices[data[0] % CT_COUNT_OF(choices)];
    if (ct_decoder_add(decoder, cachet_bytes_of(codings), NULL) == CACHET_OK &&
        ct_decoder_is_needed(decoder))
        run(decoder, ct_bytes(data + 2, size - 2), (size_t) data[1] * 16 + 1);
    return 0;
}
