/* SPDX-License-Identifier: MIT */
#include "http/validate.h"

#include "http/etag.h"
#include "http/range.h"

bool ct_validate_is_possible(const struct ct_fields *stored)
{
    const struct ct_validators found = ct_validators_of(stored);

    return found.has_etag || found.has_modified;
}

/* RFC 9111 4.3.1: both, where there are both. */
size_t ct_validate_conditions(const struct ct_fields *stored,
                              cachet_field ret_conditions[CT_CONDITIONS_MAX])
{
    const struct ct_validators found = ct_validators_of(stored);
    size_t count = 0;

    if (found.has_etag)
        ret_conditions[count++] = (cachet_field){CT_BYTES("If-None-Match"), found.etag_text};
    if (found.has_modified)
        ret_conditions[count++] =
            (cachet_field){CT_BYTES("If-Modified-Since"), found.modified_text};
    return count;
}

/* RFC 9110 8.8.3.2: strong where the answer's is; a weak one is compared weakly. */
static bool is_same_etag(const struct ct_etag *stored, const struct ct_etag *answer)
{
    return (answer->is_weak || !stored->is_weak) &&
           ct_bytes_equal(stored->opaque, answer->opaque);
}

/*
 * Does the answer have an ETag that cannot be read, and that was not just so in what is stored?
 * It does not say that nothing changed.
 */
static bool is_etag_odd(const struct ct_validators *held, const struct ct_validators *told,
                        const struct ct_fields *answer)
{
    return !told->has_etag && ct_fields_has(answer, CT_BYTES("etag")) &&
           (told->etag_text.size == 0 || !ct_bytes_equal(held->etag_text, told->etag_text));
}

/*
 * An ETag decides alone where both have one: it is the more exact of the two. An answer with a
 * strong ETag that nothing was stored with needs another strong validator that is the same.
 */
bool ct_validate_confirms(const struct ct_fields *stored, const struct ct_fields *answer)
{
    const struct ct_validators held = ct_validators_of(stored), told = ct_validators_of(answer);
    const bool is_same_modified =
        held.has_modified && told.has_modified && held.modified_s == told.modified_s;

    if (is_etag_odd(&held, &told, answer))
        return false;
    if (told.has_etag && held.has_etag)
        return is_same_etag(&held.etag, &told.etag);
    if (told.has_etag && !told.etag.is_weak)
        return is_same_modified && ct_modified_is_strong(stored, held.modified_s);
    if (told.has_etag || told.has_modified)
        return is_same_modified;
    return held.has_etag || held.has_modified;
}

/* Does the 304 tell anew what `name` says? */
static bool is_retold(const cachet_field *answer, size_t count, cachet_bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (ct_bytes_equal_nocase(answer[i].name, name))
            return true;
    return false;
}

/*
 * RFC 9111 3.2: the body that is stored has the length it was stored with, and a part is the
 * part it was: its Content-Range is what the stored response depends on.
 */
static bool is_kept(cachet_bytes name, bool is_part)
{
    return ct_bytes_equal_nocase(name, CT_BYTES("content-length")) ||
           (is_part && ct_bytes_equal_nocase(name, CT_BYTES("content-range")));
}

/*
 * RFC 9111 4.2.3: the confirmed response is as old as its confirmation. An Age or Date of the
 * first answer would make it older: where the 304 has none, none is left, and the time of
 * receipt stands for the Date (RFC 9110 6.6.1).
 */
static bool is_outlived(cachet_bytes name)
{
    return ct_bytes_equal_nocase(name, CT_BYTES("age")) ||
           ct_bytes_equal_nocase(name, CT_BYTES("date"));
}

size_t ct_validate_merge(const struct ct_fields *stored, const struct ct_fields *answer,
                         cachet_field *ret_fields)
{
    cachet_field *const told = ret_fields + stored->count;
    const size_t told_count = ct_fields_storable(answer, told);
    struct ct_span span;
    const bool is_part = ct_content_range_read(stored, &span);
    size_t count = 0;

    for (size_t i = 0; i < stored->count; i++) {
        const cachet_bytes name = stored->at[i].name;
        if (is_kept(name, is_part) ||
            (!is_outlived(name) && !is_retold(told, told_count, name)))
            ret_fields[count++] = stored->at[i];
    }
    for (size_t i = 0; i < told_count; i++)
        if (!is_kept(told[i].name, is_part))
            ret_fields[count++] = told[i];
    return count;
}
