/* SPDX-License-Identifier: MIT */
#include "http/date.h"

#include "tap.h"

#define NOW INT64_C(1700000000) /* 14 Nov 2023 22:13:20 */
#define WRONG INT64_MIN

/* RFC 9110 5.6.7; words in any case by RFC 9111 4.2. */
static const struct {
    const char *text;
    int64_t time_s;
} rows[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
    {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
    {"Sun Nov  6 08:49:37 1994", 784111777},
    {"sUN, 06 nOV 1994 08:49:37 gmt", 784111777},
    {"SUNDAY, 06-NOV-94 08:49:37 gMt", 784111777},
    {"sun nov  6 08:49:37 1994", 784111777},
    {"Sun Nov 16 08:49:37 1994", 784975777},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
    {"Mon, 01 Jan 0001 00:00:00 GMT", INT64_C(-62135596800)},
    {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(253402300799)},
    {"Tue, 29 Feb 2000 12:00:00 GMT", 951825600},
    {"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800},
    {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228799}, /* rounded down: RFC 9111 4.2 */
    {"Mon, 06 Nov 1994 08:49:37 GMT", 784111777},  /* a weekday that does not fit */
    /* Two digits: the year that is not over 50 years ahead of November 2023. */
    {"Monday, 13-Nov-73 00:00:00 GMT", INT64_C(3277756800)},
    {"Monday, 14-Nov-73 22:13:20 GMT", INT64_C(3277923200)},
    {"Monday, 14-Nov-73 22:13:21 GMT", 122163201},
    {"Monday, 15-Nov-73 00:00:00 GMT", 122169600},
    {"Monday, 01-Jan-74 00:00:00 GMT", 126230400},
    {"Monday, 01-Jan-99 00:00:00 GMT", 915148800},
    {"Monday, 01-Jan-00 00:00:00 GMT", 946684800},
    {"Monday, 01-Jan-23 00:00:00 GMT", 1672531200},
    {"Monday, 29-Feb-72 00:00:00 GMT", INT64_C(3223929600)},
    {"", WRONG},
    {"0", WRONG},
    {"-1", WRONG},
    {"Sun", WRONG},
    {"Sun,", WRONG},
    {"Sun, 06 Nov 1994 08:49:37", WRONG},
    {"Sun, 06 Nov 1994 08:49:37 UTC", WRONG},
    {"Sun, 06 Nov 1994 08:49:37 AEST", WRONG},
    {"Sun, 06 Nov 1994 08:49:37 +0000", WRONG},
    {"Sun, 06 Nov 1994 08:49:37 GMT ", WRONG},
    {" Sun, 06 Nov 1994 08:49:37 GMT", WRONG},
    {"Sun, 06 Nov 1994 08:49:37 GMT; x", WRONG},
    {"Sun 06 Nov 1994 08:49:37 GMT", WRONG},
    {"Sun,06 Nov 1994 08:49:37 GMT", WRONG},
    {"Sun , 06 Nov 1994 08:49:37 GMT", WRONG},
    {"Sun, 6 Nov 1994 08:49:37 GMT", WRONG},
    {"Sun, 06 Nov 94 08:49:37 GMT", WRONG},
    {"Sun, 06  Nov  1994 08:49:37 GMT", WRONG},
    {"Sun, 06-Nov-1994 08:49:37 GMT", WRONG},
    {"Sun, 06 Nov 1994 8:49:37 GMT", WRONG},
    {"Sun, 06 Nov 1994 08.49.37 GMT", WRONG},
    {"Sun, 06 Nov 1994 08:49 GMT", WRONG},
    {"Sun, 06 November 1994 08:49:37 GMT", WRONG},
    {"Sunday, 06 Nov 1994 08:49:37 GMT", WRONG},
    {"Sun, 06-Nov-94 08:49:37 GMT", WRONG},
    {"Sunday, 06-Nov-1994 08:49:37 GMT", WRONG},
    {"Xyz, 06 Nov 1994 08:49:37 GMT", WRONG},
    {"Sun, 06 Xyz 1994 08:49:37 GMT", WRONG},
    {"Sun, 00 Nov 1994 08:49:37 GMT", WRONG},
    {"Sun, 31 Nov 1994 08:49:37 GMT", WRONG},
    {"Thu, 29 Feb 2023 00:00:00 GMT", WRONG},
    {"Thu, 29 Feb 1900 00:00:00 GMT", WRONG},
    {"Monday, 29-Feb-73 00:00:00 GMT", WRONG},
    {"Sun, 06 Nov 1994 0x:00:00 GMT", WRONG},
    {"Sun, 06 Nov 1994 00:-1:00 GMT", WRONG},
    {"Sun, 06 Nov 1994 00:00: 0 GMT", WRONG},
    {"Sun, 06 Nov 1994 24:00:00 GMT", WRONG},
    {"Sun, 06 Nov 1994 08:60:00 GMT", WRONG},
    {"Sun, 06 Nov 1994 08:49:61 GMT", WRONG},
    {"Sun, 06 Nov 0000 08:49:37 GMT", WRONG},
    {"Sun, -6 Nov 1994 08:49:37 GMT", WRONG},
    {"Sun, 06 Nov +994 08:49:37 GMT", WRONG},
    {"Sun Nov 6 08:49:37 1994", WRONG},
    {"Sun Nov  16 08:49:37 1994", WRONG},
    {"Sun Nov 06 08:49:37 1994 GMT", WRONG},
    {"Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", WRONG},
};

static void test_parse(void)
{
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        int64_t time_s = WRONG;
        const bool is_date = ct_http_date_parse(cachet_bytes_of(rows[i].text), NOW, &time_s);
        CHECK(time_s == rows[i].time_s && is_date == (rows[i].time_s != WRONG), "'%s' is %lld",
              rows[i].text, (long long) time_s);
    }
}

static void test_two_digits_anywhere(void)
{
    static const int64_t nows[] = {INT64_MIN, INT64_MAX, INT64_C(-62135596800),
                                   INT64_C(253402300799), 0};

    for (size_t i = 0; i < CT_COUNT_OF(nows); i++) {
        int64_t time_s = 0;
        const bool is_date =
            ct_http_date_parse(CT_BYTES("Monday, 01-Jan-50 00:00:00 GMT"), nows[i], &time_s);
        char text[CT_HTTP_DATE_SIZE];
        ct_http_date_format(time_s, text);
        CHECK(!is_date || (text[14] == '5' && text[15] == '0'),
              "two digits in the year of %lld", (long long) nows[i]);
    }
}

static void check_format(int64_t time_s, const char *wanted)
{
    char text[CT_HTTP_DATE_SIZE];

    ct_http_date_format(time_s, text);
    CHECK(strcmp(text, wanted) == 0, "%lld is '%s'", (long long) time_s, text);
}

static void test_format(void)
{
    check_format(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
    check_format(0, "Thu, 01 Jan 1970 00:00:00 GMT");
    check_format(-1, "Wed, 31 Dec 1969 23:59:59 GMT");
    check_format(951782400, "Tue, 29 Feb 2000 00:00:00 GMT");
    check_format(INT64_C(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
    check_format(INT64_MIN, "Mon, 01 Jan 0001 00:00:00 GMT");
    check_format(INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT");
}

/* Every 1009th hour of five thousand years there and back. */
static void test_round_trip(void)
{
    size_t wrong = 0;

    for (int64_t time_s = INT64_C(-62135596800); time_s < INT64_C(99999999999);
         time_s += INT64_C(3632400) + 1) {
        char text[CT_HTTP_DATE_SIZE];
        int64_t back = WRONG;
        ct_http_date_format(time_s, text);
        wrong += !ct_http_date_parse(cachet_bytes_of(text), NOW, &back) || back != time_s;
    }
    CHECK(wrong == 0, "what is formatted parses to the same");
}

int main(void)
{
    test_parse();
    test_two_digits_anywhere();
    test_format();
    test_round_trip();
    return tap_done();
}
