/* SPDX-License-Identifier: MIT */
/*
 * The fields of a request as they will be sent, complete before the cache is asked: what Vary
 * refers to is what the origin gets.
 */
#ifndef CT_SESSION_OUTGOING_H
#define CT_SESSION_OUTGOING_H

#include <cachet/exchange.h>

#include "base/buf.h"

/* Requests with no more fields than this take no memory for their list. */
#define CT_OUTGOING_INLINE 16u

struct ct_outgoing {
    cachet_field at_hand[CT_OUTGOING_INLINE];
    cachet_field *many; /* owned; NULL where at_hand is enough */
    size_t count;
};

/* What is sent where the request does not say otherwise. NULL: not sent. */
struct ct_outgoing_defaults {
    const char *user_agent;
    const char *accept_encoding;
};

/*
 * Checks the request and makes its list, which points into the request. Fails with E_USAGE,
 * naming the field.
 */
cachet_status ct_outgoing_init(struct ct_outgoing *outgoing, const cachet_request *request,
                               const struct ct_outgoing_defaults *defaults, cachet_error *err);
void ct_outgoing_fini(struct ct_outgoing *outgoing);

static inline cachet_field *ct_outgoing_fields(struct ct_outgoing *outgoing)
{
    return outgoing->many != NULL ? outgoing->many : outgoing->at_hand;
}

/* Takes out what another origin must not see. */
void ct_outgoing_drop_credentials(struct ct_outgoing *outgoing);

/*
 * Appends the request's own trust inputs to those of the session: its bytes, and a Host field
 * that speaks to another than the URL names.
 */
void ct_outgoing_trust(const cachet_request *request, struct ct_buf *trust);

#endif
