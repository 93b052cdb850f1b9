/* SPDX-License-Identifier: MIT */
/* Where redirects lead, and what goes along. */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "session/redirect.h"
#include "web.h"

static struct web web, other;

static bool redirect_to(struct origin_call *call, const char *status, const char *location)
{
    char fields[4096];

    (void) snprintf(fields, sizeof fields, "Location: %s\r\n", location);
    return origin_answer(call, status, fields, "moved");
}

static bool answer(struct origin_call *call)
{
    char location[1024];
    const char *const target = call->target;

    if (strncmp(target, "/status/", 8) == 0) {
        (void) snprintf(location, sizeof location, "%.3s Moved", target + 8);
        return redirect_to(call, location, "../end#part");
    }
    if (strcmp(target, "/absolute") == 0)
        return redirect_to(call, "302 Found", web_url(&web, "/end"));
    if (strcmp(target, "/away") == 0)
        return redirect_to(call, "302 Found", web_url(&other, "/end"));
    if (strcmp(target, "/away-and-back") == 0)
        return redirect_to(call, "302 Found", web_url(&other, "/back"));
    if (strcmp(target, "/back") == 0)
        return redirect_to(call, "302 Found", web_url(&web, "/end"));
    if (strcmp(target, "/loop") == 0)
        return redirect_to(call, "301 Moved", "/loop");
    if (strncmp(target, "/count/", 7) == 0 && target[7] != '0') {
        uint64_t count = 0;
        (void) ct_bytes_to_u64(cachet_bytes_of(target + 7), 1000, &count);
        (void) snprintf(location, sizeof location, "/count/%d", (int) count - 1);
        return redirect_to(call, "302 Found", location);
    }
    if (strcmp(target, "/ftp") == 0)
        return redirect_to(call, "302 Found", "ftp://127.0.0.1/x");
    if (strcmp(target, "/refused") == 0)
        return redirect_to(call, "302 Found", "http://refused.example/");
    if (strcmp(target, "/nowhere") == 0)
        return origin_answer(call, "302 Found", "", "no location");
    if (strcmp(target, "/large") == 0) {
        static char body[3 << 20];
        return origin_say(call, "HTTP/1.1 302 Found\r\nLocation: /end\r\n"
                                "Content-Length: 3145728\r\n\r\n") &&
               origin_write(call, body, sizeof body);
    }
    if (strcmp(target, "/cut") == 0) {
        (void) origin_say(call, "HTTP/1.1 302 Found\r\nLocation: /end\r\n"
                                "Content-Length: 10\r\n\r\nabc");
        return false;
    }
    return origin_answer(call, "200 OK", "", "end");
}

