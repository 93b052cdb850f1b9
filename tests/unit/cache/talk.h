/* SPDX-License-Identifier: MIT */
/*
 * Talking to a cache without a network: the test is the client and the origin, and says what
 * time it is.
 */
#ifndef CT_TESTS_TALK_H
#define CT_TESTS_TALK_H

#include <cachet/exchange.h>

#include "scratch.h"
#include "tap.h"

#define TALK_BODY_MAX (1u << 20)
#define TALK_START_MS INT64_C(1800000000000)
#define HTTP_DATE "Fri, 15 Jan 2027 08:00:00 GMT" /* TALK_START_MS */

struct talk {
    cachet_keyring *keyring;
    cachet_cache *cache;
    cachet_event_kind last_kind;
    char last_reason[64];
    cachet_error err;

    /* The last answer. */
    cachet_verdict verdict; /* the first one */
    int status;
    int is_hit;
    char fields[16384]; /* "name: value\n", in order */
    char conditions[2048];
    char key[80];
    int64_t expires_at_ms;
    unsigned char body[TALK_BODY_MAX];
    size_t body_size;
};

/* What the origin would answer. Fields end in one without a name. */
struct talk_answer {
    int status;
    const char *fields[16][2];
    const void *body;
    size_t body_size;
    const struct talk_answer *next; /* what it says when it is asked again */
};

static inline void talk_observe(void *context, const cachet_event *event)
{
    struct talk *const talk = context;

    talk->last_kind = event->kind;
    (void) snprintf(talk->last_reason, sizeof talk->last_reason, "%s", event->reason);
}

static inline cachet_status talk_open_with(struct talk *talk, const char *name, uint32_t flags)
{
    char spec[SCRATCH_PATH_MAX];
    cachet_options options = CACHET_OPTIONS_INIT;

    (void) snprintf(spec, sizeof spec, "file:%s", scratch_path("keyring"));
    if (talk->keyring == NULL && (flags & CACHET_UNSEALED) == 0) {
        const cachet_status made = cachet_keyring_create(spec, &talk->err);
        if (made != CACHET_OK && made != CACHET_E_CONFLICT)
            return made;
        if (cachet_keyring_open(&talk->keyring, spec, &talk->err) != CACHET_OK)
            return talk->err.status;
    }
    options.flags = flags;
    options.keyring = (flags & CACHET_UNSEALED) != 0 ? NULL : talk->keyring;
    options.observer = talk_observe;
    options.observer_context = talk;
    return cachet_cache_open(&talk->cache, scratch_path(name), &options, &talk->err);
}

static inline void talk_close(struct talk *talk)
{
    cachet_cache_close(talk->cache);
    cachet_keyring_free(talk->keyring);
    talk->cache = NULL;
    talk->keyring = NULL;
}

static inline void talk_print_fields(char *to, size_t room, const cachet_field *fields,
                                     size_t count)
{
    size_t at = 0;

    to[0] = '\0';
    for (size_t i = 0; i < count && at < room; i++)
        at += (size_t) snprintf(to + at, room - at, "%.*s: %.*s\n", (int) fields[i].name.size,
                                (const char *) fields[i].name.data, (int) fields[i].value.size,
                                (const char *) fields[i].value.data);
}

static inline cachet_status talk_read(struct talk *talk, cachet_exchange *exchange,
                                      size_t piece)
{
    size_t size = 0;

    talk->body_size = 0;
    do {
        const size_t room = TALK_BODY_MAX - talk->body_size;
        const cachet_status status =
            cachet_exchange_read(exchange, talk->body + talk->body_size,
                                 piece < room ? piece : room, &size, &talk->err);
        if (status != CACHET_OK)
            return status;
        talk->body_size += size;
    } while (size > 0);
    return CACHET_OK;
}

