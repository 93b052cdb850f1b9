/* SPDX-License-Identifier: MIT */
#include "http/variants.h"

#include "http/etag.h"
#include "http/validate.h"

/* Counts on where there is no more room, so that the size is known. */
struct text {
    unsigned char *at;
    size_t capacity;
    size_t size;
};

static void append(struct text *text, cachet_bytes bytes)
{
    if (bytes.size > 0 && text->size <= text->capacity &&
        bytes.size <= text->capacity - text->size)
        memcpy(text->at + text->size, bytes.data, bytes.size);
    text->size += bytes.size;
}

static void append_etag(struct text *text, const struct ct_etag *etag)
{
    append(text, text->size > 0 ? CT_BYTES(", ") : ct_bytes(NULL, 0));
    append(text, etag->is_weak ? CT_BYTES("W/") : ct_bytes(NULL, 0));
    append(text, etag->opaque);
}

/* Has an earlier variant the same entity tag? It is only asked after once. */
static bool is_repeated(const struct ct_fields *variants, size_t at, const struct ct_etag *etag)
{
    for (size_t i = 0; i < at; i++) {
        const struct ct_validators held = ct_validators_of(&variants[i]);
        if (held.has_etag && held.etag.is_weak == etag->is_weak &&
            ct_etag_equal_weak(&held.etag, etag))
            return true;
    }
    return false;
}

/* False where "*" is among them: it asks after anything, and our own tags would narrow it. */
static bool append_own(struct text *text, const struct ct_fields *request)
{
    size_t line = 0;
    cachet_bytes list;
    struct ct_etag etag;

    while (ct_fields_next(request, CT_BYTES("if-none-match"), &line, &list)) {
        if (ct_bytes_equal(list, CT_BYTES("*")))
            return false;
        while (ct_etag_next(&list, &etag))
            append_etag(text, &etag);
    }
    return true;
}

size_t ct_variants_etags(const struct ct_fields *request, const struct ct_fields *variants,
                         size_t count, void *ret_text, size_t capacity)
{
    struct text text = {.at = ret_text, .capacity = capacity};

    for (size_t i = 0; i < count; i++) {
        const struct ct_validators held = ct_validators_of(&variants[i]);
        if (held.has_etag && !is_repeated(variants, i, &held.etag))
            append_etag(&text, &held.etag);
    }
    return request == NULL || append_own(&text, request) ? text.size : 0;
}

size_t ct_variants_select(const struct ct_fields *variants, size_t count,
                          const struct ct_fields *answer, bool *ret_is_confirmed)
{
    const struct ct_validators told = ct_validators_of(answer);
    const bool is_strong = told.has_etag && !told.etag.is_weak;
    const bool tells_none = !told.has_etag && !told.has_modified;
    size_t first = count;

    for (size_t i = 0; i < count; i++) {
        ret_is_confirmed[i] = (is_strong || first == count) && (!tells_none || count == 1) &&
                              ct_validate_confirms(&variants[i], answer);
        if (ret_is_confirmed[i] && first == count)
            first = i;
    }
    return first;
}

/* RFC 9111 4.3.5: "matching values for any received validator fields". */
static bool has_same_validators(const struct ct_fields *stored, const struct ct_fields *head)
{
    const struct ct_validators held = ct_validators_of(stored), told = ct_validators_of(head);

    if (ct_fields_has(head, CT_BYTES("etag")) &&
        !(told.has_etag && held.has_etag && told.etag.is_weak == held.etag.is_weak &&
          ct_etag_equal_weak(&told.etag, &held.etag)))
        return false;
    return !ct_fields_has(head, CT_BYTES("last-modified")) ||
           (told.has_modified && held.has_modified && told.modified_s == held.modified_s);
}

bool ct_head_freshens(const struct ct_fields *stored, uint64_t body_size,
                      const struct ct_fields *head)
{
    cachet_bytes digits;
    uint64_t length = 0;

    if (!has_same_validators(stored, head))
        return false;
    if (!ct_fields_has(head, CT_BYTES("content-length")))
        return true;
    return ct_fields_only(head, CT_BYTES("content-length"), &digits) &&
           ct_bytes_to_u64(digits, UINT64_MAX, &length) && length == body_size;
}
