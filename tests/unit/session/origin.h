/* SPDX-License-Identifier: MIT */
/* A loopback HTTP server inside the test: a thread for each connection, one handler for all. */
#ifndef CT_TESTS_ORIGIN_H
#define CT_TESTS_ORIGIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct origin;

struct origin_call {
    struct origin *origin;
    int fd;
    char method[16];
    char target[1024];
    char head[32768]; /* the whole request head */
    char *body;       /* NUL-terminated; owned by the server */
    size_t body_size;
};

/* Answers one request; true to read the next one from the same connection. */
typedef bool (*origin_handler)(struct origin_call *call);

/* Listens on a free port of 127.0.0.1. NULL on failure. */
struct origin *origin_start(origin_handler handler);

/* Cuts every connection and waits for their threads. */
void origin_stop(struct origin *origin);

int origin_port(const struct origin *origin);
int origin_connections(const struct origin *origin);
int origin_requests(const struct origin *origin);

/* Copies the head of the last request. */
void origin_last_head(struct origin *origin, char *ret_head, size_t capacity);

/* Write everything; false once the peer is gone. */
bool origin_write(struct origin_call *call, const void *data, size_t size);
bool origin_say(struct origin_call *call, const char *text);

/* A status line, `fields` (each line with its CRLF), Content-Length and the body. */
bool origin_answer(struct origin_call *call, const char *status, const char *fields,
                   const char *body);

/* Tells whether the request's head has this line, up to its CRLF. */
bool origin_has(const char *head, const char *line);

#endif
