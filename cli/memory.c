/* SPDX-License-Identifier: MIT */
#include "cli/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_exit(void *memory)
{
    if (memory == NULL) {
        (void) fputs("cachet: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

void *cli_new(size_t count, size_t size)
{
    return or_exit(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *cli_resize(void *memory, size_t count, size_t size)
{
    const int fits = size > 0 && count > 0 && count <= SIZE_MAX / size;

    return or_exit(fits ? realloc(memory, count * size) : NULL);
}

char *cli_format_list(const char *format, va_list list)
{
    va_list again;

    va_copy(again, list);
    const int size = vsnprintf(NULL, 0, format, list);
    char *text = or_exit(size < 0 ? NULL : calloc((size_t) size + 1, 1));
    (void) vsnprintf(text, (size_t) size + 1, format, again);
    va_end(again);
    return text;
}

char *cli_format(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    char *const text = cli_format_list(format, list);
    va_end(list);
    return text;
}

void cli_free(void *memory)
{
    free(memory);
}

void cli_freep(void *pointer_to_pointer)
{
    void *memory;

    memcpy(&memory, pointer_to_pointer, sizeof(memory));
    free(memory);
}
