/* SPDX-License-Identifier: MIT */
#include "seal_test.h"

#define KEYRING KEYRING_EPOCH("0", KEY_00)
#define SMALL 100u
#define SMALL_STORED (SMALL + 16u)

static cachet_error err;
static const struct ct_opened opened_by_first = {.kind = CT_HEAD_ENTRY, .suite = 1};

/* Two full chunks and a small one, as they are stored. */
struct body {
    cachet_body_id id;
    unsigned char chunks[3][CACHET_CHUNK_STORED_MAX];
    size_t sizes[3];
};

static struct body body;
static unsigned char copy[CACHET_CHUNK_STORED_MAX + 1];

static struct ct_body_key *reader_of(const struct ct_sealer *sealer, const cachet_body_id *id)
{
    struct ct_body_key *key = NULL;
    must(ct_body_key_of(sealer, &opened_by_first, id, &key, &err), &err);
    return key;
}

static struct ct_body_key *writer_of(const struct ct_sealer *sealer, cachet_body_id *id)
{
    struct ct_body_key *key = NULL;
    must(ct_body_key_new(sealer, id, &key, &err), &err);
    return key;
}

static void seal_body(const struct ct_sealer *sealer)
{
    CLEANUP(ct_body_key_freep) struct ct_body_key *key = writer_of(sealer, &body.id);

    for (size_t i = 0; i < 3; i++) {
        memset(body.chunks[i], (int) ('a' + i), sizeof body.chunks[i]);
        must(ct_chunk_seal(key, ct_chunk_at(i, i == 2), body.chunks[i],
                           i == 2 ? SMALL : CACHET_CHUNK_SIZE, &body.sizes[i], &err),
             &err);
    }
}

static bool opens(struct ct_body_key *key, uint64_t index, bool is_last, const void *stored,
                  size_t size)
{
    cachet_bytes bytes = {NULL, 0};

    if (size > 0)
        memcpy(copy, stored, size);
    const cachet_status status =
        ct_chunk_open(key, ct_chunk_at(index, is_last), copy, size, &bytes, &err);
    if (status != CACHET_OK && (status != CACHET_E_TAMPERED || bytes.data != NULL))
        must(CACHET_E_CRYPTO, &err);
    return status == CACHET_OK && bytes.data == copy &&
           bytes.size == size - ct_body_tag_size(key);
}

static void test_round_trip(struct ct_body_key *key)
{
    CHECK(ct_body_tag_size(key) == 16 && body.sizes[0] == CACHET_CHUNK_STORED_MAX &&
              body.sizes[2] == SMALL_STORED,
          "a tag follows each chunk");
    CHECK(opens(key, 0, false, body.chunks[0], body.sizes[0]) &&
              opens(key, 1, false, body.chunks[1], body.sizes[1]) &&
              opens(key, 2, true, body.chunks[2], body.sizes[2]),
          "a body opens");
    CHECK(opens(key, 1, false, body.chunks[1], body.sizes[1]) && copy[0] == 'b',
          "a chunk opens by itself, and again");
}

static void test_changes(struct ct_body_key *key)
{
    size_t opened = 0;

    for (size_t bit = 0; bit < (size_t) SMALL_STORED * 8; bit++) {
        unsigned char *const byte = &body.chunks[2][bit / 8];
        *byte ^= (unsigned char) (1u << bit % 8);
        opened += opens(key, 2, true, body.chunks[2], SMALL_STORED);
        *byte ^= (unsigned char) (1u << bit % 8);
    }
    CHECK(opened == 0, "every bit of the small chunk counts");
    opened = 0;
    for (size_t at = 0; at < CACHET_CHUNK_STORED_MAX; at += 331) {
        body.chunks[0][at] ^= 0x80;
        opened += opens(key, 0, false, body.chunks[0], body.sizes[0]);
        body.chunks[0][at] ^= 0x80;
    }
    CHECK(opened == 0, "and bytes all over a large one");
}

