/* SPDX-License-Identifier: MIT */
/*
 * Bodies, chunk by chunk.
 *
 * What keeps a (key, nonce) pair from serving twice (docs/format.md):
 *   - a key that writes comes from ct_body_key_new alone, with an id drawn there;
 *   - it takes chunk numbers in order, each once, and none after the last;
 *   - it refuses in a process that was forked off.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/random.h"
#include "seal/sealer.h"

struct ct_body_key {
    const struct ct_sealer *sealer; /* outlives the key */
    unsigned char key[CT_KEY_SIZE]; /* K of this body alone */
    bool is_writer;
    bool is_begun;
    bool is_ended;
    pid_t owner;   /* the process that may write */
    uint64_t next; /* once begun: the only number that may be sealed */
};

static cachet_status key_of(const struct ct_sealer *sealer, size_t key_index,
                            const cachet_body_id *id, struct ct_body_key **ret_key,
                            cachet_error *err)
{
    static const char label[] = "cachet/1 chunks";
    const cachet_bytes parts[] = {
        {(const unsigned char *) label, sizeof label},
        {id->bytes, sizeof id->bytes},
    };
    CLEANUP(ct_body_key_freep) struct ct_body_key *key = NULL;

    TRY(ct_new(&key, err));
    key->sealer = sealer;
    if (sealer->suite != CT_SUITE_UNSEALED)
        TRY(ct_sealer_mac(sealer, ct_slot_body(key_index), parts, CT_COUNT_OF(parts), key->key,
                          err));
    *ret_key = ct_steal(&key);
    return CACHET_OK;
}

cachet_status ct_body_key_new(const struct ct_sealer *sealer, cachet_body_id *ret_id,
                              struct ct_body_key **ret_key, cachet_error *err)
{
    cachet_body_id id;

    TRY(ct_random(id.bytes, sizeof id.bytes, err));
    TRY(key_of(sealer, 0, &id, ret_key, err));
    (*ret_key)->is_writer = true;
    (*ret_key)->owner = getpid();
    *ret_id = id;
    return CACHET_OK;
}

cachet_status ct_body_key_of(const struct ct_sealer *sealer, const struct ct_opened *opened,
                             const cachet_body_id *id, struct ct_body_key **ret_key,
                             cachet_error *err)
{
    assert(opened->key_index < sealer->key_count || sealer->suite == CT_SUITE_UNSEALED);
    return key_of(sealer, opened->key_index, id, ret_key, err);
}

void ct_body_key_free(struct ct_body_key *key)
{
    if (key == NULL)
        return;
    ct_mem_wipe(key, sizeof *key);
    ct_mem_free(key);
}

size_t ct_body_tag_size(const struct ct_body_key *key)
{
    return key->sealer->suite == CT_SUITE_UNSEALED ? 0 : CT_TAG_SIZE;
}

/* i u64 ‖ last u8 ‖ 00 00 00 */
static void write_nonce(unsigned char nonce[CT_NONCE_SIZE], struct ct_chunk_at at)
{
    memset(nonce, 0, CT_NONCE_SIZE);
    for (unsigned i = 0; i < 8; i++)
        nonce[i] = (unsigned char) (at.index >> (8 * i));
    nonce[8] = at.is_last ? 1 : 0;
}

/* Is it a size that a chunk's bytes can have? */
static bool is_chunk_size(size_t size, bool is_last)
{
    return is_last ? size > 0 && size <= CACHET_CHUNK_SIZE : size == CACHET_CHUNK_SIZE;
}

/* One sealing for each number, for ever: two would let anybody forge a third. */
static cachet_status claim_number(struct ct_body_key *key, struct ct_chunk_at at,
                                  cachet_error *err)
{
    if (!key->is_writer)
        return ct_err_set(err, CACHET_E_CRYPTO, "a body that was read cannot be written");
    if (key->owner != getpid())
        return ct_err_set(err, CACHET_E_CRYPTO, "a body cannot be written on after a fork");
    if (key->is_begun && (key->is_ended || at.index != key->next)) {
#ifndef NDEBUG
        if (at.index < key->next)
            abort();
#endif
        return ct_err_set(err, CACHET_E_CRYPTO, "chunk %llu was sealed before or is not due",
                          (unsigned long long) at.index);
    }
    if (at.index == UINT64_MAX)
        return ct_err_set(err, CACHET_E_USAGE, "no chunk has such a number");
    key->is_begun = true;
    key->is_ended = at.is_last;
    key->next = at.index + 1;
    return CACHET_OK;
}

cachet_status ct_chunk_seal(struct ct_body_key *key, struct ct_chunk_at at,
                            unsigned char *chunk, size_t size, size_t *ret_stored_size,
                            cachet_error *err)
{
    unsigned char nonce[CT_NONCE_SIZE];
    const struct ct_tagged tagged = {key->key, nonce, ct_bytes(chunk, size)};
    const size_t tag_size = ct_body_tag_size(key);

    if (!is_chunk_size(size, at.is_last))
        return ct_err_set(err, CACHET_E_USAGE, "%zu bytes are no chunk", size);
    /* Claimed also where sealing fails after it: the number is gone then. */
    TRY(claim_number(key, at, err));
    write_nonce(nonce, at);
    if (tag_size > 0)
        TRY(ct_sealer_tag(key->sealer, &tagged, chunk + size, err));
    *ret_stored_size = size + tag_size;
    return CACHET_OK;
}

static cachet_status refuse_chunk(uint64_t index, const char *why, cachet_error *err)
{
    return ct_err_set(err, ct_refusal_status(CT_REFUSED_BAD_CHUNK), "%s: chunk %llu %s",
                      ct_refusal_word(CT_REFUSED_BAD_CHUNK), (unsigned long long) index, why);
}

cachet_status ct_chunk_open(struct ct_body_key *key, struct ct_chunk_at at,
                            unsigned char *chunk, size_t stored_size, cachet_bytes *ret_bytes,
                            cachet_error *err)
{
    const size_t tag_size = ct_body_tag_size(key);
    const size_t size = stored_size < tag_size ? 0 : stored_size - tag_size;
    unsigned char nonce[CT_NONCE_SIZE];
    const struct ct_tagged tagged = {key->key, nonce, ct_bytes(chunk, size)};
    bool is_good = tag_size == 0;

    if (!is_chunk_size(size, at.is_last))
        return refuse_chunk(at.index, "is longer or shorter than it must be", err);
    write_nonce(nonce, at);
    if (tag_size > 0)
        TRY(ct_sealer_check_tag(key->sealer, &tagged, chunk + size, &is_good, err));
    if (!is_good)
        return refuse_chunk(at.index, "was changed or stood elsewhere", err);
    *ret_bytes = ct_bytes(chunk, size);
    return CACHET_OK;
}
