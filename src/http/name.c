/* SPDX-License-Identifier: MIT */
#include "http/name.h"

#include "http/language.h"

#define BODY_HASH_SIZE 32u
#define VARY_NAMES_MAX 64u

void ct_request_name_encode(const struct ct_request_name *name, struct ct_buf *buf)
{
    const bool is_head = ct_bytes_equal(name->method, CT_BYTES("HEAD"));

    ct_buf_part(buf, is_head ? CT_BYTES("GET") : name->method);
    ct_buf_part(buf, name->url);
    ct_buf_part(buf, name->matched_fields);
    ct_buf_part(buf, name->body_hash);
    ct_buf_part(buf, name->partition);
    ct_buf_part(buf, name->trust);
}

void ct_request_content_encode(const struct ct_fields *request, struct ct_buf *buf)
{
    /* In their order. */
    static const char *const names[] = {"content-encoding", "content-language", "content-type"};

    for (size_t i = 0; i < CT_COUNT_OF(names); i++) {
        const cachet_bytes name = cachet_bytes_of(names[i]);
        size_t cursor = 0;
        cachet_bytes value;
        while (ct_fields_next(request, name, &cursor, &value)) {
            ct_buf_part(buf, name);
            ct_buf_u8(buf, 1);
            ct_buf_part(buf, value);
        }
    }
}

bool ct_request_name_decode(cachet_bytes bytes, struct ct_request_name *ret_name)
{
    struct ct_reader reader = ct_reader_over(bytes);
    struct ct_request_name name;

    name.method = ct_read_part(&reader);
    name.url = ct_read_part(&reader);
    name.matched_fields = ct_read_part(&reader);
    name.body_hash = ct_read_part(&reader);
    name.partition = ct_read_part(&reader);
    name.trust = ct_read_part(&reader);
    if (!ct_reader_is_done(&reader) || !ct_is_token(name.method) ||
        ct_bytes_equal(name.method, CT_BYTES("HEAD")) || name.url.size == 0 ||
        (name.body_hash.size != 0 && name.body_hash.size != BODY_HASH_SIZE))
        return false;
    *ret_name = name;
    return true;
}

/* The names a Vary lists, sorted, each once. */
struct vary_names {
    cachet_bytes at[VARY_NAMES_MAX];
    size_t count;
};

static bool names_add(struct vary_names *names, cachet_bytes name)
{
    size_t at = names->count;
    int order = 1;

    while (at > 0 && (order = ct_bytes_compare_nocase(name, names->at[at - 1])) < 0)
        at--;
    if (at > 0 && order == 0)
        return true;
    if (names->count == VARY_NAMES_MAX)
        return false;
    memmove(names->at + at + 1, names->at + at, (names->count - at) * sizeof *names->at);
    names->at[at] = name;
    names->count++;
    return true;
}

/*
 * RFC 9111 4.1, RFC 9110 12.5.5. False for "*", alone or as a member of any line. What cannot
 * be a field's name is taken for it too: we cannot know what such a Vary tells apart. So are
 * more names than an honest one has, and Proxy-Authorization, which is a secret of another
 * hop.
 */
static bool read_vary(const struct ct_fields *response, struct vary_names *ret_names)
{
    struct ct_list_cursor cursor = {0};
    cachet_bytes name;

    ret_names->count = 0;
    while (ct_fields_list_next(response, CT_BYTES("vary"), &cursor, &name))
        if (!ct_is_token(name) || ct_bytes_equal(name, CT_BYTES("*")) ||
            ct_bytes_equal_nocase(name, CT_BYTES("proxy-authorization")) ||
            !names_add(ret_names, name))
            return false;
    return true;
}

bool ct_vary_is_any(const struct ct_fields *response)
{
    struct vary_names names;

    return !read_vary(response, &names);
}

/* DESIGN: a credential is never kept as text. These are told apart by its digest. */
static bool is_credential(cachet_bytes name)
{
    return ct_bytes_equal_nocase(name, CT_BYTES("authorization")) ||
           ct_bytes_equal_nocase(name, CT_BYTES("cookie"));
}

/*
 * A field's value in the one spelling that is kept and compared: its lines are one list, and
 * blanks around the commas do not count (RFC 9111 4.1). Handed out in pieces: a member, a
 * comma, a member.
 */
