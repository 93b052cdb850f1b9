/* SPDX-License-Identifier: MIT */
/*
 * cachet/exchange.h: a cache without a network.
 *
 * A cachet_cache is one namespace of one store, with its keys. An exchange is one request
 * against it: it says what to do, is told what the origin answered, stores what may be stored,
 * and hands out what is stored, every byte checked. cachet's own session is written on this
 * header alone; bring your own transport and you have the same.
 *
 *     begin ── SERVE ───────────────► read … read, free
 *       │
 *       ├──── FETCH ──────► send the request as it is ─────────────┐
 *       └──── REVALIDATE ─► send it with the added fields ─────────┤
 *                                                                  ▼
 *                 ┌─ SERVE  ◄── (a 304 confirmed what is stored) ─ head
 *                 ├─ SERVE  ◄── (an error, in whose place what is stale may be served)
 *                 ├─ FETCH  ◄── (a 304 that confirms nothing: ask again, without the fields)
 *                 └─ PASS   ──► hand the origin's body on and give it to body, body, …, end
 *
 * SERVE may turn out to be impossible when the first bytes are read: read then fails before it
 * has handed out anything, and cachet_exchange_refetch turns the exchange into a FETCH.
 *
 * A cache may be used by any number of threads at once; an exchange belongs to one thread at a
 * time. After fork the child may go on using a cache; an exchange must be finished where it
 * was begun.
 */
#ifndef CACHET_EXCHANGE_H
#define CACHET_EXCHANGE_H

#include <cachet/event.h>
#include <cachet/keyring.h>
#include <cachet/types.h>

CACHET_BEGIN

typedef struct cachet_cache cachet_cache;
typedef struct cachet_exchange cachet_exchange;

/* What is done with a stored entry that somebody changed. */
typedef enum cachet_on_tampered {
    CACHET_TAMPERED_ERROR = 0, /* the request fails with CACHET_E_TAMPERED */
    CACHET_TAMPERED_REFETCH    /* it counts as a miss and is overwritten */
} cachet_on_tampered;

/* options.flags */
#define CACHET_UNSEALED 1u  /* no keyring: entries are neither signed nor tied to a place */
#define CACHET_INSECURE 2u  /* do not verify TLS; such entries are kept apart (session) */
#define CACHET_DECODE 4u    /* ask for and undo content codings (session) */
#define CACHET_SHARED 16u   /* many users behind one cache: RFC 9111's rules for shared ones */
#define CACHET_NO_CREATE 8u /* fail with E_NOT_FOUND where there is no store yet */

/* How a cache, and the session on it, behaves. Zero means the default in brackets. */
typedef struct cachet_options {
    size_t size;
    uint32_t flags;
    cachet_keyring *keyring;       /* required unless CACHET_UNSEALED; borrowed */
    const char *cache_namespace;   /* one of several caches in a store ["default"] */
    const unsigned char *cache_id; /* 16 bytes the cache's id must equal [any] */
    cachet_on_tampered on_tampered;
    uint32_t busy_ms; /* longest wait for a lock of the store [250] */
    cachet_observer observer;
    void *observer_context;

    /* Only a session looks at what follows. */
    const char *ca_file;         /* PEM file of the only trusted roots [the system's] */
    const char *user_agent;      /* ["cachet/VERSION"] */
    uint32_t connect_timeout_ms; /* [30,000] */
    uint32_t stall_timeout_ms;   /* give up when nothing arrives for so long [60,000] */
    uint32_t total_timeout_ms;   /* [no limit] */
    uint32_t max_redirects;      /* [20] */
    uint64_t max_whole_size;     /* largest body handed out whole [256 MiB] */
    uint64_t max_decoded_size;   /* largest body after decoding [4 GiB] */
} cachet_options;

/* clang-format off */
#define CACHET_OPTIONS_INIT {sizeof(cachet_options), 0, NULL, NULL, NULL, CACHET_TAMPERED_ERROR, 0, NULL, NULL, \
                             NULL, NULL, 0, 0, 0, 0, 0, 0}
/* clang-format on */

