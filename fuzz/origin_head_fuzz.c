/* SPDX-License-Identifier: MIT */
/* Heads off hostile origins: any bytes, cut at line ends as libcurl does. */
#include <stdlib.h>

#include "session/field.h"
#include "session/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cachet_bytes rest = ct_bytes(data, size);
    struct ct_head head;
    size_t count = 0;

    ct_head_init(&head);
    while (rest.size > 0) {
        const cachet_bytes line = ct_bytes_first(rest, ct_bytes_find(rest, '\n') + 1);
        if (ct_head_line(&head, line, NULL) != CACHET_OK)
            break;
        rest = ct_bytes_from(rest, line.size);
    }
    const cachet_field *const fields = ct_head_fields(&head, &count);
    for (size_t i = 0; head.is_complete && i < count; i++)
        if (!ct_field_name_is_token(fields[i].name) ||
            !ct_field_value_is_clean(fields[i].value))
            abort();
    ct_head_fini(&head);
    return 0;
}
