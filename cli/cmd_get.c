/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/json.h"
#include "cli/memory.h"
#include "cli/open.h"
#include "cli/output.h"

#include <strings.h>

struct get_values {
    bool with_head;
    const char *output;
    const char *method;
    struct cli_list fields;
    struct cli_list data;
    uint32_t session_flags;
    uint32_t request_flags;
    const char *ca_file;
    struct cli_duration max_time;
    bool fails_on_error;
};

static const struct cli_option options[] = {
    {"include", NULL, "print status and fields before the body",
     offsetof(struct get_values, with_head), CLI_FLAG, 0, 'i'},
    {"output", "FILE", "write the body there, once every byte of it was checked",
     offsetof(struct get_values, output), CLI_TEXT, 0, 'o'},
    {"request", "METHOD", "another method than GET", offsetof(struct get_values, method),
     CLI_TEXT, 0, 'X'},
    {"header", "'Name: value'", "send this field; may be given often",
     offsetof(struct get_values, fields), CLI_LIST, 0, 'H'},
    {"data", "DATA", "send this body, as it stands; POST unless -X says otherwise",
     offsetof(struct get_values, data), CLI_LIST, 0, 'd'},
    {"compressed", NULL, "ask for a compressed body and decompress it",
     offsetof(struct get_values, session_flags), CLI_BITS, CACHET_DECODE, 0},
    {"no-location", NULL, "print a redirect instead of following it",
     offsetof(struct get_values, request_flags), CLI_BITS, CACHET_NO_FOLLOW, 0},
    {"insecure", NULL, "do not verify TLS; such entries are kept apart",
     offsetof(struct get_values, session_flags), CLI_BITS, CACHET_INSECURE, 0},
    {"cacert", "FILE", "trust only the roots in this PEM file",
     offsetof(struct get_values, ca_file), CLI_TEXT, 0, 0},
    {"max-time", "D", "give up after so long", offsetof(struct get_values, max_time),
     CLI_DURATION, 0, 0},
    {"refresh", NULL, "ask the origin even if what is stored is fresh",
     offsetof(struct get_values, request_flags), CLI_BITS, CACHET_REFRESH, 0},
    {"force-refresh", NULL, "do not look at what is stored, replace it",
     offsetof(struct get_values, request_flags), CLI_BITS, CACHET_FORCE_REFRESH, 0},
    {"only-if-cached", NULL, "never ask the origin: exit 4 if it is not cached",
     offsetof(struct get_values, request_flags), CLI_BITS, CACHET_ONLY_IF_CACHED, 0},
    {"fail", NULL, "no body and exit 22 if the status is 400 or above",
     offsetof(struct get_values, fails_on_error), CLI_FLAG, 0, 0},
    {0},
};

static const char notes[] =
    "Several URLs are fetched one after the other; the exit code is the worst one.\n"
    "DATA is sent as it stands ('@' means nothing), as application/x-www-form-urlencoded\n"
    "unless -H gives a Content-Type. With --json the facts about each response follow its\n"
    "body, one object a line, on standard error.\n";

/* One run of get: what all its URLs share. */
struct get {
    const struct cli *cli;
    const struct get_values *values;
    cachet_session *session;
    cachet_field *fields;
    size_t field_count;
};

static cachet_status parse_field(const char *text, cachet_field *ret_field, cachet_error *err)
{
    static const char blanks[] = " \t";
    const char *const colon = strchr(text, ':');

    /* What follows the first word may be a credential. */
    if (colon == NULL || colon == text)
        return cli_fail(err, CACHET_E_USAGE, "'%.*s%s' is no field: write 'Name: value'",
                        (int) strcspn(text, blanks), text,
                        text[strcspn(text, blanks)] == '\0' ? "" : " ...");
    const char *const value = colon + 1 + strspn(colon + 1, blanks);
    ret_field->name = (cachet_bytes){(const unsigned char *) text, (size_t) (colon - text)};
    ret_field->value = cachet_bytes_of(value);
    while (ret_field->value.size > 0 &&
           strchr(blanks, value[ret_field->value.size - 1]) != NULL)
        ret_field->value.size--;
    return CACHET_OK;
}

