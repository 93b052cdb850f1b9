/* SPDX-License-Identifier: MIT */
#include "seal/sealer.h"

/* The names of an unsealed cache, for which there is no key, are plain hashes. */
static cachet_status name(const struct ct_sealer *sealer, const cachet_bytes *parts,
                          size_t part_count, cachet_name *ret_name, cachet_error *err)
{
    cachet_name made;

    if (sealer->suite == CT_SUITE_UNSEALED)
        TRY(ct_sha256(sealer->crypto, parts, part_count, made.bytes, err));
    else
        TRY(ct_sealer_mac(sealer, ct_slot_names(), parts, part_count, made.bytes, err));
    *ret_name = made;
    return CACHET_OK;
}

cachet_status ct_name_request(const struct ct_sealer *sealer, cachet_bytes canonical_request,
                              cachet_name *ret_key, cachet_error *err)
{
    const cachet_bytes parts[] = {ct_bytes("request", sizeof "request"), canonical_request};
    return name(sealer, parts, CT_COUNT_OF(parts), ret_key, err);
}

cachet_status ct_name_credential(const struct ct_sealer *sealer, cachet_bytes credential_parts,
                                 cachet_name *ret_digest, cachet_error *err)
{
    const cachet_bytes parts[] = {ct_bytes("credential", sizeof "credential"),
                                  credential_parts};
    return name(sealer, parts, CT_COUNT_OF(parts), ret_digest, err);
}

cachet_status ct_name_variant(const struct ct_sealer *sealer, cachet_bytes vary_pairs,
                              const cachet_name *credential, cachet_name *ret_variant,
                              cachet_error *err)
{
    /* As a part: its length keeps it from being taken for more pairs. */
    static const unsigned char size[4] = {CACHET_NAME_SIZE, 0, 0, 0};
    cachet_bytes parts[] = {ct_bytes("variant", sizeof "variant"), vary_pairs, {0}, {0}};
    size_t part_count = 2;

    if (credential != NULL) {
        parts[part_count++] = ct_bytes(size, sizeof size);
        parts[part_count++] = ct_bytes(credential->bytes, sizeof credential->bytes);
    }
    return name(sealer, parts, part_count, ret_variant, err);
}

cachet_status ct_hash(const struct ct_sealer *sealer, cachet_bytes bytes,
                      unsigned char ret_hash[32], cachet_error *err)
{
    return ct_sha256(sealer->crypto, &bytes, 1, ret_hash, err);
}
