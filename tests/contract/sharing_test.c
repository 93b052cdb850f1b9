/* SPDX-License-Identifier: MIT */
#include "contract.h"

#include <pthread.h>

static void check_again(const struct ground *ground)
{
    const cachet_body_id id = body_of(3);
    cachet_store *first = open_store(ground->spec, "one", 250);
    CLEANUP(ct_store_closep) cachet_store *other = open_store(ground->spec, "two", 250);

    CHECK(put(first, 1, 1, "in one", NULL) == CACHET_OK, "a head in one namespace");
    CHECK(get(other, 1).count == 0, "is not seen in another");
    CHECK(drop(other, 1, 1, NULL) == CACHET_E_NOT_FOUND, "nor dropped from there");
    CHECK(put(other, 1, 1, "in two", NULL) == CACHET_OK, "which has its own");
    CHECK(has(first, 1, "in one") && has(other, 1, "in two"), "they keep apart");
    struct seen seen = {0};
    CHECK(ct_store_head_each(other, see, &seen, NULL) == CACHET_OK && seen.count == 1,
          "also when all are visited");

    if (ground->kind->is_shared) {
        CLEANUP(ct_store_closep) cachet_store *twin = open_store(ground->spec, "one", 250);
        CHECK(has(twin, 1, "in one"), "a second handle sees the same");
        CHECK(put(twin, 1, 1, "changed", "in one") == CACHET_OK, "and changes it");
        CHECK(has(first, 1, "changed"), "which the first sees at once");
        CHECK(put(first, 1, 1, "late", "in one") == CACHET_E_CONFLICT, "and is not late for");
        CHECK(put_body(twin, 3, "body") == CACHET_OK && open_body(first, 3) == CACHET_OK,
              "bodies are shared too");
        CHECK(put_naming(first, 9, "named", NULL, &id, 1) == CACHET_OK, "and named");
    }
    ct_store_close(first);
    if (!ground->kind->is_persistent)
        return;
    first = open_store(ground->spec, "one", 250);
    CHECK(get(first, 1).count == 1, "what was put is there when opened again");
    CHECK(open_body(first, 3) == CACHET_OK, "with its body");
    ct_store_close(first);
}

#define KEYS 50u
#define WRITERS 4

/* A head tells by itself whether it is whole: its first byte is what all the others are. */
static cachet_bytes make_head(unsigned char *room, unsigned seed)
{
    const size_t size = 40 + (seed * 37) % 3000;

    memset(room, (int) (seed & 255), size);
    return ct_bytes(room, size);
}

struct current {
    unsigned char bytes[4096];
    cachet_bytes head;
    bool is_torn;
};

static cachet_status keep(void *context, const cachet_stored_head *head)
{
    struct current *const current = context;

    current->is_torn = head->head.data == NULL || head->head.size > sizeof current->bytes;
    for (size_t i = 1; i < head->head.size && !current->is_torn; i++)
        current->is_torn = head->head.data[i] != head->head.data[0];
    if (current->is_torn)
        return CACHET_E_TAMPERED;
    memcpy(current->bytes, head->head.data, head->head.size);
    current->head = ct_bytes(current->bytes, head->head.size);
    return CACHET_OK;
}

/* Gets, puts and drops one key; false for an answer the contract does not allow. */
static bool work_once(cachet_store *store, unsigned seed, unsigned *ret_done)
{
    const cachet_name key = name_of(seed % KEYS), variant = name_of(1);
    struct current current = {.head = {NULL, 0}};
    unsigned char room[4096];
    cachet_head_put one;

    cachet_status status = ct_store_head_get(store, &key, keep, &current, NULL);
    if (status != CACHET_OK)
        return status == CACHET_E_BUSY;
    one = put_of(seed % KEYS, 1, make_head(room, seed / 8), current.head);
    if (seed % 5 == 0)
        status = ct_store_head_drop(store, &key, &variant, current.head, NULL);
    else
        status = ct_store_head_put(store, &one, NULL);
    *ret_done += status == CACHET_OK;
    return status == CACHET_OK || status == CACHET_E_CONFLICT || status == CACHET_E_NOT_FOUND ||
           status == CACHET_E_BUSY;
}

/* 0: something was done and nothing went wrong. */
static int work(cachet_store *store, unsigned seed, int64_t ms)
{
    const int64_t begin_ms = ct_clock_monotonic_ms();
    unsigned done = 0;

    /* A thread that the scheduler forgot for so long may go on until it has done something. */
    for (int64_t now_ms = begin_ms;
         now_ms < begin_ms + ms || (done == 0 && now_ms < begin_ms + 50 * ms);
         now_ms = ct_clock_monotonic_ms()) {
        seed = seed * 1103515245u + 12345u;
        if (!work_once(store, seed >> 8, &done))
            return 1;
    }
    return done > 0 ? 0 : 2;
}

static pid_t start(const struct ground *ground, unsigned seed)
{
    (void) fflush(stdout);
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    cachet_store *store = open_store(ground->spec, "default", 2000);
    const int answer = work(store, seed, 1000);
    ct_store_close(store);
    _exit(answer);
}

