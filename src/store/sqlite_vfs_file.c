/* SPDX-License-Identifier: MIT */
#include "store/sqlite_vfs_file.h"

#include "store/sqlite_path.h"

static struct ct_sqlite_file *ours(sqlite3_file *file)
{
    return (struct ct_sqlite_file *) (void *) file;
}

static sqlite3_file *real(sqlite3_file *file)
{
    return ct_sqlite_file_real(ours(file));
}

static void unlink_locked(struct ct_sqlite_file *file)
{
    *file->link = file->next;
    if (file->next != NULL)
        file->next->link = file->link;
}

static int file_close(sqlite3_file *file)
{
    sqlite3_mutex *const lock = sqlite3_mutex_alloc(CT_SQLITE_FILES_MUTEX);

    sqlite3_mutex_enter(lock);
    unlink_locked(ours(file));
    sqlite3_mutex_leave(lock);
    return real(file)->pMethods->xClose(real(file));
}

static int file_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset)
{
    return real(file)->pMethods->xRead(real(file), bytes, size, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    return real(file)->pMethods->xWrite(real(file), bytes, size, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return real(file)->pMethods->xTruncate(real(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    return real(file)->pMethods->xSync(real(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    return real(file)->pMethods->xFileSize(real(file), ret_size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xLock(real(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xUnlock(real(file), level);
}

static int file_check_reserved(sqlite3_file *file, int *ret_is_reserved)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), ret_is_reserved);
}

static int file_control(sqlite3_file *file, int what, void *argument)
{
    return real(file)->pMethods->xFileControl(real(file), what, argument);
}

static int file_sector_size(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}

static int file_characteristics(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

/* The unix VFS opens the -shm here, by its name and without asking any VFS. */
static int file_shm_map(sqlite3_file *file, int region, int size, int is_made,
                        void volatile **ret_memory)
{
    struct ct_sqlite_file *const self = ours(file);

    if (!self->has_shm &&
        (self->shm_path == NULL || ct_sqlite_file_check(self->shm_path, NULL) != CACHET_OK))
        return SQLITE_CANTOPEN;
    self->has_shm = true;
    return real(file)->pMethods->xShmMap(real(file), region, size, is_made, ret_memory);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    real(file)->pMethods->xShmBarrier(real(file));
}

static int file_shm_unmap(sqlite3_file *file, int is_deleted)
{
    ours(file)->has_shm = false;
    return real(file)->pMethods->xShmUnmap(real(file), is_deleted);
}

void ct_sqlite_file_abandon_locked(struct ct_sqlite_file *file)
{
    sqlite3_file *const below = ct_sqlite_file_real(file);

    unlink_locked(file);
    if (file->has_shm)
        (void) below->pMethods->xShmUnmap(below, 0);
    (void) below->pMethods->xClose(below);
}

/* Version 2: no xFetch, so the database is never mapped into memory. */
static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

void ct_sqlite_file_adopt(struct ct_sqlite_file *file, struct ct_sqlite_file **list)
{
    sqlite3_mutex *const lock = sqlite3_mutex_alloc(CT_SQLITE_FILES_MUTEX);

    sqlite3_mutex_enter(lock);
    file->next = *list;
    file->link = list;
    if (file->next != NULL)
        file->next->link = &file->next;
    *list = file;
    sqlite3_mutex_leave(lock);
    file->base.pMethods = &file_methods;
}
