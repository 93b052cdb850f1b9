/* SPDX-License-Identifier: MIT */
/* The only door to the heap, so that tests can make the Nth allocation fail. */
#ifndef CT_BASE_MEM_H
#define CT_BASE_MEM_H

#include "base/common.h"

/* Zeroed memory for count things of size bytes, NULL never; fails with E_MEMORY, also on
 * overflow. */
cachet_status ct_mem_new(void **ret_memory, size_t count, size_t size, cachet_error *err);

/* Like realloc, zeroing nothing, never freeing; on failure *memory is as it was. */
cachet_status ct_mem_resize(void **memory, size_t size, cachet_error *err);

/* A NUL-terminated copy of text bytes. */
cachet_status ct_mem_text(char **ret_text, cachet_bytes bytes, cachet_error *err);

/* Takes NULL. */
void ct_mem_free(void *memory);

/* For CLEANUP on any pointer to such memory. */
void ct_mem_freep(void *pointer_to_pointer);

/* Zeroes secrets in a way the compiler keeps. */
void ct_mem_wipe(void *memory, size_t size);

/* One zeroed object of the pointed-to type: ct_new(&object, err). */
#define ct_new(ret_object, err) ct_new_array((ret_object), 1, (err))

/* An array of `count` zeroed objects of the pointed-to type. */
#define ct_new_array(ret_object, count, err)                                                   \
    __extension__({                                                                            \
        void *new_memory_ = NULL;                                                              \
        const cachet_status new_status_ =                                                      \
            ct_mem_new(&new_memory_, (count), sizeof(**(ret_object)), (err));                  \
        if (new_status_ == CACHET_OK)                                                          \
            *(ret_object) = new_memory_;                                                       \
        new_status_;                                                                           \
    })

/*
 * Tests only: the one allocation after `count` more fails; -1 for never. Returns what was left
 * of the count before: negative where that failure has happened.
 */
long ct_mem_fail_after(long count);

#endif
