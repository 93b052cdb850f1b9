/* SPDX-License-Identifier: MIT */
/*
 * Undoes content codings (RFC 9110 8.4) piece by piece, in bounded memory.
 *
 *     new, add (each Content-Encoding line), is_needed ─► run … run ─► free
 */
#ifndef CT_SESSION_DECODE_H
#define CT_SESSION_DECODE_H

#include "base/bytes.h"

/* As many as anybody has seen in a row, and some. */
#define CT_DECODE_CODINGS_MAX 4u

struct ct_decoder;

/* What goes in and what comes out of one run. */
struct ct_flow {
    cachet_bytes in; /* what was used is cut off */
    bool is_last;    /* nothing comes after `in` */
    unsigned char *out;
    size_t room;
    size_t made; /* bytes written to `out` */
};

/* The value for Accept-Encoding: what is built in; NULL where nothing is. */
const char *ct_decode_accepts(void);

/* A decoder of nothing yet, that makes at most `ceiling` bytes. */
cachet_status ct_decoder_new(struct ct_decoder **ret_decoder, uint64_t ceiling,
                             cachet_error *err);
void ct_decoder_free(struct ct_decoder *decoder);
CT_DEFINE_FREEP(struct ct_decoder, ct_decoder_free)

/* Takes the next Content-Encoding line. Fails with E_FORMAT (too many), E_MEMORY. */
cachet_status ct_decoder_add(struct ct_decoder *decoder, cachet_bytes line, cachet_error *err);

/* False where there is nothing to undo, or a coding among them that is not known here. */
bool ct_decoder_is_needed(const struct ct_decoder *decoder);

/*
 * Decodes until `room` is used, or all of `in`. Nothing made means: more input is needed or,
 * with is_last, all is done and was whole.
 *
 * Fails with E_FORMAT (corrupt, cut short, something after its end), E_TOO_LARGE, E_MEMORY.
 */
cachet_status ct_decoder_run(struct ct_decoder *decoder, struct ct_flow *flow,
                             cachet_error *err);

#endif
