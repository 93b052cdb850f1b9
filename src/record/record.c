/* SPDX-License-Identifier: MIT */
/*
 * record    = tag*, ascending, none twice, nothing between or behind
 * tag       = number u16, from 1 ‖ length u32 ‖ value            (integers little-endian)
 * FIELDS    = count u32 ‖ count times (name part ‖ value part)
 * part      = length u32 ‖ bytes
 *
 * docs/format-record.md has every tag and an example. A number we do not know is skipped, so
 * that a later version can add facts that an older reader may do without.
 */
#include "record/record.h"

#include "base/error.h"

enum tag {
#define TAG_ENUM(number, name, text) TAG_##name = (number),
    CT_RECORD_TAG_LIST(TAG_ENUM)
#undef TAG_ENUM
};

/* The bit of each tag that must be there. */
#define TAG_BIT(number, name, text) | 1u << (number)
static const uint32_t required_tags =
    (0u CT_RECORD_TAG_LIST(TAG_BIT)) & ~(1u << TAG_VARY | 1u << TAG_CREDENTIAL);
#undef TAG_BIT

static const char *tag_name(uint32_t tag)
{
    static const char *const names[] = {
#define TAG_NAME(number, name, text) [number] = #name,
        CT_RECORD_TAG_LIST(TAG_NAME)
#undef TAG_NAME
    };
    return tag < CT_COUNT_OF(names) && names[tag] != NULL ? names[tag] : "unknown";
}

static cachet_status bad_tag(uint32_t tag, const char *what, cachet_error *err)
{
    return ct_err_set(err, CACHET_E_FORMAT, "record tag %u (%s) %s", tag, tag_name(tag), what);
}

/* ---- what may stand in a field ---- */

#define EVERY_BYTE (~UINT64_C(0) / 255)
#define TOP_BITS (EVERY_BYTE * 0x80)

/*
 * Top bits are set where any of eight bytes is below 0x0e: NUL, LF and CR are, and little else
 * that fields have. The borrow between bytes can only mark more than there are, never fewer.
 * Other bits mean nothing.
 */
static inline uint64_t low_bytes(uint64_t word)
{
    return (word - EVERY_BYTE * 0x0e) & ~word;
}

/* Likewise, and where one of them is `also`, if that is not NUL. */
static inline uint64_t marks_in(uint64_t word, unsigned char also)
{
    const uint64_t others = word ^ EVERY_BYTE * also;
    return low_bytes(word) | (also == '\0' ? 0 : (others - EVERY_BYTE) & ~others);
}

/* One to seven bytes as a word, some of them twice, and harmless ones if need be. */
static inline uint64_t short_word(cachet_bytes bytes)
{
    if (bytes.size >= 4)
        return ct_load_u32le(bytes.data) | (uint64_t) ct_load_u32le(bytes.data + bytes.size - 4)
                                               << 32;
    return EVERY_BYTE * 0x20 << 24 | (uint64_t) bytes.data[0] |
           (uint64_t) bytes.data[bytes.size / 2] << 8 |
           (uint64_t) bytes.data[bytes.size - 1] << 16;
}

/* Byte by byte: the exact rule, for what looked suspicious as a word. */
static bool has_forbidden_byte(cachet_bytes bytes, unsigned char also)
{
    for (size_t i = 0; i < bytes.size; i++) {
        const unsigned char byte = bytes.data[i];
        if (byte == '\0' || byte == '\r' || byte == '\n' || byte == also)
            return true;
    }
    return false;
}

/* No NUL, CR, LF, nor the byte `also` (NUL for no other). By words: every hit waits for it. */
static inline bool is_clean(cachet_bytes bytes, unsigned char also)
{
    uint64_t marks = 0;

    if (bytes.size == 0)
        return true;
    for (size_t at = 0; at + 8 < bytes.size; at += 8)
        marks |= marks_in(ct_load_u64le(bytes.data + at), also);
    /* The last word laps over the one before it. */
    marks |= marks_in(
        bytes.size < 8 ? short_word(bytes) : ct_load_u64le(bytes.data + bytes.size - 8), also);
    return (marks & TOP_BITS) == 0 || !has_forbidden_byte(bytes, also);
}

static inline cachet_status check_field(cachet_bytes name, cachet_bytes value,
                                        cachet_error *err)
{
    if (name.size == 0)
        return bad_tag(TAG_FIELDS, "has a field without a name", err);
    if (!is_clean(name, ':'))
        return bad_tag(TAG_FIELDS, "has a name with NUL, CR, LF or ':'", err);
    if (!is_clean(value, '\0'))
        return bad_tag(TAG_FIELDS, "has a value with NUL, CR or LF", err);
    return CACHET_OK;
}

/* ---- encode ---- */

