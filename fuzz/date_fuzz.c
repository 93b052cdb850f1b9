/* SPDX-License-Identifier: MIT */
/* 8 bytes of a time, then text: as a date, and the time there and back. */
#include <stdlib.h>

#include "base/buf.h"
#include "http/date.h"

#define FIRST_S INT64_C(-62135596800)
#define LAST_S INT64_C(253402300799)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_round_trip(int64_t time_s, int64_t now_s)
{
    const int64_t wanted = time_s < FIRST_S ? FIRST_S : time_s > LAST_S ? LAST_S : time_s;
    char text[CT_HTTP_DATE_SIZE];
    int64_t back = 0;

    ct_http_date_format(time_s, text);
    must(strlen(text) == CT_HTTP_DATE_SIZE - 1);
    must(ct_http_date_parse(cachet_bytes_of(text), now_s, &back) && back == wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ct_reader reader = ct_reader_over(ct_bytes(data, size));
    const int64_t now_s = (int64_t) ct_read_u64le(&reader);
    int64_t time_s = 0;

    if (reader.is_short)
        return 0;
    if (ct_http_date_parse(reader.rest, now_s, &time_s)) {
        must(time_s >= FIRST_S && time_s <= LAST_S);
        check_round_trip(time_s, now_s);
    }
    check_round_trip(now_s, now_s);
    return 0;
}
