/* SPDX-License-Identifier: MIT */
/*
 * Lines of a response, an empty line, lines of a request: pairs. And all of it as the bytes of
 * pairs and of a request's name, as they come from a store.
 */
#include <stdlib.h>

#include "../tests/unit/http/lines.h"
#include "http/name.h"

#define CEILING (1u << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_encode(const struct ct_fields *response, const struct ct_fields *request)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
    CLEANUP(ct_buf_fini) struct ct_buf credential = ct_buf_with_ceiling(CEILING);
    static const struct ct_fields nothing = {NULL, 0};

    const bool is_any = ct_vary_encode(response, request, &buf);
    const cachet_bytes pairs = ct_buf_view(&buf);
    must(is_any == ct_vary_is_any(response));
    must(!is_any || pairs.size == 0);
    must(ct_buf_status(&buf, NULL) == CACHET_OK && ct_vary_is_valid(pairs));
    must(is_any || ct_vary_matches(pairs, request));
    (void) ct_vary_matches(pairs, &nothing);
    (void) ct_vary_matches(pairs, response);
    must(is_any || ct_vary_is_same(response, request, request));
    (void) ct_vary_is_same(response, request, response);
    ct_credential_encode(request, ct_bytes(NULL, 0), &credential);
    must((credential.size > 0) == (ct_fields_has(request, CT_BYTES("cookie")) ||
                                   ct_fields_has(request, CT_BYTES("authorization"))));
}

static void check_stored_pairs(cachet_bytes bytes, const struct ct_fields *request)
{
    if (ct_vary_matches(bytes, request))
        must(ct_vary_is_valid(bytes));
    (void) ct_vary_names_credential(bytes);
}

static void check_stored_name(cachet_bytes bytes)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CEILING);
    struct ct_request_name name;

    if (!ct_request_name_decode(bytes, &name))
        return;
    ct_request_name_encode(&name, &buf);
    must(ct_bytes_equal(ct_buf_view(&buf), bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lines first, second;
    const cachet_bytes text = ct_bytes(data, size);
    size_t at = 0;

    while (at + 1 < size && (data[at] != '\n' || data[at + 1] != '\n'))
        at++;
    const struct ct_fields response = lines_of(&first, ct_bytes_first(text, at));
    const struct ct_fields request = lines_of(&second, ct_bytes_from(text, at + 2));

    check_encode(&response, &request);
    check_stored_pairs(text, &request);
    check_stored_name(text);
    return 0;
}
