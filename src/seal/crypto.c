/* SPDX-License-Identifier: MIT */
#include "seal/crypto.h"

#include <limits.h>
#include <stdatomic.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "base/error.h"
#include "base/mem.h"

struct ct_crypto {
    atomic_uint references;
    OSSL_LIB_CTX *library;
    OSSL_PROVIDER *provider;
    EVP_MD *sha256;
    EVP_MAC *hmac;
    EVP_CIPHER *chacha;
};

/* The status of a call into libcrypto that was bracketed by ERR_set_mark. */
static cachet_status outcome(bool is_done, const char *what, cachet_error *err)
{
    ERR_pop_to_mark();
    return is_done ? CACHET_OK
                   : ct_err_set(err, CACHET_E_CRYPTO, "libcrypto fails at %s", what);
}

static bool hash(const struct ct_crypto *crypto, const cachet_bytes *parts, size_t part_count,
                 unsigned char *ret_hash)
{
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    unsigned size = 0;
    bool is_done = context != NULL && EVP_DigestInit_ex2(context, crypto->sha256, NULL) == 1;

    for (size_t i = 0; is_done && i < part_count; i++)
        is_done = EVP_DigestUpdate(context, parts[i].data, parts[i].size) == 1;
    is_done = is_done && EVP_DigestFinal_ex(context, ret_hash, &size) == 1;
    EVP_MD_CTX_free(context);
    return is_done && size == CT_HASH_SIZE;
}

cachet_status ct_sha256(const struct ct_crypto *crypto, const cachet_bytes *parts,
                        size_t part_count, unsigned char ret_hash[CT_HASH_SIZE],
                        cachet_error *err)
{
    ERR_set_mark();
    return outcome(hash(crypto, parts, part_count, ret_hash), "SHA-256", err);
}

static bool key_mac(EVP_MAC_CTX *mac, cachet_bytes key)
{
    char digest[] = "SHA256";
    const OSSL_PARAM settings[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_END,
    };
    return mac != NULL && EVP_MAC_init(mac, key.data, key.size, settings) == 1;
}

cachet_status ct_mac_new(const struct ct_crypto *crypto, cachet_bytes key,
                         EVP_MAC_CTX **ret_mac, cachet_error *err)
{
    ERR_set_mark();
    CLEANUP(ct_mac_freep) EVP_MAC_CTX *mac = EVP_MAC_CTX_new(crypto->hmac);
    TRY(outcome(key_mac(mac, key), "keying HMAC", err));
    *ret_mac = ct_steal(&mac);
    return CACHET_OK;
}

void ct_mac_free(EVP_MAC_CTX *mac)
{
    EVP_MAC_CTX_free(mac);
}

static bool run_mac(EVP_MAC_CTX *mac, const cachet_bytes *parts, size_t part_count,
                    unsigned char *ret_mac)
{
    size_t size = 0;

    /* No key: the one it has, from its beginning. */
    if (EVP_MAC_init(mac, NULL, 0, NULL) != 1)
        return false;
    for (size_t i = 0; i < part_count; i++)
        if (parts[i].size > 0 && EVP_MAC_update(mac, parts[i].data, parts[i].size) != 1)
            return false;
    return EVP_MAC_final(mac, ret_mac, &size, CT_HASH_SIZE) == 1 && size == CT_HASH_SIZE;
}

cachet_status ct_mac_run(EVP_MAC_CTX *mac, const cachet_bytes *parts, size_t part_count,
                         unsigned char ret_mac[CT_HASH_SIZE], cachet_error *err)
{
    ERR_set_mark();
    return outcome(run_mac(mac, parts, part_count, ret_mac), "HMAC", err);
}

cachet_status ct_hkdf_extract(const struct ct_crypto *crypto, cachet_bytes salt,
                              const cachet_bytes parts[2], struct ct_prk *ret_prk,
                              cachet_error *err)
{
    CLEANUP(ct_mac_freep) EVP_MAC_CTX *mac = NULL;

    TRY(ct_mac_new(crypto, salt, &mac, err));
    return ct_mac_run(mac, parts, 2, ret_prk->bytes, err);
}

cachet_status ct_hkdf_expand(const struct ct_crypto *crypto, const struct ct_prk *prk,
                             cachet_bytes info, unsigned char *ret_bytes, size_t size,
                             cachet_error *err)
{
    static const unsigned char counter = 1;
    CLEANUP(ct_mac_freep) EVP_MAC_CTX *mac = NULL;
    const cachet_bytes parts[] = {info, {&counter, 1}};
    unsigned char block[CT_HASH_SIZE];

    assert(size <= sizeof block);
    TRY(ct_mac_new(crypto, ct_bytes(prk->bytes, sizeof prk->bytes), &mac, err));
    TRY(ct_mac_run(mac, parts, 2, block, err));
    memcpy(ret_bytes, block, size);
    ct_mem_wipe(block, sizeof block);
    return CACHET_OK;
}

