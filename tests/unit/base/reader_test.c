/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "tap.h"

static const unsigned char sample[] = {0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04,
                                       0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9,
                                       0xf8, 2,    0,    0,    0,    'h',  'i'};

static void test_values(void)
{
    struct ct_reader reader = ct_reader_over(ct_bytes(sample, sizeof sample));

    CHECK(ct_read_u8(&reader) == 0x01, "u8");
    CHECK(ct_read_u16le(&reader) == 0x0203, "u16");
    CHECK(ct_read_u32le(&reader) == 0x04050607, "u32");
    CHECK(ct_read_u64le(&reader) == UINT64_C(0xf8f9fafbfcfdfeff), "u64");
    CHECK(!ct_reader_is_done(&reader), "not done yet");
    CHECK(ct_bytes_equal(ct_read_part(&reader), CT_BYTES("hi")), "part");
    CHECK(ct_reader_is_done(&reader), "done");
    CHECK(ct_read_bytes(&reader, 0).size == 0 && ct_reader_is_done(&reader),
          "nothing more can be read at the end");
    CHECK(ct_read_u8(&reader) == 0 && reader.is_short && !ct_reader_is_done(&reader),
          "something more cannot");
}

/* At every cut: zeros and empty views past it, never a byte of what is behind. */
static void test_cuts(void)
{
    for (size_t size = 0; size < sizeof sample; size++) {
        struct ct_reader reader = ct_reader_over(ct_bytes(sample, size));
        const bool has[] = {size >= 1, size >= 3, size >= 7, size >= 15};

        const bool are_right =
            (ct_read_u8(&reader) == 0x01) == has[0] &&
            (ct_read_u16le(&reader) == 0x0203) == has[1] &&
            (ct_read_u32le(&reader) == 0x04050607) == has[2] &&
            (ct_read_u64le(&reader) == UINT64_C(0xf8f9fafbfcfdfeff)) == has[3];
        const cachet_bytes part = ct_read_part(&reader);
        CHECK(are_right && part.size == 0 && reader.is_short && !ct_reader_is_done(&reader),
              "cut off after %zu bytes", size);
        CHECK(ct_read_bytes(&reader, 0).size == 0 && reader.is_short, "it stays short");
    }
}

static void test_hostile_lengths(void)
{
    static const unsigned char lengths[] = {0xff, 0xff, 0xff, 0xff, 'x'};
    struct ct_reader reader = ct_reader_over(ct_bytes(lengths, sizeof lengths));

    CHECK(ct_read_part(&reader).size == 0 && reader.is_short, "a part of 4 GiB is short");
    reader = ct_reader_over(ct_bytes(lengths, sizeof lengths));
    CHECK(ct_read_bytes(&reader, UINT64_MAX).size == 0 && reader.is_short,
          "so are 2^64 - 1 bytes");
    reader = ct_reader_over(ct_bytes(NULL, 0));
    CHECK(ct_reader_is_done(&reader) && ct_read_bytes(&reader, 0).size == 0,
          "no bytes at all are done at once");
    CHECK(ct_read_u64le(&reader) == 0 && reader.is_short, "and hold no number");
}

int main(void)
{
    test_values();
    test_cuts();
    test_hostile_lengths();
    return tap_done();
}
