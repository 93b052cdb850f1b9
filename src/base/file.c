/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

#define PIECE_SIZE 4096u

void ct_fd_close(int *fd)
{
    if (*fd >= 0)
        (void) close(*fd);
    *fd = -1;
}

cachet_status ct_fd_read_at(int fd, void *buffer, size_t size, uint64_t offset,
                            size_t *ret_size, cachet_error *err)
{
    unsigned char *const bytes = buffer;
    size_t done = 0;

    /* No file is longer than off_t can say; what lies further must not wrap round to it. */
    const bool is_past = size > INT64_MAX || offset > INT64_MAX - size;
    while (done < size && !is_past) {
        const ssize_t got = pread(fd, bytes + done, size - done, (off_t) (offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ct_err_set_errno(err, CACHET_E_IO, "cannot read");
        if (got == 0)
            break;
        done += (size_t) got;
    }
    *ret_size = done;
    return CACHET_OK;
}

cachet_status ct_fd_write(int fd, cachet_bytes bytes, cachet_error *err)
{
    while (bytes.size > 0) {
        const ssize_t done = write(fd, bytes.data, bytes.size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return ct_err_set_errno(err, CACHET_E_IO, "cannot write");
        if (done == 0)
            return ct_err_set(err, CACHET_E_IO, "cannot write: nothing was taken");
        bytes = ct_bytes_from(bytes, (size_t) done);
    }
    return CACHET_OK;
}

/* Reads the next piece into the buffer itself. *ret_size 0: the file has ended. */
static cachet_status read_piece(int fd, struct ct_buf *buf, uint64_t offset, size_t *ret_size,
                                cachet_error *err)
{
    const size_t left = buf->ceiling - buf->size, size = left < PIECE_SIZE ? left : PIECE_SIZE;
    unsigned char past = 0;
    unsigned char *const room = ct_buf_grow(buf, size);

    TRY(ct_buf_status(buf, err));
    *ret_size = 0;
    const cachet_status status = ct_fd_read_at(fd, size == 0 ? &past : room,
                                               size == 0 ? 1 : size, offset, ret_size, err);
    if (size == 0 && *ret_size > 0) {
        (void) ct_buf_grow(buf, 1); /* over the ceiling, which is what there is to tell */
        return ct_buf_status(buf, err);
    }
    buf->size -= size - *ret_size;
    return status;
}

cachet_status ct_fd_read_all(int fd, struct ct_buf *buf, cachet_error *err)
{
    uint64_t offset = 0;
    size_t got = 0;

    do {
        TRY(read_piece(fd, buf, offset, &got, err));
        offset += got;
    } while (got > 0);
    return CACHET_OK;
}

static cachet_status make_one(const char *path, cachet_error *err)
{
    struct stat facts;

    if (mkdir(path, 0700) == 0)
        return CACHET_OK;
    /* Some systems name another reason than EEXIST first: read-only, not permitted. */
    const int reason = errno;
    if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode))
        return CACHET_OK;
    errno = reason;
    return ct_err_set_errno(err, CACHET_E_IO, "cannot make directory '%s'", path);
}

cachet_status ct_dir_make(const char *path, cachet_error *err)
{
    CLEANUP(ct_mem_freep) char *walked = NULL;

    TRY(ct_mem_text(&walked, cachet_bytes_of(path), err));
    for (char *at = walked; *at != '\0'; at++) {
        if (*at != '/' || at == walked)
            continue;
        *at = '\0';
        TRY(make_one(walked, err));
        *at = '/';
    }
    return make_one(walked, err);
}

cachet_status ct_path_parent(const char *path, char **ret_parent, cachet_error *err)
{
    const char *const name = ct_path_name(path);
    size_t size = (size_t) (name - path);

    if (size == 0)
        return ct_mem_text(ret_parent, cachet_bytes_of("."), err);
    if (size > 1)
        size--;
    return ct_mem_text(ret_parent, ct_bytes(path, size), err);
}

const char *ct_path_name(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}
