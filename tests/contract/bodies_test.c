/* SPDX-License-Identifier: MIT */
#include "contract.h"

static void fill(unsigned char *chunk, size_t size, unsigned salt)
{
    for (size_t i = 0; i < size; i++)
        chunk[i] = (unsigned char) (i * 13 + (i >> 9) + salt);
}

static cachet_body_writer *begin(cachet_store *store, unsigned number)
{
    const cachet_name key = name_of(1);
    const cachet_body_id id = body_of(number);
    cachet_body_writer *writer = NULL;

    if (ct_store_body_create(store, &key, &id, &writer, NULL) != CACHET_OK)
        exit(2);
    return writer;
}

static cachet_body_reader *read_from(cachet_store *store, unsigned number)
{
    const cachet_name key = name_of(1);
    const cachet_body_id id = body_of(number);
    cachet_body_reader *reader = NULL;

    (void) ct_store_body_open(store, &key, &id, &reader, NULL);
    return reader;
}

static cachet_status append(cachet_body_writer *writer, size_t size, unsigned salt)
{
    unsigned char chunk[CACHET_CHUNK_STORED_MAX + 1];

    fill(chunk, size, salt);
    return ct_store_body_append(writer, ct_bytes(chunk, size), NULL);
}

/* Is chunk `index` what append wrote? */
static bool reads(cachet_body_reader *reader, uint64_t index, size_t tag_size, size_t size,
                  unsigned salt)
{
    unsigned char chunk[CACHET_CHUNK_STORED_MAX], expected[CACHET_CHUNK_STORED_MAX];
    size_t found = 99;

    fill(expected, size, salt);
    return ct_store_body_read(reader, index, tag_size, chunk, &found, NULL) == CACHET_OK &&
           found == size && memcmp(chunk, expected, size) == 0;
}

/* A body of `full` whole chunks and one of `rest` bytes with its tag (none if 0). */
struct shape {
    unsigned full;
    size_t rest;
    size_t tag_size;
};

static const struct shape shapes[] = {
    {0, 0, 0},  {0, 0, 16}, {0, 1, 16},     {0, 1, 0}, {0, 65535, 16}, {1, 0, 16},  {1, 0, 0},
    {1, 1, 16}, {1, 1, 0},  {2, 65535, 16}, {3, 7, 0}, {5, 65535, 16}, {6, 100, 0}, {7, 0, 16},
};

static void check_shape(cachet_store *store, unsigned number, const struct shape *shape)
{
    const size_t whole = CACHET_CHUNK_SIZE + shape->tag_size;
    const size_t rest = shape->rest == 0 ? 0 : shape->rest + shape->tag_size;
    cachet_body_writer *writer = begin(store, number);
    cachet_status status = CACHET_OK;

    for (unsigned i = 0; i < shape->full && status == CACHET_OK; i++)
        status = append(writer, whole, i);
    if (status == CACHET_OK && rest > 0)
        status = append(writer, rest, 77);
    CHECK(status == CACHET_OK, "%u chunks and %zu bytes are written", shape->full, rest);
    CHECK(open_body(store, number) == CACHET_E_NOT_FOUND, "and not seen before the commit");
    CHECK(ct_store_body_commit(&writer, NULL) == CACHET_OK && writer == NULL, "committed");

    CLEANUP(ct_store_body_closep) cachet_body_reader *reader = read_from(store, number);
    CHECK(reader != NULL, "and seen");
    if (reader == NULL)
        return;
    bool is_same = true;
    for (unsigned i = shape->full; i-- > 0;)
        is_same = is_same && reads(reader, i, shape->tag_size, whole, i);
    CHECK(is_same, "%u chunks are read back, last one first", shape->full);
    CHECK(reads(reader, shape->full, shape->tag_size, rest, 77), "and the %zu bytes", rest);
    CHECK(reads(reader, shape->full + 1, shape->tag_size, 0, 0), "nothing after them");
    CHECK(reads(reader, UINT64_MAX, shape->tag_size, 0, 0), "nothing at the end of the world");
    CHECK(reads(reader, UINT64_MAX / CACHET_CHUNK_SIZE, shape->tag_size, 0, 0),
          "nor where sizes wrap");
    CHECK(reads(reader, INT64_MAX / CACHET_CHUNK_SIZE, shape->tag_size, 0, 0),
          "nor where offsets do");
}

