/* SPDX-License-Identifier: MIT */
#include "base/mem.h"
#include "raw.h"

static const struct {
    const char *spec;
    cachet_status expected;
    const char *word; /* stands in the message */
} specs[] = {
    {"http.sqlite", CACHET_OK, ""},
    {"./a/b.sqlite", CACHET_OK, ""},
    {"/tmp/x", CACHET_OK, ""},
    {"sqlite:http.sqlite", CACHET_OK, ""},
    {"sqlite:/tmp/x", CACHET_OK, ""},
    {"what?name=value", CACHET_OK, ""},
    {"C:odd but a name", CACHET_E_USAGE, "./C:"},
    {"my.redis:6379.sqlite", CACHET_E_USAGE, "./my.redis:"},
    {"./my.redis:6379.sqlite", CACHET_OK, ""},
    {"./redis://x", CACHET_OK, ""},
    {"sqlite:redis://x", CACHET_OK, ""},
    {"", CACHET_E_USAGE, "no place"},
    {"sqlite:", CACHET_E_USAGE, "no place"},
    {"sqlite:?x=1", CACHET_E_USAGE, "no place"},
    {"sqlite:x?limit=1", CACHET_E_USAGE, "'limit'"},
    {"sqlite:x?limit", CACHET_E_USAGE, "name=value"},
    {"sqlite:x?li%6dit=1", CACHET_E_USAGE, "'limit'"},
    {"sqlite://x", CACHET_E_USAGE, "no URL"},
    {"sqlite:///x", CACHET_E_USAGE, "no URL"},
    {"directory/", CACHET_E_USAGE, "directory"},
    {"/", CACHET_E_USAGE, "directory"},
    {".", CACHET_E_USAGE, "directory"},
    {"..", CACHET_E_USAGE, "directory"},
    {"sqlite:a/..", CACHET_E_USAGE, "directory"},
    {"files:DIR", CACHET_E_USAGE, "'files'"},
    {"memory:", CACHET_E_USAGE, "'memory'"},
    {"redis://host/0", CACHET_E_USAGE, "'redis'"},
    {"rediss://host", CACHET_E_USAGE, "'rediss'"},
    {"redis+unix:///run/x", CACHET_E_USAGE, "'redis+unix'"},
    {"redis-cluster://a,b", CACHET_E_USAGE, "'redis-cluster'"},
    {"mongodb://host", CACHET_E_USAGE, "'mongodb'"},
    {"dynamodb://eu-west-1/table", CACHET_E_USAGE, "'dynamodb'"},
    {"requests-cache:x.sqlite", CACHET_E_USAGE, "'requests-cache'"},
    {"requests-cache+files:x", CACHET_E_USAGE, "'requests-cache+files'"},
    {"requests-cache+redis://x", CACHET_E_USAGE, "'requests-cache+redis'"},
    {"requests-cache+mongodb://x", CACHET_E_USAGE, "'requests-cache+mongodb'"},
    {"https://example.com/", CACHET_E_USAGE, "'https'"},
};

static void check_specs(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(specs); i++) {
        cachet_error err = {CACHET_OK, ""};
        const cachet_status status = ct_store_check_spec(specs[i].spec, &err);
        CHECK(status == specs[i].expected, "'%s': %s", specs[i].spec,
              cachet_status_text(status));
        CHECK(strstr(err.message, specs[i].word) != NULL, "'%s' says so: %s", specs[i].spec,
              err.message);
        if (specs[i].expected != CACHET_OK)
            CHECK(try_open(specs[i].spec, &err) == specs[i].expected, "'%s' does not open",
                  specs[i].spec);
    }
}

static void check_canonical(const char *spec, const char *expected)
{
    CLEANUP(ct_mem_freep) char *text = NULL;
    cachet_error err = {CACHET_OK, ""};
    const cachet_status status = ct_store_canonical_spec(spec, &text, &err);

    CHECK(status == CACHET_OK && strcmp(text, expected) == 0, "'%s' is %s (%s%s)", spec,
          expected, text == NULL ? "" : text, err.message);
}

static void check_paths(const char *directory)
{
    char expected[600], there[400];

    if (chdir(directory) != 0 || getcwd(there, sizeof there) == NULL ||
        mkdir("real", 0700) != 0 || symlink("real", "link") != 0)
        exit(2);
    (void) snprintf(expected, sizeof expected, "sqlite:%s/x.db", there);
    check_canonical("x.db", expected);
    check_canonical("./x.db", expected);
    check_canonical("sqlite:x.db", expected);
    check_canonical("real/../x.db", expected);
    check_canonical("new/../x.db", expected);
    check_canonical("./new/.././/x.db", expected);
    (void) snprintf(expected, sizeof expected, "sqlite:%s/real/x.db", there);
    check_canonical("real/x.db", expected);
    check_canonical("link/x.db", expected);
    check_canonical("link/.//new/../x.db", expected);
    (void) snprintf(expected, sizeof expected, "sqlite:%s/.new/b/x.db", there);
    check_canonical(".new/b/x.db", expected);
    check_canonical(".new//b/./x.db", expected);
    (void) snprintf(expected, sizeof expected, "%s/x?a=b", there);
    check_canonical("x?a=b", expected);
    check_canonical("/x.db", "sqlite:/x.db");
    check_canonical("/new-and-not-there/../../x.db", "sqlite:/x.db");

    cachet_store *store = open_store("deep/er/x.db", "default", 250);
    ct_store_close(store);
    CHECK(mode_of("deep") == 0700 && mode_of("deep/er") == 0700, "directories are made 0700");
    (void) snprintf(expected, sizeof expected, "sqlite:%s/deep/er/x.db", there);
    check_canonical("deep/er/x.db", expected);
    store = open_store("link/y.db", "default", 250);
    CHECK(is_there("real/y.db"), "a link among the directories is followed");
    ct_store_close(store);
}

static void check_namespaces(const char *directory)
{
    char name[300];
    const char *const path = in(directory, "names.db");
    struct ct_store_settings settings = {.cache_namespace = "", .busy_ms = 250};
    cachet_store *store = NULL;

    CHECK(ct_store_open(&store, path, &settings, NULL) == CACHET_E_USAGE && store == NULL,
          "a namespace has a name");
    memset(name, 'n', sizeof name);
    name[256] = '\0';
    settings.cache_namespace = name;
    CHECK(ct_store_open(&store, path, &settings, NULL) == CACHET_E_USAGE, "not of 256 bytes");
    CHECK(!is_there(path), "and nothing was made");
    name[255] = '\0';
    CHECK(ct_store_open(&store, path, &settings, NULL) == CACHET_OK, "one of 255 is fine");
    ct_store_close(store);
}

int main(void)
{
    char directory[256], path[700];
    cachet_error err;

    make_directory(directory, sizeof directory);
    check_specs();
    check_paths(directory);
    check_namespaces(directory);
    (void) snprintf(path, sizeof path, "%s/%0400d.db", directory, 1);
    CHECK(try_open(path, &err) != CACHET_OK, "a name too long for the system: %s", err.message);
    remove_tree(directory);
    return tap_done();
}
