/* SPDX-License-Identifier: MIT */
#include "seal_test.h"

#define EPOCH_3 KEYRING_EPOCH("3", KEY_00)
#define EPOCH_4 KEYRING_EPOCH("4", KEY_00)
#define BOTH_KEYS KEYRING_EPOCH("3", KEY_00 KEY_40)
#define OTHER_FIRST KEYRING_EPOCH("3", KEY_40 KEY_00)
#define OTHER_KEY KEYRING_EPOCH("3", KEY_40)

static cachet_error err;

static void test_round_trip(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(EPOCH_3);
    CLEANUP(ct_buf_fini) struct ct_buf head = ct_buf_with_ceiling(4096);
    const struct ct_where where = where_of(1, 2);
    enum ct_refusal refusal = CT_REFUSED_VOID;
    struct ct_opened opened;

    ct_buf_text(&head, "before");
    must(ct_head_seal(sealer, &where, CT_HEAD_PARTIAL, CT_BYTES("payload"), &head, &err), &err);
    CHECK(head.size == 6 + 44 + 7 + 32 && memcmp(head.data, "before", 6) == 0,
          "a head is appended");
    must(ct_head_open(sealer, &where, ct_bytes(head.data + 6, head.size - 6), &opened, &refusal,
                      &err),
         &err);
    CHECK(opened.kind == CT_HEAD_PARTIAL && opened.suite == 1 && opened.key_index == 0 &&
              refusal == CT_REFUSED_NONE && ct_bytes_equal(opened.payload, CT_BYTES("payload")),
          "and opens again");
    CHECK(ct_sealer_suite(sealer) == CT_SUITE_SIGN_CHACHA, "a keyring signs");
}

static void test_seal_ids(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(EPOCH_3);
    CLEANUP(ct_buf_fini)
    struct ct_buf one = head_of(sealer, where_of(1, 2), CT_HEAD_ENTRY, "");
    CLEANUP(ct_buf_fini)
    struct ct_buf two = head_of(sealer, where_of(1, 2), CT_HEAD_ENTRY, "");

    CHECK(one.size == 76 && two.size == 76, "a head without a payload");
    CHECK(memcmp(one.data + 24, two.data + 24, 16) != 0, "each sealing has an id of its own");
    CHECK(refusal_of(sealer, where_of(1, 2), ct_buf_view(&one)) == CT_REFUSED_NONE,
          "an empty payload opens");
}

/* What a change of the byte at `at` to `byte` must be called. */
static enum ct_refusal expected_refusal(size_t at, unsigned char byte)
{
    if (at == 4)
        return byte > 1 ? CT_REFUSED_NEWER_FORMAT : CT_REFUSED_FORMAT;
    if (at == 5)
        return byte == 0 ? CT_REFUSED_UNSEALED : CT_REFUSED_WEAKER_SUITE;
    if (at < 4 || (at >= 40 && at < 44))
        return CT_REFUSED_FORMAT;
    return at >= 8 && at < 16 ? CT_REFUSED_FOREIGN : CT_REFUSED_BAD_SEAL;
}

static void test_every_byte(const struct ct_sealer *sealer, const struct ct_buf *head)
{
    size_t wrong = 0;

    for (size_t at = 0; at < head->size; at++) {
        const unsigned char right = head->data[at];
        for (unsigned byte = 0; byte < 256; byte++) {
            head->data[at] = (unsigned char) byte;
            if (byte != right)
                wrong += refusal_of(sealer, where_of(1, 2), ct_buf_view(head)) !=
                         expected_refusal(at, (unsigned char) byte);
        }
        head->data[at] = right;
    }
    CHECK(wrong == 0, "each of %zu single-byte changes is refused by its name",
          head->size * 255);
}

