/* SPDX-License-Identifier: MIT */
/*
 * The worked example of docs/format-record.md: page, golden file, encoder and decoder say the
 * same. The golden file is kept for ever; if this test fails, the code is wrong.
 */
#include <fcntl.h>

#include "base/file.h"
#include "base/text.h"
#include "record/record.h"
#include "tap.h"

static const char *const expected_fields[][2] = {
    {"Content-Type", "text/plain; charset=utf-8"},
    {"ETag", "\"v1\""},
    {"Cache-Control", "max-age=60"},
    {"Vary", "Accept-Language"},
    {"Set-Cookie", "a=1"},
    {"set-cookie", ""},
};
#define FIELD_COUNT CT_COUNT_OF(expected_fields)

static void make_expected(struct ct_buf *request, struct ct_buf *vary,
                          struct ct_record *ret_record)
{
    ct_buf_part(request, CT_BYTES("GET"));
    ct_buf_part(request, CT_BYTES("https://example.com/items"));
    for (int i = 0; i < 4; i++)
        ct_buf_part(request, ct_bytes(NULL, 0));
    ct_buf_part(vary, CT_BYTES("accept-language"));
    ct_buf_part(vary, CT_BYTES("en"));
    *ret_record = (struct ct_record){
        .request = ct_buf_view(request),
        .vary = ct_buf_view(vary),
        .has_credential = true,
        .status = 200,
        .stored_at_ms = INT64_C(1767225600000),
        .requested_at_ms = INT64_C(1767225600250),
        .received_at_ms = INT64_C(1767225600300),
        .sealed_at_ms = INT64_C(1767225600310),
        .circumstances = CT_STORED_TLS_VERIFIED | CT_STORED_HTTPS,
    };
    for (unsigned i = 0; i < CACHET_NAME_SIZE; i++)
        ret_record->credential.bytes[i] = (unsigned char) i;
}

static void test_encode(const struct ct_record *expected, cachet_bytes golden)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(4096);
    cachet_field fields[FIELD_COUNT];

    for (size_t i = 0; i < FIELD_COUNT; i++)
        fields[i] = cachet_field_of(expected_fields[i][0], expected_fields[i][1]);
    CHECK(ct_record_encode(expected, fields, FIELD_COUNT, &buf, NULL) == CACHET_OK &&
              ct_bytes_equal(ct_buf_view(&buf), golden),
          "the facts encode to the golden file");
}

static void test_decode(const struct ct_record *expected, cachet_bytes golden)
{
    struct ct_record record;
    cachet_field fields[FIELD_COUNT];

    CHECK(ct_record_decode(golden, &record, NULL) == CACHET_OK, "the golden file decodes");
    CHECK(ct_bytes_equal(record.request, expected->request), "request");
    CHECK(ct_bytes_equal(record.vary, expected->vary), "vary");
    CHECK(record.has_credential &&
              memcmp(&record.credential, &expected->credential, sizeof record.credential) == 0,
          "credential");
    CHECK(record.status == 200, "status");
    CHECK(record.stored_at_ms == expected->stored_at_ms, "stored at");
    CHECK(record.requested_at_ms == expected->requested_at_ms, "requested at");
    CHECK(record.received_at_ms == expected->received_at_ms, "received at");
    CHECK(record.sealed_at_ms == expected->sealed_at_ms, "sealed at");
    CHECK(record.circumstances == expected->circumstances, "circumstances");
    CHECK(record.field_count == FIELD_COUNT, "as many fields");
    if (record.field_count != FIELD_COUNT)
        return;
    ct_record_fields(&record, fields);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        CHECK(ct_bytes_equal(fields[i].name, cachet_bytes_of(expected_fields[i][0])) &&
                  ct_bytes_equal(fields[i].value, cachet_bytes_of(expected_fields[i][1])),
              "field %s", expected_fields[i][0]);
}

/* Takes up to 16 bytes out of "00000010  00 68 ...  |..|", the offset being the right one. */
static bool read_dump_line(cachet_bytes line, struct ct_buf *buf)
{
    unsigned char offset[4], byte;

    if (line.size < 12 || !ct_hex_decode(ct_bytes_first(line, 8), offset, 4))
        return false;
    const size_t at = (size_t) offset[0] << 24 | (size_t) offset[1] << 16 |
                      (size_t) offset[2] << 8 | offset[3];
    if (at != buf->size)
        return false;
    for (size_t i = 0; i < 16; i++) {
        if (!ct_hex_decode(ct_bytes_first(ct_bytes_from(line, 10 + 3 * i), 2), &byte, 1))
            break;
        ct_buf_u8(buf, byte);
    }
    return true;
}

static void test_page(cachet_bytes page, cachet_bytes golden)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(4096);
    size_t line_count = 0;

    while (page.size > 0) {
        const size_t end = ct_bytes_find(page, '\n');
        line_count += read_dump_line(ct_bytes_first(page, end), &buf);
        page = ct_bytes_from(page, end + 1);
    }
    CHECK(line_count == 24 && ct_bytes_equal(ct_buf_view(&buf), golden),
          "the page shows the golden file");
}

static void read_file(const char *path, struct ct_buf *buf)
{
    CLEANUP(ct_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    cachet_error err = {0};

    CHECK(ct_fd_read_all(fd, buf, &err) == CACHET_OK, "read %s%s", path, err.message);
}

int main(int argc, char **argv)
{
    CLEANUP(ct_buf_fini) struct ct_buf golden = ct_buf_with_ceiling(4096);
    CLEANUP(ct_buf_fini) struct ct_buf page = ct_buf_with_ceiling(1 << 20);
    CLEANUP(ct_buf_fini) struct ct_buf request = ct_buf_with_ceiling(4096);
    CLEANUP(ct_buf_fini) struct ct_buf vary = ct_buf_with_ceiling(4096);
    struct ct_record expected;

    if (argc != 3) {
        printf("Bail out! usage: %s GOLDEN PAGE\n", argv[0]);
        return 1;
    }
    read_file(argv[1], &golden);
    read_file(argv[2], &page);
    make_expected(&request, &vary, &expected);
    test_encode(&expected, ct_buf_view(&golden));
    test_decode(&expected, ct_buf_view(&golden));
    test_page(ct_buf_view(&page), ct_buf_view(&golden));
    return tap_done();
}
