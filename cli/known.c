/* SPDX-License-Identifier: MIT */
#include "cli/known.h"

#include "cli/file.h"
#include "cli/memory.h"
#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void) close(*fd);
}

/* Gives *ret_file NULL where there is no file. */
static cachet_status open_known(const char *path, FILE **ret_file, cachet_error *err)
{
    struct stat facts;
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    *ret_file = NULL;
    if (fd < 0 && errno == ENOENT)
        return CACHET_OK;
    if (fd < 0)
        return cli_fail_errno(err, CACHET_E_IO, "cannot read '%s'", path);
    const bool is_ours = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) &&
                         (facts.st_uid == geteuid() || facts.st_uid == 0) &&
                         (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    if (!is_ours) {
        (void) close(fd);
        return cli_fail(err, CACHET_E_FORMAT,
                        "others could have written '%s': look at it, then make it mode 0600",
                        path);
    }
    *ret_file = fdopen(fd, "r");
    if (*ret_file != NULL)
        return CACHET_OK;
    (void) close(fd);
    return cli_fail_errno(err, CACHET_E_IO, "cannot read '%s'", path);
}

static char *escape(const char *text)
{
    static const char digits[] = "0123456789abcdef";
    char *const escaped = cli_new(3 * strlen(text) + 1, 1);
    size_t size = 0;

    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char) *text;
        if (byte > ' ' && byte != 0x7f && byte != '%') {
            escaped[size++] = *text;
            continue;
        }
        escaped[size++] = '%';
        escaped[size++] = digits[byte >> 4];
        escaped[size++] = digits[byte & 15];
    }
    return escaped;
}

/* "NAMESPACE SPEC" as it stands in a line, after the id and a blank. */
static char *tail_of(const struct cli_known_name *name)
{
    CLEANUP(cli_freep) char *cache_namespace = escape(name->cache_namespace);
    CLEANUP(cli_freep) char *spec = escape(name->spec);

    return cli_format("%s %s", cache_namespace, spec);
}

static bool is_remark(const char *line)
{
    return line[0] == '\0' || line[0] == '#';
}

/* Takes "ID NAMESPACE SPEC" apart in place. */
static bool split(char *line, unsigned char ret_id[CLI_ID_SIZE], const char **ret_tail)
{
    char *const blank = strchr(line, ' ');

    if (blank == NULL)
        return false;
    *blank = '\0';
    *ret_tail = blank + 1;
    const char *const second = strchr(*ret_tail, ' ');
    return cli_id_parse(line, ret_id) && second != NULL && second > *ret_tail &&
           second[1] != '\0' && strchr(second + 1, ' ') == NULL;
}

/* The next line without its newline, or NULL. */
static char *next_line(FILE *file, char **line, size_t *capacity)
{
    const ssize_t size = file == NULL ? -1 : getline(line, capacity, file);

    if (size < 0)
        return NULL;
    if (size > 0 && (*line)[size - 1] == '\n')
        (*line)[size - 1] = '\0';
    return *line;
}

cachet_status cli_known_find(const char *path, const struct cli_known_name *name,
                             unsigned char ret_id[CLI_ID_SIZE], size_t *ret_line,
                             cachet_error *err)
{
    CLEANUP(cli_close_file) FILE *file = NULL;
    CLEANUP(cli_freep) char *line = NULL;
    CLEANUP(cli_freep) char *wanted = tail_of(name);
    unsigned char id[CLI_ID_SIZE];
    const char *tail = NULL;
    size_t capacity = 0;

    TRY(open_known(path, &file, err));
    for (size_t number = 1; next_line(file, &line, &capacity) != NULL; number++) {
        if (is_remark(line))
            continue;
        if (!split(line, id, &tail))
            return cli_fail(err, CACHET_E_FORMAT,
                            "line %zu of '%s' is not 'ID NAMESPACE SPEC': remove it", number,
                            path);
        if (strcmp(tail, wanted) == 0) {
            memcpy(ret_id, id, CLI_ID_SIZE);
            *ret_line = number;
            return CACHET_OK;
        }
    }
    *ret_line = 0;
    return CACHET_OK;
}

/* Copies every line but those about `wanted`, and adds the new one. */
static cachet_status copy_lines(FILE *from, FILE *to, const char *id_text, const char *wanted)
{
    CLEANUP(cli_freep) char *line = NULL;
    size_t capacity = 0;

    while (next_line(from, &line, &capacity) != NULL) {
        const char *const blank = strchr(line, ' ');
        if (is_remark(line) || blank == NULL || strcmp(blank + 1, wanted) != 0)
            (void) fprintf(to, "%s\n", line);
    }
    (void) fprintf(to, "%s %s\n", id_text, wanted);
    const bool is_whole = fflush(to) == 0 && !ferror(to) && (from == NULL || !ferror(from));
    return is_whole && fsync(fileno(to)) == 0 ? CACHET_OK : CACHET_E_IO;
}

static cachet_status replace(const char *path, const char *id_text, const char *wanted,
                             cachet_error *err)
{
    CLEANUP(cli_close_file) FILE *from = NULL;
    CLEANUP(cli_close_file) FILE *to = NULL;
    CLEANUP(cli_freep) char *temporary = cli_format("%s.XXXXXX", path);

    TRY(open_known(path, &from, err));
    const int fd = mkstemp(temporary);
    to = fd < 0 ? NULL : fdopen(fd, "w");
    if (to == NULL)
        return cli_fail_errno(err, CACHET_E_IO, "cannot write '%s'", temporary);
    if (copy_lines(from, to, id_text, wanted) == CACHET_OK && rename(temporary, path) == 0)
        return CACHET_OK;
    (void) cli_fail_errno(err, CACHET_E_IO, "cannot write '%s'", path);
    (void) unlink(temporary);
    return err->status;
}

/* Two commands that remember at once take turns; where locks do not work, the last one wins. */
static cachet_status remember(const char *path, const struct cli_known_name *name,
                              const unsigned char id[CLI_ID_SIZE], cachet_error *err)
{
    CLEANUP(cli_freep) char *dir = cli_parent_of(path);
    CLEANUP(cli_freep) char *wanted = tail_of(name);
    char id_text[CLI_ID_TEXT_SIZE];

    TRY(cli_make_dirs(dir, err));
    CLEANUP(close_fd) int lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0)
        (void) flock(lock, LOCK_EX);
    cli_id_text(id, id_text);
    return replace(path, id_text, wanted, err);
}

cachet_status cli_known_check(const char *path, const struct cli_known_name *name,
                              const unsigned char id[CLI_ID_SIZE], bool is_new,
                              enum cli_known_outcome *ret_outcome, cachet_error *err)
{
    unsigned char known[CLI_ID_SIZE];
    size_t line = 0;

    TRY(cli_known_find(path, name, known, &line, err));
    *ret_outcome = line == 0 ? CLI_KNOWN_ADDED : CLI_KNOWN_SAME;
    if (line > 0 && memcmp(known, id, CLI_ID_SIZE) == 0)
        return CACHET_OK;
    if (line > 0 && !is_new)
        return cli_fail(err, CACHET_E_UNKNOWN_KEY,
                        "this is not the cache that was here before: line %zu of '%s' has "
                        "another id for '%s'; if the change was meant, remove that line",
                        line, path, name->spec);
    if (line > 0)
        *ret_outcome = CLI_KNOWN_UPDATED;
    return remember(path, name, id, err);
}
