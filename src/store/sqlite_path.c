/* SPDX-License-Identifier: MIT */
#include "store/sqlite_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

cachet_status ct_sqlite_path_check(const char *path, cachet_error *err)
{
    const char *const name = ct_path_name(path);

    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return ct_err_set(err, CACHET_E_USAGE, "'%s' is a directory: name a file in it", path);
    return CACHET_OK;
}

/* Appends one part of a directory that is not there yet. ".." takes one away again. */
static void append_part(struct ct_buf *path, cachet_bytes part)
{
    if (part.size == 0 || ct_bytes_equal(part, CT_BYTES(".")))
        return;
    if (ct_bytes_equal(part, CT_BYTES(".."))) {
        while (path->size > 1 && path->data[path->size - 1] != '/')
            path->size--;
        if (path->size > 1)
            path->size--;
        return;
    }
    if (path->size == 0 || path->data[path->size - 1] != '/')
        ct_buf_text(path, "/");
    ct_buf_append(path, part);
}

static void append_parts(struct ct_buf *path, cachet_bytes parts)
{
    while (parts.size > 0) {
        const size_t end = ct_bytes_find(parts, '/');
        append_part(path, ct_bytes_first(parts, end));
        parts = ct_bytes_from(parts, end + 1);
    }
}

/* The size of `path` without its last part, of which `size` bytes were looked at. */
static size_t cut_last(const char *path, size_t size)
{
    while (size > 0 && path[size - 1] == '/')
        size--;
    while (size > 0 && path[size - 1] != '/')
        size--;
    while (size > 1 && path[size - 1] == '/')
        size--;
    return size;
}

/* Resolves as much of `directory` as is there and appends the rest as it is written. */
static cachet_status resolve(const char *directory, struct ct_buf *path, cachet_error *err)
{
    CLEANUP(ct_mem_freep) char *there = NULL;
    char resolved[PATH_MAX];
    size_t kept = strlen(directory);

    TRY(ct_mem_text(&there, cachet_bytes_of(directory), err));
    while (realpath(kept > 0 ? there : ".", resolved) == NULL) {
        if (errno != ENOENT || kept == 0)
            return ct_err_set_errno(err, CACHET_E_STORE, "cannot use directory '%s'",
                                    directory);
        kept = cut_last(directory, kept);
        there[kept] = '\0';
    }
    ct_buf_text(path, resolved);
    append_parts(path, cachet_bytes_of(directory + kept));
    return ct_buf_status(path, err);
}

cachet_status ct_sqlite_path_canonical(const char *path, char **ret_path, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf whole = ct_buf_with_ceiling((size_t) 2 * PATH_MAX);
    CLEANUP(ct_mem_freep) char *parent = NULL;

    TRY(ct_sqlite_path_check(path, err));
    TRY(ct_path_parent(path, &parent, err));
    TRY(resolve(parent, &whole, err));
    append_part(&whole, cachet_bytes_of(ct_path_name(path)));
    TRY(ct_buf_status(&whole, err));
    return ct_mem_text(ret_path, ct_buf_view(&whole), err);
}

bool ct_file_is_trustworthy(const struct stat *facts)
{
    return S_ISREG(facts->st_mode) && facts->st_nlink == 1 &&
           (facts->st_uid == geteuid() || facts->st_uid == 0);
}

struct ct_file_identity ct_file_identify(const char *path)
{
    struct stat facts;

    if (lstat(path, &facts) != 0)
        return (struct ct_file_identity){0};
    return (struct ct_file_identity){facts.st_dev, facts.st_ino, true};
}

cachet_status ct_sqlite_file_check(const char *path, cachet_error *err)
{
    struct stat facts;

    if (lstat(path, &facts) != 0)
        return errno == ENOENT ? CACHET_OK
                               : ct_err_set_errno(err, CACHET_E_STORE, "cannot use '%s'", path);
    if (!ct_file_is_trustworthy(&facts))
        return ct_err_set(err, CACHET_E_STORE,
                          "'%s' is not a regular file with one name, owned by this user or "
                          "root: move it away",
                          path);
    return CACHET_OK;
}

cachet_status ct_sqlite_files_check(const char *path, cachet_error *err)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    CLEANUP(ct_buf_fini) struct ct_buf name = ct_buf_with_ceiling((size_t) 3 * PATH_MAX);

    for (size_t i = 0; i < CT_COUNT_OF(endings); i++) {
        ct_buf_reset(&name);
        ct_buf_format(&name, "%s%s", path, endings[i]);
        const char *const text = ct_buf_c_string(&name);
        if (text == NULL)
            return ct_buf_status(&name, err);
        TRY(ct_sqlite_file_check(text, err));
    }
    return CACHET_OK;
}

/*
 * Closing any descriptor of a file gives up all locks this process has on it (POSIX fcntl), so
 * a database that exists is never opened here, and the lock keeps other threads from opening
 * the new one before our descriptor is closed. SQLite keeps this mutex for VFSes like ours.
 */
static int make_empty(const char *path)
{
    sqlite3_mutex *const creation = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_VFS3);
    struct stat facts;
    int problem = 0;

    sqlite3_mutex_enter(creation);
    if (lstat(path, &facts) != 0) {
        CLEANUP(ct_fd_close)
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        problem = fd >= 0 || errno == EEXIST ? 0 : errno;
    }
    sqlite3_mutex_leave(creation);
    return problem;
}

cachet_status ct_sqlite_file_make(const char *path, cachet_error *err)
{
    CLEANUP(ct_mem_freep) char *parent = NULL;

    if (ct_file_identify(path).is_there)
        return CACHET_OK;
    TRY(ct_path_parent(path, &parent, err));
    if (ct_dir_make(parent, err) != CACHET_OK)
        return ct_err_prefix(err, CACHET_E_STORE, "no place for the cache");
    errno = make_empty(path);
    if (errno != 0)
        return ct_err_set_errno(err, CACHET_E_STORE, "cannot make '%s'", path);
    return CACHET_OK;
}
