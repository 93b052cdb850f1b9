/* SPDX-License-Identifier: MIT */
/*
 * Heads on their way into the store. A head is what publishes an entry: chunks first, then the
 * head, in one compare-and-swap. Nothing here can fail a request; what fails is told.
 */
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "cache/exchange.h"
#include "http/name.h"
#include "http/variants.h"

#define PUT_TRIES 3

/* A head ready to be put, and the memory it stands in. */
struct sealed {
    struct ct_where where;
    struct ct_buf head;
    struct ct_record record;
};

static void sealed_fini(struct sealed *sealed)
{
    ct_buf_fini(&sealed->head);
}

static uint32_t circumstances_of(const cachet_exchange *exchange)
{
    const bool is_https = strncmp(cachet_exchange_url(exchange), "https:", 6) == 0;
    const bool is_verified = is_https && !exchange->cache->is_tls_unverified;

    return (exchange->cache->policy.is_shared ? CT_STORED_SHARED : 0) |
           (is_https ? CT_STORED_HTTPS : 0) | (is_verified ? CT_STORED_TLS_VERIFIED : 0);
}

/* Record, payload and head around it, for `fields`. */
static cachet_status seal(const cachet_exchange *exchange, struct ct_payload *payload,
                          struct ct_fields fields, struct sealed *sealed, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf record = ct_buf_with_ceiling(CACHET_HEAD_MAX);
    CLEANUP(ct_buf_fini) struct ct_buf bytes = ct_buf_with_ceiling(CACHET_HEAD_MAX);
    const struct ct_sealer *const sealer = exchange->binding->sealer;

    TRY(ct_record_encode(&sealed->record, fields.at, fields.count, &record, err));
    TRY(ct_buf_status(&record, err));
    payload->record = ct_buf_view(&record);
    ct_payload_encode(payload, &bytes);
    TRY(ct_buf_status(&bytes, err));
    return ct_head_seal(sealer, &sealed->where, CT_HEAD_ENTRY, ct_buf_view(&bytes),
                        &sealed->head, err);
}

/* An entry from so far ahead comes from a clock that was wrong, not from a faster rival. */
#define AHEAD_MS 60000

/*
 * What stands in our way may be replaced if it cannot be used or is older than our answer. What
 * a newer version wrote is left alone (promise 10).
 */
static bool may_replace(const struct ct_occupant *occupant, const struct ct_record *ours)
{
    if (!occupant->is_usable)
        return occupant->refusal != CT_REFUSED_NEWER_FORMAT;
    const int64_t theirs_ms = occupant->entry.record.received_at_ms;
    return theirs_ms <= ours->received_at_ms || theirs_ms - AHEAD_MS > ours->received_at_ms;
}

/* Makes `put` expect what is there now; E_CONFLICT if that must stay. */
static cachet_status expect_occupant(const cachet_exchange *exchange,
                                     const struct sealed *sealed, struct ct_occupant *occupant,
                                     cachet_head_put *put, cachet_error *err)
{
    TRY(ct_lookup_exact(exchange->binding, &sealed->where, occupant, err));
    put->expected = ct_bytes(NULL, 0);
    if (!occupant->is_there)
        return CACHET_OK;
    if (!may_replace(occupant, &sealed->record))
        return ct_err_set(err, CACHET_E_CONFLICT, "a newer one is stored");
    put->expected = ct_buf_view(&occupant->entry.head);
    if (put->expected.size > 0)
        return CACHET_OK;
    /* Too long to be compared, so too long to be a head of ours. */
    return ct_store_head_drop(exchange->binding->store, &sealed->where.key,
                              &sealed->where.variant, ct_bytes(NULL, 0), err);
}

static cachet_status put_replacing(const cachet_exchange *exchange, const struct sealed *sealed,
                                   cachet_head_put *put, cachet_error *err)
{
    struct ct_occupant occupant;
    cachet_status status = ct_store_head_put(exchange->binding->store, put, err);

    ct_entry_init(&occupant.entry);
    for (int i = 1; i < PUT_TRIES && status == CACHET_E_CONFLICT; i++) {
        status = expect_occupant(exchange, sealed, &occupant, put, err);
        if (status == CACHET_OK)
            status = ct_store_head_put(exchange->binding->store, put, err);
        else if (status == CACHET_E_CONFLICT)
            break;
    }
    ct_entry_fini(&occupant.entry);
    return status;
}

