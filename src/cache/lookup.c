/* SPDX-License-Identifier: MIT */
#include "cache/lookup.h"

#include "base/error.h"
#include "base/mem.h"
#include "http/name.h"

/*
 * Circumstances under which a cache that follows HTTP stores, and so serves from. What was
 * stored in the private role is judged anew by a shared reader's rules, as all is.
 */
#define ORDINARY_CIRCUMSTANCES                                                                 \
    (CT_STORED_SHARED | CT_STORED_TLS_VERIFIED | CT_STORED_HTTPS | CT_STORED_DIGEST_CHECKED)

void ct_entry_free(struct ct_entry *entry)
{
    if (entry == NULL)
        return;
    ct_entry_fini(entry);
    ct_mem_free(entry);
}

struct walk {
    cachet_cache *cache;
    const struct ct_binding *binding;
    const struct ct_question *question;
    struct ct_found found;
    struct ct_entry *spare; /* the one the next head is opened into */
    /* How many heads were refused for what: told after the walk, when the store is let go. */
    unsigned refused[CT_REFUSED_VOID + 1];
    cachet_error *err;
};

/*
 * DESIGN 9.7: what was stored for a credential serves only that credential; what was stored
 * without one may serve anyone.
 */
static bool credential_fits(const struct ct_record *record, const cachet_name *live)
{
    if (!record->has_credential)
        return true;
    return live != NULL &&
           memcmp(record->credential.bytes, live->bytes, sizeof live->bytes) == 0;
}

static bool fits(const struct ct_entry *entry, const struct ct_question *question)
{
    return entry->opened.kind == CT_HEAD_ENTRY &&
           ct_bytes_equal(entry->record.request, question->canonical) &&
           (entry->record.circumstances & ~ORDINARY_CIRCUMSTANCES) == 0 &&
           credential_fits(&entry->record, question->credential) &&
           ct_vary_matches(entry->record.vary, &question->fields);
}

/* RFC 9111 4: of several that match, the most recent one. */
static void keep_newer(struct walk *walk)
{
    struct ct_entry *const best = walk->found.entry;

    if (best != NULL && best->record.received_at_ms >= walk->spare->record.received_at_ms)
        return;
    walk->found.entry = walk->spare;
    walk->spare = best;
}

static cachet_status visit(void *context, const cachet_stored_head *head)
{
    struct walk *const walk = context;
    enum ct_refusal refusal = CT_REFUSED_NONE;

    if (walk->spare == NULL) {
        TRY(ct_new(&walk->spare, walk->err));
        ct_entry_init(walk->spare);
    }
    const cachet_status status = ct_entry_open(walk->spare, walk->binding, head,
                                               walk->question->canonical, &refusal, walk->err);
    if (refusal != CT_REFUSED_NONE) {
        walk->refused[refusal]++;
        if (status == CACHET_E_TAMPERED)
            walk->found.refusal = refusal;
        return CACHET_OK;
    }
    if (status != CACHET_OK)
        return status;
    if (fits(walk->spare, walk->question))
        keep_newer(walk);
    else
        walk->found.has_others = true;
    return CACHET_OK;
}

static void tell_refused(const struct walk *walk)
{
    for (enum ct_refusal refusal = CT_REFUSED_NONE; refusal <= CT_REFUSED_VOID; refusal++)
        for (unsigned i = 0; i < walk->refused[refusal]; i++)
            ct_entry_tell_refused(walk->cache, walk->question->url, &walk->question->key,
                                  refusal);
}

cachet_status ct_lookup(cachet_cache *cache, const struct ct_binding *binding,
                        const struct ct_question *question, struct ct_found *ret_found,
                        cachet_error *err)
{
    struct walk walk = {.cache = cache, .binding = binding, .question = question, .err = err};
    const cachet_status status =
        ct_store_head_get(binding->store, &question->key, visit, &walk, err);

    ct_entry_free(walk.spare);
    tell_refused(&walk);
    if (status != CACHET_OK) {
        ct_entry_free(walk.found.entry);
        return status;
    }
    *ret_found = walk.found;
    return CACHET_OK;
}

struct exact_walk {
    const struct ct_binding *binding;
    const struct ct_where *where;
    struct ct_occupant *found;
};

static cachet_status visit_exact(void *context, const cachet_stored_head *stored)
{
    struct exact_walk *const walk = context;
    struct ct_occupant *const found = walk->found;

    if (memcmp(stored->variant.bytes, walk->where->variant.bytes, CACHET_NAME_SIZE) != 0)
        return CACHET_OK;
    found->is_there = true;
    found->is_usable = ct_entry_open(&found->entry, walk->binding, stored, ct_bytes(NULL, 0),
                                     &found->refusal, NULL) == CACHET_OK;
    return CACHET_OK;
}

cachet_status ct_lookup_exact(const struct ct_binding *binding, const struct ct_where *where,
                              struct ct_occupant *found, cachet_error *err)
{
    struct exact_walk walk = {.binding = binding, .where = where, .found = found};

    found->is_there = false;
    found->is_usable = false;
    found->refusal = CT_REFUSED_NONE;
    return ct_store_head_get(binding->store, &where->key, visit_exact, &walk, err);
}
