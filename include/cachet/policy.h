/* SPDX-License-Identifier: MIT */
/*
 * cachet/policy.h: what HTTP caching demands (RFC 9111 and its neighbours), as pure functions.
 *
 * Facts in, verdict out: no clock, no files, no network, no memory of their own. A cache and a
 * session judge by the very same rules; this is for programs that keep responses in a place of
 * their own, and for whoever wants to know why.
 *
 *     cachet_policy_decide ─► SERVE, SERVE_STALE, NOT_MODIFIED, … ─► answer from what is stored
 *                          └► REVALIDATE, FETCH ─► ask, then cachet_policy_may_store
 */
#ifndef CACHET_POLICY_H
#define CACHET_POLICY_H

#include <cachet/exchange.h>
#include <cachet/types.h>

CACHET_BEGIN

/* policy.flags */
#define CACHET_POLICY_SHARED 1u        /* for many users: s-maxage, private, Authorization */
#define CACHET_POLICY_NO_HEURISTICS 2u /* what states no lifetime has none (RFC 9111 4.2.2) */
#define CACHET_POLICY_SERVES_STALE 4u  /* SERVE_STALE can be done (RFC 5861 3) */
#define CACHET_POLICY_KEEPS_PARTIAL 8u /* responses with status 206 can be kept */

/* What the user decided. Zero is a private cache that follows HTTP. */
typedef struct cachet_policy {
    size_t size;
    uint32_t flags;
    /* Fields that speak in place of Cache-Control, in order of preference (RFC 9213). */
    const cachet_bytes *targets;
    size_t target_count;
} cachet_policy;

#define CACHET_POLICY_INIT                                                                     \
    {                                                                                          \
        sizeof(cachet_policy), 0, NULL, 0                                                      \
    }

/* A request. `flags` are CACHET_REFRESH, CACHET_FORCE_REFRESH, CACHET_ONLY_IF_CACHED. */
typedef struct cachet_policy_request {
    size_t size;
    cachet_bytes method;
    const cachet_field *fields;
    size_t field_count;
    uint32_t flags;
} cachet_policy_request;

/* clang-format off */
#define CACHET_POLICY_REQUEST_INIT {sizeof(cachet_policy_request), {NULL, 0}, NULL, 0, 0}
/* clang-format on */

/* A response, stored or just received. */
typedef struct cachet_policy_response {
    size_t size;
    int status;
    const cachet_field *fields;
    size_t field_count;
    int64_t requested_ms; /* when the request was sent */
    int64_t received_ms;  /* when the response had arrived */
    uint64_t body_size;   /* of the stored body */
    /* The request it answered, for Vary. */
    const cachet_field *request_fields;
    size_t request_field_count;
} cachet_policy_response;

/* clang-format off */
#define CACHET_POLICY_RESPONSE_INIT {sizeof(cachet_policy_response), 0, NULL, 0, 0, 0, 0, NULL, 0}
/* clang-format on */

typedef enum cachet_policy_action {
    CACHET_DO_SERVE = 0,   /* answer with the variant */
    CACHET_DO_SERVE_STALE, /* answer with the variant, and refresh it meanwhile */
    CACHET_DO_REVALIDATE,  /* ask the origin, with the conditions added */
    CACHET_DO_FETCH,       /* ask the origin */
    CACHET_DO_REFUSE       /* only-if-cached, and nothing usable is stored: 504 */
} cachet_policy_action;

/* In which form a variant is served. */
typedef enum cachet_policy_form {
    CACHET_FORM_WHOLE = 0,
    CACHET_FORM_NOT_MODIFIED, /* 304: the request's own condition says so */
    CACHET_FORM_PARTS,        /* 206: verdict.ranges */
    CACHET_FORM_UNSATISFIABLE /* 416 */
} cachet_policy_form;

#define CACHET_RANGES_MAX 16u
#define CACHET_CONDITIONS_MAX 2u

/* Positions in the complete representation; both ends are inside. */
typedef struct cachet_policy_range {
    uint64_t first;
    uint64_t last;
} cachet_policy_range;

/* Why: a stable word, the rule it stands in ("" for a caller's wish), and a line for people. */
typedef struct cachet_policy_reason {
    const char *word;
    const char *section;
    const char *text;
} cachet_policy_reason;

typedef struct cachet_policy_verdict {
    size_t size;
    /* Set by the caller: where the text of an If-None-Match that asks after several variants is
     * written. Where it is NULL or too small, only one is asked after. */
    void *room;
    size_t room_size;

    cachet_policy_action action;
    cachet_policy_form form; /* of SERVE and SERVE_STALE */
    cachet_policy_reason reason;
    size_t variant;     /* the index of the one it is about; SIZE_MAX for none */
    int64_t age_s;      /* of that variant */
    int64_t lifetime_s; /* of that variant */
    size_t range_count;
    cachet_policy_range ranges[CACHET_RANGES_MAX];
    /* What to send: views into the variants and into the room. */
    size_t condition_count;
    cachet_field conditions[CACHET_CONDITIONS_MAX];
} cachet_policy_verdict;

/* Of more variants than this the rest is not looked at. */
#define CACHET_VARIANTS_MAX 32u

/*
 * What to do about a request, given all that is stored under its method and URL. Where no
 * variant fits the request but some have entity tags, the verdict is to REVALIDATE with
 * verdict->variant SIZE_MAX: a 304 then names the one that fits.
 *
 * verdict->size must be set; each struct's size must be.
 */
CACHET_API void cachet_policy_decide(const cachet_policy *policy,
                                     const cachet_policy_request *request,
                                     const cachet_policy_response *const *variants,
                                     size_t variant_count, int64_t now_ms,
                                     cachet_policy_verdict *verdict);

/* May this final response be stored (RFC 9111 3)? Not 0 if so; `ret_reason` may be NULL. */
CACHET_API int cachet_policy_may_store(const cachet_policy *policy,
                                       const cachet_policy_request *request,
                                       const cachet_policy_response *response,
                                       cachet_policy_reason *ret_reason);

/*
 * May a stored response be served in place of an error: of the origin's `error_status`, or of
 * none because it cannot be reached (0) (RFC 9111 4.2.4, RFC 5861 4)? Not 0 if so.
 */
CACHET_API int cachet_policy_may_serve_on_error(const cachet_policy *policy,
                                                const cachet_policy_request *request,
                                                const cachet_policy_response *stored,
                                                int error_status, int64_t now_ms,
                                                cachet_policy_reason *ret_reason);

CACHET_END
#endif
