/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tap.h"

static int open_with(const char *name, const char *content)
{
    const int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(fd >= 0 && ct_fd_write(fd, cachet_bytes_of(content), NULL) == CACHET_OK, "write '%s'",
          name);
    return fd;
}

static void test_read_at(void)
{
    CLEANUP(ct_fd_close) int fd = open_with("read", "0123456789");
    char buffer[20] = "";
    size_t size = 0;

    CHECK(ct_fd_read_at(fd, buffer, 4, 3, &size, NULL) == CACHET_OK && size == 4 &&
              memcmp(buffer, "3456", 4) == 0,
          "from the middle");
    CHECK(ct_fd_read_at(fd, buffer, sizeof buffer, 8, &size, NULL) == CACHET_OK && size == 2,
          "less at the end");
    CHECK(ct_fd_read_at(fd, buffer, sizeof buffer, 11, &size, NULL) == CACHET_OK && size == 0,
          "nothing past the end");
    CHECK(ct_fd_read_at(fd, buffer, 0, 0, &size, NULL) == CACHET_OK && size == 0, "of nothing");
    CHECK(ct_fd_read_at(fd, buffer, sizeof buffer, UINT64_MAX - 4, &size, NULL) == CACHET_OK &&
              size == 0,
          "an offset near 2^64 does not wrap round");
    CHECK(ct_fd_read_at(fd, buffer, 1, INT64_MAX, &size, NULL) == CACHET_OK && size == 0,
          "nor does one near 2^63");
}

static void test_failures(void)
{
    CLEANUP(ct_fd_close) int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(10);
    char buffer[1];
    size_t size = 4711;
    cachet_error err = {0};

    CHECK(ct_fd_read_at(directory, buffer, 1, 0, &size, &err) == CACHET_E_IO && size == 4711,
          "a directory is no file: %s", err.message);
    CHECK(ct_fd_read_all(directory, &buf, &err) == CACHET_E_IO && buf.size == 0,
          "nor to be read whole");
    CHECK(ct_fd_write(directory, CT_BYTES("x"), &err) == CACHET_E_IO, "nor to be written: %s",
          err.message);
    CHECK(ct_fd_read_all(-1, &buf, &err) == CACHET_E_IO, "no descriptor: %s", err.message);
}

static void test_full_disk(void)
{
    CLEANUP(ct_fd_close) int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    cachet_error err = {0};

    if (full < 0) {
        SKIP("no /dev/full", "a full disk");
        return;
    }
    CHECK(ct_fd_write(full, CT_BYTES("x"), &err) == CACHET_E_IO, "a full disk: %s",
          err.message);
}

/* Around the size of a piece, with a ceiling that is larger, just right, and too small. */
static void test_read_all(void)
{
    static const size_t sizes[] = {0, 1, 100, 4095, 4096, 4097, 8192, 10000};
    static char content[10001];

    for (size_t i = 0; i < CT_COUNT_OF(sizes); i++) {
        const size_t size = sizes[i];
        memset(content, 'c', size);
        content[size] = '\0';
        CLEANUP(ct_fd_close) int fd = open_with("whole", content);
        for (size_t ceiling = size == 0 ? 0 : size - 1; ceiling <= size + 1; ceiling++) {
            CLEANUP(ct_buf_wipe) struct ct_buf buf = ct_buf_secret_with_ceiling(ceiling);
            const cachet_status status = ct_fd_read_all(fd, &buf, NULL);
            CHECK(ceiling < size
                      ? status == CACHET_E_TOO_LARGE
                      : status == CACHET_OK &&
                            ct_bytes_equal(ct_buf_view(&buf), cachet_bytes_of(content)),
                  "%zu bytes into %zu", size, ceiling);
        }
    }
}

