/* SPDX-License-Identifier: MIT */
/* References, what an unsafe method makes invalid, groups, and queries that mean the same. */
#include "http/invalidation.h"

#include "http/search.h"
#include "lines.h"
#include "tap.h"

#define BASE "http://a/b/c/d;p?q"

/* RFC 3986 5.4, for what a cache can follow. */
static const struct {
    const char *reference;
    const char *wanted; /* NULL: refused */
} references[] = {
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g/"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q"},
    {"g#s", "http://a/b/c/g"},
    {"g?y#s", "http://a/b/c/g?y"},
    {";x", "http://a/b/c/;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {"..g", "http://a/b/c/..g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"./a:b", "http://a/b/c/a:b"},
    {"HTTPS://B.example:443/%7Ex", "https://b.example/~x"},
    {"http://u:p@b/x", "http://b/x"},
    {"g:h", NULL},
    {"http:g", NULL},
    {"mailto:x@y", NULL},
    {"g\\h", NULL},
    {"g\x01", NULL},
    {"//", NULL},
};

static bool url_of(const char *text, struct ct_buf *buf, struct ct_url *ret_url)
{
    cachet_bytes userinfo;

    return ct_url_normalise(cachet_bytes_of(text), buf, ret_url, &userinfo, NULL) == CACHET_OK;
}

static void test_resolve(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf base_text = ct_buf_with_ceiling(CT_URL_MAX);
    struct ct_url base = {0};

    CHECK(url_of(BASE, &base_text, &base), "the base is a URL");
    for (size_t i = 0; i < CT_COUNT_OF(references); i++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CT_URL_MAX);
        const cachet_bytes reference = cachet_bytes_of(references[i].reference);
        struct ct_url url = {0};
        const bool is_good = ct_url_resolve(&base, reference, &buf, &url, NULL) == CACHET_OK;
        CHECK(is_good == (references[i].wanted != NULL) &&
                  (!is_good || is_text(url.text, references[i].wanted)),
              "'%s' is %s", shown(references[i].reference),
              is_good ? references[i].wanted : "refused");
    }
}

/* RFC 9111 4.4. */
static const struct {
    const char *line;
    const char *wanted; /* NULL: nothing else */
} locations[] = {
    {"Location: /x", "http://a/x"},
    {"Location: http://A:80/x", "http://a/x"},
    {"Location: http://b/x", NULL},
    {"Location: https://a/x", NULL},
    {"Location: //a:81/x", NULL},
    {"Location: " BASE, NULL},
    {"Location: /x\nLocation: /x", NULL},
    {"Location: :", "http://a/b/c/:"},
    {"Location: \\", NULL},
    {"Content-Location: /x", NULL},
    {"", NULL},
};

static void test_locations(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf base_text = ct_buf_with_ceiling(CT_URL_MAX);
    struct ct_url base = {0};

    CHECK(url_of(BASE, &base_text, &base), "the target is a URL");
    for (size_t i = 0; i < CT_COUNT_OF(locations); i++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(CT_URL_MAX);
        struct lines lines;
        const struct ct_fields fields = lines_of_text(&lines, locations[i].line);
        struct ct_url url = {0};
        const bool is_one =
            ct_invalidation_url(&base, &fields, CT_BYTES("location"), &buf, &url);
        CHECK(is_one == (locations[i].wanted != NULL) &&
                  (!is_one || is_text(url.text, locations[i].wanted)),
              "'%s' invalidates %s", shown(locations[i].line),
              is_one ? locations[i].wanted : "nothing else");
    }
}

/* RFC 9875 2. */
static const struct {
    const char *stored;
    const char *told;
    bool shares;
} groups[] = {
    {"g: \"a\"", "g: \"a\"", true},
    {"g: \"a\", \"b\"", "g: \"c\", \"b\";x=1", true},
    {"g: \"a\"\ng: \"b\"", "g: \"b\"", true},
    {"g: \"a\"", "g: \"A\"", false},
    {"g: \"a\"", "g: a", false},
    {"g: \"a\", b", "g: \"a\"", false},
    {"g: \"a\", (\"b\")", "g: \"a\"", false},
    {"g: \"a\",", "g: \"a\"", false},
    {"g: \"\\\"\"", "g: \"\\\"\"", true},
    {"g: \"\"", "g: \"\"", true},
    {"", "", false},
};

static void test_groups(void)
{
    static char text[1024];
    struct ct_groups first, second;
    struct lines lines;

    for (size_t i = 0; i < CT_COUNT_OF(groups); i++) {
        struct ct_fields fields = lines_of_text(&lines, groups[i].stored);
        ct_groups_read(&fields, CT_BYTES("g"), &first);
        struct lines other;
        fields = lines_of_text(&other, groups[i].told);
        ct_groups_read(&fields, CT_BYTES("g"), &second);
        CHECK(ct_groups_share(&first, &second) == groups[i].shares, "row %zu: '%s' and '%s'", i,
              shown(groups[i].stored), shown(groups[i].told));
    }
    size_t size = (size_t) snprintf(text, sizeof text, "g: \"0\"");
    for (int i = 1; i < 100; i++)
        size += (size_t) snprintf(text + size, sizeof text - size, ", \"%d\"", i);
    const struct ct_fields fields = lines_of_text(&lines, text);
    ct_groups_read(&fields, CT_BYTES("g"), &first);
    CHECK(first.count == CT_GROUPS_MAX, "more groups than are held are left out");
}

