/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over the files of a directory without a fuzzer, so that any compiler,
 * sanitizer or valgrind can: each file as it is, cut off at every length, and with seeded
 * random changes. The same runs every time. One TAP line per file; what goes wrong ends in
 * the sanitizer's or MUST's own words.
 */
#include <dirent.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "fuzz.h"

#define SEED_MAX (1u << 20)
#define CUT_MAX 4096u
#define CHANGES 2000u

/* xorshift64 (Marsaglia, 2003): good enough, and the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* The first `size` bytes, in memory of exactly that size, so that one byte too far is seen. */
static cachet_status run_copy(cachet_bytes bytes, size_t size, cachet_error *err)
{
    CLEANUP(ct_mem_freep) void *copy = NULL;

    TRY(ct_mem_new(&copy, size, 1, err));
    if (size > 0)
        memcpy(copy, bytes.data, size);
    (void) LLVMFuzzerTestOneInput(copy, size);
    return CACHET_OK;
}

static cachet_status run_cuts(cachet_bytes bytes, cachet_error *err)
{
    for (size_t size = 0; bytes.size <= CUT_MAX && size < bytes.size; size++)
        TRY(run_copy(bytes, size, err));
    return CACHET_OK;
}

/* Changes one byte or two at a time, and puts them back. */
static cachet_status run_changes(const struct ct_buf *seed, cachet_error *err)
{
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15) ^ seed->size;

    for (unsigned i = 0; seed->size > 0 && i < CHANGES; i++) {
        unsigned char *const first = seed->data + next_random(&random) % seed->size;
        unsigned char *const second = seed->data + next_random(&random) % seed->size;
        const unsigned char was[2] = {*first, *second};

        *first = (unsigned char) (*first ^ (1 + next_random(&random) % 255));
        if (i % 2 == 1)
            *second = (unsigned char) next_random(&random);
        TRY(run_copy(ct_buf_view(seed), seed->size, err));
        *second = was[1];
        *first = was[0];
    }
    return CACHET_OK;
}

static cachet_status run_file(int directory, const char *name, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(SEED_MAX);
    CLEANUP(ct_fd_close) int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);

    TRY(ct_fd_read_all(fd, &buf, err));
    TRY(run_copy(ct_buf_view(&buf), buf.size, err));
    TRY(run_cuts(ct_buf_view(&buf), err));
    return run_changes(&buf, err);
}

int main(int argc, char **argv)
{
    DIR *const corpus = argc == 2 ? opendir(argv[1]) : NULL;
    cachet_error err = {0};
    int count = 0, failed = 0;

    if (corpus == NULL) {
        printf("Bail out! usage: %s CORPUS, a directory that is there\n", argv[0]);
        return 1;
    }
    for (struct dirent *file = readdir(corpus); file != NULL; file = readdir(corpus)) {
        if (file->d_name[0] == '.')
            continue;
        const bool is_ok = run_file(dirfd(corpus), file->d_name, &err) == CACHET_OK;
        printf("%sok %d - %s\n", is_ok ? "" : "not ", ++count, file->d_name);
        if (!is_ok)
            printf("# %s\n", err.message);
        failed += !is_ok;
        (void) fflush(stdout);
    }
    (void) closedir(corpus);
    if (count == 0) {
        printf("not ok %d - the corpus holds a seed\n", ++count);
        failed++;
    }
    printf("1..%d\n", count);
    return failed == 0 ? 0 : 1;
}
