/* SPDX-License-Identifier: MIT */
#include "contract.h"

#include "base/mem.h"

static bool is_name(const cachet_name *name, unsigned number)
{
    const cachet_name expected = name_of(number);
    return memcmp(name, &expected, sizeof expected) == 0;
}

static const size_t sizes[] = {0, 1, 2, 31, 32, 100, 1536, 4095, 4096, 16384, 65537, 1 << 20};

static void check_size(cachet_store *store, unsigned key, const unsigned char *bytes,
                       size_t size)
{
    const cachet_head_put one = put_of(key, 1, ct_bytes(bytes, size), ct_bytes(NULL, 0));

    CHECK(ct_store_head_put(store, &one, NULL) == CACHET_OK, "a head of %zu bytes is put",
          size);
    const struct seen seen = get(store, key);
    CHECK(seen.count == 1, "there is one head of %zu bytes", size);
    CHECK(seen.size == size && seen.has_data, "with its size of %zu and data", size);
    CHECK(memcmp(seen.head, bytes, size < 4096 ? size : 4096) == 0, "with its %zu bytes", size);
    CHECK(is_name(&seen.key, key) && is_name(&seen.variant, 1), "under its name (%zu)", size);
}

static cachet_status stop(void *context, const cachet_stored_head *head)
{
    (void) head;
    ++*(int *) context;
    return CACHET_E_ABORTED;
}

static void check_variants(cachet_store *store)
{
    const cachet_name key = name_of(900);
    int visits = 0;

    for (unsigned i = 0; i < 10; i++) {
        CHECK(put(store, 900, i, "some head", NULL) == CACHET_OK, "variant %u is put", i);
        CHECK(get(store, 900).count == i + 1, "%u variants are visited", i + 1);
    }
    CHECK(ct_store_head_get(store, &key, stop, &visits, NULL) == CACHET_E_ABORTED,
          "a visit's own answer is returned");
    CHECK(visits == 1, "and ends the walk");
    CHECK(drop(store, 900, 4, NULL) == CACHET_OK && get(store, 900).count == 9,
          "one variant is dropped, the others stay");
    for (unsigned i = 10; i < 80; i++)
        if (put(store, 900, i, "some head", NULL) != CACHET_OK)
            CHECK(false, "variant %u is put", i);
    CHECK(get(store, 900).count == CACHET_VARIANTS_MAX, "of 79 variants %u are visited",
          CACHET_VARIANTS_MAX);
    CHECK(get(store, 901).count == 0, "and none under another key");
}

static void check_heads(const struct ground *ground)
{
    CLEANUP(ct_store_closep)
    cachet_store *store = open_store(ground->spec, "default", 250);
    CLEANUP(ct_mem_freep) unsigned char *bytes = NULL;
    const size_t room = CACHET_HEAD_MAX + 1;

    if (ct_new_array(&bytes, room, NULL) != CACHET_OK)
        exit(2);
    for (size_t i = 0; i < room; i++)
        bytes[i] = (unsigned char) (i * 31 + (i >> 8));
    CHECK(get(store, 1).count == 0, "an empty store has no head, and says so without error");
    for (unsigned i = 0; i < CT_COUNT_OF(sizes); i++)
        check_size(store, 100 + i, bytes, sizes[i]);
    const cachet_head_put large = put_of(5, 1, ct_bytes(bytes, room), ct_bytes(NULL, 0));
    CHECK(ct_store_head_put(store, &large, NULL) == CACHET_E_TOO_LARGE,
          "a head over the limit is refused");
    CHECK(get(store, 5).count == 0, "and leaves nothing");
    check_variants(store);
    CHECK(ct_store_inline_size(store) <= CACHET_HEAD_MAX / 2, "inline bodies fit a head");
}

/* What `expected` may be wrong in. */
static const char *const wrong[] = {"", "o", "ol", "olD", "old ", "older", "new", "\x01ld"};

