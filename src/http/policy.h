/* SPDX-License-Identifier: MIT */
/*
 * What RFC 9111 and the user's settings demand. Facts in, verdict out; `now_ms` is an argument.
 * No I/O, no clock, no allocation.
 */
#ifndef CT_HTTP_POLICY_H
#define CT_HTTP_POLICY_H

#include "http/fields.h"
#include "http/url.h"

/*
 * Why: X(ENUM, "word", "section", "what it means", "the fwd of RFC 9211 2.2 where a request was
 * forwarded for it"). The words are part of the API.
 */
#define CT_REASON_LIST(X)                                                                      \
    X(FRESH, "fresh", "RFC 9111 4.2", "a stored response that is fresh", "miss")               \
    X(ABSENT, "absent", "RFC 9111 4", "nothing stored for this request", "uri-miss")           \
    X(VARY, "vary-miss", "RFC 9111 4.1", "only other variants are stored", "vary-miss")        \
    X(STALE, "stale", "RFC 9111 4.2", "what is stored is no longer fresh", "stale")            \
    X(FUTURE, "future", "RFC 9111 4.2.3", "what is stored claims to come from the future",     \
      "stale")                                                                                 \
    X(NO_CACHE, "no-cache", "RFC 9111 5.2.2.4",                                                \
      "the response asks to be revalidated each time", "stale")                                \
    X(REQUEST_NO_CACHE, "request-no-cache", "RFC 9111 5.2.1.4", "the request asks so",         \
      "request")                                                                               \
    X(REQUEST_MAX_AGE, "request-max-age", "RFC 9111 5.2.1.1", "too old for the request",       \
      "request")                                                                               \
    X(REQUEST_MIN_FRESH, "request-min-fresh", "RFC 9111 5.2.1.3", "not fresh for long enough", \
      "request")                                                                               \
    X(REFRESH, "refresh", "", "the caller asked for a revalidation", "request")                \
    X(FORCE_REFRESH, "force-refresh", "", "the caller asked for a new response", "request")    \
    X(ONLY_IF_CACHED, "only-if-cached", "RFC 9111 5.2.1.7", "the request must not leave",      \
      "request")                                                                               \
    X(MAX_STALE, "max-stale", "RFC 9111 5.2.1.2", "stale, and the request takes that",         \
      "request")                                                                               \
    X(STALE_WHILE_REVALIDATE, "stale-while-revalidate", "RFC 5861 3",                          \
      "stale, and allowed to serve while it is refreshed", "stale")                            \
    X(STALE_IF_ERROR, "stale-if-error", "RFC 5861 4",                                          \
      "stale, and allowed to serve in place of an error", "stale")                             \
    X(DISCONNECTED, "disconnected", "RFC 9111 4.2.4",                                          \
      "the origin cannot be reached, and stale is not forbidden", "stale")                     \
    X(MUST_REVALIDATE, "must-revalidate", "RFC 9111 4.2.4",                                    \
      "the response must not be served without the origin's word", "stale")                    \
    X(NOT_MODIFIED, "not-modified", "RFC 9111 4.3.2", "the request's own condition says so",   \
      "bypass")                                                                                \
    X(MUST_UNDERSTAND, "must-understand", "RFC 9111 5.2.2.3",                                  \
      "only for caches that know this status", "miss")                                         \
    X(PARTIAL, "partial", "RFC 9111 3.3", "only a part is stored, and it is not enough",       \
      "partial")                                                                               \
    X(METHOD, "method", "RFC 9111 3", "responses to this method are not cached", "method")     \
    X(CONDITIONAL, "conditional", "RFC 9111 4.3.2", "the request has its own conditions",      \
      "bypass")                                                                                \
    X(RANGE, "range", "RFC 9111 3.3", "the request asks for a part", "bypass")                 \
    X(STATUS, "status", "RFC 9111 3", "responses with this status are not stored", "miss")     \
    X(NO_STORE, "no-store", "RFC 9111 5.2.2.5", "the response forbids it", "miss")             \
    X(REQUEST_NO_STORE, "request-no-store", "RFC 9111 5.2.1.5", "the request forbids it",      \
      "request")                                                                               \
    X(PRIVATE, "private", "RFC 9111 5.2.2.7", "for one user, and this cache is shared",        \
      "miss")                                                                                  \
    X(AUTHORIZATION, "authorization", "RFC 9111 3.5", "not allowed for a shared cache",        \
      "miss")                                                                                  \
    X(VARY_ANY, "vary-any", "RFC 9111 4.1", "Vary: * matches no other request", "miss")        \
    X(NO_FRESHNESS, "no-freshness", "RFC 9111 3", "neither a lifetime nor a validator",        \
      "miss")                                                                                  \
    X(STORABLE, "storable", "RFC 9111 3", "it may be stored", "miss")                          \
    X(TOO_LARGE, "too-large", "", "larger than the cache takes", "miss")                       \
    X(STORE_FAILED, "store-failed", "", "the store did not take it", "bypass")                 \
    X(INCOMPLETE, "incomplete", "RFC 9111 3.3", "the transfer broke off", "miss")              \
    X(LOST_RACE, "lost-race", "", "somebody else stored a newer one meanwhile", "miss")

enum ct_reason {
#define CT_REASON_ENUM(name, word, section, text, forwarded) CT_REASON_##name,
    CT_REASON_LIST(CT_REASON_ENUM)
#undef CT_REASON_ENUM
};