static void test_resolution(void)
{
    static const struct {
        const char *base, *asked, *location, *url; /* url NULL: refused */
        bool is_same_origin;
    } rows[] = {
        {"http://a.b/x/y?q", "http://a.b/x/y?q", "z", "http://a.b/x/z", true},
        {"http://a.b/x/y", "http://a.b/x/y", "/z?r=1#f", "http://a.b/z?r=1", true},
        {"http://a.b/x/y", "http://a.b/x/y", "../../../z", "http://a.b/z", true},
        {"http://a.b/x/y", "http://a.b/x/y", "?r", "http://a.b/x/y?r", true},
        {"http://a.b/x", "http://a.b/x", "//c.d/e", "http://c.d/e", false},
        {"https://a.b/x", "https://a.b/x", "//c.d/e", "https://c.d/e", false},
        {"http://a.b/x", "http://a.b/x", "https://a.b/x", "https://a.b/x", false},
        {"http://a.b/x", "http://a.b/x", "http://a.b:8080/x", "http://a.b:8080/x", false},
        {"http://a.b/x", "http://a.b/x", "http://A.b:80/x", "http://A.b:80/x", true},
        {"http://[::1]:8/x", "http://[::1]:8/x", "/y", "http://[::1]:8/y", true},
        {"http://a.b/x", "http://a.b/x", "/with space", "http://a.b/with%20space", true},
        {"http://a.b/x", "http://u:p@a.b/x", "/y", "http://u:p@a.b/y", true},
        {"http://a.b/x", "http://u:p@a.b/x", "http://a.b/y", "http://u:p@a.b/y", true},
        {"http://a.b/x", "http://u:p@a.b/x", "http://v@a.b/y", "http://v@a.b/y", true},
        {"http://a.b/x", "http://u:p@a.b/x", "http://c.d/y", "http://c.d/y", false},
        {"http://a.b/x", "http://u:p@a.b/x", "https://a.b/y", "https://a.b/y", false},
        {"http://a.b/x", "http://a.b/x", "ftp://a.b/x", NULL, false},
        {"http://a.b/x", "http://a.b/x", "file:///etc/passwd", NULL, false},
        {"http://a.b/x", "http://a.b/x", "javascript:alert(1)", NULL, false},
        {"http://a.b/x", "http://a.b/x", "mailto:a@b", NULL, false},
        {"http://a.b/x", "http://a.b/x", "http://", NULL, false},
        {"http://a.b/x", "http://a.b/x", "http://a.b:99999/", NULL, false},
        {"http://a.b/x", "http://a.b/x", "http://a\x01.b/", NULL, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ct_redirect redirect = {NULL, false};
        cachet_error err = {CACHET_OK, ""};
        const cachet_status status = ct_redirect_resolve(
            rows[i].base, rows[i].asked, cachet_bytes_of(rows[i].location), &redirect, &err);
        const bool is_right = rows[i].url == NULL
                                  ? status == CACHET_E_PROTOCOL && redirect.url == NULL
                                  : status == CACHET_OK &&
                                        strcmp(redirect.url, rows[i].url) == 0 &&
                                        redirect.is_same_origin == rows[i].is_same_origin;
        CHECK(is_right, "'%s' from '%s': '%s' %s", rows[i].location, rows[i].asked,
              redirect.url == NULL ? "" : redirect.url, err.message);
        ct_mem_free(redirect.url);
    }
}

static void test_followed(void)
{
    static const char *const targets[] = {"/status/301", "/status/302", "/status/303",
                                          "/status/307", "/status/308"};

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        cachet_response *const response = web_get(&web, targets[i]);
        CHECK(web_is(response, 200, "end", i > 0) &&
                  strcmp(cachet_response_url(response), web_url(&web, "/end")) == 0,
              "%s is followed to its end", targets[i]);
        cachet_response_free(response);
    }
    CHECK(fake_stored() == 6, "each hop is an entry of its own");
    const int before = origin_requests(web.origin);
    cachet_response *const response = web_get(&web, "/status/301");
    CHECK(web_is(response, 200, "end", true) && origin_requests(web.origin) == before,
          "and is followed out of the store, too");
    cachet_response_free(response);
    CHECK(fake_counts.begun == fake_counts.freed, "every exchange was freed");
    CHECK(origin_connections(web.origin) == 1, "one connection served them all");
}

static void test_not_followed(void)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;

    request.url = web_url(&web, "/status/302");
    request.flags = CACHET_NO_FOLLOW;
    cachet_response *response = web_fetch(&web, &request, CACHET_OK, &err);
    CHECK(response != NULL && cachet_response_status(response) == 302 &&
              cachet_response_size(response) == 5 &&
              strcmp(cachet_response_field(response, "location", 0), "../end#part") == 0,
          "with CACHET_NO_FOLLOW it is handed out");
    cachet_response_free(response);
    request.flags = 0;
    request.method = "POST";
    request.body = "x";
    request.body_size = 1;
    response = web_fetch(&web, &request, CACHET_OK, &err);
    CHECK(response != NULL && cachet_response_status(response) == 302, "POST is not followed");
    cachet_response_free(response);
    request.method = "GET";
    response = web_fetch(&web, &request, CACHET_OK, &err);
    CHECK(response != NULL && cachet_response_status(response) == 302,
          "nor is a GET with a body");
    cachet_response_free(response);
    response = web_get(&web, "/nowhere");
    CHECK(web_is(response, 302, "no location", false), "nor what leads nowhere");
    cachet_response_free(response);
    request = (cachet_request) CACHET_REQUEST_INIT;
    request.url = web_url(&web, "/status/302");
    request.method = "HEAD";
    response = web_fetch(&web, &request, CACHET_OK, &err);
    CHECK(web_is(response, 200, "", false), "HEAD is followed");
    cachet_response_free(response);
}

