/* SPDX-License-Identifier: MIT */
#include "http/url.h"

#include "base/mem.h"
#include "lines.h"
#include "tap.h"

/* NULL: refused. */
static const struct {
    const char *text;
    const char *normalised;
} rows[] = {
    /* RFC 9110 4.2.3: scheme, host, port, empty path */
    {"http://example.com", "http://example.com/"},
    {"HTTP://EXAMPLE.com:80/", "http://example.com/"},
    {"https://Example.COM:443", "https://example.com/"},
    {"http://example.com:443/", "http://example.com:443/"},
    {"https://example.com:80/", "https://example.com:80/"},
    {"http://example.com:/x", "http://example.com/x"},
    {"http://example.com:00080/", "http://example.com/"},
    {"http://example.com:08080/", "http://example.com:8080/"},
    {"http://example.com:65535/", "http://example.com:65535/"},
    {"http://example.com?a", "http://example.com/?a"},
    {"http://example.com?", "http://example.com/?"},
    {"http://example.com/?", "http://example.com/?"},
    {"http://a_b-c.example./", "http://a_b-c.example./"},
    {"http://az-AZ.09/%61%7a%41%5A%30%39", "http://az-az.09/azAZ09"},
    {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
    /* fragments */
    {"http://e/a#b", "http://e/a"},
    {"http://e#b", "http://e/"},
    {"http://e/a?b#c?d#e", "http://e/a?b"},
    {"http://e/a%23b", "http://e/a%23b"},
    /* IPv6 */
    {"http://[::1]/", "http://[::1]/"},
    {"http://[2001:DB8::A]:80/x", "http://[2001:db8::a]/x"},
    {"https://[::FFFF:1.2.3.4]:8443", "https://[::ffff:1.2.3.4]:8443/"},
    {"http://[0000:0000:0000:0000:0000:ffff:255.255.255.255]/",
     "http://[0000:0000:0000:0000:0000:ffff:255.255.255.255]/"},
    {"http://[]/", NULL},
    {"http://[::1", NULL},
    {"http://[::1]x/", NULL},
    {"http://[fe80::1%25eth0]/", NULL},
    {"http://[v1.x]/", NULL},
    {"http://[1.2.3.4]/", NULL},
    {"http://[::g]/", NULL},
    {"http://[1:2:3:4:5:6:7:8:9]/", NULL},
    {"http://[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]/", NULL},
    {"http://::1/", NULL},
    /* RFC 3986 6.2.2.1, 6.2.2.2: escapes */
    {"http://e/%7euser/%41%2d%2E%5f", "http://e/~user/A-._"},
    {"http://e/%2f%3f%23%25", "http://e/%2F%3F%23%25"},
    {"http://e/?a=%7e&b=%2f%3d", "http://e/?a=~&b=%2F%3D"},
    {"http://e/%c3%a4", "http://e/%C3%A4"},
    {"http://e/\xc3\xa4?\xff", "http://e/%C3%A4?%FF"},
    {"http://e/a b?c d", "http://e/a%20b?c%20d"},
    {"http://e/a+b?c+d", "http://e/a+b?c+d"},
    {"http://e/%00", "http://e/%00"},
    /* a '%' that begins no escape stays, and begins none afterwards */
    {"http://e/%", "http://e/%"},
    {"http://e/100%/x", "http://e/100%/x"},
    {"http://e/%zz%4", "http://e/%zz%4"},
    {"http://e/%%34%31", "http://e/%%341"},
    {"http://e/%4%31", "http://e/%4%31"},
    {"http://e/%%%%41", "http://e/%%%%41"},
    {"http://e/%25%34%31", "http://e/%2541"},
    {"http://e/%zz%41", "http://e/%zzA"},
    {"http://e/%zzz%41", "http://e/%zzzA"},
    {"http://e/%?%41", "http://e/%?A"},
    {"http://e/%%2e", "http://e/%%2E"},
    /* what RFC 3986 does not allow but everybody sends stays as it is */
    {"http://e/?a[]=1|2^3`{x}\"<>", "http://e/?a[]=1|2^3`{x}\"<>"},
    /* RFC 3986 5.2.4: dot segments */
    {"http://e/a/./b/../c", "http://e/a/c"},
    {"http://e/..", "http://e/"},
    {"http://e/../../a", "http://e/a"},
    {"http://e/.", "http://e/"},
    {"http://e/a/.", "http://e/a/"},
    {"http://e/a/..", "http://e/"},
    {"http://e/a/b/..", "http://e/a/"},
    {"http://e/a/b/../", "http://e/a/"},
    {"http://e/a/%2e%2E/b/%2e", "http://e/b/"},
    {"http://e/a/.%2e/b", "http://e/b"},
    {"http://e/...", "http://e/..."},
    {"http://e/.a/..b/c.", "http://e/.a/..b/c."},
    {"http://e/a/b/c/./../../g", "http://e/a/g"},
    {"http://e//a//b//", "http://e//a//b//"},
    {"http://e/a//../b", "http://e/a/b"},
    {"http://e//..", "http://e/"},
    {"http://e//../..//x", "http://e//x"},
    {"http://e/a?/../b", "http://e/a?/../b"},
    {"http://e/a%2f..%2fb", "http://e/a%2F..%2Fb"},
    /* refused */
    {"", NULL},
    {"example.com", NULL},
    {"//example.com/", NULL},
    {"/x", NULL},
    {"://e/", NULL},
    {"ftp://e/", NULL},
    {"file:///etc/passwd", NULL},
    {"javascript:alert(1)", NULL},
    {" http://e/", NULL},
    {"http:e", NULL},
    {"http:/e/", NULL},
    {"http://", NULL},
    {"http:///x", NULL},
    {"http://:80/", NULL},
    {"http://?x", NULL},
    {"http://u@/", NULL},
    {"http://e:0/", NULL},
    {"http://e:65536/", NULL},
    {"http://e:99999999999999999999/", NULL},
    {"http://e:-1/", NULL},
    {"http://e:8 0/", NULL},
    {"http://e:80:80/", NULL},
    {"http://e:http/", NULL},
    {"http://a b/", NULL},
    {"http://a%41/", NULL},
    {"http://a,b/", NULL},
    {"http://a!b/", NULL},
    {"http://\xc3\xa4.example/", NULL},
    {"http://e\\x/", NULL},
    {"http://e/a\\b", NULL},
    {"http://e\\@f/", NULL},
    {"http://e/\n", NULL},
    {"http://e/\r\nX: y", NULL},
    {"http://e/\t", NULL},
    {"http://e/#\x01", NULL},
    {"http://e/\x7f", NULL},
    {"http://a@b@c/", NULL},
};

static cachet_status normalise(const char *text, struct ct_buf *buf, struct ct_url *url,
                               cachet_bytes *userinfo, cachet_error *err)
{
    *buf = ct_buf_with_ceiling(CT_URL_MAX * 4);
    return ct_url_normalise(cachet_bytes_of(text), buf, url, userinfo, err);
}

static void check_row(const char *text, const char *wanted)
{
    CLEANUP(ct_buf_fini) struct ct_buf once = {0}, twice = {0};
    struct ct_url url, again;
    cachet_bytes userinfo;
    cachet_error err = {.status = CACHET_OK};
    const cachet_status status = normalise(text, &once, &url, &userinfo, &err);

    if (wanted == NULL) {
        CHECK(status == CACHET_E_USAGE && err.message[0] != '\0' && once.size == 0,
              "refused: %s", shown(status == CACHET_OK ? text : err.message));
        return;
    }
    CHECK(status == CACHET_OK && is_text(url.text, wanted), "'%s' is '%s'", shown(text),
          shown(wanted));
    if (status != CACHET_OK)
        return;
    CHECK(normalise(wanted, &twice, &again, &userinfo, &err) == CACHET_OK &&
              is_text(again.text, wanted),
          "'%s' stays as it is", shown(wanted));
}

static void test_rows(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++)
        check_row(rows[i].text, rows[i].normalised);
}

