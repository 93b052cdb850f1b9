/* SPDX-License-Identifier: MIT */
/*
 * SPECs name a store or a key source: "scheme:location?name=value&name=value".
 *
 * What has no scheme in front is a bare location: it is taken whole, never split at '?' or '&',
 * so that every path can be written. What looks like a scheme (RFC 3986 3.1) and is none we
 * know is refused: it may be one of a later version, and no file by that name must appear
 * today. Such a path is written "./name:rest". Names and values are percent-decoded; a name
 * stands once.
 */
#ifndef CT_BASE_SPEC_H
#define CT_BASE_SPEC_H

#include "base/bytes.h"

#define CT_SPEC_OPTIONS_MAX 16u

struct ct_spec_option {
    char *name;
    char *value;
};

struct ct_spec {
    const char *scheme; /* from the table of schemes */
    char *location;
    struct ct_spec_option options[CT_SPEC_OPTIONS_MAX];
    size_t option_count;
};

/*
 * Takes `text` apart. `schemes` ends in NULL and its first one is meant where none is written.
 * `text` may be NULL, but a location must not be empty. E_USAGE names what is wrong, without
 * the value of any option.
 */
cachet_status ct_spec_parse(const char *text, const char *const *schemes,
                            struct ct_spec *ret_spec, cachet_error *err);
void ct_spec_fini(struct ct_spec *spec);

/* The value of an option, or NULL. */
const char *ct_spec_option(const struct ct_spec *spec, const char *name);

/* E_USAGE for an option that is not among `known`, which ends in NULL. */
cachet_status ct_spec_check_options(const struct ct_spec *spec, const char *const *known,
                                    cachet_error *err);

#endif
