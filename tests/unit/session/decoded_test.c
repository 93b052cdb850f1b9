/* SPDX-License-Identifier: MIT */
/* Sessions that undo content codings: stored as received, handed out decoded. */
#include "base/buf.h"
#include "encode.h"
#include "web.h"

#define PLAIN "plain words, plain words, plain words"

static struct ct_buf coded;

static bool send_coded(struct origin_call *call, const char *status, const char *fields,
                       size_t size)
{
    char head[512];

    (void) snprintf(head, sizeof head, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status,
                    fields, size);
    return origin_say(call, head) &&
           (strcmp(call->method, "HEAD") == 0 || origin_write(call, coded.data, size));
}

static bool answer(struct origin_call *call)
{
    const char *const target = call->target;

    if (strcmp(target, "/gzip") == 0)
        return send_coded(call, "200 OK", "Content-Encoding: gzip\r\n", coded.size);
    if (strcmp(target, "/part") == 0)
        return send_coded(call, "206 Partial Content",
                          "Content-Encoding: gzip\r\nContent-Range: bytes 0-9/100\r\n", 10);
    if (strcmp(target, "/cut") == 0)
        return send_coded(call, "200 OK", "Content-Encoding: gzip\r\n", coded.size - 4);
    if (strcmp(target, "/unknown") == 0)
        return origin_answer(call, "200 OK", "Content-Encoding: rot13\r\n", "cynva");
    if (strcmp(target, "/lie") == 0)
        return origin_answer(call, "200 OK", "Content-Encoding: gzip\r\n", "not at all");
    if (strcmp(target, "/empty") == 0)
        return origin_answer(call, "200 OK", "Content-Encoding: gzip\r\n", "");
    return origin_answer(call, "200 OK", "", "fine");
}

static void test_whole(struct web *web)
{
    char head[32768];

    for (int i = 0; i < 2; i++) {
        cachet_response *const response = web_get(web, "/gzip");
        CHECK(web_is(response, 200, PLAIN, i == 1), "decoded, %s", i == 0 ? "a miss" : "a hit");
        CHECK(cachet_response_field(response, "Content-Encoding", 0) == NULL &&
                  cachet_response_field(response, "Content-Length", 0) == NULL &&
                  cachet_response_field(response, "Cache-Status", 0) != NULL,
              "without the fields of the coded one");
        cachet_response_free(response);
    }
    CHECK(fake_counts.body_size == coded.size, "stored as received");
    origin_last_head(web->origin, head, sizeof head);
    CHECK(strstr(head, "Accept-Encoding: gzip, deflate") != NULL &&
              strstr(fake_last_fields(), "Accept-Encoding: gzip, deflate") != NULL,
          "codings were asked for");
}

static cachet_status gather(void *context, const void *data, size_t size)
{
    ct_buf_append(context, ct_bytes(data, size));
    return CACHET_OK;
}

static void test_pull_and_write(struct web *web)
{
    CLEANUP(ct_buf_fini) struct ct_buf gathered = ct_buf_with_ceiling(4096);
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;
    char text[128] = "";
    size_t size = 0, got = 0;

    fake_reset();
    request.url = web_url(web, "/gzip");
    for (int i = 0; i < 2; i++) {
        request.body_mode = CACHET_BODY_PULL;
        size = 0;
        cachet_response *response = web_fetch(web, &request, CACHET_OK, &err);
        do {
            if (cachet_response_read(response, text + size, 5, &got, &err) != CACHET_OK)
                break;
            size += got;
        } while (got > 0);
        CHECK(size == strlen(PLAIN) && memcmp(text, PLAIN, size) == 0 &&
                  cachet_response_size(response) == size,
              "decoded by pull");
        cachet_response_free(response);
        request.body_mode = CACHET_BODY_WRITE;
        request.write = gather;
        request.write_context = &gathered;
        ct_buf_reset(&gathered);
        response = web_fetch(web, &request, CACHET_OK, &err);
        CHECK(ct_bytes_equal(ct_buf_view(&gathered), CT_BYTES(PLAIN)), "decoded by write");
        cachet_response_free(response);
        fake_knobs.read_size_max = 3;
    }
    CHECK(fake_stored() == 1, "stored by pull");
}