static void check_processes(const struct ground *ground)
{
    pid_t writers[WRITERS];
    struct seen seen = {0};

    if (!ground->kind->is_shared || !ground->kind->is_persistent) {
        SKIP("not shared", "several processes");
        return;
    }
    for (int i = 0; i < WRITERS; i++)
        writers[i] = start(ground, (unsigned) i * 7919u + 1u);
    for (int i = 0; i < WRITERS; i++) {
        int status = -1;
        CHECK(waitpid(writers[i], &status, 0) == writers[i] && status == 0,
              "process %d of %d made, read and dropped heads (%d)", i, WRITERS, status);
    }
    CLEANUP(ct_store_closep) cachet_store *store = open_store(ground->spec, "default", 250);
    CHECK(ct_store_head_each(store, see, &seen, NULL) == CACHET_OK && seen.count <= KEYS,
          "at most one head a key is left (%zu)", seen.count);
}

static int use_inherited(void *context)
{
    cachet_store *const *const handles = context;

    if (!has(handles[0], 1001, "before") || !has(handles[1], 1001, "before"))
        return 1;
    if (put(handles[0], 1002, 1, "from the child", NULL) != CACHET_OK)
        return 2;
    if (put_body(handles[1], 2, "child") != CACHET_OK)
        return 3;
    return work(handles[1], 5, 100);
}

/* After a fork the child goes on with what it inherited, and the parent too. */
static void check_fork(const struct ground *ground)
{
    cachet_store *handles[2] = {open_store(ground->spec, "default", 2000), NULL};

    if (!ground->kind->is_shared) {
        SKIP("not shared", "a fork");
        ct_store_close(handles[0]);
        return;
    }
    handles[1] = open_store(ground->spec, "default", 2000);
    CHECK(put(handles[0], 1001, 1, "before", NULL) == CACHET_OK, "a head before the fork");
    CHECK(has(handles[1], 1001, "before"), "both handles see it");
    for (int i = 0; i < 3; i++) {
        const int answer = in_child(use_inherited, handles);
        CHECK(answer == 0, "child %d uses both handles (%d)", i, answer);
        CHECK(has(handles[0], 1002, "from the child"), "its parent sees what it put");
        CHECK(open_body(handles[1], 2) == CACHET_OK, "and its body");
        CHECK(drop(handles[1], 1002, 1, NULL) == CACHET_OK, "and drops it");
        const cachet_body_id id = body_of(2);
        CHECK(put_naming(handles[0], 77, "with", NULL, &id, 1) == CACHET_OK &&
                  drop(handles[0], 77, 1, NULL) == CACHET_OK,
              "without the body");
    }
    ct_store_close(handles[0]);
    ct_store_close(handles[1]);
}

struct thread {
    pthread_t id;
    cachet_store *store;
    unsigned seed;
    int answer;
};

static void *run_thread(void *context)
{
    struct thread *const thread = context;

    thread->answer = work(thread->store, thread->seed, 300);
    return NULL;
}

/* More threads than any store is likely to have connections. */
static void check_threads(const struct ground *ground)
{
    CLEANUP(ct_store_closep)
    cachet_store *store = open_store(ground->spec, "default", 5000);
    struct thread threads[12];

    for (unsigned i = 0; i < CT_COUNT_OF(threads); i++) {
        threads[i] = (struct thread){.store = store, .seed = i * 31 + 1};
        if (pthread_create(&threads[i].id, NULL, run_thread, &threads[i]) != 0)
            exit(2);
    }
    for (unsigned i = 0; i < CT_COUNT_OF(threads); i++) {
        (void) pthread_join(threads[i].id, NULL);
        CHECK(threads[i].answer == 0, "thread %u of %zu shares a handle (%d)", i,
              CT_COUNT_OF(threads), threads[i].answer);
    }
}

#define BUSY_MS 200

static void check_busy(const struct ground *ground)
{
    CLEANUP(ct_store_closep)
    cachet_store *store = open_store(ground->spec, "default", BUSY_MS);

    if (ground->kind->lock == NULL) {
        SKIP("cannot be locked", "a store locked by another");
        return;
    }
    CHECK(put(store, 1, 1, "before", NULL) == CACHET_OK, "a head before the lock");
    void *const locked = ground->kind->lock(ground->spec);
    const int64_t start_ms = ct_clock_monotonic_ms();
    CHECK(put(store, 2, 1, "during", NULL) == CACHET_E_BUSY, "a put while another writes");
    const double ratio = (double) (ct_clock_monotonic_ms() - start_ms) / BUSY_MS;
    CHECK(ratio > 0.5, "waits for a while (%.2f of busy_ms)", ratio);
    CHECK(ratio < 5, "and no longer than it should (%.2f of busy_ms)", ratio);
    CHECK(drop(store, 1, 1, NULL) == CACHET_E_BUSY, "a drop likewise");
    CHECK(has(store, 1, "before"), "readers do not wait");
    ground->kind->unlock(locked);
    CHECK(put(store, 2, 1, "after", NULL) == CACHET_OK, "a put after it");
    CHECK(has(store, 2, "after"), "is done");
}

int main(void)
{
    static contract_part *const parts[] = {check_again, check_processes, check_fork,
                                           check_threads, check_busy};

    return run_contract(parts, CT_COUNT_OF(parts));
}
