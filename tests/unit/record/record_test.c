/* SPDX-License-Identifier: MIT */
#include "record/record.h"

#include "base/mem.h"
#include "fail_sweep.h"
#include "tap.h"

#define ROOM 8192u

/* The tags of the format, as numbers: a test that took them from the code could not differ. */
enum { REQUEST = 1, VARY, CREDENTIAL, STATUS, FIELDS, STORED_AT, CIRCUMSTANCES = 10 };

static void put(struct ct_buf *buf, uint16_t tag, cachet_bytes value)
{
    ct_buf_u16le(buf, tag);
    ct_buf_part(buf, value);
}

static void put_zeros(struct ct_buf *buf, uint16_t tag, size_t size)
{
    static const unsigned char zeros[64];
    put(buf, tag, ct_bytes(zeros, size));
}

/* The value that a tag has in a good record, by default. */
static void put_good(struct ct_buf *buf, uint16_t tag)
{
    switch (tag) {
    case REQUEST:
        put(buf, tag, CT_BYTES("request"));
        break;
    case VARY:
        put(buf, tag, CT_BYTES("vary"));
        break;
    case CREDENTIAL:
        put_zeros(buf, tag, 32);
        break;
    case STATUS:
        put(buf, tag, CT_BYTES("\xc8\x00"));
        break;
    case FIELDS:
        put(buf, tag, CT_BYTES("\1\0\0\0\1\0\0\0n\1\0\0\0v"));
        break;
    case CIRCUMSTANCES:
        put_zeros(buf, tag, 4);
        break;
    default:
        put_zeros(buf, tag, 8);
    }
}

/* A good record but for one tag; `value` NULL leaves it out. */
static void put_record(struct ct_buf *buf, uint16_t odd_tag, const cachet_bytes *value)
{
    for (unsigned tag = REQUEST; tag <= CIRCUMSTANCES; tag++) {
        if (tag != odd_tag)
            put_good(buf, (uint16_t) tag);
        else if (value != NULL)
            put(buf, (uint16_t) tag, *value);
    }
}

static bool is_refused(cachet_bytes bytes, const char *word)
{
    struct ct_record record = {.status = 4711};
    cachet_error err = {0};

    const cachet_status status = ct_record_decode(bytes, &record, &err);
    if (status != CACHET_E_FORMAT || strstr(err.message, word) == NULL)
        printf("# %d '%s', not '%s'\n", (int) status, err.message, word);
    return status == CACHET_E_FORMAT && err.status == status &&
           strstr(err.message, word) != NULL && record.status == 4711;
}

static void test_missing_tags(void)
{
    static const char *const names[] = {[REQUEST] = "1 (REQUEST) is missing",
                                        [STATUS] = "4 (STATUS) is missing",
                                        [FIELDS] = "5 (FIELDS) is missing",
                                        [STORED_AT] = "6 (STORED_AT) is missing",
                                        [7] = "7 (REQUESTED_AT) is missing",
                                        [8] = "8 (RECEIVED_AT) is missing",
                                        [9] = "9 (SEALED_AT) is missing",
                                        [CIRCUMSTANCES] = "10 (CIRCUMSTANCES) is missing"};

    for (unsigned tag = REQUEST; tag <= CIRCUMSTANCES; tag++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
        struct ct_record record;
        put_record(&buf, (uint16_t) tag, NULL);
        CHECK(names[tag] == NULL
                  ? ct_record_decode(ct_buf_view(&buf), &record, NULL) == CACHET_OK
                  : is_refused(ct_buf_view(&buf), names[tag]),
              "without tag %u", tag);
    }
    CHECK(is_refused(ct_bytes(NULL, 0), "1 (REQUEST) is missing"), "no bytes at all");
}

static void test_optional_tags(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
    struct ct_record record;

    put_record(&buf, VARY, NULL);
    CHECK(ct_record_decode(ct_buf_view(&buf), &record, NULL) == CACHET_OK &&
              record.vary.size == 0 && record.has_credential,
          "without VARY it is empty");
    ct_buf_reset(&buf);
    put_record(&buf, CREDENTIAL, NULL);
    CHECK(ct_record_decode(ct_buf_view(&buf), &record, NULL) == CACHET_OK &&
              record.vary.size == 4 && !record.has_credential,
          "without CREDENTIAL it has none");
}

