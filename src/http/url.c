/* SPDX-License-Identifier: MIT */
#include "http/url.h"

#include <arpa/inet.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

#define HOST_MAX 255u
#define IPV6_TEXT_MAX 45u
#define PORT_MAX 65535u

/* The parts of RFC 3986 3, views into the URL as it was written. */
struct parts {
    bool is_https;
    cachet_bytes userinfo;
    cachet_bytes host;
    uint64_t port; /* 0 where none is written, or the scheme's own */
    cachet_bytes path;
    bool has_query;
    cachet_bytes query;
};

static bool is_alnum(unsigned char byte)
{
    const unsigned char low = ct_lower(byte);
    return (low >= 'a' && low <= 'z') || (byte >= '0' && byte <= '9');
}

/* RFC 3986 2.3. */
static bool is_unreserved(unsigned char byte)
{
    return is_alnum(byte) || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

/* The byte that "%XX" at the front stands for; false where there are no two hex digits. */
static bool read_escape(cachet_bytes text, unsigned char *ret_byte)
{
    return text.size >= 3 && text.data[0] == '%' &&
           ct_hex_decode(ct_bytes(text.data + 1, 2), ret_byte, 1);
}

/*
 * Control characters are never a part of a URL and split requests where they are taken for
 * one. A backslash is a slash to some parsers and none to others: nobody can say which host or
 * path was meant.
 */
static cachet_status check_bytes(cachet_bytes text, cachet_error *err)
{
    if (text.size > CT_URL_MAX)
        return ct_err_set(err, CACHET_E_USAGE, "URL is %zu bytes, at most %zu are taken",
                          text.size, CT_URL_MAX);
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char byte = text.data[i];
        if (byte < 0x20 || byte == 0x7f)
            return ct_err_set(err, CACHET_E_USAGE,
                              "URL has the control character 0x%02x at byte %zu", byte, i);
        if (byte == '\\')
            return ct_err_set(err, CACHET_E_USAGE,
                              "URL has a backslash at byte %zu, write it as %%5C", i);
    }
    return CACHET_OK;
}

/* RFC 3986 3.1; `text` is then what follows the "//". */
static cachet_status cut_scheme(cachet_bytes *text, bool *ret_is_https, cachet_error *err)
{
    const size_t size = ct_bytes_find(*text, ':');
    const cachet_bytes scheme = ct_bytes_first(*text, size);

    if (size == text->size || size == 0)
        return ct_err_set(err, CACHET_E_USAGE, "URL has no scheme, write http:// or https://");
    *ret_is_https = ct_bytes_equal_nocase(scheme, CT_BYTES("https"));
    if (!*ret_is_https && !ct_bytes_equal_nocase(scheme, CT_BYTES("http")))
        return ct_err_set(err, CACHET_E_USAGE, "scheme '%.*s' is neither http nor https",
                          (int) (size < 32 ? size : 32), (const char *) scheme.data);
    *text = ct_bytes_from(*text, size + 1);
    if (!ct_bytes_equal(ct_bytes_first(*text, 2), CT_BYTES("//")))
        return ct_err_set(err, CACHET_E_USAGE, "URL has no // after its scheme");
    *text = ct_bytes_from(*text, 2);
    return CACHET_OK;
}

/* Parsers disagree on which of two '@' ends the userinfo: such a URL is refused. */
static cachet_status cut_userinfo(cachet_bytes *authority, cachet_bytes *ret_userinfo,
                                  cachet_error *err)
{
    const size_t at = ct_bytes_find(*authority, '@');

    *ret_userinfo = ct_bytes(NULL, 0);
    if (at == authority->size)
        return CACHET_OK;
    *ret_userinfo = ct_bytes_first(*authority, at);
    *authority = ct_bytes_from(*authority, at + 1);
    if (ct_bytes_find(*authority, '@') != authority->size)
        return ct_err_set(err, CACHET_E_USAGE,
                          "URL has two '@' before its path, write those in a password as %%40");
    return CACHET_OK;
}