/* Without the byte at each place, and with one more. */
static void test_every_length(const struct ct_sealer *sealer, const struct ct_buf *head)
{
    unsigned char changed[256] = {0};
    size_t opened = 0;

    for (size_t size = 0; size < head->size; size++)
        opened +=
            refusal_of(sealer, where_of(1, 2), ct_bytes(head->data, size)) != CT_REFUSED_FORMAT;
    CHECK(opened == 0, "each of %zu truncations is refused as no head", head->size);
    opened = 0;
    for (size_t at = 0; at <= head->size; at++) {
        memcpy(changed, head->data, at);
        memcpy(changed + at + 1, head->data + at, head->size - at);
        changed[at] = at == 0 ? 0 : head->data[at - 1];
        opened += refusal_of(sealer, where_of(1, 2), ct_bytes(changed, head->size + 1)) ==
                  CT_REFUSED_NONE;
        if (at == head->size)
            break;
        memcpy(changed, head->data, at);
        memcpy(changed + at, head->data + at + 1, head->size - at - 1);
        opened += refusal_of(sealer, where_of(1, 2), ct_bytes(changed, head->size - 1)) ==
                  CT_REFUSED_NONE;
    }
    CHECK(opened == 0, "each insertion and deletion of a byte is refused");
}

static void test_changes(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(EPOCH_3);
    CLEANUP(ct_buf_fini)
    struct ct_buf head = head_of(sealer, where_of(1, 2), CT_HEAD_ENTRY, "a payload");

    test_every_byte(sealer, &head);
    test_every_length(sealer, &head);
    CHECK(refusal_of(sealer, where_of(1, 2), ct_buf_view(&head)) == CT_REFUSED_NONE,
          "and as it was it opens");
    CHECK(refusal_of(sealer, where_of(1, 2), ct_bytes(NULL, 0)) == CT_REFUSED_FORMAT,
          "nothing is no head");
}

static void check_refusal(const char *keyring, const unsigned char *cache_id,
                          const char *cache_namespace, const struct ct_buf *head,
                          enum ct_refusal expected, const char *what)
{
    CLEANUP(ct_sealer_freep)
    struct ct_sealer *sealer = sealer_at(keyring, cache_id, cache_namespace);
    const enum ct_refusal refusal = refusal_of(sealer, where_of(1, 2), ct_buf_view(head));
    CHECK(refusal == expected, "%s: %s", what, ct_refusal_word(refusal));
}

static void test_places(void)
{
    static const unsigned char other_id[CT_CACHE_ID_SIZE] = {1};
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(EPOCH_3);
    CLEANUP(ct_buf_fini)
    struct ct_buf head = head_of(sealer, where_of(1, 2), CT_HEAD_ENTRY, "a payload");

    CHECK(refusal_of(sealer, where_of(3, 2), ct_buf_view(&head)) == CT_REFUSED_BAD_SEAL,
          "another request");
    CHECK(refusal_of(sealer, where_of(1, 3), ct_buf_view(&head)) == CT_REFUSED_BAD_SEAL,
          "another variant");
    CHECK(refusal_of(sealer, where_of(2, 1), ct_buf_view(&head)) == CT_REFUSED_BAD_SEAL,
          "request and variant swapped");
    check_refusal(EPOCH_3, cache_id_40, "default", &head, CT_REFUSED_NONE, "its own place");
    check_refusal(EPOCH_3, cache_id_40, "other", &head, CT_REFUSED_BAD_SEAL, "namespace");
    check_refusal(EPOCH_3, cache_id_40, "", &head, CT_REFUSED_BAD_SEAL, "no namespace");
    check_refusal(EPOCH_3, other_id, "default", &head, CT_REFUSED_BAD_SEAL, "cache id");
}

