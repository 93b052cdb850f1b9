/* SPDX-License-Identifier: MIT */
/*
 * cachet/inspect.h: look at what a cache holds, check it, remove from it.
 *
 * One bad entry never stops a walk: it is visited with its state and reason. Everything here
 * goes by what is sealed in the entries; a store's own columns are never believed.
 */
#ifndef CACHET_INSPECT_H
#define CACHET_INSPECT_H

#include <cachet/exchange.h>

CACHET_BEGIN

/* X(ENUM, "word") */
#define CACHET_ENTRY_STATE_LIST(X)                                                             \
    X(FRESH, "fresh")                                                                          \
    X(STALE, "stale")                                                                          \
    X(TAMPERED, "tampered")                                                                    \
    X(VOID, "void")       /* of an older epoch */                                              \
    X(FOREIGN, "foreign") /* sealed by a key the keyring lacks */                              \
    X(GONE, "gone")       /* its body is missing */

typedef enum cachet_entry_state {
#define CACHET_ENTRY_ENUM(name, text) CACHET_ENTRY_##name,
    CACHET_ENTRY_STATE_LIST(CACHET_ENTRY_ENUM)
#undef CACHET_ENTRY_ENUM
} cachet_entry_state;

/*
 * One entry, borrowed for the length of the visit. For anything but FRESH, STALE and GONE only
 * `state`, `reason`, `key` and `variant` mean anything: nothing else was authenticated.
 */
typedef struct cachet_entry {
    size_t size;
    cachet_entry_state state;
    int status;
    const char *reason;  /* why, for a bad one: "bad-seal", "wrong-place", "bad-chunk", ... */
    const char *key;     /* 64 hex digits: the request key */
    const char *variant; /* 64 hex digits */
    const char *method;
    const char *url;
    const cachet_field *fields;
    size_t field_count;
    uint64_t body_size;
    int64_t stored_at_ms;
    int64_t expires_at_ms;
} cachet_entry;

typedef cachet_status (*cachet_entry_visit)(void *context, const cachet_entry *entry);

/* filter.flags */
#define CACHET_FILTER_BODIES 1u /* check every chunk of every body too */
#define CACHET_FILTER_FRESH 2u  /* any of these: only such entries */
#define CACHET_FILTER_EXPIRED 4u
#define CACHET_FILTER_TAMPERED 8u

/* Which entries; every condition that is set must hold. Zero: all of them. */
typedef struct cachet_filter {
    size_t size;
    uint32_t flags;
    const char *key;      /* request key or the beginning of one, in hex */
    const char *url;      /* exactly this URL, normalised first; what does not open counts if a
                             plain GET of it would be stored there */
    const char *url_glob; /* fnmatch(3) pattern on the URL */
    int64_t older_than_s; /* stored at least so long ago; 0: any */
} cachet_filter;

/* clang-format off */
#define CACHET_FILTER_INIT {sizeof(cachet_filter), 0, NULL, NULL, NULL, 0}
/* clang-format on */

/* The word for a state; never NULL. */
CACHET_API const char *cachet_entry_state_name(cachet_entry_state state);

/*
 * Visits every entry that the filter lets through (NULL: all), in no order. The visit may
 * fetch, but not remove. Stops at the first visit that does not answer CACHET_OK and returns
 * its status. Fails with E_STORE, E_BUSY.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_cache_each(cachet_cache *cache,
                                                           const cachet_filter *filter,
                                                           int64_t now_ms,
                                                           cachet_entry_visit visit,
                                                           void *context, cachet_error *err);

/*
 * Gives the stored body of one entry, as stored (content codings not undone), to `write`, every
 * chunk checked first. `key` and `variant` are an entry's. Fails with E_NOT_FOUND, E_TAMPERED,
 * E_STORE, or what `write` answered.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_cache_body(cachet_cache *cache, const char *key,
                                                           const char *variant,
                                                           cachet_write write,
                                                           void *write_context,
                                                           cachet_error *err);

/* Removes the entries the filter lets through (NULL: all) and says how many there were. */
CACHET_API CACHET_MUST_USE cachet_status cachet_cache_remove(cachet_cache *cache,
                                                             const cachet_filter *filter,
                                                             int64_t now_ms, size_t *ret_count,
                                                             cachet_error *err);

CACHET_END
#endif