static void test_limits(void)
{
    cachet_options options = CACHET_OPTIONS_INIT;

    CHECK(web_fails(&web, "/loop", CACHET_E_PROTOCOL, web_url(&web, "/loop")),
          "a loop ends, naming the first URL");
    cachet_response *response = web_get(&web, "/count/20");
    CHECK(web_is(response, 200, "end", false), "20 redirects");
    cachet_response_free(response);
    CHECK(web_fails(&web, "/count/21", CACHET_E_PROTOCOL, "/count/21"), "21 redirects");
    options.max_redirects = 2;
    CHECK(web_reopen(&web, &options), "another limit");
    CHECK(web_fails(&web, "/count/3", CACHET_E_PROTOCOL, "over 2 redirects"), "holds");
    CHECK(web_fails(&web, "/ftp", CACHET_E_PROTOCOL, "'ftp'"), "another scheme is named");
    CHECK(web_fails(&web, "/refused", CACHET_E_PROTOCOL, "refused"),
          "a URL the cache refuses is the origin's fault");
}

static void test_bodies_of_redirects(void)
{
    fake_reset();
    cachet_response *response = web_get(&web, "/large");
    CHECK(web_is(response, 200, "end", false), "a large body of a redirect is not waited for");
    cachet_response_free(response);
    CHECK(fake_stored() == 1, "nor stored");
    response = web_get(&web, "/cut");
    CHECK(web_is(response, 200, "end", true), "one that is cut short is followed");
    cachet_response_free(response);
    CHECK(fake_stored() == 1, "but not stored");
}

static cachet_response *get_with_credentials(const char *target)
{
    const cachet_field fields[] = {
        cachet_field_of("authorization", "Bearer secret"),
        cachet_field_of("Cookie", "a=b"),
        cachet_field_of("Proxy-Authorization", "Basic x"),
        cachet_field_of("X-Kept", "yes"),
    };
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;

    request.url = web_url(&web, target);
    request.fields = fields;
    request.field_count = 4;
    request.credential = cachet_bytes_of("certificate");
    return web_fetch(&web, &request, CACHET_OK, &err);
}

static void test_credentials(void)
{
    char head[32768];

    fake_reset();
    cachet_response_free(get_with_credentials("/absolute"));
    origin_last_head(web.origin, head, sizeof head);
    CHECK(origin_has(head, "authorization: Bearer secret") && origin_has(head, "Cookie: a=b"),
          "the same origin gets them");
    CHECK(fake_last_credential().size == 11, "and the exchange");
    cachet_response_free(get_with_credentials("/away"));
    origin_last_head(other.origin, head, sizeof head);
    CHECK(strncmp(head, "GET /end ", 9) == 0 && strstr(head, "secret") == NULL &&
              strstr(head, "Cookie") == NULL && strstr(head, "Proxy-Auth") == NULL &&
              origin_has(head, "X-Kept: yes"),
          "another origin does not");
    CHECK(fake_last_credential().size == 0 && strstr(fake_last_fields(), "secret") == NULL,
          "nor its exchange");
    fake_reset();
    cachet_response_free(get_with_credentials("/away-and-back"));
    origin_last_head(web.origin, head, sizeof head);
    CHECK(strncmp(head, "GET /end ", 9) == 0 && strstr(head, "secret") == NULL,
          "nor the first one, when another sends us back");
}

static void test_userinfo(void)
{
    cachet_request request = CACHET_REQUEST_INIT;
    cachet_error err;
    char url[256], head[32768];

    fake_reset();
    (void) snprintf(url, sizeof url, "http://user:pw@%s/absolute", web.host);
    request.url = url;
    cachet_response *response = web_fetch(&web, &request, CACHET_OK, &err);
    origin_last_head(web.origin, head, sizeof head);
    CHECK(origin_has(head, "Authorization: Basic user:pw"),
          "userinfo goes along to the same origin");
    CHECK(response != NULL && strcmp(cachet_response_url(response), web_url(&web, "/end")) == 0,
          "and is not in the response's URL");
    cachet_response_free(response);
    (void) snprintf(url, sizeof url, "http://user:pw@%s/away", web.host);
    cachet_response_free(web_fetch(&web, &request, CACHET_OK, &err));
    origin_last_head(other.origin, head, sizeof head);
    CHECK(strstr(head, "Authorization") == NULL, "and nowhere else");
}

int main(void)
{
    if (!web_start(&other, answer) || !web_start(&web, answer))
        return 1;
    test_resolution();
    test_followed();
    test_not_followed();
    test_limits();
    test_bodies_of_redirects();
    test_credentials();
    test_userinfo();
    web_stop(&web);
    web_stop(&other);
    return tap_done();
}