static void test_lengths(struct ct_body_key *key)
{
    size_t opened = 0;

    for (size_t size = 0; size < SMALL_STORED; size++)
        opened += opens(key, 2, true, body.chunks[2], size);
    CHECK(opened == 0, "every truncation of the small chunk is refused");
    CHECK(!opens(key, 2, true, body.chunks[2], SMALL_STORED + 1), "and a byte more");
    CHECK(!opens(key, 0, false, body.chunks[0], CACHET_CHUNK_STORED_MAX - 1) &&
              !opens(key, 0, false, body.chunks[0], CACHET_CHUNK_SIZE) &&
              !opens(key, 0, false, body.chunks[0], 0) &&
              !opens(key, 0, false, body.chunks[0], CACHET_CHUNK_STORED_MAX + 1) &&
              !opens(key, 0, true, body.chunks[0], CACHET_CHUNK_STORED_MAX + 1),
          "a large chunk has one length");
    CHECK(!opens(key, 2, true, body.chunks[2] + SMALL, 16), "a tag alone is no chunk");
}

static void test_order(struct ct_body_key *key)
{
    CHECK(!opens(key, 1, false, body.chunks[0], body.sizes[0]) &&
              !opens(key, 0, false, body.chunks[1], body.sizes[1]),
          "chunks that were swapped");
    CHECK(!opens(key, 1, true, body.chunks[1], body.sizes[1]), "a body cut at a chunk's end");
    CHECK(!opens(key, 2, false, body.chunks[2], body.sizes[2]) &&
              !opens(key, 3, true, body.chunks[2], body.sizes[2]),
          "a body made longer");
    CHECK(!opens(key, (uint64_t) 1 << 32, false, body.chunks[0], body.sizes[0]) &&
              !opens(key, (uint64_t) 1 << 63, false, body.chunks[0], body.sizes[0]),
          "every bit of the number counts");
}

static void test_places(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *same = sealer_of(KEYRING);
    CLEANUP(ct_sealer_freep) struct ct_sealer *other = sealer_at(KEYRING, cache_id_40, "other");
    CLEANUP(ct_sealer_freep)
    struct ct_sealer *both = sealer_of(KEYRING_EPOCH("0", KEY_40 KEY_00));
    CLEANUP(ct_body_key_freep) struct ct_body_key *same_key = reader_of(same, &body.id);
    CLEANUP(ct_body_key_freep) struct ct_body_key *other_key = reader_of(other, &body.id);
    CLEANUP(ct_body_key_freep) struct ct_body_key *first_key = reader_of(both, &body.id);
    CLEANUP(ct_body_key_freep) struct ct_body_key *second_key = NULL;
    const struct ct_opened by_second = {.kind = CT_HEAD_ENTRY, .suite = 1, .key_index = 1};
    cachet_body_id id = body.id;

    must(ct_body_key_of(both, &by_second, &body.id, &second_key, &err), &err);
    id.bytes[15] ^= 1;
    CLEANUP(ct_body_key_freep) struct ct_body_key *next_key = reader_of(same, &id);
    CHECK(opens(same_key, 2, true, body.chunks[2], SMALL_STORED), "the same cache");
    CHECK(opens(second_key, 2, true, body.chunks[2], SMALL_STORED), "its second key");
    CHECK(!opens(first_key, 2, true, body.chunks[2], SMALL_STORED), "another key");
    CHECK(!opens(other_key, 2, true, body.chunks[2], SMALL_STORED), "another namespace");
    CHECK(!opens(next_key, 2, true, body.chunks[2], SMALL_STORED), "another body");
}

static cachet_status seal_one(struct ct_body_key *key, uint64_t index, bool is_last,
                              size_t size)
{
    size_t stored = 0;
    return ct_chunk_seal(key, ct_chunk_at(index, is_last), copy, size, &stored, &err);
}

static int begin_in_child(void *key)
{
    return (int) seal_one(key, 0, true, 1);
}

/* A chunk, and its number again. */
static int seal_twice(const struct ct_sealer *sealer, bool is_last)
{
    cachet_body_id id;
    struct ct_body_key *const key = writer_of(sealer, &id);

    must(seal_one(key, 0, false, CACHET_CHUNK_SIZE), &err);
    return (int) seal_one(key, 0, is_last, CACHET_CHUNK_SIZE);
}

static int seal_same(void *sealer)
{
    return seal_twice(sealer, false);
}

static int seal_other_end(void *sealer)
{
    return seal_twice(sealer, true);
}

