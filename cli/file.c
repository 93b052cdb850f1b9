/* SPDX-License-Identifier: MIT */
#include "cli/file.h"

#include "cli/memory.h"
#include "cli/output.h"
#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void cli_close_file(FILE **file)
{
    if (*file != NULL)
        (void) fclose(*file);
}

char *cli_parent_of(const char *path)
{
    const char *const slash = strrchr(path, '/');

    if (slash == NULL)
        return cli_format(".");
    return slash == path ? cli_format("/") : cli_format("%.*s", (int) (slash - path), path);
}

cachet_status cli_make_dirs(const char *path, cachet_error *err)
{
    CLEANUP(cli_freep) char *partial = cli_format("%s", path);

    for (char *slash = partial + 1;; slash++) {
        slash += strcspn(slash, "/");
        const char end = *slash;
        *slash = '\0';
        if (mkdir(partial, 0700) != 0 && errno != EEXIST)
            return cli_fail_errno(err, CACHET_E_IO, "cannot make the directory '%s'", partial);
        *slash = end;
        if (end == '\0')
            return CACHET_OK;
    }
}

/* What a signal must remove: the temporary file of the one open sink. */
static const char *volatile doomed;

static const int ending_signals[] = {SIGHUP, SIGINT, SIGTERM};

static void remove_and_die(int number)
{
    if (doomed != NULL)
        (void) unlink(doomed);
    (void) signal(number, SIG_DFL);
    (void) raise(number);
}

/* A signal that is ignored (nohup) stays ignored. */
static void watch_signals(const char *path)
{
    doomed = path;
    for (size_t i = 0; i < CLI_COUNT_OF(ending_signals); i++) {
        struct sigaction action = {.sa_flags = 0}, old;
        action.sa_handler = path == NULL ? SIG_DFL : remove_and_die;
        (void) sigemptyset(&action.sa_mask);
        const bool is_ignored =
            sigaction(ending_signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN;
        if (!is_ignored)
            (void) sigaction(ending_signals[i], &action, NULL);
    }
}

static cachet_status open_in_place(struct cli_sink *sink, cachet_error *err)
{
    const int fd = open(sink->name, O_WRONLY | O_CLOEXEC);

    sink->file = fd < 0 ? NULL : fdopen(fd, "w");
    return sink->file != NULL
               ? CACHET_OK
               : cli_fail_errno(err, CACHET_E_IO, "cannot write to '%s'", sink->name);
}

static mode_t mode_of_new_files(void)
{
    const mode_t mask = umask(0);

    (void) umask(mask);
    return 0666 & ~mask;
}

static cachet_status open_temporary(struct cli_sink *sink, mode_t mode, cachet_error *err)
{
    sink->temporary = cli_format("%s.XXXXXX", sink->name);
    const int fd = mkstemp(sink->temporary);
    if (fd < 0) {
        (void) cli_fail_errno(err, CACHET_E_IO, "cannot write '%s'", sink->name);
        cli_free(sink->temporary);
        sink->temporary = NULL;
        return err->status;
    }
    watch_signals(sink->temporary);
    sink->file = fdopen(fd, "w");
    if (sink->file == NULL || fchmod(fd, mode) != 0)
        return cli_fail_errno(err, CACHET_E_IO, "cannot write '%s'", sink->name);
    return CACHET_OK;
}

cachet_status cli_sink_open(struct cli_sink *sink, const char *path, cachet_error *err)
{
    struct stat facts;

    *sink = (struct cli_sink){0};
    if (path == NULL || strcmp(path, "-") == 0) {
        sink->file = stdout;
        sink->name = cli_format("standard output");
        return CACHET_OK;
    }
    const bool is_there = stat(path, &facts) == 0;
    if (is_there && !S_ISREG(facts.st_mode)) {
        sink->name = cli_format("%s", path);
        return open_in_place(sink, err);
    }
    sink->name = is_there ? realpath(path, NULL) : NULL;
    if (sink->name == NULL)
        sink->name = cli_format("%s", path);
    return open_temporary(sink, is_there ? facts.st_mode & 0777 : mode_of_new_files(), err);
}

cachet_status cli_sink_write(struct cli_sink *sink, const void *data, size_t size,
                             cachet_error *err)
{
    if (fwrite(data, 1, size, sink->file) == size && fflush(sink->file) == 0)
        return CACHET_OK;
    (void) cli_write_failed(sink->name, err);
    clearerr(sink->file);
    return err->status;
}

cachet_status cli_sink_commit(struct cli_sink *sink, cachet_error *err)
{
    FILE *const file = sink->file;

    if (file == stdout)
        return cli_flush(err);
    sink->file = NULL;
    if (fclose(file) != 0)
        return cli_write_failed(sink->name, err);
    if (sink->temporary == NULL)
        return CACHET_OK;
    if (rename(sink->temporary, sink->name) != 0)
        return cli_fail_errno(err, CACHET_E_IO, "cannot write '%s'", sink->name);
    watch_signals(NULL);
    cli_free(sink->temporary);
    sink->temporary = NULL;
    return CACHET_OK;
}

void cli_sink_fini(struct cli_sink *sink)
{
    if (sink->file != NULL && sink->file != stdout)
        (void) fclose(sink->file);
    if (sink->temporary != NULL) {
        (void) unlink(sink->temporary);
        watch_signals(NULL);
    }
    cli_free(sink->temporary);
    cli_free(sink->name);
    *sink = (struct cli_sink){0};
}

bool cli_sink_is_terminal(const struct cli_sink *sink)
{
    return isatty(fileno(sink->file)) == 1;
}
