/* SPDX-License-Identifier: MIT */
/* The verdicts, and what goes over the wire for each. */
#include <stdlib.h>

#include "web.h"

static bool answer(struct origin_call *call)
{
    if (strcmp(call->target, "/plain") == 0)
        return origin_answer(call, "200 OK",
                             "X-Two: first\r\nx-two:  second \r\nX-Empty:\r\n"
                             "X-Folded: one\r\n \t two\r\n",
                             "hello");
    if (strcmp(call->target, "/etag") == 0 && strstr(call->head, "If-None-Match") != NULL)
        return origin_say(call, "HTTP/1.1 304 Not Modified\r\nETag: \"stored\"\r\n\r\n");
    if (strcmp(call->target, "/etag") == 0)
        return origin_answer(call, "200 OK", "ETag: \"stored\"\r\n", "tagged");
    if (strcmp(call->target, "/always-304") == 0)
        return origin_say(call, "HTTP/1.1 304 Not Modified\r\n\r\n");
    if (strcmp(call->target, "/no-store") == 0)
        return origin_answer(call, "200 OK", "Cache-Control: no-store\r\n", "secret");
    if (strcmp(call->target, "/missing") == 0)
        return origin_answer(call, "404 Not Found", "", "nothing here");
    if (strcmp(call->target, "/interim") == 0)
        return origin_say(call, "HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n") &&
               origin_answer(call, "200 OK", "X-Final: 1\r\n", "final");
    if (strcmp(call->target, "/trailers") == 0)
        return origin_say(call, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                                "Trailer: X-Late\r\n\r\n5\r\nchunk\r\n0\r\nX-Late: 1\r\n\r\n");
    if (strcmp(call->target, "/empty") == 0)
        return origin_say(call, "HTTP/1.1 204 No Content\r\n\r\n");
    if (strcmp(call->target, "/echo") == 0)
        return origin_answer(call, "200 OK", "", call->body);
    return origin_answer(call, "404 Not Found", "", "?");
}

static void test_miss_and_hit(struct web *web)
{
    cachet_response *response = web_get(web, "/plain");
    CHECK(web_is(response, 200, "hello", false), "a miss");
    CHECK(strcmp(cachet_response_field(response, "X-TWO", 0), "first") == 0 &&
              strcmp(cachet_response_field(response, "x-two", 1), "second") == 0 &&
              cachet_response_field(response, "x-two", 2) == NULL,
          "fields of one name in order, in any case, trimmed");
    CHECK(strcmp(cachet_response_field(response, "X-Empty", 0), "") == 0, "an empty value");
    CHECK(strcmp(cachet_response_field(response, "X-Folded", 0), "one two") == 0,
          "a folded line is one value");
    CHECK(strcmp(cachet_response_field(response, "Cache-Status", 0), "fake; fwd=miss") == 0,
          "Cache-Status of a miss");
    CHECK(cachet_response_stored_at_ms(response) == 1000 &&
              cachet_response_expires_at_ms(response) == 2000,
          "what was just stored says when");
    CHECK(strcmp(cachet_response_url(response), web->url) == 0, "its URL");
    CHECK(strlen(cachet_response_key(response)) == 64, "its key");
    cachet_response_free(response);

    response = web_get(web, "/plain");
    CHECK(web_is(response, 200, "hello", true), "a hit");
    CHECK(strcmp(cachet_response_field(response, "cache-status", 0), "fake; hit") == 0,
          "Cache-Status of a hit");
    CHECK(strcmp(cachet_response_field(response, "x-two", 1), "second") == 0,
          "a hit has the same fields");
    CHECK(origin_requests(web->origin) == 1, "one request for both");
    CHECK(fake_counts.read_capacity >= 1 && fake_counts.body_size == 5,
          "the exchange saw every byte once");
    cachet_response_free(response);
    CHECK(fake_counts.begun == fake_counts.freed, "every exchange was freed");
}

static void test_large_hit_is_read_in_one_pass(struct web *web)
{
    cachet_response_free(web_get(web, "/plain"));
    fake_counts.reads = 0;
    cachet_response *const response = web_get(web, "/plain");
    CHECK(fake_counts.reads <= 2, "a whole hit takes one read, and one for the end");
    cachet_response_free(response);
    fake_knobs.read_size_max = 2;
    cachet_response *const slow = web_get(web, "/plain");
    CHECK(web_is(slow, 200, "hello", true), "a store that gives little at a time");
    cachet_response_free(slow);
    fake_knobs.read_size_max = 0;
}

