/* SPDX-License-Identifier: MIT */
#include "origin.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"

#define CONNECTIONS_MAX 256

struct origin {
    origin_handler handler;
    int listener;
    int port;
    pthread_t acceptor;
    atomic_int connection_count, request_count;

    pthread_mutex_t lock; /* guards what follows */
    int fds[CONNECTIONS_MAX];
    pthread_t threads[CONNECTIONS_MAX];
    char last_head[32768];
};

struct seat {
    struct origin *origin;
    int index;
    int fd;
};

/* Reads up to the empty line that ends a head; what follows it stays in `held`. */
static bool read_head(int fd, char *held, size_t capacity, size_t *held_size, size_t *head_size)
{
    for (;;) {
        held[*held_size] = '\0';
        const char *const end = strstr(held, "\r\n\r\n");
        if (end != NULL) {
            *head_size = (size_t) (end - held) + 4;
            return true;
        }
        if (*held_size + 1 >= capacity)
            return false;
        const ssize_t got = recv(fd, held + *held_size, capacity - 1 - *held_size, 0);
        if (got <= 0)
            return false;
        *held_size += (size_t) got;
    }
}

static size_t content_length(const char *head)
{
    const char *const at = strstr(head, "Content-Length: ");
    uint64_t size = 0;

    if (at != NULL)
        (void) ct_bytes_to_u64(ct_bytes(at + 16, strcspn(at + 16, "\r")), SIZE_MAX, &size);
    return (size_t) size;
}

/* The body, of which some bytes may stand in `held`; those are cut out of it. */
static bool read_body(struct origin_call *call, char *held, size_t *held_size)
{
    size_t done = *held_size < call->body_size ? *held_size : call->body_size;

    call->body = calloc(1, call->body_size + 1);
    memcpy(call->body, held, done);
    memmove(held, held + done, *held_size - done);
    *held_size -= done;
    while (done < call->body_size) {
        const ssize_t got = recv(call->fd, call->body + done, call->body_size - done, 0);
        if (got <= 0)
            return false;
        done += (size_t) got;
    }
    return true;
}

static bool serve_one(struct seat *seat, char *held, size_t capacity, size_t *held_size)
{
    struct origin *const origin = seat->origin;
    struct origin_call *const call = calloc(1, sizeof *call);
    size_t head_size = 0;
    bool goes_on = false;

    call->origin = origin;
    call->fd = seat->fd;
    if (read_head(seat->fd, held, capacity, held_size, &head_size)) {
        memcpy(call->head, held, head_size);
        memmove(held, held + head_size, *held_size - head_size);
        *held_size -= head_size;
        call->body_size = content_length(call->head);
        const size_t method_size = strcspn(call->head, " ");
        const char *const target = call->head + method_size + 1;
        (void) snprintf(call->method, sizeof call->method, "%.*s", (int) method_size,
                        call->head);
        (void) snprintf(call->target, sizeof call->target, "%.*s", (int) strcspn(target, " "),
                        target);
        pthread_mutex_lock(&origin->lock);
        memcpy(origin->last_head, call->head, head_size);
        origin->last_head[head_size] = '\0';
        pthread_mutex_unlock(&origin->lock);
        atomic_fetch_add(&origin->request_count, 1);
        goes_on = read_body(call, held, held_size) && origin->handler(call);
    }
    free(call->body);
    free(call);
    return goes_on;
}

static void *serve(void *context)
{
    struct seat *const seat = context;
    struct origin *const origin = seat->origin;
    static const size_t capacity = 32768;
    char *const held = calloc(1, capacity);
    size_t held_size = 0;

    while (serve_one(seat, held, capacity, &held_size))
        continue;
    pthread_mutex_lock(&origin->lock);
    (void) close(seat->fd);
    origin->fds[seat->index] = -1;
    pthread_mutex_unlock(&origin->lock);
    free(held);
    free(seat);
    return NULL;
}

static bool start_seat(struct origin *origin, int fd)
{
    const int index = atomic_load(&origin->connection_count);
    const int yes = 1;
    struct seat *const seat = malloc(sizeof *seat);

    if (index == CONNECTIONS_MAX || seat == NULL) {
        free(seat);
        (void) close(fd);
        return false;
    }
    *seat = (struct seat){origin, index, fd};
    (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    pthread_mutex_lock(&origin->lock);
    origin->fds[index] = fd;
    const bool is_started = pthread_create(&origin->threads[index], NULL, serve, seat) == 0;
    pthread_mutex_unlock(&origin->lock);
    atomic_fetch_add(&origin->connection_count, 1);
    return is_started;
}

static void *accept_all(void *context)
{
    struct origin *const origin = context;

    for (;;) {
        const int fd = accept(origin->listener, NULL, NULL);
        if (fd < 0 || !start_seat(origin, fd))
            return NULL;
    }
}

struct origin *origin_start(origin_handler handler)
{
    struct origin *const origin = calloc(1, sizeof *origin);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;

    origin->handler = handler;
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        origin->fds[i] = -1;
    pthread_mutex_init(&origin->lock, NULL);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    origin->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(origin->listener, (struct sockaddr *) &address, size) != 0 ||
        listen(origin->listener, 64) != 0 ||
        getsockname(origin->listener, (struct sockaddr *) &address, &size) != 0 ||
        pthread_create(&origin->acceptor, NULL, accept_all, origin) != 0) {
        (void) close(origin->listener);
        free(origin);
        return NULL;
    }
    origin->port = ntohs(address.sin_port);
    return origin;
}

void origin_stop(struct origin *origin)
{
    (void) shutdown(origin->listener, SHUT_RDWR);
    pthread_join(origin->acceptor, NULL);
    (void) close(origin->listener);
    pthread_mutex_lock(&origin->lock);
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        if (origin->fds[i] >= 0)
            (void) shutdown(origin->fds[i], SHUT_RDWR);
    pthread_mutex_unlock(&origin->lock);
    for (int i = 0; i < atomic_load(&origin->connection_count); i++)
        pthread_join(origin->threads[i], NULL);
    pthread_mutex_destroy(&origin->lock);
    free(origin);
}

int origin_port(const struct origin *origin)
{
    return origin->port;
}

int origin_connections(const struct origin *origin)
{
    return atomic_load(&origin->connection_count);
}

int origin_requests(const struct origin *origin)
{
    return atomic_load(&origin->request_count);
}

void origin_last_head(struct origin *origin, char *ret_head, size_t capacity)
{
    pthread_mutex_lock(&origin->lock);
    (void) snprintf(ret_head, capacity, "%s", origin->last_head);
    pthread_mutex_unlock(&origin->lock);
}

bool origin_write(struct origin_call *call, const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        const ssize_t sent = send(call->fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t) sent;
    }
    return true;
}

bool origin_say(struct origin_call *call, const char *text)
{
    return origin_write(call, text, strlen(text));
}

bool origin_answer(struct origin_call *call, const char *status, const char *fields,
                   const char *body)
{
    char head[4096];

    (void) snprintf(head, sizeof head, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status,
                    fields, strlen(body));
    return origin_say(call, head) &&
           (strcmp(call->method, "HEAD") == 0 || origin_say(call, body));
}

bool origin_has(const char *head, const char *line)
{
    const size_t size = strlen(line);

    for (const char *at = strstr(head, line); at != NULL; at = strstr(at + 1, line))
        if (at > head && at[-1] == '\n' && (at[size] == '\r' || at[size] == '\n'))
            return true;
    return false;
}