/* One value that is wrong in an otherwise good record. */
static void test_bad_values(void)
{
    static const struct {
        uint16_t tag;
        cachet_bytes value;
        const char *word;
    } rows[] = {
#define VALUE(literal) {(const unsigned char *) (literal), sizeof(literal) - 1}
        {REQUEST, VALUE(""), "REQUEST) is empty"},
        {VARY, VALUE(""), "VARY) is empty"},
        {CREDENTIAL, VALUE(""), "CREDENTIAL) is not 32 bytes"},
        {CREDENTIAL, VALUE("0123456789012345678901234567890"), "not 32 bytes"},
        {CREDENTIAL, VALUE("012345678901234567890123456789012"), "not 32 bytes"},
        {STATUS, VALUE(""), "STATUS) is not 2 bytes"},
        {STATUS, VALUE("\xc8"), "not 2 bytes"},
        {STATUS, VALUE("\xc8\0\0"), "not 2 bytes"},
        {STATUS, VALUE("\xc7\0"), "STATUS) is not 200 to 999"},
        {STATUS, VALUE("\xe8\x03"), "not 200 to 999"},
        {STATUS, VALUE("\0\xc8"), "not 200 to 999"},
        {STORED_AT, VALUE("1234567"), "STORED_AT) is not 8 bytes"},
        {7, VALUE("123456789"), "REQUESTED_AT) is not 8 bytes"},
        {8, VALUE("\0\0\0\0\0\0\0\x80"), "RECEIVED_AT) is past all time"},
        {9, VALUE("\xff\xff\xff\xff\xff\xff\xff\xff"), "SEALED_AT) is past all time"},
        {CIRCUMSTANCES, VALUE("123"), "CIRCUMSTANCES) is not 4 bytes"},
        {CIRCUMSTANCES, VALUE("12345"), "not 4 bytes"},
        {FIELDS, VALUE(""), "FIELDS) does not end with its fields"},
        {FIELDS, VALUE("\0\0\0"), "does not end with its fields"},
        {FIELDS, VALUE("\0\0\0\0x"), "does not end with its fields"},
        {FIELDS, VALUE("\x11\x27\0\0"), "has too many fields"},
        {FIELDS, VALUE("\xff\xff\xff\xff"), "has too many fields"},
        {FIELDS, VALUE("\x10\x27\0\0"), "does not end with its fields"},
        {FIELDS, VALUE("\1\0\0\0"), "does not end with its fields"},
        {FIELDS, VALUE("\1\0\0\0\1\0\0\0n\2\0\0\0v"), "does not end with its fields"},
        {FIELDS, VALUE("\1\0\0\0\1\0\0\0n\xff\xff\xff\xffv"), "does not end with its fields"},
        {FIELDS, VALUE("\1\0\0\0\1\0\0\0n\1\0\0\0vx"), "does not end with its fields"},
        {FIELDS, VALUE("\2\0\0\0\1\0\0\0n\1\0\0\0v"), "does not end with its fields"},
        {FIELDS, VALUE("\1\0\0\0\0\0\0\0\1\0\0\0v"), "has a field without a name"},
        {FIELDS, VALUE("\1\0\0\0\1\0\0\0:\1\0\0\0v"), "has a name with"},
        {FIELDS, VALUE("\1\0\0\0\1\0\0\0n\1\0\0\0\r"), "has a value with"},
    };
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
        put_record(&buf, rows[i].tag, &rows[i].value);
        CHECK(is_refused(ct_buf_view(&buf), rows[i].word), "bad value, row %zu: %s", i,
              rows[i].word);
    }
}

static void test_order(void)
{
    static const struct {
        uint16_t tags[12];
        const char *word; /* NULL: it is good */
    } rows[] = {
        {{1, 4, 5, 6, 7, 8, 9, 10}, NULL},
        {{1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 65535}, NULL},
        {{1, 1, 4, 5, 6, 7, 8, 9, 10}, "1 (REQUEST) is followed by what may not follow it"},
        {{4, 1, 5, 6, 7, 8, 9, 10}, "4 (STATUS) is followed by"},
        {{1, 4, 5, 6, 7, 8, 10, 9}, "10 (CIRCUMSTANCES) is followed by"},
        {{1, 4, 5, 6, 7, 8, 9, 10, 11, 11}, "11 (unknown) is followed by"},
        {{1, 4, 5, 6, 7, 8, 9, 10, 65535, 2}, "65535 (unknown) is followed by"},
    };
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
        struct ct_record record;
        for (size_t at = 0; rows[i].tags[at] != 0; at++)
            put_good(&buf, rows[i].tags[at]);
        CHECK(rows[i].word == NULL
                  ? ct_record_decode(ct_buf_view(&buf), &record, NULL) == CACHET_OK
                  : is_refused(ct_buf_view(&buf), rows[i].word),
              "order, row %zu", i);
    }
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
    put_good(&buf, 0);
    put_record(&buf, 0, NULL);
    CHECK(is_refused(ct_buf_view(&buf), "followed by what may not follow it"),
          "there is no tag 0");
}

