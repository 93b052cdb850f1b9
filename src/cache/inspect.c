/* SPDX-License-Identifier: MIT */
/* Looking at a whole cache: every entry opened, none believed, none able to stop the walk. */
#include <cachet/inspect.h>

#include <fnmatch.h>
#include <strings.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "cache/body.h"
#include "cache/lookup.h"
#include "http/name.h"
#include "http/url.h"

const char *cachet_entry_state_name(cachet_entry_state state)
{
    static const char *const names[] = {
#define ENTRY_STATE_NAME(name, text) text,
        CACHET_ENTRY_STATE_LIST(ENTRY_STATE_NAME)
#undef ENTRY_STATE_NAME
    };
    return (size_t) state < CT_COUNT_OF(names) ? names[state] : "unknown";
}

/* A walk, what it looks for, and the entry it stands at. */
struct inspection {
    cachet_cache *cache;
    const struct ct_binding *binding;
    cachet_filter filter;
    struct ct_buf url;   /* filter.url, normalised */
    cachet_name url_key; /* what a plain GET of it is stored under */
    int64_t now_ms;
    cachet_entry_visit visit;
    void *context;
    size_t removed;
    cachet_error *err;

    struct ct_entry entry;
    cachet_entry shown;
    char key[CT_NAME_TEXT_SIZE];
    char variant[CT_NAME_TEXT_SIZE];
    char method[32];
    struct ct_buf url_text;
};

static void inspection_fini(struct inspection *inspection)
{
    ct_entry_fini(&inspection->entry);
    ct_buf_fini(&inspection->url);
    ct_buf_fini(&inspection->url_text);
}

static cachet_status name_url(struct inspection *inspection, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf canonical = ct_buf_with_ceiling(2 * CT_URL_MAX);
    const struct ct_request_name name = {.method = CT_BYTES("GET"),
                                         .url = ct_buf_view(&inspection->url)};

    ct_request_name_encode(&name, &canonical);
    TRY(ct_buf_status(&canonical, err));
    return ct_name_request(inspection->binding->sealer, ct_buf_view(&canonical),
                           &inspection->url_key, err);
}

static cachet_status inspection_init(struct inspection *inspection, cachet_cache *cache,
                                     const cachet_filter *filter, int64_t now_ms,
                                     cachet_error *err)
{
    cachet_bytes userinfo;
    struct ct_url url;

    *inspection = (struct inspection){.cache = cache, .now_ms = now_ms, .err = err};
    inspection->url = ct_buf_with_ceiling(CT_URL_MAX + 1);
    inspection->url_text = ct_buf_with_ceiling(CT_URL_MAX + 1);
    ct_entry_init(&inspection->entry);
    if (filter != NULL)
        memcpy(&inspection->filter, filter,
               filter->size < sizeof *filter ? filter->size : sizeof *filter);
    if (inspection->filter.url != NULL)
        TRY(ct_url_normalise(cachet_bytes_of(inspection->filter.url), &inspection->url, &url,
                             &userinfo, err));
    TRY(ct_cache_binding(cache, &inspection->binding, err));
    return inspection->filter.url == NULL ? CACHET_OK : name_url(inspection, err);
}

static cachet_entry_state state_of_refusal(enum ct_refusal refusal)
{
    if (refusal == CT_REFUSED_FOREIGN || refusal == CT_REFUSED_NEWER_FORMAT)
        return CACHET_ENTRY_FOREIGN;
    return refusal == CT_REFUSED_VOID ? CACHET_ENTRY_VOID : CACHET_ENTRY_TAMPERED;
}

static cachet_status show_request(struct inspection *inspection, cachet_error *err)
{
    struct ct_request_name name = {0};

    (void) ct_request_name_decode(inspection->entry.record.request, &name);
    ct_buf_reset(&inspection->url_text);
    ct_buf_append(&inspection->url_text, name.url);
    inspection->shown.url = ct_buf_c_string(&inspection->url_text);
    const cachet_bytes method = ct_bytes_first(name.method, sizeof inspection->method - 1);
    memcpy(inspection->method, method.data == NULL ? (const void *) "" : method.data,
           method.size);
    inspection->method[method.size] = '\0';
    inspection->shown.method = inspection->method;
    return ct_buf_status(&inspection->url_text, err);
}

