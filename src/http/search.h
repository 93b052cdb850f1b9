/* SPDX-License-Identifier: MIT */
/* No-Vary-Search (draft-ietf-httpbis-no-vary-search): queries that mean the same. */
#ifndef CT_HTTP_SEARCH_H
#define CT_HTTP_SEARCH_H

#include "http/fields.h"
#include "http/url.h"

/* Queries of more parameters than this are only compared byte by byte. */
#define CT_SEARCH_PARAMS_MAX 64u

/*
 * Which parameters of a query tell responses apart. Zero is what holds without the field: all,
 * and in their order.
 */
struct ct_search_variance {
    bool is_there;      /* anything but the default */
    bool ignores_order; /* of keys; values of one key stay in order */
    bool ignores_all;   /* but for `keys` */
    cachet_bytes keys; /* inner list of strings: those ignored, or the only ones that are not */
};

/* The default where the field is missing or not as it should be. Views into the fields. */
struct ct_search_variance ct_search_variance_read(const struct ct_fields *response);

/* May what was stored for `stored` answer `asked`, both normalised? The same URL always may. */
bool ct_search_matches(const struct ct_search_variance *variance, const struct ct_url *stored,
                       const struct ct_url *asked);

#endif