struct value_pieces {
    const struct ct_fields *request;
    cachet_bytes name;
    size_t line;
    cachet_bytes rest;
    bool is_in_line; /* `rest` holds one more member, which may be empty */
    bool is_begun;
    bool is_comma_given;
};

static struct value_pieces pieces_of(const struct ct_fields *request, cachet_bytes name)
{
    return (struct value_pieces){.request = request, .name = name};
}

static bool pieces_next(struct value_pieces *pieces, cachet_bytes *ret_piece)
{
    if (!pieces->is_in_line)
        pieces->is_in_line =
            ct_fields_next(pieces->request, pieces->name, &pieces->line, &pieces->rest);
    if (!pieces->is_in_line)
        return false;
    if (pieces->is_begun && !pieces->is_comma_given) {
        pieces->is_comma_given = true;
        *ret_piece = CT_BYTES(",");
        return true;
    }
    pieces->is_begun = true;
    pieces->is_comma_given = false;
    *ret_piece = ct_list_cut(&pieces->rest, &pieces->is_in_line);
    return true;
}

static void append_lower(struct ct_buf *buf, cachet_bytes text)
{
    unsigned char *const room = ct_buf_grow(buf, text.size);

    for (size_t i = 0; room != NULL && i < text.size; i++)
        room[i] = ct_lower(text.data[i]);
}

static bool is_accept_language(cachet_bytes name)
{
    return ct_bytes_equal_nocase(name, CT_BYTES("accept-language"));
}

static void append_pieces(struct ct_buf *buf, const struct ct_fields *request,
                          cachet_bytes name)
{
    struct value_pieces pieces = pieces_of(request, name);
    struct ct_languages languages;
    cachet_bytes piece;
    size_t cursor = 0;

    if (is_accept_language(name) && ct_languages_read(request, &languages)) {
        while (ct_languages_next(&languages, &cursor, &piece))
            append_lower(buf, piece);
        return;
    }
    while (pieces_next(&pieces, &piece))
        ct_buf_append(buf, piece);
}

/* As ct_buf_part; the size is only known afterwards. */
static void append_value(struct ct_buf *buf, const struct ct_fields *request, cachet_bytes name)
{
    const size_t start = buf->size;

    ct_buf_u32le(buf, 0);
    append_pieces(buf, request, name);
    if (buf->status != CACHET_OK)
        return;
    const size_t size = buf->size - start - 4;
    if (size > UINT32_MAX)
        buf->status = CACHET_E_TOO_LARGE;
    for (size_t i = 0; i < 4; i++)
        buf->data[start + i] = (unsigned char) (size >> (8 * i));
}

bool ct_vary_encode(const struct ct_fields *response, const struct ct_fields *request,
                    struct ct_buf *buf)
{
    struct vary_names names;

    if (!read_vary(response, &names))
        return true;
    for (size_t i = 0; i < names.count; i++) {
        const cachet_bytes name = names.at[i];
        ct_buf_u32le(buf, (uint32_t) name.size);
        append_lower(buf, name);
        ct_buf_u8(buf, ct_fields_has(request, name));
        if (is_credential(name))
            ct_buf_part(buf, ct_bytes(NULL, 0));
        else
            append_value(buf, request, name);
    }
    return false;
}

struct vary_pair {
    cachet_bytes name;
    bool is_present;
    cachet_bytes value;
};

static bool is_lower(cachet_bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != ct_lower(text.data[i]))
            return false;
    return true;
}

/* False where no pair stands that encode could have written after `previous`. */
static bool read_pair(struct ct_reader *reader, cachet_bytes previous,
                      struct vary_pair *ret_pair)
{
    ret_pair->name = ct_read_part(reader);
    const uint8_t flag = ct_read_u8(reader);
    ret_pair->value = ct_read_part(reader);
    ret_pair->is_present = flag == 1;
    return !reader->is_short && flag <= 1 && ct_is_token(ret_pair->name) &&
           is_lower(ret_pair->name) && !ct_bytes_equal(ret_pair->name, CT_BYTES("*")) &&
           !ct_bytes_equal(ret_pair->name, CT_BYTES("proxy-authorization")) &&
           ct_bytes_compare_nocase(previous, ret_pair->name) < 0 &&
           (ret_pair->value.size == 0 ||
            (ret_pair->is_present && !is_credential(ret_pair->name)));
}

