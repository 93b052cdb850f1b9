/* SPDX-License-Identifier: MIT */
/* Finding the stored response that answers a request (RFC 9111 4). */
#ifndef CT_CACHE_LOOKUP_H
#define CT_CACHE_LOOKUP_H

#include "cache/entry.h"

/* What is asked for. */
struct ct_question {
    cachet_name key;
    cachet_bytes canonical;
    struct ct_fields fields;
    const cachet_name *credential; /* NULL: the request carries none */
    const char *url;               /* for events */
};

struct ct_found {
    struct ct_entry *entry;  /* the newest that matches; NULL: none. Owned by the caller */
    bool has_others;         /* entries that did not match */
    enum ct_refusal refusal; /* a tampered head stood under the key */
};

void ct_entry_free(struct ct_entry *entry);
CT_DEFINE_FREEP(struct ct_entry, ct_entry_free)

/* E_STORE, E_BUSY and the like if the store failed. Tampered heads are told to the observer. */
cachet_status ct_lookup(cachet_cache *cache, const struct ct_binding *binding,
                        const struct ct_question *question, struct ct_found *ret_found,
                        cachet_error *err);

/* What stands in one place, usable or not. */
struct ct_occupant {
    bool is_there;
    bool is_usable; /* entry is opened */
    enum ct_refusal refusal;
    struct ct_entry entry; /* its head holds the bytes of the row, unless they were too many */
};

/* Looks at one place. `found->entry` must have been initialised, and is the caller's to fini.
 */
cachet_status ct_lookup_exact(const struct ct_binding *binding, const struct ct_where *where,
                              struct ct_occupant *found, cachet_error *err);

#endif
