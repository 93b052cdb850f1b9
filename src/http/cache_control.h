/* SPDX-License-Identifier: MIT */
/* Cache-Control, of requests and of responses, as facts (RFC 9111 5.2). */
#ifndef CT_HTTP_CACHE_CONTROL_H
#define CT_HTTP_CACHE_CONTROL_H

#include "http/fields.h"

/* RFC 9111 1.2.2: what larger numbers of seconds become. */
#define CT_DELTA_SECONDS_MAX (INT64_C(1) << 31)

/*
 * X(ENUM, "word", its argument: NONE, SECONDS, SECONDS_OR_ANY or NAMES). PERMIT is a NONE that
 * makes a response do more than it would without.
 */
#define CT_DIRECTIVE_LIST(X)                                                                   \
    X(NO_STORE, "no-store", NONE)                                                              \
    X(NO_CACHE, "no-cache", NAMES)                                                             \
    X(PRIVATE, "private", NAMES)                                                               \
    X(PUBLIC, "public", PERMIT)                                                                \
    X(MUST_REVALIDATE, "must-revalidate", NONE)                                                \
    X(PROXY_REVALIDATE, "proxy-revalidate", NONE)                                              \
    X(MUST_UNDERSTAND, "must-understand", PERMIT)                                              \
    X(IMMUTABLE, "immutable", PERMIT)                                                          \
    X(ONLY_IF_CACHED, "only-if-cached", NONE)                                                  \
    X(MAX_AGE, "max-age", SECONDS)                                                             \
    X(S_MAXAGE, "s-maxage", SECONDS)                                                           \
    X(MIN_FRESH, "min-fresh", SECONDS)                                                         \
    X(MAX_STALE, "max-stale", SECONDS_OR_ANY)                                                  \
    X(STALE_WHILE_REVALIDATE, "stale-while-revalidate", SECONDS)                               \
    X(STALE_IF_ERROR, "stale-if-error", SECONDS)

enum ct_directive {
#define CT_DIRECTIVE_ENUM(name, word, argument) CT_DIRECTIVE_##name,
    CT_DIRECTIVE_LIST(CT_DIRECTIVE_ENUM)
#undef CT_DIRECTIVE_ENUM
        CT_DIRECTIVE_COUNT
};

struct ct_cache_control {
    bool is_there;      /* there is a line of it, whatever it says */
    bool is_targeted;   /* read from a targeted field, in place of Cache-Control */
    cachet_bytes field; /* the name of the field it was read from */
    uint32_t present;   /* a bit for each directive that stands there */
    uint32_t qualified; /* of NAMES: stands there only with field names it is limited to */
    uint32_t invalid;   /* of SECONDS: no number, or two that differ */
    int64_t seconds[CT_DIRECTIVE_COUNT]; /* 0 where invalid */
};

/*
 * Reads every line. The most restrictive reading wins: an argument a directive does not have is
 * passed over, one that names no fields limits nothing, and where a quote is wrong, so that
 * nobody knows which words are directives, "no-store" is taken to be among them.
 */
void ct_cache_control_read(const struct ct_fields *fields,
                           struct ct_cache_control *ret_control);

/*
 * RFC 9213 2.2: the first of the targeted fields (lower or any case, in order of preference)
 * that is there, not empty and a dictionary speaks in place of Cache-Control and Expires; where
 * there is none, as ct_cache_control_read.
 */
void ct_cache_control_read_for(const struct ct_fields *fields, const cachet_bytes *targets,
                               size_t target_count, struct ct_cache_control *ret_control);

static inline bool ct_control_has(const struct ct_cache_control *control,
                                  enum ct_directive directive)
{
    return (control->present >> directive & 1U) != 0;
}

/* It stands there, not limited to some fields. */
static inline bool ct_control_has_whole(const struct ct_cache_control *control,
                                        enum ct_directive directive)
{
    return ((control->present & ~control->qualified) >> directive & 1U) != 0;
}

/* It stands there, limited to the fields it names. */
static inline bool ct_control_is_qualified(const struct ct_cache_control *control,
                                           enum ct_directive directive)
{
    return (control->qualified >> directive & 1U) != 0;
}

static inline bool ct_control_is_valid(const struct ct_cache_control *control,
                                       enum ct_directive directive)
{
    return ((control->present & ~control->invalid) >> directive & 1U) != 0;
}

/*
 * Does a directive with field names, such as no-cache="a, b", name this one? `control` was read
 * from the same fields.
 */
bool ct_control_names(const struct ct_fields *fields, const struct ct_cache_control *control,
                      enum ct_directive directive, cachet_bytes field_name);

#endif
