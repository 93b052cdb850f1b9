/* SPDX-License-Identifier: MIT */
/*
 * A child's connections must hold locks of their own. If they do not, the parent, closing what
 * it takes for the last connection, deletes the write-ahead log under the child.
 */
#include "raw.h"

struct family {
    cachet_store *stores[2];
    int to_child[2], to_parent[2];
};

static void say(int fd)
{
    if (write(fd, "x", 1) != 1)
        _exit(7);
}

static void hear(int fd)
{
    char byte;
    if (read(fd, &byte, 1) != 1)
        _exit(8);
}

static cachet_status wait_inside(void *context, const cachet_stored_head *head)
{
    struct family *const family = context;

    (void) head;
    say(family->to_parent[1]);
    hear(family->to_child[0]);
    return CACHET_OK;
}

/* Reads through the first store only; the second one's files must not stand in its way. */
static int child(struct family *family)
{
    const cachet_name key = name_of(1);
    const cachet_status status =
        ct_store_head_get(family->stores[0], &key, wait_inside, family, NULL);

    if (status != CACHET_OK || !has(family->stores[0], 1, "kept"))
        return 1;
    return put(family->stores[0], 2, 1, "child", NULL) == CACHET_OK ? 0 : 2;
}

int main(void)
{
    char directory[256];
    struct family family;
    int status = -1;

    make_directory(directory, sizeof directory);
    const char *const path = in(directory, "http.sqlite");
    const char *const wal = in(directory, "http.sqlite-wal");
    for (int i = 0; i < 2; i++)
        family.stores[i] = open_store(path, "default", 2000);
    CHECK(put(family.stores[1], 1, 1, "kept", NULL) == CACHET_OK, "a head");
    if (pipe(family.to_child) != 0 || pipe(family.to_parent) != 0)
        return 2;
    (void) fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0)
        end_child(child(&family));
    hear(family.to_parent[0]);
    CHECK(is_there(wal), "the child reads with a log");
    for (int i = 0; i < 2; i++)
        ct_store_close(family.stores[i]);
    CHECK(is_there(wal), "which the parent, leaving first, does not delete");
    cachet_store *store = open_store(path, "default", 2000);
    CHECK(put(store, 3, 1, "meanwhile", NULL) == CACHET_OK, "others write meanwhile");
    say(family.to_child[1]);
    CHECK(waitpid(pid, &status, 0) == pid && status == 0, "the child goes on (%d)", status);
    CHECK(has(store, 1, "kept") && has(store, 2, "child") && has(store, 3, "meanwhile"),
          "and nothing is lost");
    ct_store_close(store);
    CHECK(!is_there(wal), "the last one to leave empties the log");
    CHECK(ask_sql(path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = "
                        "'ok'") == 1,
          "the database is whole");
    remove_tree(directory);
    return tap_done();
}
