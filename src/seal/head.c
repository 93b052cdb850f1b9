/* SPDX-License-Identifier: MIT */
/*
 *  0   4  magic "CCHT"                  16   8  epoch
 *  4   1  format = 1                    24  16  seal id
 *  5   1  suite                         40   4  n, payload length
 *  6   1  kind                          44   n  payload
 *  7   1  zero                          44+n t  seal
 *  8   8  key id
 */
#include "base/error.h"
#include "base/random.h"
#include "seal/sealer.h"

#define FORMAT_NOW 1u
#define SEAL_ID_SIZE 16u

static const char magic[4] = {'C', 'C', 'H', 'T'};

/* The fixed fields of a head, and where the rest of it is. */
struct head {
    uint8_t format;
    uint8_t suite;
    uint8_t kind;
    uint8_t zero;
    cachet_bytes key_id;
    uint64_t epoch;
    cachet_bytes payload;
    cachet_bytes sealed; /* everything the seal stands on */
    cachet_bytes seal;
    bool is_short; /* of the payload it says it has */
};

static const struct {
    cachet_status status;
    const char *word;
} refusals[] = {
#define REFUSAL(name, status, word) {status, word},
    CT_REFUSAL_LIST(REFUSAL)
#undef REFUSAL
};

const char *ct_refusal_word(enum ct_refusal refusal)
{
    return (size_t) refusal < CT_COUNT_OF(refusals) ? refusals[refusal].word : "unknown";
}

cachet_status ct_refusal_status(enum ct_refusal refusal)
{
    return (size_t) refusal < CT_COUNT_OF(refusals) ? refusals[refusal].status
                                                    : CACHET_E_TAMPERED;
}

static size_t seal_size(const struct ct_sealer *sealer)
{
    return sealer->suite == CT_SUITE_UNSEALED ? 0 : CT_HASH_SIZE;
}

/* seal = MAC(K_head, W ‖ head), W = label ‖ cache id ‖ H(namespace) ‖ request key ‖ variant */
static cachet_status make_seal(const struct ct_sealer *sealer, size_t key_index,
                               const struct ct_where *where, cachet_bytes sealed,
                               unsigned char ret_seal[CT_HASH_SIZE], cachet_error *err)
{
    const cachet_bytes parts[] = {
        {sealer->prefix, sizeof sealer->prefix},
        {where->key.bytes, sizeof where->key.bytes},
        {where->variant.bytes, sizeof where->variant.bytes},
        sealed,
    };
    return ct_sealer_mac(sealer, ct_slot_head(key_index), parts, CT_COUNT_OF(parts), ret_seal,
                         err);
}

/* A cache record stands in the one place that is all zero, and nothing else does. */
static bool is_place_of(const struct ct_sealer *sealer, const struct ct_where *where,
                        uint8_t kind)
{
    static const struct ct_where zero;

    if (kind != CT_HEAD_CACHE)
        return !sealer->is_of_cache_record;
    return sealer->is_of_cache_record &&
           ct_bytes_equal(ct_bytes(where, sizeof *where), ct_bytes(&zero, sizeof zero));
}

static void write_fixed(const struct ct_sealer *sealer, enum ct_head_kind kind,
                        const unsigned char *seal_id, size_t payload_size, struct ct_buf *head)
{
    ct_buf_append(head, ct_bytes(magic, sizeof magic));
    ct_buf_u8(head, FORMAT_NOW);
    ct_buf_u8(head, (uint8_t) sealer->suite);
    ct_buf_u8(head, (uint8_t) kind);
    ct_buf_u8(head, 0);
    /* All zero without a keyring. The first key writes. */
    ct_buf_append(head, ct_bytes(sealer->key_ids[0].bytes, CT_KEY_ID_SIZE));
    ct_buf_u64le(head, sealer->epoch);
    ct_buf_append(head, ct_bytes(seal_id, SEAL_ID_SIZE));
    ct_buf_u32le(head, (uint32_t) payload_size);
}

