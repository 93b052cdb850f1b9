/* SPDX-License-Identifier: MIT */
#include "session/cause.h"

#include <stdio.h>

#include "base/error.h"

static const struct code_status {
    CURLcode code;
    cachet_status status;
} codes[] = {
    {CURLE_OUT_OF_MEMORY, CACHET_E_MEMORY},
    {CURLE_URL_MALFORMAT, CACHET_E_USAGE},
    {CURLE_UNSUPPORTED_PROTOCOL, CACHET_E_PROTOCOL}, /* HTTP/0.9, too */
    {CURLE_WEIRD_SERVER_REPLY, CACHET_E_PROTOCOL},
    {CURLE_BAD_CONTENT_ENCODING, CACHET_E_PROTOCOL},
    {CURLE_HTTP2, CACHET_E_PROTOCOL},
    {CURLE_HTTP2_STREAM, CACHET_E_PROTOCOL},
#if LIBCURL_VERSION_NUM >= 0x080600
    {CURLE_TOO_LARGE, CACHET_E_TOO_LARGE},
#endif
};

static bool begins_with(const char *text, const char *words)
{
    return strncmp(text, words, strlen(words)) == 0;
}

/*
 * Too much of a head has no code of its own in libcurl 7: a line over 100 KB is told as lack of
 * memory, and a head over 300 KB as a failed receipt, in these words.
 */
static bool is_head_too_large(const struct ct_cause *cause)
{
    if (!cause->was_sent || cause->has_head)
        return false;
    return cause->code == CURLE_OUT_OF_MEMORY ||
           begins_with(cause->words, "Too large response header");
}

static cachet_status status_of(const struct ct_cause *cause)
{
    if (is_head_too_large(cause))
        return CACHET_E_TOO_LARGE;
    for (size_t i = 0; i < CT_COUNT_OF(codes); i++)
        if (codes[i].code == cause->code)
            return codes[i].status;
    return CACHET_E_TRANSFER;
}

void ct_cause_place(const char *url, char *ret_place, size_t capacity)
{
    const char *const scheme_end = strstr(url, "://");
    const char *const authority = scheme_end == NULL ? url : scheme_end + 3;
    const size_t size = strcspn(authority, "/?#");
    /* The port's colon stands behind an IPv6 literal's bracket. */
    const char *const bracket = memchr(authority, ']', size);
    const size_t from = bracket == NULL ? 0 : (size_t) (bracket - authority);
    const bool has_port = memchr(authority + from, ':', size - from) != NULL;
    const char *const port = has_port ? "" : begins_with(url, "https:") ? ":443" : ":80";

    (void) snprintf(ret_place, capacity, "%.*s%s", size < 256 ? (int) size : 256, authority,
                    port);
}

cachet_status ct_cause_explain(const struct ct_cause *cause, cachet_error *err)
{
    const char *const words =
        cause->words[0] != '\0' ? cause->words : curl_easy_strerror(cause->code);
    const cachet_status status = status_of(cause);
    char place[280];

    ct_cause_place(cause->url, place, sizeof place);
    if (status == CACHET_E_TOO_LARGE)
        return ct_err_set(err, status, "the head of the answer from '%s' is too large", place);
    if (cause->code == CURLE_PARTIAL_FILE)
        return ct_err_set(err, status, "the body from '%s' ended early: %s", place, words);
    if (cause->was_sent)
        return ct_err_set(err, status, "the transfer from '%s' failed: %s", place, words);
    return ct_err_set(err, status, "cannot reach '%s': %s", place, words);
}