static cachet_status check_facts(const struct ct_record *record, cachet_error *err)
{
    if (record->request.size == 0)
        return bad_tag(TAG_REQUEST, "is empty", err);
    if (record->status < 200 || record->status > 999)
        return bad_tag(TAG_STATUS, "is not 200 to 999", err);
    const struct {
        enum tag tag;
        int64_t time_ms;
    } times[] = {{TAG_STORED_AT, record->stored_at_ms},
                 {TAG_REQUESTED_AT, record->requested_at_ms},
                 {TAG_RECEIVED_AT, record->received_at_ms},
                 {TAG_SEALED_AT, record->sealed_at_ms}};
    for (size_t i = 0; i < CT_COUNT_OF(times); i++)
        if (times[i].time_ms < 0)
            return bad_tag(times[i].tag, "is before 1970", err);
    return CACHET_OK;
}

/* Adds up what the fields will take, which their tag says before they come. */
static cachet_status check_fields(const cachet_field *fields, size_t field_count,
                                  uint32_t *ret_size, cachet_error *err)
{
    uint64_t size = 4;

    if (field_count > CT_RECORD_FIELDS_MAX)
        return ct_err_set(err, CACHET_E_TOO_LARGE, "%zu header fields, %u at most", field_count,
                          CT_RECORD_FIELDS_MAX);
    for (size_t i = 0; i < field_count; i++) {
        TRY(check_field(fields[i].name, fields[i].value, err));
        size += 8 + (uint64_t) fields[i].name.size + fields[i].value.size;
        if (size > UINT32_MAX)
            return ct_err_set(err, CACHET_E_TOO_LARGE, "header fields of over 4 GiB");
    }
    *ret_size = (uint32_t) size;
    return CACHET_OK;
}

static void put_tag(struct ct_buf *buf, enum tag tag, uint32_t size)
{
    ct_buf_u16le(buf, (uint16_t) tag);
    ct_buf_u32le(buf, size);
}

static void put_bytes(struct ct_buf *buf, enum tag tag, cachet_bytes bytes)
{
    ct_buf_u16le(buf, (uint16_t) tag);
    ct_buf_part(buf, bytes);
}

static void put_time(struct ct_buf *buf, enum tag tag, int64_t time_ms)
{
    put_tag(buf, tag, 8);
    ct_buf_u64le(buf, (uint64_t) time_ms);
}

static void put_fields(struct ct_buf *buf, const cachet_field *fields, size_t field_count,
                       uint32_t size)
{
    put_tag(buf, TAG_FIELDS, size);
    ct_buf_u32le(buf, (uint32_t) field_count);
    for (size_t i = 0; i < field_count; i++) {
        ct_buf_part(buf, fields[i].name);
        ct_buf_part(buf, fields[i].value);
    }
}

cachet_status ct_record_encode(const struct ct_record *record, const cachet_field *fields,
                               size_t field_count, struct ct_buf *buf, cachet_error *err)
{
    uint32_t fields_size = 0;

    TRY(check_facts(record, err));
    TRY(check_fields(fields, field_count, &fields_size, err));
    put_bytes(buf, TAG_REQUEST, record->request);
    if (record->vary.size > 0)
        put_bytes(buf, TAG_VARY, record->vary);
    if (record->has_credential)
        put_bytes(buf, TAG_CREDENTIAL, ct_bytes(record->credential.bytes, CACHET_NAME_SIZE));
    put_tag(buf, TAG_STATUS, 2);
    ct_buf_u16le(buf, record->status);
    put_fields(buf, fields, field_count, fields_size);
    put_time(buf, TAG_STORED_AT, record->stored_at_ms);
    put_time(buf, TAG_REQUESTED_AT, record->requested_at_ms);
    put_time(buf, TAG_RECEIVED_AT, record->received_at_ms);
    put_time(buf, TAG_SEALED_AT, record->sealed_at_ms);
    put_tag(buf, TAG_CIRCUMSTANCES, 4);
    ct_buf_u32le(buf, record->circumstances);
    return ct_buf_status(buf, err);
}

/* ---- decode ---- */

static cachet_status get_bytes(enum tag tag, cachet_bytes value, cachet_bytes *ret_bytes,
                               cachet_error *err)
{
    if (value.size == 0)
        return bad_tag(tag, "is empty", err);
    *ret_bytes = value;
    return CACHET_OK;
}

static cachet_status get_credential(cachet_bytes value, struct ct_record *record,
                                    cachet_error *err)
{
    if (value.size != CACHET_NAME_SIZE)
        return bad_tag(TAG_CREDENTIAL, "is not 32 bytes", err);
    memcpy(record->credential.bytes, value.data, CACHET_NAME_SIZE);
    record->has_credential = true;
    return CACHET_OK;
}