static cachet_status append_seal(const struct ct_sealer *sealer, const struct ct_where *where,
                                 size_t from, struct ct_buf *head, cachet_error *err)
{
    unsigned char seal[CT_HASH_SIZE];

    TRY(ct_buf_status(head, err));
    if (sealer->suite == CT_SUITE_UNSEALED)
        return CACHET_OK;
    TRY(make_seal(sealer, 0, where, ct_bytes_from(ct_buf_view(head), from), seal, err));
    ct_buf_append(head, ct_bytes(seal, sizeof seal));
    return ct_buf_status(head, err);
}

cachet_status ct_head_seal(const struct ct_sealer *sealer, const struct ct_where *where,
                           enum ct_head_kind kind, cachet_bytes payload,
                           struct ct_buf *ret_head, cachet_error *err)
{
    const size_t from = ret_head->size;
    unsigned char seal_id[SEAL_ID_SIZE];

    TRY(ct_buf_status(ret_head, err));
    if (!is_place_of(sealer, where, (uint8_t) kind))
        return ct_err_set(err, CACHET_E_USAGE, "a head of kind %d has no such place", kind);
    if (payload.size > CACHET_HEAD_MAX - CT_HEAD_FIXED_SIZE - seal_size(sealer))
        return ct_err_set(err, CACHET_E_TOO_LARGE, "a head with a payload of %zu bytes",
                          payload.size);
    TRY(ct_random(seal_id, sizeof seal_id, err));
    write_fixed(sealer, kind, seal_id, payload.size, ret_head);
    ct_buf_append(ret_head, payload);
    const cachet_status status = append_seal(sealer, where, from, ret_head, err);
    if (status != CACHET_OK)
        ret_head->size = from;
    return status;
}

static cachet_status refuse(enum ct_refusal refusal, const char *why,
                            enum ct_refusal *ret_refusal, cachet_error *err)
{
    *ret_refusal = refusal;
    return ct_err_set(err, ct_refusal_status(refusal), "%s: %s", ct_refusal_word(refusal), why);
}

/* Views only; the caller checks is_short and the size of the seal. */
static struct head take_apart(cachet_bytes bytes)
{
    struct ct_reader reader = ct_reader_over(ct_bytes_from(bytes, sizeof magic));
    struct head head = {0};

    head.format = ct_read_u8(&reader);
    head.suite = ct_read_u8(&reader);
    head.kind = ct_read_u8(&reader);
    head.zero = ct_read_u8(&reader);
    head.key_id = ct_read_bytes(&reader, CT_KEY_ID_SIZE);
    head.epoch = ct_read_u64le(&reader);
    (void) ct_read_bytes(&reader, SEAL_ID_SIZE);
    head.payload = ct_read_part(&reader);
    head.sealed = ct_bytes_first(bytes, CT_HEAD_FIXED_SIZE + head.payload.size);
    head.seal = ct_bytes_from(bytes, head.sealed.size);
    head.is_short = reader.is_short;
    return head;
}

static cachet_status check_format(cachet_bytes bytes, enum ct_refusal *ret_refusal,
                                  cachet_error *err)
{
    if (bytes.size < CT_HEAD_FIXED_SIZE || bytes.size > CACHET_HEAD_MAX ||
        !ct_bytes_equal(ct_bytes_first(bytes, sizeof magic), ct_bytes(magic, sizeof magic)))
        return refuse(CT_REFUSED_FORMAT, "not a head", ret_refusal, err);
    const uint8_t format = bytes.data[sizeof magic];
    if (format > FORMAT_NOW)
        return refuse(CT_REFUSED_NEWER_FORMAT, "a head of a newer cachet", ret_refusal, err);
    if (format < FORMAT_NOW)
        return refuse(CT_REFUSED_FORMAT, "a head of no format", ret_refusal, err);
    return CACHET_OK;
}