static bool languages_match(cachet_bytes value, const struct ct_languages *languages)
{
    cachet_bytes piece;
    size_t cursor = 0;

    while (ct_languages_next(languages, &cursor, &piece)) {
        if (!ct_bytes_equal_nocase(ct_bytes_first(value, piece.size), piece))
            return false;
        value = ct_bytes_from(value, piece.size);
    }
    return value.size == 0;
}

static bool value_matches(const struct vary_pair *pair, const struct ct_fields *request)
{
    struct ct_languages languages;
    struct value_pieces pieces = pieces_of(request, pair->name);
    cachet_bytes piece, rest = pair->value;

    if (ct_fields_has(request, pair->name) != pair->is_present)
        return false;
    if (is_credential(pair->name))
        return true;
    if (is_accept_language(pair->name) && ct_languages_read(request, &languages))
        return languages_match(pair->value, &languages);
    while (pieces_next(&pieces, &piece)) {
        if (!ct_bytes_equal(ct_bytes_first(rest, piece.size), piece))
            return false;
        rest = ct_bytes_from(rest, piece.size);
    }
    return rest.size == 0;
}

bool ct_vary_matches(cachet_bytes pairs, const struct ct_fields *request)
{
    struct ct_reader reader = ct_reader_over(pairs);
    struct vary_pair pair = {0};
    size_t count = 0;

    while (!ct_reader_is_done(&reader))
        if (++count > VARY_NAMES_MAX || !read_pair(&reader, pair.name, &pair) ||
            !value_matches(&pair, request))
            return false;
    return true;
}

static bool same_languages(const struct ct_fields *a, const struct ct_fields *b)
{
    struct ct_languages first, second;

    if (!ct_languages_read(a, &first) || !ct_languages_read(b, &second) ||
        first.count != second.count)
        return false;
    for (size_t i = 0; i < first.count; i++)
        if (first.at[i].weight != second.at[i].weight ||
            !ct_bytes_equal_nocase(first.at[i].range, second.at[i].range))
            return false;
    return true;
}

static bool same_value(const struct ct_fields *a, const struct ct_fields *b, cachet_bytes name)
{
    struct value_pieces first = pieces_of(a, name), second = pieces_of(b, name);
    cachet_bytes piece, other;

    if (ct_fields_has(a, name) != ct_fields_has(b, name))
        return false;
    if (is_accept_language(name) && same_languages(a, b))
        return true;
    while (pieces_next(&first, &piece))
        if (!pieces_next(&second, &other) || !ct_bytes_equal(piece, other))
            return false;
    return !pieces_next(&second, &other);
}

bool ct_vary_is_same(const struct ct_fields *response, const struct ct_fields *first,
                     const struct ct_fields *second)
{
    struct vary_names names;

    if (!read_vary(response, &names))
        return false;
    for (size_t i = 0; i < names.count; i++)
        if (!same_value(first, second, names.at[i]))
            return false;
    return true;
}

bool ct_vary_is_valid(cachet_bytes pairs)
{
    struct ct_reader reader = ct_reader_over(pairs);
    struct vary_pair pair = {0};
    size_t count = 0;

    while (!ct_reader_is_done(&reader))
        if (++count > VARY_NAMES_MAX || !read_pair(&reader, pair.name, &pair))
            return false;
    return true;
}

bool ct_vary_names_credential(cachet_bytes pairs)
{
    struct ct_reader reader = ct_reader_over(pairs);
    struct vary_pair pair = {0};

    while (!ct_reader_is_done(&reader) && read_pair(&reader, pair.name, &pair))
        if (is_credential(pair.name))
            return true;
    return false;
}

static void append_credential(const struct ct_fields *request, const char *name,
                              struct ct_buf *buf)
{
    size_t cursor = 0;
    cachet_bytes value;

    while (ct_fields_next(request, cachet_bytes_of(name), &cursor, &value)) {
        ct_buf_part(buf, cachet_bytes_of(name));
        ct_buf_part(buf, value);
    }
}

void ct_credential_encode(const struct ct_fields *request, cachet_bytes extra,
                          struct ct_buf *buf)
{
    append_credential(request, "authorization", buf);
    append_credential(request, "cookie", buf);
    if (extra.size > 0) {
        ct_buf_part(buf, CT_BYTES("extra"));
        ct_buf_part(buf, extra);
    }
}
