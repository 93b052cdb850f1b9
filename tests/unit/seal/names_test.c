/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "seal_test.h"

static cachet_error err;

static cachet_name request_of(const struct ct_sealer *sealer, const char *text)
{
    cachet_name name;
    must(ct_name_request(sealer, cachet_bytes_of(text), &name, &err), &err);
    return name;
}

static cachet_name credential_of(const struct ct_sealer *sealer, const char *text)
{
    cachet_name name;
    must(ct_name_credential(sealer, cachet_bytes_of(text), &name, &err), &err);
    return name;
}

static cachet_name variant_of(const struct ct_sealer *sealer, cachet_bytes pairs,
                              const cachet_name *credential)
{
    cachet_name name;
    must(ct_name_variant(sealer, pairs, credential, &name, &err), &err);
    return name;
}

static bool is_same(cachet_name a, cachet_name b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static cachet_name request_under(const char *keyring, const unsigned char *cache_id,
                                 const char *cache_namespace)
{
    CLEANUP(ct_sealer_freep)
    struct ct_sealer *sealer = sealer_at(keyring, cache_id, cache_namespace);
    return request_of(sealer, "request");
}

static void test_what_enters(void)
{
    static const unsigned char other_id[CT_CACHE_ID_SIZE] = {1};
    static const char one[] = KEYRING_EPOCH("0", KEY_00);
    const cachet_name name = request_under(one, cache_id_40, "default");

    CHECK(is_same(name, request_under(one, cache_id_40, "default")), "a name stays");
    CHECK(
        is_same(name, request_under(KEYRING_EPOCH("9", KEY_40 KEY_00), cache_id_40, "default")),
        "through a change of keys and epoch");
    CHECK(!is_same(name, request_under(one, other_id, "default")), "another cache");
    CHECK(!is_same(name, request_under(one, cache_id_40, "other")), "another namespace");
    CHECK(!is_same(name, request_under("cachet-keyring 1\nnames " TEXT_40 "\n" KEY_00,
                                       cache_id_40, "default")),
          "another names secret");
    CHECK(!is_same(name, request_under(NULL, cache_id_40, "default")), "no secret");
}

static void test_raw_key(void)
{
    const cachet_name raw = request_under("cachet-key-1:" TEXT_00 "\n", cache_id_40, "default");
    const cachet_name same =
        request_under("cachet-keyring 1\nnames " TEXT_00 "\n" KEY_40, cache_id_40, "default");
    CHECK(is_same(raw, same), "the names secret of a raw key is the key's own");
}

static void test_kinds(void)
{
    CLEANUP(ct_sealer_freep)
    struct ct_sealer *sealer = sealer_of(KEYRING_EPOCH("0", KEY_00));
    const cachet_name request = request_of(sealer, "x"),
                      credential = credential_of(sealer, "x");
    const cachet_bytes pairs = CT_BYTES("x");
    const cachet_name variant = variant_of(sealer, pairs, NULL);
    unsigned char longer[1 + sizeof credential];

    CHECK(!is_same(request, credential) && !is_same(request, variant) &&
              !is_same(credential, variant),
          "the same bytes have three names");
    const cachet_name with = variant_of(sealer, pairs, &credential);
    CHECK(!is_same(variant, with), "a credential enters the variant");
    CHECK(!is_same(with, variant_of(sealer, pairs, &request)), "and which one it is");
    longer[0] = 'x';
    memcpy(longer + 1, &credential, sizeof credential);
    CHECK(!is_same(with, variant_of(sealer, ct_bytes(longer, sizeof longer), NULL)),
          "pairs do not pass for a credential");
    CHECK(is_same(variant_of(sealer, ct_bytes(NULL, 0), NULL),
                  variant_of(sealer, CT_BYTES(""), NULL)),
          "no pairs are a variant too");
}

static void test_hash(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(NULL);
    unsigned char hash[32];
    char text[65];

    must(ct_hash(sealer, CT_BYTES("abc"), hash, &err), &err);
    ct_hex_encode(ct_bytes(hash, sizeof hash), text);
    /* FIPS 180-2 B.1 */
    CHECK(strcmp(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0,
          "a hash is plain SHA-256");
    must(ct_hash(sealer, ct_bytes(NULL, 0), hash, &err), &err);
    ct_hex_encode(ct_bytes(hash, sizeof hash), text);
    CHECK(strncmp(text, "e3b0c44298fc1c14", 16) == 0, "also of nothing");
}

int main(void)
{
    test_what_enters();
    test_raw_key();
    test_kinds();
    test_hash();
    return tap_done();
}
