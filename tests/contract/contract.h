/* SPDX-License-Identifier: MIT */
/*
 * The contract of cachet/sys/store.h as tests, run against every store there is: each program
 * of this directory holds a part of it and runs it against each row of the table below.
 */
#ifndef CT_TESTS_CONTRACT_H
#define CT_TESTS_CONTRACT_H

#include <sqlite3.h>

#include "unit/store/fixture.h"

/* A store under test. */
struct contract_store {
    const char *name;
    /* Writes the SPEC of a store that is not there yet, in a directory of the test's own. */
    void (*name_fresh)(const char *directory, char *ret_spec, size_t room);
    bool is_shared;     /* several handles and processes may use one at once */
    bool is_persistent; /* what was put is there after closing and opening again */
    /* Keeps writers out, as another process would, until the lock is let go; NULL: cannot. */
    void *(*lock)(const char *spec);
    void (*unlock)(void *locked);
};

/* One test's ground. */
struct ground {
    const struct contract_store *kind;
    char directory[256];
    char spec[512];
};

typedef void contract_part(const struct ground *ground);

static void name_sqlite(const char *directory, char *ret_spec, size_t room)
{
    (void) snprintf(ret_spec, room, "sqlite:%s/http.sqlite", directory);
}

static void *lock_sqlite(const char *spec)
{
    sqlite3 *db = NULL;

    if (sqlite3_open(strchr(spec, ':') + 1, &db) != SQLITE_OK ||
        sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        exit(2);
    return db;
}

static void unlock_sqlite(void *locked)
{
    (void) sqlite3_close(locked);
}

static const struct contract_store stores[] = {
    {"sqlite", name_sqlite, true, true, lock_sqlite, unlock_sqlite},
};

/* Runs each part against each store, on fresh ground. */
static int run_contract(contract_part *const *parts, size_t count)
{
    for (size_t i = 0; i < CT_COUNT_OF(stores); i++) {
        for (size_t j = 0; j < count; j++) {
            struct ground ground = {.kind = &stores[i]};
            make_directory(ground.directory, sizeof ground.directory);
            stores[i].name_fresh(ground.directory, ground.spec, sizeof ground.spec);
            printf("# %s, part %zu\n", stores[i].name, j + 1);
            parts[j](&ground);
            remove_tree(ground.directory);
        }
    }
    return tap_done();
}

#endif
