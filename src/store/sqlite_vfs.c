/* SPDX-License-Identifier: MIT */
#include "store/sqlite_vfs.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "store/sqlite_path.h"
#include "store/sqlite_vfs_file.h"

#ifndef SQLITE_MUTEX_STATIC_MAIN /* its name before 3.34 */
#define SQLITE_MUTEX_STATIC_MAIN SQLITE_MUTEX_STATIC_MASTER
#endif

struct ct_sqlite_vfs {
    sqlite3_vfs base;
    sqlite3_vfs *real;
    pid_t pid;                    /* whose descriptors and locks the files are */
    struct ct_sqlite_file *files; /* guarded by CT_SQLITE_FILES_MUTEX */
    int nap_max_us;
    char name[40];
    char *path, *wal, *shm, *journal;
};

static struct ct_sqlite_vfs *ours(sqlite3_vfs *vfs)
{
    return (struct ct_sqlite_vfs *) (void *) vfs;
}

static bool is_ours(const struct ct_sqlite_vfs *vfs, const char *path)
{
    return strcmp(path, vfs->path) == 0 || strcmp(path, vfs->wal) == 0 ||
           strcmp(path, vfs->shm) == 0 || strcmp(path, vfs->journal) == 0;
}

/* A file may only be opened as what its name says. Temporary files have no name. */
static bool is_as_named(const struct ct_sqlite_vfs *vfs, const char *path, int flags)
{
    if (path == NULL)
        return false;
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
        return strcmp(path, vfs->path) == 0;
    if ((flags & SQLITE_OPEN_WAL) != 0)
        return strcmp(path, vfs->wal) == 0;
    return (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0 && strcmp(path, vfs->journal) == 0;
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                    int *ret_flags)
{
    struct ct_sqlite_vfs *const self = ours(vfs);
    struct ct_sqlite_file *const opened = (struct ct_sqlite_file *) (void *) file;

    *opened = (struct ct_sqlite_file){0};
    if (!is_as_named(self, path, flags) || ct_sqlite_file_check(path, NULL) != CACHET_OK)
        return SQLITE_CANTOPEN;

    sqlite3_file *const below = ct_sqlite_file_real(opened);
    memset(below, 0, (size_t) self->real->szOsFile);
    const int rc = self->real->xOpen(self->real, path, below, flags, ret_flags);
    if (rc != SQLITE_OK) {
        if (below->pMethods != NULL)
            (void) below->pMethods->xClose(below);
        return rc;
    }
    opened->shm_path = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? self->shm : NULL;
    ct_sqlite_file_adopt(opened, &self->files);
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int is_dir_synced)
{
    struct ct_sqlite_vfs *const self = ours(vfs);

    if (!is_ours(self, path) || ct_sqlite_file_check(path, NULL) != CACHET_OK)
        return SQLITE_IOERR_DELETE;
    return self->real->xDelete(self->real, path, is_dir_synced);
}

/* A super-journal that a planted journal names "is not there": SQLite then leaves it alone. */
static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret_answer)
{
    struct ct_sqlite_vfs *const self = ours(vfs);

    *ret_answer = 0;
    if (!is_ours(self, path))
        return SQLITE_OK;
    return self->real->xAccess(self->real, path, flags, ret_answer);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int size, char *ret_path)
{
    struct ct_sqlite_vfs *const self = ours(vfs);

    if (strcmp(path, self->path) != 0)
        return SQLITE_CANTOPEN;
    const int rc = self->real->xFullPathname(self->real, path, size, ret_path);
    return rc == SQLITE_OK && strcmp(ret_path, self->path) != 0 ? SQLITE_CANTOPEN : rc;
}

static void *vfs_dl_open(sqlite3_vfs *vfs, const char *path)
{
    (void) vfs;
    (void) path;
    return NULL;
}

static void vfs_dl_error(sqlite3_vfs *vfs, int size, char *ret_message)
{
    (void) vfs;
    if (size > 0)
        ret_message[0] = '\0';
}

static void (*vfs_dl_symbol(sqlite3_vfs *vfs, void *library, const char *name))(void)
{
    (void) vfs;
    (void) library;
    (void) name;
    return NULL;
}

static void vfs_dl_close(sqlite3_vfs *vfs, void *library)
{
    (void) vfs;
    (void) library;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *ret_bytes)
{
    return ours(vfs)->real->xRandomness(ours(vfs)->real, size, ret_bytes);
}

/* SQLite retries a contended WAL a hundred times, napping ten seconds in all: too long. */
static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    struct ct_sqlite_vfs *const self = ours(vfs);

    return self->real->xSleep(self->real, us < self->nap_max_us ? us : self->nap_max_us);
}

