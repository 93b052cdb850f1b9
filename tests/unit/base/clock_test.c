/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

#include "tap.h"

int main(void)
{
    struct timespec now = {0};
    const int64_t before = ct_clock_monotonic_ms();
    const int64_t at = ct_clock_now_ms();

    (void) clock_gettime(CLOCK_REALTIME, &now);
    const int64_t later = (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
    /* A minute of slack for a clock that is set meanwhile, and for a debugger. */
    CHECK(later - at > -60000 && later - at < 60000, "the time of day is in ms since 1970");

    bool goes_back = ct_clock_monotonic_ms() < before;
    int64_t last = before;
    for (int i = 0; i < 10000; i++) {
        const int64_t next = ct_clock_monotonic_ms();
        goes_back = goes_back || next < last;
        last = next;
    }
    CHECK(!goes_back, "the monotonic clock never goes back");
    return tap_done();
}
