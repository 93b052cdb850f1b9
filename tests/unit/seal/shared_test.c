/* SPDX-License-Identifier: MIT */
/* One sealer in the hands of many threads and of children. */
#include <pthread.h>
#include <stdatomic.h>

#include "seal_test.h"

#define THREADS 8u
#define ROUNDS 150u

static struct ct_sealer *sealer;
static atomic_uint wrong;

static bool seals_chunk(unsigned char byte)
{
    const struct ct_opened opened = {.kind = CT_HEAD_ENTRY, .suite = 1};
    CLEANUP(ct_body_key_freep) struct ct_body_key *writer = NULL, *reader = NULL;
    unsigned char chunk[1016];
    cachet_body_id id;
    cachet_bytes bytes;
    size_t stored = 0;

    memset(chunk, byte, sizeof chunk);
    if (ct_body_key_new(sealer, &id, &writer, NULL) != CACHET_OK ||
        ct_body_key_of(sealer, &opened, &id, &reader, NULL) != CACHET_OK ||
        ct_chunk_seal(writer, ct_chunk_at(0, true), chunk, 1000, &stored, NULL) != CACHET_OK ||
        ct_chunk_open(reader, ct_chunk_at(0, true), chunk, stored, &bytes, NULL) != CACHET_OK)
        return false;
    chunk[500] ^= 1;
    return ct_chunk_open(reader, ct_chunk_at(0, true), chunk, stored, &bytes, NULL) ==
           CACHET_E_TAMPERED;
}

static bool seals_head(unsigned char byte, cachet_name *ret_name)
{
    CLEANUP(ct_buf_fini) struct ct_buf head = ct_buf_with_ceiling(4096);
    const struct ct_where where = where_of(byte, 2), other = where_of(byte, 3);
    struct ct_opened opened;
    enum ct_refusal refusal;

    return ct_name_request(sealer, ct_bytes(&byte, 1), ret_name, NULL) == CACHET_OK &&
           ct_head_seal(sealer, &where, CT_HEAD_ENTRY, ct_bytes(&byte, 1), &head, NULL) ==
               CACHET_OK &&
           ct_head_open(sealer, &where, ct_buf_view(&head), &opened, &refusal, NULL) ==
               CACHET_OK &&
           ct_head_open(sealer, &other, ct_buf_view(&head), &opened, &refusal, NULL) ==
               CACHET_E_TAMPERED;
}

static void *work(void *number)
{
    const unsigned char byte = *(const unsigned char *) number;
    cachet_name first, name;

    for (unsigned i = 0; i < ROUNDS; i++) {
        if (!seals_head(byte, &name) || !seals_chunk(byte))
            atomic_fetch_add(&wrong, 1);
        if (i > 0 && memcmp(&first, &name, sizeof name) != 0)
            atomic_fetch_add(&wrong, 1);
        first = name;
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[THREADS];
    unsigned char numbers[THREADS];
    unsigned started = 0;

    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = (unsigned char) i;
        started += pthread_create(&threads[i], NULL, work, &numbers[i]) == 0;
    }
    for (unsigned i = 0; i < started; i++)
        (void) pthread_join(threads[i], NULL);
    CHECK(started == THREADS && atomic_load(&wrong) == 0,
          "%u threads name, seal and open with one sealer", THREADS);
}

static int seals_as_before(void *name)
{
    cachet_name in_child;
    return seals_head(9, &in_child) && seals_chunk(9) &&
           memcmp(name, &in_child, sizeof in_child) == 0;
}

/* Children of a process whose other threads hold contexts at that moment. */
static void test_forks(void)
{
    unsigned char number = 9;
    cachet_name name;
    pthread_t thread;
    unsigned good = 0;

    CHECK(seals_head(9, &name), "before");
    const bool is_started = pthread_create(&thread, NULL, work, &number) == 0;
    for (unsigned i = 0; i < 5; i++)
        good += answer_of_child(seals_as_before, &name) == 1;
    CHECK(is_started && good == 5, "children use the sealer they were born with");
    if (is_started)
        (void) pthread_join(thread, NULL);
    CHECK(seals_as_before(&name), "and after");
}

static void test_keyring_goes_first(void)
{
    cachet_error err;
    cachet_keyring *const keyring = keyring_of(KEYRING_EPOCH("0", KEY_00));
    cachet_keyring *const kept = ct_keyring_ref(keyring);
    struct ct_sealer *later = NULL;

    cachet_keyring_free(keyring);
    must(ct_sealer_new(&later, kept, cache_id_40, CT_BYTES("default"), &err), &err);
    cachet_keyring_free(kept);
    CLEANUP(ct_buf_fini)
    struct ct_buf head = head_of(later, where_of(1, 2), CT_HEAD_ENTRY, "payload");
    CHECK(refusal_of(sealer, where_of(1, 2), ct_buf_view(&head)) == CT_REFUSED_NONE,
          "a keyring may be freed before what uses it");
    ct_sealer_free(later);
    cachet_keyring_free(NULL);
    ct_sealer_free(NULL);
    ct_body_key_free(NULL);
}

int main(void)
{
    sealer = sealer_of(KEYRING_EPOCH("0", KEY_00));
    test_threads();
    test_forks();
    test_keyring_goes_first();
    ct_sealer_free(sealer);
    return tap_done();
}
