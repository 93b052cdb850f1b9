/* SPDX-License-Identifier: MIT */
/* Fields that own their bytes: one block of memory for the array and the text. */
#ifndef CT_CACHE_FIELD_LIST_H
#define CT_CACHE_FIELD_LIST_H

#include "http/fields.h"

struct ct_field_list {
    cachet_field *at;
    size_t count;
    size_t capacity;
};

/* Copies fields and their bytes, with room for `spare` more that bring their own bytes. */
cachet_status ct_field_list_copy(struct ct_field_list *list, const cachet_field *fields,
                                 size_t count, size_t spare, cachet_error *err);

/* An empty list with room for `capacity` fields that bring their own bytes. */
cachet_status ct_field_list_new(struct ct_field_list *list, size_t capacity, cachet_error *err);

/* There must be room. */
void ct_field_list_add(struct ct_field_list *list, cachet_bytes name, cachet_bytes value);

void ct_field_list_fini(struct ct_field_list *list);

static inline struct ct_fields ct_field_list_view(const struct ct_field_list *list)
{
    return (struct ct_fields){list->at, list->count};
}

#endif