static void test_revalidation(struct web *web)
{
    char head[32768];

    cachet_response_free(web_get(web, "/etag"));
    fake_knobs.is_stale = true;
    cachet_response *response = web_get(web, "/etag");
    CHECK(web_is(response, 200, "tagged", true), "a 304 serves what is stored");
    origin_last_head(web->origin, head, sizeof head);
    CHECK(origin_has(head, "If-None-Match: \"stored\""), "the condition was sent");
    cachet_response_free(response);

    fake_knobs.confirms_nothing = true;
    const int before = origin_requests(web->origin);
    response = web_get(web, "/etag");
    CHECK(web_is(response, 200, "tagged", false), "a 304 that confirms nothing: asked again");
    origin_last_head(web->origin, head, sizeof head);
    CHECK(origin_requests(web->origin) == before + 2 && strstr(head, "If-None-Match") == NULL,
          "the second time without the condition");
    cachet_response_free(response);
    fake_knobs.confirms_nothing = false;
    fake_knobs.is_stale = false;
    CHECK(web_fails(web, "/always-304", CACHET_E_PROTOCOL, "304"),
          "an origin that only says 304");
}

static void test_condition_replaces_the_requests_own(struct web *web)
{
    cachet_field field = cachet_field_of("if-none-match", "\"mine\"");
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;
    char head[32768];

    cachet_response_free(web_get(web, "/etag"));
    fake_knobs.is_stale = true;
    request.url = web_url(web, "/etag");
    request.fields = &field;
    request.field_count = 1;
    cachet_response_free(web_fetch(web, &request, CACHET_OK, &err));
    origin_last_head(web->origin, head, sizeof head);
    CHECK(strstr(head, "\"mine\"") == NULL && origin_has(head, "If-None-Match: \"stored\""),
          "an added field replaces the request's own");
    fake_knobs.is_stale = false;
}

static void test_answers_that_are_not_stored(struct web *web)
{
    fake_reset();
    cachet_response *response = web_get(web, "/no-store");
    CHECK(web_is(response, 200, "secret", false) &&
              cachet_response_stored_at_ms(response) == -1,
          "no-store is passed on");
    cachet_response_free(response);
    CHECK(fake_stored() == 0, "and not stored");
    response = web_get(web, "/missing");
    CHECK(web_is(response, 404, "nothing here", false), "an error status is a response");
    cachet_response_free(response);
    response = web_get(web, "/empty");
    CHECK(web_is(response, 204, "", false), "an answer without a body");
    cachet_response_free(response);
}

static void test_heads(struct web *web)
{
    cachet_response *response = web_get(web, "/interim");
    CHECK(web_is(response, 200, "final", false) &&
              cachet_response_field(response, "X-Hint", 0) == NULL &&
              cachet_response_field(response, "X-Final", 0) != NULL,
          "an interim head is dropped");
    cachet_response_free(response);
    response = web_get(web, "/trailers");
    CHECK(web_is(response, 200, "chunk", false) &&
              cachet_response_field(response, "X-Late", 0) == NULL,
          "trailers are ignored");
    cachet_response_free(response);
}

static void test_fields_sent(struct web *web)
{
    cachet_field fields[40];
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;
    char head[32768];

    fake_reset();
    cachet_response_free(web_get(web, "/plain"));
    origin_last_head(web->origin, head, sizeof head);
    CHECK(origin_has(head, "User-Agent: cachet/" CACHET_VERSION) &&
              origin_has(head, "Accept: */*") && strstr(head, "Accept-Encoding") == NULL,
          "the default fields");
    CHECK(strcmp(fake_last_fields(), "User-Agent: cachet/" CACHET_VERSION "\nAccept: */*\n") ==
              0,
          "the exchange sees what is sent");

    fields[0] = cachet_field_of("accept", "text/plain");
    fields[1] = cachet_field_of("X-Nothing", "");
    for (size_t i = 2; i < 40; i++)
        fields[i] = cachet_field_of("X-Many", "yes");
    request.url = web_url(web, "/echo");
    request.fields = fields;
    request.field_count = 40;
    cachet_response_free(web_fetch(web, &request, CACHET_OK, &err));
    origin_last_head(web->origin, head, sizeof head);
    CHECK(origin_has(head, "accept: text/plain") && strstr(head, "*/*") == NULL,
          "the request's own field wins");
    CHECK(origin_has(head, "X-Nothing:"), "an empty value is sent");
    size_t many = 0;
    for (const char *at = strstr(head, "X-Many: yes"); at != NULL;
         at = strstr(at + 1, "X-Many: yes"))
        many++;
    CHECK(many == 38, "every line of a name is sent");
}

