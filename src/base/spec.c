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

static bool has_scheme(const char *text, const char *scheme)
{
    const size_t size = strlen(scheme);
    return strncmp(text, scheme, size) == 0 && text[size] == ':';
}

static cachet_status decode(cachet_bytes bytes, char **ret_text, cachet_error *err)
{
    char *text = NULL;
    size_t size = 0;

    TRY(ct_mem_text(&text, bytes, err));
    for (size_t i = 0; i < bytes.size; i++, size++) {
        unsigned char byte = bytes.data[i];
        if (byte == '%') {
            if (!ct_hex_decode(ct_bytes_first(ct_bytes_from(bytes, i + 1), 2), &byte, 1) ||
                byte == '\0') {
                ct_mem_free(text);
                return ct_err_set(err, CACHET_E_USAGE, "'%.*s' has a bad %%-escape",
                                  (int) bytes.size, (const char *) bytes.data);
            }
            i += 2;
        }
        text[size] = (char) byte;
    }
    text[size] = '\0';
    *ret_text = text;
    return CACHET_OK;
}

static cachet_status add_option(struct ct_spec *spec, cachet_bytes pair, cachet_error *err)
{
    const size_t equals = ct_bytes_find(pair, '=');

    if (equals == 0 || equals == pair.size)
        return ct_err_set(err, CACHET_E_USAGE, "'%.*s' is not an option: write name=value",
                          (int) pair.size, (const char *) pair.data);
    if (spec->option_count == CT_SPEC_OPTIONS_MAX)
        return ct_err_set(err, CACHET_E_USAGE, "over %u options", CT_SPEC_OPTIONS_MAX);
    struct ct_spec_option *const option = &spec->options[spec->option_count];
    spec->option_count++;
    TRY(decode(ct_bytes_first(pair, equals), &option->name, err));
    return decode(ct_bytes_from(pair, equals + 1), &option->value, err);
}

static cachet_status split(struct ct_spec *spec, cachet_bytes rest, cachet_error *err)
{
    const size_t question = ct_bytes_find(rest, '?');
    cachet_bytes options = ct_bytes_from(rest, question + 1);

    TRY(ct_mem_text(&spec->location, ct_bytes_first(rest, question), err));
    while (options.size > 0) {
        const size_t end = ct_bytes_find(options, '&');
        TRY(add_option(spec, ct_bytes_first(options, end), err));
        options = ct_bytes_from(options, end + 1);
    }
    return CACHET_OK;
}

cachet_status ct_spec_parse(const char *text, const char *const *schemes,
                            struct ct_spec *ret_spec, cachet_error *err)
{
    CLEANUP(ct_spec_fini) struct ct_spec spec = {.scheme = schemes[0]};
    const char *const *scheme = schemes;

    while (*scheme != NULL && !has_scheme(text, *scheme))
        scheme++;
    if (*scheme == NULL) {
        TRY(ct_mem_text(&spec.location, cachet_bytes_of(text), err));
    } else {
        spec.scheme = *scheme;
        TRY(split(&spec, cachet_bytes_of(text + strlen(*scheme) + 1), err));
    }
    if (spec.location[0] == '\0')
        return ct_err_set(err, CACHET_E_USAGE, "'%s' names no place", text);
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
