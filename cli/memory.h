/* SPDX-License-Identifier: MIT */
/*
 * The command's only door to the heap. The command allocates little and cannot go on without
 * it, so running out ends it: nothing here fails.
 */
#ifndef CACHET_CLI_MEMORY_H
#define CACHET_CLI_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* Zeroed memory for `count` things of `size` bytes. */
void *cli_new(size_t count, size_t size);

/* Like realloc for `count` things of `size` bytes; what is added is not zeroed. */
void *cli_resize(void *memory, size_t count, size_t size);

/* A new string, printed. */
char *cli_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *cli_format_list(const char *format, va_list list) __attribute__((format(printf, 1, 0)));

/* Takes NULL. Also for what getline, realpath and open_memstream hand over. */
void cli_free(void *memory);

/* For CLEANUP on any pointer to such memory. */
void cli_freep(void *pointer_to_pointer);

#endif
