/* SPDX-License-Identifier: MIT */
/* Origins that lie, stall, flood or are not there: a named error, and nothing stored. */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web.h"

static bool send_endless_heads(struct origin_call *call, const char *first, const char *line)
{
    (void) origin_say(call, first);
    while (origin_say(call, line))
        continue;
    return false;
}

static bool hang(struct origin_call *call)
{
    char byte;

    while (recv(call->fd, &byte, 1, 0) > 0)
        continue;
    return false;
}

/* Said as it stands; then the connection is closed. */
static const struct last_words {
    const char *target;
    const char *text;
} last_words[] = {
    {"/short", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"},
    {"/short-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort"},
    {"/bad-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"},
    {"/garbage", "\x01\x02\x03 this is no HTTP at all\r\n\r\n"},
    {"/http09", "<html>very old</html>"},
    {"/nothing", ""},
    {"/no-colon", "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"},
    {"/bad-name", "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n"},
    {"/only-interim", "HTTP/1.1 103 Early\r\nX: y\r\n\r\n"},
    {"/switch", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nfree speech"},
};

/* Said once, then the line for ever. */
static const struct flood {
    const char *target;
    const char *first;
    const char *line;
} floods[] = {
    {"/endless-fields", "HTTP/1.1 200 OK\r\n", "X-More: and more and more\r\n"},
    {"/many-fields", "HTTP/1.1 200 OK\r\n", "a:\r\n"},
    {"/endless-interim", "", "HTTP/1.1 103 Early\r\nX: y\r\n\r\n"},
    {"/endless-line", "HTTP/1.1 200 OK\r\nX: ", "longer and longer "},
};

static bool answer(struct origin_call *call)
{
    static const char nul[] = "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n";

    for (size_t i = 0; i < sizeof last_words / sizeof last_words[0]; i++)
        if (strcmp(call->target, last_words[i].target) == 0)
            return origin_say(call, last_words[i].text) && false;
    for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++)
        if (strcmp(call->target, floods[i].target) == 0)
            return send_endless_heads(call, floods[i].first, floods[i].line);
    if (strcmp(call->target, "/nul") == 0)
        return origin_write(call, nul, sizeof nul - 1) && false;
    if (strcmp(call->target, "/hang") == 0)
        return hang(call);
    if (strcmp(call->target, "/hang-in-body") == 0)
        return origin_say(call, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf") &&
               hang(call);
    return origin_answer(call, "200 OK", "", "fine");
}

static void test_bad_answers(struct web *web)
{
    static const struct {
        const char *target;
        cachet_status status;
        const char *words;
    } rows[] = {
        {"/endless-fields", CACHET_E_TOO_LARGE, "127.0.0.1:"},
        {"/many-fields", CACHET_E_TOO_LARGE, "127.0.0.1:"},
        {"/endless-interim", CACHET_E_TOO_LARGE, "127.0.0.1:"},
        {"/endless-line", CACHET_E_TOO_LARGE, "127.0.0.1:"},
        {"/short", CACHET_E_TRANSFER, "ended early"},
        {"/short-chunk", CACHET_E_TRANSFER, "ended early"},
        {"/bad-chunk", CACHET_E_TRANSFER, "127.0.0.1:"},
        {"/garbage", CACHET_E_PROTOCOL, "HTTP/0.9"},
        {"/http09", CACHET_E_PROTOCOL, "HTTP/0.9"},
        {"/nothing", CACHET_E_TRANSFER, "Empty reply"},
        {"/nul", CACHET_E_PROTOCOL, "127.0.0.1:"},
        {"/no-colon", CACHET_E_PROTOCOL, "127.0.0.1:"},
        {"/bad-name", CACHET_E_PROTOCOL, "'bad name: x'"},
        {"/only-interim", CACHET_E_TRANSFER, "Empty reply"},
        {"/switch", CACHET_E_PROTOCOL, "127.0.0.1:"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK(web_fails(web, rows[i].target, rows[i].status, rows[i].words), "%s",
              rows[i].target);
        CHECK(fake_stored() == 0, "nothing stored");
        cachet_response *const response = web_get(web, "/fine");
        CHECK(web_is(response, 200, "fine", false), "the session goes on");
        cachet_response_free(response);
        fake_reset();
    }
}

static void test_short_body_by_pull(struct web *web)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err = {CACHET_OK, ""};
    char text[16];
    size_t size = 0, got = 0;
    cachet_status status = CACHET_OK;

    request.url = web_url(web, "/short");
    request.body_mode = CACHET_BODY_PULL;
    cachet_response *const response = web_fetch(web, &request, CACHET_OK, &err);
    while (status == CACHET_OK && size < 5) {
        status = cachet_response_read(response, text + size, 5 - size, &got, &err);
        size += got;
    }
    CHECK(size == 5 && memcmp(text, "short", 5) == 0, "what came is handed out");
    status = cachet_response_read(response, text, 5, &got, &err);
    CHECK(status == CACHET_E_TRANSFER && strstr(err.message, "ended early") != NULL,
          "then it fails: %s", err.message);
    CHECK(cachet_response_read(response, text, 5, &got, &err) == CACHET_E_TRANSFER,
          "and goes on failing");
    cachet_response_free(response);
    CHECK(fake_stored() == 0, "nothing stored");
}

/* A port on which nobody listens, as long as the socket lives. */
static int refused_port(int *ret_fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;

    *ret_fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(*ret_fd, (struct sockaddr *) &address, size) != 0 ||
        getsockname(*ret_fd, (struct sockaddr *) &address, &size) != 0)
        return -1;
    return ntohs(address.sin_port);
}

static void test_nobody_there(struct web *web)
{
    static const char long_label[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    char url[128], place[128];
    cachet_response *response = NULL;
    cachet_error err = {CACHET_OK, ""};
    int fd = -1;
    const int port = refused_port(&fd);

    (void) snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    (void) snprintf(place, sizeof place, "cannot reach '127.0.0.1:%d': ", port);
    CHECK(cachet_get(web->session, url, &response, &err) == CACHET_E_TRANSFER &&
              strncmp(err.message, place, strlen(place)) == 0,
          "refused: %s", err.message);
    (void) close(fd);
    /* A label of over 63 bytes: no name server needs to be asked. */
    (void) snprintf(url, sizeof url, "http://%s/", long_label);
    (void) snprintf(place, sizeof place, "cannot reach '%s:80': ", long_label);
    CHECK(cachet_get(web->session, url, &response, &err) == CACHET_E_TRANSFER &&
              strncmp(err.message, place, strlen(place)) == 0,
          "no such host: %s", err.message);
    CHECK(cachet_get(web->session, "https://[::1]:1/", &response, NULL) == CACHET_E_TRANSFER,
          "without an error to fill");
    CHECK(response == NULL && fake_counts.begun == fake_counts.freed,
          "every exchange was freed");
}

static void test_limits_of_time(struct web *web)
{
    cachet_options options = CACHET_OPTIONS_INIT;

    options.stall_timeout_ms = 200;
    CHECK(web_reopen(web, &options), "a stall of 200 ms");
    CHECK(web_fails(web, "/hang", CACHET_E_TRANSFER, "nothing arrived for 200 ms"),
          "no answer at all");
    CHECK(web_fails(web, "/hang-in-body", CACHET_E_TRANSFER, "nothing arrived for 200 ms"),
          "a body that stops");
    options.stall_timeout_ms = 0;
    options.total_timeout_ms = 200;
    CHECK(web_reopen(web, &options), "200 ms in all");
    CHECK(web_fails(web, "/hang", CACHET_E_TRANSFER, "127.0.0.1:"), "pass");
    CHECK(fake_stored() == 0, "nothing stored");
}

int main(void)
{
    struct web web;

    if (!web_start(&web, answer))
        return 1;
    test_bad_answers(&web);
    test_short_body_by_pull(&web);
    test_nobody_there(&web);
    test_limits_of_time(&web);
    web_stop(&web);
    return tap_done();
}
