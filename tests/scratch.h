/* SPDX-License-Identifier: MIT */
/* A directory of the test's own, removed at its end with everything in it. */
#ifndef CT_TESTS_SCRATCH_H
#define CT_TESTS_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_PATH_MAX 512

static char scratch_dir[256];

/* Calls may be nested in printf arguments no more than four deep. */
static inline const char *scratch_path(const char *name)
{
    static char paths[4][SCRATCH_PATH_MAX];
    static unsigned next;
    char *const path = paths[next++ % 4];

    (void) snprintf(path, SCRATCH_PATH_MAX, "%s/%s", scratch_dir, name);
    return path;
}

static inline void scratch_remove(const char *path)
{
    struct stat facts;
    DIR *const directory =
        lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode) ? opendir(path) : NULL;

    if (directory == NULL) {
        (void) unlink(path);
        return;
    }
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        char inner[SCRATCH_PATH_MAX + 256];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        const int size = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (size > 0 && (size_t) size < sizeof inner)
            scratch_remove(inner);
    }
    (void) closedir(directory);
    (void) rmdir(path);
}

static inline void scratch_end(void)
{
    scratch_remove(scratch_dir);
}

static inline void scratch_begin(void)
{
    (void) snprintf(scratch_dir, sizeof scratch_dir, "%s/cachet-test-XXXXXX",
                    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    if (mkdtemp(scratch_dir) == NULL) {
        perror(scratch_dir);
        exit(1);
    }
    (void) atexit(scratch_end);
}

#endif
