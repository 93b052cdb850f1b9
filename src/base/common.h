/* SPDX-License-Identifier: MIT */
/* The idioms of the whole library: early exit, cleanup on every path, giving away what one
 * owns. */
#ifndef CT_BASE_COMMON_H
#define CT_BASE_COMMON_H

#include <assert.h>
#include <stdbool.h>

#include <cachet/types.h>

/* Leave early with the status of a call that failed. The one macro that returns. */
#define TRY(call)                                                                              \
    do {                                                                                       \
        const cachet_status try_status_ = (call);                                              \
        if (try_status_ != CACHET_OK)                                                          \
            return try_status_;                                                                \
    } while (0)

/* Runs `function(&variable)` when the variable leaves its scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Takes the value out of an owning pointer, so that its cleanup finds NULL. */
#define ct_steal(pointer)                                                                      \
    __extension__({                                                                            \
        __typeof__(*(pointer)) stolen_ = *(pointer);                                           \
        *(pointer) = NULL;                                                                     \
        stolen_;                                                                               \
    })

/* Defines a cleanup for `type *` variables out of its free function, which takes NULL. */
#define CT_DEFINE_FREEP(type, free_function)                                                   \
    static inline void free_function##p(type **pointer)                                        \
    {                                                                                          \
        free_function(*pointer);                                                               \
    }

#define CT_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
/* 0; where `array` is a pointer an error, which sizeof would not be. */
#define CT_MUST_BE_ARRAY(array)                                                                \
    (0 * sizeof(char[1 - 2 * __builtin_types_compatible_p(__typeof__(array),                   \
                                                          __typeof__(&(array)[0]))]))
#define CT_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

#endif
