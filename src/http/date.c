/* SPDX-License-Identifier: MIT */
#include "http/date.h"

#include <stdio.h>

#define DAY_S 86400
#define YEAR_MAX 9999
#define WINDOW_YEARS 50 /* RFC 9110 5.6.7: no two digit year is further ahead */

struct civil {
    int64_t year;   /* 1 to YEAR_MAX */
    int64_t month;  /* from 0 */
    int64_t day;    /* from 1 */
    int64_t second; /* of the day */
};

static const char *const short_days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", NULL};
static const char *const long_days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday",    NULL};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
                                     "Aug", "Sep", "Oct", "Nov", "Dec", NULL};

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_of_month(int64_t year, int64_t month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month] + (month == 1 && is_leap(year));
}

/* Days from the first of January of the year 1, year >= 1. */
static int64_t days_before_year(int64_t year)
{
    const int64_t past = year - 1;
    return 365 * past + past / 4 - past / 100 + past / 400;
}

static int64_t civil_to_s(const struct civil *civil)
{
    int64_t days = days_before_year(civil->year) - days_before_year(1970) + civil->day - 1;

    for (int64_t month = 0; month < civil->month; month++)
        days += days_of_month(civil->year, month);
    return days * DAY_S + civil->second;
}

static int64_t clamp_s(int64_t time_s)
{
    const int64_t first = -days_before_year(1970) * DAY_S;
    const int64_t last = first + days_before_year(YEAR_MAX + 1) * DAY_S - 1;

    return time_s < first ? first : time_s > last ? last : time_s;
}

/* `time_s` is within clamp_s. `ret_weekday` counts from Monday. */
static struct civil civil_of_s(int64_t time_s, int64_t *ret_weekday)
{
    const int64_t from_year_1 = time_s + days_before_year(1970) * DAY_S;
    int64_t days = from_year_1 / DAY_S;
    struct civil civil = {.year = days / 366 + 1, .second = from_year_1 % DAY_S};

    *ret_weekday = days % 7;
    while (days_before_year(civil.year + 1) <= days)
        civil.year++;
    days -= days_before_year(civil.year);
    while (days >= days_of_month(civil.year, civil.month))
        days -= days_of_month(civil.year, civil.month++);
    civil.day = days + 1;
    return civil;
}

/* Sticky: after the first thing that is not as it should be, nothing more is taken. */
struct scan {
    cachet_bytes rest;
    bool is_wrong;
};

/*
 * RFC 9111 4.2: a cache matches a date's words in any case, though RFC 9110 has them in one.
 */
static void take_text(struct scan *scan, const char *text)
{
    const cachet_bytes wanted = cachet_bytes_of(text);

    if (!ct_bytes_equal_nocase(ct_bytes_first(scan->rest, wanted.size), wanted))
        scan->is_wrong = true;
    scan->rest = ct_bytes_from(scan->rest, wanted.size);
}

static int64_t take_digits(struct scan *scan, size_t count)
{
    uint64_t number = 0;

    if (scan->rest.size < count ||
        !ct_bytes_to_u64(ct_bytes_first(scan->rest, count), INT32_MAX, &number))
        scan->is_wrong = true;
    scan->rest = ct_bytes_from(scan->rest, count);
    return (int64_t) number;
}

/* The index of the word of the table that stands here. */
static int64_t take_word(struct scan *scan, const char *const *table)
{
    for (int64_t i = 0; table[i] != NULL; i++) {
        const cachet_bytes word = cachet_bytes_of(table[i]);
        if (ct_bytes_equal_nocase(ct_bytes_first(scan->rest, word.size), word)) {
            scan->rest = ct_bytes_from(scan->rest, word.size);
            return i;
        }
    }
    scan->is_wrong = true;
    return 0;
}

