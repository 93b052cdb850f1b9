/* SPDX-License-Identifier: MIT */
/* The decoder by itself: every coding, in pieces of every size, whole, cut short, a bomb. */
#include "session/decode.h"

#include <stdlib.h>

#include "encode.h"
#include "tap.h"

#define NO_CEILING ((uint64_t) 1 << 40)

struct run {
    const char *codings;
    uint64_t ceiling;
    size_t in_step, out_step;
};

/* Decodes `coded` into `plain`, in steps. */
static cachet_status decode(const struct run *run, cachet_bytes coded, struct ct_buf *plain,
                            cachet_error *err)
{
    CLEANUP(ct_decoder_freep) struct ct_decoder *decoder = NULL;
    static unsigned char out[1 << 16];
    struct ct_flow flow = {.out = out, .room = run->out_step};

    TRY(ct_decoder_new(&decoder, run->ceiling, err));
    TRY(ct_decoder_add(decoder, cachet_bytes_of(run->codings), err));
    do {
        if (flow.in.size == 0) {
            flow.in = ct_bytes_first(coded, run->in_step);
            coded = ct_bytes_from(coded, flow.in.size);
            flow.is_last = flow.in.size == 0;
        }
        TRY(ct_decoder_run(decoder, &flow, err));
        ct_buf_append(plain, ct_bytes(out, flow.made));
    } while (flow.made > 0 || !flow.is_last);
    return ct_buf_status(plain, err);
}

/* Compressible, and long enough that no window holds all of it at once. */
static cachet_bytes sample(void)
{
    static unsigned char bytes[300000];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] =
            (unsigned char) ((unsigned char) "the same words again "[i % 21] + (i / 5000) % 7);
    return ct_bytes(bytes, sizeof bytes);
}

static const struct coding {
    const char *encoding, *codings;
} singles[] = {{"gzip", "gzip"},           {"gzip", "X-GZip"}, {"deflate", "deflate"},
               {"raw-deflate", "deflate"}, {"br", "br"},       {"zstd", "ZSTD"}};

static void test_round_trips(const struct coding *coding)
{
    static const size_t steps[] = {1, 7, 4096, 65536};
    CLEANUP(ct_buf_fini) struct ct_buf coded = ct_buf_with_ceiling(1 << 24);
    cachet_error err = {CACHET_OK, ""};
    int right = 0;

    if (!encode(coding->encoding, sample(), &coded)) {
        SKIP("no encoder here", "round trips of %s", coding->encoding);
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            CLEANUP(ct_buf_fini) struct ct_buf plain = ct_buf_with_ceiling(1 << 24);
            const struct run run = {coding->codings, NO_CEILING, steps[i], steps[j]};
            right += decode(&run, ct_buf_view(&coded), &plain, &err) == CACHET_OK &&
                     ct_bytes_equal(ct_buf_view(&plain), sample());
        }
    }
    CHECK(right == 16, "%s in steps of all sizes %s", coding->encoding, err.message);
}

static void test_damage(const struct coding *coding)
{
    CLEANUP(ct_buf_fini) struct ct_buf coded = ct_buf_with_ceiling(1 << 20);
    const cachet_bytes plain = ct_bytes_first(sample(), 2000);
    const struct run run = {coding->codings, 1 << 20, 64, 512};
    cachet_error err = {CACHET_OK, ""};
    size_t cut = 0, other = 0;

    if (!encode(coding->encoding, plain, &coded))
        return;
    for (size_t size = 1; size < coded.size; size++) {
        CLEANUP(ct_buf_fini) struct ct_buf made = ct_buf_with_ceiling(1 << 20);
        cut += decode(&run, ct_bytes(coded.data, size), &made, &err) == CACHET_E_FORMAT;
    }
    CHECK(cut == coded.size - 1, "%s cut short anywhere: %s", coding->encoding, err.message);
    for (size_t bit = 0; bit < 8 * coded.size; bit++) {
        CLEANUP(ct_buf_fini) struct ct_buf made = ct_buf_with_ceiling(2 << 20);
        coded.data[bit / 8] ^= (unsigned char) (1U << bit % 8);
        const cachet_status status = decode(&run, ct_buf_view(&coded), &made, &err);
        other +=
            status != CACHET_OK && status != CACHET_E_FORMAT && status != CACHET_E_TOO_LARGE;
        coded.data[bit / 8] ^= (unsigned char) (1U << bit % 8);
    }
    CHECK(other == 0, "%s with any bit changed ends in a named way", coding->encoding);
    ct_buf_u8(&coded, 'x');
    CLEANUP(ct_buf_fini) struct ct_buf made = ct_buf_with_ceiling(1 << 20);
    CHECK(decode(&run, ct_buf_view(&coded), &made, &err) == CACHET_E_FORMAT,
          "%s with a byte after its end: %s", coding->encoding, err.message);
}

static void test_bomb(const struct coding *coding)
{
    CLEANUP(ct_buf_fini) struct ct_buf coded = ct_buf_with_ceiling(1 << 28);
    CLEANUP(ct_buf_fini) struct ct_buf made = ct_buf_with_ceiling(1 << 22);
    CLEANUP(ct_buf_fini) struct ct_buf zeros = ct_buf_with_ceiling((size_t) 1 << 25);
    const struct run run = {coding->codings, 1 << 20, 65536, 65536};
    cachet_error err = {CACHET_OK, ""};

    memset(ct_buf_grow(&zeros, (size_t) 1 << 25), 0, (size_t) 1 << 25);
    if (!encode(coding->encoding, ct_buf_view(&zeros), &coded))
        return;
    CHECK(decode(&run, ct_buf_view(&coded), &made, &err) == CACHET_E_TOO_LARGE &&
              made.size <= 1 << 20,
          "%s: a bomb of 32 MiB in %zu bytes: %s", coding->encoding, coded.size, err.message);
}

