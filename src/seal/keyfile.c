/* SPDX-License-Identifier: MIT */
/*
 * Every directory above a key file belongs to the user or to root and can be written by nobody
 * else: after that check no other user can exchange what stands at the path, so that checking
 * by path and opening by path cannot be told apart.
 */
#include "seal/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/text.h"

#define TEMPORARY_RANDOM_SIZE 8u

void ct_key_file_fini(struct ct_key_file *file)
{
    ct_secret_free(file->secret);
    ct_mem_free(file->path);
    *file = (struct ct_key_file){0};
}

static bool is_ours_or_roots(uid_t owner)
{
    return owner == geteuid() || owner == 0;
}

static cachet_status check_directory(const char *path, cachet_error *err)
{
    struct stat facts;

    if (lstat(path, &facts) != 0)
        return ct_err_set_errno(err, CACHET_E_IO, "cannot look at directory '%s'", path);
    if (!S_ISDIR(facts.st_mode))
        return ct_err_set(err, CACHET_E_NOT_FOUND, "'%s' is no directory", path);
    if (!is_ours_or_roots(facts.st_uid))
        return ct_err_set(err, CACHET_E_FORMAT,
                          "directory '%s' belongs to another user, who could exchange the key "
                          "file: keep keys in a directory of your own",
                          path);
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (facts.st_mode & S_ISVTX) == 0)
        return ct_err_set(err, CACHET_E_FORMAT,
                          "directory '%s' can be written by others, who could exchange the key "
                          "file: run chmod go-w on it",
                          path);
    return CACHET_OK;
}

/* The root, and every directory on the way down to `path`, which is absolute. */
static cachet_status check_directories(const char *path, cachet_error *err)
{
    CLEANUP(ct_mem_freep) char *walked = NULL;

    TRY(check_directory("/", err));
    TRY(ct_mem_text(&walked, cachet_bytes_of(path), err));
    for (char *at = walked + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        TRY(check_directory(walked, err));
        *at = '/';
    }
    return check_directory(walked, err);
}

static cachet_status check_name(const char *path, cachet_error *err)
{
    const char *const name = ct_path_name(path);

    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return ct_err_set(err, CACHET_E_USAGE, "'%s' names no file", path);
    return CACHET_OK;
}

/* `path` without links above its last part, every directory of it checked. */
static cachet_status resolve(const char *path, char **ret_path, cachet_error *err)
{
    CLEANUP(ct_mem_freep) char *parent = NULL;
    CLEANUP(ct_buf_fini) struct ct_buf whole = ct_buf_with_ceiling((size_t) 2 * PATH_MAX);
    char directory[PATH_MAX];

    TRY(check_name(path, err));
    TRY(ct_path_parent(path, &parent, err));
    if (realpath(parent, directory) == NULL)
        return ct_err_set_errno(
            err, errno == ENOENT || errno == ENOTDIR ? CACHET_E_NOT_FOUND : CACHET_E_IO,
            "no key file '%s'", path);
    TRY(check_directories(directory, err));
    ct_buf_text(&whole, directory[1] == '\0' ? "" : directory);
    ct_buf_u8(&whole, '/');
    ct_buf_text(&whole, ct_path_name(path));
    TRY(ct_buf_status(&whole, err));
    return ct_mem_text(ret_path, ct_buf_view(&whole), err);
}

static cachet_status open_failure(const char *path, cachet_error *err)
{
    switch (errno) {
    case ENOENT:
        return ct_err_set(err, CACHET_E_NOT_FOUND,
                          "no key file '%s': 'cachet keys new' makes one", path);
    case ELOOP:
    case EMLINK: /* what BSD says */
        return ct_err_set(err, CACHET_E_FORMAT,
                          "key file '%s' is a symbolic link: name the file itself", path);
    case ENXIO:
    case ENODEV:
        return ct_err_set(err, CACHET_E_FORMAT, "key file '%s' is no regular file", path);
    default:
        return ct_err_set_errno(err, CACHET_E_IO, "cannot open key file '%s'", path);
    }
}

static cachet_status check_file(int fd, const char *path, cachet_error *err)
{
    struct stat facts;

    if (fstat(fd, &facts) != 0)
        return ct_err_set_errno(err, CACHET_E_IO, "cannot look at key file '%s'", path);
    if (!S_ISREG(facts.st_mode))
        return ct_err_set(err, CACHET_E_FORMAT, "key file '%s' is no regular file", path);
    if (!is_ours_or_roots(facts.st_uid))
        return ct_err_set(err, CACHET_E_FORMAT, "key file '%s' belongs to another user", path);
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return ct_err_set(
            err, CACHET_E_FORMAT,
            "key file '%s' is open to others: run chmod 600 on it and, if they may "
            "have read it, make a new key",
            path);
    return CACHET_OK;
}

