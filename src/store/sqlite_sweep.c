/* SPDX-License-Identifier: MIT */
/*
 * What crashes leave behind: body files that no head names. Before a store's first write the
 * directory is looked through once, within bounds, from a random place on, so that in a large
 * one every part gets its turn. Only files named as ours are, regular, with one name and over
 * an hour old are deleted; any doubt and any failure leaves them where they are.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "store/sqlite_bodies.h"
#include "store/sqlite_conn.h"

#define OLD_MS (INT64_C(60) * 60 * 1000)
#define LOOKED_AT_MAX 10000u /* files */
#define NAMES_MAX 1000000u   /* directory entries, ours or not */
#define TIME_MAX_MS 100

struct sweep {
    struct ct_sqlite_conn *conn;
    int directory;
    unsigned char start; /* the first byte of the ids to begin with */
    size_t names, looked_at;
    int64_t now_ms, deadline_ms;
};

static void close_directory(DIR **directory)
{
    if (*directory != NULL)
        (void) closedir(*directory);
}

/* Names are compared with the one way of writing an id: what else is there is not ours. */
static bool parse_name(const char *name, cachet_body_id *ret_id, bool *ret_is_temporary)
{
    char again[2 * CACHET_BODY_ID_SIZE + 1];

    *ret_is_temporary = strncmp(name, ".tmp-", 5) == 0;
    name += *ret_is_temporary ? 5 : 0;
    if (!ct_hex_decode(cachet_bytes_of(name), ret_id->bytes, sizeof ret_id->bytes))
        return false;
    ct_hex_encode(ct_bytes(ret_id->bytes, sizeof ret_id->bytes), again);
    return strcmp(name, again) == 0;
}

static bool is_named(struct ct_sqlite_conn *conn, const cachet_body_id *id)
{
    CLEANUP(ct_sql_reset) sqlite3_stmt *find = NULL;
    bool is_row = true;

    if (ct_sql_use(conn, CT_SQL_BODY_IS_NAMED, &find, NULL) != CACHET_OK)
        return true;
    ct_sql_bind(find, 1, ct_bytes(id->bytes, sizeof id->bytes));
    return ct_sql_step(conn, find, &is_row, NULL) != CACHET_OK || is_row;
}

static bool is_old(const struct sweep *sweep, const char *name)
{
    struct stat facts;

    return fstatat(sweep->directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
           sweep->now_ms - (int64_t) facts.st_mtime * 1000 > OLD_MS;
}

static void look_at(struct sweep *sweep, const char *name, bool is_second_half)
{
    cachet_body_id id;
    bool is_temporary;

    if (!parse_name(name, &id, &is_temporary) || (id.bytes[0] < sweep->start) != is_second_half)
        return;
    sweep->looked_at++;
    if (is_old(sweep, name) && (is_temporary || !is_named(sweep->conn, &id)))
        ct_bodies_delete_file(sweep->directory, name);
}

static bool has_more(const struct sweep *sweep)
{
    return sweep->looked_at < LOOKED_AT_MAX && sweep->names < NAMES_MAX &&
           !sweep->conn->is_broken && ct_clock_monotonic_ms() < sweep->deadline_ms;
}

static void look_through(struct sweep *sweep, DIR *names, bool is_second_half)
{
    const struct dirent *entry = readdir(names);

    for (; entry != NULL && has_more(sweep); entry = readdir(names)) {
        sweep->names++;
        look_at(sweep, entry->d_name, is_second_half);
    }
}

/* A descriptor of our own: reading it moves its position, and the lock must not be held. */
static int open_again(struct ct_sqlite_store *store)
{
    CLEANUP(ct_bodies_let_go) struct ct_bodies_hold hold = {NULL, -1};

    if (ct_bodies_hold(store, false, &hold, NULL) != CACHET_OK)
        return -1;
    return openat(hold.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void sweep_directory(struct ct_sqlite_store *store)
{
    CLEANUP(ct_sqlite_give_backp) struct ct_sqlite_conn *conn = NULL;
    CLEANUP(close_directory) DIR *names = NULL;
    CLEANUP(ct_fd_close) int fd = open_again(store);
    struct sweep sweep = {.directory = fd, .now_ms = ct_clock_now_ms()};

    if (fd < 0 || ct_sqlite_take(store, &conn, NULL) != CACHET_OK ||
        ct_random(&sweep.start, sizeof sweep.start, NULL) != CACHET_OK)
        return;
    names = fdopendir(fd);
    if (names == NULL)
        return;
    (void) ct_fd_steal(&fd); /* the stream closes it */
    sweep.conn = conn;
    sweep.deadline_ms = ct_clock_monotonic_ms() + TIME_MAX_MS;
    look_through(&sweep, names, false);
    rewinddir(names);
    look_through(&sweep, names, true);
}

static bool is_my_turn(struct ct_sqlite_store *store)
{
    (void) pthread_mutex_lock(&store->sweep_lock);
    const bool is_first = !store->is_swept;
    store->is_swept = true;
    (void) pthread_mutex_unlock(&store->sweep_lock);
    return is_first;
}

void ct_sqlite_sweep_once(struct ct_sqlite_store *store)
{
    if (is_my_turn(store))
        sweep_directory(store);
}

void ct_sqlite_body_drop(cachet_store *store, const cachet_name *key, const cachet_body_id *id)
{
    struct ct_sqlite_store *const self = ct_sqlite_of(store);
    CLEANUP(ct_sqlite_give_backp) struct ct_sqlite_conn *conn = NULL;

    (void) key;
    if (ct_sqlite_take(self, &conn, NULL) == CACHET_OK && !is_named(conn, id))
        ct_sqlite_bodies_delete(self, id, 1);
}
