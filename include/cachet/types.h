/* SPDX-License-Identifier: MIT */
/*
 * cachet/types.h: the small values every other header speaks in.
 *
 * Conventions of the whole API
 *   - Every function that can fail returns a cachet_status and takes a cachet_error as its last
 *     argument. The error is the caller's memory, may be NULL, is filled on failure and left
 *     alone on success.
 *   - `T **ret_x` hands over an object: free it with T's own free or close, which take NULL.
 *     On failure outputs are untouched. A returned `const T *` is borrowed from its parent.
 *   - Units stand in names: _s seconds, _ms milliseconds, _size bytes, _count things. Times
 *     of day are milliseconds since 1970-01-01T00:00:00Z.
 *   - Option structs begin with `size`; start from the _INIT macro, so that a program built
 *     today runs with a later library.
 */
#ifndef CACHET_TYPES_H
#define CACHET_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define CACHET_API __attribute__((visibility("default")))
#define CACHET_MUST_USE __attribute__((warn_unused_result))
#else
#define CACHET_API
#define CACHET_MUST_USE
#endif

#ifdef __cplusplus
#define CACHET_BEGIN extern "C" {
#define CACHET_END }
#else
#define CACHET_BEGIN
#define CACHET_END
#endif

#define CACHET_VERSION "0.1.0"

CACHET_BEGIN

/* Every status there is: X(NAME, "what it means in a few words"). */
#define CACHET_STATUS_LIST(X)                                                                  \
    X(OK, "done")                                                                              \
    X(E_MEMORY, "out of memory")                                                               \
    X(E_USAGE, "wrong usage")                                                                  \
    X(E_UNSUPPORTED, "not built into this library")                                            \
    X(E_IO, "the operating system refused")                                                    \
    X(E_STORE, "the store failed")                                                             \
    X(E_BUSY, "the store is locked by another process")                                        \
    X(E_CONFLICT, "somebody else changed it first")                                            \
    X(E_NOT_FOUND, "not there")                                                                \
    X(E_TAMPERED, "changed behind the cache's back")                                           \
    X(E_FORMAT, "not in the format it claims")                                                 \
    X(E_VERSION, "written by a newer version")                                                 \
    X(E_NO_KEY, "no keyring given")                                                            \
    X(E_UNKNOWN_KEY, "the keyring does not open this cache")                                   \
    X(E_CRYPTO, "the crypto library failed")                                                   \
    X(E_NOT_CACHED, "not cached, and the request must not leave")                              \
    X(E_TRANSFER, "the transfer failed")                                                       \
    X(E_PROTOCOL, "the origin's answer is not HTTP as it should be")                           \
    X(E_TOO_LARGE, "larger than the limit set for it")                                         \
    X(E_ABORTED, "stopped by the caller")

typedef enum cachet_status {
#define CACHET_STATUS_ENUM(name, text) CACHET_##name,
    CACHET_STATUS_LIST(CACHET_STATUS_ENUM)
#undef CACHET_STATUS_ENUM
} cachet_status;

/* One line, lower case, no full stop; control characters from outside are escaped. */
typedef struct cachet_error {
    cachet_status status;
    char message[512];
} cachet_error;

/* A borrowed run of bytes; never ends in a NUL that counts. */
typedef struct cachet_bytes {
    const unsigned char *data;
    size_t size;
} cachet_bytes;

/* One header field, as received: the name in any case, the value without surrounding blanks. */
typedef struct cachet_field {
    cachet_bytes name;
    cachet_bytes value;
} cachet_field;

/* The bytes of a C string, without its NUL. NULL gives no bytes. */
static inline cachet_bytes cachet_bytes_of(const char *text)
{
    cachet_bytes bytes;
    bytes.data = (const unsigned char *) text;
    bytes.size = text == NULL ? 0 : strlen(text);
    return bytes;
}

/* A field from two C strings, which must outlive it. */
static inline cachet_field cachet_field_of(const char *name, const char *value)
{
    cachet_field field;
    field.name = cachet_bytes_of(name);
    field.value = cachet_bytes_of(value);
    return field;
}

/* The meaning of a status in a few words; never NULL, never freed. Thread-safe. */
CACHET_API const char *cachet_status_text(cachet_status status);

/* The library's version, "MAJOR.MINOR.PATCH". */
CACHET_API const char *cachet_version(void);

CACHET_END
#endif
