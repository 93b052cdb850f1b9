/* SPDX-License-Identifier: MIT */
/*
 * Seals and opens heads and chunks, and makes the names they are kept under (docs/format.md).
 *
 * A ct_sealer holds the derived keys of one cache, made from a keyring and the cache's place;
 * it is immutable and may be used by any number of threads. Its crypto contexts are lent to one
 * call at a time and are never shared between threads or across a fork.
 */
#ifndef CT_SEAL_SEAL_H
#define CT_SEAL_SEAL_H

#include <cachet/keyring.h>
#include <cachet/sys/store.h>

#include "base/buf.h"

#define CT_CACHE_ID_SIZE 16u
#define CT_HEAD_FIXED_SIZE 44u
#define CT_SEAL_MAX 64u

/* Numbers are part of the format; 2 to 5 are kept for suites to come. */
enum ct_suite {
    CT_SUITE_UNSEALED = 0,
    CT_SUITE_SIGN_CHACHA = 1,
};

enum ct_head_kind {
    CT_HEAD_ENTRY = 1,
    CT_HEAD_PARTIAL = 2,
    CT_HEAD_CACHE = 3,
};

/* Why something was refused: X(ENUM, status, "word"). The words are part of the API. */
#define CT_REFUSAL_LIST(X)                                                                     \
    X(NONE, CACHET_OK, "none")                                                                 \
    X(FORMAT, CACHET_E_TAMPERED, "format")                                                     \
    X(WEAKER_SUITE, CACHET_E_TAMPERED, "weaker-suite")                                         \
    X(UNSEALED, CACHET_E_TAMPERED, "unsealed")                                                 \
    X(BAD_SEAL, CACHET_E_TAMPERED, "bad-seal")                                                 \
    X(WRONG_PLACE, CACHET_E_TAMPERED, "wrong-place")                                           \
    X(BAD_CHUNK, CACHET_E_TAMPERED, "bad-chunk")                                               \
    X(NEWER_FORMAT, CACHET_E_VERSION, "newer-format")                                          \
    X(FOREIGN, CACHET_E_UNKNOWN_KEY, "foreign")                                                \
    X(VOID, CACHET_E_NOT_FOUND, "void")

enum ct_refusal {
#define CT_REFUSAL_ENUM(name, status, word) CT_REFUSED_##name,
    CT_REFUSAL_LIST(CT_REFUSAL_ENUM)
#undef CT_REFUSAL_ENUM
};

const char *ct_refusal_word(enum ct_refusal refusal);
cachet_status ct_refusal_status(enum ct_refusal refusal);

struct ct_sealer;

/* The place of a head inside its cache. Made by who looks for it, never read from a head. */
struct ct_where {
    cachet_name key;
    cachet_name variant;
};

/* A head that opened. The payload points into the head. */
struct ct_opened {
    enum ct_head_kind kind;
    uint8_t suite;
    size_t key_index; /* which key of the sealer opened it */
    cachet_bytes payload;
};

/*
 * `keyring` NULL makes the sealer of an unsealed cache (suite 0). The cache record is sealed in
 * the place whose cache id is all zero.
 */
cachet_status ct_sealer_new(struct ct_sealer **ret_sealer, cachet_keyring *keyring,
                            const unsigned char cache_id[CT_CACHE_ID_SIZE],
                            cachet_bytes cache_namespace, cachet_error *err);
void ct_sealer_free(struct ct_sealer *sealer);
CT_DEFINE_FREEP(struct ct_sealer, ct_sealer_free)

/* The suite it writes, and the only one it reads. */
uint8_t ct_sealer_suite(const struct ct_sealer *sealer);

/* Names: keyed hashes (plain SHA-256 in an unsealed cache). */
cachet_status ct_name_request(const struct ct_sealer *sealer, cachet_bytes canonical_request,
                              cachet_name *ret_key, cachet_error *err);
cachet_status ct_name_credential(const struct ct_sealer *sealer, cachet_bytes parts,
                                 cachet_name *ret_digest, cachet_error *err);
/* `credential` is NULL where there was none. */
cachet_status ct_name_variant(const struct ct_sealer *sealer, cachet_bytes vary_pairs,
                              const cachet_name *credential, cachet_name *ret_variant,
                              cachet_error *err);
/* Plain SHA-256: for a request's body, which enters the request key as its hash. */
cachet_status ct_hash(const struct ct_sealer *sealer, cachet_bytes bytes,
                      unsigned char ret_hash[32], cachet_error *err);

/*
 * Appends the sealed head to `ret_head`. Every call draws a fresh seal id. E_TOO_LARGE: the
 * whole head is at most CACHET_HEAD_MAX bytes. E_USAGE: kind cache belongs to the sealer whose
 * cache id is all zero, at key and variant all zero, and every other kind to other sealers.
 */
cachet_status ct_head_seal(const struct ct_sealer *sealer, const struct ct_where *where,
                           enum ct_head_kind kind, cachet_bytes payload,
                           struct ct_buf *ret_head, cachet_error *err);

/*
 * Opens a head in the order of docs/format.md. What is refused gives the status of its refusal;
 * *ret_refusal says why. `ret_opened` is filled only on CACHET_OK.
 */
cachet_status ct_head_open(const struct ct_sealer *sealer, const struct ct_where *where,
                           cachet_bytes head, struct ct_opened *ret_opened,
                           enum ct_refusal *ret_refusal, cachet_error *err);

/* Seals and opens the chunks of one body. Belongs to one thread at a time; its sealer outlives
 * it. */
struct ct_body_key;

/* A fresh id and the key to write under it; the id dies with the key, and with a fork. */
cachet_status ct_body_key_new(const struct ct_sealer *sealer, cachet_body_id *ret_id,
                              struct ct_body_key **ret_key, cachet_error *err);
/* To read a body that an opened head names. Such a key never writes. */
cachet_status ct_body_key_of(const struct ct_sealer *sealer, const struct ct_opened *opened,
                             const cachet_body_id *id, struct ct_body_key **ret_key,
                             cachet_error *err);
void ct_body_key_free(struct ct_body_key *key);
CT_DEFINE_FREEP(struct ct_body_key, ct_body_key_free)

/* Which chunk of a body: both are in its nonce. */
struct ct_chunk_at {
    uint64_t index;
    bool is_last;
};

static inline struct ct_chunk_at ct_chunk_at(uint64_t index, bool is_last)
{
    return (struct ct_chunk_at){index, is_last};
}

/* Bytes of a tag behind each chunk: 16, or 0 in an unsealed cache. */
size_t ct_body_tag_size(const struct ct_body_key *key);

/*
 * Seals chunk `index` in place: `chunk` holds `size` bytes (CACHET_CHUNK_SIZE; 1 to that many
 * in the last one) and has room for the tag. E_CRYPTO refuses a key made for reading, one from
 * before a fork, and an index that was sealed before, is not due or comes after the last; a
 * debug build aborts on a repeat. The first call sets where the segment begins.
 */
cachet_status ct_chunk_seal(struct ct_body_key *key, struct ct_chunk_at at,
                            unsigned char *chunk, size_t size, size_t *ret_stored_size,
                            cachet_error *err);

/*
 * Opens a stored chunk in place: E_TAMPERED, or its body bytes, which point into `chunk`. Where
 * there is no tag only sizes are checked: the caller compares the last one's with the total.
 */
cachet_status ct_chunk_open(struct ct_body_key *key, struct ct_chunk_at at,
                            unsigned char *chunk, size_t stored_size, cachet_bytes *ret_bytes,
                            cachet_error *err);

#endif
