/* SPDX-License-Identifier: MIT */
/*
 * http and https URLs, normalised (RFC 3986 6.2.2, RFC 9110 4.2.3) so that two spellings of one
 * resource are one URL, and nothing that could make two resources one:
 * scheme and host in lower case, default port and fragment dropped, an empty path made "/",
 * unreserved characters decoded, hex digits upper case, dot segments removed. Control
 * characters and backslashes are refused, whatever part they stand in. In path and query a
 * space and bytes above 0x7f are percent-encoded; other bytes that RFC 3986 does not allow
 * there, and a '%' that begins no escape, stay as they are, as everybody sends them. A host is
 * letters, digits, '-',
 * '.' and '_', or an IPv6 address; one that is not ASCII is refused by name.
 *
 * Normalising what is normalised changes nothing.
 */
#ifndef CT_HTTP_URL_H
#define CT_HTTP_URL_H

#include "base/buf.h"

#define CT_URL_MAX ((size_t) 65536)

/* Views into the normalised text. */
struct ct_url {
    cachet_bytes text;
    cachet_bytes scheme;
    cachet_bytes authority; /* host, and port where it is not the default */
    cachet_bytes target;    /* path and query */
    bool is_https;
};

/*
 * Appends the normalised URL to `buf`, which `ret_url` then points into. Userinfo is left out
 * and given back, still percent-encoded, as a view into `text`; empty where there is none.
 * E_USAGE names what is wrong, never the userinfo; nothing is appended then.
 */
cachet_status ct_url_normalise(cachet_bytes text, struct ct_buf *buf, struct ct_url *ret_url,
                               cachet_bytes *ret_userinfo, cachet_error *err);

/*
 * Appends, normalised, what `reference` means in a message about `base` (RFC 3986 5.2);
 * userinfo and fragment are left out. E_USAGE where it is no http or https URL.
 */
cachet_status ct_url_resolve(const struct ct_url *base, cachet_bytes reference,
                             struct ct_buf *buf, struct ct_url *ret_url, cachet_error *err);

/* Same scheme, host and port (RFC 9110 4.3.1), of two normalised URLs. */
bool ct_url_same_origin(const struct ct_url *a, const struct ct_url *b);

/*
 * Appends "Basic ..." out of userinfo (RFC 7617), percent-decoded first. E_USAGE where it has
 * control characters or its user a colon. What is in `buf` is then a secret: wipe it.
 */
cachet_status ct_url_basic_authorization(cachet_bytes userinfo, struct ct_buf *buf,
                                         cachet_error *err);

#endif
