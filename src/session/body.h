/* SPDX-License-Identifier: MIT */
/*
 * The body of a settled answer on its way out: from the store or the origin, through the
 * decoder if there is one.
 *
 *     (settle the answer) ─► open ─► prime ─► read, read, … (0: complete) ─► fini
 *
 * What the origin sends is published only when all of it was handed out and, where it was to be
 * decoded, proved whole.
 */
#ifndef CT_SESSION_BODY_H
#define CT_SESSION_BODY_H

#include "session/answer.h"
#include "session/decode.h"

#define CT_BODY_PIECE_SIZE ((size_t) 64 << 10)

struct ct_body {
    struct ct_answer answer;
    struct ct_decoder *decoder; /* NULL: handed out as it comes */
    unsigned char *held;        /* a piece out of the store */
    cachet_bytes ready;         /* received or read, not handed out yet */
    unsigned char *whole;       /* all of it, where that is wanted; then a NUL */
    size_t whole_size;
    bool is_none;       /* an answer to HEAD */
    bool is_complete;   /* the end was handed out */
    bool is_unreadable; /* the store failed before a byte was handed out */
};

struct ct_body_wish {
    bool is_none;
    bool is_whole;
    bool is_decoded;
    uint64_t max_whole_size;
    uint64_t max_decoded_size;
};

/* Finds out what is to be undone. Fails with E_FORMAT, E_MEMORY, E_TOO_LARGE. */
cachet_status ct_body_open(struct ct_body *body, const struct ct_body_wish *wish,
                           cachet_error *err);

/*
 * Reads the first bytes out of the store, while another answer can still be had: is_unreadable
 * says that the exchange may turn to the origin.
 */
cachet_status ct_body_prime(struct ct_body *body, const struct ct_body_wish *wish,
                            cachet_error *err);

/* Forgets what open and prime made; the answer stays. */
void ct_body_forget(struct ct_body *body);
void ct_body_fini(struct ct_body *body);

/* The next bytes; 0 at the end, again and again. `capacity` is not 0. */
cachet_status ct_body_read(struct ct_body *body, void *buffer, size_t capacity,
                           size_t *ret_size, cachet_error *err);

/* All the rest into body->whole. Fails with E_TOO_LARGE, too. */
cachet_status ct_body_read_whole(struct ct_body *body, const struct ct_body_wish *wish,
                                 cachet_error *err);

/* Ends what has nothing more to hand out, without waiting. */
cachet_status ct_body_settle(struct ct_body *body, cachet_error *err);

#endif
