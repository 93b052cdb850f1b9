/* SPDX-License-Identifier: MIT */
#include "seal/derive.h"

/* A label's closing NUL counts: no label is then the beginning of another. */
#define LABEL(literal) ct_bytes((literal), sizeof(literal))

#define INFO_MAX 80u

/* label ‖ suite ‖ place */
struct info {
    unsigned char bytes[INFO_MAX];
    size_t size;
};

static void add(struct info *info, cachet_bytes bytes)
{
    assert(bytes.size <= sizeof info->bytes - info->size);
    memcpy(info->bytes + info->size, bytes.data, bytes.size);
    info->size += bytes.size;
}

cachet_status ct_place_make(const struct ct_crypto *crypto,
                            const unsigned char cache_id[CT_CACHE_ID_SIZE],
                            cachet_bytes cache_namespace, struct ct_place *ret_place,
                            cachet_error *err)
{
    memcpy(ret_place->bytes, cache_id, CT_CACHE_ID_SIZE);
    return ct_sha256(crypto, &cache_namespace, 1, ret_place->bytes + CT_CACHE_ID_SIZE, err);
}

cachet_status ct_derive_prk(const struct ct_crypto *crypto, enum ct_key_kind kind,
                            const struct ct_root_key *root, struct ct_prk *ret_prk,
                            cachet_error *err)
{
    const unsigned char kind_byte = (unsigned char) kind;
    const cachet_bytes parts[] = {{&kind_byte, 1}, {root->bytes, sizeof root->bytes}};

    return ct_hkdf_extract(crypto, LABEL("cachet/1 root"), parts, ret_prk, err);
}

cachet_status ct_derive_key_id(const struct ct_crypto *crypto, const struct ct_prk *prk,
                               struct ct_key_id *ret_id, cachet_error *err)
{
    return ct_hkdf_expand(crypto, prk, LABEL("cachet/1 id"), ret_id->bytes,
                          sizeof ret_id->bytes, err);
}

cachet_status ct_derive_key(const struct ct_crypto *crypto, const struct ct_prk *prk,
                            const struct ct_purpose_of *of, struct ct_purpose_key *ret_key,
                            cachet_error *err)
{
    const unsigned char suite = (unsigned char) of->suite;
    struct info info = {{0}, 0};

    if (of->purpose == CT_PURPOSE_HEAD)
        add(&info, LABEL("cachet/1 head"));
    else
        add(&info, LABEL("cachet/1 body"));
    add(&info, ct_bytes(&suite, 1));
    add(&info, ct_bytes(of->place->bytes, sizeof of->place->bytes));
    return ct_hkdf_expand(crypto, prk, ct_bytes(info.bytes, info.size), ret_key->bytes,
                          sizeof ret_key->bytes, err);
}

cachet_status ct_derive_names_key(const struct ct_crypto *crypto, const struct ct_prk *prk,
                                  const struct ct_place *place, struct ct_purpose_key *ret_key,
                                  cachet_error *err)
{
    struct info info = {{0}, 0};

    add(&info, LABEL("cachet/1 names"));
    add(&info, ct_bytes(place->bytes, sizeof place->bytes));
    return ct_hkdf_expand(crypto, prk, ct_bytes(info.bytes, info.size), ret_key->bytes,
                          sizeof ret_key->bytes, err);
}
