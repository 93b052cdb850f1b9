/* SPDX-License-Identifier: MIT */
/*
 * Looks through the whole memory of this process for keys: a root key stands only in pages that
 * a core dump leaves out, and after closing no key stands anywhere.
 *
 * What is looked for is kept masked, and was derived in a child, so that looking leaves no
 * trace.
 */
#include <fcntl.h>

#include "base/buf.h"
#include "base/file.h"
#include "seal/derive.h"
#include "seal_test.h"

#define MASK 0x5au
#define PIECE 65536u
#define REGION_MAX ((uint64_t) 1 << 30)
#define REGIONS_MIN 5u

/* Not 0, 1, 2 ..: that stands in many a table. */
#define SECRET_A "x3Fq8bEoTzVnW2yKpL0uGd7RcJ5sAiHvMt9eQ4NkBwY"
#define SECRET_B "b9TnUe2XqKsd0fGyIhR7vLw3PzMAj5oVc8rEi1YxWtQ"
#define KEYRING "cachet-keyring 1\nnames " SECRET_B "\nkey cachet-key-1:" SECRET_A "\n"

enum needle {
    ROOT,
    NAMES_ROOT,
    PRK,
    HEAD_KEY,
    BODY_KEY,
    NAMES_KEY,
    NEEDLES,
};

static const char *const needle_names[NEEDLES] = {"root key", "names secret", "PRK",
                                                  "K_head",   "K_body",       "K_names"};

static cachet_error err;
static unsigned char needles[NEEDLES][CT_KEY_SIZE];
static unsigned char piece[PIECE + CT_KEY_SIZE];

static void put_needle(int fd, const void *bytes)
{
    unsigned char masked[CT_KEY_SIZE];

    for (size_t i = 0; i < sizeof masked; i++)
        masked[i] = ((const unsigned char *) bytes)[i] ^ MASK;
    must(ct_fd_write(fd, ct_bytes(masked, sizeof masked), &err), &err);
}

/* In a child only. */
static int derive_needles(void *fd_pointer)
{
    const int fd = *(const int *) fd_pointer;
    cachet_keyring *const keyring = keyring_of(KEYRING);
    struct ct_crypto *const crypto = ct_keyring_crypto(keyring);
    struct ct_place place;
    struct ct_prk prk;
    struct ct_purpose_key key;

    put_needle(fd, ct_keyring_key(keyring, 0));
    put_needle(fd, ct_keyring_names_key(keyring));
    must(ct_place_make(crypto, cache_id_40, CT_BYTES("default"), &place, &err), &err);
    must(ct_derive_prk(crypto, CT_KEY_RAW, ct_keyring_key(keyring, 0), &prk, &err), &err);
    put_needle(fd, &prk);
    struct ct_purpose_of of = {CT_PURPOSE_HEAD, CT_SUITE_SIGN_CHACHA, &place};
    must(ct_derive_key(crypto, &prk, &of, &key, &err), &err);
    put_needle(fd, &key);
    of.purpose = CT_PURPOSE_BODY;
    must(ct_derive_key(crypto, &prk, &of, &key, &err), &err);
    put_needle(fd, &key);
    must(ct_derive_prk(crypto, CT_KEY_NAMES, ct_keyring_names_key(keyring), &prk, &err), &err);
    must(ct_derive_names_key(crypto, &prk, &place, &key, &err), &err);
    put_needle(fd, &key);
    return 1;
}

static void fetch_needles(void)
{
    int ends[2];

    must(pipe(ends) == 0 ? CACHET_OK : CACHET_E_IO, &err);
    CHECK(answer_of_child(derive_needles, &ends[1]) == 1 &&
              read(ends[0], needles, sizeof needles) == (ssize_t) sizeof needles,
          "a child tells what to look for");
    (void) close(ends[0]);
    (void) close(ends[1]);
}

static bool is_needle(const unsigned char *bytes, const unsigned char *masked)
{
    size_t i = 0;
    while (i < CT_KEY_SIZE && (bytes[i] ^ MASK) == masked[i])
        i++;
    return i == CT_KEY_SIZE;
}

static void count_in(const unsigned char *bytes, size_t size, unsigned counts[NEEDLES])
{
    for (size_t at = 0; at + CT_KEY_SIZE <= size; at++)
        for (size_t i = 0; i < NEEDLES; i++)
            counts[i] += is_needle(bytes + at, needles[i]);
}

static void count_in_region(int memory, uint64_t from, uint64_t to, unsigned counts[NEEDLES])
{
    size_t got = 0;

    for (uint64_t at = from; at < to; at += PIECE) {
        const uint64_t left = to - at;
        const size_t wanted = left < sizeof piece ? (size_t) left : sizeof piece;
        if (ct_fd_read_at(memory, piece, wanted, at, &got, NULL) != CACHET_OK)
            return;
        count_in(piece, got, counts);
        memset(piece, 0, sizeof piece);
    }
}

