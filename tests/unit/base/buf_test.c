/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdint.h>

#include "base/mem.h"
#include "fail_sweep.h"
#include "tap.h"

static bool holds(const struct ct_buf *buf, cachet_bytes expected)
{
    return buf->status == CACHET_OK && ct_bytes_equal(ct_buf_view(buf), expected);
}

static void test_writers(void)
{
    static const unsigned char expected[] = {0x01, 0x02, 0x03, 0x07, 0x06, 0x05, 0x04, 0x0f,
                                             0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 0x09, 0x08, 2,
                                             0,    0,    0,    'h',  'i',  'a',  '=',  '7'};
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(1000);

    ct_buf_u8(&buf, 0x01);
    ct_buf_u16le(&buf, 0x0302);
    ct_buf_u32le(&buf, 0x04050607);
    ct_buf_u64le(&buf, UINT64_C(0x08090a0b0c0d0e0f));
    ct_buf_part(&buf, CT_BYTES("hi"));
    ct_buf_format(&buf, "%c=%d", 'a', 7);
    ct_buf_append(&buf, ct_bytes(NULL, 0));
    ct_buf_text(&buf, NULL);
    ct_buf_text(&buf, "");
    CHECK(holds(&buf, ct_bytes(expected, sizeof expected)), "numbers are little-endian");
    CHECK(ct_buf_status(&buf, NULL) == CACHET_OK, "status is OK");
    ct_buf_reset(&buf);
    CHECK(holds(&buf, ct_bytes(NULL, 0)) && buf.capacity > 0, "reset keeps the memory");
    ct_buf_fini(&buf);
    CHECK(buf.data == NULL && buf.capacity == 0 && buf.ceiling == 1000,
          "fini keeps the ceiling");
    ct_buf_text(&buf, "again");
    CHECK(holds(&buf, CT_BYTES("again")), "usable after fini");
}

static void test_ceiling(void)
{
    for (size_t ceiling = 0; ceiling < 600; ceiling += 37) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(ceiling);
        cachet_error err = {0};

        for (size_t i = 0; i < ceiling; i++)
            ct_buf_u8(&buf, (uint8_t) i);
        const bool fits = ct_buf_status(&buf, NULL) == CACHET_OK && buf.size == ceiling;
        const char *const text = ct_buf_c_string(&buf);
        CHECK(fits && text != NULL && text[ceiling] == '\0' && buf.size == ceiling,
              "%zu bytes and a NUL fit under a ceiling of as many", ceiling);
        ct_buf_u8(&buf, 1);
        CHECK(ct_buf_status(&buf, &err) == CACHET_E_TOO_LARGE && buf.size == ceiling &&
                  err.status == CACHET_E_TOO_LARGE && buf.capacity <= ceiling,
              "one more does not: %s", err.message);
        ct_buf_append(&buf, ct_bytes(NULL, 0));
        CHECK(ct_buf_c_string(&buf) == NULL, "and the failure sticks");
    }
}

static void test_format_fits_exactly(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(5);

    ct_buf_format(&buf, "%s", "12345");
    CHECK(holds(&buf, CT_BYTES("12345")), "formatted text fits under a ceiling of its size");
    ct_buf_format(&buf, "%s", "");
    CHECK(holds(&buf, CT_BYTES("12345")), "formatting nothing takes no room");
    ct_buf_format(&buf, "%s", "6");
    CHECK(buf.status == CACHET_E_TOO_LARGE, "one more does not fit");
}

