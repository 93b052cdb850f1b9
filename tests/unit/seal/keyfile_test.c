/* SPDX-License-Identifier: MIT */
/* Key files on disk: who may own them, where they may be. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "seal_test.h"

#define OTHER_USER 65534u

static cachet_error err;
static char base[] = "/tmp/cachet-seal-XXXXXX";
static char spec[256];
static char paths[4][256];

/* One of four buffers in turn. */
static const char *in_base(const char *name)
{
    static unsigned turn;
    char *const path = paths[turn++ % 4];
    (void) snprintf(path, sizeof paths[0], "%s/%s", base, name);
    return path;
}

static const char *spec_of(const char *name)
{
    (void) snprintf(spec, sizeof spec, "file:%s/%s", base, name);
    return spec;
}

static cachet_status opened(const char *name)
{
    cachet_keyring *keyring = NULL;
    err = (cachet_error){CACHET_OK, ""};
    const cachet_status status = cachet_keyring_open(&keyring, spec_of(name), &err);
    cachet_keyring_free(keyring);
    return status;
}

static void check_opened(const char *name, cachet_status expected, const char *what)
{
    CHECK(opened(name) == expected, "%s: %s", what, err.message);
}

static void write_key(const char *name, mode_t mode)
{
    const char *const path = in_base(name);
    (void) unlink(path);
    FILE *const file = fopen(path, "we");

    if (file == NULL || fputs("cachet-key-1:" TEXT_00 "\n", file) < 0 || fclose(file) != 0 ||
        chmod(path, mode) != 0)
        must(CACHET_E_IO, &err);
}

static void test_create(void)
{
    struct stat facts;
    mode_t old = umask(0);

    CHECK(cachet_keyring_create(spec_of("new/deep/key"), &err) == CACHET_OK, "a key is made");
    (void) umask(old);
    CHECK(stat(in_base("new/deep/key"), &facts) == 0 && (facts.st_mode & 07777) == 0600 &&
              facts.st_nlink == 1,
          "mode 0600, one name");
    CHECK(stat(in_base("new/deep"), &facts) == 0 && (facts.st_mode & 07777) == 0700,
          "in a directory of mode 0700");
    check_opened("new/deep/key", CACHET_OK, "and opens");
    CHECK(cachet_keyring_create(spec_of("new/deep/key"), &err) == CACHET_E_CONFLICT,
          "never overwritten: %s", err.message);
    old = umask(0777);
    CHECK(cachet_keyring_create(spec_of("new/second"), &err) == CACHET_OK, "under any umask");
    (void) umask(old);
    CHECK(stat(in_base("new/second"), &facts) == 0 && (facts.st_mode & 07777) == 0600,
          "mode 0600 again");
}

static void test_fresh(void)
{
    cachet_keyring *one = NULL, *two = NULL;

    must(cachet_keyring_open(&one, spec_of("new/deep/key"), &err), &err);
    must(cachet_keyring_open(&two, spec_of("new/second"), &err), &err);
    CHECK(ct_keyring_key_count(one) == 1 && ct_keyring_epoch(one) == 0, "one key, epoch 0");
    CHECK(memcmp(ct_keyring_key(one, 0), ct_keyring_key(two, 0), 32) != 0 &&
              memcmp(ct_keyring_names_key(one), ct_keyring_names_key(two), 32) != 0 &&
              memcmp(ct_keyring_names_key(one), ct_keyring_key(one, 0), 32) != 0,
          "every secret is fresh");
    CHECK(strcmp(ct_keyring_path(one), in_base("new/deep/key")) == 0, "it knows its path");
    cachet_keyring_free(one);
    cachet_keyring_free(two);
}

static void test_create_refused(void)
{
    CHECK(cachet_keyring_create(spec_of("new/"), &err) == CACHET_E_USAGE, "%s", err.message);
    CHECK(cachet_keyring_create(spec_of("new/.."), &err) == CACHET_E_USAGE, "%s", err.message);
    CHECK(cachet_keyring_create("file:", &err) == CACHET_E_USAGE, "%s", err.message);
    CHECK(cachet_keyring_create("", &err) == CACHET_E_USAGE, "%s", err.message);
    CHECK(symlink("/nonexistent", in_base("link")) == 0 &&
              cachet_keyring_create(spec_of("link"), &err) == CACHET_E_CONFLICT,
          "a dangling link is no place: %s", err.message);
    write_key("plain", 0600);
    CHECK(cachet_keyring_create(spec_of("plain/key"), &err) == CACHET_E_IO, "%s", err.message);
    (void) unlink(in_base("link"));
    (void) unlink(in_base("plain"));
}

static void test_modes(void)
{
    static const mode_t bad[] = {0604, 0602, 0601, 0640, 0620, 0610, 0644, 0666, 04640};

    for (size_t i = 0; i < CT_COUNT_OF(bad); i++) {
        write_key("key", bad[i]);
        check_opened("key", CACHET_E_FORMAT, "open to others");
    }
    write_key("key", 0400);
    check_opened("key", CACHET_OK, "mode 0400");
    write_key("key", 0600);
    check_opened("key", CACHET_OK, "mode 0600");
    (void) unlink(in_base("key"));
}

static bool make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void) snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    const bool is_made =
        fd >= 0 && bind(fd, (const struct sockaddr *) &address, sizeof address) == 0;
    if (fd >= 0)
        (void) close(fd);
    return is_made && chmod(path, 0600) == 0;
}