const char *ct_reason_word(enum ct_reason reason);
const char *ct_reason_section(enum ct_reason reason);
const char *ct_reason_text(enum ct_reason reason);
/* The fwd parameter of Cache-Status, a token. */
const char *ct_reason_forwarded(enum ct_reason reason);

/* What the user decided. Zero is a private cache that follows HTTP. */
struct ct_policy_settings {
    bool is_shared;
    bool no_heuristics; /* RFC 9111 4.2.2 is left out: only stated lifetimes count */
    bool serves_stale;  /* the caller can serve what is stale and refresh it meanwhile */
    bool keeps_partial; /* the caller can keep and complete parts (RFC 9111 3.3) */
    /* Targeted fields (RFC 9213) in order of preference, as "CDN-Cache-Control". Borrowed. */
    const cachet_bytes *targets;
    size_t target_count;
};

struct ct_request_facts {
    cachet_bytes method;
    struct ct_fields fields;
    bool refresh;
    bool force_refresh;
    bool only_if_cached;
};

struct ct_response_facts {
    int status;
    struct ct_fields fields;
    int64_t requested_at_ms;
    int64_t received_at_ms;
};

enum ct_action {
    CT_ACTION_SERVE,
    CT_ACTION_REVALIDATE, /* only where the stored response has a validator */
    CT_ACTION_FETCH,
    CT_ACTION_REFUSE,      /* only-if-cached, and nothing usable is stored */
    CT_ACTION_SERVE_STALE, /* now, and refresh it meanwhile; only where serves_stale is set */
};

struct ct_decision {
    enum ct_action action;
    enum ct_reason reason;
    /* Of the stored response, as ct_policy_age_s and ct_policy_lifetime_s; 0 without one. */
    int64_t age_s;
    int64_t lifetime_s;
};

/* May the cache be asked at all? If not, the request passes by and `ret_reason` says why. */
bool ct_policy_may_look_up(const struct ct_request_facts *request, enum ct_reason *ret_reason);

/*
 * What to do, given the selected stored response or NULL. A request that may not look up is
 * decided with NULL: only-if-cached holds for it too. Without a stored response the reason to
 * fetch is ABSENT or FORCE_REFRESH.
 */
struct ct_decision ct_policy_decide(const struct ct_policy_settings *settings,
                                    const struct ct_request_facts *request,
                                    const struct ct_response_facts *stored, int64_t now_ms);

/*
 * May the stored response be served in place of an error: the origin's `error_status`, or 0
 * where it could not be reached (RFC 9111 4.2.4, 4.3.3, RFC 5861 4)? The reason is
 * STALE_IF_ERROR or DISCONNECTED if so.
 */
bool ct_policy_may_serve_on_error(const struct ct_policy_settings *settings,
                                  const struct ct_request_facts *request,
                                  const struct ct_response_facts *stored, int error_status,
                                  int64_t now_ms, enum ct_reason *ret_reason);

/*
 * RFC 9111 3.5: does a shared cache serve everybody what was stored for somebody's
 * Authorization? If so the entry need not be tied to the credential. Cookies are no matter of
 * this.
 */
bool ct_policy_is_for_all(const struct ct_policy_settings *settings,
                          const struct ct_fields *response);

/* Methods whose responses are kept: GET, and QUERY (RFC 10008). HEAD is answered from GET's. */
bool ct_method_is_cached(cachet_bytes method);

/* May this final response be stored (RFC 9111 3)? The reason is STORABLE if so. */
bool ct_policy_may_store(const struct ct_policy_settings *settings,
                         const struct ct_request_facts *request,
                         const struct ct_response_facts *response, enum ct_reason *ret_reason);

/*
 * RFC 9110 9.3.3, RFC 9111 3: may this answer to a POST be stored for later GETs? It states a
 * lifetime, and its Content-Location is the target, `url`. `scratch` is written over.
 */
bool ct_policy_may_store_for_get(const struct ct_policy_settings *settings,
                                 const struct ct_request_facts *request,
                                 const struct ct_response_facts *response,
                                 const struct ct_url *url, struct ct_buf *scratch,
                                 enum ct_reason *ret_reason);

/*
 * RFC 9111 4.2.1, or 4.2.2 where no lifetime is stated; 0 where the one stated is not valid.
 * Saturates at 2^31.
 */
int64_t ct_policy_lifetime_s(const struct ct_policy_settings *settings,
                             const struct ct_response_facts *response);

/* RFC 9111 4.2.3; never negative, however the clocks disagree. Saturates at 2^31. */
int64_t ct_policy_age_s(const struct ct_response_facts *response, int64_t now_ms);

/* Is the method safe (RFC 9110 9.2.1)? A method nobody knows is not. */
bool ct_method_is_safe(cachet_bytes method);

/* RFC 9111 4.4: does an answer of this status to this method make what is stored invalid? */
bool ct_policy_invalidates(cachet_bytes method, int status);

/* Is there any field that ct_policy_withholds? Mostly not: ask this first. */
bool ct_policy_withholds_some(const struct ct_policy_settings *settings,
                              const struct ct_fields *response);

/*
 * RFC 9111 5.2.2.4 and 5.2.2.7: is it a field that a qualified no-cache names, or in a shared
 * cache a qualified private? Such a field is not handed out without the origin's word; those of
 * private are not even stored.
 */
bool ct_policy_withholds(const struct ct_policy_settings *settings,
                         const struct ct_fields *response, cachet_bytes field_name);

#endif
