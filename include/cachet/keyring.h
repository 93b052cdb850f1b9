/* SPDX-License-Identifier: MIT */
/*
 * cachet/keyring.h: the secret keys that seal a cache.
 *
 * A keyring is named by a SPEC. Known sources:
 *
 *   file:PATH    cachet's keyring file (its first line is "cachet-keyring 1") or a file that
 *                holds one raw key, "cachet-key-1:" and 43 characters of base64url
 *
 * The file must be a regular file that belongs to the user or to root, with no permission
 * bits for group or others, in directories that only the owner or root can write.
 */
#ifndef CACHET_KEYRING_H
#define CACHET_KEYRING_H

#include <cachet/types.h>

CACHET_BEGIN

typedef struct cachet_keyring cachet_keyring;

/*
 * Reads the keys that `spec` names. The keyring is immutable afterwards and may be used by any
 * number of caches and threads; a cache keeps what it needs, so it may be freed while caches
 * that were opened with it are still open.
 *
 * Fails with E_USAGE (no such source, malformed SPEC), E_NOT_FOUND (no such file), E_IO,
 * E_FORMAT (not a key file, a malformed line, or a file that others could have written or
 * read), E_VERSION (a keyring of a newer cachet), E_CRYPTO (libcrypto fails its self-test).
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_keyring_open(cachet_keyring **ret_keyring,
                                                             const char *spec,
                                                             cachet_error *err);

/*
 * Makes a new keyring file with one fresh key, mode 0600, at the file: SPEC. An existing file
 * is never overwritten; directories that are missing are made, mode 0700. Fails with E_USAGE (a
 * source that cannot be written), E_CONFLICT (the file is there), E_FORMAT (a directory that
 * others can write), E_IO.
 */
CACHET_API CACHET_MUST_USE cachet_status cachet_keyring_create(const char *spec,
                                                               cachet_error *err);

/* Lets go of the keyring; its pages are wiped when the last cache that uses it closes. */
CACHET_API void cachet_keyring_free(cachet_keyring *keyring);

CACHET_END
#endif
