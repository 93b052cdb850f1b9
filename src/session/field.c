/* SPDX-License-Identifier: MIT */
#include "session/field.h"

static bool is_tchar(unsigned char byte)
{
    if ((byte >= '0' && byte <= '9') || (ct_lower(byte) >= 'a' && ct_lower(byte) <= 'z'))
        return true;
    return byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL;
}

bool ct_field_name_is_token(cachet_bytes name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!is_tchar(name.data[i]))
            return false;
    return name.size > 0;
}

bool ct_field_value_is_clean(cachet_bytes value)
{
    return ct_bytes_find(value, '\0') == value.size &&
           ct_bytes_find(value, '\r') == value.size && ct_bytes_find(value, '\n') == value.size;
}

const cachet_field *ct_field_find(const cachet_field *fields, size_t count, const char *name,
                                  size_t index)
{
    for (size_t i = 0; i < count; i++)
        if (ct_field_is(&fields[i], name) && index-- == 0)
            return &fields[i];
    return NULL;
}