static void test_views(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CT_URL_MAX);
    struct ct_url url;
    cachet_bytes userinfo;

    ct_buf_text(&buf, "before");
    CHECK(ct_url_normalise(CT_BYTES("HTTPS://us%65r:p%3Aw@E:8443/a/../b?c=%64#f"), &buf, &url,
                           &userinfo, NULL) == CACHET_OK,
          "a URL with everything");
    CHECK(is_text(ct_buf_view(&buf), "beforehttps://e:8443/b?c=d"), "it is appended");
    CHECK(is_text(url.text, "https://e:8443/b?c=d"), "text");
    CHECK(is_text(url.scheme, "https") && url.is_https, "scheme");
    CHECK(is_text(url.authority, "e:8443"), "authority");
    CHECK(is_text(url.target, "/b?c=d"), "target");
    CHECK(is_text(userinfo, "us%65r:p%3Aw"), "userinfo as it was");
}

static void test_secrets_stay_out_of_messages(void)
{
    static const char *const texts[] = {
        "http://user:hunter2@a b/", "http://user:hunter2@e:99999/",
        "ftp://user:hunter2@e/",    "http://user:hunter2@\xc3\xa4/",
        "http://user:hunter2@x@e/", "http://user:hunter2@[/"};

    for (size_t i = 0; i < CT_COUNT_OF(texts); i++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = {0};
        struct ct_url url;
        cachet_bytes userinfo;
        cachet_error err = {.status = CACHET_OK};
        const cachet_status status = normalise(texts[i], &buf, &url, &userinfo, &err);
        CHECK(status == CACHET_E_USAGE && strstr(err.message, "hunter2") == NULL,
              "no password in '%s'", shown(err.message));
    }
}

static void test_host_refused_by_name(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = {0};
    struct ct_url url;
    cachet_bytes userinfo;
    cachet_error err = {.status = CACHET_OK};

    (void) normalise("http://b\xc3\xbc"
                     "cher.example/",
                     &buf, &url, &userinfo, &err);
    CHECK(strstr(err.message, "b\xc3\xbc"
                              "cher.example") != NULL &&
              strstr(err.message, "libidn2") != NULL,
          "%s", shown(err.message));
}

