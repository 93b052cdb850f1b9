/* SPDX-License-Identifier: MIT */
/*
 * Lines of one structured field, read as list and as dictionary: views stay inside, reading
 * ends, and what is good once is good again.
 */
#include <stdlib.h>

#include "../tests/unit/http/lines.h"
#include "http/sf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_value(const struct ct_sf_value *value, cachet_bytes all)
{
    unsigned char bytes[64];
    size_t size = 0, count = 0;
    cachet_bytes text = value->text;
    struct ct_sf_value item;
    unsigned char byte;

    must(text.size <= all.size);
    must(text.size == 0 ||
         (text.data >= all.data && text.data + text.size <= all.data + all.size));
    if (ct_sf_bytes_decode(value, bytes, sizeof bytes, &size))
        must(value->type == CT_SF_BYTES && size <= sizeof bytes);
    if (value->type == CT_SF_INTEGER)
        must(value->integer > -INT64_C(1000000000000000) &&
             value->integer < INT64_C(1000000000000000));
    if (value->type == CT_SF_STRING)
        while (ct_sf_string_next(&text, &byte))
            must(++count <= all.size);
    if (value->type != CT_SF_INNER_LIST)
        return;
    while (ct_sf_inner_next(&text, &item))
        must(++count <= all.size && item.type != CT_SF_INNER_LIST);
    must(text.size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const cachet_bytes all = ct_bytes(data, size);
    const cachet_bytes name = CT_BYTES("f");
    struct ct_sf_cursor list = {0}, dictionary = {0};
    struct lines lines;
    const struct ct_fields fields = lines_of(&lines, all);
    struct ct_sf_value value;
    struct ct_sf_member member;
    size_t count = 0;

    while (ct_sf_list_next(&fields, name, &list, &value)) {
        must(++count <= size);
        check_value(&value, all);
    }
    must(!ct_sf_list_next(&fields, name, &list, &value));
    count = 0;
    while (ct_sf_dictionary_next(&fields, name, &dictionary, &member)) {
        must(++count <= size && member.key.size > 0);
        check_value(&member.value, all);
    }
    must(ct_sf_is_dictionary(&fields, name) == (count > 0 && !dictionary.is_wrong));
    return 0;
}
