/* SPDX-License-Identifier: MIT */
/* The bare cryptography of a hit: one HMAC over a head, one tag over each chunk. */
#ifndef BENCH_FLOOR_SEAL_H
#define BENCH_FLOOR_SEAL_H

#include <openssl/evp.h>

#include "bench.h"

#define BENCH_SEAL_SIZE 32u
#define BENCH_TAG_SIZE 16u

/* Algorithms fetched once, contexts reused. All zero where it was not opened. */
struct bench_floor_seal {
    EVP_MAC *hmac;
    EVP_MAC_CTX *hmac_context; /* holds its key */
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *cipher_context;
};

cachet_status bench_floor_seal_open(struct bench_floor_seal *seal, cachet_error *err);
void bench_floor_seal_close(struct bench_floor_seal *seal);

/* HMAC-SHA-256. */
cachet_status bench_floor_head_seal(struct bench_floor_seal *seal, cachet_bytes head,
                                    unsigned char ret_seal[BENCH_SEAL_SIZE], cachet_error *err);

/* ChaCha20-Poly1305 with the chunk as associated data and nothing to encrypt. */
cachet_status bench_floor_chunk_tag(struct bench_floor_seal *seal, uint64_t index,
                                    cachet_bytes chunk, unsigned char ret_tag[BENCH_TAG_SIZE],
                                    cachet_error *err);

#endif
