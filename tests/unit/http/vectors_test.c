/* SPDX-License-Identifier: MIT */
/* Runs the rows of tests/vectors, whose first file says what they are made of. */
#include "base/buf.h"
#include "base/file.h"
#include "http/conditional.h"
#include "http/date.h"
#include "http/policy.h"
#include "http/range.h"
#include "http/validate.h"

#include <fcntl.h>

#include "lines.h"
#include "tap.h"

#define RECEIVED_S INT64_C(1700000000)
#define FILE_MAX (1u << 20)
#define COLUMNS 6u
#define TARGETS_MAX 4u
#define URL "https://a.example/dir/page?q"

/* One row, made ready to be asked. */
struct row {
    struct ct_policy_settings settings;
    struct ct_request_facts request;
    struct ct_response_facts response;
    int64_t now_ms;
    cachet_bytes targets[TARGETS_MAX];
    struct lines request_lines;
    struct lines response_lines;
    bool is_wrong; /* it says something that is not understood */
};

/* A number with an optional sign. */
static int64_t number_of(cachet_bytes text, bool *is_wrong)
{
    const bool is_signed = text.size > 0 && (text.data[0] == '-' || text.data[0] == '+');
    const bool is_minus = is_signed && text.data[0] == '-';
    uint64_t number = 0;

    if (!ct_bytes_to_u64(ct_bytes_from(text, is_signed), INT64_MAX, &number))
        *is_wrong = true;
    return is_minus ? -(int64_t) number : (int64_t) number;
}

/* Cuts off what stands before `separator`, and the separator. */
static cachet_bytes cut(cachet_bytes *text, const char *separator)
{
    const cachet_bytes mark = cachet_bytes_of(separator);
    size_t at = 0;

    while (at < text->size &&
           !ct_bytes_equal(ct_bytes_first(ct_bytes_from(*text, at), mark.size), mark))
        at++;
    const cachet_bytes before = ct_bytes_first(*text, at);
    *text = ct_bytes_from(*text, at + mark.size);
    return before;
}

/* Dates for {T+N}, and a line for each " ;; ". */
static void expand(cachet_bytes text, struct ct_buf *buf, bool *is_wrong)
{
    char date[CT_HTTP_DATE_SIZE];

    while (text.size > 0) {
        cachet_bytes part = cut(&text, ";;");
        part = ct_bytes_trim(part);
        while (part.size > 0) {
            ct_buf_append(buf, cut(&part, "{T"));
            if (part.size == 0)
                break;
            const cachet_bytes offset = cut(&part, "}");
            const int64_t seconds = offset.size > 0 ? number_of(offset, is_wrong) : 0;
            ct_http_date_format(RECEIVED_S + seconds, date);
            ct_buf_text(buf, date);
        }
        ct_buf_text(buf, "\n");
    }
}

static void add_target(struct row *row, cachet_bytes name)
{
    if (row->settings.target_count == TARGETS_MAX || name.size == 0)
        row->is_wrong = true;
    else
        row->targets[row->settings.target_count++] = name;
    row->settings.targets = row->targets;
}

static void read_cache(struct row *row, cachet_bytes words)
{
    while (words.size > 0) {
        cachet_bytes word = cut(&words, " ");
        if (is_text(ct_bytes_first(word, 7), "target=")) {
            add_target(row, ct_bytes_from(word, 7));
            continue;
        }
        if (is_text(word, "shared"))
            row->settings.is_shared = true;
        else if (is_text(word, "no-heuristics"))
            row->settings.no_heuristics = true;
        else if (is_text(word, "serves-stale"))
            row->settings.serves_stale = true;
        else if (is_text(word, "keeps-partial"))
            row->settings.keeps_partial = true;
        else if (is_text(word, "refresh"))
            row->request.refresh = true;
        else if (is_text(word, "force-refresh"))
            row->request.force_refresh = true;
        else if (is_text(word, "only-if-cached"))
            row->request.only_if_cached = true;
        else if (!is_text(word, "private"))
            row->is_wrong = true;
    }
}

static void read_at(struct row *row, cachet_bytes words)
{
    row->response.received_at_ms = row->response.requested_at_ms = row->now_ms =
        RECEIVED_S * 1000;
    while (words.size > 0 && !is_text(words, "-")) {
        cachet_bytes word = cut(&words, " ");
        const cachet_bytes name = cut(&word, "=");
        const int64_t number = number_of(word, &row->is_wrong);
        if (is_text(name, "after"))
            row->now_ms += number * 1000;
        else if (is_text(name, "after_ms"))
            row->now_ms += number;
        else if (is_text(name, "delay_ms"))
            row->response.requested_at_ms -= number;
        else
            row->is_wrong = true;
    }
}