static bool has_content_type(const struct get *get)
{
    static const char name[] = "content-type";

    for (size_t i = 0; i < get->field_count; i++)
        if (get->fields[i].name.size == sizeof(name) - 1 &&
            strncasecmp((const char *) get->fields[i].name.data, name, sizeof(name) - 1) == 0)
            return true;
    return false;
}

static cachet_status make_fields(struct get *get, cachet_error *err)
{
    const struct cli_list *const given = &get->values->fields;

    get->fields = cli_new(given->count + 1, sizeof(*get->fields));
    for (size_t i = 0; i < given->count; i++)
        TRY(parse_field(given->items[i], &get->fields[i], err));
    get->field_count = given->count;
    if (get->values->data.count > 0 && !has_content_type(get))
        get->fields[get->field_count++] =
            cachet_field_of("Content-Type", "application/x-www-form-urlencoded");
    return CACHET_OK;
}

static cachet_status check_values(const struct cli *cli, const struct get_values *values,
                                  cachet_error *err)
{
    const uint32_t refreshes = CACHET_REFRESH | CACHET_FORCE_REFRESH;

    if (values->data.count > 1)
        return cli_fail(err, CACHET_E_USAGE, "'-d' was given twice: a request has one body");
    if (values->output != NULL && cli->word_count > 1)
        return cli_fail(err, CACHET_E_USAGE, "'-o' holds one body: name one URL");
    if ((values->request_flags & CACHET_ONLY_IF_CACHED) && (values->request_flags & refreshes))
        return cli_fail(err, CACHET_E_USAGE,
                        "'--only-if-cached' never asks the origin, a refresh always does");
    if (values->max_time.is_given &&
        (values->max_time.seconds == 0 || values->max_time.seconds > UINT32_MAX / 1000))
        return cli_fail(err, CACHET_E_USAGE, "'--max-time' is 1 second to 49 days, or never");
    return CACHET_OK;
}

static cachet_request request_for(const struct get *get, const char *url)
{
    const struct get_values *const values = get->values;
    cachet_request request = CACHET_REQUEST_INIT;

    request.url = url;
    request.method = values->method;
    request.fields = get->fields;
    request.field_count = get->field_count;
    request.flags = values->request_flags;
    request.body_mode = CACHET_BODY_PULL;
    if (values->data.count > 0) {
        request.method = values->method == NULL ? "POST" : values->method;
        request.body = values->data.items[0];
        request.body_size = strlen(values->data.items[0]);
    }
    return request;
}

/* On a terminal the fields are words to read, elsewhere they are bytes to use. */
static void put_bytes(FILE *out, cachet_bytes bytes, bool is_terminal)
{
    if (is_terminal)
        cli_put_text(out, bytes);
    else
        (void) fwrite(bytes.data, 1, bytes.size, out);
}

/* The fields do not say which HTTP it was: the line is written in the form all tools read. */
static cachet_status write_head(struct cli_sink *sink, const cachet_response *response,
                                cachet_error *err)
{
    const bool is_terminal = cli_sink_is_terminal(sink);
    size_t count = 0;
    const cachet_field *const fields = cachet_response_fields(response, &count);

    (void) fprintf(sink->file, "HTTP/1.1 %d\r\n", cachet_response_status(response));
    for (size_t i = 0; i < count; i++) {
        put_bytes(sink->file, fields[i].name, is_terminal);
        (void) fputs(": ", sink->file);
        put_bytes(sink->file, fields[i].value, is_terminal);
        (void) fputs("\r\n", sink->file);
    }
    return cli_sink_write(sink, "\r\n", 2, err);
}

/* Without a sink the body is read for the store's sake only. */
static cachet_status copy_body(cachet_response *response, struct cli_sink *sink,
                               cachet_error *err)
{
    static unsigned char buffer[65536];
    size_t size = 0;

    do {
        TRY(cachet_response_read(response, buffer, sizeof(buffer), &size, err));
        if (sink != NULL && size > 0)
            TRY(cli_sink_write(sink, buffer, size, err));
    } while (size > 0);
    return CACHET_OK;
}

static const char *last_field(const cachet_response *response, const char *name)
{
    const char *last = NULL, *value;

    for (size_t i = 0; (value = cachet_response_field(response, name, i)) != NULL; i++)
        last = value;
    return last;
}

