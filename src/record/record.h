/* SPDX-License-Identifier: MIT */
/*
 * The stored facts of one response, to bytes and back (docs/format.md).
 *
 * Facts, never verdicts: whoever reads a record judges it by their own settings.
 */
#ifndef CT_RECORD_RECORD_H
#define CT_RECORD_RECORD_H

#include <cachet/sys/store.h>

#include "base/buf.h"

#define CT_RECORD_FIELDS_MAX 10000u

/* Circumstances under which a response was stored. Bits are part of the format. */
#define CT_STORED_SHARED (1u << 0)       /* by a session in the shared role */
#define CT_STORED_TLS_VERIFIED (1u << 1) /* over TLS whose certificate was verified */
#define CT_STORED_HTTPS (1u << 2)
#define CT_STORED_OVERRIDE_NO_STORE                                                            \
    (1u << 3) /* a rule of HTTP that was overridden to store it */
#define CT_STORED_OVERRIDE_PRIVATE (1u << 4)
#define CT_STORED_OVERRIDE_AUTHORIZATION (1u << 5)
#define CT_STORED_OVERRIDE_STATUS (1u << 6)
#define CT_STORED_OVERRIDE_METHOD (1u << 7)
#define CT_STORED_OVERRIDE_VARY_ANY (1u << 8)
#define CT_STORED_OVERRIDE_CACHE_CONTROL (1u << 9)
#define CT_STORED_DIGEST_CHECKED (1u << 10)
#define CT_STORED_IMPORTED (1u << 11)
/* A record with another bit was stored under a circumstance we cannot judge: do not use it. */
#define CT_STORED_KNOWN ((1u << 12) - 1)

/* Every tag there is, ascending: X(NUMBER, NAME, "what it holds"). */
#define CT_RECORD_TAG_LIST(X)                                                                  \
    X(1, REQUEST, "canonical request, as hashed into the request key")                         \
    X(2, VARY, "Vary names and request values, as hashed into the variant")                    \
    X(3, CREDENTIAL, "keyed digest of the request's credential, 32 bytes")                     \
    X(4, STATUS, "u16")                                                                        \
    X(5, FIELDS, "u32 count, then name and value parts")                                       \
    X(6, STORED_AT, "u64, ms: when it was first stored")                                       \
    X(7, REQUESTED_AT, "u64, ms: when the request that got or last confirmed it was sent")     \
    X(8, RECEIVED_AT, "u64, ms: when the head of its answer arrived")                          \
    X(9, SEALED_AT, "u64, ms: when this record was sealed")                                    \
    X(10, CIRCUMSTANCES, "u32, bits")

/* Views point into the record's bytes. */
struct ct_record {
    cachet_bytes request;
    cachet_bytes vary;
    cachet_name credential;
    bool has_credential;
    uint16_t status;
    uint32_t circumstances;
    cachet_bytes fields; /* coded; ct_record_fields takes them apart */
    size_t field_count;
    int64_t stored_at_ms;
    int64_t requested_at_ms;
    int64_t received_at_ms;
    int64_t sealed_at_ms;
};

/*
 * Appends the record with these fields (record->fields and field_count are not looked at).
 * VARY stands where record->vary is not empty. E_TOO_LARGE through the buffer's ceiling or
 * CT_RECORD_FIELDS_MAX; E_FORMAT for what decode would refuse, and then nothing is appended.
 */
cachet_status ct_record_encode(const struct ct_record *record, const cachet_field *fields,
                               size_t field_count, struct ct_buf *buf, cachet_error *err);

/*
 * Any bytes give OK or E_FORMAT, which names the tag; no allocation. Every tag but VARY and
 * CREDENTIAL must be there; status 200..999, times up to INT64_MAX, names of fields not empty
 * and without NUL, CR, LF and ':', their values without NUL, CR, LF. `ret_record` is filled
 * only on CACHET_OK. Bits of circumstances beyond CT_STORED_KNOWN are handed through.
 */
cachet_status ct_record_decode(cachet_bytes bytes, struct ct_record *ret_record,
                               cachet_error *err);

/* Fills `ret_fields`, which has room for record->field_count. Only for a record that decode
 * filled. */
void ct_record_fields(const struct ct_record *record, cachet_field *ret_fields);

#endif
