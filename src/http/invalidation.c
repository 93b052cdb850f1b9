/* SPDX-License-Identifier: MIT */
#include "http/invalidation.h"

#include "http/sf.h"

bool ct_invalidation_url(const struct ct_url *target, const struct ct_fields *response,
                         cachet_bytes name, struct ct_buf *buf, struct ct_url *ret_url)
{
    cachet_bytes reference;

    return ct_fields_only(response, name, &reference) &&
           ct_url_resolve(target, reference, buf, ret_url, NULL) == CACHET_OK &&
           ct_url_same_origin(target, ret_url) && !ct_bytes_equal(target->text, ret_url->text);
}

void ct_groups_read(const struct ct_fields *response, cachet_bytes name,
                    struct ct_groups *ret_groups)
{
    struct ct_sf_cursor cursor = {0};
    struct ct_sf_value value;
    bool are_strings = true;

    ret_groups->count = 0;
    while (ct_sf_list_next(response, name, &cursor, &value)) {
        are_strings = are_strings && value.type == CT_SF_STRING;
        if (ret_groups->count < CT_GROUPS_MAX)
            ret_groups->at[ret_groups->count++] = value.text;
    }
    if (cursor.is_wrong || !are_strings)
        ret_groups->count = 0;
}

bool ct_groups_share(const struct ct_groups *a, const struct ct_groups *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (ct_bytes_equal(a->at[i], b->at[k]))
                return true;
    return false;
}
