/* SPDX-License-Identifier: MIT */
/* The directory of body files: see the head of sqlite_bodies.c for what lies in it. */
#ifndef CT_STORE_SQLITE_BODIES_H
#define CT_STORE_SQLITE_BODIES_H

#include "store/sqlite_store.h"

/* ".tmp-", 32 digits, a NUL. */
#define CT_BODY_NAME_SIZE 38u

/* The directory while it is in use. No connection is taken meanwhile (a connection's taker may
 * look the directory up). For CLEANUP: CLEANUP(ct_bodies_let_go). */
struct ct_bodies_hold {
    struct ct_sqlite_bodies *bodies; /* NULL: not held */
    int fd;
};

cachet_status ct_sqlite_bodies_init(struct ct_sqlite_bodies *bodies, cachet_error *err);
void ct_sqlite_bodies_fini(struct ct_sqlite_bodies *bodies);

/* E_NOT_FOUND if there is none and none is to be made. */
cachet_status ct_bodies_hold(struct ct_sqlite_store *store, bool is_made,
                             struct ct_bodies_hold *ret_hold, cachet_error *err);
void ct_bodies_let_go(struct ct_bodies_hold *hold);

/* Gives the directory up if it is no longer the one the path leads to. */
void ct_bodies_look_again(struct ct_sqlite_store *store);

/* Deletes `name`, if it is a regular file with one name, owned by this user or root. */
void ct_bodies_delete_file(int directory, const char *name);

#endif
