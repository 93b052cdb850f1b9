/* SPDX-License-Identifier: MIT */
#include "base/spec.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

void ct_spec_fini(struct ct_spec *spec)
{
    ct_mem_free(spec->location);
    for (size_t i = 0; i < spec->option_count; i++) {
        ct_mem_free(spec->options[i].name);
        ct_mem_free(spec->options[i].value);
    }
    *spec = (struct ct_spec){0};
}

/* RFC 3986 3.1: what a scheme may be made of. Gives its size where a ':' follows, else 0. */
static size_t scheme_size(cachet_bytes text)
{
    const size_t size = ct_bytes_find(text, ':');

    for (size_t i = 0; i < size; i++) {
        const unsigned char byte = ct_lower(text.data[i]);
        const bool is_letter = byte >= 'a' && byte <= 'z';
        const bool is_other =
            (byte >= '0' && byte <= '9') || byte == '+' || byte == '-' || byte == '.';
        if (!is_letter && (i == 0 || !is_other))
            return 0;
    }
    return size < text.size ? size : 0;
}

/* Decodes in place what came as a copy of `bytes`. */
static bool percent_decode(cachet_bytes bytes, char *text)
{
    size_t size = 0;

    for (size_t i = 0; i < bytes.size; i++, size++) {
        unsigned char byte = bytes.data[i];
        if (byte == '%') {
            if (!ct_hex_decode(ct_bytes_first(ct_bytes_from(bytes, i + 1), 2), &byte, 1) ||
                byte == '\0')
                return false;
            i += 2;
        }
        text[size] = (char) byte;
    }
    text[size] = '\0';
    return true;
}

/* A name or value of the option `name`, which may be shown where a value may not. */
static cachet_status decode(cachet_bytes name, cachet_bytes bytes, char **ret_text,
                            cachet_error *err)
{
    CLEANUP(ct_mem_freep) char *text = NULL;

    TRY(ct_mem_text(&text, bytes, err));
    if (!percent_decode(bytes, text))
        return ct_err_set(err, CACHET_E_USAGE, "option '%.*s' has a bad %%-escape",
                          CT_SHOWN(name));
    *ret_text = ct_steal(&text);
    return CACHET_OK;
}

static cachet_status add_option(struct ct_spec *spec, cachet_bytes pair, cachet_error *err)
{
    const size_t equals = ct_bytes_find(pair, '=');
    const cachet_bytes name = ct_bytes_first(pair, equals);
    CLEANUP(ct_mem_freep) char *decoded = NULL;

    if (equals == 0 || equals == pair.size)
        return ct_err_set(err, CACHET_E_USAGE, "'%.*s' is not an option: write name=value",
                          CT_SHOWN(name));
    if (spec->option_count == CT_SPEC_OPTIONS_MAX)
        return ct_err_set(err, CACHET_E_USAGE, "over %u options", CT_SPEC_OPTIONS_MAX);
    TRY(decode(name, name, &decoded, err));
    if (ct_spec_option(spec, decoded) != NULL)
        return ct_err_set(err, CACHET_E_USAGE, "option '%s' is given twice", decoded);

    struct ct_spec_option option = {0};
    TRY(decode(name, ct_bytes_from(pair, equals + 1), &option.value, err));
    option.name = ct_steal(&decoded);
    spec->options[spec->option_count++] = option;
    return CACHET_OK;
}

static cachet_status split(struct ct_spec *spec, cachet_bytes rest, cachet_error *err)
{
    const size_t question = ct_bytes_find(rest, '?');
    size_t at = question + 1;

    TRY(ct_mem_text(&spec->location, ct_bytes_first(rest, question), err));
    while (at <= rest.size) {
        const cachet_bytes options = ct_bytes_from(rest, at);
        const size_t end = ct_bytes_find(options, '&');
        TRY(add_option(spec, ct_bytes_first(options, end), err));
        at += end + 1;
    }
    return CACHET_OK;
}

static cachet_status find_scheme(cachet_bytes scheme, const char *const *schemes,
                                 const char **ret_scheme, cachet_error *err)
{
    for (; *schemes != NULL; schemes++) {
        if (!ct_bytes_equal(scheme, cachet_bytes_of(*schemes)))
            continue;
        *ret_scheme = *schemes;
        return CACHET_OK;
    }
    return ct_err_set(err, CACHET_E_USAGE,
                      "'%.*s:' is not supported: write './%.*s:' for a path of that name",
                      CT_SHOWN(scheme), CT_SHOWN(scheme));
}

cachet_status ct_spec_parse(const char *text, const char *const *schemes,
                            struct ct_spec *ret_spec, cachet_error *err)
{
    CLEANUP(ct_spec_fini) struct ct_spec spec = {.scheme = schemes[0]};
    const cachet_bytes whole = cachet_bytes_of(text);
    const cachet_bytes scheme = ct_bytes_first(whole, scheme_size(whole));

    if (scheme.size == 0) {
        TRY(ct_mem_text(&spec.location, whole, err));
    } else {
        TRY(find_scheme(scheme, schemes, &spec.scheme, err));
        TRY(split(&spec, ct_bytes_from(whole, scheme.size + 1), err));
    }
    if (spec.location[0] == '\0')
        return ct_err_set(err, CACHET_E_USAGE, "'%.*s' names no place", (int) (scheme.size + 1),
                          text == NULL ? "" : text);
    *ret_spec = spec;
    spec = (struct ct_spec){0};
    return CACHET_OK;
}

const char *ct_spec_option(const struct ct_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->option_count; i++)
        if (strcmp(spec->options[i].name, name) == 0)
            return spec->options[i].value;
    return NULL;
}

cachet_status ct_spec_check_options(const struct ct_spec *spec, const char *const *known,
                                    cachet_error *err)
{
    for (size_t i = 0; i < spec->option_count; i++) {
        const char *const *name = known;
        while (*name != NULL && strcmp(*name, spec->options[i].name) != 0)
            name++;
        if (*name == NULL)
            return ct_err_set(err, CACHET_E_USAGE, "%s: has no option '%s'", spec->scheme,
                              spec->options[i].name);
    }
    return CACHET_OK;
}
