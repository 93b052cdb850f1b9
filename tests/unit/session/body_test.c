/* SPDX-License-Identifier: MIT */
/* The three ways a body is handed out; that memory stays bounded, whatever its size. */
#include <semaphore.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "session/response.h"
#include "web.h"

#define HUGE_SIZE ((size_t) 50 << 20)

static sem_t may_go_on;
static atomic_size_t huge_sent;
static sem_t huge_is_over;

/* Every byte of the huge body can be told from its place. */
static unsigned char byte_at(size_t place)
{
    return (unsigned char) (place * 31 + (place >> 16));
}

static bool send_huge(struct origin_call *call)
{
    unsigned char piece[1 << 15];
    char head[128];
    bool is_sent = true;

    (void) snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                    HUGE_SIZE);
    (void) origin_say(call, head);
    for (size_t at = 0; at < HUGE_SIZE && is_sent; at += sizeof piece) {
        for (size_t i = 0; i < sizeof piece; i++)
            piece[i] = byte_at(at + i);
        is_sent = origin_write(call, piece, sizeof piece);
        if (is_sent)
            atomic_fetch_add(&huge_sent, sizeof piece);
    }
    (void) sem_post(&huge_is_over);
    return is_sent;
}

/* The second half waits until the test has read the first. */
static bool send_in_halves(struct origin_call *call)
{
    (void) origin_say(call, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    (void) origin_say(call, "first");
    (void) sem_wait(&may_go_on);
    return origin_say(call, "SECND");
}

static bool answer(struct origin_call *call)
{
    if (strcmp(call->target, "/huge") == 0)
        return send_huge(call);
    if (strcmp(call->target, "/halves") == 0)
        return send_in_halves(call);
    if (strcmp(call->target, "/until-close") == 0) {
        (void) origin_say(call, "HTTP/1.1 200 OK\r\n\r\nuntil close");
        return false;
    }
    if (strcmp(call->target, "/chunked") == 0)
        return origin_say(call, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
    if (strcmp(call->target, "/empty") == 0)
        return origin_answer(call, "200 OK", "", "");
    return origin_answer(call, "200 OK", "", "0123456789");
}

static cachet_response *fetch_as(struct web *web, const char *target, cachet_body_mode mode,
                                 cachet_status expected)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;

    request.url = web_url(web, target);
    request.body_mode = (int) mode;
    return web_fetch(web, &request, expected, &err);
}

/* Reads to the end, `step` bytes at a time; the text of up to 255 bytes. */
static const char *read_all(cachet_response *response, size_t step, cachet_status *ret_status)
{
    static char text[256];
    size_t size = 0, got = 0;

    do {
        *ret_status = cachet_response_read(response, text + size, step, &got, NULL);
        if (*ret_status != CACHET_OK)
            break;
        size += got;
    } while (got > 0 && size + step < sizeof text);
    text[size] = '\0';
    return text;
}

static void test_pull(struct web *web)
{
    static const char *const targets[] = {"/ten", "/until-close", "/chunked", "/empty"};
    static const char *const bodies[] = {"0123456789", "until close", "abcdef", ""};
    cachet_status status = CACHET_OK;

    for (size_t i = 0; i < 4; i++) {
        cachet_response *response = fetch_as(web, targets[i], CACHET_BODY_PULL, CACHET_OK);
        CHECK(strcmp(read_all(response, 3, &status), bodies[i]) == 0 && status == CACHET_OK,
              "%s by pull", targets[i]);
        CHECK(cachet_response_size(response) == strlen(bodies[i]) &&
                  cachet_response_stored_at_ms(response) == 1000 &&
                  strcmp(cachet_response_body(response), "") == 0,
              "its size, and that it is stored now");
        size_t got = 9;
        CHECK(cachet_response_read(response, &got, 1, &got, NULL) == CACHET_OK && got == 0,
              "the end stays the end");
        cachet_response_free(response);
        response = fetch_as(web, targets[i], CACHET_BODY_PULL, CACHET_OK);
        CHECK(cachet_response_is_hit(response) &&
                  strcmp(read_all(response, 3, &status), bodies[i]) == 0 && status == CACHET_OK,
              "%s by pull, as a hit", targets[i]);
        cachet_response_free(response);
    }
    CHECK(fake_counts.begun == fake_counts.freed, "every exchange was freed");
}

static void test_pull_misuse(struct web *web)
{
    char byte;
    size_t got = 7;
    cachet_response *response = web_get(web, "/ten");

    CHECK(cachet_response_read(response, &byte, 1, &got, NULL) == CACHET_E_USAGE && got == 7,
          "a whole body is not pulled");
    cachet_response_free(response);
    response = fetch_as(web, "/ten", CACHET_BODY_PULL, CACHET_OK);
    CHECK(cachet_response_read(response, &byte, 0, &got, NULL) == CACHET_E_USAGE,
          "no room to read into");
    cachet_response_free(response);
}

static void test_pull_to_the_last_byte(struct web *web)
{
    char text[10];
    size_t got = 0, size = 0;

    fake_reset();
    cachet_response *response = fetch_as(web, "/ten", CACHET_BODY_PULL, CACHET_OK);
    while (size < sizeof text && cachet_response_read(response, text + size, sizeof text - size,
                                                      &got, NULL) == CACHET_OK)
        size += got;
    cachet_response_free(response);
    CHECK(fake_stored() == 1, "who stops at the last byte has it stored");
    fake_reset();
    response = fetch_as(web, "/ten", CACHET_BODY_PULL, CACHET_OK);
    CHECK(cachet_response_read(response, text, 3, &got, NULL) == CACHET_OK && got == 3,
          "part of a body");
    cachet_response_free(response);
    CHECK(fake_stored() == 0 && fake_counts.ended == 0, "given up: not stored");
    response = web_get(web, "/ten");
    CHECK(web_is(response, 200, "0123456789", false), "the session goes on");
    cachet_response_free(response);
}

static void test_first_bytes_come_first(struct web *web)
{
    char text[16] = "";
    size_t got = 0, size = 0;

    cachet_response *const response = fetch_as(web, "/halves", CACHET_BODY_PULL, CACHET_OK);
    while (size < 5 &&
           cachet_response_read(response, text + size, 5 - size, &got, NULL) == CACHET_OK)
        size += got;
    CHECK(strcmp(text, "first") == 0, "the first bytes arrive before the last were sent");
    (void) sem_post(&may_go_on);
    do {
        if (cachet_response_read(response, text + size, 8, &got, NULL) != CACHET_OK)
            break;
        size += got;
    } while (got > 0);
    CHECK(strcmp(text, "firstSECND") == 0, "then the rest");
    cachet_response_free(response);
}

static long resident_kib(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}

static void test_back_pressure(struct web *web)
{
    static unsigned char piece[100000];
    size_t got = 0, size = 0, wrong = 0, ahead = 0;

    fake_reset();
    cachet_response *const response = fetch_as(web, "/huge", CACHET_BODY_PULL, CACHET_OK);
    const long before = resident_kib();
    size_t peak = 0;
    do {
        const struct ct_transport *const transport = response->body.answer.transport;
        if (transport != NULL)
            peak = ct_transport_pending_peak(transport);
        if (cachet_response_read(response, piece, sizeof piece, &got, NULL) != CACHET_OK)
            break;
        for (size_t i = 0; i < got; i++)
            wrong += piece[i] != byte_at(size + i);
        size += got;
        const size_t sent = atomic_load(&huge_sent);
        ahead = sent > size && sent - size > ahead ? sent - size : ahead;
    } while (got > 0);
    CHECK(size == HUGE_SIZE && wrong == 0, "50 MiB by pull, every byte right");
    CHECK(fake_counts.body_size == HUGE_SIZE, "every byte given to the exchange");
    CHECK(peak > 0 && peak <= CT_TRANSPORT_PENDING_MAX, "never over %zu bytes pending: %zu",
          CT_TRANSPORT_PENDING_MAX, peak);
    /* The fake keeps 4 MiB and copies them; sanitizers and valgrind keep much more. */
    printf("# origin at most %zu bytes ahead, resident %ld KiB more\n", ahead,
           resident_kib() - before);
    CHECK(resident_kib() - before < 45L * 1024, "resident memory is bounded");
    cachet_response_free(response);
}

/* Who does not read is not fed: the origin cannot send all of it. */
static void test_who_does_not_read(struct web *web)
{
    fake_reset();
    atomic_store(&huge_sent, 0);
    (void) sem_wait(&huge_is_over); /* of the one before */
    cachet_response *const response = fetch_as(web, "/huge", CACHET_BODY_PULL, CACHET_OK);
    unsigned char byte;
    size_t got = 0;
    int read = 0;
    while (read < 1000 && cachet_response_read(response, &byte, 1, &got, NULL) == CACHET_OK &&
           got == 1)
        read++;
    CHECK(read == 1000 && ct_transport_pending_peak(response->body.answer.transport) <=
                              CT_TRANSPORT_PENDING_MAX,
          "bounded, with a byte at a time");
    cachet_response_free(response);
    (void) sem_wait(&huge_is_over);
    CHECK(atomic_load(&huge_sent) < HUGE_SIZE, "the origin was held back after %zu bytes",
          atomic_load(&huge_sent));
}

struct collected {
    char text[64];
    size_t size;
    size_t stop_at;
};

static cachet_status collect(void *context, const void *data, size_t size)
{
    struct collected *const collected = context;

    if (collected->size + size > collected->stop_at)
        return CACHET_E_IO;
    memcpy(collected->text + collected->size, data, size);
    collected->size += size;
    return CACHET_OK;
}

static void test_write(struct web *web)
{
    struct collected collected = {.stop_at = 63};
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;

    fake_reset();
    request.url = web_url(web, "/ten");
    request.body_mode = CACHET_BODY_WRITE;
    request.write = collect;
    request.write_context = &collected;
    for (int i = 0; i < 2; i++) {
        collected = (struct collected){.stop_at = 63};
        cachet_response *const response = web_fetch(web, &request, CACHET_OK, &err);
        CHECK(response != NULL && cachet_response_is_hit(response) == i &&
                  strcmp(collected.text, "0123456789") == 0 &&
                  cachet_response_size(response) == 10,
              "by write, %s", i == 0 ? "a miss" : "a hit");
        cachet_response_free(response);
    }
    fake_reset();
    collected = (struct collected){.stop_at = 5};
    CHECK(web_fetch(web, &request, CACHET_E_ABORTED, &err) == NULL &&
              strstr(err.message, "request.write") != NULL,
          "stopped: %s", err.message);
    CHECK(fake_stored() == 0, "nothing stored");
    collected = (struct collected){.stop_at = 5};
    request.url = web_url(web, "/huge");
    CHECK(web_fetch(web, &request, CACHET_E_ABORTED, &err) == NULL,
          "stopped amid a large body");
}

static void test_whole_limit(struct web *web)
{
    cachet_options options = CACHET_OPTIONS_INIT;

    options.max_whole_size = 9;
    CHECK(web_reopen(web, &options), "a limit of 9 bytes");
    CHECK(web_fails(web, "/ten", CACHET_E_TOO_LARGE, "cachet_response_read"),
          "10 bytes are too many");
    CHECK(web_fails(web, "/until-close", CACHET_E_TOO_LARGE, "cachet_response_read"),
          "so are more of them without a Content-Length");
    cachet_response *response = web_get(web, "/chunked");
    CHECK(web_is(response, 200, "abcdef", false), "6 are not");
    cachet_response_free(response);
    options.max_whole_size = 10;
    CHECK(web_reopen(web, &options), "a limit of 10 bytes");
    for (int i = 0; i < 2; i++) {
        response = web_get(web, "/ten");
        CHECK(web_is(response, 200, "0123456789", i == 1), "10 bytes fit");
        cachet_response_free(response);
    }
    options.max_whole_size = (uint64_t) 1 << 20;
    CHECK(web_reopen(web, &options), "a limit of 1 MiB");
    CHECK(web_fails(web, "/huge", CACHET_E_TOO_LARGE, "max_whole_size"), "50 MiB");
    CHECK(fake_counts.body_size == 0, "are refused by their Content-Length");
    options.max_whole_size = 0;
    CHECK(web_reopen(web, &options), "the usual limit");
    response = web_get(web, "/huge");
    const unsigned char *const body = cachet_response_body(response);
    size_t wrong = 0;
    for (size_t i = 0; i < HUGE_SIZE; i++)
        wrong += body[i] != byte_at(i);
    CHECK(cachet_response_size(response) == HUGE_SIZE && wrong == 0, "50 MiB whole");
    cachet_response_free(response);
}

static void test_stored_limit(struct web *web)
{
    cachet_options options = CACHET_OPTIONS_INIT;
    cachet_session *small = NULL;
    cachet_response *response = NULL;
    cachet_error err;

    options.max_whole_size = 9;
    options.flags = CACHET_UNSEALED;
    fake_reset();
    cachet_response_free(web_get(web, "/ten"));
    CHECK(cachet_open(&small, "fake", &options, &err) == CACHET_OK, "a second session");
    CHECK(cachet_get(small, web->url, &response, &err) == CACHET_E_TOO_LARGE &&
              fake_counts.reads == 0,
          "a stored body over the limit is not even read");
    cachet_close(small);
}

int main(void)
{
    struct web web;

    if (sem_init(&may_go_on, 0, 0) != 0 || sem_init(&huge_is_over, 0, 0) != 0 ||
        !web_start(&web, answer))
        return 1;
    test_pull(&web);
    test_pull_misuse(&web);
    test_pull_to_the_last_byte(&web);
    test_first_bytes_come_first(&web);
    test_back_pressure(&web);
    test_who_does_not_read(&web);
    test_write(&web);
    test_whole_limit(&web);
    test_stored_limit(&web);
    web_stop(&web);
    return tap_done();
}