static void test_what_is_left_alone(struct web *web)
{
    cachet_request request = CACHET_REQUEST_INIT;
    const cachet_field own = cachet_field_of("accept-encoding", "zstd;q=0.5");
    cachet_error err;
    char head[32768];

    fake_reset();
    cachet_response *response = web_get(web, "/unknown");
    CHECK(web_is(response, 200, "cynva", false) &&
              strcmp(cachet_response_field(response, "Content-Encoding", 0), "rot13") == 0,
          "an unknown coding is handed out as it is");
    cachet_response_free(response);
    response = web_get(web, "/part");
    CHECK(response != NULL && cachet_response_status(response) == 206 &&
              cachet_response_size(response) == 10 &&
              cachet_response_field(response, "Content-Encoding", 0) != NULL,
          "so is a part");
    cachet_response_free(response);
    response = web_get(web, "/empty");
    CHECK(web_is(response, 200, "", false), "an empty body is empty");
    cachet_response_free(response);
    request.url = web_url(web, "/gzip");
    request.method = "HEAD";
    response = web_fetch(web, &request, CACHET_OK, &err);
    CHECK(web_is(response, 200, "", false) &&
              cachet_response_field(response, "Content-Encoding", 0) != NULL &&
              cachet_response_field(response, "Content-Length", 0) != NULL,
          "HEAD shows all fields");
    cachet_response_free(response);
    request.method = "GET";
    request.fields = &own;
    request.field_count = 1;
    cachet_response_free(web_fetch(web, &request, CACHET_OK, &err));
    origin_last_head(web->origin, head, sizeof head);
    CHECK(origin_has(head, "accept-encoding: zstd;q=0.5") &&
              strstr(head, "Accept-Encoding") == NULL,
          "the request's own wish is left alone");
}

static void test_failures(struct web *web)
{
    cachet_options options = CACHET_OPTIONS_INIT;

    fake_reset();
    CHECK(web_fails(web, "/lie", CACHET_E_FORMAT, "gzip"), "what is no gzip");
    CHECK(web_fails(web, "/cut", CACHET_E_FORMAT, "ends early"), "what ends early");
    CHECK(fake_stored() == 0, "is not stored");
    options.flags = CACHET_DECODE;
    options.max_decoded_size = strlen(PLAIN) - 1;
    CHECK(web_reopen(web, &options), "a ceiling");
    CHECK(web_fails(web, "/gzip", CACHET_E_TOO_LARGE, "decodes to over"), "holds");
    options.max_decoded_size = 0;
    options.max_whole_size = strlen(PLAIN) - 1;
    CHECK(web_reopen(web, &options), "a ceiling of whole bodies");
    CHECK(web_fails(web, "/gzip", CACHET_E_TOO_LARGE, "max_whole_size"), "holds, too");
    options.max_whole_size = strlen(PLAIN);
    CHECK(web_reopen(web, &options), "exactly enough");
    cachet_response *const response = web_get(web, "/gzip");
    CHECK(web_is(response, 200, PLAIN, false), "fits");
    cachet_response_free(response);
}

static void test_off(struct web *web)
{
    const cachet_options options = CACHET_OPTIONS_INIT;
    char head[32768];

    CHECK(web_reopen(web, &options), "a session that does not decode");
    cachet_response *const response = web_get(web, "/gzip");
    CHECK(response != NULL && cachet_response_size(response) == coded.size &&
              memcmp(cachet_response_body(response), coded.data, coded.size) == 0 &&
              cachet_response_field(response, "Content-Encoding", 0) != NULL,
          "hands out what came");
    origin_last_head(web->origin, head, sizeof head);
    CHECK(strstr(head, "Accept-Encoding") == NULL, "and asks for none");
    cachet_response_free(response);
}

int main(void)
{
    struct web web;
    cachet_options options = CACHET_OPTIONS_INIT;

    coded = ct_buf_with_ceiling(4096);
    if (!encode("gzip", CT_BYTES(PLAIN), &coded)) {
        SKIP("built without zlib", "decoded bodies");
        return tap_done();
    }
    options.flags = CACHET_DECODE;
    if (!web_start(&web, answer) || !web_reopen(&web, &options))
        return 1;
    test_whole(&web);
    test_pull_and_write(&web);
    test_what_is_left_alone(&web);
    test_failures(&web);
    test_off(&web);
    web_stop(&web);
    ct_buf_fini(&coded);
    return tap_done();
}
