/* SPDX-License-Identifier: MIT */
#include <sys/time.h>

#include "raw.h"

static char directory[256], bodies[600];

static const char *at(const char *name)
{
    return in(bodies, name);
}

static void make_old(const char *name, long age_s)
{
    const struct timeval then = {.tv_sec = (time_t) (ct_clock_now_ms() / 1000 - age_s)};
    const struct timeval times[2] = {then, then};

    if (utimes(at(name), times) != 0) {
        perror(name);
        exit(2);
    }
}

static void place(const char *name, long age_s)
{
    write_file(at(name), "x", 1);
    make_old(name, age_s);
}

static const struct {
    const char *name;
    long age_s;
    bool is_swept;
} files[] = {
    {"00000000000000000000000000000001", 7200, true},
    {"ffffffffffffffffffffffffffffffff", 7200, true},
    {"7fffffffffffffffffffffffffffffff", 3700, true},
    {".tmp-00000000000000000000000000000001", 7200, true},
    {".tmp-ffffffffffffffffffffffffffffffff", 3700, true},
    {"00000000000000000000000000000002", 3000, false},
    {".tmp-00000000000000000000000000000002", 0, false},
    {"00000000000000000000000000000003", -7200, false},
    {"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 7200, false},
    {"0000000000000000000000000000000", 7200, false},
    {"000000000000000000000000000000011", 7200, false},
    {"0000000000000000000000000000000g", 7200, false},
    {".tmp-", 7200, false},
    {".tmp-x", 7200, false},
    {".tmp-.tmp-00000000000000000000000000000001", 7200, false},
    {".00000000000000000000000000000001", 7200, false},
    {"notes.txt", 7200, false},
};

static void place_all(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(files); i++)
        place(files[i].name, files[i].age_s);
    place("outside", 7200);
    if (symlink("outside", at("000000000000000000000000000000aa")) != 0 ||
        link(at("outside"), at("000000000000000000000000000000bb")) != 0 ||
        mkdir(at("000000000000000000000000000000cc"), 0700) != 0)
        exit(2);
}

static void check_all(const char *when)
{
    for (size_t i = 0; i < CT_COUNT_OF(files); i++)
        CHECK(is_there(at(files[i].name)) == !files[i].is_swept, "%s %s, %ld s old, %s", when,
              files[i].name, files[i].age_s, files[i].is_swept ? "goes" : "stays");
    CHECK(is_there(at("000000000000000000000000000000aa")), "%s a symlink stays", when);
    CHECK(is_there(at("000000000000000000000000000000bb")), "%s a hard link stays", when);
    CHECK(is_there(at("000000000000000000000000000000cc")), "%s a directory stays", when);
    CHECK(is_there(at("outside")), "%s what they lead to stays", when);
}

int main(void)
{
    make_directory(directory, sizeof directory);
    char path[512];
    const cachet_body_id named = body_of(1);
    char name[33];

    (void) snprintf(path, sizeof path, "%s/http.sqlite", directory);
    (void) snprintf(bodies, sizeof bodies, "%s-bodies", path);
    for (size_t i = 0; i < sizeof named.bytes; i++)
        (void) snprintf(name + 2 * i, 3, "%02x", named.bytes[i]);
    cachet_store *store = open_store(path, "default", 250);
    CHECK(put_body(store, 1, "named") == CACHET_OK &&
              put_naming(store, 1, "head", NULL, &named, 1) == CACHET_OK,
          "a body and its head");
    make_old(name, 7200);
    place_all();
    CHECK(put(store, 2, 1, "x", NULL) == CACHET_OK, "a store that has written already");
    CHECK(is_there(at(files[0].name)), "does not sweep again");
    ct_store_close(store);

    store = open_store(path, "default", 250);
    CHECK(has(store, 1, "head"), "one newly opened reads");
    CHECK(is_there(at(files[0].name)), "without sweeping");
    CHECK(put(store, 3, 1, "x", NULL) == CACHET_OK, "and writes");
    check_all("after a head:");
    CHECK(open_body(store, 1) == CACHET_OK, "a named body stays, however old");
    ct_store_close(store);

    place(files[0].name, files[0].age_s);
    store = open_store(path, "another", 250);
    CHECK(put_body(store, 9, "x") == CACHET_OK, "a body is a write too, in any namespace");
    check_all("after a body:");
    CHECK(open_body(store, 1) == CACHET_OK, "a body named in another namespace stays");
    ct_store_close(store);
    remove_tree(directory);
    return tap_done();
}
