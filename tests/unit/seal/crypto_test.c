/* SPDX-License-Identifier: MIT */
#include <openssl/err.h>

#include "base/text.h"
#include "seal/crypto.h"
#include "seal/secret.h"
#include "seal_test.h"

static cachet_error err;

static bool is_hex(const unsigned char *bytes, size_t size, const char *hex)
{
    char text[2 * CT_HASH_SIZE + 1];
    ct_hex_encode(ct_bytes(bytes, size), text);
    return strcmp(text, hex) == 0;
}

static void test_mac(const struct ct_crypto *crypto)
{
    CLEANUP(ct_mac_freep) EVP_MAC_CTX *mac = NULL;
    const cachet_bytes parts[] = {
        CT_BYTES("what do ya "), {NULL, 0}, CT_BYTES("want for "), CT_BYTES("nothing?")};
    unsigned char got[CT_HASH_SIZE];

    /* RFC 4231 4.3 */
    must(ct_mac_new(crypto, CT_BYTES("Jefe"), &mac, &err), &err);
    for (int i = 0; i < 3; i++) {
        memset(got, 0, sizeof got);
        must(ct_mac_run(mac, parts, 4, got, &err), &err);
        CHECK(is_hex(got, sizeof got,
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
              "HMAC of parts, run %d", i);
    }
}

static void test_hkdf(const struct ct_crypto *crypto)
{
    unsigned char secret[22], salt[13], info[10], got[CT_KEY_SIZE];
    struct ct_prk prk;

    /* RFC 5869 A.1, its first 32 bytes. */
    memset(secret, 0x0b, sizeof secret);
    for (unsigned i = 0; i < sizeof salt; i++)
        salt[i] = (unsigned char) i;
    for (unsigned i = 0; i < sizeof info; i++)
        info[i] = (unsigned char) (0xf0 + i);
    const cachet_bytes parts[2] = {ct_bytes(secret, 5), ct_bytes(secret + 5, 17)};
    must(ct_hkdf_extract(crypto, ct_bytes(salt, sizeof salt), parts, &prk, &err), &err);
    CHECK(is_hex(prk.bytes, sizeof prk.bytes,
                 "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
          "HKDF-Extract");
    must(ct_hkdf_expand(crypto, &prk, ct_bytes(info, sizeof info), got, sizeof got, &err),
         &err);
    CHECK(is_hex(got, sizeof got,
                 "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"),
          "HKDF-Expand");
    memset(got, 0xee, sizeof got);
    must(ct_hkdf_expand(crypto, &prk, ct_bytes(info, sizeof info), got, 8, &err), &err);
    CHECK(is_hex(got, 10, "3cb25f25faacd57aeeee"), "HKDF-Expand writes what was asked for");
}

static void test_tags(const struct ct_crypto *crypto)
{
    static const unsigned char key[CT_KEY_SIZE] = {1}, nonce[CT_NONCE_SIZE] = {2};
    const struct ct_tagged tagged = {key, nonce, CT_BYTES("bytes")};
    const struct ct_tagged other = {key, nonce, CT_BYTES("Bytes")};
    unsigned char tag[CT_TAG_SIZE], again[CT_TAG_SIZE];
    EVP_CIPHER_CTX *tagger = NULL;
    bool is_good = false;

    must(ct_tagger_new(crypto, &tagger, &err), &err);
    must(ct_tag_make(tagger, &tagged, tag, &err), &err);
    must(ct_tag_check(tagger, &tagged, tag, &is_good, &err), &err);
    CHECK(is_good, "a tag is right");
    must(ct_tag_check(tagger, &other, tag, &is_good, &err), &err);
    CHECK(!is_good, "for these bytes only");
    must(ct_tag_make(tagger, &tagged, again, &err), &err);
    CHECK(memcmp(tag, again, sizeof tag) == 0, "a context begins anew after a wrong one");
    ct_tagger_free(tagger);
}

/* Everything that may upset OpenSSL: seals and tags that are wrong. */
static void use_all(void)
{
    CLEANUP(ct_sealer_freep)
    struct ct_sealer *sealer = sealer_of(KEYRING_EPOCH("0", KEY_00));
    CLEANUP(ct_buf_fini)
    struct ct_buf head = head_of(sealer, where_of(1, 2), CT_HEAD_ENTRY, "payload");
    const struct ct_opened opened = {.kind = CT_HEAD_ENTRY, .suite = 1};
    CLEANUP(ct_body_key_freep) struct ct_body_key *key = NULL;
    unsigned char chunk[20] = {0};
    const cachet_body_id id = {{0}};
    cachet_bytes bytes;

    head.data[50] ^= 1;
    CHECK(refusal_of(sealer, where_of(1, 2), ct_buf_view(&head)) == CT_REFUSED_BAD_SEAL,
          "a wrong seal");
    must(ct_body_key_of(sealer, &opened, &id, &key, &err), &err);
    CHECK(ct_chunk_open(key, ct_chunk_at(0, true), chunk, sizeof chunk, &bytes, &err) ==
              CACHET_E_TAMPERED,
          "a wrong tag");
}

static void test_error_queue(void)
{
    ERR_clear_error();
    use_all();
    CHECK(ERR_peek_error() == 0, "an empty error queue stays empty");
    ERR_raise(ERR_LIB_USER, 11);
    ERR_raise(ERR_LIB_USER, 22);
    use_all();
    const int first = ERR_GET_REASON(ERR_get_error());
    const int second = ERR_GET_REASON(ERR_get_error());
    CHECK(first == 11 && second == 22 && ERR_get_error() == 0,
          "somebody else's errors stay as they were");
}

static int is_kept_in_child(void *secret)
{
    const bool was_locked = ct_secret_is_locked(secret);
    const unsigned char *const memory = ct_secret_memory(secret);
    return memory[4999] == 7 && ct_secret_is_locked(secret) == was_locked;
}

static void test_secret(void)
{
    CLEANUP(ct_secret_freep) struct ct_secret *secret = NULL;

    must(ct_secret_new(&secret, 5000, &err), &err);
    unsigned char *const memory = ct_secret_memory(secret);
    bool is_zero = true;
    for (size_t i = 0; i < 5000; i++)
        is_zero = is_zero && memory[i] == 0;
    CHECK(is_zero, "pages for secrets begin as zeros");
    memory[4999] = 7;
    CHECK(answer_of_child(is_kept_in_child, secret) == 1, "a child has them, locked again");
}

int main(void)
{
    CLEANUP(ct_crypto_freep) struct ct_crypto *crypto = NULL;

    must(ct_crypto_new(&crypto, &err), &err);
    test_mac(crypto);
    test_hkdf(crypto);
    test_tags(crypto);
    test_error_queue();
    test_secret();
    return tap_done();
}