/* RFC 3986 3.2.2, with the brackets; no zone, no future version. */
static cachet_status check_ipv6(cachet_bytes host, cachet_error *err)
{
    char text[IPV6_TEXT_MAX + 1] = "";
    unsigned char address[16];

    const size_t size = host.size - 2;
    if (size <= IPV6_TEXT_MAX)
        memcpy(text, host.data + 1, size);
    if (size > IPV6_TEXT_MAX || inet_pton(AF_INET6, text, address) != 1)
        return ct_err_set(err, CACHET_E_USAGE, "host '%.*s' is not an IPv6 address in brackets",
                          (int) (host.size < 64 ? host.size : 64), (const char *) host.data);
    return CACHET_OK;
}

/* RFC 3986 3.2.2 has more; what names a host that can be asked is this. */
static cachet_status check_name(cachet_bytes host, cachet_error *err)
{
    if (host.size == 0)
        return ct_err_set(err, CACHET_E_USAGE, "URL has no host");
    if (host.size > HOST_MAX)
        return ct_err_set(err, CACHET_E_USAGE, "host is %zu bytes, at most %u are taken",
                          host.size, HOST_MAX);
    for (size_t i = 0; i < host.size; i++) {
        const unsigned char byte = host.data[i];
        if (byte > 0x7f)
            return ct_err_set(err, CACHET_E_USAGE,
                              "host '%.*s' is not ASCII, write it in punycode (xn--...): "
                              "this build has no libidn2",
                              (int) host.size, (const char *) host.data);
        if (!is_alnum(byte) && byte != '-' && byte != '.' && byte != '_')
            return ct_err_set(err, CACHET_E_USAGE, "host '%.*s' may not have a '%c'",
                              (int) host.size, (const char *) host.data, byte);
    }
    return CACHET_OK;
}

/* RFC 9110 4.2.1, 4.2.2: 80 and 443 are what is meant without one. */
static cachet_status read_port(cachet_bytes digits, bool is_https, uint64_t *ret_port,
                               cachet_error *err)
{
    uint64_t port = 0;

    *ret_port = 0;
    if (digits.size == 0)
        return CACHET_OK;
    if (!ct_bytes_to_u64(digits, PORT_MAX + 1, &port) || port == 0 || port > PORT_MAX)
        return ct_err_set(err, CACHET_E_USAGE, "port '%.*s' is no number from 1 to %u",
                          (int) (digits.size < 32 ? digits.size : 32),
                          (const char *) digits.data, PORT_MAX);
    if (port != (is_https ? 443 : 80))
        *ret_port = port;
    return CACHET_OK;
}

static cachet_status read_authority(cachet_bytes authority, struct parts *parts,
                                    cachet_error *err)
{
    TRY(cut_userinfo(&authority, &parts->userinfo, err));

    const bool is_literal = authority.size > 0 && authority.data[0] == '[';
    const size_t closed = ct_bytes_find(authority, ']');
    if (is_literal && closed == authority.size)
        return ct_err_set(err, CACHET_E_USAGE, "URL has a '[' without its ']'");
    const size_t size = is_literal ? closed + 1 : ct_bytes_find(authority, ':');
    const cachet_bytes port = ct_bytes_from(authority, size);

    parts->host = ct_bytes_first(authority, size);
    TRY(is_literal ? check_ipv6(parts->host, err) : check_name(parts->host, err));
    if (port.size > 0 && port.data[0] != ':')
        return ct_err_set(err, CACHET_E_USAGE, "URL has a '%c' where a port or path may begin",
                          port.data[0]);
    return read_port(ct_bytes_from(port, 1), parts->is_https, &parts->port, err);
}