/* The draft's 4 and 5: does what was stored for the first query answer the second? */
static const struct {
    const char *value;
    const char *stored;
    const char *asked;
    bool matches;
} searches[] = {
    {"", "/?a=1", "/?a=1", true},
    {"", "/?a=1", "/?a=2", false},
    {"key-order", "/?a=1&b=2", "/?b=2&a=1", true},
    {"key-order", "/?a=1&a=2", "/?a=2&a=1", false},
    {"key-order=?0", "/?a=1&b=2", "/?b=2&a=1", false},
    {"key-order=1", "/?a=1&b=2", "/?b=2&a=1", false},
    {"params=(\"u\")", "/?a=1&u=2", "/?a=1", true},
    {"params=(\"u\")", "/?u=1&a=1&u", "/?a=1&u=9", true},
    {"params=(\"u\")", "/?a=1&u=2", "/?a=2", false},
    {"params=(\"u\")", "/?u=1", "/", true},
    {"params=(\"u\" v)", "/?u=1", "/", false},
    {"params=\"u\"", "/?u=1", "/", false},
    {"params", "/?a=1", "/?b=2", true},
    {"params", "/x?a=1", "/y?a=1", false},
    {"params=?0", "/?a=1", "/?a=2", false},
    {"params=()", "/?a=1&&", "/?a=1", false},
    {"params, except=(\"a\")", "/?a=1&b=1", "/?a=1&b=2&c", true},
    {"params, except=(\"a\")", "/?a=1", "/?a=2", false},
    {"except=(\"a\"), params", "/?a=1", "/?a=1&b", true},
    {"except=(\"a\")", "/?b=1", "/?b=2", false},
    {"params=(\"b\"), except=(\"a\")", "/?b=1", "/?b=2", false},
    {"params, except=?1", "/?b=1", "/?b=2", false},
    {"params, key-order, except=(\"a\" \"b\")", "/?a=1&b=2&z", "/?b=2&a=1", true},
    {"params=(\"%C3%A9+x\")", "/?%c3%a9%20x=1", "/?%C3%A9+x=2", true},
    {"params=(\"q\\\"\")", "/?q%22=1", "/?q%22=2", true},
    {"params=(\"z\")", "/?a=%41", "/?a=A", true},
    {"params=(\"z\")", "/?a+b", "/?a%20b=", true},
    {"params=(\"z\")", "/?a=1&&b=2", "/?a=1&b=2", true},
    {"params=(\"z\")", "/?a=%zz", "/?a=%25zz", true},
    {"unknown", "/?a=1&b=2", "/?b=2&a=1", false},
    {"key-order, &&", "/?a=1&b=2", "/?b=2&a=1", false},
    {"key-order;x, new=1", "/?a=1&b=2", "/?b=2&a=1", true},
};

static bool search(const char *value, const char *stored, const char *asked)
{
    CLEANUP(ct_buf_fini) struct ct_buf first = ct_buf_with_ceiling(CT_URL_MAX);
    CLEANUP(ct_buf_fini) struct ct_buf second = ct_buf_with_ceiling(CT_URL_MAX);
    char line[2][4096];
    const cachet_field field = cachet_field_of("No-Vary-Search", value);
    const struct ct_fields fields = {&field, value[0] != '\0'};
    const struct ct_search_variance variance = ct_search_variance_read(&fields);
    struct ct_url urls[2] = {{.is_https = false}, {.is_https = false}};

    (void) snprintf(line[0], sizeof line[0], "http://a%s", stored);
    (void) snprintf(line[1], sizeof line[1], "http://a%s", asked);
    const bool are_urls =
        url_of(line[0], &first, &urls[0]) && url_of(line[1], &second, &urls[1]);
    return are_urls && ct_search_matches(&variance, &urls[0], &urls[1]);
}

static void test_searches(void)
{
    static char key[600], value[800], stored[800];

    for (size_t i = 0; i < CT_COUNT_OF(searches); i++)
        CHECK(search(searches[i].value, searches[i].stored, searches[i].asked) ==
                  searches[i].matches,
              "row %zu: %s: '%s' and '%s'", i, searches[i].value, searches[i].stored,
              searches[i].asked);
    memset(key, 'k', sizeof key - 1);
    (void) snprintf(value, sizeof value, "params, except=(\"%s\")", key);
    (void) snprintf(stored, sizeof stored, "/?%s=1", key);
    CHECK(!search(value, stored, "/"), "a long name is a name");

    static char many[4000] = "/?";
    for (size_t i = 0, size = 2; i <= CT_SEARCH_PARAMS_MAX; i++)
        size += (size_t) snprintf(many + size, sizeof many - size, "k%zu&", i);
    CHECK(!search("params=(\"u\")", many, "/?u"), "too many parameters match nothing else");
    CHECK(search("params=(\"u\")", many, many), "but themselves");
}

int main(void)
{
    test_resolve();
    test_locations();
    test_groups();
    test_searches();
    return tap_done();
}