/* request.flags */
#define CACHET_REFRESH 1u        /* revalidate even what is fresh */
#define CACHET_FORCE_REFRESH 2u  /* do not look at what is stored; replace it */
#define CACHET_ONLY_IF_CACHED 4u /* never go to the origin: E_NOT_CACHED instead */
#define CACHET_NO_FOLLOW 8u      /* hand out a redirect instead of following it (session) */

/* Receives a body piece by piece; any other answer than CACHET_OK stops the transfer. */
typedef cachet_status (*cachet_write)(void *context, const void *data, size_t size);

/*
 * One request. Everything it points to must live until the exchange or fetch has begun, the
 * body until it has been sent.
 *
 * `trust` tells apart answers that were obtained on other terms for the same URL (verification
 * off, another CA, a pin, a proxy, an address override, a partition): requests with different
 * bytes never share an entry. A session fills it in itself and adds the caller's.
 * `credential` names a credential that is not in the fields (a client certificate).
 */
typedef struct cachet_request {
    size_t size;
    const char *method; /* ["GET"] */
    const char *url;
    const cachet_field *fields;
    size_t field_count;
    const void *body;
    size_t body_size;
    uint32_t flags;
    cachet_bytes trust;
    cachet_bytes credential;

    /* Only cachet_fetch looks at what follows. */
    int body_mode;      /* a cachet_body_mode */
    cachet_write write; /* for CACHET_BODY_WRITE */
    void *write_context;
} cachet_request;

/* clang-format off */
#define CACHET_REQUEST_INIT {sizeof(cachet_request), NULL, NULL, NULL, 0, NULL, 0, 0, {NULL, 0}, {NULL, 0}, 0, NULL, NULL}
/* clang-format on */

/*
 * Opens the cache that `spec` names: a path, or "sqlite:PATH?name=value&...". It is made if it
 * is not there. Where the store cannot be used (locked, corrupt, not writable) the cache opens
 * all the same and every exchange on it is a bypass that says why, until the store works again.
 *
 * Fails with E_USAGE (malformed SPEC or option), E_NO_KEY (no keyring and no CACHET_UNSEALED),
 * E_UNKNOWN_KEY (the cache is sealed by other keys, or its id is not options.cache_id),
 * E_TAMPERED (its cache record was changed or removed), E_NOT_FOUND (CACHET_NO_CREATE),
 * E_MEMORY, E_CRYPTO.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_cache_open(cachet_cache **ret_cache,
                                                           const char *spec,
                                                           const cachet_options *options,
                                                           cachet_error *err);

/* Every exchange must have been freed. Takes NULL. */
CACHET_API void cachet_cache_close(cachet_cache *cache);

/* Copies the counters; stats->size must be set. Thread-safe. */
CACHET_API void cachet_cache_stats(cachet_cache *cache, cachet_stats_counts *stats);

/* Why the store cannot be used right now, or NULL if it can. Copied into err's message. */
CACHET_API CACHET_MUST_USE cachet_status cachet_cache_check(cachet_cache *cache,
                                                            cachet_error *err);

/*
 * The cache's 16 byte id, and whether this cache was made by this very open. Fails as
 * cachet_cache_check does.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_cache_id(cachet_cache *cache,
                                                         unsigned char ret_id[16],
                                                         int *ret_is_new, cachet_error *err);

/* The SPEC with paths made absolute: what to remember the cache by. Borrowed from the cache. */
CACHET_API const char *cachet_cache_spec(const cachet_cache *cache);

/* The head of an origin's final answer (never a 1xx). */
typedef struct cachet_head {
    size_t size;
    int status;
    const cachet_field *fields;
    size_t field_count;
    int64_t sent_ms;     /* when the request was sent */
    int64_t received_ms; /* when the head had arrived */
} cachet_head;

#define CACHET_HEAD_INIT                                                                       \
    {                                                                                          \
        sizeof(cachet_head), 0, NULL, 0, 0, 0                                                  \
    }

/* What the caller does next. */
typedef enum cachet_verdict {
    CACHET_SERVE = 0,  /* read the answer from the exchange */
    CACHET_REVALIDATE, /* send the request with the added fields, then call head */
    CACHET_FETCH,      /* send the request, then call head */
    CACHET_PASS        /* hand on the origin's answer, and give its body to the exchange */
} cachet_verdict;