static cachet_status read_parts(cachet_bytes text, struct parts *parts, cachet_error *err)
{
    TRY(check_bytes(text, err));
    text = ct_bytes_first(text, ct_bytes_find(text, '#'));
    TRY(cut_scheme(&text, &parts->is_https, err));

    size_t size = 0;
    while (size < text.size && text.data[size] != '/' && text.data[size] != '?')
        size++;
    TRY(read_authority(ct_bytes_first(text, size), parts, err));

    text = ct_bytes_from(text, size);
    size = ct_bytes_find(text, '?');
    parts->path = ct_bytes_first(text, size);
    parts->has_query = size < text.size;
    parts->query = ct_bytes_from(text, size + 1);
    return CACHET_OK;
}

/* How many bytes at the front stand as they are. */
static size_t plain_size(cachet_bytes text)
{
    size_t size = 0;

    while (size < text.size && text.data[size] != '%' && text.data[size] != ' ' &&
           text.data[size] < 0x80)
        size++;
    return size;
}

static void append_escape(struct ct_buf *buf, unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    const char escape[] = {'%', digits[byte >> 4], digits[byte & 15]};

    ct_buf_append(buf, ct_bytes(escape, sizeof escape));
}

/*
 * RFC 3986 6.2.2.1 and 6.2.2.2: hex digits in upper case, unreserved characters decoded. A '%'
 * that begins no escape is left as it is, and nothing is decoded in the two places behind it:
 * "%%34%31" is not "%41".
 */
static void append_normalised(struct ct_buf *buf, cachet_bytes text)
{
    size_t frozen_until = 0;

    while (text.size > 0 && buf->status == CACHET_OK) {
        const size_t plain = plain_size(text);
        ct_buf_append(buf, ct_bytes_first(text, plain));
        text = ct_bytes_from(text, plain);
        if (text.size == 0)
            return;

        unsigned char byte = text.data[0];
        const bool is_escape = read_escape(text, &byte);
        if (byte == '%' && !is_escape) {
            frozen_until = buf->size + 3;
            ct_buf_u8(buf, byte);
        } else if (is_escape && is_unreserved(byte) && buf->size >= frozen_until) {
            ct_buf_u8(buf, byte);
        } else {
            append_escape(buf, byte);
        }
        text = ct_bytes_from(text, is_escape ? 3 : 1);
    }
}

/*
 * RFC 3986 5.2.4, in place; `path` begins with '/' and what is left does. Empty segments count:
 * "//" is not "/".
 */
static size_t remove_dot_segments(unsigned char *path, size_t size)
{
    size_t to = 0, end;

    for (size_t from = 0; from < size; from = end) {
        const cachet_bytes rest = ct_bytes(path + from + 1, size - from - 1);
        const cachet_bytes segment = ct_bytes_first(rest, ct_bytes_find(rest, '/'));
        const bool is_up = ct_bytes_equal(segment, CT_BYTES(".."));
        end = from + 1 + segment.size;

        while (is_up && to > 0 && path[--to] != '/')
            ;
        if (!is_up && !ct_bytes_equal(segment, CT_BYTES("."))) {
            memmove(path + to, path + from, end - from);
            to += end - from;
        } else if (end == size) {
            path[to++] = '/';
        }
    }
    return to;
}

/* RFC 9110 4.2.3: an empty path is "/". */
static void append_path(struct ct_buf *buf, cachet_bytes path)
{
    const size_t start = buf->size;

    append_normalised(buf, path.size > 0 ? path : CT_BYTES("/"));
    if (buf->status == CACHET_OK)
        buf->size = start + remove_dot_segments(buf->data + start, buf->size - start);
}

/* RFC 3986 6.2.2.1: hosts are compared in lower case. */
static void append_lower(struct ct_buf *buf, cachet_bytes text)
{
    unsigned char *const room = ct_buf_grow(buf, text.size);

    for (size_t i = 0; room != NULL && i < text.size; i++)
        room[i] = ct_lower(text.data[i]);
}