/* Cut off anywhere, and with one byte more, it is no record. */
static void test_cuts(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
    size_t wrong = 0;

    put_record(&buf, 0, NULL);
    for (size_t size = 0; size < buf.size; size++) {
        struct ct_record record;
        cachet_error err = {0};
        wrong += ct_record_decode(ct_bytes_first(ct_buf_view(&buf), size), &record, &err) !=
                     CACHET_E_FORMAT ||
                 strstr(err.message, "record tag ") == NULL;
    }
    CHECK(wrong == 0, "cut off at every length, %zu wrong", wrong);
    ct_buf_u16le(&buf, 11);
    CHECK(is_refused(ct_buf_view(&buf), "11 (unknown) is cut off"), "with half a tag more");
    ct_buf_u32le(&buf, UINT32_MAX);
    CHECK(is_refused(ct_buf_view(&buf), "11 (unknown) is cut off"),
          "with a length and no value");
    buf.size -= 5;
    CHECK(is_refused(ct_buf_view(&buf), "10 (CIRCUMSTANCES) is followed by"),
          "with a byte more");
}

static bool encodes(const char *name, size_t name_size, const char *value, size_t value_size)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
    const struct ct_record record = {.request = CT_BYTES("r"), .status = 200};
    const cachet_field field = {ct_bytes(name, name_size), ct_bytes(value, value_size)};

    const cachet_status status = ct_record_encode(&record, &field, 1, &buf, NULL);
    return status == CACHET_OK && buf.size > 0;
}

static bool decodes(const char *name, size_t name_size, const char *value, size_t value_size)
{
    CLEANUP(ct_buf_fini) struct ct_buf coded = ct_buf_with_ceiling(ROOM);
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
    struct ct_record record;

    ct_buf_u32le(&coded, 1);
    ct_buf_part(&coded, ct_bytes(name, name_size));
    ct_buf_part(&coded, ct_bytes(value, value_size));
    const cachet_bytes value_of_tag = ct_buf_view(&coded);
    put_record(&buf, FIELDS, &value_of_tag);
    return ct_record_decode(ct_buf_view(&buf), &record, NULL) == CACHET_OK;
}

/* Every byte value at every place of names and values of every short length. */
static void test_forbidden_bytes(void)
{
    unsigned wrong = 0;

    for (size_t size = 1; size <= 20; size++)
        for (size_t at = 0; at < size; at++)
            for (unsigned byte = 0; byte < 256; byte++) {
                char text[20];
                const bool is_value_ok = byte != 0 && byte != '\r' && byte != '\n';
                const bool is_name_ok = is_value_ok && byte != ':';
                memset(text, 0x0e, sizeof text);
                text[at] = (char) byte;
                wrong += encodes(text, size, "v", 1) != is_name_ok;
                wrong += decodes(text, size, "v", 1) != is_name_ok;
                wrong += encodes("n", 1, text, size) != is_value_ok;
                wrong += decodes("n", 1, text, size) != is_value_ok;
            }
    CHECK(wrong == 0, "every byte in names and values, %u wrong", wrong);
    CHECK(!encodes("", 0, "v", 1) && !decodes("", 0, "v", 1), "a name has a byte");
    CHECK(encodes("n", 1, "", 0) && decodes("n", 1, "", 0), "a value need not");
}

static void test_encode_refuses(void)
{
    const struct ct_record good = {.request = CT_BYTES("r"), .status = 200};
    struct ct_record bad[8];
    static const char *const words[] = {"REQUEST",     "STATUS",    "STATUS",
                                        "STATUS",      "STORED_AT", "REQUESTED_AT",
                                        "RECEIVED_AT", "SEALED_AT"};

    for (size_t i = 0; i < CT_COUNT_OF(bad); i++)
        bad[i] = good;
    bad[0].request.size = 0;
    bad[1].status = 0;
    bad[2].status = 199;
    bad[3].status = 1000;
    bad[4].stored_at_ms = -1;
    bad[5].requested_at_ms = INT64_MIN;
    bad[6].received_at_ms = -1;
    bad[7].sealed_at_ms = -1;
    for (size_t i = 0; i < CT_COUNT_OF(bad); i++) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
        cachet_error err = {0};
        CHECK(ct_record_encode(&bad[i], NULL, 0, &buf, &err) == CACHET_E_FORMAT &&
                  strstr(err.message, words[i]) != NULL && buf.size == 0,
              "not encoded: %s", err.message);
    }
}