static cachet_status show_record(struct inspection *inspection, cachet_error *err)
{
    const struct ct_policy_settings *const policy = &inspection->cache->policy;
    const struct ct_response_facts facts = ct_entry_facts(&inspection->entry);
    const int64_t ttl_s =
        ct_policy_lifetime_s(policy, &facts) - ct_policy_age_s(&facts, inspection->now_ms);
    cachet_entry *const shown = &inspection->shown;

    TRY(show_request(inspection, err));
    shown->state = ttl_s > 0 ? CACHET_ENTRY_FRESH : CACHET_ENTRY_STALE;
    shown->status = facts.status;
    shown->fields = facts.fields.at;
    shown->field_count = facts.fields.count;
    shown->body_size = inspection->entry.payload.total;
    shown->stored_at_ms = inspection->entry.record.stored_at_ms;
    shown->expires_at_ms = ct_expires_at_ms(policy, &facts);
    return CACHET_OK;
}

/* Are all the chunks there and good? What is wrong becomes the entry's state. */
static cachet_status check_body(struct inspection *inspection, cachet_error *err)
{
    CLEANUP(ct_body_reader_freep) struct ct_body_reader *reader = NULL;
    cachet_entry *const shown = &inspection->shown;
    cachet_status status =
        ct_body_reader_new(inspection->binding, &inspection->entry, &reader, err);

    if (status == CACHET_OK)
        status = ct_body_reader_check(reader, err);
    if (status == CACHET_E_NOT_FOUND) {
        shown->state = CACHET_ENTRY_GONE;
        shown->reason = "gone";
        return CACHET_OK;
    }
    if (status != CACHET_E_TAMPERED)
        return status;
    shown->state = CACHET_ENTRY_TAMPERED;
    shown->reason = ct_refusal_word(CT_REFUSED_BAD_CHUNK);
    return CACHET_OK;
}

static cachet_status show(struct inspection *inspection, const cachet_stored_head *head)
{
    cachet_error below;
    enum ct_refusal refusal = CT_REFUSED_NONE;
    cachet_entry *const shown = &inspection->shown;

    *shown = (cachet_entry){.size = sizeof *shown,
                            .key = inspection->key,
                            .variant = inspection->variant,
                            .stored_at_ms = -1,
                            .expires_at_ms = -1};
    ct_hex_encode(ct_bytes(head->key.bytes, CACHET_NAME_SIZE), inspection->key);
    ct_hex_encode(ct_bytes(head->variant.bytes, CACHET_NAME_SIZE), inspection->variant);
    const cachet_status status = ct_entry_open(&inspection->entry, inspection->binding, head,
                                               ct_bytes(NULL, 0), &refusal, &below);
    if (refusal != CT_REFUSED_NONE) {
        shown->state = state_of_refusal(refusal);
        shown->reason = ct_refusal_word(refusal);
        return CACHET_OK;
    }
    if (status != CACHET_OK)
        return ct_err_set(inspection->err, status, "%s", below.message);
    TRY(show_record(inspection, inspection->err));
    if ((inspection->filter.flags & CACHET_FILTER_BODIES) == 0)
        return CACHET_OK;
    return check_body(inspection, inspection->err);
}

static uint32_t filter_of_state(cachet_entry_state state)
{
    switch (state) {
    case CACHET_ENTRY_FRESH:
        return CACHET_FILTER_FRESH;
    case CACHET_ENTRY_STALE:
        return CACHET_FILTER_EXPIRED;
    case CACHET_ENTRY_TAMPERED:
        return CACHET_FILTER_TAMPERED;
    case CACHET_ENTRY_VOID:
    case CACHET_ENTRY_FOREIGN:
    case CACHET_ENTRY_GONE:
        break;
    }
    return 0;
}

/*
 * What does not open has no URL that could be believed; it is found by the key it lies under,
 * so that "remove it" can be obeyed.
 */
static bool url_passes(const struct inspection *inspection, const cachet_name *key)
{
    const cachet_filter *const filter = &inspection->filter;
    const char *const url = inspection->shown.url;

    if (filter->url == NULL && filter->url_glob == NULL)
        return true;
    if (url == NULL)
        return filter->url != NULL && filter->url_glob == NULL &&
               memcmp(key->bytes, inspection->url_key.bytes, CACHET_NAME_SIZE) == 0;
    if (filter->url != NULL &&
        !ct_bytes_equal(ct_buf_view(&inspection->url), cachet_bytes_of(url)))
        return false;
    return filter->url_glob == NULL || fnmatch(filter->url_glob, url, 0) == 0;
}

static bool passes(const struct inspection *inspection, const cachet_name *key)
{
    const uint32_t states =
        CACHET_FILTER_FRESH | CACHET_FILTER_EXPIRED | CACHET_FILTER_TAMPERED;
    const cachet_filter *const filter = &inspection->filter;
    const cachet_entry *const shown = &inspection->shown;
    const uint32_t wanted = filter->flags & states;

    if (wanted != 0 && (wanted & filter_of_state(shown->state)) == 0)
        return false;
    if (filter->key != NULL && strncasecmp(filter->key, shown->key, strlen(filter->key)) != 0)
        return false;
    if (filter->older_than_s > 0 &&
        (shown->stored_at_ms < 0 ||
         shown->stored_at_ms > ct_time_plus_s(inspection->now_ms, -filter->older_than_s)))
        return false;
    return url_passes(inspection, key);
}

