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
    cachet_bytes matched_fields; /* of a QUERY: ct_request_content_encode; else empty */
    cachet_bytes body_hash;      /* 32 bytes, or none where there is no body */
    cachet_bytes partition;
    cachet_bytes trust;
};

/*
 * RFC 10008 2.7: what belongs to the content of a QUERY besides its bytes. Appends
 * part(name), u8 1, part(value) for each line of Content-Encoding, Content-Language and
 * Content-Type: the matched fields of its name.
 */
void ct_request_content_encode(const struct ct_fields *request, struct ct_buf *buf);

void ct_request_name_encode(const struct ct_request_name *name, struct ct_buf *buf);
/*
 * Strict and total: false for anything that encode did not write of a method that is a token, a
 * URL and a body hash of 32 bytes or none. Views into `bytes`.
 */
bool ct_request_name_decode(cachet_bytes bytes, struct ct_request_name *ret_name);

/* Is Vary "*" in any form, or nothing we could match by? Such a response matches no request. */
bool ct_vary_is_any(const struct ct_fields *response);

/*
 * Appends a pair for each name that the response's Vary lists, lower case, sorted, each once:
 * part(name), u8 1 if the request has the field, part(its value). The value's lines are joined
 * by commas and blanks around commas left out; Accept-Language is written in lower case, the
 * heaviest range first and those of one weight by name. Authorization and Cookie have no value
 * here: their text is not kept, the credential's digest tells them apart. True, and nothing
 * appended, where ct_vary_is_any.
 */
bool ct_vary_encode(const struct ct_fields *response, const struct ct_fields *request,
                    struct ct_buf *buf);

/*
 * Do a stored response's pairs select it for this request (RFC 9111 4.1)? False for bad bytes.
 * Where ct_vary_names_credential, only if the credentials are the same too, in every role.
 */
bool ct_vary_matches(cachet_bytes pairs, const struct ct_fields *request);

/*
 * As ct_vary_matches where both requests are at hand: does the response's Vary find no
 * difference between them? Credentials are compared like any other field.
 */
bool ct_vary_is_same(const struct ct_fields *response, const struct ct_fields *first,
                     const struct ct_fields *second);

/* Do the pairs hold together: coded as encode does, names sorted? */
bool ct_vary_is_valid(cachet_bytes pairs);

/* Is Authorization or Cookie among the names? */
bool ct_vary_names_credential(cachet_bytes pairs);

/*
 * Appends the request's credentials: Authorization and Cookie lines, and `extra` (a client
 * certificate's name), each as part("authorization", "cookie" or "extra"), part(value). Nothing
 * where there are none.
 */
void ct_credential_encode(const struct ct_fields *request, cachet_bytes extra,
                          struct ct_buf *buf);

#endif