static void test_several(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf first = ct_buf_with_ceiling(1 << 24);
    CLEANUP(ct_buf_fini) struct ct_buf second = ct_buf_with_ceiling(1 << 24);
    cachet_error err = {CACHET_OK, ""};

    if (!encode("gzip", sample(), &first) || !encode("zstd", ct_buf_view(&first), &second)) {
        SKIP("no encoder here", "several codings in a row");
        return;
    }
    for (size_t step = 1; step <= 65536; step *= 256) {
        CLEANUP(ct_buf_fini) struct ct_buf plain = ct_buf_with_ceiling(1 << 24);
        const struct run run = {" gzip ,, identity,zstd ", NO_CEILING, step, 1000};
        CHECK(decode(&run, ct_buf_view(&second), &plain, &err) == CACHET_OK &&
                  ct_bytes_equal(ct_buf_view(&plain), sample()),
              "the last one is undone first, in steps of %zu", step);
    }
    CLEANUP(ct_buf_fini) struct ct_buf plain = ct_buf_with_ceiling(1 << 24);
    const struct run wrong = {"zstd, gzip", NO_CEILING, 65536, 65536};
    CHECK(decode(&wrong, ct_buf_view(&second), &plain, &err) == CACHET_E_FORMAT,
          "in the wrong order: %s", err.message);
    const struct run cut = {"gzip, zstd", NO_CEILING, 65536, 65536};
    CHECK(decode(&cut, ct_bytes(second.data, second.size - 1), &plain, &err) == CACHET_E_FORMAT,
          "cut short: %s", err.message);
    const struct run low = {"gzip, zstd", 100, 65536, 65536};
    CHECK(decode(&low, ct_buf_view(&second), &plain, &err) == CACHET_E_TOO_LARGE,
          "the ceiling holds between the codings, too");
}

static void test_members(const char *coding)
{
    CLEANUP(ct_buf_fini) struct ct_buf coded = ct_buf_with_ceiling(1 << 20);
    cachet_error err = {CACHET_OK, ""};

    if (!encode(coding, CT_BYTES("one "), &coded) || !encode(coding, CT_BYTES("two"), &coded)) {
        SKIP("no encoder here", "members of %s", coding);
        return;
    }
    for (size_t step = 1; step < 100; step += 98) {
        CLEANUP(ct_buf_fini) struct ct_buf plain = ct_buf_with_ceiling(1 << 20);
        const struct run run = {coding, NO_CEILING, step, 100};
        CHECK(decode(&run, ct_buf_view(&coded), &plain, &err) == CACHET_OK &&
                  ct_bytes_equal(ct_buf_view(&plain), CT_BYTES("one two")),
              "%s members one after the other", coding);
    }
}

static void test_window(void)
{
    CLEANUP(ct_buf_fini) struct ct_buf coded = ct_buf_with_ceiling(1 << 20);
    CLEANUP(ct_buf_fini) struct ct_buf plain = ct_buf_with_ceiling(1 << 20);
    const struct run run = {"zstd", NO_CEILING, 65536, 65536};
    cachet_error err = {CACHET_OK, ""};

    if (!encode("zstd-wide", CT_BYTES("a wide window"), &coded)) {
        SKIP("no encoder here", "a window of zstd");
        return;
    }
    CHECK(decode(&run, ct_buf_view(&coded), &plain, &err) == CACHET_E_FORMAT,
          "a window over 8 MB: %s", err.message);
}

static bool is_needed(const char *codings, cachet_status *ret_status)
{
    CLEANUP(ct_decoder_freep) struct ct_decoder *decoder = NULL;

    *ret_status = ct_decoder_new(&decoder, 1, NULL);
    if (*ret_status == CACHET_OK)
        *ret_status = ct_decoder_add(decoder, cachet_bytes_of(codings), NULL);
    return *ret_status == CACHET_OK && ct_decoder_is_needed(decoder);
}

static void test_need(void)
{
    cachet_status status = CACHET_OK;

    CHECK(!is_needed("", &status) && !is_needed("identity", &status), "nothing to undo");
    CHECK(!is_needed("rot13", &status) && status == CACHET_OK, "an unknown coding");
    CHECK(!is_needed("gzip, rot13", &status) && !is_needed("rot13, gzip", &status),
          "one among known ones");
    CHECK(ct_decode_accepts() == NULL || is_needed(ct_decode_accepts(), &status),
          "what is accepted is known: %s", ct_decode_accepts());
    CHECK(!is_needed("gzip,gzip,gzip,gzip,gzip", &status) && status == CACHET_E_FORMAT,
          "too many");
}

int main(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(singles); i++) {
        test_round_trips(&singles[i]);
        test_damage(&singles[i]);
        test_bomb(&singles[i]);
    }
    test_several();
    test_members("gzip");
    test_members("zstd");
    test_window();
    test_need();

    CLEANUP(ct_buf_fini) struct ct_buf plain = ct_buf_with_ceiling(1 << 20);
    const struct run empty = {"gzip", NO_CEILING, 10, 10};
    CHECK(decode(&empty, ct_bytes(NULL, 0), &plain, NULL) == CACHET_OK && plain.size == 0,
          "an empty body is empty");
    return tap_done();
}
