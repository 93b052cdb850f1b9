/* SPDX-License-Identifier: MIT */
/* What a keyring holds, for those who derive keys from it. Immutable once it was made. */
#ifndef CT_SEAL_KEYRING_H
#define CT_SEAL_KEYRING_H

#include <cachet/keyring.h>

#include "base/bytes.h"
#include "seal/crypto.h"

#define CT_KEYS_MAX 8u
#define CT_KEY_ID_SIZE 8u

/* Kinds of secrets: the first byte that is hashed into everything made from one. */
enum ct_key_kind {
    CT_KEY_NAMES = 0,
    CT_KEY_RAW = 1,
};

/* A secret as the user has it. Lives in pages of a ct_secret only. */
struct ct_root_key {
    unsigned char bytes[CT_KEY_SIZE];
};

/* For who keeps it; let go of it with cachet_keyring_free. */
cachet_keyring *ct_keyring_ref(cachet_keyring *keyring);

/*
 * The keyring that `text` holds, which is the content of a keyring file or of a file with one
 * raw key (docs/format.md). `name` is what messages call it. E_FORMAT, E_VERSION.
 */
cachet_status ct_keyring_parse(cachet_bytes text, const char *name,
                               cachet_keyring **ret_keyring, cachet_error *err);

uint64_t ct_keyring_epoch(const cachet_keyring *keyring);
/* The first one writes. */
size_t ct_keyring_key_count(const cachet_keyring *keyring);
const struct ct_root_key *ct_keyring_key(const cachet_keyring *keyring, size_t index);
const struct ct_root_key *ct_keyring_names_key(const cachet_keyring *keyring);
/* The library context that keyring and sealers share. */
struct ct_crypto *ct_keyring_crypto(const cachet_keyring *keyring);
/* Where its file is: absolute, without links; NULL where it came from no file. */
const char *ct_keyring_path(const cachet_keyring *keyring);
/* Could its pages be kept out of swap? */
bool ct_keyring_is_locked(const cachet_keyring *keyring);

#endif