static cachet_head_put put_of(const struct sealed *sealed, const struct ct_payload *payload,
                              cachet_body_id *bodies)
{
    for (size_t i = 0; i < payload->segment_count; i++)
        bodies[i] = payload->segments[i].id;
    return (cachet_head_put){
        .key = sealed->where.key,
        .variant = sealed->where.variant,
        .head = ct_buf_view(&sealed->head),
        .bodies = bodies,
        .body_count = payload->segment_count,
        .body_size = payload->total,
    };
}

static void tell_outcome(const cachet_exchange *exchange, cachet_status status,
                         const cachet_error *failure)
{
    if (status == CACHET_OK)
        ct_exchange_tell(exchange, CACHET_EVENT_STORED, "stored", NULL);
    else if (status == CACHET_E_CONFLICT)
        ct_exchange_tell(exchange, CACHET_EVENT_NOT_STORED, ct_reason_word(CT_REASON_LOST_RACE),
                         failure->message);
    else if (status == CACHET_E_TOO_LARGE)
        ct_exchange_tell(exchange, CACHET_EVENT_NOT_STORED, ct_reason_word(CT_REASON_TOO_LARGE),
                         failure->message);
    else
        ct_exchange_tell(exchange, CACHET_EVENT_BYPASSED, "store-failed", failure->message);
}

cachet_status ct_exchange_storable(const cachet_exchange *exchange,
                                   struct ct_field_list *ret_list, cachet_error *err)
{
    const struct ct_fields origin = ct_field_list_view(&exchange->origin);

    TRY(ct_field_list_new(ret_list, origin.count, err));
    ret_list->count = ct_fields_storable(&origin, ret_list->at);
    return CACHET_OK;
}

static cachet_status name_variant(const cachet_exchange *exchange, struct sealed *sealed,
                                  cachet_error *err)
{
    const struct ct_record *const record = &sealed->record;

    sealed->where.key = exchange->key;
    return ct_name_variant(exchange->binding->sealer, record->vary,
                           record->has_credential ? &record->credential : NULL,
                           &sealed->where.variant, err);
}

/*
 * DESIGN 9.7: an answer belongs to the credential it was asked with. RFC 9111 3.5 lets a shared
 * cache serve it to all where the origin says so; that is a word on Authorization, not on
 * Cookie.
 */
static bool belongs_to_credential(const cachet_exchange *exchange)
{
    const struct ct_fields request = ct_field_list_view(&exchange->fields);
    const struct ct_fields answer = ct_field_list_view(&exchange->origin);

    return exchange->has_credential &&
           (ct_fields_has(&request, CT_BYTES("cookie")) || exchange->has_other_credential ||
            !ct_policy_is_for_all(&exchange->cache->policy, &answer));
}

static struct ct_record record_of(const cachet_exchange *exchange, int64_t now_ms)
{
    return (struct ct_record){
        .request = ct_buf_view(&exchange->canonical),
        .has_credential = belongs_to_credential(exchange),
        .credential = exchange->credential,
        .status = (uint16_t) exchange->status,
        .stored_at_ms = now_ms,
        .requested_at_ms = exchange->sent_ms,
        .received_at_ms = exchange->received_ms,
        .sealed_at_ms = now_ms,
        .circumstances = circumstances_of(exchange),
    };
}

static cachet_status publish(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf vary = ct_buf_with_ceiling(CACHET_HEAD_MAX);
    CLEANUP(sealed_fini) struct sealed sealed = {.head = ct_buf_with_ceiling(CACHET_HEAD_MAX)};
    const struct ct_fields request = ct_field_list_view(&exchange->fields);
    const struct ct_fields origin = ct_field_list_view(&exchange->origin);
    CLEANUP(ct_field_list_fini) struct ct_field_list fields = {0};
    cachet_body_id bodies[CACHET_SEGMENTS_MAX];
    struct ct_payload payload = {0};

    sealed.record = record_of(exchange, now_ms);
    (void) ct_vary_encode(&origin, &request, &vary);
    TRY(ct_buf_status(&vary, err));
    sealed.record.vary = ct_buf_view(&vary);
    TRY(name_variant(exchange, &sealed, err));
    TRY(ct_exchange_storable(exchange, &fields, err));
    TRY(ct_body_writer_finish(exchange->writer, &payload, err));
    TRY(seal(exchange, &payload, ct_field_list_view(&fields), &sealed, err));
    cachet_head_put put = put_of(&sealed, &payload, bodies);
    put.expires_at_ms = exchange->expires_at_ms;
    const cachet_status status = put_replacing(exchange, &sealed, &put, err);
    if (status != CACHET_OK)
        ct_body_writer_drop(exchange->writer);
    return status;
}