static cachet_status check_suite(const struct ct_sealer *sealer, uint8_t suite,
                                 enum ct_refusal *ret_refusal, cachet_error *err)
{
    if (suite == sealer->suite)
        return CACHET_OK;
    if (suite == CT_SUITE_UNSEALED)
        return refuse(CT_REFUSED_UNSEALED, "a head without a seal", ret_refusal, err);
    /* Sealed by a key, and who opens an unsealed cache has none. */
    if (sealer->suite == CT_SUITE_UNSEALED)
        return refuse(CT_REFUSED_FOREIGN, "a sealed head in an unsealed cache", ret_refusal,
                      err);
    return refuse(CT_REFUSED_WEAKER_SUITE, "a head of a suite that is not accepted here",
                  ret_refusal, err);
}

static bool find_key(const struct ct_sealer *sealer, cachet_bytes key_id, size_t *ret_index)
{
    for (size_t i = 0; i < sealer->key_count; i++)
        if (ct_bytes_equal(key_id, ct_bytes(sealer->key_ids[i].bytes, CT_KEY_ID_SIZE))) {
            *ret_index = i;
            return true;
        }
    return false;
}

static cachet_status check_seal(const struct ct_sealer *sealer, const struct ct_where *where,
                                const struct head *head, size_t *ret_key_index,
                                enum ct_refusal *ret_refusal, cachet_error *err)
{
    unsigned char seal[CT_HASH_SIZE];

    if (!find_key(sealer, head->key_id, ret_key_index))
        return refuse(CT_REFUSED_FOREIGN, "sealed by a key that the keyring lacks", ret_refusal,
                      err);
    TRY(make_seal(sealer, *ret_key_index, where, head->sealed, seal, err));
    if (!ct_is_same_secret(seal, head->seal.data, sizeof seal))
        return refuse(CT_REFUSED_BAD_SEAL, "changed, or sealed for another place", ret_refusal,
                      err);
    if (head->epoch < sealer->epoch)
        return refuse(CT_REFUSED_VOID, "sealed before the epoch was raised", ret_refusal, err);
    return CACHET_OK;
}

/* Key id and epoch say nothing without a seal, so there is one way to write them. */
static cachet_status check_unsealed(const struct head *head, enum ct_refusal *ret_refusal,
                                    cachet_error *err)
{
    static const unsigned char zero[CT_KEY_ID_SIZE];

    if (head->epoch != 0 || !ct_bytes_equal(head->key_id, ct_bytes(zero, sizeof zero)))
        return refuse(CT_REFUSED_FORMAT, "an unsealed head with a key", ret_refusal, err);
    return CACHET_OK;
}

static cachet_status check_kind(const struct ct_sealer *sealer, const struct ct_where *where,
                                const struct head *head, enum ct_refusal *ret_refusal,
                                cachet_error *err)
{
    if (head->kind < CT_HEAD_ENTRY || head->kind > CT_HEAD_CACHE || head->zero != 0)
        return refuse(CT_REFUSED_FORMAT, "a head of no known kind", ret_refusal, err);
    if (!is_place_of(sealer, where, head->kind))
        return refuse(CT_REFUSED_WRONG_PLACE, "a head of another kind than stands here",
                      ret_refusal, err);
    return CACHET_OK;
}

cachet_status ct_head_open(const struct ct_sealer *sealer, const struct ct_where *where,
                           cachet_bytes head, struct ct_opened *ret_opened,
                           enum ct_refusal *ret_refusal, cachet_error *err)
{
    size_t key_index = 0;

    *ret_refusal = CT_REFUSED_NONE;
    TRY(check_format(head, ret_refusal, err));
    const struct head parts = take_apart(head);
    TRY(check_suite(sealer, parts.suite, ret_refusal, err));
    if (parts.is_short || parts.seal.size != seal_size(sealer))
        return refuse(CT_REFUSED_FORMAT, "longer or shorter than it says", ret_refusal, err);
    if (sealer->suite == CT_SUITE_UNSEALED)
        TRY(check_unsealed(&parts, ret_refusal, err));
    else
        TRY(check_seal(sealer, where, &parts, &key_index, ret_refusal, err));
    TRY(check_kind(sealer, where, &parts, ret_refusal, err));
    *ret_opened = (struct ct_opened){
        .kind = (enum ct_head_kind) parts.kind,
        .suite = parts.suite,
        .key_index = key_index,
        .payload = parts.payload,
    };
    return CACHET_OK;
}
