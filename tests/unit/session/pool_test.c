/* SPDX-License-Identifier: MIT */
/* One session, many requests: connections are kept, threads share it, a child may go on. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/pool.h"
#include "web.h"

#define THREADS 8
#define ROUNDS 25

static atomic_int drops; /* requests to be answered by closing the connection */

static bool answer(struct origin_call *call)
{
    if (strcmp(call->target, "/close") == 0)
        return origin_answer(call, "200 OK", "Cache-Control: no-store\r\n", "closed") && false;
    if (strcmp(call->target, "/drop") == 0 && atomic_fetch_sub(&drops, 1) > 0)
        return false;
    if (strncmp(call->target, "/stored", 7) == 0)
        return origin_answer(call, "200 OK", "", call->target);
    return origin_answer(call, "200 OK", "Cache-Control: no-store\r\n", call->target);
}

static void test_connections_are_kept(struct web *web)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;
    char target[32], text[64];
    int right = 0;

    for (int i = 0; i < 20; i++) {
        (void) snprintf(target, sizeof target, "/%d", i);
        cachet_response *const response = web_get(web, target);
        right += web_is(response, 200, target, false);
        cachet_response_free(response);
    }
    CHECK(right == 20 && origin_connections(web->origin) == 1, "20 fetches, one connection");
    for (int i = 0; i < 20; i++) {
        size_t size = 0;
        request.url = web_url(web, "/pulled");
        request.body_mode = CACHET_BODY_PULL;
        cachet_response *const response = web_fetch(web, &request, CACHET_OK, &err);
        while (cachet_response_read(response, text, sizeof text, &size, &err) == CACHET_OK &&
               size > 0)
            continue;
        cachet_response_free(response);
    }
    CHECK(origin_connections(web->origin) == 1, "20 more by pull, still one");
    cachet_response_free(web_get(web, "/stored"));
    const int before = origin_requests(web->origin);
    for (int i = 0; i < 20; i++)
        cachet_response_free(web_get(web, "/stored"));
    CHECK(origin_requests(web->origin) == before, "hits ask nobody");
}

/* A kept connection may be gone when it is needed: then a new one is made. */
static void test_connections_that_went_away(struct web *web)
{
    for (int i = 0; i < 3; i++) {
        cachet_response *const response = web_get(web, "/close");
        CHECK(web_is(response, 200, "closed", false), "closed behind the answer");
        cachet_response_free(response);
    }
    cachet_response_free(web_get(web, "/kept"));
    atomic_store(&drops, 1);
    cachet_response *const response = web_get(web, "/drop");
    CHECK(web_is(response, 200, "/drop", false), "closed in front of the answer");
    cachet_response_free(response);
    atomic_store(&drops, 9);
    CHECK(web_fails(web, "/drop", CACHET_E_TRANSFER, "Empty reply"), "but not for ever");
    atomic_store(&drops, 0);
}

static void test_many_at_once(struct web *web)
{
    cachet_response *responses[12];
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;
    char target[12][32], text[64];
    int right = 0;

    const int before = origin_connections(web->origin);
    request.body_mode = CACHET_BODY_PULL;
    for (int i = 0; i < 12; i++) {
        (void) snprintf(target[i], sizeof target[i], "/stored/%d", i);
        request.url = web_url(web, target[i]);
        responses[i] = web_fetch(web, &request, CACHET_OK, &err);
    }
    for (int i = 11; i >= 0; i--) {
        size_t size = 0, all = 0;
        while (cachet_response_read(responses[i], text + all, sizeof text - all, &size, &err) ==
                   CACHET_OK &&
               size > 0)
            all += size;
        right += all == strlen(target[i]) && memcmp(text, target[i], all) == 0;
        cachet_response_free(responses[i]);
    }
    CHECK(right == 12, "12 responses open at once in one thread, read in another order");
    CHECK(origin_connections(web->origin) <= before + 12, "each over one connection at most");
}

struct worker {
    struct web *web;
    int number;
    int right;
};