cachet_status ct_tagger_new(const struct ct_crypto *crypto, EVP_CIPHER_CTX **ret_tagger,
                            cachet_error *err)
{
    ERR_set_mark();
    EVP_CIPHER_CTX *const tagger = EVP_CIPHER_CTX_new();
    const bool is_done =
        tagger != NULL && EVP_EncryptInit_ex2(tagger, crypto->chacha, NULL, NULL, NULL) == 1;
    if (is_done)
        *ret_tagger = tagger;
    else
        EVP_CIPHER_CTX_free(tagger);
    return outcome(is_done, "ChaCha20-Poly1305", err);
}

void ct_tagger_free(EVP_CIPHER_CTX *tagger)
{
    EVP_CIPHER_CTX_free(tagger);
}

static bool add_tagged(EVP_CIPHER_CTX *tagger, cachet_bytes bytes)
{
    int size = 0;
    return bytes.size <= INT_MAX &&
           EVP_CipherUpdate(tagger, NULL, &size, bytes.data, (int) bytes.size) == 1;
}

static bool make_tag(EVP_CIPHER_CTX *tagger, const struct ct_tagged *tagged, unsigned char *tag)
{
    unsigned char nothing[CT_TAG_SIZE];
    int size = 0;

    return EVP_EncryptInit_ex2(tagger, NULL, tagged->key, tagged->nonce, NULL) == 1 &&
           add_tagged(tagger, tagged->bytes) &&
           EVP_EncryptFinal_ex(tagger, nothing, &size) == 1 && size == 0 &&
           EVP_CIPHER_CTX_ctrl(tagger, EVP_CTRL_AEAD_GET_TAG, CT_TAG_SIZE, tag) == 1;
}

cachet_status ct_tag_make(EVP_CIPHER_CTX *tagger, const struct ct_tagged *tagged,
                          unsigned char ret_tag[CT_TAG_SIZE], cachet_error *err)
{
    ERR_set_mark();
    return outcome(make_tag(tagger, tagged, ret_tag), "ChaCha20-Poly1305", err);
}

