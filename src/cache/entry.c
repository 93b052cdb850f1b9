/* SPDX-License-Identifier: MIT */
#include "cache/entry.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "http/name.h"

void ct_entry_init(struct ct_entry *entry)
{
    *entry = (struct ct_entry){.head = ct_buf_with_ceiling(CACHET_HEAD_MAX)};
}

void ct_entry_fini(struct ct_entry *entry)
{
    ct_buf_fini(&entry->head);
    ct_mem_free(entry->fields);
    entry->fields = NULL;
    entry->field_capacity = 0;
}

static cachet_status refuse(enum ct_refusal refusal, enum ct_refusal *ret_refusal,
                            const char *words, cachet_error *err)
{
    *ret_refusal = refusal;
    return ct_err_set(err, ct_refusal_status(refusal), "%s", words);
}

static bool name_is(const cachet_name *a, const cachet_name *b)
{
    return memcmp(a->bytes, b->bytes, CACHET_NAME_SIZE) == 0;
}

static cachet_status name_variant(const struct ct_binding *binding,
                                  const struct ct_record *record, cachet_name *ret_variant,
                                  cachet_error *err)
{
    if (record->vary.size > 0 || record->has_credential)
        return ct_name_variant(binding->sealer, record->vary,
                               record->has_credential ? &record->credential : NULL, ret_variant,
                               err);
    *ret_variant = binding->plain_variant;
    return CACHET_OK;
}

/* SEAL 2: the record's own request and Vary give exactly the place it was found in. */
static cachet_status check_place(const struct ct_entry *entry, const struct ct_binding *binding,
                                 cachet_bytes canonical_request, enum ct_refusal *ret_refusal,
                                 cachet_error *err)
{
    const struct ct_record *const record = &entry->record;
    cachet_name name;

    /* The same bytes have the same key: no need to hash them twice on a hit. */
    if (canonical_request.data == NULL || !ct_bytes_equal(record->request, canonical_request)) {
        TRY(ct_name_request(binding->sealer, record->request, &name, err));
        if (!name_is(&name, &entry->where.key))
            return refuse(CT_REFUSED_WRONG_PLACE, ret_refusal, "its request has another key",
                          err);
    }
    TRY(name_variant(binding, record, &name, err));
    if (!name_is(&name, &entry->where.variant) || !ct_vary_is_valid(record->vary))
        return refuse(CT_REFUSED_WRONG_PLACE, ret_refusal, "its Vary gives another variant",
                      err);
    return CACHET_OK;
}

static cachet_status read_fields(struct ct_entry *entry, cachet_error *err)
{
    const size_t count = entry->record.field_count;

    if (count > entry->field_capacity) {
        ct_mem_free(entry->fields);
        entry->fields = NULL;
        entry->field_capacity = 0;
        TRY(ct_new_array(&entry->fields, count, err));
        entry->field_capacity = count;
    }
    if (count > 0)
        ct_record_fields(&entry->record, entry->fields);
    return CACHET_OK;
}

static cachet_status decode(struct ct_entry *entry, enum ct_refusal *ret_refusal,
                            cachet_error *err)
{
    const bool is_partial = entry->opened.kind == CT_HEAD_PARTIAL;

    if (entry->opened.kind == CT_HEAD_CACHE)
        return refuse(CT_REFUSED_WRONG_PLACE, ret_refusal, "a cache record in an entry's place",
                      err);
    if (ct_payload_decode(entry->opened.payload, is_partial, &entry->payload, err) !=
            CACHET_OK ||
        entry->payload.serializer != CT_SERIALIZER_NATIVE || entry->payload.stage_count != 0 ||
        ct_record_decode(entry->payload.record, &entry->record, err) != CACHET_OK) {
        *ret_refusal = CT_REFUSED_FORMAT;
        return CACHET_E_TAMPERED;
    }
    return CACHET_OK;
}

cachet_status ct_entry_open(struct ct_entry *entry, const struct ct_binding *binding,
                            const cachet_stored_head *stored, cachet_bytes canonical_request,
                            enum ct_refusal *ret_refusal, cachet_error *err)
{
    *ret_refusal = CT_REFUSED_NONE;
    ct_buf_reset(&entry->head);
    if (stored->head.data == NULL || stored->head.size > CACHET_HEAD_MAX)
        return refuse(CT_REFUSED_FORMAT, ret_refusal, "its head has an impossible length", err);
    ct_buf_append(&entry->head, stored->head);
    TRY(ct_buf_status(&entry->head, err));
    entry->where = (struct ct_where){stored->key, stored->variant};
    TRY(ct_head_open(binding->sealer, &entry->where, ct_buf_view(&entry->head), &entry->opened,
                     ret_refusal, err));
    TRY(decode(entry, ret_refusal, err));
    TRY(check_place(entry, binding, canonical_request, ret_refusal, err));
    return read_fields(entry, err);
}

struct ct_response_facts ct_entry_facts(const struct ct_entry *entry)
{
    return (struct ct_response_facts){
        .status = entry->record.status,
        .fields = {entry->fields, entry->record.field_count},
        .requested_at_ms = entry->record.requested_at_ms,
        .received_at_ms = entry->record.received_at_ms,
    };
}

int64_t ct_expires_at_ms(const struct ct_policy_settings *policy,
                         const struct ct_response_facts *response)
{
    const int64_t age_s = ct_policy_age_s(response, response->received_at_ms);

    return ct_time_plus_s(response->received_at_ms,
                          ct_policy_lifetime_s(policy, response) - age_s);
}

static cachet_event_kind kind_of(enum ct_refusal refusal)
{
    if (refusal == CT_REFUSED_FOREIGN || refusal == CT_REFUSED_NEWER_FORMAT)
        return CACHET_EVENT_FOREIGN;
    return refusal == CT_REFUSED_VOID ? CACHET_EVENT_VOID : CACHET_EVENT_TAMPERED;
}

void ct_entry_tell_refused(cachet_cache *cache, const char *url, const cachet_name *key,
                           enum ct_refusal refusal)
{
    char text[CT_NAME_TEXT_SIZE];

    ct_hex_encode(ct_bytes(key->bytes, sizeof key->bytes), text);
    ct_cache_tell(cache, &(struct ct_event){.kind = kind_of(refusal),
                                            .url = url,
                                            .key = text,
                                            .reason = ct_refusal_word(refusal)});
}
