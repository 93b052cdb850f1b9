/* SPDX-License-Identifier: MIT */
#include "floor_seal.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

/* Nothing is secret here: the work is the same under any key. */
static const unsigned char key[32] = "a key for the floor, 32 bytes...";

static cachet_status open_hmac(struct bench_floor_seal *seal, cachet_error *err)
{
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    seal->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    seal->hmac_context = seal->hmac == NULL ? NULL : EVP_MAC_CTX_new(seal->hmac);
    if (seal->hmac_context == NULL ||
        EVP_MAC_init(seal->hmac_context, key, sizeof(key), parameters) != 1)
        return bench_err_set(err, CACHET_E_CRYPTO, "no HMAC-SHA-256");
    return CACHET_OK;
}

cachet_status bench_floor_seal_open(struct bench_floor_seal *seal, cachet_error *err)
{
    TRY(open_hmac(seal, err));
    seal->cipher = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
    seal->cipher_context = EVP_CIPHER_CTX_new();
    if (seal->cipher == NULL || seal->cipher_context == NULL ||
        EVP_EncryptInit_ex2(seal->cipher_context, seal->cipher, NULL, NULL, NULL) != 1)
        return bench_err_set(err, CACHET_E_CRYPTO, "no ChaCha20-Poly1305");
    return CACHET_OK;
}

void bench_floor_seal_close(struct bench_floor_seal *seal)
{
    EVP_MAC_CTX_free(seal->hmac_context);
    EVP_MAC_free(seal->hmac);
    EVP_CIPHER_CTX_free(seal->cipher_context);
    EVP_CIPHER_free(seal->cipher);
    *seal = (struct bench_floor_seal){0};
}

cachet_status bench_floor_head_seal(struct bench_floor_seal *seal, cachet_bytes head,
                                    unsigned char ret_seal[BENCH_SEAL_SIZE], cachet_error *err)
{
    size_t size = 0;
    if (EVP_MAC_init(seal->hmac_context, NULL, 0, NULL) != 1 ||
        EVP_MAC_update(seal->hmac_context, head.data, head.size) != 1 ||
        EVP_MAC_final(seal->hmac_context, ret_seal, &size, BENCH_SEAL_SIZE) != 1 ||
        size != BENCH_SEAL_SIZE)
        return bench_err_set(err, CACHET_E_CRYPTO, "HMAC-SHA-256 failed");
    return CACHET_OK;
}

cachet_status bench_floor_chunk_tag(struct bench_floor_seal *seal, uint64_t index,
                                    cachet_bytes chunk, unsigned char ret_tag[BENCH_TAG_SIZE],
                                    cachet_error *err)
{
    EVP_CIPHER_CTX *context = seal->cipher_context;
    unsigned char nonce[12] = {0};
    unsigned char none[BENCH_TAG_SIZE];
    int size = 0;
    for (size_t i = 0; i < sizeof(index); i++)
        nonce[i] = (unsigned char) (index >> (8 * i));
    if (EVP_EncryptInit_ex2(context, NULL, key, nonce, NULL) != 1 ||
        EVP_EncryptUpdate(context, NULL, &size, chunk.data, (int) chunk.size) != 1 ||
        EVP_EncryptFinal_ex(context, none, &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, BENCH_TAG_SIZE, ret_tag) != 1)
        return bench_err_set(err, CACHET_E_CRYPTO, "ChaCha20-Poly1305 failed");
    return CACHET_OK;
}
