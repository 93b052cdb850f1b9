/* SPDX-License-Identifier: MIT */
/* Lists of header fields, as far as a session looks into them. Nothing here allocates. */
#ifndef CT_SESSION_FIELD_H
#define CT_SESSION_FIELD_H

#include "base/bytes.h"

/* RFC 9110 5.6.2: one or more tchar. */
bool ct_field_name_is_token(cachet_bytes name);

/* RFC 9110 5.5: no NUL, CR or LF. */
bool ct_field_value_is_clean(cachet_bytes value);

static inline bool ct_field_is(const cachet_field *field, const char *name)
{
    return ct_bytes_equal_nocase(field->name, cachet_bytes_of(name));
}

/* The index-th field of that name, from 0, or NULL. */
const cachet_field *ct_field_find(const cachet_field *fields, size_t count, const char *name,
                                  size_t index);

#endif