static int vfs_time(sqlite3_vfs *vfs, double *ret_julian_day)
{
    return ours(vfs)->real->xCurrentTime(ours(vfs)->real, ret_julian_day);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *ret_message)
{
    return ours(vfs)->real->xGetLastError(ours(vfs)->real, size, ret_message);
}

static int vfs_time_ms(sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
    return ours(vfs)->real->xCurrentTimeInt64(ours(vfs)->real, ret_ms);
}

static const sqlite3_vfs methods = {
    .iVersion = 2,
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_path,
    .xDlOpen = vfs_dl_open,
    .xDlError = vfs_dl_error,
    .xDlSym = vfs_dl_symbol,
    .xDlClose = vfs_dl_close,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_time,
    .xGetLastError = vfs_last_error,
    .xCurrentTimeInt64 = vfs_time_ms,
};

static cachet_status join(char **ret_path, const char *path, const char *ending,
                          cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf joined = ct_buf_with_ceiling((size_t) 2 * PATH_MAX);

    ct_buf_text(&joined, path);
    ct_buf_text(&joined, ending);
    TRY(ct_buf_status(&joined, err));
    return ct_mem_text(ret_path, ct_buf_view(&joined), err);
}

static cachet_status fill_in(struct ct_sqlite_vfs *vfs, const char *path, uint32_t busy_ms,
                             cachet_error *err)
{
    vfs->real = sqlite3_vfs_find("unix");
    if (vfs->real == NULL || vfs->real->iVersion < 2 || sqlite3_threadsafe() == 0)
        return ct_err_set(err, CACHET_E_UNSUPPORTED,
                          "this build of SQLite has no unix VFS or no threads");
    TRY(join(&vfs->path, path, "", err));
    TRY(join(&vfs->wal, path, "-wal", err));
    TRY(join(&vfs->shm, path, "-shm", err));
    TRY(join(&vfs->journal, path, "-journal", err));
    if (strlen(vfs->journal) + 1 > (size_t) vfs->real->mxPathname)
        return ct_err_set(err, CACHET_E_USAGE, "'%s' is too long a path for SQLite", path);

    vfs->pid = getpid();
    vfs->nap_max_us = busy_ms < 1000 ? 100 + (int) busy_ms * 10 : 10000;
    vfs->base = methods;
    vfs->base.szOsFile = (int) sizeof(struct ct_sqlite_file) + vfs->real->szOsFile;
    vfs->base.mxPathname = vfs->real->mxPathname;
    /* Two copies of this library in a process must not find each other's. */
    (void) snprintf(vfs->name, sizeof vfs->name, "cachet-%p", (void *) vfs);
    vfs->base.zName = vfs->name;
    return CACHET_OK;
}

cachet_status ct_sqlite_vfs_new(struct ct_sqlite_vfs **ret_vfs, const char *path,
                                uint32_t busy_ms, cachet_error *err)
{
    CLEANUP(ct_sqlite_vfs_freep) struct ct_sqlite_vfs *vfs = NULL;

    if (sqlite3_initialize() != SQLITE_OK)
        return ct_err_set(err, CACHET_E_STORE, "SQLite does not start");
    TRY(ct_new(&vfs, err));
    TRY(fill_in(vfs, path, busy_ms, err));
    if (sqlite3_vfs_register(&vfs->base, 0) != SQLITE_OK)
        return ct_err_set(err, CACHET_E_MEMORY, "SQLite cannot register a VFS");
    *ret_vfs = ct_steal(&vfs);
    return CACHET_OK;
}

void ct_sqlite_vfs_free(struct ct_sqlite_vfs *vfs)
{
    if (vfs == NULL)
        return;
    (void) sqlite3_vfs_unregister(&vfs->base);
    ct_mem_free(vfs->path);
    ct_mem_free(vfs->wal);
    ct_mem_free(vfs->shm);
    ct_mem_free(vfs->journal);
    ct_mem_free(vfs);
}

const char *ct_sqlite_vfs_name(const struct ct_sqlite_vfs *vfs)
{
    return vfs->name;
}

void ct_sqlite_vfs_after_fork(void)
{
    sqlite3_vfs *at = sqlite3_vfs_find(NULL);
    sqlite3_mutex *const list = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_MAIN);
    sqlite3_mutex *const files = sqlite3_mutex_alloc(CT_SQLITE_FILES_MUTEX);
    const pid_t pid = getpid();

    sqlite3_mutex_enter(list);
    sqlite3_mutex_enter(files);
    for (; at != NULL; at = at->pNext) {
        if (at->xOpen != vfs_open || ours(at)->pid == pid)
            continue;
        ours(at)->pid = pid;
        while (ours(at)->files != NULL)
            ct_sqlite_file_abandon_locked(ours(at)->files);
    }
    sqlite3_mutex_leave(files);
    sqlite3_mutex_leave(list);
}