static void *work(void *context)
{
    struct worker *const worker = context;
    char url[256], target[64];

    for (int i = 0; i < ROUNDS; i++) {
        cachet_response *response = NULL;
        cachet_error err;
        (void) snprintf(target, sizeof target, i % 2 == 0 ? "/stored/%d" : "/%d/%d", i % 5,
                        worker->number);
        (void) snprintf(url, sizeof url, "http://%s%s", worker->web->host, target);
        if (cachet_get(worker->web->session, url, &response, &err) != CACHET_OK)
            printf("# %s\n", err.message);
        else
            worker->right += cachet_response_size(response) == strlen(target) &&
                             strcmp(cachet_response_body(response), target) == 0;
        cachet_response_free(response);
    }
    return NULL;
}

static void test_threads(struct web *web)
{
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    int right = 0;
    const int before = origin_connections(web->origin);

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){web, i, 0};
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            return;
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        right += workers[i].right;
    }
    CHECK(right == THREADS * ROUNDS, "%d threads share a session", THREADS);
    CHECK(origin_connections(web->origin) <= before + THREADS, "and keep their connections");
    CHECK(fake_counts.begun == fake_counts.freed, "every exchange was freed");
}

/* In the child: what was the parent's is left alone. */
static int be_child(struct web *web, cachet_response *parents)
{
    cachet_response *const response = web_get(web, "/child");
    const bool is_right = web_is(response, 200, "/child", false);

    cachet_response_free(response);
    cachet_response_free(parents);
    cachet_close(web->session);
    return is_right ? 0 : 1;
}

static void test_fork(struct web *web)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;
    char text[64];
    size_t size = 0;
    int status = -1;

    cachet_response_free(web_get(web, "/parent"));
    request.url = web_url(web, "/open");
    request.body_mode = CACHET_BODY_PULL;
    cachet_response *open = web_fetch(web, &request, CACHET_OK, &err);
    cachet_response_free(web_get(web, "/parent"));
    const int before = origin_connections(web->origin);
    (void) fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        /* What the child leaves alone is lost by design: no leak checker should see its end. */
        if (be_child(web, open) == 0)
            (void) execl("/bin/true", "true", (char *) NULL);
        _exit(1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0,
          "a child goes on with the session");
    CHECK(origin_connections(web->origin) == before + 1, "over a connection of its own");
    CHECK(cachet_response_read(open, text, sizeof text, &size, &err) == CACHET_OK &&
              size == 5 && memcmp(text, "/open", 5) == 0,
          "the parent's open response goes on");
    cachet_response_free(open);
    cachet_response *const response = web_get(web, "/parent");
    CHECK(web_is(response, 200, "/parent", false) &&
              origin_connections(web->origin) == before + 1,
          "and so does its connection");
    cachet_response_free(response);
}

static void test_pool(void)
{
    static struct ct_pool pool;
    struct ct_transport *taken[CT_POOL_IDLE_MAX + 2], *again = NULL;

    for (size_t i = 0; i < CT_POOL_IDLE_MAX + 2; i++)
        if (ct_pool_take(&pool, &taken[i], NULL) != CACHET_OK)
            return;
    for (size_t i = 0; i < CT_POOL_IDLE_MAX + 2; i++)
        ct_pool_give(&pool, taken[i]);
    size_t kept = 0;
    for (size_t i = 0; i < CT_POOL_IDLE_MAX; i++)
        kept += atomic_load(&pool.idle[i]) != NULL;
    CHECK(kept == CT_POOL_IDLE_MAX, "%u are kept, more are freed", CT_POOL_IDLE_MAX);
    CHECK(ct_pool_take(&pool, &again, NULL) == CACHET_OK && again == taken[0],
          "the lowest slot first");
    ct_pool_give(&pool, again);
    ct_pool_fini(&pool);
}

int main(void)
{
    struct web web;

    if (!web_start(&web, answer))
        return 1;
    test_connections_are_kept(&web);
    test_connections_that_went_away(&web);
    test_many_at_once(&web);
    test_threads(&web);
    test_fork(&web);
    test_pool();
    web_stop(&web);
    return tap_done();
}
