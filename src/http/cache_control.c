/* SPDX-License-Identifier: MIT */
#include "http/cache_control.h"

#include "http/sf.h"

enum argument_kind { NONE, PERMIT, SECONDS, SECONDS_OR_ANY, NAMES };

static const struct {
    cachet_bytes word;
    enum argument_kind argument;
} directives[] = {
#define DIRECTIVE(name, text, kind)                                                            \
    [CT_DIRECTIVE_##name] = {{(const unsigned char *) (text), sizeof(text) - 1}, kind},
    CT_DIRECTIVE_LIST(DIRECTIVE)
#undef DIRECTIVE
};

/* One member of the list, taken apart. */
struct member {
    cachet_bytes word;
    bool has_argument;
    bool is_malformed;     /* not word, word=token or word="..." */
    cachet_bytes argument; /* without quotes; empty where malformed */
};

/* RFC 9111 5.2: no blanks around '=', and both forms of argument for every directive. */
static struct member split_member(cachet_bytes text)
{
    struct member member = {.word = ct_bytes_first(text, ct_token_size(text))};
    cachet_bytes rest = ct_bytes_from(text, member.word.size), inside = {0};

    member.has_argument = rest.size > 0;
    if (!member.has_argument)
        return member;
    const bool has_equals = rest.data[0] == '=';
    rest = ct_bytes_from(rest, 1);
    if (ct_quoted_cut(&rest, &inside)) {
        member.is_malformed = !has_equals || rest.size > 0;
    } else {
        inside = rest;
        member.is_malformed = !has_equals || !ct_is_token(rest);
    }
    if (!member.is_malformed)
        member.argument = inside;
    return member;
}

/* CT_DIRECTIVE_COUNT for one we do not know (RFC 9111 5.2.3). */
static enum ct_directive find_directive(cachet_bytes word)
{
    size_t i = 0;

    while (i < CT_DIRECTIVE_COUNT && (directives[i].word.size != word.size ||
                                      !ct_bytes_equal_nocase(directives[i].word, word)))
        i++;
    return (enum ct_directive) i;
}

/*
 * RFC 9111 4.2.1: where two differ, or one is no number, the response counts as stale. 5.2.1.2:
 * max-stale without a number is any.
 */
static void take_seconds(struct ct_cache_control *control, enum ct_directive directive,
                         const struct member *member)
{
    const uint32_t bit = 1U << directive;
    const bool is_any =
        directives[directive].argument == SECONDS_OR_ANY && !member->has_argument;
    uint64_t number = CT_DELTA_SECONDS_MAX;

    if ((!is_any && !ct_bytes_to_u64(member->argument, CT_DELTA_SECONDS_MAX, &number)) ||
        ((control->present & bit) != 0 && control->seconds[directive] != (int64_t) number))
        control->invalid |= bit;
    control->seconds[directive] = (control->invalid & bit) != 0 ? 0 : (int64_t) number;
    control->present |= bit;
}

static bool are_names(cachet_bytes list)
{
    cachet_bytes name;
    bool has_one = false;

    while (ct_list_next(&list, &name)) {
        if (!ct_is_token(name))
            return false;
        has_one = true;
    }
    return has_one;
}

/* RFC 9111 5.2.2.4, 5.2.2.7: the form without names is the stronger, and wins. */
static void take_names(struct ct_cache_control *control, enum ct_directive directive,
                       const struct member *member)
{
    const uint32_t bit = 1U << directive;
    const bool was_whole = (control->present & ~control->qualified & bit) != 0;

    if (!was_whole && are_names(member->argument))
        control->qualified |= bit;
    else
        control->qualified &= ~bit;
    control->present |= bit;
}

static void take_member(struct ct_cache_control *control, cachet_bytes text)
{
    const struct member member = split_member(text);
    const enum ct_directive directive = find_directive(member.word);

    if (member.is_malformed && ct_bytes_find(text, '"') < text.size)
        control->present |= 1U << CT_DIRECTIVE_NO_STORE;
    if (directive == CT_DIRECTIVE_COUNT)
        return;
    if (directives[directive].argument == SECONDS ||
        directives[directive].argument == SECONDS_OR_ANY)
        take_seconds(control, directive, &member);
    else if (directives[directive].argument == NAMES)
        take_names(control, directive, &member);
    else
        control->present |= 1U << directive;
}

void ct_cache_control_read(const struct ct_fields *fields, struct ct_cache_control *ret_control)
{
    size_t line = 0;
    cachet_bytes list, member;

    *ret_control = (struct ct_cache_control){.field = CT_BYTES("cache-control")};
    while (ct_fields_next(fields, CT_BYTES("cache-control"), &line, &list)) {
        ret_control->is_there = true;
        while (ct_list_next(&list, &member))
            take_member(ret_control, member);
    }
}

/*
 * RFC 9213 2.1: numbers are integers, names a string, the rest is true. What is of another type
 * makes nothing fresh and permits nothing, and still forbids.
 */
static void take_targeted_seconds(struct ct_cache_control *control, enum ct_directive directive,
                                  const struct ct_sf_value *value)
{
    const bool is_valid = value->type == CT_SF_INTEGER && value->integer >= 0;
    const int64_t ceiling = CT_DELTA_SECONDS_MAX;

    if (is_valid)
        control->seconds[directive] = value->integer < ceiling ? value->integer : ceiling;
    else
        control->invalid |= 1U << directive;
}

/* RFC 9651 3.2: of two members with one key the last counts. */
static void take_targeted(struct ct_cache_control *control, const struct ct_sf_member *member)
{
    const enum ct_directive directive = find_directive(member->key);
    const struct ct_sf_value *const value = &member->value;
    const uint32_t bit = 1U << directive;

    if (directive == CT_DIRECTIVE_COUNT)
        return;
    const enum argument_kind kind = directives[directive].argument;
    const bool is_true = value->type == CT_SF_BOOLEAN && value->integer == 1;
    control->qualified &= ~bit;
    control->invalid &= ~bit;
    control->seconds[directive] = 0;
    control->present |= bit;
    if (kind == SECONDS || kind == SECONDS_OR_ANY)
        take_targeted_seconds(control, directive, value);
    else if (kind == NAMES && value->type == CT_SF_STRING && are_names(value->text))
        control->qualified |= bit;
    else if (kind == PERMIT && !is_true)
        control->present &= ~bit;
}

static void read_targeted(const struct ct_fields *fields, cachet_bytes target,
                          struct ct_cache_control *ret_control)
{
    struct ct_sf_cursor cursor = {0};
    struct ct_sf_member member;

    *ret_control = (struct ct_cache_control){.is_there = true, .is_targeted = true};
    ret_control->field = target;
    while (ct_sf_dictionary_next(fields, target, &cursor, &member))
        take_targeted(ret_control, &member);
}

void ct_cache_control_read_for(const struct ct_fields *fields, const cachet_bytes *targets,
                               size_t target_count, struct ct_cache_control *ret_control)
{
    for (size_t i = 0; i < target_count; i++) {
        if (ct_sf_is_dictionary(fields, targets[i])) {
            read_targeted(fields, targets[i], ret_control);
            return;
        }
    }
    ct_cache_control_read(fields, ret_control);
}

static bool lists(cachet_bytes list, cachet_bytes wanted)
{
    cachet_bytes name;

    while (ct_list_next(&list, &name))
        if (ct_bytes_equal_nocase(name, wanted))
            return true;
    return false;
}

static bool targeted_names(const struct ct_fields *fields, cachet_bytes target,
                           enum ct_directive directive, cachet_bytes field_name)
{
    struct ct_sf_cursor cursor = {0};
    struct ct_sf_member member;
    bool is_named = false;

    while (ct_sf_dictionary_next(fields, target, &cursor, &member))
        if (ct_bytes_equal(member.key, directives[directive].word))
            is_named = lists(member.value.text, field_name);
    return is_named;
}

bool ct_control_names(const struct ct_fields *fields, const struct ct_cache_control *control,
                      enum ct_directive directive, cachet_bytes field_name)
{
    struct ct_list_cursor cursor = {0};
    cachet_bytes text;

    if (control->is_targeted)
        return targeted_names(fields, control->field, directive, field_name);
    while (ct_fields_list_next(fields, control->field, &cursor, &text)) {
        const struct member member = split_member(text);
        if (ct_bytes_equal_nocase(member.word, directives[directive].word) &&
            lists(member.argument, field_name))
            return true;
    }
    return false;
}
