/* SPDX-License-Identifier: MIT */
/*
 * The origin: serves the items on 127.0.0.1, a thread for each kept connection, no pipelining.
 * It answers "GET .../NUMBER" and "GET .../NUMBER?anything", and drops any other request.
 */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "bench.h"

#define BENCH_CONNECTIONS_MAX 16u

struct bench_server;

struct bench_connection {
    struct bench_server *server;
    int fd;
    pthread_t thread;
};

struct bench_server {
    int listener; /* 0 where it was not started */
    unsigned port;
    int cpu; /* where its threads run, or -1 */
    pthread_t acceptor;
    struct bench_connection connections[BENCH_CONNECTIONS_MAX];
    size_t connection_count; /* the acceptor's alone until it was joined */
    atomic_ullong request_count;
    char heads[BENCH_SIZE_COUNT][2048];
    size_t head_sizes[BENCH_SIZE_COUNT];
};

/* Listens. Requests must wait until there are items (bench_items_init). */
cachet_status bench_server_start(struct bench_server *server, int cpu, cachet_error *err);

/* Cuts the connections and joins the threads. */
void bench_server_stop(struct bench_server *server);

#endif
