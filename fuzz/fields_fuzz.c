/* SPDX-License-Identifier: MIT */
/*
 * Lines of a stored response, an empty line, lines of a 304: lists, storing, Cache-Control,
 * validation and merging.
 */
#include <stdlib.h>

#include "../tests/unit/http/lines.h"
#include "http/cache_control.h"
#include "http/digest.h"
#include "http/invalidation.h"
#include "http/validate.h"
#include "http/variants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_lists(const struct ct_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        struct ct_list_cursor cursor = {0};
        cachet_bytes member;
        while (ct_fields_list_next(fields, fields->at[i].name, &cursor, &member))
            must(member.size > 0 && ct_bytes_trim(member).size == member.size);
        must(ct_fields_has(fields, fields->at[i].name) == (fields->at[i].name.size > 0));
    }
}

static void check_storable(const struct ct_fields *fields)
{
    cachet_field kept[LINES_MAX], again[LINES_MAX];
    const struct ct_fields first = {kept, ct_fields_storable(fields, kept)};

    must(first.count <= fields->count);
    must(!ct_fields_has(&first, CT_BYTES("connection")));
    must(!ct_fields_has(&first, CT_BYTES("transfer-encoding")));
    must(ct_fields_storable(&first, again) == first.count);
    must(ct_fields_has(&first, CT_BYTES("cache-control")) ==
         ct_fields_has(fields, CT_BYTES("cache-control")));
}

static void check_control(const struct ct_fields *fields)
{
    struct ct_cache_control control;

    ct_cache_control_read(fields, &control);
    must((control.qualified & ~control.present) == 0);
    must((control.invalid & ~control.present) == 0);
    for (int i = 0; i < CT_DIRECTIVE_COUNT; i++)
        must(control.seconds[i] >= 0 && control.seconds[i] <= CT_DELTA_SECONDS_MAX);
}

static void check_withheld(const struct ct_fields *fields, bool is_shared)
{
    const struct ct_policy_settings settings = {.is_shared = is_shared};

    for (size_t i = 0; i < fields->count; i++)
        if (ct_policy_withholds(&settings, fields, fields->at[i].name))
            must(ct_policy_withholds_some(&settings, fields));
}

static void check_validation(const struct ct_fields *stored, const struct ct_fields *answer)
{
    cachet_field conditions[CT_CONDITIONS_MAX], merged[2 * LINES_MAX];
    const size_t count = ct_validate_conditions(stored, conditions);

    must((count > 0) == ct_validate_is_possible(stored));
    for (size_t i = 0; i < count; i++)
        must(conditions[i].value.size > 0);
    (void) ct_validate_confirms(stored, answer);
    const struct ct_fields all = {merged, ct_validate_merge(stored, answer, merged)};
    must(all.count <= stored->count + answer->count);
    must(ct_fields_has(&all, CT_BYTES("content-length")) ==
         ct_fields_has(stored, CT_BYTES("content-length")));
    must(ct_fields_has(&all, CT_BYTES("age")) == ct_fields_has(answer, CT_BYTES("age")));
}

/* The fields of neighbours, and several variants. */
static void check_neighbours(const struct ct_fields *stored, const struct ct_fields *answer)
{
    const struct ct_fields variants[2] = {*stored, *answer};
    struct ct_digest digests[CT_DIGEST_COUNT];
    struct ct_groups groups;
    unsigned char text[256];
    bool is_confirmed[2];

    must(ct_digests_read(stored, CT_BYTES("repr-digest"), digests) <= CT_DIGEST_COUNT);
    ct_groups_read(stored, CT_BYTES("cache-groups"), &groups);
    must(ct_groups_share(&groups, &groups) == (groups.count > 0));
    (void) ct_variants_etags(answer, variants, 2, text, sizeof text);
    const size_t first = ct_variants_select(variants, 2, answer, is_confirmed);
    must(first == 2 ? !is_confirmed[0] && !is_confirmed[1] : is_confirmed[first]);
    (void) ct_head_freshens(stored, 10, answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lines first, second;
    cachet_bytes text = ct_bytes(data, size);
    size_t at = 0;

    while (at + 1 < size && (data[at] != '\n' || data[at + 1] != '\n'))
        at++;
    const struct ct_fields stored = lines_of(&first, ct_bytes_first(text, at));
    const struct ct_fields answer = lines_of(&second, ct_bytes_from(text, at + 2));

    for (size_t i = 0; i < stored.count; i++)
        if (ct_field_is_valid(&stored.at[i]))
            must(ct_is_token(stored.at[i].name));
    check_lists(&stored);
    check_storable(&stored);
    check_control(&stored);
    check_withheld(&stored, size % 2 == 0);
    check_validation(&stored, &answer);
    check_neighbours(&stored, &answer);
    return 0;
}
