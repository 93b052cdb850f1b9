/* SPDX-License-Identifier: MIT */
/*
 * A stored entry, opened: a private copy of its head, checked in the order of SEAL 3, and what
 * it says. Nothing in here was decoded before its seal was checked.
 */
#ifndef CT_CACHE_ENTRY_H
#define CT_CACHE_ENTRY_H

#include "cache/cache.h"
#include "http/fields.h"
#include "record/record.h"
#include "seal/payload.h"

struct ct_entry {
    struct ct_buf head; /* the private copy everything below points into */
    struct ct_where where;
    struct ct_opened opened;
    struct ct_payload payload;
    struct ct_record record;
    cachet_field *fields;
    size_t field_capacity;
};

void ct_entry_init(struct ct_entry *entry);
void ct_entry_fini(struct ct_entry *entry);

/*
 * Opens what the store has in a row. `canonical_request` is the request that was looked up, or
 * has no data when the row itself is being looked at; either way the record must give exactly
 * the row's key and variant.
 *
 * What is refused gives the status of its refusal, and *ret_refusal says why.
 */
cachet_status ct_entry_open(struct ct_entry *entry, const struct ct_binding *binding,
                            const cachet_stored_head *stored, cachet_bytes canonical_request,
                            enum ct_refusal *ret_refusal, cachet_error *err);

/* The entry's response as policy wants to see it. */
struct ct_response_facts ct_entry_facts(const struct ct_entry *entry);

/* When a response stops being fresh: the same instant whenever it is asked for. */
int64_t ct_expires_at_ms(const struct ct_policy_settings *policy,
                         const struct ct_response_facts *response);

/* Tells the observer that a head was refused, in the words of the refusal. */
void ct_entry_tell_refused(cachet_cache *cache, const char *url, const cachet_name *key,
                           enum ct_refusal refusal);

#define CT_NAME_TEXT_SIZE (2 * CACHET_NAME_SIZE + 1)

#endif
