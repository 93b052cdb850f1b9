/* SPDX-License-Identifier: MIT */
/* Validators (RFC 9110 8.8): entity tags, lists of them, and dates of modification. */
#ifndef CT_HTTP_ETAG_H
#define CT_HTTP_ETAG_H

#include "http/fields.h"

struct ct_etag {
    bool is_weak;
    cachet_bytes opaque; /* with its quotes */
};

/* RFC 9110 8.8.3, strictly. */
bool ct_etag_read(cachet_bytes text, struct ct_etag *ret_etag);

/* Cuts the next entity tag off a list (RFC 9110 13.1.1); what is none is passed over. */
bool ct_etag_next(cachet_bytes *list, struct ct_etag *ret_etag);

/* RFC 9110 8.8.3.2: weak comparison, and strong. */
bool ct_etag_equal_weak(const struct ct_etag *a, const struct ct_etag *b);
bool ct_etag_equal_strong(const struct ct_etag *a, const struct ct_etag *b);

/* What a response can be asked for by. A field that cannot be read, or twice, is no validator.
 */
struct ct_validators {
    bool has_etag;
    struct ct_etag etag;
    cachet_bytes etag_text;
    bool has_modified;
    int64_t modified_s;
    cachet_bytes modified_text;
};
struct ct_validators ct_validators_of(const struct ct_fields *fields);

/* RFC 9110 8.8.2.2: was the response made at least a second after it was modified? */
bool ct_modified_is_strong(const struct ct_fields *fields, int64_t modified_s);

/* RFC 9110 15.3.7.3: have both a strong validator, and the same? */
bool ct_validators_same_strong(const struct ct_fields *a, const struct ct_fields *b);

#endif
