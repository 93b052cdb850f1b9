/* SPDX-License-Identifier: MIT */
/*
 * cachet/event.h: what happened, told as it happens and counted.
 *
 * One list, CACHET_EVENT_LIST, is the source of the observer's kinds and of the counters in
 * cachet_stats.
 */
#ifndef CACHET_EVENT_H
#define CACHET_EVENT_H

#include <cachet/types.h>

CACHET_BEGIN

/* X(ENUM, counter, "words") */
#define CACHET_EVENT_LIST(X)                                                                   \
    X(HIT, hit, "served from the store")                                                       \
    X(MISS, miss, "asked of the origin")                                                       \
    X(REVALIDATED, revalidated, "confirmed by the origin")                                     \
    X(STORED, stored, "stored")                                                                \
    X(NOT_STORED, not_stored, "not stored")                                                    \
    X(BYPASSED, bypassed, "the cache could not be used")                                       \
    X(TAMPERED, tampered, "refused: changed behind the cache's back")                          \
    X(VOID, voided, "of an older epoch")                                                       \
    X(FOREIGN, foreign, "sealed by a key the keyring lacks, or by a newer version")            \
    X(GONE, gone, "the stored body is missing")                                                \
    X(REMOVED, removed, "removed")                                                             \
    X(WARNING, warning, "worth a look")

typedef enum cachet_event_kind {
#define CACHET_EVENT_ENUM(kind, counter, text) CACHET_EVENT_##kind,
    CACHET_EVENT_LIST(CACHET_EVENT_ENUM)
#undef CACHET_EVENT_ENUM
        CACHET_EVENT_COUNT
} cachet_event_kind;

/*
 * One event. Strings are borrowed for the length of the call; `url` (without userinfo) and
 * `key` (64 hex digits, the request key) are NULL where there is none. `reason` is a stable
 * word such as "no-store" or "bad-seal"; `detail` is a sentence for people. No secrets, no
 * body bytes.
 */
typedef struct cachet_event {
    size_t size;
    cachet_event_kind kind;
    const char *url;
    const char *key;
    const char *reason;
    const char *detail;
} cachet_event;

/* Called from any thread, with no lock held; must be quick and must not close the session. */
typedef void (*cachet_observer)(void *context, const cachet_event *event);

/* How often each kind of event happened since the cache was opened. */
typedef struct cachet_stats_counts {
    size_t size;
#define CACHET_EVENT_COUNTER(kind, counter, text) uint64_t counter;
    CACHET_EVENT_LIST(CACHET_EVENT_COUNTER)
#undef CACHET_EVENT_COUNTER
} cachet_stats_counts;

/* clang-format off */
#define CACHET_STATS_INIT {sizeof(cachet_stats_counts), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
/* clang-format on */

/* The name of a kind, as in "not-stored"; never NULL. Thread-safe. */
CACHET_API const char *cachet_event_name(cachet_event_kind kind);

CACHET_END
#endif