/* The number at *at, which is moved behind it. */
static uint64_t read_hex(const char **at)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t number = 0;

    for (const char *digit = NULL; **at != '\0' && (digit = strchr(digits, **at)) != NULL;
         (*at)++)
        number = number << 4 | (uint64_t) (digit - digits);
    return number;
}

/* How often each needle stands in memory, in pages that a core dump has or in all of them. */
static bool count_everywhere(bool is_dumped_only, unsigned counts[NEEDLES])
{
    FILE *const maps = fopen("/proc/self/smaps", "re");
    CLEANUP(ct_fd_close) int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    uint64_t from = 0, to = 0;
    unsigned region_count = 0;
    char line[512];

    memset(counts, 0, NEEDLES * sizeof *counts);
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        const char *end = line;
        const uint64_t first = read_hex(&end);
        if (end != line && *end == '-' && strchr(line, ' ') != NULL &&
            strchr(line, ' ') < strchr(line, '\n')) {
            from = first;
            end++;
            to = read_hex(&end);
        }
        if (strncmp(line, "VmFlags:", 8) != 0 || strstr(line, " rd") == NULL ||
            to - from > REGION_MAX || (is_dumped_only && strstr(line, " dd") != NULL))
            continue;
        region_count++;
        count_in_region(memory, from, to, counts);
    }
    if (maps != NULL)
        (void) fclose(maps);
    return memory >= 0 && region_count >= REGIONS_MIN;
}

/* Everything that touches a key. */
static void use(const struct ct_sealer *sealer)
{
    const struct ct_opened opened = {.kind = CT_HEAD_ENTRY, .suite = 1};
    CLEANUP(ct_buf_fini)
    struct ct_buf head = head_of(sealer, where_of(1, 2), CT_HEAD_ENTRY, "payload");
    CLEANUP(ct_body_key_freep) struct ct_body_key *key = NULL;
    unsigned char chunk[20] = {0};
    const cachet_body_id id = {{0}};
    cachet_bytes bytes;
    cachet_name name;

    CHECK(refusal_of(sealer, where_of(1, 2), ct_buf_view(&head)) == CT_REFUSED_NONE, "in use");
    must(ct_name_request(sealer, CT_BYTES("request"), &name, &err), &err);
    must(ct_body_key_of(sealer, &opened, &id, &key, &err), &err);
    (void) ct_chunk_open(key, ct_chunk_at(0, true), chunk, sizeof chunk, &bytes, &err);
}

static void test_open(const unsigned counts[NEEDLES])
{
    for (size_t i = ROOT; i <= PRK; i++)
        CHECK(counts[i] == 0, "while open a core dump has no %s (%u)", needle_names[i],
              counts[i]);
}

static void test_all(void)
{
    unsigned everywhere[NEEDLES], dumped[NEEDLES], closed[NEEDLES];
    cachet_keyring *const keyring = keyring_of(KEYRING);
    struct ct_sealer *sealer = NULL;

    must(ct_sealer_new(&sealer, keyring, cache_id_40, CT_BYTES("default"), &err), &err);
    use(sealer);
    CHECK(count_everywhere(false, everywhere) && everywhere[ROOT] == 1 &&
              everywhere[NAMES_ROOT] == 1 && everywhere[HEAD_KEY] >= 1,
          "looking finds what is there: root key %u, K_head %u", everywhere[ROOT],
          everywhere[HEAD_KEY]);
    CHECK(count_everywhere(true, dumped), "looking where a core dump looks");
    test_open(dumped);
    ct_sealer_free(sealer);
    cachet_keyring_free(keyring);
    CHECK(count_everywhere(false, closed), "looking after closing");
    for (size_t i = 0; i < NEEDLES; i++)
        CHECK(closed[i] == 0, "after closing there is no %s (%u)", needle_names[i], closed[i]);
}

/* Tools that keep shadows of all memory keep copies and terabytes. */
static bool is_watched(void)
{
    FILE *const maps = fopen("/proc/self/maps", "re");
    char line[512];
    bool is_found = maps == NULL;

    while (!is_found && fgets(line, sizeof line, maps) != NULL)
        is_found = strstr(line, "vgpreload") != NULL;
    if (maps != NULL)
        (void) fclose(maps);
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                     \
    __has_feature(memory_sanitizer)
    is_found = true;
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    is_found = true;
#endif
    return is_found;
}

int main(void)
{
    unsigned counts[NEEDLES];

    memset(needles, 0xff, sizeof needles);
    if (is_watched() || !count_everywhere(false, counts)) {
        SKIP("memory cannot be looked through here", "traces of keys");
        return tap_done();
    }
    fetch_needles();
    test_all();
    return tap_done();
}
