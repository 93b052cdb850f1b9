/* SPDX-License-Identifier: MIT */
/* What opens, what is refused, and what is passed by (SEAL 2, DESIGN 9.4). */
#include <cachet/inspect.h>

#include <fcntl.h>

#include "talk.h"

#define URL "http://example.org/"

static const struct talk_answer answer = {
    .status = 200, .fields = {{"Cache-Control", "max-age=60"}}, .body = "x", .body_size = 1};

static cachet_status open_with_keyring(const char *keyring_name, const char *name,
                                       const char *cache_namespace, const unsigned char *id,
                                       cachet_cache **ret_cache, cachet_error *err)
{
    cachet_options options = CACHET_OPTIONS_INIT;
    cachet_keyring *keyring = NULL;
    char spec[SCRATCH_PATH_MAX];

    (void) snprintf(spec, sizeof spec, "file:%s", scratch_path(keyring_name));
    const cachet_status made = cachet_keyring_create(spec, err);
    if (made != CACHET_OK && made != CACHET_E_CONFLICT)
        return made;
    if (cachet_keyring_open(&keyring, spec, err) != CACHET_OK)
        return err->status;
    options.keyring = keyring;
    options.cache_namespace = cache_namespace;
    options.cache_id = id;
    const cachet_status status =
        cachet_cache_open(ret_cache, scratch_path(name), &options, err);
    cachet_keyring_free(keyring);
    return status;
}

static void test_keys(struct talk *talk)
{
    cachet_options options = CACHET_OPTIONS_INIT;
    cachet_cache *cache = NULL;
    cachet_error err = {0};

    CHECK(cachet_cache_open(&cache, scratch_path("sealed"), &options, &err) ==
                  CACHET_E_NO_KEY &&
              cache == NULL && strstr(err.message, "keys new") != NULL,
          "no keyring and no word about it is refused: %s", err.message);
    CHECK(talk_open_with(talk, "sealed", 0) == CACHET_OK, "a cache is made: %s",
          talk->err.message);
    (void) talk_get(talk, URL, TALK_START_MS, &answer);
    CHECK(open_with_keyring("other-keyring", "sealed", NULL, NULL, &cache, &err) ==
                  CACHET_E_UNKNOWN_KEY &&
              cache == NULL,
          "another keyring does not open it: %s", err.message);
    options.flags = CACHET_UNSEALED;
    CHECK(cachet_cache_open(&cache, scratch_path("sealed"), &options, &err) ==
                  CACHET_E_UNKNOWN_KEY &&
              cache == NULL,
          "nor does a session without a key: %s", err.message);
    CHECK(talk_get(talk, URL, TALK_START_MS, NULL) == CACHET_OK && talk->is_hit,
          "and nothing was lost by trying");
}

static void test_unsealed(void)
{
    struct talk *const talk = calloc(1, sizeof *talk);
    cachet_cache *cache = NULL;
    cachet_error err = {0};

    CHECK(talk_open_with(talk, "plain", CACHET_UNSEALED) == CACHET_OK, "an unsealed cache: %s",
          talk->err.message);
    (void) talk_get(talk, URL, TALK_START_MS, &answer);
    CHECK(talk_get(talk, URL, TALK_START_MS, NULL) == CACHET_OK && talk->is_hit, "serves");
    CHECK(open_with_keyring("keyring", "plain", NULL, NULL, &cache, &err) != CACHET_OK &&
              cache == NULL,
          "a keyring does not read what is unsealed: %s", err.message);
    talk_close(talk);
    free(talk);
}

static void test_ids(struct talk *talk)
{
    cachet_cache *cache = NULL;
    cachet_error err = {0};
    unsigned char id[16], other[16];
    int is_new = -1;

    CHECK(cachet_cache_id(talk->cache, id, &is_new, &err) == CACHET_OK && is_new == 1,
          "a cache that was just made says so");
    CHECK(open_with_keyring("keyring", "sealed", NULL, id, &cache, &err) == CACHET_OK,
          "its id can be asked for");
    CHECK(cachet_cache_id(cache, other, &is_new, &err) == CACHET_OK && is_new == 0 &&
              memcmp(id, other, 16) == 0,
          "and stays the same");
    cachet_cache_close(cache);
    cache = NULL;
    other[3] ^= 1;
    CHECK(open_with_keyring("keyring", "sealed", NULL, other, &cache, &err) ==
                  CACHET_E_UNKNOWN_KEY &&
              cache == NULL,
          "another id is refused: %s", err.message);
    CHECK(open_with_keyring("keyring", "sealed", "tenant", NULL, &cache, &err) == CACHET_OK,
          "another namespace is another cache");
    CHECK(cachet_cache_id(cache, other, &is_new, &err) == CACHET_OK && is_new == 1 &&
              memcmp(id, other, 16) != 0,
          "with an id of its own");
    cachet_cache_close(cache);
}

static cachet_status count_entry(void *context, const cachet_entry *entry)
{
    (void) entry;
    ++*(int *) context;
    return CACHET_OK;
}