static cachet_status read_opened(int fd, struct ct_key_file *file, cachet_error *err)
{
    TRY(check_file(fd, file->path, err));
    /* One byte more than there may be, to see that there is more. */
    TRY(ct_secret_new(&file->secret, CT_KEY_FILE_MAX + 1, err));
    TRY(ct_fd_read_at(fd, ct_secret_memory(file->secret), CT_KEY_FILE_MAX + 1, 0, &file->size,
                      err));
    if (file->size > CT_KEY_FILE_MAX)
        return ct_err_set(err, CACHET_E_FORMAT, "'%s' is no key file: it is over %u bytes",
                          file->path, CT_KEY_FILE_MAX);
    return CACHET_OK;
}

cachet_status ct_key_file_read(const char *path, struct ct_key_file *ret_file,
                               cachet_error *err)
{
    CLEANUP(ct_key_file_fini) struct ct_key_file file = {0};
    CLEANUP(ct_fd_close) int fd = -1;

    TRY(resolve(path, &file.path, err));
    /* O_NONBLOCK: a FIFO must not hold us up before fstat can tell that it is one. */
    fd = open(file.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return open_failure(path, err);
    TRY(read_opened(fd, &file, err));
    *ret_file = file;
    file = (struct ct_key_file){0};
    return CACHET_OK;
}

/* A file under a name of its own, written and on the disk. */
static cachet_status write_temporary(int directory, const char *name, cachet_bytes content,
                                     cachet_error *err)
{
    CLEANUP(ct_fd_close)
    int fd =
        openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return ct_err_set_errno(err, CACHET_E_IO, "cannot make '%s'", name);
    /* Whatever the umask left of it. */
    if (fchmod(fd, 0600) != 0)
        return ct_err_set_errno(err, CACHET_E_IO, "cannot set the mode of '%s'", name);
    TRY(ct_fd_write(fd, content, err));
    if (fsync(fd) != 0)
        return ct_err_set_errno(err, CACHET_E_IO, "cannot write '%s' to disk", name);
    return CACHET_OK;
}

/* link, unlike rename, never replaces what is there. */
static cachet_status publish(int directory, const char *temporary, const char *path,
                             cachet_error *err)
{
    if (linkat(directory, temporary, directory, ct_path_name(path), 0) == 0)
        return CACHET_OK;
    if (errno == EEXIST)
        return ct_err_set(err, CACHET_E_CONFLICT,
                          "'%s' is there already, and a key file is never overwritten", path);
    return ct_err_set_errno(err, CACHET_E_IO, "cannot make key file '%s'", path);
}

static cachet_status create_in(int directory, const char *path, cachet_bytes content,
                               cachet_error *err)
{
    unsigned char random[TEMPORARY_RANDOM_SIZE];
    char temporary[sizeof ".cachet-" + sizeof random * 2] = ".cachet-";

    TRY(ct_random(random, sizeof random, err));
    ct_hex_encode(ct_bytes(random, sizeof random), temporary + sizeof ".cachet-" - 1);
    cachet_status status = write_temporary(directory, temporary, content, err);
    if (status == CACHET_OK)
        status = publish(directory, temporary, path, err);
    (void) unlinkat(directory, temporary, 0);
    if (status == CACHET_OK && fsync(directory) != 0)
        return ct_err_set_errno(err, CACHET_E_IO, "cannot write directory of '%s' to disk",
                                path);
    return status;
}

cachet_status ct_key_file_create(const char *path, cachet_bytes content, cachet_error *err)
{
    CLEANUP(ct_mem_freep) char *parent = NULL, *whole = NULL, *directory = NULL;
    CLEANUP(ct_fd_close) int fd = -1;

    TRY(check_name(path, err));
    TRY(ct_path_parent(path, &parent, err));
    TRY(ct_dir_make(parent, err));
    TRY(resolve(path, &whole, err));
    TRY(ct_path_parent(whole, &directory, err));
    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ct_err_set_errno(err, CACHET_E_IO, "cannot open directory '%s'", directory);
    return create_in(fd, whole, content, err);
}