static void test_keys(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *both = sealer_of(BOTH_KEYS);
    CLEANUP(ct_sealer_freep) struct ct_sealer *other_first = sealer_of(OTHER_FIRST);
    CLEANUP(ct_buf_fini)
    struct ct_buf head = head_of(both, where_of(1, 2), CT_HEAD_ENTRY, "a payload");
    CLEANUP(ct_buf_fini)
    struct ct_buf other = head_of(other_first, where_of(1, 2), CT_HEAD_ENTRY, "a payload");
    const struct ct_where where = where_of(1, 2);
    struct ct_opened opened = {0};
    enum ct_refusal refusal;

    check_refusal(EPOCH_3, cache_id_40, "default", &head, CT_REFUSED_NONE, "the key alone");
    check_refusal(OTHER_KEY, cache_id_40, "default", &head, CT_REFUSED_FOREIGN, "another key");
    check_refusal(OTHER_KEY, cache_id_40, "default", &other, CT_REFUSED_NONE,
                  "the first writes");
    must(ct_head_open(other_first, &where, ct_buf_view(&head), &opened, &refusal, &err), &err);
    CHECK(opened.key_index == 1, "it says which key opened it");
    memcpy(head.data + 8, other.data + 8, 8);
    check_refusal(BOTH_KEYS, cache_id_40, "default", &head, CT_REFUSED_BAD_SEAL,
                  "the id of another key of the keyring");
}

static void test_epochs(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *old = sealer_of(EPOCH_3);
    CLEANUP(ct_buf_fini)
    struct ct_buf head = head_of(old, where_of(1, 2), CT_HEAD_ENTRY, "a payload");
    CLEANUP(ct_sealer_freep) struct ct_sealer *now = sealer_of(EPOCH_4);
    CLEANUP(ct_buf_fini)
    struct ct_buf newer = head_of(now, where_of(1, 2), CT_HEAD_ENTRY, "a payload");

    check_refusal(EPOCH_4, cache_id_40, "default", &head, CT_REFUSED_VOID, "an older epoch");
    check_refusal(EPOCH_3, cache_id_40, "default", &newer, CT_REFUSED_NONE, "a newer epoch");
    head.data[16] = 4;
    check_refusal(EPOCH_4, cache_id_40, "default", &head, CT_REFUSED_BAD_SEAL,
                  "an older epoch that was lifted");
}

static void test_unsealed(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *unsealed = sealer_of(NULL);
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealed = sealer_of(EPOCH_3);
    CLEANUP(ct_buf_fini)
    struct ct_buf plain = head_of(unsealed, where_of(1, 2), CT_HEAD_ENTRY, "");
    CLEANUP(ct_buf_fini)
    struct ct_buf head = head_of(sealed, where_of(1, 2), CT_HEAD_ENTRY, "a payload");

    CHECK(plain.size == 44 && ct_sealer_suite(unsealed) == CT_SUITE_UNSEALED, "no seal");
    check_refusal(NULL, cache_id_40, "default", &plain, CT_REFUSED_NONE, "unsealed opens it");
    check_refusal(EPOCH_3, cache_id_40, "default", &plain, CT_REFUSED_UNSEALED, "sealed not");
    check_refusal(NULL, cache_id_40, "default", &head, CT_REFUSED_FOREIGN, "nor the reverse");
    static const struct change {
        size_t at;
        unsigned char byte;
        enum ct_refusal refusal;
    } changes[] = {
        {6, 0, CT_REFUSED_FORMAT},  {6, 4, CT_REFUSED_FORMAT},  {6, 3, CT_REFUSED_WRONG_PLACE},
        {6, 2, CT_REFUSED_NONE},    {7, 1, CT_REFUSED_FORMAT},  {8, 1, CT_REFUSED_FORMAT},
        {23, 1, CT_REFUSED_FORMAT}, {40, 1, CT_REFUSED_FORMAT}, {43, 255, CT_REFUSED_FORMAT},
    };
    for (size_t i = 0; i < CT_COUNT_OF(changes); i++) {
        const unsigned char right = plain.data[changes[i].at];
        plain.data[changes[i].at] = changes[i].byte;
        check_refusal(NULL, cache_id_40, "default", &plain, changes[i].refusal, "changed");
        plain.data[changes[i].at] = right;
    }
}