static void check_swap(const struct ground *ground)
{
    CLEANUP(ct_store_closep)
    cachet_store *store = open_store(ground->spec, "default", 250);

    CHECK(put(store, 1, 1, "old", "old") == CACHET_E_CONFLICT, "no head where one is expected");
    CHECK(put(store, 1, 1, "old", "") == CACHET_E_CONFLICT, "nor where an empty one is");
    CHECK(get(store, 1).count == 0, "puts nothing");
    CHECK(put(store, 1, 1, "old", NULL) == CACHET_OK, "a first head is put");
    CHECK(put(store, 1, 1, "new", NULL) == CACHET_E_CONFLICT, "not again as a first one");
    CHECK(has(store, 1, "old"), "and the first one stays");
    for (size_t i = 0; i < CT_COUNT_OF(wrong); i++) {
        CHECK(put(store, 1, 1, "new", wrong[i]) == CACHET_E_CONFLICT,
              "is not replaced as if it were another (%zu)", i);
        CHECK(drop(store, 1, 1, wrong[i]) == CACHET_E_CONFLICT, "nor dropped (%zu)", i);
        CHECK(has(store, 1, "old"), "and stays (%zu)", i);
    }
    CHECK(put(store, 1, 2, "other", "old") == CACHET_E_CONFLICT, "variants are told apart");
    CHECK(put(store, 1, 1, "new", "old") == CACHET_OK, "the right one is replaced");
    CHECK(has(store, 1, "new"), "by the new one");
    CHECK(put(store, 1, 1, "", "new") == CACHET_OK, "by an empty one too");
    CHECK(has(store, 1, ""), "which is there");
    CHECK(put(store, 1, 1, "third", NULL) == CACHET_E_CONFLICT, "an empty head is a head");
    CHECK(put(store, 1, 1, "third", "") == CACHET_OK, "and is replaced as one");
    CHECK(drop(store, 2, 1, NULL) == CACHET_E_NOT_FOUND, "no such key to drop");
    CHECK(drop(store, 1, 2, NULL) == CACHET_E_NOT_FOUND, "no such variant to drop");
    CHECK(drop(store, 1, 2, "third") == CACHET_E_NOT_FOUND, "nor as expected");
    CHECK(drop(store, 1, 1, "third") == CACHET_OK, "the expected one is dropped");
    CHECK(get(store, 1).count == 0, "and gone");
    CHECK(drop(store, 1, 1, NULL) == CACHET_E_NOT_FOUND, "once");
    CHECK(put(store, 1, 1, "again", NULL) == CACHET_OK, "and may be put again");
    CHECK(drop(store, 1, 1, NULL) == CACHET_OK, "whatever is there is dropped");
}

#define EACH 300u

struct round {
    cachet_store *store;
    unsigned visits[EACH];
    unsigned strange;
    cachet_status (*then)(struct round *round, unsigned number);
};

static cachet_status count_visit(void *context, const cachet_stored_head *head)
{
    struct round *const round = context;
    unsigned number = 0;

    while (number < EACH && !is_name(&head->key, number))
        number++;
    if (number == EACH || head->head.size != 5) {
        round->strange++;
        return CACHET_OK;
    }
    round->visits[number]++;
    return round->then == NULL ? CACHET_OK : round->then(round, number);
}

static cachet_status replace(struct round *round, unsigned number)
{
    return put(round->store, number, 1, "HEAD2", "head1");
}

static cachet_status drop_it(struct round *round, unsigned number)
{
    return drop(round->store, number, 1, NULL);
}

static void walk(struct round *round, const char *what)
{
    unsigned once = 0;

    memset(round->visits, 0, sizeof round->visits);
    round->strange = 0;
    CHECK(ct_store_head_each(round->store, count_visit, round, NULL) == CACHET_OK, "%s", what);
    for (unsigned i = 0; i < EACH; i++)
        once += round->visits[i] == 1;
    CHECK(once == EACH && round->strange == 0, "%s: each of %u once (%u, %u strange)", what,
          EACH, once, round->strange);
}

static void check_each(const struct ground *ground)
{
    CLEANUP(ct_store_closep)
    cachet_store *store = open_store(ground->spec, "default", 250);
    struct round round = {.store = store};
    int visits = 0;

    CHECK(ct_store_head_each(store, stop, &visits, NULL) == CACHET_OK && visits == 0,
          "nothing to visit");
    for (unsigned i = 0; i < EACH; i++)
        if (put(store, i, 1, "head1", NULL) != CACHET_OK)
            CHECK(false, "head %u is put", i);
    walk(&round, "looking");
    round.then = replace;
    walk(&round, "replacing each when it is visited");
    CHECK(has(store, 7, "HEAD2"), "they are replaced");
    CHECK(ct_store_head_each(store, stop, &visits, NULL) == CACHET_E_ABORTED && visits == 1,
          "a visit ends the walk");
    round.then = drop_it;
    walk(&round, "dropping each when it is visited");
    CHECK(ct_store_head_each(store, stop, &visits, NULL) == CACHET_OK && visits == 1,
          "they are dropped");
}

int main(void)
{
    static contract_part *const parts[] = {check_heads, check_swap, check_each};

    return run_contract(parts, CT_COUNT_OF(parts));
}