static bool is_cache_record(const cachet_stored_head *head)
{
    static const cachet_name zero;

    return memcmp(head->key.bytes, zero.bytes, sizeof zero.bytes) == 0;
}

static cachet_status visit_head(void *context, const cachet_stored_head *head)
{
    struct inspection *const inspection = context;

    if (is_cache_record(head))
        return CACHET_OK;
    TRY(show(inspection, head));
    if (!passes(inspection, &head->key))
        return CACHET_OK;
    return inspection->visit(inspection->context, &inspection->shown);
}

cachet_status cachet_cache_each(cachet_cache *cache, const cachet_filter *filter,
                                int64_t now_ms, cachet_entry_visit visit, void *context,
                                cachet_error *err)
{
    CLEANUP(inspection_fini) struct inspection inspection;

    TRY(inspection_init(&inspection, cache, filter, now_ms, err));
    inspection.visit = visit;
    inspection.context = context;
    return ct_store_head_each(inspection.binding->store, visit_head, &inspection, err);
}

/* Only what was looked at is dropped: what took its place meanwhile stays. */
static cachet_status remove_head(void *context, const cachet_stored_head *head)
{
    struct inspection *const inspection = context;

    if (is_cache_record(head))
        return CACHET_OK;
    TRY(show(inspection, head));
    if (!passes(inspection, &head->key))
        return CACHET_OK;
    const cachet_status status = ct_store_head_drop(
        inspection->binding->store, &head->key, &head->variant, head->head, inspection->err);
    if (status == CACHET_E_NOT_FOUND || status == CACHET_E_CONFLICT)
        return CACHET_OK;
    TRY(status);
    inspection->removed++;
    ct_cache_tell(inspection->cache, &(struct ct_event){.kind = CACHET_EVENT_REMOVED,
                                                        .url = inspection->shown.url,
                                                        .key = inspection->key,
                                                        .reason = "asked"});
    return CACHET_OK;
}

cachet_status cachet_cache_remove(cachet_cache *cache, const cachet_filter *filter,
                                  int64_t now_ms, size_t *ret_count, cachet_error *err)
{
    CLEANUP(inspection_fini) struct inspection inspection;

    TRY(inspection_init(&inspection, cache, filter, now_ms, err));
    TRY(ct_store_head_each(inspection.binding->store, remove_head, &inspection, err));
    *ret_count = inspection.removed;
    return CACHET_OK;
}

static cachet_status write_body(const struct ct_binding *binding, const struct ct_entry *entry,
                                cachet_write write, void *write_context, cachet_error *err)
{
    CLEANUP(ct_body_reader_freep) struct ct_body_reader *reader = NULL;
    CLEANUP(ct_mem_freep) unsigned char *piece = NULL;
    size_t size = 0;

    TRY(ct_new_array(&piece, CACHET_CHUNK_SIZE, err));
    TRY(ct_body_reader_new(binding, entry, &reader, err));
    do {
        TRY(ct_body_reader_read(reader, piece, CACHET_CHUNK_SIZE, &size, err));
        if (size > 0)
            TRY(write(write_context, piece, size));
    } while (size > 0);
    return CACHET_OK;
}

cachet_status cachet_cache_body(cachet_cache *cache, const char *key, const char *variant,
                                cachet_write write, void *write_context, cachet_error *err)
{
    const struct ct_binding *binding = NULL;
    struct ct_where where = {0};
    struct ct_occupant occupant;

    if (!ct_hex_decode(cachet_bytes_of(key), where.key.bytes, CACHET_NAME_SIZE) ||
        !ct_hex_decode(cachet_bytes_of(variant), where.variant.bytes, CACHET_NAME_SIZE))
        return ct_err_set(err, CACHET_E_USAGE, "key and variant are 64 hex digits each");
    TRY(ct_cache_binding(cache, &binding, err));
    ct_entry_init(&occupant.entry);
    cachet_status status = ct_lookup_exact(binding, &where, &occupant, err);
    if (status == CACHET_OK && !occupant.is_there)
        status = ct_err_set(err, CACHET_E_NOT_FOUND, "no such entry");
    else if (status == CACHET_OK && !occupant.is_usable)
        status = ct_err_set(err, CACHET_E_TAMPERED, "the entry is not what was stored (%s)",
                            ct_refusal_word(occupant.refusal));
    else if (status == CACHET_OK)
        status = write_body(binding, &occupant.entry, write, write_context, err);
    ct_entry_fini(&occupant.entry);
    return status;
}
