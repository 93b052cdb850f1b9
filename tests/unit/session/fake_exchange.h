/* SPDX-License-Identifier: MIT */
/*
 * The public exchange, played by a list in memory: nothing sealed, nothing expires unless a
 * test says so. It remembers what the session asked and gave.
 */
#ifndef CT_TESTS_FAKE_EXCHANGE_H
#define CT_TESTS_FAKE_EXCHANGE_H

#include <stdatomic.h>

#include <cachet/exchange.h>

/* What a test sets. */
struct fake_knobs {
    atomic_bool is_stale;          /* what is stored must be confirmed */
    atomic_bool confirms_nothing;  /* a 304 makes it ask again */
    atomic_int read_failure;       /* status of the first read of a stored body; 0 for none */
    atomic_int read_failure_later; /* status of the second one */
    atomic_bool may_refetch;
    atomic_size_t read_size_max; /* most bytes a read gives; 0 for no limit */
};

/* What a test looks at. */
struct fake_counts {
    atomic_int begun, heads, served, ended, freed, refetched;
    atomic_size_t body_size;     /* bytes given to cachet_exchange_body */
    atomic_size_t read_capacity; /* of the last read */
    atomic_int reads;
};

extern struct fake_knobs fake_knobs;
extern struct fake_counts fake_counts;

/* Forgets all that is stored, knobs and counts. */
void fake_reset(void);

/* What the last begin was given; valid until the next one of any thread. */
const char *fake_last_fields(void);
cachet_bytes fake_last_trust(void);
cachet_bytes fake_last_credential(void);
const char *fake_last_url(void);

/* How many answers are stored. */
int fake_stored(void);

#endif
