/* SPDX-License-Identifier: MIT */
/* A response: the facts of an answer, copied in one piece of memory, and its body. */
#ifndef CT_SESSION_RESPONSE_H
#define CT_SESSION_RESPONSE_H

#include <cachet/cachet.h>

#include "session/body.h"

struct cachet_response {
    struct ct_body body;
    cachet_body_mode mode;
    uint64_t size;        /* bytes handed out */
    cachet_error failure; /* what every further read answers; CACHET_OK where all is well */

    int status;
    bool is_hit;
    int64_t stored_at_ms;
    int64_t expires_at_ms;
    const char *url;
    const char *key;
    const cachet_field
        *fields; /* each value followed by a NUL; like url and key, behind this */
    size_t field_count;
};

/*
 * Copies the facts of the settled answer in `body` and takes the body over. Where it is
 * decoded, the fields that describe the coded one are left out.
 */
cachet_status ct_response_new(cachet_response **ret_response, struct ct_body *body,
                              cachet_body_mode mode, cachet_error *err);

CT_DEFINE_FREEP(cachet_response, cachet_response_free)

/* Once the body is complete: notes when it was stored, and lets go of the exchange. */
void ct_response_settle(cachet_response *response);

/* Hands the whole body to `write`. Fails with E_ABORTED, and as ct_body_read does. */
cachet_status ct_response_write(cachet_response *response, cachet_write write, void *context,
                                cachet_error *err);

#endif
