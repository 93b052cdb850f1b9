/* SPDX-License-Identifier: MIT */
#include "http/digest.h"

#include "http/sf.h"

static const struct {
    const char *key;
    size_t size;
} algorithms[] = {
#define ALGORITHM(name, key, size) {key, size},
    CT_DIGEST_LIST(ALGORITHM)
#undef ALGORITHM
};

static void take(const struct ct_sf_member *member, struct ct_digest *digests, bool *is_there)
{
    for (size_t i = 0; i < CT_DIGEST_COUNT; i++) {
        struct ct_digest *const digest = &digests[i];
        if (!ct_bytes_equal(member->key, cachet_bytes_of(algorithms[i].key)))
            continue;
        is_there[i] = true;
        *digest = (struct ct_digest){.algorithm = (enum ct_digest_algorithm) i};
        digest->is_malformed = !ct_sf_bytes_decode(&member->value, digest->bytes,
                                                   sizeof digest->bytes, &digest->size) ||
                               digest->size != algorithms[i].size;
    }
}

size_t ct_digests_read(const struct ct_fields *response, cachet_bytes name,
                       struct ct_digest ret_digests[CT_DIGEST_COUNT])
{
    struct ct_digest found[CT_DIGEST_COUNT];
    bool is_there[CT_DIGEST_COUNT] = {false};
    struct ct_sf_cursor cursor = {0};
    struct ct_sf_member member;
    size_t count = 0;

    while (ct_sf_dictionary_next(response, name, &cursor, &member))
        take(&member, found, is_there);
    for (size_t i = 0; i < CT_DIGEST_COUNT && !cursor.is_wrong; i++)
        if (is_there[i])
            ret_digests[count++] = found[i];
    return count;
}