void ct_exchange_publish(cachet_exchange *exchange, int64_t now_ms)
{
    cachet_error failure;
    const cachet_status status = publish(exchange, now_ms, &failure);

    if (status == CACHET_OK)
        exchange->stored_at_ms = now_ms;
    tell_outcome(exchange, status, &failure);
    ct_body_writer_free(ct_steal(&exchange->writer));
}

/* A 304 whose Vary differs would move the entry to another variant: that is left to a fetch. */
static bool keeps_its_variant(const cachet_exchange *exchange, struct ct_fields fields)
{
    CLEANUP(ct_buf_fini) struct ct_buf vary = ct_buf_with_ceiling(CACHET_HEAD_MAX);
    const struct ct_fields request = ct_field_list_view(&exchange->fields);
    const bool is_any = ct_vary_encode(&fields, &request, &vary);

    return !is_any && ct_buf_status(&vary, NULL) == CACHET_OK &&
           ct_bytes_equal(ct_buf_view(&vary), exchange->entry->record.vary);
}

/* May the updated response be stored, and in the place it stands in? */
static bool may_freshen(const cachet_exchange *exchange,
                        const struct ct_response_facts *response)
{
    struct ct_request_facts request = ct_exchange_request(exchange);
    enum ct_reason reason = CT_REASON_STORABLE;

    /* What is stored came from a GET; a HEAD may have asked this time. */
    request.method = CT_BYTES("GET");

    if (!ct_policy_may_store(&exchange->cache->policy, &request, response, &reason)) {
        ct_exchange_tell(exchange, CACHET_EVENT_NOT_STORED, ct_reason_word(reason), NULL);
        return false;
    }
    if (keeps_its_variant(exchange, response->fields))
        return true;
    ct_exchange_tell(exchange, CACHET_EVENT_NOT_STORED, ct_reason_word(CT_REASON_VARY), NULL);
    return false;
}

static cachet_status freshen(cachet_exchange *exchange,
                             const struct ct_response_facts *response, int64_t now_ms,
                             cachet_error *err)
{
    const struct ct_entry *const entry = exchange->entry;
    CLEANUP(sealed_fini)
    struct sealed sealed = {.head = ct_buf_with_ceiling(CACHET_HEAD_MAX),
                            .where = entry->where,
                            .record = entry->record};
    cachet_body_id bodies[CACHET_SEGMENTS_MAX];
    struct ct_payload payload = entry->payload;

    sealed.record.requested_at_ms = exchange->sent_ms;
    sealed.record.received_at_ms = exchange->received_ms;
    sealed.record.sealed_at_ms = now_ms;
    TRY(seal(exchange, &payload, response->fields, &sealed, err));
    cachet_head_put put = put_of(&sealed, &payload, bodies);
    put.expected = ct_buf_view(&entry->head);
    put.expires_at_ms = ct_expires_at_ms(&exchange->cache->policy, response);
    return ct_store_head_put(exchange->binding->store, &put, err);
}

void ct_exchange_freshen(cachet_exchange *exchange, struct ct_fields fields, int64_t now_ms)
{
    struct ct_response_facts response = ct_entry_facts(exchange->entry);
    cachet_error failure;

    response.fields = fields;
    response.requested_at_ms = exchange->sent_ms;
    response.received_at_ms = exchange->received_ms;
    if (!may_freshen(exchange, &response))
        return;
    const cachet_status status = freshen(exchange, &response, now_ms, &failure);
    exchange->cache_status.is_stored = status == CACHET_OK;
    tell_outcome(exchange, status, &failure);
}

/* RFC 9111 4.3.5: a stored response that the HEAD contradicts counts as invalid. */
static cachet_status drop_contradicted(cachet_exchange *exchange, cachet_error *err)
{
    const struct ct_entry *const entry = exchange->entry;

    TRY(ct_store_head_drop(exchange->binding->store, &entry->where.key, &entry->where.variant,
                           ct_buf_view(&entry->head), err));
    ct_exchange_tell(exchange, CACHET_EVENT_REMOVED, "contradicted", NULL);
    return CACHET_OK;
}

void ct_exchange_take_head_answer(cachet_exchange *exchange)
{
    CLEANUP(ct_field_list_fini) struct ct_field_list merged = {0};
    const struct ct_fields answer = ct_field_list_view(&exchange->origin);
    const struct ct_fields stored = {exchange->entry->fields,
                                     exchange->entry->record.field_count};

    if (!ct_head_freshens(&stored, exchange->entry->payload.total, &answer))
        (void) drop_contradicted(exchange, NULL);
    else if (ct_exchange_merge(exchange, &merged, NULL) == CACHET_OK)
        ct_exchange_freshen(exchange, ct_field_list_view(&merged), exchange->received_ms);
}
