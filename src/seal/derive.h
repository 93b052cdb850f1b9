/* SPDX-License-Identifier: MIT */
/* From the keyring's secrets to the keys of one cache: one purpose each (docs/format.md). */
#ifndef CT_SEAL_DERIVE_H
#define CT_SEAL_DERIVE_H

#include "seal/crypto.h"
#include "seal/keyring.h"
#include "seal/seal.h"

#define CT_PLACE_SIZE (CT_CACHE_ID_SIZE + CT_HASH_SIZE)

struct ct_key_id {
    unsigned char bytes[CT_KEY_ID_SIZE];
};

/* A key of HMAC-SHA-256 for one purpose in one cache. */
struct ct_purpose_key {
    unsigned char bytes[CT_KEY_SIZE];
};

/* cache id ‖ H(namespace) */
struct ct_place {
    unsigned char bytes[CT_PLACE_SIZE];
};

cachet_status ct_place_make(const struct ct_crypto *crypto,
                            const unsigned char cache_id[CT_CACHE_ID_SIZE],
                            cachet_bytes cache_namespace, struct ct_place *ret_place,
                            cachet_error *err);

cachet_status ct_derive_prk(const struct ct_crypto *crypto, enum ct_key_kind kind,
                            const struct ct_root_key *root, struct ct_prk *ret_prk,
                            cachet_error *err);
cachet_status ct_derive_key_id(const struct ct_crypto *crypto, const struct ct_prk *prk,
                               struct ct_key_id *ret_id, cachet_error *err);

/* What a sealing key is for. */
enum ct_purpose {
    CT_PURPOSE_HEAD,
    CT_PURPOSE_BODY,
};

/* For a purpose, suite and place. */
struct ct_purpose_of {
    enum ct_purpose purpose;
    enum ct_suite suite;
    const struct ct_place *place;
};

cachet_status ct_derive_key(const struct ct_crypto *crypto, const struct ct_prk *prk,
                            const struct ct_purpose_of *of, struct ct_purpose_key *ret_key,
                            cachet_error *err);
cachet_status ct_derive_names_key(const struct ct_crypto *crypto, const struct ct_prk *prk,
                                  const struct ct_place *place, struct ct_purpose_key *ret_key,
                                  cachet_error *err);

#endif