/*
 * Looks the request up. `now_ms` is the time of day; nothing in the exchange reads a clock.
 *
 * Fails with E_USAGE (malformed method, URL or field), E_TAMPERED (what is stored for this
 * request was changed), E_NOT_CACHED (CACHET_ONLY_IF_CACHED), E_MEMORY. A store that fails is
 * no error: the verdict is then FETCH.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_exchange_begin(cachet_cache *cache,
                                                               const cachet_request *request,
                                                               int64_t now_ms,
                                                               cachet_exchange **ret_exchange,
                                                               cachet_error *err);

CACHET_API cachet_verdict cachet_exchange_verdict(const cachet_exchange *exchange);

/* The URL to ask for: normalised, without fragment and userinfo. Borrowed. */
CACHET_API const char *cachet_exchange_url(const cachet_exchange *exchange);

/* The fields to add to the request (REVALIDATE), or to send for userinfo in the URL. Borrowed.
 */
CACHET_API const cachet_field *cachet_exchange_added_fields(const cachet_exchange *exchange,
                                                            size_t *ret_count);

/*
 * What the origin answered. Read the verdict again afterwards. Fails with E_PROTOCOL (a status
 * or field that is none), E_TOO_LARGE, E_MEMORY.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_exchange_head(cachet_exchange *exchange,
                                                              const cachet_head *head,
                                                              cachet_error *err);

/*
 * No answer came: the origin could not be reached, or broke off before its head was complete.
 * Where RFC 9111 4.2.4 and RFC 5861 4 let a stale response be served instead the verdict is
 * SERVE afterwards. Fails with E_NOT_CACHED where there is none, or it must not be served.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_exchange_unreachable(cachet_exchange *exchange,
                                                                     int64_t now_ms,
                                                                     cachet_error *err);

/* A piece of the origin's body (PASS). A store that fails is reported to the observer only. */
CACHET_API void cachet_exchange_body(cachet_exchange *exchange, const void *data, size_t size);

/*
 * The origin's body is complete: publish it, if it may be stored. Fails with E_TRANSFER if
 * there was less or more of it than its Content-Length said; nothing is stored then.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_exchange_end(cachet_exchange *exchange,
                                                             int64_t now_ms, cachet_error *err);

/* Gives up what was not ended and frees the exchange. Takes NULL. */
CACHET_API void cachet_exchange_free(cachet_exchange *exchange);

/*
 * Reads the stored body (SERVE): up to `capacity` bytes, 0 at its end. No byte is handed out
 * before the chunk it stands in was authenticated; a body of up to 8 MiB is checked to its end
 * before the first byte. When `capacity` holds the whole rest this takes a single pass.
 *
 * Fails with E_TAMPERED or E_NOT_FOUND (the body is gone); `buffer` then holds nothing of use.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_exchange_read(cachet_exchange *exchange,
                                                              void *buffer, size_t capacity,
                                                              size_t *ret_size,
                                                              cachet_error *err);

/*
 * After a read that failed before it handed out a byte: makes this a FETCH, if that may be.
 * Otherwise gives back the status of the failure.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_exchange_refetch(cachet_exchange *exchange,
                                                                 cachet_error *err);

/* The facts of the answer, once the verdict is SERVE or PASS. Borrowed from the exchange. */
CACHET_API int cachet_exchange_status(const cachet_exchange *exchange);
CACHET_API const cachet_field *cachet_exchange_fields(const cachet_exchange *exchange,
                                                      size_t *ret_count);
/* Bytes of the stored body (SERVE), or UINT64_MAX where it is not known (PASS). */
CACHET_API uint64_t cachet_exchange_body_size(const cachet_exchange *exchange);
/* Not 0 if the body comes from the store. */
CACHET_API int cachet_exchange_is_hit(const cachet_exchange *exchange);
/* The request key as 64 hex digits; "" where the cache is bypassed. */
CACHET_API const char *cachet_exchange_key(const cachet_exchange *exchange);
/* When the answer was stored, and when it stops being fresh; -1 if it is not stored. */
CACHET_API int64_t cachet_exchange_stored_at_ms(const cachet_exchange *exchange);
CACHET_API int64_t cachet_exchange_expires_at_ms(const cachet_exchange *exchange);

CACHET_END
#endif