static void test_bypass(void)
{
    struct talk *const talk = calloc(1, sizeof *talk);
    const int fd = open(scratch_path("garbage"), O_WRONLY | O_CREAT, 0600);
    cachet_error err = {0};
    int count = 0;

    for (int i = 0; i < 1000; i++)
        (void) !write(fd, "this is no database ", 20);
    (void) close(fd);
    CHECK(talk_open_with(talk, "garbage", 0) == CACHET_OK,
          "a store that does not work does not keep a cache from opening: %s",
          talk->err.message);
    CHECK(cachet_cache_check(talk->cache, &err) == CACHET_E_STORE, "it says why: %s",
          err.message);
    CHECK(talk_get(talk, URL, TALK_START_MS, &answer) == CACHET_OK && !talk->is_hit &&
              strstr(talk->fields, "fwd=bypass") != NULL,
          "requests are answered by the origin: %s", talk_cache_status(talk));
    CHECK(talk->last_kind == CACHET_EVENT_MISS, "after an event that says bypassed");
    CHECK(cachet_cache_each(talk->cache, NULL, 0, count_entry, &count, &err) == CACHET_E_STORE,
          "what needs the store fails: %s", err.message);
    cachet_stats_counts stats = CACHET_STATS_INIT;
    cachet_cache_stats(talk->cache, &stats);
    CHECK(stats.bypassed == 1, "the bypass was counted");
    talk_close(talk);
    free(talk);
}

static void test_keyring_place(void)
{
    cachet_cache *cache = NULL;
    cachet_error err = {0};

    (void) mkdir(scratch_path("shared"), 0700);
    (void) chmod(scratch_path("shared"), 01777);
    CHECK(open_with_keyring("shared/keyring", "shared/cache", NULL, NULL, &cache, &err) ==
                  CACHET_E_USAGE &&
              strstr(err.message, "others can write") != NULL,
          "a keyring beside the cache where others can write is refused: %s", err.message);
    CHECK(open_with_keyring("shared/keyring", "elsewhere", NULL, NULL, &cache, &err) ==
              CACHET_OK,
          "apart from it, it is the sticky directory's affair: %s", err.message);
    cachet_cache_close(cache);
}

static void test_no_create(void)
{
    struct talk *const talk = calloc(1, sizeof *talk);

    CHECK(talk_open_with(talk, "nowhere", CACHET_NO_CREATE) == CACHET_E_NOT_FOUND &&
              talk->cache == NULL && access(scratch_path("nowhere"), F_OK) != 0,
          "a cache that must be there is not made: %s", talk->err.message);
    CHECK(talk_open_with(talk, "sealed", CACHET_NO_CREATE) == CACHET_OK,
          "one that is there opens");
    talk_close(talk);
    free(talk);
}

static void test_usage(void)
{
    struct talk *const talk = calloc(1, sizeof *talk);

    CHECK(talk_open_with(talk, "keyring", 0) == CACHET_OK, "the keyring itself is no cache");
    CHECK(talk_get(talk, URL, TALK_START_MS, &answer) == CACHET_OK && !talk->is_hit,
          "and is passed by");
    talk_close(talk);
    free(talk);
}

static cachet_status look_at(void *context, const cachet_entry *entry)
{
    struct talk *const talk = context;

    (void) snprintf(talk->fields, sizeof talk->fields, "%s %s %s %d %llu",
                    cachet_entry_state_name(entry->state), entry->method, entry->url,
                    entry->status, (unsigned long long) entry->body_size);
    talk->body_size++;
    return CACHET_OK;
}

static void test_inspection(struct talk *talk)
{
    cachet_filter filter = CACHET_FILTER_INIT;
    size_t removed = 0;

    talk->body_size = 0;
    CHECK(cachet_cache_each(talk->cache, NULL, TALK_START_MS, look_at, talk, &talk->err) ==
                  CACHET_OK &&
              talk->body_size == 1 &&
              strcmp(talk->fields, "fresh GET http://example.org/ 200 1") == 0,
          "an entry is seen as it is: %s", talk->fields);
    filter.flags = CACHET_FILTER_EXPIRED | CACHET_FILTER_BODIES;
    CHECK(cachet_cache_each(talk->cache, &filter, TALK_START_MS, look_at, talk, &talk->err) ==
                  CACHET_OK &&
              talk->body_size == 1,
          "a filter keeps it out");
    CHECK(cachet_cache_each(talk->cache, &filter, TALK_START_MS + 61000, look_at, talk,
                            &talk->err) == CACHET_OK &&
              talk->body_size == 2,
          "and lets it through when it is stale");
    filter.flags = 0;
    filter.url = "HTTP://EXAMPLE.ORG:80/";
    CHECK(cachet_cache_remove(talk->cache, &filter, TALK_START_MS, &removed, &talk->err) ==
                  CACHET_OK &&
              removed == 1,
          "it is removed by its URL in another spelling");
    CHECK(talk_get(talk, URL, TALK_START_MS, NULL) == CACHET_E_TRANSFER, "and is gone");
}

int main(void)
{
    struct talk *const talk = calloc(1, sizeof *talk);

    scratch_begin();
    test_keys(talk);
    if (talk->cache != NULL) {
        test_ids(talk);
        test_inspection(talk);
    }
    test_unsealed();
    test_bypass();
    test_keyring_place();
    test_no_create();
    test_usage();
    talk_close(talk);
    free(talk);
    return tap_done();
}
