/* SPDX-License-Identifier: MIT */
#include "seal/secret.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

struct ct_secret {
    void *memory;
    size_t size;       /* whole pages */
    atomic_long owner; /* the process that locked it */
    atomic_bool is_locked;
};

static void lock(struct ct_secret *secret)
{
    /* RLIMIT_MEMLOCK may forbid it; the pages are used all the same. */
    atomic_store(&secret->is_locked, mlock(secret->memory, secret->size) == 0);
    atomic_store(&secret->owner, (long) getpid());
}

static cachet_status map(struct ct_secret *secret, size_t size, cachet_error *err)
{
    const size_t page = (size_t) sysconf(_SC_PAGESIZE);

    secret->size = (size + page - 1) / page * page;
    secret->memory =
        mmap(NULL, secret->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (secret->memory == MAP_FAILED) {
        secret->memory = NULL;
        return ct_err_set_errno(err, CACHET_E_MEMORY, "no pages for secrets");
    }
#ifdef MADV_DONTDUMP
    (void) madvise(secret->memory, secret->size, MADV_DONTDUMP);
#endif
    lock(secret);
    return CACHET_OK;
}

cachet_status ct_secret_new(struct ct_secret **ret_secret, size_t size, cachet_error *err)
{
    CLEANUP(ct_secret_freep) struct ct_secret *secret = NULL;

    assert(size > 0 && size <= 1u << 20);
    TRY(ct_new(&secret, err));
    TRY(map(secret, size, err));
    *ret_secret = ct_steal(&secret);
    return CACHET_OK;
}

void ct_secret_free(struct ct_secret *secret)
{
    if (secret == NULL)
        return;
    if (secret->memory != NULL) {
        ct_mem_wipe(secret->memory, secret->size);
        (void) munmap(secret->memory, secret->size);
    }
    ct_mem_free(secret);
}

void *ct_secret_memory(struct ct_secret *secret)
{
    if (atomic_load(&secret->owner) != (long) getpid())
        lock(secret);
    return secret->memory;
}

bool ct_secret_is_locked(const struct ct_secret *secret)
{
    return atomic_load(&secret->is_locked);
}