static void check_refusals(cachet_store *store)
{
    cachet_body_writer *writer = begin(store, 500);
    unsigned char chunk[CACHET_CHUNK_STORED_MAX];
    size_t size;

    CHECK(append(writer, CACHET_CHUNK_STORED_MAX + 1, 1) == CACHET_E_USAGE,
          "a chunk over the limit is refused");
    CHECK(append(writer, 100, 1) == CACHET_OK, "a short one is the last");
    CHECK(append(writer, 100, 1) == CACHET_E_USAGE, "nothing may follow it");
    CHECK(ct_store_body_commit(&writer, NULL) == CACHET_OK, "it is committed as it is");

    writer = begin(store, 500);
    CHECK(append(writer, 100, 2) == CACHET_OK, "the same id once more");
    CHECK(ct_store_body_commit(&writer, NULL) == CACHET_E_CONFLICT,
          "is refused: a committed body never changes");
    CLEANUP(ct_store_body_closep) cachet_body_reader *reader = read_from(store, 500);
    CHECK(reader != NULL && reads(reader, 0, 16, 100, 1), "and has not");
    CHECK(ct_store_body_read(reader, 0, 15, chunk, &size, NULL) == CACHET_E_USAGE,
          "there is no tag of 15 bytes");

    writer = begin(store, 501);
    CHECK(append(writer, CACHET_CHUNK_STORED_MAX, 1) == CACHET_OK, "a body is begun");
    ct_store_body_abort(writer);
    CHECK(open_body(store, 501) == CACHET_E_NOT_FOUND, "and given up: it is not there");
    writer = begin(store, 501);
    CHECK(writer != NULL, "its id is free again");
    ct_store_body_abort(writer);
    ct_store_body_abort(NULL);
    ct_store_body_close(NULL);
}

static void check_bodies(const struct ground *ground)
{
    CLEANUP(ct_store_closep)
    cachet_store *store = open_store(ground->spec, "default", 250);

    CHECK(open_body(store, 1) == CACHET_E_NOT_FOUND, "an empty store has no body");
    for (unsigned i = 0; i < CT_COUNT_OF(shapes); i++)
        check_shape(store, i + 1, &shapes[i]);
    check_refusals(store);
}

/* Bodies go with the last head that names them. */
static void check_body_lives(const struct ground *ground)
{
    CLEANUP(ct_store_closep)
    cachet_store *store = open_store(ground->spec, "default", 250);
    const cachet_body_id one = body_of(1), two = body_of(2), both[] = {one, two};

    CHECK(put_body(store, 1, "first") == CACHET_OK, "a first body");
    CHECK(put_body(store, 2, "second") == CACHET_OK, "a second body");
    CHECK(put_naming(store, 1, "a", NULL, &one, 1) == CACHET_OK, "a head names the first");
    CHECK(put_naming(store, 1, "b", "a", &one, 1) == CACHET_OK, "its 304 names it too");
    CHECK(open_body(store, 1) == CACHET_OK, "so it stays");
    CHECK(put_naming(store, 1, "c", "b", both, 2) == CACHET_OK, "a resumed one names both");
    CHECK(open_body(store, 1) == CACHET_OK && open_body(store, 2) == CACHET_OK, "both stay");
    CHECK(put_naming(store, 1, "x", "b", &two, 1) == CACHET_E_CONFLICT, "a lost race");
    CHECK(open_body(store, 1) == CACHET_OK && open_body(store, 2) == CACHET_OK,
          "drops nothing");
    CHECK(put_naming(store, 2, "d", NULL, &one, 1) == CACHET_OK,
          "another head names the first");
    CHECK(put_naming(store, 1, "e", "c", &two, 1) == CACHET_OK, "the one no longer does");
    CHECK(open_body(store, 1) == CACHET_OK, "but it stays for the other");
    CHECK(drop(store, 2, 1, "wrong") == CACHET_E_CONFLICT, "a drop that fails");
    CHECK(open_body(store, 1) == CACHET_OK, "drops nothing either");

    CLEANUP(ct_store_body_closep) cachet_body_reader *reader = read_from(store, 1);
    CHECK(drop(store, 2, 1, NULL) == CACHET_OK, "the last head of the first is dropped");
    CHECK(open_body(store, 1) == CACHET_E_NOT_FOUND, "and it goes with it");
    unsigned char chunk[CACHET_CHUNK_STORED_MAX];
    size_t size = 0;
    CHECK(reader != NULL && ct_store_body_read(reader, 0, 0, chunk, &size, NULL) == CACHET_OK &&
              size == 5 && memcmp(chunk, "first", 5) == 0,
          "whoever had it open reads on");
    CHECK(open_body(store, 2) == CACHET_OK, "the second stays");
    CHECK(put_naming(store, 1, "f", "e", NULL, 0) == CACHET_OK, "a head with no body");
    CHECK(open_body(store, 2) == CACHET_E_NOT_FOUND, "drops the one it had");
}

int main(void)
{
    static contract_part *const parts[] = {check_bodies, check_body_lives};

    return run_contract(parts, CT_COUNT_OF(parts));
}
