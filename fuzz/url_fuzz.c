/* SPDX-License-Identifier: MIT */
/* Any bytes as a URL: what is accepted is in one spelling, which is accepted as it is. */
#include <stdlib.h>

#include "http/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* What may be sent in a request line and read by anybody the same way. */
static void check_text(const struct ct_url *url)
{
    for (size_t i = 0; i < url->text.size; i++) {
        const unsigned char byte = url->text.data[i];
        must(byte > 0x20 && byte < 0x7f && byte != '\\' && byte != '#');
    }
    must(url->text.size <= CT_URL_MAX);
    must(url->scheme.size + 3 + url->authority.size + url->target.size == url->text.size);
    must(url->authority.size > 0 && url->target.size > 0 && url->target.data[0] == '/');
    must(ct_bytes_find(url->authority, '@') == url->authority.size);
    must(ct_bytes_find(url->authority, '/') == url->authority.size);
    must(ct_url_same_origin(url, url));
}

static void check_again(const struct ct_url *url)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CT_URL_MAX * 4);
    struct ct_url again;
    cachet_bytes userinfo;

    must(ct_url_normalise(url->text, &buf, &again, &userinfo, NULL) == CACHET_OK);
    must(ct_bytes_equal(again.text, url->text) && userinfo.size == 0);
    must(ct_url_same_origin(url, &again));
}

/* Any bytes as a reference; what is resolved is a URL, and resolves to itself. */
static void check_reference(cachet_bytes reference)
{
    CLEANUP(ct_buf_fini) struct ct_buf base_text = ct_buf_with_ceiling(CT_URL_MAX * 4);
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CT_URL_MAX * 4);
    CLEANUP(ct_buf_fini) struct ct_buf again_text = ct_buf_with_ceiling(CT_URL_MAX * 4);
    struct ct_url base, url, again;
    cachet_bytes userinfo;

    must(ct_url_normalise(CT_BYTES("http://a/b/c/d?q"), &base_text, &base, &userinfo, NULL) ==
         CACHET_OK);
    if (ct_url_resolve(&base, reference, &buf, &url, NULL) != CACHET_OK)
        return;
    check_text(&url);
    must(ct_url_resolve(&base, url.text, &again_text, &again, NULL) == CACHET_OK);
    must(ct_bytes_equal(url.text, again.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CT_URL_MAX * 4);
    CLEANUP(ct_buf_fini) struct ct_buf basic = ct_buf_with_ceiling(CT_URL_MAX * 4);
    struct ct_url url;
    cachet_bytes userinfo;
    cachet_error err = {.status = CACHET_OK};

    check_reference(ct_bytes(data, size));

    const cachet_status status =
        ct_url_normalise(ct_bytes(data, size), &buf, &url, &userinfo, &err);
    if (status != CACHET_OK) {
        must(status == CACHET_E_USAGE && err.message[0] != '\0' && buf.size == 0);
        return 0;
    }
    check_text(&url);
    check_again(&url);
    if (userinfo.size > 0 && ct_url_basic_authorization(userinfo, &basic, NULL) == CACHET_OK)
        must(basic.size % 4 == 2 && basic.size <= 10 + userinfo.size * 4 / 3 + 4);
    return 0;
}
