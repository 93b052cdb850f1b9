/* SPDX-License-Identifier: MIT */
/* Fails every allocation there is, one run each: an error, nothing kept, no output touched. */
#include "seal_test.h"

#define KEYRING KEYRING_EPOCH("0", KEY_00 KEY_40)

struct run {
    cachet_keyring *keyring;
    struct ct_sealer *sealer;
    struct ct_sealer *unsealed;
    struct ct_buf head;
    struct ct_body_key *writer;
    struct ct_body_key *reader;
};

static void run_fini(struct run *run)
{
    ct_body_key_free(run->reader);
    ct_body_key_free(run->writer);
    ct_buf_fini(&run->head);
    ct_sealer_free(run->unsealed);
    ct_sealer_free(run->sealer);
    cachet_keyring_free(run->keyring);
}

static cachet_status run_chunks(struct run *run, const struct ct_opened *opened,
                                cachet_error *err)
{
    unsigned char chunk[116] = {0};
    cachet_body_id id;
    cachet_bytes bytes;
    size_t stored = 0;

    TRY(ct_body_key_new(run->sealer, &id, &run->writer, err));
    TRY(ct_body_key_of(run->sealer, opened, &id, &run->reader, err));
    TRY(ct_chunk_seal(run->writer, ct_chunk_at(0, true), chunk, 100, &stored, err));
    return ct_chunk_open(run->reader, ct_chunk_at(0, true), chunk, stored, &bytes, err);
}

static cachet_status run_all(struct run *run, cachet_error *err)
{
    const struct ct_where where = where_of(1, 2);
    struct ct_opened opened;
    enum ct_refusal refusal;
    cachet_name name;

    TRY(ct_keyring_parse(cachet_bytes_of(KEYRING), "test", &run->keyring, err));
    TRY(ct_sealer_new(&run->sealer, run->keyring, cache_id_40, CT_BYTES("ns"), err));
    TRY(ct_sealer_new(&run->unsealed, NULL, cache_id_40, CT_BYTES("ns"), err));
    TRY(ct_name_request(run->sealer, CT_BYTES("request"), &name, err));
    TRY(ct_name_request(run->unsealed, CT_BYTES("request"), &name, err));
    TRY(ct_head_seal(run->sealer, &where, CT_HEAD_ENTRY, CT_BYTES("payload"), &run->head, err));
    TRY(ct_head_open(run->sealer, &where, ct_buf_view(&run->head), &opened, &refusal, err));
    return run_chunks(run, &opened, err);
}

static cachet_status create_and_open(const char *spec, cachet_keyring **ret_keyring,
                                     cachet_error *err)
{
    TRY(cachet_keyring_create(spec, err));
    return cachet_keyring_open(ret_keyring, spec, err);
}

static void test_sealing(void)
{
    cachet_status status = CACHET_E_MEMORY;
    unsigned wrong = 0;
    long count = 0;

    for (; status != CACHET_OK && count < 1000; count++) {
        CLEANUP(run_fini) struct run run = {.head = ct_buf_with_ceiling(4096)};
        cachet_error err = {CACHET_OK, ""};
        ct_mem_fail_after(count);
        status = run_all(&run, &err);
        ct_mem_fail_after(-1);
        wrong += status != CACHET_OK && (status != CACHET_E_MEMORY || err.status != status);
    }
    CHECK(wrong == 0 && status == CACHET_OK && count > 10,
          "%ld allocations failed while sealing", count - 1);
}

static void test_key_files(void)
{
    char directory[] = "/tmp/cachet-seal-XXXXXX", spec[128], path[64];
    cachet_status status = CACHET_E_MEMORY;
    unsigned wrong = mkdtemp(directory) == NULL;
    long count = 0;

    (void) snprintf(path, sizeof path, "%s/key", directory);
    (void) snprintf(spec, sizeof spec, "file:%s", path);
    for (; status != CACHET_OK && count < 1000; count++) {
        cachet_keyring *keyring = NULL;
        cachet_error err = {CACHET_OK, ""};
        ct_mem_fail_after(count);
        status = create_and_open(spec, &keyring, &err);
        ct_mem_fail_after(-1);
        wrong += status != CACHET_OK && (status != CACHET_E_MEMORY || keyring != NULL);
        cachet_keyring_free(keyring);
        (void) remove(path);
    }
    CHECK(wrong == 0 && status == CACHET_OK && count > 5, "%ld allocations failed at key files",
          count - 1);
    CHECK(remove(directory) == 0, "which leave nothing behind");
}

int main(void)
{
    test_sealing();
    test_key_files();
    return tap_done();
}