/* A leap second is the second before it: a cache rounds down (RFC 9111 4.2). */
static int64_t take_time(struct scan *scan)
{
    const int64_t hour = take_digits(scan, 2);
    take_text(scan, ":");
    const int64_t minute = take_digits(scan, 2);
    take_text(scan, ":");
    const int64_t second = take_digits(scan, 2);

    if (hour > 23 || minute > 59 || second > 60)
        scan->is_wrong = true;
    return hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static struct civil take_fixdate(struct scan *scan)
{
    struct civil civil;

    (void) take_word(scan, short_days);
    take_text(scan, ", ");
    civil.day = take_digits(scan, 2);
    take_text(scan, " ");
    civil.month = take_word(scan, months);
    take_text(scan, " ");
    civil.year = take_digits(scan, 4);
    take_text(scan, " ");
    civil.second = take_time(scan);
    take_text(scan, " GMT");
    return civil;
}

/* Sun Nov  6 08:49:37 1994 */
static struct civil take_asctime(struct scan *scan)
{
    struct civil civil;

    (void) take_word(scan, short_days);
    take_text(scan, " ");
    civil.month = take_word(scan, months);
    take_text(scan, " ");
    const bool is_one_digit = scan->rest.size > 0 && scan->rest.data[0] == ' ';
    if (is_one_digit)
        take_text(scan, " ");
    civil.day = take_digits(scan, is_one_digit ? 1 : 2);
    take_text(scan, " ");
    civil.second = take_time(scan);
    take_text(scan, " ");
    civil.year = take_digits(scan, 4);
    return civil;
}

/* RFC 9110 5.6.7: the last year of these two digits that is not over 50 years ahead. */
static int64_t year_in_window(struct civil civil, int64_t now_s)
{
    int64_t weekday;
    const int64_t century = civil_of_s(clamp_s(now_s), &weekday).year / 100 * 100;

    for (civil.year += century + 100; civil.year > WINDOW_YEARS; civil.year -= 100) {
        struct civil earlier = civil;
        earlier.year -= WINDOW_YEARS;
        if (civil_to_s(&earlier) <= clamp_s(now_s))
            break;
    }
    return civil.year;
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static struct civil take_rfc850(struct scan *scan, int64_t now_s)
{
    struct civil civil;

    (void) take_word(scan, long_days);
    take_text(scan, ", ");
    civil.day = take_digits(scan, 2);
    take_text(scan, "-");
    civil.month = take_word(scan, months);
    take_text(scan, "-");
    civil.year = take_digits(scan, 2);
    take_text(scan, " ");
    civil.second = take_time(scan);
    take_text(scan, " GMT");
    if (!scan->is_wrong)
        civil.year = year_in_window(civil, now_s);
    return civil;
}

bool ct_http_date_parse(cachet_bytes text, int64_t now_s, int64_t *ret_time_s)
{
    struct scan scan = {text, false};
    struct civil civil;

    if (text.size > 3 && text.data[3] == ',')
        civil = take_fixdate(&scan);
    else if (text.size > 3 && text.data[3] == ' ')
        civil = take_asctime(&scan);
    else
        civil = take_rfc850(&scan, now_s);

    if (scan.is_wrong || scan.rest.size != 0 || civil.year < 1 || civil.year > YEAR_MAX)
        return false;
    if (civil.day < 1 || civil.day > days_of_month(civil.year, civil.month))
        return false;
    *ret_time_s = civil_to_s(&civil);
    return true;
}

void ct_http_date_format(int64_t time_s, char ret_text[CT_HTTP_DATE_SIZE])
{
    int64_t weekday;
    const struct civil civil = civil_of_s(clamp_s(time_s), &weekday);

    (void) snprintf(ret_text, CT_HTTP_DATE_SIZE, "%s, %02u %s %04u %02u:%02u:%02u GMT",
                    short_days[weekday], (unsigned) civil.day % 100, months[civil.month],
                    (unsigned) civil.year % 10000, (unsigned) (civil.second / 3600) % 100,
                    (unsigned) (civil.second / 60 % 60), (unsigned) (civil.second % 60));
}
