/* SPDX-License-Identifier: MIT */
/* cachet through its public API alone: a session, whole bodies. */
#ifndef BENCH_CACHED_H
#define BENCH_CACHED_H

#include <cachet/cachet.h>

#include "bench.h"

/* All zero where it was not opened. */
struct bench_cached {
    cachet_keyring *keyring; /* NULL in an unsealed cache */
    cachet_session *session;
    unsigned long long miss_count;
    unsigned long long hit_count;
};

/* Makes a cache in a directory of its own, which must not be there, and stores every item. */
cachet_status bench_cached_open(struct bench_cached *cached, const char *directory,
                                bool is_sealed, cachet_error *err);
void bench_cached_close(struct bench_cached *cached);

/* A bench_fetch of what is stored; the context is the bench_cached. Anything but a hit fails.
 */
cachet_status bench_cached_hit(void *context, const struct bench_item *item, bool is_compared,
                               cachet_error *err);

/* A bench_fetch of a URL never asked for before, with the item's body. A hit fails. */
cachet_status bench_cached_miss(void *context, const struct bench_item *item, bool is_compared,
                                cachet_error *err);

/* E_STORE unless cachet itself counted as many hits and stored entries as were asked for. */
cachet_status bench_cached_check(const struct bench_cached *cached, cachet_error *err);

#endif
