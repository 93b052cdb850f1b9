/* SPDX-License-Identifier: MIT */
#include "session/setup.h"

#include <limits.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/error.h"
#include "session/field.h"

#define RECEIVE_SIZE (64L << 10)

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static CURLcode library_code;

static void init_library(void)
{
    library_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

cachet_status ct_setup_library(cachet_error *err)
{
    if (pthread_once(&library_once, init_library) != 0 || library_code != CURLE_OK)
        return ct_err_set(err, CACHET_E_MEMORY, "libcurl does not start: %s",
                          curl_easy_strerror(library_code));
    return CACHET_OK;
}

static const struct long_option {
    CURLoption option;
    long value;
} long_options[] = {
    {CURLOPT_NOSIGNAL, 1}, /* signals belong to the program */
    {CURLOPT_NOPROGRESS, 1},
    {CURLOPT_FOLLOWLOCATION, 0}, /* every hop is an exchange of its own */
    {CURLOPT_PATH_AS_IS, 1},     /* the URL is normalised already */
    {CURLOPT_HTTP_CONTENT_DECODING, 0},
    {CURLOPT_HTTP09_ALLOWED, 0},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1}, /* a proxy's head is not the origin's */
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
};

/* Options set one after the other; the first failure sticks. */
struct setter {
    CURL *easy;
    CURLcode code;
};

static void set_long(struct setter *setter, CURLoption option, long value)
{
    if (setter->code == CURLE_OK)
        setter->code = curl_easy_setopt(setter->easy, option, value);
}

static void set_pointer(struct setter *setter, CURLoption option, const void *value)
{
    if (setter->code == CURLE_OK)
        setter->code = curl_easy_setopt(setter->easy, option, value);
}

static void set_callbacks(struct setter *setter, const struct ct_setup *setup)
{
    CURL *const easy = setter->easy;

    if (setter->code != CURLE_OK)
        return;
    /* These cannot fail: they only store what they are given. */
    (void) curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, setup->on_head_line);
    (void) curl_easy_setopt(easy, CURLOPT_HEADERDATA, setup->context);
    (void) curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, setup->on_body);
    (void) curl_easy_setopt(easy, CURLOPT_WRITEDATA, setup->context);
    (void) curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, setup->on_send);
    (void) curl_easy_setopt(easy, CURLOPT_PREREQDATA, setup->context);
    (void) curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, setup->words);
}

static void set_tls(struct setter *setter, const struct ct_terms *terms)
{
    set_long(setter, CURLOPT_SSL_VERIFYPEER, terms->is_insecure ? 0 : 1);
    set_long(setter, CURLOPT_SSL_VERIFYHOST, terms->is_insecure ? 0 : 2);
    if (terms->ca_file == NULL)
        return;
    set_pointer(setter, CURLOPT_CAINFO, terms->ca_file);
    /* The system's folder of roots would be trusted beside it; not every TLS library has one.
     */
    (void) curl_easy_setopt(setter->easy, CURLOPT_CAPATH, NULL);
}

static bool has_method(const struct ct_call *call, const char *method)
{
    return strcmp(call->method, method) == 0;
}

static void set_body(struct setter *setter, const struct ct_call *call)
{
    if (setter->code == CURLE_OK)
        setter->code = curl_easy_setopt(setter->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                                        (curl_off_t) call->body.size);
    set_pointer(setter, call->is_body_copied ? CURLOPT_COPYPOSTFIELDS : CURLOPT_POSTFIELDS,
                call->body.size == 0 ? (const void *) "" : call->body.data);
}

static void set_method(struct setter *setter, const struct ct_call *call)
{
    /* RFC 9110 8.6: these say that their body is empty where it is. */
    const bool is_body_expected =
        has_method(call, "POST") || has_method(call, "PUT") || has_method(call, "PATCH");

    if (has_method(call, "HEAD"))
        set_long(setter, CURLOPT_NOBODY, 1);
    else if (call->body.size > 0 || is_body_expected)
        set_body(setter, call);
    else
        set_long(setter, CURLOPT_HTTPGET, 1);
    if (!has_method(call, "HEAD") && !has_method(call, "GET") && !has_method(call, "POST"))
        set_pointer(setter, CURLOPT_CUSTOMREQUEST, call->method);
    if (has_method(call, "GET") && call->body.size > 0)
        set_pointer(setter, CURLOPT_CUSTOMREQUEST, call->method);
}

