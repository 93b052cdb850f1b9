/* SPDX-License-Identifier: MIT */
/* How a libcurl handle is set for one transfer: every option, in one place. */
#ifndef CT_SESSION_SETUP_H
#define CT_SESSION_SETUP_H

#include <curl/curl.h>

#include "session/transport.h"

/* Where a handle reports to. */
struct ct_setup {
    void *context;
    curl_write_callback on_head_line;
    curl_write_callback on_body;
    curl_prereq_callback on_send;
    char *words; /* CURL_ERROR_SIZE bytes */
};

/* The lines of a request. Owned by the caller, also after a failure. */
cachet_status ct_setup_lines(const struct ct_call *call, struct curl_slist **ret_lines,
                             cachet_error *err);

/* Everything but the lines, on a handle that was reset. */
cachet_status ct_setup_apply(const struct ct_setup *setup, CURL *easy,
                             const struct ct_terms *terms, const struct ct_call *call,
                             cachet_error *err);

/* Once per process, before any handle. */
cachet_status ct_setup_library(cachet_error *err);

#endif
