/* SPDX-License-Identifier: MIT */
#include "base/random.h"

#include "base/bytes.h"
#include "tap.h"

/* getrandom may give fewer than asked for above 256 bytes, or none of the last ones. */
static void test_fills_all(void)
{
    enum { SIZE = 5000, DRAWS = 8 };
    static unsigned char bytes[SIZE], seen[SIZE];
    cachet_status status = CACHET_OK;
    size_t untouched = 0;

    for (int draw = 0; draw < DRAWS && status == CACHET_OK; draw++) {
        status = ct_random(bytes, SIZE, NULL);
        for (size_t i = 0; i < SIZE; i++)
            seen[i] |= bytes[i];
    }
    for (size_t i = 0; i < SIZE; i++)
        untouched += seen[i] == 0;
    /* A byte stays zero in all 8 draws once in 2^64. */
    CHECK(status == CACHET_OK && untouched == 0, "every byte is drawn");
}

int main(void)
{
    unsigned char a[32] = {0}, b[32] = {0};
    unsigned char around[4] = {1, 0, 0, 2};

    CHECK(ct_random(a, sizeof a, NULL) == CACHET_OK &&
              ct_random(b, sizeof b, NULL) == CACHET_OK,
          "drawn twice");
    CHECK(!ct_bytes_equal(ct_bytes(a, sizeof a), ct_bytes(b, sizeof b)), "never the same");
    CHECK(ct_random(around + 1, 2, NULL) == CACHET_OK && around[0] == 1 && around[3] == 2,
          "only what was asked for is written");
    CHECK(ct_random(around, 0, NULL) == CACHET_OK && around[0] == 1, "nothing asked for");
    test_fills_all();
    return tap_done();
}