/* "http://e/" and `count` times `byte`, as long as the whole may be. */
static cachet_status normalise_long(size_t count, char byte, bool *ret_is_empty)
{
    CLEANUP(ct_mem_freep) char *text = NULL;
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CT_URL_MAX * 4);
    struct ct_url url;
    cachet_bytes userinfo;
    const size_t start = strlen("http://e/");

    TRY(ct_new_array(&text, start + count, NULL));
    memcpy(text, "http://e/", start);
    memset(text + start, byte, count);
    const cachet_status status =
        ct_url_normalise(ct_bytes(text, start + count), &buf, &url, &userinfo, NULL);
    *ret_is_empty = buf.size == 0;
    return status;
}

static void test_length(void)
{
    const size_t room = CT_URL_MAX - strlen("http://e/");
    bool is_empty = false;

    CHECK(normalise_long(room, 'x', &is_empty) == CACHET_OK, "a URL as long as may be");
    CHECK(normalise_long(room + 1, 'x', &is_empty) == CACHET_E_USAGE && is_empty,
          "one byte longer");
    CHECK(normalise_long(room / 3, ' ', &is_empty) == CACHET_OK, "one that grows up to that");
    CHECK(normalise_long(room / 3 + 1, ' ', &is_empty) == CACHET_E_USAGE && is_empty,
          "one that grows past it");
}

static void check_host(size_t size, cachet_status wanted)
{
    CLEANUP(ct_buf_fini) struct ct_buf text = ct_buf_with_ceiling(1024);
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(1024);
    struct ct_url url;
    cachet_bytes userinfo;

    ct_buf_text(&text, "http://");
    for (size_t i = 0; i < size; i++)
        ct_buf_u8(&text, 'h');
    CHECK(ct_url_normalise(ct_buf_view(&text), &buf, &url, &userinfo, NULL) == wanted,
          "a host of %zu bytes", size);
}

static void test_small_buffer(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(12);
    struct ct_url url;
    cachet_bytes userinfo;

    CHECK(ct_url_normalise(CT_BYTES("http://e/a/%20/b"), &buf, &url, &userinfo, NULL) ==
              CACHET_E_TOO_LARGE,
          "a buffer that is too small");
}

static void check_origin(const char *a, const char *b, bool is_same)
{
    CLEANUP(ct_buf_fini) struct ct_buf first = {0}, second = {0};
    struct ct_url url, other;
    cachet_bytes userinfo;

    CHECK(normalise(a, &first, &url, &userinfo, NULL) == CACHET_OK &&
              normalise(b, &second, &other, &userinfo, NULL) == CACHET_OK &&
              ct_url_same_origin(&url, &other) == is_same,
          "%s and %s are %s origin", a, b, is_same ? "one" : "not one");
}

static void test_origins(void)
{
    check_origin("http://E/a", "http://u:p@e:80/b?c", true);
    check_origin("http://e/", "https://e/", false);
    check_origin("http://e:443/", "https://e/", false);
    check_origin("http://e/", "http://e:8080/", false);
    check_origin("http://e/", "http://e./", false);
    check_origin("http://e/", "http://f/", false);
}

static void check_basic(const char *userinfo, const char *wanted)
{
    CLEANUP(ct_buf_wipe) struct ct_buf buf = ct_buf_with_ceiling(1024);
    cachet_error err = {.status = CACHET_OK};
    const cachet_status status =
        ct_url_basic_authorization(cachet_bytes_of(userinfo), &buf, &err);

    if (wanted == NULL)
        CHECK(status == CACHET_E_USAGE && buf.size == 0, "'%s': %s", shown(userinfo),
              err.message);
    else
        CHECK(status == CACHET_OK && is_text(ct_buf_view(&buf), wanted), "'%s' is '%s'",
              shown(userinfo), wanted);
}

/* RFC 7617 2. */
static void test_basic(void)
{
    check_basic("Aladdin:open%20sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    check_basic("test:123\xc2\xa3", "Basic dGVzdDoxMjPCow==");
    check_basic("user", "Basic dXNlcjo=");
    check_basic(":", "Basic Og==");
    check_basic("a:b:c%3a%", "Basic YTpiOmM6JQ==");
    check_basic("%FB%FF:%fe", "Basic +/86/g==");
    check_basic("ab:", "Basic YWI6");
    check_basic("ab", "Basic YWI6");
    check_basic("a%3Ab:c", NULL);
    check_basic("a%3Ab", NULL);
    check_basic("a:b%0d%0aX", NULL);
    check_basic("a%00:b", NULL);
}

int main(void)
{
    test_rows();
    test_views();
    test_secrets_stay_out_of_messages();
    test_host_refused_by_name();
    test_length();
    check_host(255, CACHET_OK);
    check_host(256, CACHET_E_USAGE);
    test_small_buffer();
    test_origins();
    test_basic();
    return tap_done();
}
