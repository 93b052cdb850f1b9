/* SPDX-License-Identifier: MIT */
/* What tests of stores share: a directory of their own, names by number, a visitor that counts.
 */
#ifndef CT_TESTS_STORE_FIXTURE_H
#define CT_TESTS_STORE_FIXTURE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "store/store.h"
#include "tap.h"

#define UNUSED __attribute__((unused))

/* Made anew for each test; removed with all that is in it. */
UNUSED static void make_directory(char *ret_path, size_t room)
{
    const char *const parent = getenv("TMPDIR");

    (void) snprintf(ret_path, room, "%s/cachet-test-XXXXXX", parent == NULL ? "/tmp" : parent);
    if (mkdtemp(ret_path) == NULL) {
        perror(ret_path);
        exit(2);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): a test's own two levels of directories */
UNUSED static void remove_tree(const char *path)
{
    char name[1024];
    DIR *const names = opendir(path);

    for (const struct dirent *at; names != NULL && (at = readdir(names)) != NULL;) {
        struct stat facts;
        if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0)
            continue;
        (void) snprintf(name, sizeof name, "%s/%s", path, at->d_name);
        if (lstat(name, &facts) == 0 && S_ISDIR(facts.st_mode))
            remove_tree(name);
        else
            (void) unlink(name);
    }
    if (names != NULL)
        (void) closedir(names);
    (void) rmdir(path);
}

/* "directory/name" in one of a few turning buffers. */
UNUSED static const char *in(const char *directory, const char *name)
{
    static char turning[8][1024];
    static unsigned turn;
    char *const text = turning[turn++ % 8];

    (void) snprintf(text, sizeof turning[0], "%s/%s", directory, name);
    return text;
}

UNUSED static cachet_name name_of(unsigned number)
{
    cachet_name name;

    for (size_t i = 0; i < sizeof name.bytes; i++)
        name.bytes[i] = (unsigned char) (number >> (8 * (i % 4)) ^ i * 7);
    return name;
}

UNUSED static cachet_body_id body_of(unsigned number)
{
    cachet_body_id id = {{0}};

    memcpy(id.bytes, name_of(number).bytes, sizeof id.bytes);
    return id;
}

UNUSED static cachet_store *open_store(const char *spec, const char *cache_namespace,
                                       uint32_t busy_ms)
{
    const struct ct_store_settings settings = {.cache_namespace = cache_namespace,
                                               .busy_ms = busy_ms};
    cachet_store *store = NULL;
    cachet_error err = {CACHET_OK, ""};

    if (ct_store_open(&store, spec, &settings, &err) != CACHET_OK) {
        printf("# cannot open %s: %s\n", spec, err.message);
        exit(2);
    }
    return store;
}

/* The status of opening, which is expected to fail; err tells why. */
UNUSED static cachet_status try_open(const char *spec, cachet_error *err)
{
    const struct ct_store_settings settings = {.cache_namespace = "default", .busy_ms = 250};
    cachet_store *store = NULL;
    const cachet_status status = ct_store_open(&store, spec, &settings, err);

    if (status == CACHET_OK)
        err->message[0] = '\0';
    ct_store_close(store);
    return status;
}

UNUSED static cachet_head_put put_of(unsigned key, unsigned variant, cachet_bytes head,
                                     cachet_bytes expected)
{
    return (cachet_head_put){
        .key = name_of(key), .variant = name_of(variant), .head = head, .expected = expected};
}

UNUSED static cachet_status put(cachet_store *store, unsigned key, unsigned variant,
                                const char *head, const char *expected)
{
    const cachet_head_put one =
        put_of(key, variant, cachet_bytes_of(head), cachet_bytes_of(expected));

    return ct_store_head_put(store, &one, NULL);
}

UNUSED static cachet_status put_naming(cachet_store *store, unsigned key, const char *head,
                                       const char *expected, const cachet_body_id *bodies,
                                       size_t body_count)
{
    cachet_head_put one = put_of(key, 1, cachet_bytes_of(head), cachet_bytes_of(expected));

    one.bodies = bodies;
    one.body_count = body_count;
    return ct_store_head_put(store, &one, NULL);
}

UNUSED static cachet_status drop(cachet_store *store, unsigned key, unsigned variant,
                                 const char *expected)
{
    const cachet_name name = name_of(key), other = name_of(variant);

    return ct_store_head_drop(store, &name, &other, cachet_bytes_of(expected), NULL);
}

/* What a visitor saw: how many, and the last of them. */
struct seen {
    size_t count;
    size_t size;
    bool has_data;
    cachet_name key, variant;
    unsigned char head[4096]; /* as much of it as fits */
};

UNUSED static cachet_status see(void *context, const cachet_stored_head *head)
{
    struct seen *const seen = context;

    seen->count++;
    seen->size = head->head.size;
    seen->has_data = head->head.data != NULL;
    seen->key = head->key;
    seen->variant = head->variant;
    if (seen->has_data)
        memcpy(seen->head, head->head.data, seen->size < 4096 ? seen->size : 4096);
    return CACHET_OK;
}

UNUSED static struct seen get(cachet_store *store, unsigned key)
{
    struct seen seen = {0};
    cachet_error err = {CACHET_OK, ""};
    const cachet_name name = name_of(key);

    if (ct_store_head_get(store, &name, see, &seen, &err) != CACHET_OK) {
        printf("# get: %s\n", err.message);
        seen.count = SIZE_MAX;
    }
    return seen;
}

/* Is there exactly one head under the key, and is it this one? */
UNUSED static bool has(cachet_store *store, unsigned key, const char *head)
{
    const struct seen seen = get(store, key);

    return seen.count == 1 && seen.has_data &&
           ct_bytes_equal(ct_bytes(seen.head, seen.size), cachet_bytes_of(head));
}

/* A committed body of one short chunk. */
UNUSED static cachet_status put_body(cachet_store *store, unsigned number, const char *text)
{
    const cachet_name key = name_of(1);
    const cachet_body_id id = body_of(number);
    cachet_body_writer *writer = NULL;

    TRY(ct_store_body_create(store, &key, &id, &writer, NULL));
    if (ct_store_body_append(writer, cachet_bytes_of(text), NULL) != CACHET_OK) {
        ct_store_body_abort(writer);
        return CACHET_E_STORE;
    }
    return ct_store_body_commit(&writer, NULL);
}

UNUSED static cachet_status open_body(cachet_store *store, unsigned number)
{
    const cachet_name key = name_of(1);
    const cachet_body_id id = body_of(number);
    cachet_body_reader *reader = NULL;
    const cachet_status status = ct_store_body_open(store, &key, &id, &reader, NULL);

    ct_store_body_close(reader);
    return status;
}

/*
 * Ends a child with an answer. A child never closes the connections it inherited, so that it
 * ends with memory SQLite still uses: exec leaves nothing for a leak checker to misread.
 */
UNUSED static void end_child(int answer)
{
    char command[32];

    (void) fflush(stdout);
    (void) snprintf(command, sizeof command, "exit %d", answer);
    (void) execl("/bin/sh", "sh", "-c", command, (char *) NULL);
    _exit(97);
}

/* Runs `child` in a process of its own; its answer is the exit code, 99 for a signal. */
UNUSED static int in_child(int (*child)(void *context), void *context)
{
    int status = 0;

    (void) fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0)
        end_child(child(context));
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 98;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

#endif