static void say_facts(const cachet_response *response)
{
    struct cli_json json;

    cli_json_begin(&json, stderr);
    cli_json_text(&json, "url", cachet_response_url(response));
    cli_json_count(&json, "status", (uint64_t) cachet_response_status(response));
    cli_json_bool(&json, "hit", cachet_response_is_hit(response) != 0);
    cli_json_text(&json, "cache_status", last_field(response, "Cache-Status"));
    cli_json_text(&json, "key", cachet_response_key(response));
    cli_json_time(&json, "stored_at", cachet_response_stored_at_ms(response));
    cli_json_time(&json, "expires_at", cachet_response_expires_at_ms(response));
    cli_json_count(&json, "size", cachet_response_size(response));
    cli_json_end(&json);
}

static void say_failure(const char *url, const cachet_error *err)
{
    CLEANUP(cli_freep) char *shown = cli_url_to_show(url);
    struct cli_json json;

    cli_json_begin(&json, stderr);
    cli_json_text(&json, "url", shown);
    cli_json_text(&json, "error", cli_status_name(err->status));
    cli_json_text(&json, "message", err->message);
    cli_json_end(&json);
}

static void free_response(cachet_response **response)
{
    cachet_response_free(*response);
}

static cachet_status fetch(const struct get *get, const char *url, enum cli_exit *ret_exit,
                           cachet_error *err)
{
    const cachet_request request = request_for(get, url);
    CLEANUP(cli_sink_fini) struct cli_sink sink = {0};
    CLEANUP(free_response) cachet_response *response = NULL;

    TRY(cli_sink_open(&sink, get->values->output, err));
    TRY(cachet_fetch(get->session, &request, &response, err));
    const int status = cachet_response_status(response);
    const bool is_refused = get->values->fails_on_error && status >= 400;
    if (is_refused) {
        TRY(copy_body(response, NULL, err));
        cli_say("%s answered %d", cachet_response_url(response), status);
        *ret_exit = CLI_HTTP_ERROR;
    } else {
        if (get->values->with_head)
            TRY(write_head(&sink, response, err));
        TRY(copy_body(response, &sink, err));
        TRY(cli_sink_commit(&sink, err));
    }
    if (get->cli->globals.json)
        say_facts(response);
    return CACHET_OK;
}

static enum cli_exit fetch_all(const struct get *get)
{
    enum cli_exit worst = CLI_DONE;

    for (size_t i = 0; i < get->cli->word_count; i++) {
        enum cli_exit code = CLI_DONE;
        cachet_error err = {.status = CACHET_OK};
        if (fetch(get, get->cli->words[i], &code, &err) != CACHET_OK) {
            cli_add_remedy(&err);
            code = cli_report(&err);
            if (get->cli->globals.json)
                say_failure(get->cli->words[i], &err);
        }
        worst = cli_worse(worst, code);
        /* Nobody reads any more. */
        if (err.status == CACHET_E_ABORTED)
            break;
    }
    return worst;
}

static enum cli_exit run(const struct cli *cli, const void *values_as_bytes)
{
    const struct get_values *const values = values_as_bytes;
    CLEANUP(cli_close) struct cli_opened opened = {0};
    struct get get = {.cli = cli, .values = values};
    cachet_options session = CACHET_OPTIONS_INIT;
    cachet_error err;

    session.flags = values->session_flags;
    session.ca_file = values->ca_file;
    if (values->max_time.seconds > 0)
        session.total_timeout_ms = (uint32_t) values->max_time.seconds * 1000u;
    if (check_values(cli, values, &err) != CACHET_OK || make_fields(&get, &err) != CACHET_OK ||
        cli_open_session(cli, &session, &opened, &err) != CACHET_OK) {
        cli_free(get.fields);
        return cli_report(&err);
    }
    get.session = opened.session;
    const enum cli_exit code = fetch_all(&get);
    cli_free(get.fields);
    return code;
}

const struct cli_command cli_get = {
    .name = "get",
    .words = "URL...",
    .summary = "fetch URLs through the cache",
    .notes = notes,
    .options = options,
    .values_size = sizeof(struct get_values),
    .min_words = 1,
    .max_words = SIZE_MAX,
    .run = run,
};
