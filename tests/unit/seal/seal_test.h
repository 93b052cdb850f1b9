/* SPDX-License-Identifier: MIT */
/* What the seal's tests share: fixed keyrings, heads and places. */
#ifndef CT_TESTS_SEAL_TEST_H
#define CT_TESTS_SEAL_TEST_H

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "seal/keyring.h"
#include "seal/seal.h"
#include "tap.h"

/* Secrets 00 01 .. 1f, 20 21 .. 3f, 40 41 .. 5f in base64url. */
#define TEXT_00 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define TEXT_20 "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
#define TEXT_40 "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8"

#define KEYRING_EPOCH(epoch, keys) "cachet-keyring 1\nepoch " epoch "\nnames " TEXT_20 "\n" keys
#define KEY_00 "key cachet-key-1:" TEXT_00 "\n"
#define KEY_40 "key cachet-key-1:" TEXT_40 "\n"

/* A test that cannot set itself up has nothing to say. */
static inline void must(cachet_status status, const cachet_error *err)
{
    if (status == CACHET_OK)
        return;
    printf("Bail out! %s: %s\n", cachet_status_text(status), err->message);
    exit(1);
}

static inline cachet_keyring *keyring_of(const char *text)
{
    cachet_error err = {CACHET_OK, ""};
    cachet_keyring *keyring = NULL;
    must(ct_keyring_parse(cachet_bytes_of(text), "test", &keyring, &err), &err);
    return keyring;
}

static const unsigned char cache_id_40[CT_CACHE_ID_SIZE] = {
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
    0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f,
};

/* The sealer of a keyring's text; NULL makes an unsealed one. */
static inline struct ct_sealer *sealer_at(const char *text, const unsigned char *cache_id,
                                          const char *cache_namespace)
{
    cachet_error err = {CACHET_OK, ""};
    cachet_keyring *const keyring = text == NULL ? NULL : keyring_of(text);
    struct ct_sealer *sealer = NULL;

    must(ct_sealer_new(&sealer, keyring, cache_id, cachet_bytes_of(cache_namespace), &err),
         &err);
    cachet_keyring_free(keyring);
    return sealer;
}

static inline struct ct_sealer *sealer_of(const char *text)
{
    return sealer_at(text, cache_id_40, "default");
}

static inline struct ct_where where_of(unsigned char key, unsigned char variant)
{
    struct ct_where where;
    memset(&where.key, key, sizeof where.key);
    memset(&where.variant, variant, sizeof where.variant);
    return where;
}

static inline struct ct_buf head_of(const struct ct_sealer *sealer, struct ct_where where,
                                    enum ct_head_kind kind, const char *payload)
{
    cachet_error err = {CACHET_OK, ""};
    struct ct_buf head = ct_buf_with_ceiling(2 * CACHET_HEAD_MAX);
    must(ct_head_seal(sealer, &where, kind, cachet_bytes_of(payload), &head, &err), &err);
    return head;
}

/* Why a head is refused; CT_REFUSED_NONE where it opens. */
static inline enum ct_refusal refusal_of(const struct ct_sealer *sealer, struct ct_where where,
                                         cachet_bytes head)
{
    cachet_error err = {CACHET_OK, ""};
    struct ct_opened opened;
    enum ct_refusal refusal = CT_REFUSED_NONE;
    const cachet_status status = ct_head_open(sealer, &where, head, &opened, &refusal, &err);

    if (status != ct_refusal_status(refusal) || (status != CACHET_OK && err.status != status))
        must(CACHET_E_CRYPTO, &err);
    return refusal;
}

/*
 * What `work` answers in a child of fork, or -1 where it did not live to answer. Through a
 * pipe: tools that watch a process have their own ideas of its exit status.
 */
static inline int answer_of_child(int (*work)(void *context), void *context)
{
    int ends[2], answer = -1;

    (void) fflush(stdout);
    if (pipe(ends) != 0)
        return -1;
    const pid_t child = fork();
    if (child == 0) {
        answer = work(context);
        _exit(write(ends[1], &answer, sizeof answer) == (ssize_t) sizeof answer ? 0 : 1);
    }
    (void) close(ends[1]);
    if (child < 0 || read(ends[0], &answer, sizeof answer) != (ssize_t) sizeof answer)
        answer = -1;
    (void) close(ends[0]);
    (void) waitpid(child, NULL, 0);
    return answer;
}

#endif