static void test_cache_record(void)
{
    static const unsigned char zero[CT_CACHE_ID_SIZE];
    CLEANUP(ct_sealer_freep) struct ct_sealer *first = sealer_at(EPOCH_3, zero, "default");
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(EPOCH_3);
    CLEANUP(ct_sealer_freep) struct ct_sealer *other = sealer_at(EPOCH_3, zero, "other");
    CLEANUP(ct_buf_fini)
    struct ct_buf head = head_of(first, where_of(0, 0), CT_HEAD_CACHE, "record");
    CLEANUP(ct_buf_fini) struct ct_buf none = ct_buf_with_ceiling(4096);
    const struct ct_where nowhere = where_of(0, 0), where = where_of(1, 2);

    CHECK(refusal_of(first, nowhere, ct_buf_view(&head)) == CT_REFUSED_NONE,
          "the cache record opens in the place that is all zero");
    CHECK(refusal_of(other, nowhere, ct_buf_view(&head)) == CT_REFUSED_BAD_SEAL,
          "not in another namespace");
    CHECK(refusal_of(sealer, nowhere, ct_buf_view(&head)) == CT_REFUSED_BAD_SEAL,
          "not in a cache that has an id");
    CHECK(ct_head_seal(sealer, &nowhere, CT_HEAD_CACHE, CT_BYTES(""), &none, &err) ==
                  CACHET_E_USAGE &&
              ct_head_seal(first, &where, CT_HEAD_CACHE, CT_BYTES(""), &none, &err) ==
                  CACHET_E_USAGE &&
              ct_head_seal(first, &nowhere, CT_HEAD_ENTRY, CT_BYTES(""), &none, &err) ==
                  CACHET_E_USAGE &&
              none.size == 0,
          "heads are sealed only where their kind may stand");
}

static void test_limits(void)
{
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(EPOCH_3);
    CLEANUP(ct_buf_fini) struct ct_buf payload = ct_buf_with_ceiling(CACHET_HEAD_MAX);
    CLEANUP(ct_buf_fini) struct ct_buf head = ct_buf_with_ceiling(CACHET_HEAD_MAX);
    CLEANUP(ct_buf_fini) struct ct_buf small = ct_buf_with_ceiling(50);
    const struct ct_where where = where_of(1, 2);
    unsigned char *const room = ct_buf_grow(&payload, CACHET_HEAD_MAX - 76);

    memset(room, 'x', CACHET_HEAD_MAX - 76);
    must(ct_head_seal(sealer, &where, CT_HEAD_ENTRY, ct_buf_view(&payload), &head, &err), &err);
    CHECK(head.size == CACHET_HEAD_MAX &&
              refusal_of(sealer, where, ct_buf_view(&head)) == CT_REFUSED_NONE,
          "the largest head");
    ct_buf_u8(&payload, 'x');
    ct_buf_reset(&head);
    CHECK(ct_head_seal(sealer, &where, CT_HEAD_ENTRY, ct_buf_view(&payload), &head, &err) ==
                  CACHET_E_TOO_LARGE &&
              head.size == 0,
          "one byte more");
    CHECK(ct_head_seal(sealer, &where, CT_HEAD_ENTRY, CT_BYTES("1234567"), &small, &err) ==
                  CACHET_E_TOO_LARGE &&
              small.size == 0,
          "more than its buffer takes");
}

static void test_words(void)
{
    CHECK(strcmp(ct_refusal_word(CT_REFUSED_BAD_SEAL), "bad-seal") == 0 &&
              strcmp(ct_refusal_word(CT_REFUSED_VOID), "void") == 0,
          "a refusal has a word");
    CHECK(ct_refusal_status(CT_REFUSED_NONE) == CACHET_OK &&
              ct_refusal_status(CT_REFUSED_FOREIGN) == CACHET_E_UNKNOWN_KEY &&
              ct_refusal_status(CT_REFUSED_NEWER_FORMAT) == CACHET_E_VERSION &&
              ct_refusal_status((enum ct_refusal) 99) == CACHET_E_TAMPERED,
          "and a status");
}

int main(void)
{
    test_round_trip();
    test_seal_ids();
    test_changes();
    test_places();
    test_keys();
    test_epochs();
    test_unsealed();
    test_cache_record();
    test_limits();
    test_words();
    return tap_done();
}
