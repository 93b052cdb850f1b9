/* SPDX-License-Identifier: MIT */
/* What may stand in a keyring's text. */
#include "seal_test.h"

#define RAW "cachet-key-1:"
#define HEAD "cachet-keyring 1\n"
#define NAMES "names " TEXT_20 "\n"

static cachet_error err;

static cachet_status parsed(cachet_bytes text, cachet_keyring **ret_keyring)
{
    err = (cachet_error){CACHET_OK, ""};
    return ct_keyring_parse(text, "k.txt", ret_keyring, &err);
}

static bool is_key(const struct ct_root_key *key, unsigned char first)
{
    for (size_t i = 0; i < sizeof key->bytes; i++)
        if (key->bytes[i] != first + i)
            return false;
    return true;
}

static void test_good(void)
{
    cachet_keyring *keyring = keyring_of(KEYRING_EPOCH("42", KEY_40 KEY_00));

    CHECK(ct_keyring_epoch(keyring) == 42 && ct_keyring_key_count(keyring) == 2 &&
              is_key(ct_keyring_key(keyring, 0), 0x40) &&
              is_key(ct_keyring_key(keyring, 1), 0x00) &&
              is_key(ct_keyring_names_key(keyring), 0x20) && ct_keyring_path(keyring) == NULL,
          "a keyring of two keys, in their order");
    cachet_keyring_free(keyring);
    keyring = keyring_of(RAW TEXT_40);
    CHECK(ct_keyring_epoch(keyring) == 0 && ct_keyring_key_count(keyring) == 1 &&
              is_key(ct_keyring_key(keyring, 0), 0x40) &&
              is_key(ct_keyring_names_key(keyring), 0x40),
          "a raw key, whose names hang on itself");
    cachet_keyring_free(keyring);
    keyring = keyring_of(HEAD "\n# a comment\n \t \n\tkey \t" RAW TEXT_40 " \nnames\t" TEXT_20
                              "\n  # end");
    CHECK(is_key(ct_keyring_key(keyring, 0), 0x40) && ct_keyring_epoch(keyring) == 0,
          "blanks, comments, any order, no epoch, no newline at the end");
    cachet_keyring_free(keyring);
    keyring = keyring_of(KEYRING_EPOCH("9223372036854775807", KEY_00));
    CHECK(ct_keyring_epoch(keyring) == INT64_MAX, "the highest epoch");
    cachet_keyring_free(keyring);
}

/* What is refused, and a word of the message that says why. */
static const struct bad {
    const char *text;
    const char *word;
} bad_texts[] = {
    {"", "no key file"},
    {"\n", "no key file"},
    {"correct horse battery staple\n", "cachet keys new"},
    {RAW "AAECAw\n", "no key file"},
    {RAW TEXT_00 "\n\n", "no key file"},
    {RAW TEXT_00 "\r\n", "no key file"},
    {" " RAW TEXT_00, "no key file"},
    {TEXT_00, "no key file"},
    {RAW "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", "no key file"},
    {"cachet-public-1:" TEXT_00 "\n", "no key file"},
    {"cachet-keyring 0\n" NAMES KEY_00, "no key file"},
    {"cachet-keyring 1 \n" NAMES KEY_00, "no key file"},
    {HEAD, "no line with a key"},
    {HEAD NAMES, "no line with a key"},
    {HEAD KEY_00, "no line with names"},
    {HEAD NAMES NAMES KEY_00, "line 3: names"},
    {HEAD "epoch 1\nepoch 1\n" NAMES KEY_00, "line 3: the epoch"},
    {HEAD "epoch\n" NAMES KEY_00, "line 2: the epoch"},
    {HEAD "epoch -1\n" NAMES KEY_00, "line 2: the epoch"},
    {HEAD "epoch 1x\n" NAMES KEY_00, "line 2: the epoch"},
    {HEAD "epoch 9223372036854775808\n" NAMES KEY_00, "line 2: the epoch"},
    {HEAD "epoch 99999999999999999999999\n" NAMES KEY_00, "line 2: the epoch"},
    {HEAD NAMES KEY_00 "key\n", "line 4: no key"},
    {HEAD NAMES "key " TEXT_00 "\n", "line 3: no key"},
    {HEAD NAMES "key " RAW TEXT_00 "A\n", "line 3: no key"},
    {HEAD NAMES "key " RAW "+" TEXT_00 "\n", "line 3: no key"},
    {HEAD NAMES KEY_00 KEY_40 KEY_00, "line 5: the same key"},
    {HEAD NAMES KEY_00 "\nkeys " RAW TEXT_40 "\n", "line 5: it begins"},
    {HEAD NAMES KEY_00 TEXT_40 "\n", "line 4: it begins"},
    {HEAD "names " TEXT_20 "=\n" KEY_00, "line 2: names"},
    {HEAD "names\n" KEY_00, "line 2: names"},
    {HEAD NAMES KEY_00 "Key " RAW TEXT_40 "\n", "line 4: it begins"},
};

static void test_bad(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(bad_texts); i++) {
        cachet_keyring *keyring = NULL;
        const cachet_status status = parsed(cachet_bytes_of(bad_texts[i].text), &keyring);
        CHECK(status == CACHET_E_FORMAT && keyring == NULL &&
                  strstr(err.message, bad_texts[i].word) != NULL &&
                  strstr(err.message, "k.txt") != NULL,
              "refused: %s", err.message);
        CHECK(strstr(err.message, "AAEC") == NULL && strstr(err.message, "QEFC") == NULL,
              "and no key is shown");
        cachet_keyring_free(keyring);
    }
}

static void test_versions(void)
{
    cachet_keyring *keyring = NULL;

    CHECK(parsed(CT_BYTES("cachet-keyring 2\nanything"), &keyring) == CACHET_E_VERSION &&
              keyring == NULL,
          "%s", err.message);
    CHECK(parsed(ct_bytes(HEAD "\0" NAMES KEY_00, sizeof HEAD NAMES KEY_00), &keyring) ==
              CACHET_E_FORMAT,
          "bytes that are no text: %s", err.message);
}

/* Eight keys, and nine. */
static void test_many(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf text = ct_buf_with_ceiling(4096);
    cachet_keyring *keyring = NULL;

    ct_buf_text(&text, HEAD NAMES);
    for (char i = 0; i < 8; i++)
        ct_buf_format(&text, "key " RAW "%cAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
                      'A' + i);
    must(parsed(ct_buf_view(&text), &keyring), &err);
    CHECK(ct_keyring_key_count(keyring) == 8, "eight keys");
    cachet_keyring_free(keyring);
    keyring = NULL;
    ct_buf_text(&text, KEY_40);
    CHECK(parsed(ct_buf_view(&text), &keyring) == CACHET_E_FORMAT &&
              strstr(err.message, "line 11") != NULL && keyring == NULL,
          "nine: %s", err.message);
}

int main(void)
{
    test_good();
    test_bad();
    test_versions();
    test_many();
    return tap_done();
}