static void ask_lifetime(struct row *row, int64_t number, struct ct_buf *buf)
{
    (void) number;
    ct_buf_format(buf, "%lld",
                  (long long) ct_policy_lifetime_s(&row->settings, &row->response));
}

static void ask_age(struct row *row, int64_t number, struct ct_buf *buf)
{
    (void) number;
    ct_buf_format(buf, "%lld", (long long) ct_policy_age_s(&row->response, row->now_ms));
}

static void ask_look_up(struct row *row, int64_t number, struct ct_buf *buf)
{
    enum ct_reason reason = CT_REASON_FRESH;

    (void) number;
    ct_buf_text(buf,
                ct_policy_may_look_up(&row->request, &reason) ? "yes" : ct_reason_word(reason));
}

static void ask_decide(struct row *row, int64_t number, struct ct_buf *buf)
{
    static const char *const words[] = {"serve", "revalidate", "fetch", "refuse",
                                        "serve-stale"};
    const struct ct_decision decision =
        ct_policy_decide(&row->settings, &row->request, &row->response, row->now_ms);

    (void) number;
    ct_buf_format(buf, "%s/%s", words[decision.action], ct_reason_word(decision.reason));
}

static void ask_store(struct row *row, int64_t number, struct ct_buf *buf)
{
    enum ct_reason reason = CT_REASON_FRESH;
    const bool may =
        ct_policy_may_store(&row->settings, &row->request, &row->response, &reason);

    (void) number;
    row->is_wrong = row->is_wrong || may != (reason == CT_REASON_STORABLE);
    ct_buf_text(buf, ct_reason_word(reason));
}

static void ask_store_for_get(struct row *row, int64_t number, struct ct_buf *buf)
{
    CLEANUP(ct_buf_fini) struct ct_buf text = ct_buf_with_ceiling(CT_URL_MAX);
    CLEANUP(ct_buf_fini) struct ct_buf scratch = ct_buf_with_ceiling(CT_URL_MAX);
    enum ct_reason reason = CT_REASON_FRESH;
    cachet_bytes userinfo;
    struct ct_url url;

    (void) number;
    const bool is_url =
        ct_url_normalise(CT_BYTES(URL), &text, &url, &userinfo, NULL) == CACHET_OK;
    const bool may =
        is_url && ct_policy_may_store_for_get(&row->settings, &row->request, &row->response,
                                              &url, &scratch, &reason);
    row->is_wrong = row->is_wrong || !is_url || may != (reason == CT_REASON_STORABLE);
    ct_buf_text(buf, ct_reason_word(reason));
}

static void ask_on_error(struct row *row, int64_t number, struct ct_buf *buf)
{
    enum ct_reason reason = CT_REASON_FRESH;
    const bool may = ct_policy_may_serve_on_error(&row->settings, &row->request, &row->response,
                                                  (int) number, row->now_ms, &reason);

    ct_buf_format(buf, "%s/%s", may ? "serve" : "no", ct_reason_word(reason));
}

static void ask_conditional(struct row *row, int64_t number, struct ct_buf *buf)
{
    static const char *const words[] = {"none", "not-modified", "pass"};

    (void) number;
    ct_buf_text(buf, words[ct_conditional_evaluate(&row->request, &row->response)]);
}

static void ask_for_all(struct row *row, int64_t number, struct ct_buf *buf)
{
    (void) number;
    ct_buf_text(buf,
                ct_policy_is_for_all(&row->settings, &row->response.fields) ? "yes" : "no");
}

static void tell_ranges(enum ct_range_answer answer, const struct ct_ranges *ranges,
                        struct ct_buf *buf)
{
    static const char *const words[] = {"whole", "", "unsatisfiable", "missing"};

    ct_buf_text(buf, words[answer]);
    for (size_t i = 0; answer == CT_RANGE_PARTS && i < ranges->count; i++)
        ct_buf_format(buf, "%s%llu-%llu", i > 0 ? "," : "",
                      (unsigned long long) ranges->at[i].first,
                      (unsigned long long) ranges->at[i].last);
}

/* Of a complete response of so many bytes. */
static void ask_range(struct row *row, int64_t number, struct ct_buf *buf)
{
    struct ct_ranges ranges;

    tell_ranges(ct_range_resolve(&row->request.fields, (uint64_t) number, &ranges), &ranges,
                buf);
}

