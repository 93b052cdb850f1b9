/* SPDX-License-Identifier: MIT */
#include "session/redirect.h"

#include <curl/curl.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"

#define LOCATION_MAX ((size_t) 64 << 10)

bool ct_redirect_is(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static void url_free(CURLU **url)
{
    curl_url_cleanup(*url);
}

static void part_free(char **part)
{
    curl_free(*part);
}

/* RFC 3986 3.1: the scheme in front of a reference, without its colon, or nothing. */
static cachet_bytes scheme_of(cachet_bytes reference)
{
    const cachet_bytes scheme = ct_bytes_first(reference, ct_bytes_find(reference, ':'));

    if (scheme.size == reference.size || scheme.size == 0)
        return ct_bytes(NULL, 0);
    for (size_t i = 0; i < scheme.size; i++) {
        const unsigned char byte = ct_lower(scheme.data[i]);
        const bool is_letter = byte >= 'a' && byte <= 'z';
        const bool is_other =
            (byte >= '0' && byte <= '9') || byte == '+' || byte == '-' || byte == '.';
        if (!is_letter && !(is_other && i > 0))
            return ct_bytes(NULL, 0);
    }
    return scheme;
}

static cachet_status check_scheme(const char *base, cachet_bytes location, cachet_error *err)
{
    const cachet_bytes scheme = scheme_of(location);

    if (scheme.size == 0 || ct_bytes_equal_nocase(scheme, CT_BYTES("http")) ||
        ct_bytes_equal_nocase(scheme, CT_BYTES("https")))
        return CACHET_OK;
    return ct_err_set(err, CACHET_E_PROTOCOL,
                      "'%.200s' redirects to scheme '%.*s': only http and https are followed",
                      base, scheme.size < 40 ? (int) scheme.size : 40,
                      (const char *) scheme.data);
}

static cachet_status parse(CURLU *url, const char *base, cachet_bytes location,
                           cachet_error *err)
{
    CLEANUP(ct_mem_freep) char *text = NULL;

    TRY(ct_mem_text(&text, location, err));
    CURLUcode code = curl_url_set(url, CURLUPART_URL, base, 0);
    if (code == CURLUE_OK)
        code = curl_url_set(url, CURLUPART_URL, text, CURLU_URLENCODE | CURLU_ALLOW_SPACE);
    if (code == CURLUE_OK)
        code = curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
    if (code == CURLUE_OUT_OF_MEMORY)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory for a redirect");
    if (code != CURLUE_OK)
        return ct_err_set(err, CACHET_E_PROTOCOL,
                          "'%.200s' redirects to '%.*s', which is no URL", base,
                          location.size < 200 ? (int) location.size : 200, text);
    return CACHET_OK;
}

static bool is_part_same(CURLU *a, CURLU *b, CURLUPart which)
{
    CLEANUP(part_free) char *of_a = NULL;
    CLEANUP(part_free) char *of_b = NULL;

    return curl_url_get(a, which, &of_a, CURLU_DEFAULT_PORT) == CURLUE_OK &&
           curl_url_get(b, which, &of_b, CURLU_DEFAULT_PORT) == CURLUE_OK &&
           ct_bytes_equal_nocase(cachet_bytes_of(of_a), cachet_bytes_of(of_b));
}

/* RFC 9110 4.3.1. */
static bool is_same_origin(CURLU *url, const char *base)
{
    CLEANUP(url_free) CURLU *other = curl_url();

    return other != NULL && curl_url_set(other, CURLUPART_URL, base, 0) == CURLUE_OK &&
           is_part_same(url, other, CURLUPART_SCHEME) &&
           is_part_same(url, other, CURLUPART_HOST) && is_part_same(url, other, CURLUPART_PORT);
}

/* With its "@", as it stands in the URL; nothing where there is none. */
static cachet_bytes userinfo_of(const char *url)
{
    const char *const scheme_end = strstr(url, "://");

    if (scheme_end == NULL)
        return ct_bytes(NULL, 0);
    const char *const authority = scheme_end + 3;
    size_t size = strcspn(authority, "/?#");
    while (size > 0 && authority[size - 1] != '@')
        size--;
    return ct_bytes(authority, size);
}

static cachet_status join(const char *url, cachet_bytes userinfo, char **ret_url,
                          cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf joined = ct_buf_with_ceiling(4 * LOCATION_MAX);
    const cachet_bytes text = cachet_bytes_of(url);
    const char *const scheme_end = strstr(url, "://");
    const size_t at = scheme_end == NULL ? 0 : (size_t) (scheme_end + 3 - url);

    ct_buf_append(&joined, ct_bytes_first(text, at));
    ct_buf_append(&joined, userinfo);
    ct_buf_append(&joined, ct_bytes_from(text, at));
    TRY(ct_buf_status(&joined, err));
    return ct_mem_text(ret_url, ct_buf_view(&joined), err);
}

cachet_status ct_redirect_resolve(const char *base, const char *asked, cachet_bytes location,
                                  struct ct_redirect *ret_redirect, cachet_error *err)
{
    CLEANUP(url_free) CURLU *url = curl_url();
    CLEANUP(part_free) char *text = NULL;
    struct ct_redirect redirect = {NULL, false};

    if (url == NULL)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory for a redirect");
    if (location.size > LOCATION_MAX)
        return ct_err_set(err, CACHET_E_PROTOCOL, "'%.200s' redirects to a URL of %zu bytes",
                          base, location.size);
    TRY(check_scheme(base, location, err));
    TRY(parse(url, base, location, err));
    redirect.is_same_origin = is_same_origin(url, base);
    if (curl_url_get(url, CURLUPART_URL, &text, 0) != CURLUE_OK)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory for a redirect");
    const bool keeps_userinfo = redirect.is_same_origin && userinfo_of(text).size == 0;
    TRY(join(text, keeps_userinfo ? userinfo_of(asked) : ct_bytes(NULL, 0), &redirect.url,
             err));
    *ret_redirect = redirect;
    return CACHET_OK;
}
