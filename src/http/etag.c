/* SPDX-License-Identifier: MIT */
#include "http/etag.h"

#include "http/date.h"

static bool is_etagc(unsigned char byte)
{
    return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

/* Takes an entity tag off the front: no backslash escapes anything in it. */
static bool cut_etag(cachet_bytes *text, struct ct_etag *ret_etag)
{
    const cachet_bytes weak = CT_BYTES("W/");
    cachet_bytes rest = *text;
    size_t size = 1;

    ret_etag->is_weak = ct_bytes_equal(ct_bytes_first(rest, weak.size), weak);
    if (ret_etag->is_weak)
        rest = ct_bytes_from(rest, weak.size);
    if (rest.size == 0 || rest.data[0] != '"')
        return false;
    while (size < rest.size && is_etagc(rest.data[size]))
        size++;
    if (size == rest.size || rest.data[size] != '"')
        return false;
    ret_etag->opaque = ct_bytes_first(rest, size + 1);
    *text = ct_bytes_from(rest, size + 1);
    return true;
}

bool ct_etag_read(cachet_bytes text, struct ct_etag *ret_etag)
{
    return cut_etag(&text, ret_etag) && text.size == 0;
}

/* What stands between two commas and is no entity tag is left out to the second of them. */
bool ct_etag_next(cachet_bytes *list, struct ct_etag *ret_etag)
{
    while (list->size > 0) {
        *list = ct_bytes_trim(*list);
        const bool is_etag = cut_etag(list, ret_etag);
        *list = ct_bytes_trim(*list);
        const size_t rest = ct_bytes_find(*list, ',');
        *list = ct_bytes_from(*list, rest + 1);
        if (is_etag && rest == 0)
            return true;
    }
    return false;
}

bool ct_etag_equal_weak(const struct ct_etag *a, const struct ct_etag *b)
{
    return ct_bytes_equal(a->opaque, b->opaque);
}

bool ct_etag_equal_strong(const struct ct_etag *a, const struct ct_etag *b)
{
    return !a->is_weak && !b->is_weak && ct_bytes_equal(a->opaque, b->opaque);
}

/* A two digit year here only has to be a date, and to mean the same each time: no `now`. */
struct ct_validators ct_validators_of(const struct ct_fields *fields)
{
    struct ct_validators found = {0};

    found.has_etag = ct_fields_only(fields, CT_BYTES("etag"), &found.etag_text) &&
                     ct_etag_read(found.etag_text, &found.etag);
    found.has_modified =
        ct_fields_only(fields, CT_BYTES("last-modified"), &found.modified_text) &&
        ct_http_date_parse(found.modified_text, 0, &found.modified_s);
    return found;
}

bool ct_modified_is_strong(const struct ct_fields *fields, int64_t modified_s)
{
    cachet_bytes text;
    int64_t date_s;

    return ct_fields_only(fields, CT_BYTES("date"), &text) &&
           ct_http_date_parse(text, 0, &date_s) && date_s > modified_s;
}

bool ct_validators_same_strong(const struct ct_fields *a, const struct ct_fields *b)
{
    const struct ct_validators first = ct_validators_of(a), second = ct_validators_of(b);

    if (first.has_etag || second.has_etag)
        return first.has_etag && second.has_etag &&
               ct_etag_equal_strong(&first.etag, &second.etag);
    return first.has_modified && second.has_modified && first.modified_s == second.modified_s &&
           ct_modified_is_strong(a, first.modified_s) &&
           ct_modified_is_strong(b, second.modified_s);
}
