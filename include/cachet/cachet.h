/* SPDX-License-Identifier: MIT */
/*
 * cachet/cachet.h: fetch URLs through a sealed, persistent cache.
 *
 * Caveats first.
 *   - A session may be shared by any number of threads; a response belongs to one at a time.
 *   - The keyring decides what opens: lose it and the cache is lost (it is only a cache).
 *   - A cache on a network file system is not supported.
 *
 *     cachet_keyring_open ─► cachet_open ─► cachet_get ─► … ─► cachet_response_free
 *                                       └─► cachet_close, cachet_keyring_free
 */
#ifndef CACHET_CACHET_H
#define CACHET_CACHET_H

#include <cachet/event.h>
#include <cachet/exchange.h>
#include <cachet/keyring.h>
#include <cachet/types.h>

CACHET_BEGIN

typedef struct cachet_session cachet_session;
typedef struct cachet_response cachet_response;

/* How the body of a response is handed out. */
typedef enum cachet_body_mode {
    CACHET_BODY_WHOLE = 0, /* in memory: cachet_response_body, up to options.max_whole_size */
    CACHET_BODY_PULL,      /* cachet_response_read, a piece at a time, bounded memory */
    CACHET_BODY_WRITE      /* given to request.write, a piece at a time, before fetch returns */
} cachet_body_mode;

/*
 * Opens a session: the cache that `spec` names (as for cachet_cache_open, with the same
 * failures) and connections to fetch with, which are kept and reused.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_open(cachet_session **ret_session,
                                                     const char *spec,
                                                     const cachet_options *options,
                                                     cachet_error *err);

/* Every response must have been freed. Takes NULL. */
CACHET_API void cachet_close(cachet_session *session);

/* The cache a session stands on; lives as long as the session. */
CACHET_API cachet_cache *cachet_session_cache(cachet_session *session);

/* Copies the session's counters; stats->size must be set. Thread-safe. */
CACHET_API void cachet_stats(cachet_session *session, cachet_stats_counts *stats);

/* GETs `url` whole. Fails as cachet_fetch does. */
CACHET_API CACHET_MUST_USE cachet_status cachet_get(cachet_session *session, const char *url,
                                                    cachet_response **ret_response,
                                                    cachet_error *err);

/*
 * Answers a request from the cache or from the origin, following redirects (GET and HEAD).
 * An HTTP error status is a response, not a failure.
 *
 * Fails with E_USAGE (malformed URL or field, a scheme other than http and https), E_TAMPERED,
 * E_NOT_CACHED, E_TRANSFER (the message names host and cause), E_PROTOCOL, E_TOO_LARGE,
 * E_ABORTED (request.write stopped it), E_FORMAT (a content coding that does not decode).
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_fetch(cachet_session *session,
                                                      const cachet_request *request,
                                                      cachet_response **ret_response,
                                                      cachet_error *err);

/* Frees the response; what was not read yet is given up. Takes NULL. */
CACHET_API void cachet_response_free(cachet_response *response);

CACHET_API int cachet_response_status(const cachet_response *response);

/*
 * The value of the index-th field (from 0) of that name, in any case, as a C string, or NULL.
 * Cache-Status (RFC 9211) is the last one of its name. Borrowed from the response.
 */
CACHET_API const char *cachet_response_field(const cachet_response *response, const char *name,
                                             size_t index);

/* All fields in order, duplicates included. Borrowed. */
CACHET_API const cachet_field *cachet_response_fields(const cachet_response *response,
                                                      size_t *ret_count);

/* The body (CACHET_BODY_WHOLE), followed by a NUL that does not count; never NULL. Borrowed. */
CACHET_API const void *cachet_response_body(const cachet_response *response);
/* Its bytes so far: all of them with CACHET_BODY_WHOLE and CACHET_BODY_WRITE. */
CACHET_API uint64_t cachet_response_size(const cachet_response *response);

/*
 * The next bytes of the body (CACHET_BODY_PULL), 0 at its end. A failure after some bytes were
 * read means that what was read is not the whole.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_response_read(cachet_response *response,
                                                              void *buffer, size_t capacity,
                                                              size_t *ret_size,
                                                              cachet_error *err);

/* Not 0 if the body comes from the store (a hit, or confirmed by a 304). */
CACHET_API int cachet_response_is_hit(const cachet_response *response);
/* The URL the response came from, after redirects, without userinfo. Borrowed. */
CACHET_API const char *cachet_response_url(const cachet_response *response);
/* The request key as 64 hex digits; "" where the cache was bypassed. Borrowed. */
CACHET_API const char *cachet_response_key(const cachet_response *response);
/* When it was stored and when it stops being fresh, in ms since 1970; -1 if not stored. */
CACHET_API int64_t cachet_response_stored_at_ms(const cachet_response *response);
CACHET_API int64_t cachet_response_expires_at_ms(const cachet_response *response);

CACHET_END
#endif
