/* SPDX-License-Identifier: MIT */
#include "store/sqlite_store.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "store/sqlite_bodies.h"
#include "store/sqlite_conn.h"

#define INLINE_SIZE 16384

static void close_store(cachet_store *store)
{
    struct ct_sqlite_store *const self = ct_sqlite_of(store);

    ct_sqlite_pool_fini(&self->pool);
    ct_sqlite_bodies_fini(&self->bodies);
    (void) pthread_mutex_destroy(&self->sweep_lock);
    ct_sqlite_vfs_free(self->vfs);
    ct_mem_free(self->path);
    ct_mem_free(self->bodies_path);
    ct_mem_free(self->cache_namespace);
    ct_mem_free(self);
}

static const cachet_store_ops operations = {
    .size = sizeof operations,
    .name = "sqlite",
    .capabilities = {.size = sizeof operations.capabilities, .inline_size = INLINE_SIZE},
    .close = close_store,
    .head_get = ct_sqlite_head_get,
    .head_put = ct_sqlite_head_put,
    .head_drop = ct_sqlite_head_drop,
    .head_each = ct_sqlite_head_each,
    .body_create = ct_sqlite_body_create,
    .body_append = ct_sqlite_body_append,
    .body_commit = ct_sqlite_body_commit,
    .body_abort = ct_sqlite_body_abort,
    .body_drop = ct_sqlite_body_drop,
    .body_open = ct_sqlite_body_open,
    .body_read = ct_sqlite_body_read,
    .body_close = ct_sqlite_body_close,
};

static cachet_status init_locks(struct ct_sqlite_store *store, cachet_error *err)
{
    TRY(ct_sqlite_pool_init(&store->pool, err));
    if (ct_sqlite_bodies_init(&store->bodies, err) != CACHET_OK) {
        ct_sqlite_pool_fini(&store->pool);
        return CACHET_E_MEMORY;
    }
    if (pthread_mutex_init(&store->sweep_lock, NULL) != 0) {
        ct_sqlite_pool_fini(&store->pool);
        ct_sqlite_bodies_fini(&store->bodies);
        return ct_err_set(err, CACHET_E_MEMORY, "no mutex left");
    }
    return CACHET_OK;
}

/* A store whose locks are there: from here on close_store frees all of it. */
static cachet_status new_store(cachet_store **ret_store, cachet_error *err)
{
    CLEANUP(ct_mem_freep) struct ct_sqlite_store *store = NULL;

    TRY(ct_new(&store, err));
    TRY(init_locks(store, err));
    store->store.ops = &operations;
    *ret_store = &ct_steal(&store)->store;
    return CACHET_OK;
}

static cachet_status fill_in(struct ct_sqlite_store *self, const char *location,
                             const struct ct_store_settings *settings, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf bodies = ct_buf_with_ceiling(65536);

    self->busy_ms = settings->busy_ms;
    TRY(ct_mem_text(&self->cache_namespace, cachet_bytes_of(settings->cache_namespace), err));
    TRY(ct_sqlite_path_canonical(location, &self->path, err));
    ct_buf_format(&bodies, "%s-bodies", self->path);
    TRY(ct_buf_status(&bodies, err));
    TRY(ct_mem_text(&self->bodies_path, ct_buf_view(&bodies), err));
    return ct_sqlite_vfs_new(&self->vfs, self->path, self->busy_ms, err);
}

/* Opens a first connection: what is wrong with the database is told now, not at first use. */
static cachet_status try_it(struct ct_sqlite_store *self, cachet_error *err)
{
    struct ct_sqlite_conn *conn = NULL;

    ct_sqlite_vfs_after_fork();
    TRY(ct_sqlite_take(self, &conn, err));
    ct_sqlite_give_back(conn);
    return CACHET_OK;
}

cachet_status ct_sqlite_open(cachet_store **ret_store, const char *location,
                             const struct ct_store_settings *settings, cachet_error *err)
{
    CLEANUP(ct_store_closep) cachet_store *store = NULL;

    TRY(new_store(&store, err));
    TRY(fill_in(ct_sqlite_of(store), location, settings, err));
    if (settings->must_exist && !ct_file_identify(ct_sqlite_of(store)->path).is_there)
        return ct_err_set(err, CACHET_E_NOT_FOUND, "there is no cache at '%s'",
                          ct_sqlite_of(store)->path);
    TRY(try_it(ct_sqlite_of(store), err));
    *ret_store = ct_steal(&store);
    return CACHET_OK;
}

cachet_status ct_sqlite_check(const char *location, cachet_error *err)
{
    if (strncmp(location, "//", 2) == 0)
        return ct_err_set(err, CACHET_E_USAGE,
                          "'sqlite:%s' is no URL: write sqlite: and the path of a file",
                          location);
    return ct_sqlite_path_check(location, err);
}

cachet_status ct_sqlite_canonical(const char *location, char **ret_text, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf text = ct_buf_with_ceiling(65536);
    CLEANUP(ct_mem_freep) char *path = NULL;

    TRY(ct_sqlite_path_canonical(location, &path, err));
    /* Only a bare path may hold what would begin the options. */
    ct_buf_text(&text, strchr(path, '?') == NULL ? "sqlite:" : "");
    ct_buf_text(&text, path);
    TRY(ct_buf_status(&text, err));
    return ct_mem_text(ret_text, ct_buf_view(&text), err);
}