static void test_methods(struct web *web)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;
    char head[32768];

    request.url = web_url(web, "/echo");
    request.method = "POST";
    request.body = "posted\0x";
    request.body_size = 6;
    cachet_response *response = web_fetch(web, &request, CACHET_OK, &err);
    CHECK(web_is(response, 200, "posted", false), "POST with a body");
    cachet_response_free(response);
    origin_last_head(web->origin, head, sizeof head);
    CHECK(strncmp(head, "POST /echo ", 11) == 0 && strstr(head, "Content-Type") == NULL &&
              strstr(head, "Expect") == NULL,
          "no Content-Type and no Expect of libcurl's own");
    request.method = "PUT";
    request.body_size = 0;
    response = web_fetch(web, &request, CACHET_OK, &err);
    CHECK(web_is(response, 200, "", false), "PUT without a body");
    cachet_response_free(response);
    origin_last_head(web->origin, head, sizeof head);
    CHECK(strncmp(head, "PUT /echo ", 10) == 0 && origin_has(head, "Content-Length: 0"),
          "PUT says that its body is empty");
    request.method = "DELETE";
    cachet_response_free(web_fetch(web, &request, CACHET_OK, &err));
    origin_last_head(web->origin, head, sizeof head);
    CHECK(strncmp(head, "DELETE /echo ", 13) == 0, "DELETE");
    request.method = "HEAD";
    request.url = web_url(web, "/plain");
    response = web_fetch(web, &request, CACHET_OK, &err);
    CHECK(web_is(response, 200, "", false) &&
              strcmp(cachet_response_field(response, "Content-Length", 0), "5") == 0,
          "HEAD");
    cachet_response_free(response);
}

static cachet_status try_field(struct web *web, const char *name, cachet_bytes value,
                               cachet_error *err)
{
    const cachet_field field = {cachet_bytes_of(name), value};
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_response *response = NULL;

    request.url = web_url(web, "/plain");
    request.fields = &field;
    request.field_count = 1;
    const cachet_status status = cachet_fetch(web->session, &request, &response, err);
    cachet_response_free(response);
    return status;
}

static void test_wrong_usage(struct web *web)
{
    static const struct {
        const char *name;
        const char *value;
        size_t size;
    } fields[] = {{"X-Bad", "a\r\nb", 4}, {"X-Bad", "a\nb", 3},
                  {"X-Bad", "a\0b", 3},   {"X Bad", "a", 1},
                  {"", "a", 1},           {"X:Bad", "a", 1},
                  {"X-Bad\r\n", "a", 1},  {"Content-Length", "3", 1}};
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_response *response = NULL;
    cachet_error err;
    const int before = origin_requests(web->origin);

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const cachet_bytes value = {(const unsigned char *) fields[i].value, fields[i].size};
        const cachet_status status = try_field(web, fields[i].name, value, &err);
        CHECK(status == CACHET_E_USAGE, "refused: %zu: %s", i, err.message);
    }
    CHECK(try_field(web, "X-Bad", (cachet_bytes){(const unsigned char *) "\n", 1}, &err) ==
                  CACHET_E_USAGE &&
              strstr(err.message, "'X-Bad'") != NULL,
          "the message names the field");
    CHECK(cachet_fetch(web->session, &request, &response, &err) == CACHET_E_USAGE, "no URL");
    request.url = "ftp://example.com/";
    CHECK(cachet_fetch(web->session, &request, &response, &err) == CACHET_E_USAGE,
          "another scheme");
    request.url = web_url(web, "/plain");
    request.method = "GE T";
    CHECK(cachet_fetch(web->session, &request, &response, &err) == CACHET_E_USAGE, "a method");
    request.method = "HEAD";
    request.body = "x";
    request.body_size = 1;
    CHECK(cachet_fetch(web->session, &request, &response, &err) == CACHET_E_USAGE,
          "HEAD with a body");
    request.method = NULL;
    request.body_mode = CACHET_BODY_WRITE;
    CHECK(cachet_fetch(web->session, &request, &response, &err) == CACHET_E_USAGE,
          "no write function");
    request.body_mode = 9;
    CHECK(cachet_fetch(web->session, &request, NULL, &err) == CACHET_E_USAGE, "a body mode");
    request.size = 0;
    CHECK(cachet_fetch(web->session, &request, NULL, NULL) == CACHET_E_USAGE, "no size");
    CHECK(response == NULL && origin_requests(web->origin) == before, "nothing was sent");
}

static void test_only_if_cached(struct web *web)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;

    fake_reset();
    request.url = web_url(web, "/plain");
    request.flags = CACHET_ONLY_IF_CACHED;
    CHECK(web_fetch(web, &request, CACHET_E_NOT_CACHED, &err) == NULL, "not cached");
    cachet_response_free(web_get(web, "/plain"));
    cachet_response *const response = web_fetch(web, &request, CACHET_OK, &err);
    CHECK(web_is(response, 200, "hello", true), "cached");
    cachet_response_free(response);
}

