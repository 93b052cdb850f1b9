/* SPDX-License-Identifier: MIT */
/* What libcurl's failures mean in cachet's words. */
#ifndef CT_SESSION_CAUSE_H
#define CT_SESSION_CAUSE_H

#include <curl/curl.h>

#include "base/bytes.h"

struct ct_cause {
    const char *url;   /* normalised */
    const char *words; /* libcurl's own, "" where it has none */
    CURLcode code;
    bool was_sent; /* a connection stood, and the request went out on it */
    bool has_head; /* the head of the answer was complete */
};

/* Fills err, naming host and cause. Returns its status, never CACHET_OK. */
cachet_status ct_cause_explain(const struct ct_cause *cause, cachet_error *err);

/* Writes "host:port" of a normalised http or https URL. */
void ct_cause_place(const char *url, char *ret_place, size_t capacity);

#endif
