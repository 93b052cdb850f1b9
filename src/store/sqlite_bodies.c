/* SPDX-License-Identifier: MIT */
/*
 * Bodies: one immutable file each, in the directory PATH-bodies (0700).
 *
 *   .tmp-<32 hex digits>   a body being written, under its id
 *   <32 hex digits>        a committed one: renamed, not synced. After a power cut a file may
 * be short or hold zeros; the tags of its chunks tell (SEAL 3).
 *
 *   0      4     magic "CCHB"
 *   4      1     version = 1
 *   5      4091  zero: room kept for later
 *   4096   ...   the chunks, one after another, exactly as they were appended. All but the last
 *                are full, so chunk i begins at 4096 + i * (65536 + size of a tag).
 *
 * Nothing here is trusted: names are computed, never read; a file that does not begin as above
 * has no chunks. Everything happens relative to the directory's descriptor; no link is
 * followed.
 */
#include "store/sqlite_bodies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#define PREAMBLE_SIZE 4096u
#define BODY_VERSION 1u

struct body_writer {
    cachet_body_writer writer;
    cachet_body_id id;
    int fd;
    pid_t pid; /* a body id dies with a fork (SEAL 3): a child may only let go of it */
    size_t first_size, last_size;
    uint64_t count;
    bool is_broken;
};

struct body_reader {
    cachet_body_reader reader;
    int fd;
    bool is_empty; /* not a body file of ours */
};

static const unsigned char preamble[PREAMBLE_SIZE] = {'C', 'C', 'H', 'B', BODY_VERSION};

cachet_status ct_sqlite_bodies_init(struct ct_sqlite_bodies *bodies, cachet_error *err)
{
    bodies->fd = -1;
    if (pthread_rwlock_init(&bodies->lock, NULL) != 0)
        return ct_err_set(err, CACHET_E_MEMORY, "no lock left");
    return CACHET_OK;
}

void ct_sqlite_bodies_fini(struct ct_sqlite_bodies *bodies)
{
    ct_fd_close(&bodies->fd);
    (void) pthread_rwlock_destroy(&bodies->lock);
}

static cachet_status open_directory(const char *path, bool is_made, int *ret_fd,
                                    cachet_error *err)
{
    struct stat facts;

    if (is_made && mkdir(path, 0700) != 0 && errno != EEXIST)
        return ct_err_set_errno(err, CACHET_E_STORE, "cannot make directory '%s'", path);
    CLEANUP(ct_fd_close)
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return ct_err_set(err, CACHET_E_NOT_FOUND, "'%s' is not there", path);
    if (fd < 0 || fstat(fd, &facts) != 0)
        return ct_err_set_errno(err, CACHET_E_STORE, "cannot use directory '%s'", path);
    if (facts.st_uid != geteuid() && facts.st_uid != 0)
        return ct_err_set(err, CACHET_E_STORE,
                          "'%s' does not belong to this user or root: move it away", path);
    *ret_fd = ct_fd_steal(&fd);
    return CACHET_OK;
}

static cachet_status open_locked(struct ct_sqlite_store *store, bool is_made, cachet_error *err)
{
    struct ct_sqlite_bodies *const bodies = &store->bodies;

    if (bodies->fd >= 0)
        return CACHET_OK;
    TRY(open_directory(store->bodies_path, is_made, &bodies->fd, err));
    bodies->identity = ct_file_identify(store->bodies_path);
    return CACHET_OK;
}

cachet_status ct_bodies_hold(struct ct_sqlite_store *store, bool is_made,
                             struct ct_bodies_hold *ret_hold, cachet_error *err)
{
    struct ct_sqlite_bodies *const bodies = &store->bodies;

    (void) pthread_rwlock_rdlock(&bodies->lock);
    while (bodies->fd < 0) {
        (void) pthread_rwlock_unlock(&bodies->lock);
        (void) pthread_rwlock_wrlock(&bodies->lock);
        const cachet_status status = open_locked(store, is_made, err);
        (void) pthread_rwlock_unlock(&bodies->lock);
        TRY(status);
        (void) pthread_rwlock_rdlock(&bodies->lock);
    }
    *ret_hold = (struct ct_bodies_hold){bodies, bodies->fd};
    return CACHET_OK;
}

