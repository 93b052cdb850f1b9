/* SPDX-License-Identifier: MIT */
/*
 * One exchange brought to its answer: by the store, or by an origin over a transport.
 *
 *     open ─► settle ─┬─ SERVE: read, read, …
 *                     └─ PASS: next, next, … (empty) ─► end        ─► fini, from anywhere
 *
 * A transport is held only while an origin is asked: what the store answers never waits for
 * one.
 */
#ifndef CT_SESSION_ANSWER_H
#define CT_SESSION_ANSWER_H

#include <cachet/exchange.h>

#include "session/pool.h"

struct ct_answer {
    struct ct_pool *pool;
    cachet_exchange *exchange;
    struct ct_transport *transport; /* NULL where the store answers, or all was received */
    unsigned asked;                 /* how often the origin was asked */
    bool is_ended;
};

/* What is asked, and how. Borrowed until the answer is settled. */
struct ct_question {
    const struct ct_terms *terms;
    const cachet_request *request; /* complete: method, all fields, trust */
    bool is_body_copied;
    int64_t deadline_ms;
};

/* Begins the exchange. */
cachet_status ct_answer_open(struct ct_answer *answer, cachet_cache *cache,
                             const struct ct_question *question, cachet_error *err);
void ct_answer_fini(struct ct_answer *answer);

/* Asks the origin, as often as the exchange wants it, until the verdict is SERVE or PASS. */
cachet_status ct_answer_settle(struct ct_answer *answer, const struct ct_question *question,
                               cachet_error *err);

static inline bool ct_answer_is_from_origin(const struct ct_answer *answer)
{
    return cachet_exchange_verdict(answer->exchange) == CACHET_PASS;
}

/*
 * PASS: the next piece, already given to the exchange; empty at the end. Valid until the next
 * call.
 */
cachet_status ct_answer_next(struct ct_answer *answer, cachet_bytes *ret_piece,
                             cachet_error *err);

/* PASS: true where next would answer the end without waiting. */
bool ct_answer_is_at_end(const struct ct_answer *answer);

/* PASS, after the end: publishes, once, and gives the transport back. Nothing for SERVE. */
cachet_status ct_answer_end(struct ct_answer *answer, cachet_error *err);

/* PASS: takes the rest of the body for the exchange alone, while it is small. */
void ct_answer_drain(struct ct_answer *answer);

/* Bytes of the body as it comes, or UINT64_MAX where that is not known. */
uint64_t ct_answer_body_size(const struct ct_answer *answer);

#endif