static void test_kinds(void)
{
    write_key("key", 0600);
    CHECK(symlink(in_base("key"), in_base("link")) == 0, "a link");
    check_opened("link", CACHET_E_FORMAT, "is refused");
    CHECK(mkfifo(in_base("fifo"), 0600) == 0, "a FIFO");
    check_opened("fifo", CACHET_E_FORMAT, "is refused, without waiting");
    CHECK(mkdir(in_base("dir"), 0700) == 0, "a directory");
    check_opened("dir", CACHET_E_FORMAT, "is refused");
    CHECK(make_socket(in_base("socket")), "a socket");
    check_opened("socket", CACHET_E_FORMAT, "is refused");
    check_opened("missing", CACHET_E_NOT_FOUND, "no file");
    check_opened("missing/key", CACHET_E_NOT_FOUND, "no directory");
    check_opened("key/key", CACHET_E_NOT_FOUND, "a file for a directory");
    check_opened("./dir/../key", CACHET_OK, "a path that wanders");
    CHECK(symlink("dir", in_base("alias")) == 0 &&
              rename(in_base("key"), in_base("dir/key")) == 0,
          "a link to a directory");
    check_opened("alias/key", CACHET_OK, "may stand above");
    (void) unlink(in_base("alias"));
    (void) unlink(in_base("socket"));
    (void) unlink(in_base("fifo"));
    (void) unlink(in_base("link"));
}

static void test_directories(void)
{
    CHECK(mkdir(in_base("dir/inner"), 0700) == 0 &&
              rename(in_base("dir/key"), in_base("dir/inner/key")) == 0,
          "a key in a directory");
    static const mode_t bad[] = {0777, 0770, 0702, 0720};
    for (size_t i = 0; i < CT_COUNT_OF(bad); i++) {
        (void) chmod(in_base("dir"), bad[i]);
        check_opened("dir/inner/key", CACHET_E_FORMAT, "others write above");
        CHECK(cachet_keyring_create(spec_of("dir/inner/new"), &err) == CACHET_E_FORMAT,
              "nor is one made there: %s", err.message);
    }
    (void) chmod(in_base("dir"), 01777);
    check_opened("dir/inner/key", CACHET_OK, "sticky above");
    (void) chmod(in_base("dir"), 0755);
    check_opened("dir/inner/key", CACHET_OK, "others read above");
    (void) chmod(in_base("dir"), 0700);
}

static void test_owners(void)
{
    if (geteuid() != 0) {
        SKIP("only root gives files away", "owners");
        return;
    }
    const bool is_given = chown(in_base("dir/inner/key"), OTHER_USER, OTHER_USER) == 0;
    CHECK(is_given, "a key of another user");
    check_opened("dir/inner/key", CACHET_E_FORMAT, "is refused");
    (void) chown(in_base("dir/inner/key"), 0, 0);
    const bool is_directory_given = chown(in_base("dir"), OTHER_USER, OTHER_USER) == 0;
    CHECK(is_directory_given, "a directory of another user");
    check_opened("dir/inner/key", CACHET_E_FORMAT, "is refused");
    (void) chmod(in_base("dir"), 01777);
    check_opened("dir/inner/key", CACHET_E_FORMAT, "a sticky one too");
    (void) chmod(in_base("dir"), 0700);
    (void) chown(in_base("dir"), 0, 0);
    check_opened("dir/inner/key", CACHET_OK, "and back");
}

static void test_sizes(void)
{
    FILE *const file = fopen(in_base("dir/inner/key"), "ae");

    for (int i = 0; file != NULL && i < 2000; i++)
        (void) fputs("# a long file\n", file);
    CHECK(file != NULL && fclose(file) == 0, "a file of 28 KB");
    check_opened("dir/inner/key", CACHET_E_FORMAT, "is no key file");
    CHECK(truncate(in_base("dir/inner/key"), 0) == 0, "an empty file");
    check_opened("dir/inner/key", CACHET_E_FORMAT, "is no key file");
}

static void test_specs(void)
{
    cachet_keyring *keyring = NULL;

    must(cachet_keyring_open(&keyring, in_base("new/second"), &err), &err);
    CHECK(keyring != NULL, "a bare path is a file");
    cachet_keyring_free(keyring);
    keyring = NULL;
    CHECK(cachet_keyring_open(&keyring, spec_of("new/second?epoch=1"), &err) ==
                  CACHET_E_USAGE &&
              keyring == NULL,
          "%s", err.message);
    CHECK(cachet_keyring_open(&keyring, "", &err) == CACHET_E_USAGE, "%s", err.message);
    CHECK(cachet_keyring_open(&keyring, NULL, &err) == CACHET_E_USAGE, "%s", err.message);
    CHECK(cachet_keyring_open(&keyring, "file:", NULL) == CACHET_E_USAGE, "without an error");
}

static void clean_up(void)
{
    static const char *const names[] = {"dir/inner/key", "dir/inner",  "dir", "new/deep/key",
                                        "new/deep",      "new/second", "new"};

    for (size_t i = 0; i < CT_COUNT_OF(names); i++)
        CHECK(remove(in_base(names[i])) == 0, "nothing else was left in %s", names[i]);
    CHECK(remove(base) == 0, "nor beside it");
}

int main(void)
{
    must(mkdtemp(base) == NULL ? CACHET_E_IO : CACHET_OK, &err);
    test_create();
    test_fresh();
    test_create_refused();
    test_modes();
    test_kinds();
    test_directories();
    test_owners();
    test_sizes();
    test_specs();
    clean_up();
    return tap_done();
}