void ct_bodies_let_go(struct ct_bodies_hold *hold)
{
    if (hold->bodies != NULL)
        (void) pthread_rwlock_unlock(&hold->bodies->lock);
    hold->bodies = NULL;
}

void ct_bodies_look_again(struct ct_sqlite_store *store)
{
    struct ct_sqlite_bodies *const bodies = &store->bodies;
    const struct ct_file_identity there = ct_file_identify(store->bodies_path);

    (void) pthread_rwlock_wrlock(&bodies->lock);
    if (bodies->fd >= 0 && !ct_file_identity_equal(&there, &bodies->identity))
        ct_fd_close(&bodies->fd);
    (void) pthread_rwlock_unlock(&bodies->lock);
}

static void name_of(const cachet_body_id *id, bool is_temporary, char name[CT_BODY_NAME_SIZE])
{
    static const char temporary[] = ".tmp-";
    const size_t at = is_temporary ? sizeof temporary - 1 : 0;

    memcpy(name, temporary, at);
    ct_hex_encode(ct_bytes(id->bytes, sizeof id->bytes), name + at);
}

void ct_bodies_delete_file(int directory, const char *name)
{
    struct stat facts;

    if (fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
        ct_file_is_trustworthy(&facts))
        (void) unlinkat(directory, name, 0);
}

void ct_sqlite_bodies_delete(struct ct_sqlite_store *store, const cachet_body_id *ids,
                             size_t count)
{
    CLEANUP(ct_bodies_let_go) struct ct_bodies_hold hold = {NULL, -1};
    char name[CT_BODY_NAME_SIZE];

    if (count == 0 || ct_bodies_hold(store, false, &hold, NULL) != CACHET_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        name_of(&ids[i], false, name);
        ct_bodies_delete_file(hold.fd, name);
    }
}

static cachet_status create_file(struct ct_sqlite_store *store, const char *name, int *ret_fd,
                                 cachet_error *err)
{
    CLEANUP(ct_bodies_let_go) struct ct_bodies_hold hold = {NULL, -1};
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

    TRY(ct_bodies_hold(store, true, &hold, err));
    const int fd = openat(hold.fd, name, flags, 0600);
    if (fd < 0)
        return ct_err_set_errno(err, errno == ENOENT ? CACHET_E_NOT_FOUND : CACHET_E_STORE,
                                "cannot make a body file in '%s'", store->bodies_path);
    *ret_fd = fd;
    return CACHET_OK;
}

/* A directory deleted under our descriptor takes no more files: then a new one is made. */
static cachet_status create_file_again(struct ct_sqlite_store *store, const char *name,
                                       int *ret_fd, cachet_error *err)
{
    if (create_file(store, name, ret_fd, NULL) == CACHET_OK)
        return CACHET_OK;
    ct_bodies_look_again(store);
    return create_file(store, name, ret_fd, err) == CACHET_OK
               ? CACHET_OK
               : ct_err_prefix(err, CACHET_E_STORE, "no room for a body");
}

static cachet_status write_bytes(struct body_writer *self, cachet_bytes bytes,
                                 cachet_error *err)
{
    if (ct_fd_write(self->fd, bytes, err) == CACHET_OK)
        return CACHET_OK;
    self->is_broken = true;
    return ct_err_prefix(err, CACHET_E_STORE, ct_sqlite_of(self->writer.store)->bodies_path);
}

void ct_sqlite_body_abort(cachet_body_writer *writer)
{
    struct body_writer *const self = (struct body_writer *) (void *) writer;
    CLEANUP(ct_bodies_let_go) struct ct_bodies_hold hold = {NULL, -1};
    char name[CT_BODY_NAME_SIZE];

    if (writer == NULL)
        return;
    const bool is_made_here = self->fd >= 0 && self->pid == getpid();
    ct_fd_close(&self->fd);
    if (is_made_here &&
        ct_bodies_hold(ct_sqlite_of(writer->store), false, &hold, NULL) == CACHET_OK) {
        name_of(&self->id, true, name);
        ct_bodies_delete_file(hold.fd, name);
    }
    ct_mem_free(self);
}