/* Of the part that the response's Content-Range says it is. */
static void ask_part(struct row *row, int64_t number, struct ct_buf *buf)
{
    struct ct_ranges ranges;
    struct ct_span span;

    (void) number;
    if (!ct_content_range_read(&row->response.fields, &span))
        ct_buf_text(buf, "bad");
    else
        tell_ranges(ct_range_resolve_part(&row->request.fields, &span, &ranges), &ranges, buf);
}

static void ask_if_range(struct row *row, int64_t number, struct ct_buf *buf)
{
    (void) number;
    ct_buf_text(buf,
                ct_if_range_holds(&row->request.fields, &row->response.fields) ? "yes" : "no");
}

/* A question that ends in '-' has a number behind it. */
static const struct {
    const char *name;
    void (*ask)(struct row *row, int64_t number, struct ct_buf *buf);
} questions[] = {
    {"lifetime", ask_lifetime},  {"age", ask_age},
    {"look-up", ask_look_up},    {"decide", ask_decide},
    {"store", ask_store},        {"store-for-get", ask_store_for_get},
    {"on-error-", ask_on_error}, {"conditional", ask_conditional},
    {"for-all", ask_for_all},    {"range-", ask_range},
    {"part", ask_part},          {"if-range", ask_if_range},
};

/* What the library answers to the question `name`. */
static void answer(struct row *row, cachet_bytes name, struct ct_buf *buf)
{
    for (size_t i = 0; i < CT_COUNT_OF(questions); i++) {
        const cachet_bytes known = cachet_bytes_of(questions[i].name);
        const bool has_number = known.data[known.size - 1] == '-';
        if (!ct_bytes_equal(has_number ? ct_bytes_first(name, known.size) : name, known))
            continue;
        const cachet_bytes digits = ct_bytes_from(name, known.size);
        questions[i].ask(row, has_number ? number_of(digits, &row->is_wrong) : 0, buf);
        return;
    }
    row->is_wrong = true;
}

static void check_outcomes(struct row *row, cachet_bytes line, cachet_bytes outcomes)
{
    while (outcomes.size > 0) {
        CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(256);
        cachet_bytes wanted = cut(&outcomes, " ");
        const cachet_bytes name = cut(&wanted, "=");
        answer(row, name, &buf);
        CHECK(!row->is_wrong && ct_bytes_equal(ct_buf_view(&buf), wanted), "%.*s (is %.*s)",
              (int) line.size, line.data, (int) buf.size, buf.data);
    }
}

static void run_row(cachet_bytes line)
{
    CLEANUP(ct_buf_fini) struct ct_buf request = ct_buf_with_ceiling(FILE_MAX);
    CLEANUP(ct_buf_fini) struct ct_buf response = ct_buf_with_ceiling(FILE_MAX);
    struct row row = {0};
    cachet_bytes rest = line, columns[COLUMNS] = {0};

    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = ct_bytes_trim(cut(&rest, " | "));
    row.is_wrong = rest.size > 0 || columns[0].size == 0 || columns[COLUMNS - 1].size == 0;
    read_cache(&row, columns[1]);
    expand(columns[2], &request, &row.is_wrong);
    expand(columns[3], &response, &row.is_wrong);
    read_at(&row, columns[4]);

    cachet_bytes asked = ct_buf_view(&request), told = ct_buf_view(&response);
    row.request.method = cut(&asked, "\n");
    row.request.fields = lines_of(&row.request_lines, asked);
    row.response.status = (int) number_of(cut(&told, "\n"), &row.is_wrong);
    row.response.fields = lines_of(&row.response_lines, told);
    check_outcomes(&row, line, columns[COLUMNS - 1]);
}

static void run_file(const char *path)
{
    CLEANUP(ct_buf_fini) struct ct_buf buf = ct_buf_with_ceiling(FILE_MAX);
    CLEANUP(ct_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    const int before = tap_count;

    const bool is_read = fd >= 0 && ct_fd_read_all(fd, &buf, NULL) == CACHET_OK;
    cachet_bytes text = ct_buf_view(&buf);
    while (is_read && text.size > 0) {
        const cachet_bytes line = cut(&text, "\n");
        if (line.size > 0 && line.data[0] != '#')
            run_row(line);
    }
    CHECK(tap_count > before, "%s has rows", path);
}

int main(int count, char **arguments)
{
    for (int i = 1; i < count; i++)
        run_file(arguments[i]);
    CHECK(count > 1, "there are files of vectors");
    return tap_done();
}
