/* SPDX-License-Identifier: MIT */
/* Runs the rows of tests/vectors, whose first file says what they are made of. */
#include "base/buf.h"
#include "base/file.h"
#include "http/date.h"
#include "http/policy.h"

#include <fcntl.h>

#include "lines.h"
#include "tap.h"

#define RECEIVED_S INT64_C(1700000000)
#define FILE_MAX (1u << 20)
#define COLUMNS 6u

/* One row, made ready to be asked. */
struct row {
    struct ct_policy_settings settings;
    struct ct_request_facts request;
    struct ct_response_facts response;
    int64_t now_ms;
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

static void read_cache(struct row *row, cachet_bytes words)
{
    while (words.size > 0) {
        const cachet_bytes word = cut(&words, " ");
        if (is_text(word, "shared"))
            row->settings.is_shared = true;
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

static const char *action_word(enum ct_action action)
{
    static const char *const words[] = {"serve", "revalidate", "fetch", "refuse"};
    return words[action];
}

/* What the library answers to the question `name`. */
static void answer(struct row *row, cachet_bytes name, struct ct_buf *buf)
{
    enum ct_reason reason = CT_REASON_FRESH;

    if (is_text(name, "lifetime")) {
        ct_buf_format(buf, "%lld",
                      (long long) ct_policy_lifetime_s(&row->settings, &row->response));
    } else if (is_text(name, "age")) {
        ct_buf_format(buf, "%lld", (long long) ct_policy_age_s(&row->response, row->now_ms));
    } else if (is_text(name, "look-up")) {
        ct_buf_text(buf, ct_policy_may_look_up(&row->request, &reason)
                             ? "yes"
                             : ct_reason_word(reason));
    } else if (is_text(name, "decide")) {
        const struct ct_decision decision =
            ct_policy_decide(&row->settings, &row->request, &row->response, row->now_ms);
        ct_buf_format(buf, "%s/%s", action_word(decision.action),
                      ct_reason_word(decision.reason));
    } else if (is_text(name, "store")) {
        const bool may =
            ct_policy_may_store(&row->settings, &row->request, &row->response, &reason);
        row->is_wrong = row->is_wrong || may != (reason == CT_REASON_STORABLE);
        ct_buf_text(buf, ct_reason_word(reason));
    } else {
        row->is_wrong = true;
    }
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