static void abort_writer(struct body_writer **writer)
{
    if (*writer != NULL)
        ct_sqlite_body_abort(&(*writer)->writer);
}

cachet_status ct_sqlite_body_create(cachet_store *store, const cachet_name *key,
                                    const cachet_body_id *id, cachet_body_writer **ret_writer,
                                    cachet_error *err)
{
    CLEANUP(abort_writer) struct body_writer *writer = NULL;
    char name[CT_BODY_NAME_SIZE];

    (void) key; /* body ids are unique in the world; other stores keep bodies by key */
    ct_sqlite_sweep_once(ct_sqlite_of(store));
    TRY(ct_new(&writer, err));
    writer->writer.store = store;
    writer->id = *id;
    writer->fd = -1;
    writer->pid = getpid();
    name_of(id, true, name);
    TRY(create_file_again(ct_sqlite_of(store), name, &writer->fd, err));
    TRY(write_bytes(writer, ct_bytes(preamble, sizeof preamble), err));
    *ret_writer = &ct_steal(&writer)->writer;
    return CACHET_OK;
}

/* All chunks but the last are full and alike, or the readers would look in the wrong places. */
static bool may_follow(const struct body_writer *self)
{
    const size_t tag_size = self->last_size - CACHET_CHUNK_SIZE;

    return self->count == 0 ||
           (self->last_size == self->first_size && self->last_size >= CACHET_CHUNK_SIZE &&
            (tag_size == 0 || tag_size == 16));
}

cachet_status ct_sqlite_body_append(cachet_body_writer *writer, cachet_bytes chunk,
                                    cachet_error *err)
{
    struct body_writer *const self = (struct body_writer *) (void *) writer;

    if (self->is_broken || self->pid != getpid())
        return ct_err_set(err, CACHET_E_STORE, "this body cannot be written any further");
    if (chunk.size > CACHET_CHUNK_STORED_MAX || !may_follow(self))
        return ct_err_set(err, CACHET_E_USAGE, "a chunk of %zu bytes does not fit here",
                          chunk.size);
    TRY(write_bytes(self, chunk, err));
    if (self->count == 0)
        self->first_size = chunk.size;
    self->last_size = chunk.size;
    self->count++;
    return CACHET_OK;
}

static cachet_status publish(struct body_writer *self, cachet_error *err)
{
    struct ct_sqlite_store *const store = ct_sqlite_of(self->writer.store);
    CLEANUP(ct_bodies_let_go) struct ct_bodies_hold hold = {NULL, -1};
    char temporary[CT_BODY_NAME_SIZE], name[CT_BODY_NAME_SIZE];
    struct stat facts;

    if (self->is_broken || self->pid != getpid())
        return ct_err_set(err, CACHET_E_STORE, "a body not written whole is not committed");
    TRY(ct_bodies_hold(store, false, &hold, err));
    name_of(&self->id, true, temporary);
    name_of(&self->id, false, name);
    if (fstatat(hold.fd, name, &facts, AT_SYMLINK_NOFOLLOW) == 0)
        return ct_err_set(err, CACHET_E_CONFLICT, "a body of this id is there already");
    if (renameat(hold.fd, temporary, hold.fd, name) != 0)
        return ct_err_set_errno(err, CACHET_E_STORE, "cannot commit a body in '%s'",
                                store->bodies_path);
    return CACHET_OK;
}

cachet_status ct_sqlite_body_commit(cachet_body_writer *writer, cachet_error *err)
{
    struct body_writer *const self = (struct body_writer *) (void *) writer;
    const cachet_status status = publish(self, err);

    if (status == CACHET_OK)
        ct_fd_close(&self->fd);
    ct_sqlite_body_abort(writer);
    return status == CACHET_E_NOT_FOUND ? CACHET_E_STORE : status;
}

