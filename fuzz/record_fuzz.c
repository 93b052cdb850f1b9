/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a record. What decodes holds what record.h promises, and encodes to a record
 * that says the same; where no unknown tag was skipped, to the very same bytes.
 */
#include "base/mem.h"
#include "fuzz.h"
#include "record/record.h"

static void must_lie_in(cachet_bytes part, cachet_bytes whole)
{
    MUST(part.size <= whole.size);
    if (part.size > 0)
        MUST(part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

static void must_be_clean(cachet_bytes bytes, bool is_name)
{
    MUST(!is_name || bytes.size > 0);
    for (size_t i = 0; i < bytes.size; i++) {
        const unsigned char byte = bytes.data[i];
        MUST(byte != '\0' && byte != '\r' && byte != '\n' && !(is_name && byte == ':'));
    }
}

static void must_hold(const struct ct_record *record, const cachet_field *fields,
                      cachet_bytes whole)
{
    MUST(record->request.size > 0);
    must_lie_in(record->request, whole);
    must_lie_in(record->vary, whole);
    MUST(record->status >= 200 && record->status <= 999);
    MUST(record->field_count <= CT_RECORD_FIELDS_MAX);
    MUST(record->stored_at_ms >= 0 && record->requested_at_ms >= 0);
    MUST(record->received_at_ms >= 0 && record->sealed_at_ms >= 0);
    for (size_t i = 0; i < record->field_count; i++) {
        must_lie_in(fields[i].name, whole);
        must_lie_in(fields[i].value, whole);
        must_be_clean(fields[i].name, true);
        must_be_clean(fields[i].value, false);
    }
}

static void must_say_the_same(const struct ct_record *a, const struct ct_record *b)
{
    MUST(ct_bytes_equal(a->request, b->request) && ct_bytes_equal(a->vary, b->vary));
    MUST(ct_bytes_equal(a->fields, b->fields) && a->field_count == b->field_count);
    MUST(a->has_credential == b->has_credential && a->status == b->status);
    MUST(memcmp(&a->credential, &b->credential, sizeof a->credential) == 0);
    MUST(a->stored_at_ms == b->stored_at_ms && a->requested_at_ms == b->requested_at_ms);
    MUST(a->received_at_ms == b->received_at_ms && a->sealed_at_ms == b->sealed_at_ms);
    MUST(a->circumstances == b->circumstances);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(ct_buf_fini) struct ct_buf again = ct_buf_with_ceiling(size);
    CLEANUP(ct_mem_freep) cachet_field *fields = NULL;
    const cachet_bytes whole = ct_bytes(data, size);
    struct ct_record record, second;
    cachet_error err;

    const cachet_status status = ct_record_decode(whole, &record, &err);
    MUST(status == CACHET_OK || (status == CACHET_E_FORMAT && err.status == status));
    if (status != CACHET_OK)
        return 0;
    MUST(ct_new_array(&fields, record.field_count, NULL) == CACHET_OK);
    ct_record_fields(&record, fields);
    must_hold(&record, fields, whole);

    MUST(ct_record_encode(&record, fields, record.field_count, &again, &err) == CACHET_OK);
    MUST(ct_record_decode(ct_buf_view(&again), &second, &err) == CACHET_OK);
    must_say_the_same(&record, &second);
    MUST(again.size < size || ct_bytes_equal(ct_buf_view(&again), whole));
    return 0;
}
