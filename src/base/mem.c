/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static atomic_long fail_after = -1;

long ct_mem_fail_after(long count)
{
    return atomic_exchange(&fail_after, count);
}

static bool is_told_to_fail(void)
{
    return atomic_load_explicit(&fail_after, memory_order_relaxed) >= 0 &&
           atomic_fetch_sub(&fail_after, 1) == 0;
}

cachet_status ct_mem_new(void **ret_memory, size_t count, size_t size, cachet_error *err)
{
    /* What calloc does for nothing at all differs from system to system. */
    const bool is_empty = count == 0 || size == 0;
    void *const memory =
        is_told_to_fail() ? NULL : calloc(is_empty ? 1 : count, is_empty ? 1 : size);
    if (memory == NULL)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory (%zu times %zu bytes)", count,
                          size);
    *ret_memory = memory;
    return CACHET_OK;
}

cachet_status ct_mem_resize(void **memory, size_t size, cachet_error *err)
{
    /* For nothing realloc may free and return NULL, which would look like a failure. */
    void *const resized = is_told_to_fail() ? NULL : realloc(*memory, size == 0 ? 1 : size);
    if (resized == NULL)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory (%zu bytes)", size);
    *memory = resized;
    return CACHET_OK;
}

cachet_status ct_mem_text(char **ret_text, cachet_bytes bytes, cachet_error *err)
{
    void *memory = NULL;
    if (bytes.size == SIZE_MAX)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory (%zu bytes)", bytes.size);
    TRY(ct_mem_new(&memory, bytes.size + 1, 1, err));
    char *const text = memory;
    if (bytes.size > 0)
        memcpy(text, bytes.data, bytes.size);
    *ret_text = text;
    return CACHET_OK;
}

void ct_mem_free(void *memory)
{
    free(memory);
}

void ct_mem_freep(void *pointer_to_pointer)
{
    void *memory;
    memcpy(&memory, pointer_to_pointer, sizeof memory);
    free(memory);
}

void ct_mem_wipe(void *memory, size_t size)
{
    if (size > 0)
        explicit_bzero(memory, size);
}