void ct_sqlite_body_close(cachet_body_reader *reader)
{
    struct body_reader *const self = (struct body_reader *) (void *) reader;

    if (reader == NULL)
        return;
    ct_fd_close(&self->fd);
    ct_mem_free(self);
}

static void close_reader(struct body_reader **reader)
{
    if (*reader != NULL)
        ct_sqlite_body_close(&(*reader)->reader);
}

/* O_NONBLOCK: a FIFO planted here must not make us wait for its other end. */
static cachet_status open_file(struct ct_sqlite_store *store, const char *name, int *ret_fd,
                               cachet_error *err)
{
    CLEANUP(ct_bodies_let_go) struct ct_bodies_hold hold = {NULL, -1};
    struct stat facts;

    TRY(ct_bodies_hold(store, false, &hold, err));
    *ret_fd = openat(hold.fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (*ret_fd < 0 && errno == ENOENT)
        return ct_err_set(err, CACHET_E_NOT_FOUND, "no such body");
    if (*ret_fd < 0 || fstat(*ret_fd, &facts) != 0)
        return ct_err_set_errno(err, CACHET_E_STORE, "cannot open '%s/%s'", store->bodies_path,
                                name);
    if (facts.st_nlink == 0)
        return ct_err_set(err, CACHET_E_NOT_FOUND, "no such body");
    if (!ct_file_is_trustworthy(&facts))
        return ct_err_set(err, CACHET_E_STORE,
                          "'%s/%s' is not a regular file with one name, owned by this user or "
                          "root: move it away",
                          store->bodies_path, name);
    return CACHET_OK;
}

static cachet_status check_preamble(struct ct_sqlite_store *store, struct body_reader *self,
                                    cachet_error *err)
{
    unsigned char found[5];
    size_t size = 0;

    if (ct_fd_read_at(self->fd, found, sizeof found, 0, &size, err) != CACHET_OK)
        return ct_err_prefix(err, CACHET_E_STORE, store->bodies_path);
    self->is_empty =
        size < sizeof found || memcmp(found, preamble, 4) != 0 || found[4] < BODY_VERSION;
    if (!self->is_empty && found[4] > BODY_VERSION)
        return ct_err_set(err, CACHET_E_VERSION, "a body file in '%s' is of a newer cachet",
                          store->bodies_path);
    return CACHET_OK;
}

cachet_status ct_sqlite_body_open(cachet_store *store, const cachet_name *key,
                                  const cachet_body_id *id, cachet_body_reader **ret_reader,
                                  cachet_error *err)
{
    CLEANUP(close_reader) struct body_reader *reader = NULL;
    char name[CT_BODY_NAME_SIZE];

    (void) key;
    TRY(ct_new(&reader, err));
    reader->reader.store = store;
    reader->fd = -1;
    name_of(id, false, name);
    TRY(open_file(ct_sqlite_of(store), name, &reader->fd, err));
    TRY(check_preamble(ct_sqlite_of(store), reader, err));
    *ret_reader = &ct_steal(&reader)->reader;
    return CACHET_OK;
}

cachet_status ct_sqlite_body_read(cachet_body_reader *reader, uint64_t index, size_t tag_size,
                                  unsigned char *chunk, size_t *ret_size, cachet_error *err)
{
    struct body_reader *const self = (struct body_reader *) (void *) reader;
    const uint64_t stored = CACHET_CHUNK_SIZE + (uint64_t) tag_size;

    if (tag_size != 0 && tag_size != 16)
        return ct_err_set(err, CACHET_E_USAGE, "a tag is 0 or 16 bytes, not %zu", tag_size);
    if (self->is_empty || index > (INT64_MAX - PREAMBLE_SIZE) / stored - 1) {
        *ret_size = 0;
        return CACHET_OK;
    }
    if (ct_fd_read_at(self->fd, chunk, (size_t) stored, PREAMBLE_SIZE + index * stored,
                      ret_size, err) != CACHET_OK)
        return ct_err_prefix(err, CACHET_E_STORE, ct_sqlite_of(reader->store)->bodies_path);
    return CACHET_OK;
}
