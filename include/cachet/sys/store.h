/* SPDX-License-Identifier: MIT */
/*
 * cachet/sys/store.h: the contract of a store.
 *
 * A store keeps *heads* by (request key, variant) and *bodies* by body id. It sees opaque
 * bytes, is never trusted, and knows nothing of HTTP or of keys. One handle is one namespace;
 * handles on the same place may exist in many threads and processes at once.
 *
 * Duties
 *   - Every operation may be called from any thread.
 *   - No operation waits longer than `busy_ms` for a lock; it then fails with E_BUSY.
 *   - A body is written under its id, committed, and then named by the head that is put: a body
 *     no head names may be swept after an hour, not sooner. A committed body never changes.
 *   - head_put is atomic: a reader sees the old head or the new one, also after a crash.
 *   - Lengths are judged before bytes are fetched: a head of over CACHET_HEAD_MAX bytes is
 *     visited with its size and no data; of a key with more than CACHET_VARIANTS_MAX heads only
 *     so many are visited.
 *   - Bodies that no head names any longer are dropped by head_put and head_drop themselves.
 *   - E_BUSY: try later. E_STORE: the store does not work. E_NOT_FOUND, E_CONFLICT: as said.
 */
#ifndef CACHET_SYS_STORE_H
#define CACHET_SYS_STORE_H

#include <cachet/types.h>

CACHET_BEGIN

#define CACHET_NAME_SIZE 32u /* a request key or a variant */
#define CACHET_BODY_ID_SIZE 16u
#define CACHET_HEAD_MAX (1u << 20) /* bytes of a head, seal and all */
#define CACHET_VARIANTS_MAX 64u
#define CACHET_CHUNK_SIZE 65536u /* bytes of body in a chunk; its tag comes on top */
#define CACHET_CHUNK_STORED_MAX (CACHET_CHUNK_SIZE + 16u)
#define CACHET_SEGMENTS_MAX 16u

typedef struct cachet_store cachet_store;
typedef struct cachet_body_writer cachet_body_writer;
typedef struct cachet_body_reader cachet_body_reader;

typedef struct cachet_name {
    unsigned char bytes[CACHET_NAME_SIZE];
} cachet_name;

typedef struct cachet_body_id {
    unsigned char bytes[CACHET_BODY_ID_SIZE];
} cachet_body_id;

/* One stored head as the store has it. Borrowed for the length of the visit. */
typedef struct cachet_stored_head {
    cachet_name key;
    cachet_name variant;
    cachet_bytes head; /* data is NULL where size is over the limit */
} cachet_stored_head;

/* Any other answer than CACHET_OK ends the walk and is returned from it. */
typedef cachet_status (*cachet_head_visit)(void *context, const cachet_stored_head *head);

/* What is put in one step. */
typedef struct cachet_head_put {
    cachet_name key;
    cachet_name variant;
    cachet_bytes head;
    /* The head that must be there now, byte for byte; data NULL: none may be there. */
    cachet_bytes expected;
    /* The bodies this head names, which must have been committed. */
    const cachet_body_id *bodies;
    size_t body_count;
    uint64_t body_size;    /* bytes of them all: for limits and eviction, a hint */
    int64_t expires_at_ms; /* for limits and eviction, a hint */
} cachet_head_put;

/* What a store can do. */
typedef struct cachet_store_capabilities {
    size_t size;
    uint32_t inline_size; /* a body up to so many bytes travels inside its head */
} cachet_store_capabilities;

/*
 * The operations. A store's own struct begins with a cachet_store. New slots come at the end;
 * `size` tells which there are.
 */
typedef struct cachet_store_ops {
    size_t size;
    const char *name;
    cachet_store_capabilities capabilities;

    /* Frees the store and everything it opened. */
    void (*close)(cachet_store *store);

    /* Visits every head under a request key. Finding none is CACHET_OK. */
    cachet_status (*head_get)(cachet_store *store, const cachet_name *key,
                              cachet_head_visit visit, void *context, cachet_error *err);

    /* E_CONFLICT if what is there is not what was expected. */
    cachet_status (*head_put)(cachet_store *store, const cachet_head_put *put,
                              cachet_error *err);

    /* `expected` as in head_put, but NULL data drops whatever is there. E_NOT_FOUND,
     * E_CONFLICT. */
    cachet_status (*head_drop)(cachet_store *store, const cachet_name *key,
                               const cachet_name *variant, cachet_bytes expected,
                               cachet_error *err);

    /* Visits every head of the namespace, in no order; the visit may put and drop. */
    cachet_status (*head_each)(cachet_store *store, cachet_head_visit visit, void *context,
                               cachet_error *err);

    /* A new body. What is not committed leaves nothing behind (after an hour at the latest). */
    cachet_status (*body_create)(cachet_store *store, const cachet_name *key,
                                 const cachet_body_id *id, cachet_body_writer **ret_writer,
                                 cachet_error *err);

    /* The next chunk, whole: up to CACHET_CHUNK_STORED_MAX bytes. */
    cachet_status (*body_append)(cachet_body_writer *writer, cachet_bytes chunk,
                                 cachet_error *err);

    /* Makes the body readable by its id. The writer is freed, also on failure. */
    cachet_status (*body_commit)(cachet_body_writer *writer, cachet_error *err);

    /* Throws away what was written and frees the writer. Takes NULL. */
    void (*body_abort)(cachet_body_writer *writer);

    /*
     * Drops a committed body whose head could not be put. One that a head names is left alone.
     * What cannot be dropped is left to the sweep.
     */
    void (*body_drop)(cachet_store *store, const cachet_name *key, const cachet_body_id *id);

    /* E_NOT_FOUND if there is no such body. */
    cachet_status (*body_open)(cachet_store *store, const cachet_name *key,
                               const cachet_body_id *id, cachet_body_reader **ret_reader,
                               cachet_error *err);

    /*
     * Copies chunk `index` (from 0), as it was appended, to `chunk` (CACHET_CHUNK_STORED_MAX
     * bytes of room). All chunks but the last were full, with a tag of `tag_size` bytes (16 or
     * 0). `ret_size` is what is really there: less than asked for, or 0, where it is cut off.
     */
    cachet_status (*body_read)(cachet_body_reader *reader, uint64_t index, size_t tag_size,
                               unsigned char *chunk, size_t *ret_size, cachet_error *err);

    /* Takes NULL. */
    void (*body_close)(cachet_body_reader *reader);
} cachet_store_ops;

struct cachet_store {
    const cachet_store_ops *ops;
};

/* Writers and readers of a store's own begin with these. */
struct cachet_body_writer {
    cachet_store *store;
};
struct cachet_body_reader {
    cachet_store *store;
};

CACHET_END
#endif