static void test_once(struct ct_sealer *sealer)
{
#ifdef NDEBUG
    const int refused = (int) CACHET_E_CRYPTO;
#else
    const int refused = -1; /* by abort */
#endif
    CHECK(answer_of_child(seal_same, sealer) == refused, "a number is sealed once");
    CHECK(answer_of_child(seal_other_end, sealer) == refused,
          "also with the other mark of the end");
}

static void test_writer(const struct ct_sealer *sealer)
{
    cachet_body_id id, other;
    CLEANUP(ct_body_key_freep) struct ct_body_key *key = writer_of(sealer, &id);
    CLEANUP(ct_body_key_freep) struct ct_body_key *second = writer_of(sealer, &other);
    CLEANUP(ct_body_key_freep) struct ct_body_key *reader = reader_of(sealer, &id);

    CHECK(memcmp(&id, &other, sizeof id) != 0, "each body has an id of its own");
    CHECK(seal_one(reader, 0, true, 1) == CACHET_E_CRYPTO, "who reads a body cannot write it");
    CHECK(seal_one(key, 0, false, 65535) == CACHET_E_USAGE &&
              seal_one(key, 0, true, 0) == CACHET_E_USAGE &&
              seal_one(key, 0, true, 65537) == CACHET_E_USAGE,
          "sizes no chunk has");
    CHECK(answer_of_child(begin_in_child, key) == (int) CACHET_E_CRYPTO,
          "no writing after a fork");
    CHECK(seal_one(key, 5, false, CACHET_CHUNK_SIZE) == CACHET_OK, "a segment begins anywhere");
    CHECK(seal_one(key, 7, false, CACHET_CHUNK_SIZE) == CACHET_E_CRYPTO, "but leaves no gap");
    CHECK(seal_one(key, 6, true, 1) == CACHET_OK, "its end");
    CHECK(seal_one(key, 7, true, 1) == CACHET_E_CRYPTO, "nothing after the end");
    CHECK(seal_one(second, UINT64_MAX, true, 1) == CACHET_E_USAGE, "no number beyond all");
}

struct inherited {
    const struct ct_sealer *sealer;
    struct ct_body_key *reader;
};

static int read_and_write(void *context)
{
    const struct inherited *const inherited = context;
    cachet_body_id id;
    CLEANUP(ct_body_key_freep) struct ct_body_key *own = writer_of(inherited->sealer, &id);

    return opens(inherited->reader, 2, true, body.chunks[2], SMALL_STORED) &&
           seal_one(own, 0, true, 1) == CACHET_OK;
}

static void test_fork(const struct ct_sealer *sealer, struct ct_body_key *key)
{
    struct inherited inherited = {sealer, key};
    CHECK(answer_of_child(read_and_write, &inherited) == 1,
          "a child reads on, and writes its own");
}

static void test_unsealed(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(NULL);
    cachet_body_id id;
    CLEANUP(ct_body_key_freep) struct ct_body_key *key = writer_of(sealer, &id);
    const struct ct_opened opened = {.kind = CT_HEAD_ENTRY};
    CLEANUP(ct_body_key_freep) struct ct_body_key *reader = NULL;
    size_t stored = 0;

    must(ct_body_key_of(sealer, &opened, &id, &reader, &err), &err);
    must(ct_chunk_seal(key, ct_chunk_at(0, true), copy, SMALL, &stored, &err), &err);
    CHECK(stored == SMALL && ct_body_tag_size(reader) == 0, "unsealed: no tag");
    CHECK(opens(reader, 0, true, body.chunks[2], SMALL), "it opens");
    CHECK(!opens(reader, 0, false, body.chunks[2], SMALL) &&
              !opens(reader, 0, true, body.chunks[0], CACHET_CHUNK_SIZE + 1) &&
              !opens(reader, 0, true, body.chunks[0], 0),
          "its length counts");
}

int main(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(KEYRING);
    seal_body(sealer);
    CLEANUP(ct_body_key_freep) struct ct_body_key *key = reader_of(sealer, &body.id);

    test_round_trip(key);
    test_changes(key);
    test_lengths(key);
    test_order(key);
    test_places();
    test_once(sealer);
    test_writer(sealer);
    test_fork(sealer, key);
    test_unsealed();
    return tap_done();
}
