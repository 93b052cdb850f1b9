/* SPDX-License-Identifier: MIT */
/* What a body must hash to (RFC 9530). The hashing is done elsewhere. */
#ifndef CT_HTTP_DIGEST_H
#define CT_HTTP_DIGEST_H

#include "http/fields.h"

/* X(ENUM, "key", bytes): those that still secure something (RFC 9530 5). */
#define CT_DIGEST_LIST(X)                                                                      \
    X(SHA256, "sha-256", 32)                                                                   \
    X(SHA512, "sha-512", 64)

enum ct_digest_algorithm {
#define CT_DIGEST_ENUM(name, key, size) CT_DIGEST_##name,
    CT_DIGEST_LIST(CT_DIGEST_ENUM)
#undef CT_DIGEST_ENUM
        CT_DIGEST_COUNT
};

#define CT_DIGEST_SIZE_MAX 64u

struct ct_digest {
    enum ct_digest_algorithm algorithm;
    bool is_malformed; /* no hash of that algorithm: nothing matches it */
    unsigned char bytes[CT_DIGEST_SIZE_MAX];
    size_t size;
};

/*
 * The digests that the field (Content-Digest or Repr-Digest) states by algorithms known here,
 * each at most once; returns how many, 0 where the field is no dictionary (RFC 9530 2, 3).
 * Content-Digest is of the bytes of this very message, a 206's too; Repr-Digest is of the whole
 * representation with its content coding, so it checks a 200 and a completed part.
 */
size_t ct_digests_read(const struct ct_fields *response, cachet_bytes name,
                       struct ct_digest ret_digests[CT_DIGEST_COUNT]);

#endif
