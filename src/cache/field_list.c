/* SPDX-License-Identifier: MIT */
#include "cache/field_list.h"

#include "base/error.h"
#include "base/mem.h"

/* What libcurl would deliver at most; more is refused, not stored. */
#define FIELDS_MAX 20000u
#define FIELD_BYTES_MAX (4u << 20)

void ct_field_list_fini(struct ct_field_list *list)
{
    ct_mem_free(list->at);
    *list = (struct ct_field_list){0};
}

void ct_field_list_add(struct ct_field_list *list, cachet_bytes name, cachet_bytes value)
{
    assert(list->count < list->capacity);
    list->at[list->count++] = (cachet_field){name, value};
}

static cachet_status new_with_text(struct ct_field_list *list, size_t capacity,
                                   size_t text_size, unsigned char **ret_text,
                                   cachet_error *err)
{
    void *block = NULL;

    TRY(ct_mem_new(&block, 1, capacity * sizeof(cachet_field) + text_size + 1, err));
    ct_field_list_fini(list);
    list->at = block;
    list->capacity = capacity;
    *ret_text = (unsigned char *) block + capacity * sizeof(cachet_field);
    return CACHET_OK;
}

cachet_status ct_field_list_new(struct ct_field_list *list, size_t capacity, cachet_error *err)
{
    unsigned char *text = NULL;
    return new_with_text(list, capacity, 0, &text, err);
}

static cachet_bytes copy_to(unsigned char **text, cachet_bytes bytes)
{
    const cachet_bytes copy = {*text, bytes.size};

    if (bytes.size > 0)
        memcpy(*text, bytes.data, bytes.size);
    *text += bytes.size;
    return copy;
}

cachet_status ct_field_list_copy(struct ct_field_list *list, const cachet_field *fields,
                                 size_t count, size_t spare, cachet_error *err)
{
    size_t size = 0;
    unsigned char *text = NULL;

    for (size_t i = 0; i < count && size <= FIELD_BYTES_MAX; i++)
        size += ct_bytes_first(fields[i].name, FIELD_BYTES_MAX).size +
                ct_bytes_first(fields[i].value, FIELD_BYTES_MAX).size;
    if (count > FIELDS_MAX || size > FIELD_BYTES_MAX)
        return ct_err_set(err, CACHET_E_TOO_LARGE,
                          "%zu fields are more than %u, or than %u bytes", count, FIELDS_MAX,
                          FIELD_BYTES_MAX);
    TRY(new_with_text(list, count + spare, size, &text, err));
    for (size_t i = 0; i < count; i++) {
        const cachet_bytes name = copy_to(&text, fields[i].name);
        ct_field_list_add(list, name, copy_to(&text, fields[i].value));
    }
    return CACHET_OK;
}