static long clamp(int64_t ms)
{
    return ms < LONG_MAX ? (long) ms : LONG_MAX;
}

static cachet_status set_limits(struct setter *setter, const struct ct_terms *terms,
                                const struct ct_call *call, cachet_error *err)
{
    set_long(setter, CURLOPT_CONNECTTIMEOUT_MS, clamp(terms->connect_timeout_ms));
    if (call->deadline_ms == 0)
        return CACHET_OK;
    const int64_t left_ms = call->deadline_ms - ct_clock_monotonic_ms();
    if (left_ms <= 0)
        return ct_err_set(err, CACHET_E_TRANSFER, "no time left to ask for '%s'", call->url);
    set_long(setter, CURLOPT_TIMEOUT_MS, clamp(left_ms));
    return CACHET_OK;
}

/* What a libcurl may refuse without harm. */
static void set_wishes(CURL *easy)
{
    /* One without HTTP/2 speaks 1.1. */
    (void) curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_2TLS);
    /* 7.88 keeps the buffer of a transfer that found no address, and then takes no other. */
    (void) curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_SIZE);
}

cachet_status ct_setup_apply(const struct ct_setup *setup, CURL *easy,
                             const struct ct_terms *terms, const struct ct_call *call,
                             cachet_error *err)
{
    struct setter setter = {easy, CURLE_OK};

    for (size_t i = 0; i < CT_COUNT_OF(long_options); i++)
        set_long(&setter, long_options[i].option, long_options[i].value);
    set_pointer(&setter, CURLOPT_PROTOCOLS_STR, "http,https");
    set_pointer(&setter, CURLOPT_URL, call->url);
    set_callbacks(&setter, setup);
    set_tls(&setter, terms);
    set_method(&setter, call);
    TRY(set_limits(&setter, terms, call, err));
    set_wishes(easy);
    if (setter.code != CURLE_OK)
        return ct_err_set(
            err, setter.code == CURLE_OUT_OF_MEMORY ? CACHET_E_MEMORY : CACHET_E_UNSUPPORTED,
            "libcurl: %s", curl_easy_strerror(setter.code));
    return CACHET_OK;
}

static cachet_status add_line(struct curl_slist **lines, const char *line, cachet_error *err)
{
    struct curl_slist *const longer = line == NULL ? NULL : curl_slist_append(*lines, line);

    if (longer == NULL)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory for the request's fields");
    *lines = longer;
    return CACHET_OK;
}

static cachet_status add_field(struct curl_slist **lines, const cachet_field *field,
                               cachet_error *err)
{
    CLEANUP(ct_buf_fini) struct ct_buf line = ct_buf_with_ceiling(SIZE_MAX);

    ct_buf_append(&line, field->name);
    /* "Name;" is how libcurl is told to send an empty value; "Name:" would suppress it. */
    ct_buf_text(&line, field->value.size == 0 ? ";" : ": ");
    ct_buf_append(&line, field->value);
    return add_line(lines, ct_buf_c_string(&line), err);
}

/* libcurl's own fields are kept back: what was looked up in the cache is what is sent. */
static cachet_status suppress_missing(const struct ct_call *call, struct curl_slist **lines,
                                      cachet_error *err)
{
    static const char *const own[] = {"Accept", "Content-Type", "Expect"};
    static const char *const nothing[] = {"Accept:", "Content-Type:", "Expect:"};

    for (size_t i = 0; i < CT_COUNT_OF(own); i++)
        if (ct_field_find(call->fields, call->field_count, own[i], 0) == NULL &&
            ct_field_find(call->added, call->added_count, own[i], 0) == NULL)
            TRY(add_line(lines, nothing[i], err));
    return CACHET_OK;
}

static bool is_replaced(const struct ct_call *call, const cachet_field *field)
{
    for (size_t i = 0; i < call->added_count; i++)
        if (ct_bytes_equal_nocase(call->added[i].name, field->name))
            return true;
    return false;
}

cachet_status ct_setup_lines(const struct ct_call *call, struct curl_slist **ret_lines,
                             cachet_error *err)
{
    for (size_t i = 0; i < call->field_count; i++)
        if (!is_replaced(call, &call->fields[i]))
            TRY(add_field(ret_lines, &call->fields[i], err));
    for (size_t i = 0; i < call->added_count; i++)
        TRY(add_field(ret_lines, &call->added[i], err));
    return suppress_missing(call, ret_lines, err);
}
