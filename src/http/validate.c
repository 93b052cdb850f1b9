/* SPDX-License-Identifier: MIT */
#include "http/validate.h"

#include "http/date.h"

/* RFC 9110 8.8.3. */
struct etag {
    bool is_weak;
    cachet_bytes opaque; /* with its quotes */
};

static bool is_etagc(unsigned char byte)
{
    return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

static bool read_etag(cachet_bytes text, struct etag *ret_etag)
{
    const cachet_bytes weak = CT_BYTES("W/");

    ret_etag->is_weak = ct_bytes_equal(ct_bytes_first(text, weak.size), weak);
    if (ret_etag->is_weak)
        text = ct_bytes_from(text, weak.size);
    if (text.size < 2 || text.data[0] != '"' || text.data[text.size - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < text.size; i++)
        if (!is_etagc(text.data[i]))
            return false;
    ret_etag->opaque = text;
    return true;
}

/* What identifies a response. A field that is there and unreadable, or twice, is no validator.
 */
struct validators {
    bool has_etag;
    struct etag etag;
    cachet_bytes etag_text;
    bool has_modified;
    int64_t modified_s;
    cachet_bytes modified_text;
};

/* A two digit year here only has to be a date, and to mean the same each time: no `now`. */
static struct validators validators_of(const struct ct_fields *fields)
{
    struct validators found = {0};

    found.has_etag = ct_fields_only(fields, CT_BYTES("etag"), &found.etag_text) &&
                     read_etag(found.etag_text, &found.etag);
    found.has_modified =
        ct_fields_only(fields, CT_BYTES("last-modified"), &found.modified_text) &&
        ct_http_date_parse(found.modified_text, 0, &found.modified_s);
    return found;
}

bool ct_validate_is_possible(const struct ct_fields *stored)
{
    const struct validators found = validators_of(stored);

    return found.has_etag || found.has_modified;
}

/* RFC 9111 4.3.1: both, where there are both. */
size_t ct_validate_conditions(const struct ct_fields *stored,
                              cachet_field ret_conditions[CT_CONDITIONS_MAX])
{
    const struct validators found = validators_of(stored);
    size_t count = 0;

    if (found.has_etag)
        ret_conditions[count++] = (cachet_field){CT_BYTES("If-None-Match"), found.etag_text};
    if (found.has_modified)
        ret_conditions[count++] =
            (cachet_field){CT_BYTES("If-Modified-Since"), found.modified_text};
    return count;
}

/*
 * RFC 9110 8.8.2.2: a Last-Modified is strong if the response that has it was made at least a
 * second later.
 */
static bool is_strong_modified(const struct ct_fields *fields, int64_t modified_s)
{
    cachet_bytes text;
    int64_t date_s;

    return ct_fields_only(fields, CT_BYTES("date"), &text) &&
           ct_http_date_parse(text, 0, &date_s) && date_s > modified_s;
}

/* RFC 9110 8.8.3.2: strong where the answer's is; a weak one is compared weakly. */
static bool is_same_etag(const struct etag *stored, const struct etag *answer)
{
    return (answer->is_weak || !stored->is_weak) &&
           ct_bytes_equal(stored->opaque, answer->opaque);
}

/*
 * Does the answer have an ETag that cannot be read, and that was not just so in what is stored?
 * It does not say that nothing changed.
 */
static bool is_etag_odd(const struct validators *held, const struct validators *told,
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
    const struct validators held = validators_of(stored), told = validators_of(answer);
    const bool is_same_modified =
        held.has_modified && told.has_modified && held.modified_s == told.modified_s;

    if (is_etag_odd(&held, &told, answer))
        return false;
    if (told.has_etag && held.has_etag)
        return is_same_etag(&held.etag, &told.etag);
    if (told.has_etag && !told.etag.is_weak)
        return is_same_modified && is_strong_modified(stored, held.modified_s);
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

/* RFC 9111 3.2: the body that is stored has the length it was stored with. */
static bool is_kept(cachet_bytes name)
{
    return ct_bytes_equal_nocase(name, CT_BYTES("content-length"));
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
    size_t count = 0;

    for (size_t i = 0; i < stored->count; i++) {
        const cachet_bytes name = stored->at[i].name;
        if (is_kept(name) || (!is_outlived(name) && !is_retold(told, told_count, name)))
            ret_fields[count++] = stored->at[i];
    }
    for (size_t i = 0; i < told_count; i++)
        if (!is_kept(told[i].name))
            ret_fields[count++] = told[i];
    return count;
}
