/* SPDX-License-Identifier: MIT */
/*
 * A No-Vary-Search, a line feed, a query, a line feed, another query: matching is symmetric,
 * and every URL matches itself.
 */
#include <stdlib.h>

#include "../tests/unit/http/lines.h"
#include "http/search.h"

#define CEILING (1u << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static cachet_bytes cut_line(cachet_bytes *text)
{
    const cachet_bytes line = ct_bytes_first(*text, ct_bytes_find(*text, '\n'));

    *text = ct_bytes_from(*text, line.size + 1);
    return line;
}

static bool url_of(cachet_bytes query, struct ct_buf *buf, struct ct_url *ret_url)
{
    CLEANUP(ct_buf_fini) struct ct_buf text = ct_buf_with_ceiling(CEILING);
    cachet_bytes userinfo;

    ct_buf_text(&text, "http://a/?");
    ct_buf_append(&text, query);
    return ct_url_normalise(ct_buf_view(&text), buf, ret_url, &userinfo, NULL) == CACHET_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(ct_buf_fini) struct ct_buf first_text = ct_buf_with_ceiling(CEILING);
    CLEANUP(ct_buf_fini) struct ct_buf second_text = ct_buf_with_ceiling(CEILING);
    cachet_bytes text = ct_bytes(data, size);
    const cachet_field field = {CT_BYTES("No-Vary-Search"), cut_line(&text)};
    const struct ct_search_variance variance =
        ct_search_variance_read(&(struct ct_fields){&field, 1});
    struct ct_url first, second;

    if (!url_of(cut_line(&text), &first_text, &first) || !url_of(text, &second_text, &second))
        return 0;
    must(ct_search_matches(&variance, &first, &first));
    must(ct_search_matches(&variance, &first, &second) ==
         ct_search_matches(&variance, &second, &first));
    if (!variance.is_there && ct_search_matches(&variance, &first, &second))
        must(ct_bytes_equal(first.text, second.text));
    return 0;
}
