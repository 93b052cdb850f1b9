/* SPDX-License-Identifier: MIT */
/* Keyring files: a keyring with its keys, or an error with a name. */
#include <stdlib.h>

#include "seal/keyring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cachet_keyring *keyring = NULL;
    cachet_error err = {CACHET_OK, ""};
    const cachet_status status = ct_keyring_parse(ct_bytes(data, size), "fuzz", &keyring, &err);

    if (status == CACHET_OK) {
        const size_t count = ct_keyring_key_count(keyring);
        if (count < 1 || count > CT_KEYS_MAX || ct_keyring_names_key(keyring) == NULL)
            abort();
    } else if (keyring != NULL || err.status != status || err.message[0] == '\0') {
        abort();
    }
    cachet_keyring_free(keyring);
    return 0;
}
