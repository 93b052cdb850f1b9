/* SPDX-License-Identifier: MIT */
/* Where a redirect leads (RFC 9110 15.4, RFC 3986 5). */
#ifndef CT_SESSION_REDIRECT_H
#define CT_SESSION_REDIRECT_H

#include "base/bytes.h"

/* 301, 302, 303, 307, 308: those that say where to ask instead. */
bool ct_redirect_is(int status);

struct ct_redirect {
    char *url; /* owned */
    bool is_same_origin;
};

/*
 * Resolves `location` against `base`, the URL it came from, normalised. Userinfo of `asked`
 * (the same URL as the caller wrote it) goes along to the same origin and nowhere else.
 *
 * Fails with E_PROTOCOL: a scheme other than http and https, or no URL at all.
 */
cachet_status ct_redirect_resolve(const char *base, const char *asked, cachet_bytes location,
                                  struct ct_redirect *ret_redirect, cachet_error *err);

#endif
