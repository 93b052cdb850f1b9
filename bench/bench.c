/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

cachet_status bench_err_set(cachet_error *err, cachet_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list arguments;
        va_start(arguments, format);
        err->status = status;
        (void) vsnprintf(err->message, sizeof(err->message), format, arguments);
        va_end(arguments);
    }
    return status;
}

cachet_status bench_err_set_errno(cachet_error *err, const char *what, const char *name)
{
    char reason[128] = "";
    const int code = errno;
    if (strerror_r(code, reason, sizeof(reason)) != 0)
        return bench_err_set(err, CACHET_E_IO, "%s '%s': error %d", what, name, code);
    return bench_err_set(err, CACHET_E_IO, "%s '%s': %s", what, name, reason);
}

cachet_status bench_format(char *ret_text, size_t capacity, cachet_error *err,
                           const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int size = vsnprintf(ret_text, capacity, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t) size >= capacity)
        return bench_err_set(err, CACHET_E_TOO_LARGE, "'%s' takes more than %zu bytes", format,
                             capacity);
    return CACHET_OK;
}

static double clock_us(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

double bench_now_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

double bench_thread_us(void)
{
    return clock_us(CLOCK_THREAD_CPUTIME_ID);
}

#if defined(SYS_sched_getaffinity) && defined(SYS_sched_setaffinity)
#define WORD_BITS (8 * (int) sizeof(unsigned long))
#define MASK_WORDS 16

/* The calls themselves: their wrappers are GNU extensions. */
int bench_cpu_under(int limit)
{
    unsigned long mask[MASK_WORDS] = {0};
    const int last = limit < MASK_WORDS * WORD_BITS ? limit - 1 : MASK_WORDS * WORD_BITS - 1;
    if (syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask) <= 0)
        return -1;
    for (int cpu = last; cpu >= 0; cpu--) {
        if ((mask[cpu / WORD_BITS] >> (cpu % WORD_BITS) & 1) != 0)
            return cpu;
    }
    return -1;
}

bool bench_cpu_pin(int cpu)
{
    unsigned long mask[MASK_WORDS] = {0};
    if (cpu < 0 || cpu >= MASK_WORDS * WORD_BITS)
        return false;
    mask[cpu / WORD_BITS] = 1ul << (cpu % WORD_BITS);
    return syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask) == 0;
}
#else
int bench_cpu_under(int limit)
{
    (void) limit;
    return -1;
}

bool bench_cpu_pin(int cpu)
{
    (void) cpu;
    return false;
}
#endif
