/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static void directory_close(DIR **directory)
{
    if (*directory != NULL)
        (void) closedir(*directory);
}

/*
 * Removes the files of a directory. Appends the name of the first thing that is no file to the
 * path and says so; false where nothing is left.
 */
static bool clear_directory(char path[BENCH_PATH_MAX])
{
    CLEANUP(directory_close) DIR *directory = opendir(path);
    if (directory == NULL)
        return false;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        const char *name = entry->d_name;
        const size_t size = strlen(path);
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            unlinkat(dirfd(directory), name, 0) == 0)
            continue;
        return bench_format(path + size, BENCH_PATH_MAX - size, NULL, "/%s", name) == CACHET_OK;
    }
    return false;
}

cachet_status bench_scratch_make(struct bench_scratch *scratch, cachet_error *err)
{
    const char *parent = getenv("TMPDIR");
    TRY(bench_format(scratch->path, sizeof(scratch->path), err, "%s/cachet-bench-XXXXXX",
                     parent == NULL || *parent == '\0' ? "/tmp" : parent));
    if (mkdtemp(scratch->path) == NULL) {
        const cachet_status status =
            bench_err_set_errno(err, "cannot make a directory", scratch->path);
        scratch->path[0] = '\0';
        return status;
    }
    return CACHET_OK;
}

/* Down to a directory of files alone, remove it, up again. */
void bench_scratch_remove(struct bench_scratch *scratch)
{
    char path[BENCH_PATH_MAX];
    const size_t top = strlen(scratch->path);
    memcpy(path, scratch->path, sizeof(path));
    while (top > 0 && strlen(path) >= top) {
        if (clear_directory(path))
            continue;
        if (rmdir(path) != 0)
            break;
        *strrchr(path, '/') = '\0';
    }
    scratch->path[0] = '\0';
}
