/* SPDX-License-Identifier: MIT */
/* Plain libcurl: one easy handle with its kept connection, the body copied to one's own
 * memory. */
#ifndef BENCH_PLAIN_H
#define BENCH_PLAIN_H

#include <curl/curl.h>

#include "bench.h"

/* All zero where it was not opened. */
struct bench_plain {
    CURL *easy;
    size_t received;
    unsigned long long request_count;
    unsigned long long connection_count;
};

/* Asks the server on that port, whatever the URL says. curl_global_init was called. */
cachet_status bench_plain_open(struct bench_plain *plain, unsigned port, cachet_error *err);
void bench_plain_close(struct bench_plain *plain);

/* A bench_fetch; the context is the bench_plain. */
cachet_status bench_plain_fetch(void *context, const struct bench_item *item, bool is_compared,
                                cachet_error *err);

#endif