static void test_unreadable_store(struct web *web)
{
    fake_reset();
    cachet_response_free(web_get(web, "/plain"));
    fake_knobs.read_failure = CACHET_E_TAMPERED;
    CHECK(web_fails(web, "/plain", CACHET_E_TAMPERED, "stored body"),
          "a changed body fails, with the reader's words");
    fake_knobs.may_refetch = true;
    cachet_response *response = web_get(web, "/plain");
    CHECK(web_is(response, 200, "hello", false), "or is fetched, where that may be");
    cachet_response_free(response);
    fake_knobs.read_failure = 0;
    fake_knobs.read_size_max = 2;
    fake_knobs.read_failure_later = CACHET_E_TAMPERED;
    CHECK(web_fails(web, "/plain", CACHET_E_TAMPERED, "stored body"),
          "never after bytes were handed out");
    CHECK(fake_counts.begun == fake_counts.freed, "every exchange was freed");
    fake_reset();
}

static void test_options(struct web *web)
{
    cachet_options options = CACHET_OPTIONS_INIT;
    cachet_session *session = NULL;
    cachet_error err;
    char agent[] = "tester/1";
    char head[32768];

    options.user_agent = agent;
    CHECK(web_reopen(web, &options), "a session with a User-Agent");
    memset(agent, 'x', sizeof agent - 1);
    cachet_response_free(web_get(web, "/plain"));
    origin_last_head(web->origin, head, sizeof head);
    CHECK(origin_has(head, "User-Agent: tester/1"), "options are copied");
    options.user_agent = "";
    CHECK(web_reopen(web, &options), "a session without one");
    cachet_response_free(web_get(web, "/plain"));
    origin_last_head(web->origin, head, sizeof head);
    CHECK(strstr(head, "User-Agent") == NULL, "none is sent");
    options.user_agent = "a\nb";
    CHECK(cachet_open(&session, "fake", &options, &err) == CACHET_E_USAGE, "a bad one");
    options = (cachet_options) CACHET_OPTIONS_INIT;
    options.ca_file = "/nonexistent/ca.pem";
    CHECK(cachet_open(&session, "fake", &options, &err) == CACHET_E_IO &&
              strstr(err.message, "/nonexistent/ca.pem") != NULL,
          "a CA file that is not there: %s", err.message);
    options.ca_file = NULL;
    CHECK(cachet_open(&session, "locked-out", &options, &err) == CACHET_E_UNKNOWN_KEY,
          "a cache that does not open");
    CHECK(session == NULL, "outputs untouched");
    cachet_close(NULL);
    cachet_response_free(NULL);
}

static void test_trust(struct web *web)
{
    cachet_options options = CACHET_OPTIONS_INIT;
    cachet_request request = CACHET_REQUEST_INIT;
    const cachet_field host = cachet_field_of("host", "other.example");
    cachet_error err;

    CHECK(web_reopen(web, &options), "a session on the usual terms");
    cachet_response_free(web_get(web, "/plain"));
    CHECK(fake_last_trust().size == 0, "has no trust inputs");
    request.url = web_url(web, "/plain");
    request.trust = cachet_bytes_of("tenant");
    cachet_response_free(web_fetch(web, &request, CACHET_OK, &err));
    CHECK(fake_last_trust().size == 4 + 6 + 4 + 6 &&
              memcmp(fake_last_trust().data, "\6\0\0\0caller\6\0\0\0tenant", 20) == 0,
          "the caller's are coded");
    request.trust = (cachet_bytes){NULL, 0};
    request.fields = &host;
    request.field_count = 1;
    cachet_response_free(web_fetch(web, &request, CACHET_OK, &err));
    CHECK(memcmp(fake_last_trust().data, "\4\0\0\0host", 8) == 0,
          "another Host is another place");
    CHECK(fake_stored() == 3, "three answers apart");
    options.flags = CACHET_INSECURE;
    CHECK(web_reopen(web, &options), "an insecure session");
    cachet_response_free(web_get(web, "/plain"));
    CHECK(fake_last_trust().size == 12 &&
              memcmp(fake_last_trust().data, "\10\0\0\0insecure", 12) == 0,
          "says so");
}

int main(void)
{
    struct web web;
    cachet_stats_counts stats = CACHET_STATS_INIT;

    if (!web_start(&web, answer))
        return 1;
    test_miss_and_hit(&web);
    test_large_hit_is_read_in_one_pass(&web);
    test_revalidation(&web);
    test_condition_replaces_the_requests_own(&web);
    test_answers_that_are_not_stored(&web);
    test_heads(&web);
    test_fields_sent(&web);
    test_methods(&web);
    test_wrong_usage(&web);
    test_only_if_cached(&web);
    test_unreadable_store(&web);
    cachet_stats(web.session, &stats);
    CHECK(cachet_session_cache(web.session) != NULL, "the cache below");
    test_options(&web);
    web_stop(&web);
    if (!web_start(&web, answer))
        return 1;
    test_trust(&web);
    web_stop(&web);
    return tap_done();
}