/* The origin's part: head and body, in pieces of 1000 bytes. */
static inline cachet_status talk_answer(struct talk *talk, cachet_exchange *exchange,
                                        const struct talk_answer *answer, int64_t now_ms)
{
    cachet_field fields[16];
    size_t count = 0;

    for (; count < 16 && answer->fields[count][0] != NULL; count++)
        fields[count] = cachet_field_of(answer->fields[count][0], answer->fields[count][1]);
    const cachet_head head = {sizeof head, answer->status, fields, count, now_ms, now_ms};
    cachet_status status = cachet_exchange_head(exchange, &head, &talk->err);
    if (status != CACHET_OK || cachet_exchange_verdict(exchange) != CACHET_PASS)
        return status;
    for (size_t at = 0; at < answer->body_size; at += 1000) {
        const size_t rest = answer->body_size - at;
        cachet_exchange_body(exchange, (const char *) answer->body + at,
                             rest < 1000 ? rest : 1000);
    }
    talk->body_size = answer->body_size < TALK_BODY_MAX ? answer->body_size : TALK_BODY_MAX;
    if (talk->body_size > 0)
        memcpy(talk->body, answer->body, talk->body_size);
    return cachet_exchange_end(exchange, now_ms, &talk->err);
}

/* The Cache-Status of the last answer, without its line end. */
static inline const char *talk_cache_status(const struct talk *talk)
{
    static char text[512];
    const char *const found = strstr(talk->fields, "Cache-Status: ");

    (void) snprintf(text, sizeof text, "%s", found == NULL ? "none" : found);
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static inline int talk_has_body(const struct talk *talk, const char *text)
{
    return talk->body_size == strlen(text) && memcmp(talk->body, text, talk->body_size) == 0;
}

/* One request from begin to end. `answers` NULL: the origin cannot be reached. */
static inline cachet_status talk_ask(struct talk *talk, const cachet_request *request,
                                     int64_t now_ms, const struct talk_answer *answers,
                                     size_t piece)
{
    cachet_exchange *exchange = NULL;
    size_t count = 0;

    talk->is_hit = 0;
    talk->fields[0] = talk->conditions[0] = '\0';
    cachet_status status =
        cachet_exchange_begin(talk->cache, request, now_ms, &exchange, &talk->err);
    if (status != CACHET_OK)
        return status;
    talk->verdict = cachet_exchange_verdict(exchange);
    for (int turn = 0; turn < 3 && status == CACHET_OK; turn++) {
        const cachet_verdict verdict = cachet_exchange_verdict(exchange);
        if (verdict == CACHET_SERVE) {
            status = talk_read(talk, exchange, piece);
            if (status == CACHET_OK)
                break;
            status = cachet_exchange_refetch(exchange, &talk->err);
            continue;
        }
        if (verdict == CACHET_PASS)
            break;
        if (answers == NULL) {
            status = CACHET_E_TRANSFER;
            break;
        }
        const cachet_field *const added = cachet_exchange_added_fields(exchange, &count);
        talk_print_fields(talk->conditions, sizeof talk->conditions, added, count);
        status = talk_answer(talk, exchange, answers, now_ms);
        answers = answers->next;
    }
    if (status == CACHET_OK) {
        const cachet_field *const fields = cachet_exchange_fields(exchange, &count);
        talk_print_fields(talk->fields, sizeof talk->fields, fields, count);
        talk->status = cachet_exchange_status(exchange);
        talk->is_hit = cachet_exchange_is_hit(exchange);
        talk->expires_at_ms = cachet_exchange_expires_at_ms(exchange);
        (void) snprintf(talk->key, sizeof talk->key, "%s", cachet_exchange_key(exchange));
    }
    cachet_exchange_free(exchange);
    return status;
}

static inline cachet_status talk_get(struct talk *talk, const char *url, int64_t now_ms,
                                     const struct talk_answer *answers)
{
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = url;
    return talk_ask(talk, &request, now_ms, answers, TALK_BODY_MAX);
}

#endif
