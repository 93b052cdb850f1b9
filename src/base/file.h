/* SPDX-License-Identifier: MIT */
/* Files under the rules of SEAL 6: relative to a held directory, no links, regular, one name.
 */
#ifndef CT_BASE_FILE_H
#define CT_BASE_FILE_H

#include "base/buf.h"

/* For CLEANUP: closes a descriptor that is not negative, and makes it -1. */
void ct_fd_close(int *fd);

/* Takes the descriptor out of its owner, whose cleanup then finds none. */
static inline int ct_fd_steal(int *fd)
{
    const int stolen = *fd;
    *fd = -1;
    return stolen;
}

/* Reads up to `size` bytes at `offset`; *ret_size is less only at the end of the file. Not for
 * pipes. */
cachet_status ct_fd_read_at(int fd, void *buffer, size_t size, uint64_t offset,
                            size_t *ret_size, cachet_error *err);

/* Writes all the bytes at the descriptor's position. */
cachet_status ct_fd_write(int fd, cachet_bytes bytes, cachet_error *err);

/*
 * Appends everything in the file, from its start. E_TOO_LARGE for more than the buffer's
 * ceiling. Leaves no copy anywhere but in the buffer.
 */
cachet_status ct_fd_read_all(int fd, struct ct_buf *buf, cachet_error *err);

/* Makes a directory, and those above it, mode 0700. One that is there is left as it is. */
cachet_status ct_dir_make(const char *path, cachet_error *err);

/*
 * What stands before the last part of a path, as a new string: "." where there is nothing. As
 * the last part of "a/" is empty, what stands before it is "a".
 */
cachet_status ct_path_parent(const char *path, char **ret_parent, cachet_error *err);

/* The last part of a path, which may be empty; points into it. */
const char *ct_path_name(const char *path);

#endif