static bool begin_check(EVP_CIPHER_CTX *tagger, const struct ct_tagged *tagged,
                        const unsigned char *tag)
{
    unsigned char expected[CT_TAG_SIZE];

    memcpy(expected, tag, sizeof expected);
    return EVP_DecryptInit_ex2(tagger, NULL, tagged->key, tagged->nonce, NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(tagger, EVP_CTRL_AEAD_SET_TAG, CT_TAG_SIZE, expected) == 1 &&
           add_tagged(tagger, tagged->bytes);
}

cachet_status ct_tag_check(EVP_CIPHER_CTX *tagger, const struct ct_tagged *tagged,
                           const unsigned char tag[CT_TAG_SIZE], bool *ret_is_good,
                           cachet_error *err)
{
    unsigned char nothing[CT_TAG_SIZE];
    int size = 0;

    ERR_set_mark();
    const bool is_begun = begin_check(tagger, tagged, tag);
    /* OpenSSL compares the tags, in constant time; a wrong one is an answer, not a failure. */
    if (is_begun)
        *ret_is_good = EVP_DecryptFinal_ex(tagger, nothing, &size) == 1 && size == 0;
    return outcome(is_begun, "ChaCha20-Poly1305", err);
}

bool ct_is_same_secret(const unsigned char *a, const unsigned char *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

static cachet_status test_hashes(const struct ct_crypto *crypto, cachet_bytes key,
                                 cachet_error *err)
{
    static const unsigned char hash_of_cachet[CT_HASH_SIZE] = {
        0x82, 0xbe, 0x02, 0x2b, 0xc4, 0x38, 0x06, 0x8b, 0xed, 0xeb, 0xe0,
        0xf3, 0x0c, 0xbf, 0xf4, 0x2d, 0xb0, 0xea, 0x67, 0xbf, 0xf1, 0xe8,
        0xe8, 0x06, 0x6f, 0x28, 0x6e, 0x7e, 0x10, 0xd2, 0x66, 0x88};
    static const unsigned char mac_of_cachet[CT_HASH_SIZE] = {
        0x7a, 0x18, 0x88, 0x84, 0xe0, 0xde, 0xea, 0xdb, 0x65, 0xf3, 0x4f,
        0x22, 0xbd, 0xce, 0x8c, 0xa1, 0xd9, 0x7e, 0x54, 0xea, 0x93, 0x25,
        0xdf, 0x0b, 0xca, 0x9c, 0xcd, 0x02, 0xae, 0xb2, 0x14, 0x0d};
    CLEANUP(ct_mac_freep) EVP_MAC_CTX *mac = NULL;
    const cachet_bytes message = CT_BYTES("cachet");
    unsigned char got[CT_HASH_SIZE];

    TRY(ct_sha256(crypto, &message, 1, got, err));
    if (!ct_is_same_secret(got, hash_of_cachet, sizeof got))
        return ct_err_set(err, CACHET_E_CRYPTO, "libcrypto computes a wrong SHA-256");
    TRY(ct_mac_new(crypto, key, &mac, err));
    /* Twice: a context must begin anew under the key it has. */
    for (int i = 0; i < 2; i++) {
        TRY(ct_mac_run(mac, &message, 1, got, err));
        if (!ct_is_same_secret(got, mac_of_cachet, sizeof got))
            return ct_err_set(err, CACHET_E_CRYPTO, "libcrypto computes a wrong HMAC");
    }
    return CACHET_OK;
}

static cachet_status test_tags_with(EVP_CIPHER_CTX *tagger, const struct ct_tagged *tagged,
                                    cachet_error *err)
{
    static const unsigned char tag_of_cachet[CT_TAG_SIZE] = {0x12, 0x62, 0x35, 0x7c, 0x2b, 0x85,
                                                             0x99, 0x13, 0xa5, 0xde, 0xc1, 0x71,
                                                             0xc8, 0x0d, 0x06, 0x6a};
    unsigned char tag[CT_TAG_SIZE] = {0};
    bool is_good = false, is_bad_good = true;

    TRY(ct_tag_make(tagger, tagged, tag, err));
    const bool is_made = ct_is_same_secret(tag, tag_of_cachet, sizeof tag);
    TRY(ct_tag_check(tagger, tagged, tag_of_cachet, &is_good, err));
    tag[CT_TAG_SIZE - 1] ^= 1;
    TRY(ct_tag_check(tagger, tagged, tag, &is_bad_good, err));
    if (!is_made || !is_good || is_bad_good)
        return ct_err_set(err, CACHET_E_CRYPTO, "libcrypto computes a wrong ChaCha20-Poly1305");
    return CACHET_OK;
}

static cachet_status test_tags(const struct ct_crypto *crypto, cachet_bytes key,
                               cachet_error *err)
{
    const struct ct_tagged tagged = {key.data, key.data, CT_BYTES("cachet")};
    EVP_CIPHER_CTX *tagger = NULL;

    TRY(ct_tagger_new(crypto, &tagger, err));
    const cachet_status status = test_tags_with(tagger, &tagged, err);
    ct_tagger_free(tagger);
    return status;
}

/* The key of the self-test is 0, 1, .. 31, and the nonce its first bytes. */
static cachet_status test_self(const struct ct_crypto *crypto, cachet_error *err)
{
    unsigned char bytes[CT_KEY_SIZE];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char) i;
    TRY(test_hashes(crypto, ct_bytes(bytes, sizeof bytes), err));
    return test_tags(crypto, ct_bytes(bytes, sizeof bytes), err);
}

static bool fetch(struct ct_crypto *crypto)
{
    crypto->library = OSSL_LIB_CTX_new();
    if (crypto->library == NULL)
        return false;
    crypto->provider = OSSL_PROVIDER_load(crypto->library, "default");
    crypto->sha256 = EVP_MD_fetch(crypto->library, "SHA256", NULL);
    crypto->hmac = EVP_MAC_fetch(crypto->library, "HMAC", NULL);
    crypto->chacha = EVP_CIPHER_fetch(crypto->library, "ChaCha20-Poly1305", NULL);
    return crypto->provider != NULL && crypto->sha256 != NULL && crypto->hmac != NULL &&
           crypto->chacha != NULL;
}

cachet_status ct_crypto_new(struct ct_crypto **ret_crypto, cachet_error *err)
{
    CLEANUP(ct_crypto_freep) struct ct_crypto *crypto = NULL;

    TRY(ct_new(&crypto, err));
    atomic_init(&crypto->references, 1);
    ERR_set_mark();
    TRY(outcome(fetch(crypto), "loading its default provider", err));
    TRY(test_self(crypto, err));
    *ret_crypto = ct_steal(&crypto);
    return CACHET_OK;
}

struct ct_crypto *ct_crypto_ref(struct ct_crypto *crypto)
{
    atomic_fetch_add(&crypto->references, 1);
    return crypto;
}

void ct_crypto_free(struct ct_crypto *crypto)
{
    if (crypto == NULL || atomic_fetch_sub(&crypto->references, 1) != 1)
        return;
    EVP_CIPHER_free(crypto->chacha);
    EVP_MAC_free(crypto->hmac);
    EVP_MD_free(crypto->sha256);
    if (crypto->provider != NULL)
        (void) OSSL_PROVIDER_unload(crypto->provider);
    OSSL_LIB_CTX_free(crypto->library);
    ct_mem_free(crypto);
}
