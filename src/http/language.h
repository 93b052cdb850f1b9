/* SPDX-License-Identifier: MIT */
/* Accept-Language in one spelling (RFC 9110 12.5.4), so that like requests match (RFC
 * 9111 4.1). */
#ifndef CT_HTTP_LANGUAGE_H
#define CT_HTTP_LANGUAGE_H

#include "http/fields.h"

#define CT_LANGUAGES_MAX 32u

struct ct_language {
    cachet_bytes range;
    unsigned weight;          /* in thousandths */
    cachet_bytes weight_text; /* without zeros at its end */
};

struct ct_languages {
    struct ct_language at[CT_LANGUAGES_MAX];
    size_t count;
};

/*
 * The heaviest first, those of one weight by name: their order says nothing (RFC 9110 12.5.4).
 * False where a member is not as it should be, or there are too many; such a value is compared
 * as it stands.
 */
bool ct_languages_read(const struct ct_fields *request, struct ct_languages *ret_languages);

/* The next piece of the one spelling, in any case; start `cursor` with 0. */
bool ct_languages_next(const struct ct_languages *languages, size_t *cursor,
                       cachet_bytes *ret_piece);

#endif