cachet_status ct_url_normalise(cachet_bytes text, struct ct_buf *buf, struct ct_url *ret_url,
                               cachet_bytes *ret_userinfo, cachet_error *err)
{
    struct parts parts = {0};
    const size_t start = buf->size;

    TRY(read_parts(text, &parts, err));

    ct_buf_text(buf, parts.is_https ? "https" : "http");
    const size_t scheme_end = buf->size;
    ct_buf_text(buf, "://");
    append_lower(buf, parts.host);
    if (parts.port != 0)
        ct_buf_format(buf, ":%u", (unsigned) parts.port);
    const size_t authority_end = buf->size;
    append_path(buf, parts.path);
    if (parts.has_query)
        ct_buf_u8(buf, '?');
    append_normalised(buf, parts.query);
    TRY(ct_buf_status(buf, err));

    const cachet_bytes all = ct_bytes_from(ct_buf_view(buf), start);
    if (all.size > CT_URL_MAX) {
        buf->size = start;
        return ct_err_set(err, CACHET_E_USAGE, "URL is %zu bytes, at most %zu are taken",
                          all.size, CT_URL_MAX);
    }
    ret_url->text = all;
    ret_url->scheme = ct_bytes_first(all, scheme_end - start);
    ret_url->authority =
        ct_bytes(all.data + (scheme_end - start) + 3, authority_end - scheme_end - 3);
    ret_url->target = ct_bytes_from(all, authority_end - start);
    ret_url->is_https = parts.is_https;
    *ret_userinfo = parts.userinfo;
    return CACHET_OK;
}

bool ct_url_same_origin(const struct ct_url *a, const struct ct_url *b)
{
    return a->is_https == b->is_https && ct_bytes_equal(a->authority, b->authority);
}

/* The next byte of percent-encoded text that is not empty. */
static unsigned char cut_byte(cachet_bytes *text)
{
    unsigned char byte = text->data[0];
    const bool is_escape = read_escape(*text, &byte);

    *text = ct_bytes_from(*text, is_escape ? 3 : 1);
    return byte;
}

/* RFC 7617 2: no control characters, and no colon within the user's name. */
static cachet_status check_userinfo(cachet_bytes userinfo, cachet_error *err)
{
    const size_t user_size = ct_bytes_find(userinfo, ':');
    const size_t password_size = userinfo.size - user_size;

    while (userinfo.size > 0) {
        const bool is_user = userinfo.size > password_size;
        const unsigned char byte = cut_byte(&userinfo);
        if (byte < 0x20 || byte == 0x7f)
            return ct_err_set(err, CACHET_E_USAGE,
                              "user or password in the URL has a control character");
        if (byte == ':' && is_user)
            return ct_err_set(err, CACHET_E_USAGE, "user in the URL has a colon");
    }
    return CACHET_OK;
}

/* RFC 4648 4: the alphabet with '+' and '/', padded, of 1 to 3 bytes. */
static void append_base64(struct ct_buf *buf, cachet_bytes bytes)
{
    char text[CT_BASE64URL_SIZE(3) + 1];

    ct_base64url_encode(bytes, text);
    for (size_t i = 0; i < 4; i++) {
        const uint8_t digit = (uint8_t) (i <= bytes.size ? text[i] : '=');
        ct_buf_u8(buf, digit == '-' ? '+' : digit == '_' ? '/' : digit);
    }
    ct_mem_wipe(text, sizeof text);
}

cachet_status ct_url_basic_authorization(cachet_bytes userinfo, struct ct_buf *buf,
                                         cachet_error *err)
{
    unsigned char group[3];
    size_t count = 0;
    bool is_colon_due = ct_bytes_find(userinfo, ':') == userinfo.size;

    TRY(check_userinfo(userinfo, err));
    ct_buf_text(buf, "Basic ");
    while (userinfo.size > 0 || is_colon_due) {
        if (userinfo.size > 0) {
            group[count++] = cut_byte(&userinfo);
        } else {
            group[count++] = ':';
            is_colon_due = false;
        }
        if (count == sizeof group) {
            append_base64(buf, ct_bytes(group, count));
            count = 0;
        }
    }
    if (count > 0)
        append_base64(buf, ct_bytes(group, count));
    ct_mem_wipe(group, sizeof group);
    return ct_buf_status(buf, err);
}