/* The most fields there may be, and one more. */
static void test_field_count(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(1u << 20);
    CLEANUP(ct_mem_freep) cachet_field *fields = NULL;
    const struct ct_record record = {.request = CT_BYTES("r"), .status = 999};
    struct ct_record decoded;
    cachet_error err = {0};

    if (ct_new_array(&fields, CT_RECORD_FIELDS_MAX + 1, NULL) != CACHET_OK)
        return;
    for (size_t i = 0; i <= CT_RECORD_FIELDS_MAX; i++)
        fields[i] = cachet_field_of("n", i == CT_RECORD_FIELDS_MAX - 1 ? "last" : "");
    CHECK(ct_record_encode(&record, fields, CT_RECORD_FIELDS_MAX + 1, &buf, &err) ==
                  CACHET_E_TOO_LARGE &&
              buf.size == 0,
          "%s", err.message);
    CHECK(ct_record_encode(&record, fields, CT_RECORD_FIELDS_MAX, &buf, NULL) == CACHET_OK &&
              ct_record_decode(ct_buf_view(&buf), &decoded, NULL) == CACHET_OK &&
              decoded.field_count == CT_RECORD_FIELDS_MAX,
          "as many fields as there may be");
    ct_record_fields(&decoded, fields);
    CHECK(ct_bytes_equal(fields[CT_RECORD_FIELDS_MAX - 1].value, CT_BYTES("last")),
          "to the last");
}

static void test_limits(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
    struct ct_record record = {.request = CT_BYTES("r"), .status = 999}, decoded;
    const cachet_field field = cachet_field_of("name", "value");
    cachet_error err = {0};

    record.stored_at_ms = record.sealed_at_ms = INT64_MAX;
    record.circumstances = UINT32_MAX;
    CHECK(ct_record_encode(&record, &field, 1, &buf, NULL) == CACHET_OK &&
              ct_record_decode(ct_buf_view(&buf), &decoded, NULL) == CACHET_OK &&
              decoded.stored_at_ms == INT64_MAX && decoded.sealed_at_ms == INT64_MAX &&
              decoded.requested_at_ms == 0 && decoded.status == 999 &&
              decoded.circumstances == UINT32_MAX,
          "the largest values, and circumstances nobody knows");
    for (size_t ceiling = 0; ceiling < buf.size; ceiling += 7) {
        CLEANUP(ct_buf_fini) struct ct_buf small = ct_buf_with_ceiling(ceiling);
        CHECK(ct_record_encode(&record, &field, 1, &small, &err) == CACHET_E_TOO_LARGE,
              "a ceiling of %zu: %s", ceiling, err.message);
    }
}

/* Every single-byte change of a record gives OK or E_FORMAT, and OK only where it may. */
static void test_changes(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
    unsigned wrong = 0, accepted = 0;

    put_record(&buf, 0, NULL);
    for (size_t at = 0; at < buf.size; at++)
        for (unsigned flips = 1; flips < 256; flips++) {
            struct ct_record record;
            buf.data[at] = (unsigned char) (buf.data[at] ^ flips);
            const cachet_status status = ct_record_decode(ct_buf_view(&buf), &record, NULL);
            buf.data[at] = (unsigned char) (buf.data[at] ^ flips);
            wrong += status != CACHET_OK && status != CACHET_E_FORMAT;
            accepted += status == CACHET_OK;
        }
    CHECK(wrong == 0 && accepted > 0 && accepted < buf.size * 255,
          "every single-byte change: %u accepted, %u wrong", accepted, wrong);
}

static cachet_status encode(void *context, cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);
    const cachet_field field = cachet_field_of("name", "value");
    return ct_record_encode(context, &field, 1, &buf, err);
}

static void test_allocations(void)
{
    struct ct_record record = {.request = CT_BYTES("r"), .status = 200};
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ROOM);

    CHECK(fail_sweep("encoding", encode, &record) == 1, "only the buffer allocates");
    put_record(&buf, 0, NULL);
    (void) ct_mem_fail_after(0);
    const cachet_status status = ct_record_decode(ct_buf_view(&buf), &record, NULL);
    CHECK(ct_mem_fail_after(-1) == 0 && status == CACHET_OK, "decoding does not");
}

int main(void)
{
    test_missing_tags();
    test_optional_tags();
    test_bad_values();
    test_order();
    test_cuts();
    test_forbidden_bytes();
    test_encode_refuses();
    test_field_count();
    test_limits();
    test_changes();
    test_allocations();
    return tap_done();
}
