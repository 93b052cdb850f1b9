/* SPDX-License-Identifier: MIT */
/* What a database of ours looks like, and whether one looks so. */
#ifndef CT_STORE_SQLITE_SCHEMA_H
#define CT_STORE_SQLITE_SCHEMA_H

#include "store/sqlite_conn.h"

/* "CCHS"; the version goes up when the tables below change. */
#define CT_SQLITE_APPLICATION_ID 0x43434853
#define CT_SQLITE_VERSION 1

/*
 * OK if the database is ours, after having made it so if it was empty. E_VERSION: a newer
 * cachet's. E_STORE: somebody else's. In both cases it is left as it is.
 */
cachet_status ct_sqlite_schema_check(struct ct_sqlite_conn *conn, cachet_error *err);

/* Readers and one writer at once, also across processes. */
cachet_status ct_sqlite_schema_use_wal(struct ct_sqlite_conn *conn, cachet_error *err);

/* Runs statements whose rows nobody wants. */
cachet_status ct_sqlite_exec(struct ct_sqlite_conn *conn, const char *sql, cachet_error *err);

#endif
