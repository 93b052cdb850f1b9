/* SPDX-License-Identifier: MIT */
/* References to URLs (RFC 3986 5). Dots go when the joined text is normalised. */
#include "base/error.h"
#include "http/url.h"

/* RFC 3986 3.1: how long the scheme before the ':' is; 0 where none stands there. */
static size_t scheme_size(cachet_bytes text)
{
    size_t size = 0;

    while (size < text.size) {
        const unsigned char byte = text.data[size], low = ct_lower(byte);
        const bool is_alpha = low >= 'a' && low <= 'z';
        if (byte == ':')
            return size;
        if (!is_alpha && (size == 0 || ((byte < '0' || byte > '9') && byte != '+' &&
                                        byte != '-' && byte != '.')))
            return 0;
        size++;
    }
    return 0;
}

static bool begins(cachet_bytes text, const char *with)
{
    const cachet_bytes wanted = cachet_bytes_of(with);

    return ct_bytes_equal(ct_bytes_first(text, wanted.size), wanted);
}

/* RFC 3986 5.2.3: up to the last slash of the path. */
static cachet_bytes folder_of(cachet_bytes path)
{
    size_t size = path.size;

    while (size > 0 && path.data[size - 1] != '/')
        size--;
    return ct_bytes_first(path, size);
}

/* RFC 3986 5.2.2. The base's userinfo is gone already, and its path is never empty. */
static void join(const struct ct_url *base, cachet_bytes reference, struct ct_buf *buf)
{
    const cachet_bytes path = ct_bytes_first(base->target, ct_bytes_find(base->target, '?'));

    if (scheme_size(reference) > 0) {
        ct_buf_append(buf, reference);
        return;
    }
    ct_buf_append(buf, base->scheme);
    ct_buf_text(buf, ":");
    if (!begins(reference, "//")) {
        ct_buf_text(buf, "//");
        ct_buf_append(buf, base->authority);
        if (reference.size == 0)
            ct_buf_append(buf, base->target);
        else if (begins(reference, "?"))
            ct_buf_append(buf, path);
        else if (!begins(reference, "/"))
            ct_buf_append(buf, folder_of(path));
    }
    ct_buf_append(buf, reference);
}

cachet_status ct_url_resolve(const struct ct_url *base, cachet_bytes reference,
                             struct ct_buf *buf, struct ct_url *ret_url, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf joined = ct_buf_with_ceiling(2 * CT_URL_MAX + 16);
    cachet_bytes userinfo;

    join(base, ct_bytes_first(reference, ct_bytes_find(reference, '#')), &joined);
    TRY(ct_buf_status(&joined, err));
    return ct_url_normalise(ct_buf_view(&joined), buf, ret_url, &userinfo, err);
}