static void test_read_all_appends(void)
{
    CLEANUP(ct_fd_close) int fd = open_with("appended", "two");
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(6);

    ct_buf_text(&buf, "one");
    CHECK(ct_fd_read_all(fd, &buf, NULL) == CACHET_OK &&
              ct_bytes_equal(ct_buf_view(&buf), CT_BYTES("onetwo")),
          "appends, from the file's start");
    (void) ct_mem_fail_after(0);
    ct_buf_fini(&buf);
    CHECK(ct_fd_read_all(fd, &buf, NULL) == CACHET_E_MEMORY, "out of memory");
    (void) ct_mem_fail_after(-1);
}

static bool is_private_directory(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode) && (facts.st_mode & 0777) == 0700;
}

static void test_dir_make(void)
{
    static const char *const good[] = {"a",        "a", "a/", "b/c/d", "b//c///e/",
                                       "./f/../g", ".", "/",  "//"};
    cachet_error err = {0};

    for (size_t i = 0; i < CT_COUNT_OF(good); i++)
        CHECK(ct_dir_make(good[i], &err) == CACHET_OK, "make '%s'%s", good[i], err.message);
    CHECK(is_private_directory("a") && is_private_directory("b") &&
              is_private_directory("b/c/d") && is_private_directory("b/c/e") &&
              is_private_directory("g"),
          "for the owner only, also those above");
    CHECK(chmod("a", 0755) == 0 && ct_dir_make("a", NULL) == CACHET_OK &&
              !is_private_directory("a"),
          "one that is there is left as it is");
    CHECK(symlink("a", "link") == 0 && ct_dir_make("link/in", NULL) == CACHET_OK &&
              is_private_directory("a/in"),
          "a link to a directory will do");

    int fd = open_with("file", "");
    ct_fd_close(&fd);
    CHECK(symlink("nowhere", "dangling") == 0, "a link to nothing");
    static const char *const bad[] = {"", "file", "file/x", "dangling", "dangling/x"};
    for (size_t i = 0; i < CT_COUNT_OF(bad); i++)
        CHECK(ct_dir_make(bad[i], &err) == CACHET_E_IO, "refuse '%s': %s", bad[i], err.message);
}

static void test_paths(void)
{
    static const char *const rows[][3] = {
        {"a/b", "a", "b"}, {"/a", "/", "a"},  {"a", ".", "a"},         {"", ".", ""},
        {"/", "/", ""},    {"a/", "a", ""},   {"/a/b/c", "/a/b", "c"}, {"a//b", "a/", "b"},
        {"//a", "/", "a"}, {"..", ".", ".."}, {"./a", ".", "a"},
    };
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        CLEANUP(ct_mem_freep) char *parent = NULL;
        CHECK(ct_path_parent(rows[i][0], &parent, NULL) == CACHET_OK &&
                  strcmp(parent, rows[i][1]) == 0,
              "parent of '%s'", rows[i][0]);
        CHECK(strcmp(ct_path_name(rows[i][0]), rows[i][2]) == 0, "name of '%s'", rows[i][0]);
    }
}

static void test_close(void)
{
    int fd = open(".", O_RDONLY | O_CLOEXEC);
    const int was = fd;

    ct_fd_close(&fd);
    CHECK(fd == -1 && fcntl(was, F_GETFD) == -1, "closed, and forgotten");
    ct_fd_close(&fd);
    CHECK(fd == -1, "closing nothing is harmless");
}

int main(void)
{
    char place[] = "/tmp/cachet-file-test-XXXXXX";

    if (mkdtemp(place) == NULL || chdir(place) != 0) {
        printf("Bail out! cannot make a directory in /tmp\n");
        return 1;
    }
    test_read_at();
    test_failures();
    test_full_disk();
    test_read_all();
    test_read_all_appends();
    test_dir_make();
    test_paths();
    test_close();

    static const char *const left[] = {"read",     "whole", "appended", "file",  "link",
                                       "dangling", "a/in",  "a",        "b/c/d", "b/c/e",
                                       "b/c",      "b",     "f",        "g"};
    for (size_t i = 0; i < CT_COUNT_OF(left); i++)
        (void) remove(left[i]);
    CHECK(chdir("/") == 0 && rmdir(place) == 0, "nothing else was made");
    return tap_done();
}
