/* SPDX-License-Identifier: MIT */
/*
 * An HTTP client with cachet's cache, driven from outside: requests on stdin, answers on stdout
 * in any order (the lines are in line.h). It knows nothing of the tests that drive it.
 *
 *     usage: bridge [--shared] DIRECTORY
 *
 * DIRECTORY must exist; keyring and cache are made in it. Up to WORKER_COUNT requests are in
 * flight on one session. The end of stdin ends it, after the last answer.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cachet/cachet.h>

#include "line.h"

#define WORKER_COUNT 32
#define SPEC_SIZE_MAX 4096
/* An origin that does not answer must not keep the bridge from ending. */
#define STALL_TIMEOUT_MS 9000
#define TOTAL_TIMEOUT_MS 15000

/* Whoever holds the lock waits for the next line; the others are busy with theirs. */
static pthread_mutex_t stdin_lock = PTHREAD_MUTEX_INITIALIZER;

struct worker {
    pthread_t thread;
    cachet_session *session;
    char line[LINE_SIZE_MAX];
    struct line_request request;
};

/* Also from a worker: the driver and the bridge no longer understand each other. */
static _Noreturn void give_up(const char *what, const char *why)
{
    (void) fprintf(stderr, "bridge: %s: %s\n", what, why);
    _exit(2);
}

static bool next_line(struct worker *worker)
{
    (void) pthread_mutex_lock(&stdin_lock);
    const bool is_there = fgets(worker->line, (int) sizeof worker->line, stdin) != NULL;
    (void) pthread_mutex_unlock(&stdin_lock);
    return is_there;
}

static void write_answer(uint64_t id, const cachet_response *response)
{
    struct line_answer answer = {.id = id, .status = cachet_response_status(response)};

    answer.fields = cachet_response_fields(response, &answer.field_count);
    answer.body.data = cachet_response_body(response);
    answer.body.size = (size_t) cachet_response_size(response);
    flockfile(stdout);
    line_write_answer(stdout, &answer);
    (void) fflush(stdout);
    funlockfile(stdout);
}

static void write_error(uint64_t id, const char *message)
{
    flockfile(stdout);
    line_write_error(stdout, id, message);
    (void) fflush(stdout);
    funlockfile(stdout);
}

static void answer_line(struct worker *worker)
{
    const struct line_request *const asked = &worker->request;
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_response *response = NULL;
    cachet_error err;

    if (!line_read(worker->line, &worker->request))
        give_up("stdin", "a line that is no request");
    request.method = asked->method;
    request.url = asked->url;
    request.fields = asked->fields;
    request.field_count = asked->field_count;
    request.body = asked->body.data;
    request.body_size = asked->body.size;
    request.flags = CACHET_NO_FOLLOW;
    if (cachet_fetch(worker->session, &request, &response, &err) == CACHET_OK)
        write_answer(asked->id, response);
    else
        write_error(asked->id, err.message);
    cachet_response_free(response);
}

static void *work(void *context)
{
    struct worker *const worker = context;

    while (next_line(worker))
        answer_line(worker);
    return NULL;
}

static cachet_keyring *make_keyring(const char *directory)
{
    cachet_keyring *keyring = NULL;
    char spec[SPEC_SIZE_MAX];
    cachet_error err;

    (void) snprintf(spec, sizeof spec, "file:%s/keyring", directory);
    if (cachet_keyring_create(spec, &err) != CACHET_OK ||
        cachet_keyring_open(&keyring, spec, &err) != CACHET_OK)
        give_up("keyring", err.message);
    return keyring;
}

static cachet_session *open_session(const char *directory, bool is_shared)
{
    cachet_options options = CACHET_OPTIONS_INIT;
    cachet_session *session = NULL;
    char spec[SPEC_SIZE_MAX];
    cachet_error err;

    options.keyring = make_keyring(directory);
    options.stall_timeout_ms = STALL_TIMEOUT_MS;
    options.total_timeout_ms = TOTAL_TIMEOUT_MS;
    if (is_shared)
        options.flags |= CACHET_SHARED;
    (void) snprintf(spec, sizeof spec, "%s/cache", directory);
    if (cachet_open(&session, spec, &options, &err) != CACHET_OK)
        give_up("cache", err.message);
    cachet_keyring_free(options.keyring);
    return session;
}

static void run(cachet_session *session)
{
    static struct worker workers[WORKER_COUNT];

    for (size_t i = 0; i < WORKER_COUNT; i++) {
        workers[i].session = session;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            give_up("threads", "the system refused one");
    }
    for (size_t i = 0; i < WORKER_COUNT; i++)
        (void) pthread_join(workers[i].thread, NULL);
}

int main(int argc, char **argv)
{
    const bool is_shared = argc == 3 && strcmp(argv[1], "--shared") == 0;

    if (argc != (is_shared ? 3 : 2) || argv[argc - 1][0] == '-' ||
        strlen(argv[argc - 1]) > SPEC_SIZE_MAX - 16) {
        (void) fputs("usage: bridge [--shared] DIRECTORY\n", stderr);
        return 2;
    }
    cachet_session *const session = open_session(argv[argc - 1], is_shared);
    run(session);
    cachet_close(session);
    return 0;
}