static cachet_status get_status(cachet_bytes value, struct ct_record *record, cachet_error *err)
{
    if (value.size != 2)
        return bad_tag(TAG_STATUS, "is not 2 bytes", err);
    record->status = ct_load_u16le(value.data);
    return record->status >= 200 && record->status <= 999
               ? CACHET_OK
               : bad_tag(TAG_STATUS, "is not 200 to 999", err);
}

static cachet_status get_fields(cachet_bytes value, struct ct_record *record, cachet_error *err)
{
    struct ct_reader reader = ct_reader_over(value);
    const uint32_t count = ct_read_u32le(&reader);

    if (count > CT_RECORD_FIELDS_MAX)
        return bad_tag(TAG_FIELDS, "has too many fields", err);
    record->field_count = count;
    record->fields = reader.rest;
    for (uint32_t i = 0; i < count; i++) {
        const cachet_bytes name = ct_read_part(&reader), content = ct_read_part(&reader);
        if (reader.is_short)
            break;
        TRY(check_field(name, content, err));
    }
    return ct_reader_is_done(&reader)
               ? CACHET_OK
               : bad_tag(TAG_FIELDS, "does not end with its fields", err);
}

static cachet_status get_time(enum tag tag, cachet_bytes value, int64_t *ret_time_ms,
                              cachet_error *err)
{
    if (value.size != 8)
        return bad_tag(tag, "is not 8 bytes", err);
    const uint64_t time_ms = ct_load_u64le(value.data);
    if (time_ms > INT64_MAX)
        return bad_tag(tag, "is past all time", err);
    *ret_time_ms = (int64_t) time_ms;
    return CACHET_OK;
}

static cachet_status get_circumstances(cachet_bytes value, struct ct_record *record,
                                       cachet_error *err)
{
    if (value.size != 4)
        return bad_tag(TAG_CIRCUMSTANCES, "is not 4 bytes", err);
    record->circumstances = ct_load_u32le(value.data);
    return CACHET_OK;
}

static cachet_status get_value(uint32_t tag, cachet_bytes value, struct ct_record *record,
                               cachet_error *err)
{
    switch (tag) {
    case TAG_REQUEST:
        return get_bytes(TAG_REQUEST, value, &record->request, err);
    case TAG_VARY:
        return get_bytes(TAG_VARY, value, &record->vary, err);
    case TAG_CREDENTIAL:
        return get_credential(value, record, err);
    case TAG_STATUS:
        return get_status(value, record, err);
    case TAG_FIELDS:
        return get_fields(value, record, err);
    case TAG_STORED_AT:
        return get_time(TAG_STORED_AT, value, &record->stored_at_ms, err);
    case TAG_REQUESTED_AT:
        return get_time(TAG_REQUESTED_AT, value, &record->requested_at_ms, err);
    case TAG_RECEIVED_AT:
        return get_time(TAG_RECEIVED_AT, value, &record->received_at_ms, err);
    case TAG_SEALED_AT:
        return get_time(TAG_SEALED_AT, value, &record->sealed_at_ms, err);
    case TAG_CIRCUMSTANCES:
        return get_circumstances(value, record, err);
    default:
        return CACHET_OK;
    }
}

static cachet_status check_required(uint32_t seen, cachet_error *err)
{
    const uint32_t missing = required_tags & ~seen;
    uint32_t tag = 0;

    if (missing == 0)
        return CACHET_OK;
    while ((missing >> tag & 1) == 0)
        tag++;
    return bad_tag(tag, "is missing", err);
}

cachet_status ct_record_decode(cachet_bytes bytes, struct ct_record *ret_record,
                               cachet_error *err)
{
    struct ct_record record = {0};
    struct ct_reader reader = ct_reader_over(bytes);
    uint32_t last = 0, seen = 0;

    while (reader.rest.size > 0) {
        const uint32_t tag = ct_read_u16le(&reader);
        const cachet_bytes value = ct_read_part(&reader);
        if (tag <= last)
            return bad_tag(last, "is followed by what may not follow it", err);
        if (reader.is_short)
            return bad_tag(tag, "is cut off", err);
        TRY(get_value(tag, value, &record, err));
        seen |= tag < 32 ? 1u << tag : 0;
        last = tag;
    }
    TRY(check_required(seen, err));
    *ret_record = record;
    return CACHET_OK;
}

void ct_record_fields(const struct ct_record *record, cachet_field *ret_fields)
{
    struct ct_reader reader = ct_reader_over(record->fields);

    for (size_t i = 0; i < record->field_count; i++) {
        ret_fields[i].name = ct_read_part(&reader);
        ret_fields[i].value = ct_read_part(&reader);
    }
}