static void test_hostile_sizes(void)
{
    struct ct_buf huge = ct_buf_with_ceiling(SIZE_MAX), small = ct_buf_with_ceiling(10);

    CHECK(ct_buf_grow(&huge, SIZE_MAX) == NULL && huge.status == CACHET_E_MEMORY,
          "SIZE_MAX bytes are E_MEMORY");
    ct_buf_reset(&huge);
    ct_buf_u8(&huge, 1);
    CHECK(ct_buf_grow(&huge, SIZE_MAX) == NULL && huge.status == CACHET_E_TOO_LARGE,
          "SIZE_MAX more than one do not wrap round");
    ct_buf_append(&huge, ct_bytes("", SIZE_MAX));
    CHECK(huge.size == 1, "nothing is appended after a failure");
    ct_buf_fini(&huge);
    CHECK(ct_buf_grow(&small, SIZE_MAX) == NULL && small.status == CACHET_E_TOO_LARGE,
          "SIZE_MAX is over a small ceiling");
    ct_buf_fini(&small);
#if SIZE_MAX > UINT32_MAX
    struct ct_buf part = ct_buf_with_ceiling(SIZE_MAX);
    ct_buf_part(&part, ct_bytes("", (size_t) UINT32_MAX + 1));
    CHECK(part.status == CACHET_E_TOO_LARGE && part.size == 0, "a part's length must fit u32");
    ct_buf_fini(&part);
#endif
}

static void test_first_failure_stays(void)
{
    struct ct_buf buf = ct_buf_with_ceiling(1000);

    (void) ct_mem_fail_after(0);
    ct_buf_u8(&buf, 1);
    (void) ct_mem_fail_after(-1);
    ct_buf_append(&buf, ct_bytes("", 2000));
    CHECK(ct_buf_status(&buf, NULL) == CACHET_E_MEMORY && buf.size == 0,
          "the first failure is the one that is told");
    ct_buf_fini(&buf);
}

static void test_grow(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(100);

    CHECK(ct_buf_grow(&buf, 0) != NULL, "room for nothing is no failure");
    unsigned char *const room = ct_buf_grow(&buf, 100);
    CHECK(room != NULL && buf.size == 100, "room for all");
    CHECK(ct_buf_grow(&buf, 0) != NULL && ct_buf_grow(&buf, 1) == NULL, "and no more");
}

static void test_secret(void)
{
    struct ct_buf buf = ct_buf_secret_with_ceiling(5000);

    for (size_t i = 0; i < 5000; i++)
        ct_buf_u8(&buf, (uint8_t) i);
    bool is_whole = ct_buf_status(&buf, NULL) == CACHET_OK && buf.size == 5000;
    for (size_t i = 0; is_whole && i < 5000; i++)
        is_whole = buf.data[i] == (uint8_t) i;
    CHECK(is_whole, "a secret buffer grows");
    ct_buf_reset(&buf);
    bool is_wiped = buf.size == 0;
    for (size_t i = 0; i < 5000; i++)
        is_wiped = is_wiped && buf.data[i] == 0;
    CHECK(is_wiped, "and is wiped when it is reset");
    ct_buf_wipe(&buf);
    CHECK(buf.data == NULL && buf.is_secret && buf.ceiling == 5000, "wipe frees");
    ct_buf_wipe(&buf);
    ct_buf_fini(&buf);
    CHECK(buf.data == NULL, "wiping nothing is harmless");
}

static cachet_status fill(void *context, cachet_error *err)
{
    const bool *const is_secret = context;
    CLEANUP(ct_buf_wipe)
    struct ct_buf buf =
        *is_secret ? ct_buf_secret_with_ceiling(10000) : ct_buf_with_ceiling(10000);

    for (size_t i = 0; i < 2000; i++)
        ct_buf_u32le(&buf, (uint32_t) i);
    ct_buf_format(&buf, "%s", "text");
    if (ct_buf_c_string(&buf) == NULL)
        return ct_buf_status(&buf, err);
    return ct_buf_status(&buf, err);
}

int main(void)
{
    bool is_secret = false;

    test_writers();
    test_ceiling();
    test_format_fits_exactly();
    test_hostile_sizes();
    test_first_failure_stays();
    test_grow();
    test_secret();
    CHECK(fail_sweep("an ordinary buffer", fill, &is_secret) == 6, "it doubles");
    is_secret = true;
    CHECK(fail_sweep("a secret buffer", fill, &is_secret) == 6, "it doubles");
    return tap_done();
}
