/* SPDX-License-Identifier: MIT */
/* What an exchange knows, and the steps its files share. The life cycle stands in the public
 * header. */
#ifndef CT_CACHE_EXCHANGE_H
#define CT_CACHE_EXCHANGE_H

#include "cache/body.h"
#include "cache/field_list.h"
#include "cache/lookup.h"
#include "http/cache_status.h"
#include "http/date.h"
#include "http/range.h"
#include "http/validate.h"

struct cachet_exchange {
    cachet_cache *cache;
    const struct ct_binding *binding; /* NULL: the store cannot be used */
    cachet_verdict verdict;
    enum ct_reason reason; /* policy's, for what was found stored */

    /* The request, copied. */
    char *method;
    struct ct_buf url;
    struct ct_field_list fields;
    struct ct_buf authorization; /* out of userinfo */
    uint32_t flags;
    struct ct_buf canonical;
    bool is_conditional; /* it has conditions of its own, or asks for a part */
    bool is_named;       /* key and credential below are made: the answer may be stored */
    cachet_name key;
    char key_text[CT_NAME_TEXT_SIZE];
    bool has_credential;
    bool has_other_credential; /* one that is in no field */
    cachet_name credential;

    /* What is stored for it. */
    struct ct_entry *entry;
    struct ct_body_reader *reader;
    cachet_error read_failure; /* why reading the stored body failed, if it did */
    cachet_field added[CT_CONDITIONS_MAX + 1];
    size_t added_count;

    /* The answer. */
    int status;
    int64_t sent_ms;
    int64_t received_ms;
    char date_text[CT_HTTP_DATE_SIZE]; /* for an answer that has no Date */
    struct ct_field_list origin; /* the origin's fields, or the stored ones a 304 updated */
    struct ct_field_list shown;  /* what the caller sees; borrows from the above */
    struct ct_buf age_text;
    struct ct_buf part_text; /* Content-Range and Content-Length of a part */
    bool is_part;
    uint64_t part_size;
    struct ct_buf cache_status_text;
    struct ct_cache_status cache_status;
    int64_t stored_at_ms;
    int64_t expires_at_ms;

    /* The origin's body on its way in. */
    struct ct_body_writer *writer; /* NULL: it is not stored */
    bool has_length;
    uint64_t length;
    uint64_t fed;
};

/* What policy wants to know of the request and of the origin's answer. */
struct ct_request_facts ct_exchange_request(const cachet_exchange *exchange);
struct ct_response_facts ct_exchange_response(const cachet_exchange *exchange);

/* Tells an event about this exchange. */
void ct_exchange_tell(const cachet_exchange *exchange, cachet_event_kind kind,
                      const char *reason, const char *detail);

/* Looks the request up and sets the verdict. */
cachet_status ct_exchange_look_up(cachet_exchange *exchange, int64_t now_ms, cachet_error *err);

/*
 * The request goes to the origin because of `reason`. What is stored stays at hand, for an
 * origin that cannot be reached; forget lets go of it.
 */
void ct_exchange_forward(cachet_exchange *exchange, enum ct_reason reason);
void ct_exchange_forget(cachet_exchange *exchange);

/* Serves what is stale in place of an error (0: no answer at all), if that may be. */
cachet_status ct_exchange_serve_on_error(cachet_exchange *exchange, int error_status,
                                         int64_t now_ms, bool *ret_is_served,
                                         cachet_error *err);

/* Does the answer have no body, whatever is stored? */
bool ct_exchange_is_bodyless(const cachet_exchange *exchange);

/* E_TAMPERED, in the words that tell what to do about it. */
cachet_status ct_exchange_refuse(const cachet_exchange *exchange, const char *word,
                                 cachet_error *err);

/* Makes the fields the caller sees out of the stored ones, or of the origin's. */
struct ct_shown {
    struct ct_fields fields;
    bool is_confirmed; /* by a 304 just now: ages from then on, and nothing is withheld */
};
cachet_status ct_exchange_show_stored(cachet_exchange *exchange, const struct ct_shown *shown,
                                      int64_t now_ms, cachet_error *err);
/* Makes a 304 of what was shown. */
void ct_exchange_show_not_modified(cachet_exchange *exchange);
/* Makes a 206 of what was shown: of one part of the stored body. */
cachet_status ct_exchange_show_part(cachet_exchange *exchange, const struct ct_span *part,
                                    cachet_error *err);
cachet_status ct_exchange_show_origin(cachet_exchange *exchange, cachet_error *err);

/* Stores what a 304 confirmed with its updated fields; a failure only costs the update. */
void ct_exchange_freshen(cachet_exchange *exchange, struct ct_fields fields, int64_t now_ms);

/* The origin's fields that may be stored, in a list that borrows from them. */
cachet_status ct_exchange_storable(const cachet_exchange *exchange,
                                   struct ct_field_list *ret_list, cachet_error *err);

/* What a HEAD's 200 tells of the stored GET: updates it, or drops it (RFC 9111 4.3.5). */
void ct_exchange_take_head_answer(cachet_exchange *exchange);

/* Names what an answer to a POST may be stored as: the GET of the same URL. */
cachet_status ct_exchange_name_as_get(cachet_exchange *exchange, cachet_error *err);

/* The stored fields, updated by the answer's, in a list of their own (RFC 9111 3.2). */
cachet_status ct_exchange_merge(const cachet_exchange *exchange, struct ct_field_list *merged,
                                cachet_error *err);

/* Publishes the origin's answer with the body that was written. */
void ct_exchange_publish(cachet_exchange *exchange, int64_t now_ms);

/* RFC 9111 4.4: drops what is stored for the URL, and for those the answer names. */
void ct_exchange_invalidate(cachet_exchange *exchange);

#endif
