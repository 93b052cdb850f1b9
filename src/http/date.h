/* SPDX-License-Identifier: MIT */
#ifndef CT_HTTP_DATE_H
#define CT_HTTP_DATE_H

#include "base/bytes.h"

#define CT_HTTP_DATE_SIZE 30 /* "Sun, 06 Nov 1994 08:49:37 GMT" and a NUL */

/*
 * An HTTP-date in any of the three formats of RFC 9110 5.6.7, strictly; seconds since 1970.
 * `now_s` resolves the two digit year of the RFC 850 format.
 */
bool ct_http_date_parse(cachet_bytes text, int64_t now_s, int64_t *ret_time_s);

/* Writes the preferred format. Times outside the years 1 to 9999 are clamped. */
void ct_http_date_format(int64_t time_s, char ret_text[CT_HTTP_DATE_SIZE]);

#endif
