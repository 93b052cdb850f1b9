/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX 8192u

/* 21 fields, about as many bytes of them as a public API sends. */
static const char head_format[] =
    "HTTP/1.1 200 OK\r\n"
    "Date: %s\r\n"
    "Server: bench\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "Content-Length: %zu\r\n"
    "Cache-Control: max-age=100000\r\n"
    "ETag: \"5f2b9c1e7a0d4c83-%zu\"\r\n"
    "Last-Modified: Mon, 02 Jan 2023 03:04:05 GMT\r\n"
    "Vary: Accept-Encoding\r\n"
    "Accept-Ranges: bytes\r\n"
    "Content-Language: en\r\n"
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: ETag, Link, Location, Retry-After, X-Request-Id\r\n"
    "Link: <http://127.0.0.1/v1/collections/items?page=2>; rel=\"next\"\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox\r\n"
    "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"
    "Referrer-Policy: strict-origin-when-cross-origin\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: deny\r\n"
    "X-Request-Id: 7d1f0a52-93c4-4a6e-b0de-2c5b8f6e1a90\r\n"
    "X-RateLimit-Limit: 5000\r\n"
    "X-RateLimit-Remaining: 4987\r\n"
    "\r\n";

static cachet_status make_heads(struct bench_server *server, cachet_error *err)
{
    char date[40];
    struct timespec now;
    struct tm parts;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || gmtime_r(&now.tv_sec, &parts) == NULL ||
        strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &parts) == 0)
        return bench_err_set(err, CACHET_E_IO, "the clock tells no date");
    for (size_t i = 0; i < BENCH_SIZE_COUNT; i++) {
        const size_t body_size = bench_sizes[i].body_size;
        TRY(bench_format(server->heads[i], sizeof(server->heads[i]), err, head_format, date,
                         body_size, body_size));
        server->head_sizes[i] = strlen(server->heads[i]);
    }
    return CACHET_OK;
}

/* Reads one request whole; what is after it would be pipelined and is not expected. */
static bool receive_request(int fd, char request[REQUEST_MAX], size_t *ret_size)
{
    size_t size = 0;
    while (size < 4 || memcmp(request + size - 4, "\r\n\r\n", 4) != 0) {
        const ssize_t got = recv(fd, request + size, REQUEST_MAX - size, 0);
        if (got <= 0)
            return false;
        size += (size_t) got;
    }
    *ret_size = size;
    return true;
}

/* The item whose number ends the path of the request line. */
static const struct bench_item *item_asked_for(const char *request, size_t size)
{
    size_t number = BENCH_ITEM_COUNT;
    if (size < 5 || memcmp(request, "GET /", 5) != 0)
        return NULL;
    for (size_t i = 4; i < size && request[i] != '?' && request[i] != ' '; i++) {
        const char c = request[i];
        if (c == '/')
            number = 0;
        else if (c < '0' || c > '9' || number >= BENCH_ITEM_COUNT)
            number = BENCH_ITEM_COUNT;
        else
            number = number * 10 + (size_t) (c - '0');
    }
    return bench_item(number);
}

/* struct iovec knows no const, though sendmsg only reads. */
static struct iovec part_of(cachet_bytes bytes)
{
    const union {
        const void *given;
        void *taken;
    } pointer = {bytes.data};
    return (struct iovec){pointer.taken, bytes.size};
}

static bool send_all(int fd, cachet_bytes head, cachet_bytes body)
{
    struct iovec parts[2] = {part_of(head), part_of(body)};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    while (parts[0].iov_len + parts[1].iov_len > 0) {
        const ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        size_t rest = (size_t) sent;
        for (size_t i = 0; i < 2; i++) {
            const size_t step = rest < parts[i].iov_len ? rest : parts[i].iov_len;
            parts[i].iov_base = (char *) parts[i].iov_base + step;
            parts[i].iov_len -= step;
            rest -= step;
        }
    }
    return true;
}

static void *serve(void *argument)
{
    struct bench_connection *connection = argument;
    struct bench_server *server = connection->server;
    char request[REQUEST_MAX];
    size_t size = 0;
    while (receive_request(connection->fd, request, &size)) {
        const struct bench_item *item = item_asked_for(request, size);
        if (item == NULL)
            break;
        const cachet_bytes head = {(const unsigned char *) server->heads[item->size],
                                   server->head_sizes[item->size]};
        atomic_fetch_add(&server->request_count, 1);
        if (!send_all(connection->fd, head, item->body))
            break;
    }
    /* Closed by stop, so that no other descriptor can take its number before. */
    (void) shutdown(connection->fd, SHUT_RDWR);
    return NULL;
}

static void *accept_connections(void *argument)
{
    struct bench_server *server = argument;
    const int on = 1;
    int fd = -1;
    (void) bench_cpu_pin(server->cpu);
    while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
        struct bench_connection *next = &server->connections[server->connection_count];
        if (server->connection_count == BENCH_CONNECTIONS_MAX) {
            (void) close(fd);
            continue;
        }
        (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        *next = (struct bench_connection){.server = server, .fd = fd};
        if (pthread_create(&next->thread, NULL, serve, next) == 0)
            server->connection_count++;
        else
            (void) close(fd);
    }
    return NULL;
}

static cachet_status listen_on_loopback(struct bench_server *server, cachet_error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0 ||
        bind(server->listener, (struct sockaddr *) &address, sizeof(address)) != 0 ||
        listen(server->listener, BENCH_CONNECTIONS_MAX) != 0 ||
        getsockname(server->listener, (struct sockaddr *) &address, &size) != 0)
        return bench_err_set_errno(err, "cannot listen on", "127.0.0.1");
    server->port = ntohs(address.sin_port);
    return CACHET_OK;
}

cachet_status bench_server_start(struct bench_server *server, int cpu, cachet_error *err)
{
    server->cpu = cpu;
    TRY(make_heads(server, err));
    TRY(listen_on_loopback(server, err));
    if (pthread_create(&server->acceptor, NULL, accept_connections, server) != 0) {
        (void) close(server->listener);
        server->listener = 0;
        return bench_err_set(err, CACHET_E_IO, "cannot start the server's thread");
    }
    return CACHET_OK;
}

void bench_server_stop(struct bench_server *server)
{
    if (server->listener <= 0)
        return;
    (void) shutdown(server->listener, SHUT_RDWR);
    (void) pthread_join(server->acceptor, NULL);
    for (size_t i = 0; i < server->connection_count; i++) {
        (void) shutdown(server->connections[i].fd, SHUT_RDWR);
        (void) pthread_join(server->connections[i].thread, NULL);
        (void) close(server->connections[i].fd);
    }
    (void) close(server->listener);
    server->listener = 0;
}
