/* SPDX-License-Identifier: MIT */
/*
 * libcrypto as the seal uses it (SEAL 7).
 *
 * A ct_crypto is a library context of our own and what was fetched from it, once; it passed its
 * self-test, is immutable, counted by reference and used by any number of threads. Contexts
 * (EVP_MAC_CTX, EVP_CIPHER_CTX) belong to one call at a time. Every function here leaves the
 * thread's OpenSSL error queue as it found it.
 *
 * What a library context cannot keep out: OpenSSL 3.0 looks for an ENGINE before it uses a
 * digest or cipher, and reads OPENSSL_CONF into the default context when it does. An ENGINE
 * that computes something else is caught by the self-test.
 */
#ifndef CT_SEAL_CRYPTO_H
#define CT_SEAL_CRYPTO_H

#include <openssl/types.h>

#include "base/bytes.h"

#define CT_HASH_SIZE 32u
#define CT_KEY_SIZE 32u
#define CT_TAG_SIZE 16u
#define CT_NONCE_SIZE 12u

/* The only 32 bytes HKDF expands; wiped as soon as the keys are made. */
struct ct_prk {
    unsigned char bytes[CT_KEY_SIZE];
};

struct ct_crypto;

cachet_status ct_crypto_new(struct ct_crypto **ret_crypto, cachet_error *err);
struct ct_crypto *ct_crypto_ref(struct ct_crypto *crypto);
/* Lets go of one reference. Takes NULL. */
void ct_crypto_free(struct ct_crypto *crypto);
CT_DEFINE_FREEP(struct ct_crypto, ct_crypto_free)

/* SHA-256 of the parts, one after the other. */
cachet_status ct_sha256(const struct ct_crypto *crypto, const cachet_bytes *parts,
                        size_t part_count, unsigned char ret_hash[CT_HASH_SIZE],
                        cachet_error *err);

/* An HMAC-SHA-256 context that keeps its key from run to run. */
cachet_status ct_mac_new(const struct ct_crypto *crypto, cachet_bytes key,
                         EVP_MAC_CTX **ret_mac, cachet_error *err);
void ct_mac_free(EVP_MAC_CTX *mac);
CT_DEFINE_FREEP(EVP_MAC_CTX, ct_mac_free)
cachet_status ct_mac_run(EVP_MAC_CTX *mac, const cachet_bytes *parts, size_t part_count,
                         unsigned char ret_mac[CT_HASH_SIZE], cachet_error *err);

/* HKDF-SHA-256 (RFC 5869 2.2 and 2.3), always in this order. */
cachet_status ct_hkdf_extract(const struct ct_crypto *crypto, cachet_bytes salt,
                              const cachet_bytes parts[2], struct ct_prk *ret_prk,
                              cachet_error *err);
/* At most CT_KEY_SIZE bytes. */
cachet_status ct_hkdf_expand(const struct ct_crypto *crypto, const struct ct_prk *prk,
                             cachet_bytes info, unsigned char *ret_bytes, size_t size,
                             cachet_error *err);

/* A ChaCha20-Poly1305 context; key and nonce are set in every call. */
cachet_status ct_tagger_new(const struct ct_crypto *crypto, EVP_CIPHER_CTX **ret_tagger,
                            cachet_error *err);
void ct_tagger_free(EVP_CIPHER_CTX *tagger);

/* What one tag stands on. `bytes` are at most INT_MAX. */
struct ct_tagged {
    const unsigned char *key;   /* CT_KEY_SIZE */
    const unsigned char *nonce; /* CT_NONCE_SIZE */
    cachet_bytes bytes;         /* the associated data; the plaintext is empty */
};

cachet_status ct_tag_make(EVP_CIPHER_CTX *tagger, const struct ct_tagged *tagged,
                          unsigned char ret_tag[CT_TAG_SIZE], cachet_error *err);
/* *ret_is_good says whether the tag is right; a failure, that it could not be told. */
cachet_status ct_tag_check(EVP_CIPHER_CTX *tagger, const struct ct_tagged *tagged,
                           const unsigned char tag[CT_TAG_SIZE], bool *ret_is_good,
                           cachet_error *err);

/* In time that does not depend on the bytes. */
bool ct_is_same_secret(const unsigned char *a, const unsigned char *b, size_t size);

#endif
