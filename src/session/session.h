/* SPDX-License-Identifier: MIT */
/* What a session is made of. Constant once it is open, but for its pool. */
#ifndef CT_SESSION_SESSION_H
#define CT_SESSION_SESSION_H

#include <cachet/cachet.h>

#include "session/outgoing.h"
#include "session/pool.h"

struct cachet_session {
    cachet_cache *cache;
    struct ct_pool pool;
    struct ct_terms terms;
    struct ct_outgoing_defaults defaults;
    char *ca_file;    /* owned; made absolute */
    char *user_agent; /* owned; NULL where it is cachet's own */
    struct ct_buf trust;
    uint32_t total_timeout_ms; /* 0: no limit */
    uint32_t max_redirects;
    uint64_t max_whole_size;
    uint64_t max_decoded_size;
    bool is_decoding;
};

#endif
