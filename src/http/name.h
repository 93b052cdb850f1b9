/* SPDX-License-Identifier: MIT */
/*
 * What a request is called: the bytes that are hashed into its key, its variant and its
 * credential (docs/format.md). The hashing itself is the seal's.
 */
#ifndef CT_HTTP_NAME_H
#define CT_HTTP_NAME_H

#include "base/buf.h"
#include "http/fields.h"

/* The parts of a canonical request, in their order. */
struct ct_request_name {
    cachet_bytes method; /* HEAD is called GET: it asks for what a GET would store */
    cachet_bytes url;
    cachet_bytes matched_fields; /* empty until fields can be matched by setting */
    cachet_bytes body_hash;      /* 32 bytes, or none where there is no body */
    cachet_bytes partition;
    cachet_bytes trust;
};

void ct_request_name_encode(const struct ct_request_name *name, struct ct_buf *buf);
/* Strict and total: false for anything that encode did not write. Views into `bytes`. */
bool ct_request_name_decode(cachet_bytes bytes, struct ct_request_name *ret_name);

/*
 * Appends the names that the response's Vary lists, lower case, sorted, each once, with the
 * request's values of them (lines joined by ", "; a field that is not there is told apart from
 * an empty one). True where Vary is "*" in any form: such a response matches no request.
 */
bool ct_vary_encode(const struct ct_fields *response, const struct ct_fields *request,
                    struct ct_buf *buf);

/* Do a stored response's pairs select it for this request (RFC 9111 4.1)? False for bad bytes.
 */
bool ct_vary_matches(cachet_bytes pairs, const struct ct_fields *request);

/* Do the pairs hold together: coded as encode does, names sorted? */
bool ct_vary_is_valid(cachet_bytes pairs);

/*
 * Appends the request's credentials: Authorization and Cookie lines, and `extra` (a client
 * certificate's name). Nothing where there are none.
 */
void ct_credential_encode(const struct ct_fields *request, cachet_bytes extra,
                          struct ct_buf *buf);

#endif
