/* SPDX-License-Identifier: MIT */
/*
 * One conversation at a time with origins, over libcurl, in the caller's own thread.
 *
 *     new ─► start ─► head ─► next, next, … (empty: the end) ─► stop ─► start … ─► free
 *
 * It moves only while head or next waits: nobody who reads slowly is fed more than
 * CT_TRANSPORT_PENDING_MAX ahead, and the origin feels it (its connection is not read).
 * Connections are kept for the next start. After a fork the child must not touch what the
 * parent opened: stop and free then forget everything without closing it.
 */
#ifndef CT_SESSION_TRANSPORT_H
#define CT_SESSION_TRANSPORT_H

#include <cachet/exchange.h>

#include "base/buf.h"
#include "session/head.h"

/* Bytes of a body received and not yet taken. */
#define CT_TRANSPORT_PENDING_MAX ((size_t) 256 << 10)

struct ct_transport;

/* On which terms a session talks to origins. */
struct ct_terms {
    const char *ca_file; /* NULL: the system's */
    bool is_insecure;
    uint32_t connect_timeout_ms;
    uint32_t stall_timeout_ms;
};

/*
 * One request, sent as it stands here: nothing is added to its fields but Host and
 * Content-Length. `added` replaces fields of the same name. Borrowed until stop; the body only
 * until start where it is copied.
 */
struct ct_call {
    const char *method;
    const char *url;
    const cachet_field *fields;
    size_t field_count;
    const cachet_field *added;
    size_t added_count;
    cachet_bytes body;
    bool is_body_copied;
    int64_t deadline_ms; /* monotonic; 0 for none */
};

cachet_status ct_transport_new(struct ct_transport **ret_transport, cachet_error *err);
void ct_transport_free(struct ct_transport *transport);
CT_DEFINE_FREEP(struct ct_transport, ct_transport_free)

/* Fails with E_MEMORY, E_TRANSFER (the deadline has passed). Sends nothing yet. */
cachet_status ct_transport_start(struct ct_transport *transport, const struct ct_terms *terms,
                                 const struct ct_call *call, cachet_error *err);

/* Waits for the head: borrowed until stop. Fails with E_TRANSFER, E_PROTOCOL, E_TOO_LARGE,
 * E_MEMORY. */
cachet_status ct_transport_head(struct ct_transport *transport, cachet_head *ret_head,
                                cachet_error *err);

/* Waits for the next bytes of the body, valid until the next call. Fails as head does. */
cachet_status ct_transport_next(struct ct_transport *transport, cachet_bytes *ret_piece,
                                cachet_error *err);

/* True where next would answer the end without waiting. */
bool ct_transport_is_at_end(const struct ct_transport *transport);

/* The body's size where the head told it, else UINT64_MAX. */
uint64_t ct_transport_body_size(struct ct_transport *transport);

/* The most that was ever pending. */
size_t ct_transport_pending_peak(const struct ct_transport *transport);

/* Ends the conversation; the connection is kept if all of the answer was received. */
void ct_transport_stop(struct ct_transport *transport);

/* False in a child of the process that made it. */
bool ct_transport_is_ours(const struct ct_transport *transport);

#endif
