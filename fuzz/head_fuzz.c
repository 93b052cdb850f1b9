/* SPDX-License-Identifier: MIT */
/* Hostile heads, to a session with a key and to one without; and any payload, there and back.
 */
#include <stdlib.h>

#include "seal/keyring.h"
#include "seal/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ct_where where;

static void require(bool is_so)
{
    if (!is_so)
        abort();
}

static struct ct_sealer *make_sealer(bool is_sealed)
{
    static const char text[] = "cachet-key-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    static const unsigned char cache_id[CT_CACHE_ID_SIZE] = {1};
    cachet_keyring *keyring = NULL;
    struct ct_sealer *sealer = NULL;

    if (is_sealed)
        require(ct_keyring_parse(CT_BYTES(text), "fuzz", &keyring, NULL) == CACHET_OK);
    require(ct_sealer_new(&sealer, keyring, cache_id, CT_BYTES("fuzz"), NULL) == CACHET_OK);
    cachet_keyring_free(keyring);
    return sealer;
}

static void open_head(const struct ct_sealer *sealer, cachet_bytes head)
{
    struct ct_opened opened = {0};
    enum ct_refusal refusal = CT_REFUSED_VOID;
    cachet_error err = {CACHET_OK, ""};
    const cachet_status status = ct_head_open(sealer, &where, head, &opened, &refusal, &err);

    require(status == ct_refusal_status(refusal));
    if (status != CACHET_OK) {
        require(opened.payload.data == NULL && err.status == status);
        return;
    }
    require(opened.payload.size <= head.size - CT_HEAD_FIXED_SIZE);
    require(opened.kind == CT_HEAD_ENTRY || opened.kind == CT_HEAD_PARTIAL);
}

static void seal_and_open(const struct ct_sealer *sealer, cachet_bytes payload)
{
    CLEANUP(ct_buf_fini) struct ct_buf head = ct_buf_with_ceiling(CACHET_HEAD_MAX);
    struct ct_opened opened;
    enum ct_refusal refusal;

    if (ct_head_seal(sealer, &where, CT_HEAD_ENTRY, payload, &head, NULL) != CACHET_OK)
        return;
    require(ct_head_open(sealer, &where, ct_buf_view(&head), &opened, &refusal, NULL) ==
            CACHET_OK);
    require(ct_bytes_equal(opened.payload, payload));
    head.data[(payload.size * 31) % head.size] ^= 1;
    require(ct_sealer_suite(sealer) == CT_SUITE_UNSEALED ||
            ct_head_open(sealer, &where, ct_buf_view(&head), &opened, &refusal, NULL) !=
                CACHET_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ct_sealer *sealed, *unsealed;

    if (sealed == NULL) {
        sealed = make_sealer(true);
        unsealed = make_sealer(false);
    }
    open_head(sealed, ct_bytes(data, size));
    open_head(unsealed, ct_bytes(data, size));
    seal_and_open(sealed, ct_bytes(data, size));
    seal_and_open(unsealed, ct_bytes(data, size));
    return 0;
}
