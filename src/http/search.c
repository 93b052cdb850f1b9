/* SPDX-License-Identifier: MIT */
#include "http/search.h"

#include "base/text.h"
#include "http/sf.h"

struct param {
    cachet_bytes key;
    cachet_bytes value;
};

struct params {
    struct param at[CT_SEARCH_PARAMS_MAX];
    size_t count;
};

/* Are the inner list's items all strings? */
static bool are_strings(const struct ct_sf_value *value)
{
    cachet_bytes rest = value->text;
    struct ct_sf_value item;

    while (ct_sf_inner_next(&rest, &item))
        if (item.type != CT_SF_STRING)
            return false;
    return true;
}

struct dictionary {
    bool has_order, has_params, has_except;
    struct ct_sf_value order, params, except;
};

static bool read_dictionary(const struct ct_fields *response, struct dictionary *ret_found)
{
    const cachet_bytes name = CT_BYTES("no-vary-search");
    struct ct_sf_cursor cursor = {0};
    struct ct_sf_member member;

    *ret_found = (struct dictionary){0};
    while (ct_sf_dictionary_next(response, name, &cursor, &member)) {
        if (ct_bytes_equal(member.key, CT_BYTES("key-order"))) {
            ret_found->has_order = true;
            ret_found->order = member.value;
        } else if (ct_bytes_equal(member.key, CT_BYTES("params"))) {
            ret_found->has_params = true;
            ret_found->params = member.value;
        } else if (ct_bytes_equal(member.key, CT_BYTES("except"))) {
            ret_found->has_except = true;
            ret_found->except = member.value;
        }
    }
    return !cursor.is_wrong;
}

/* Section 4.1 of the draft: strict, for the default only costs hits. */
static bool read_variance(const struct dictionary *found, struct ct_search_variance *variance)
{
    const bool is_list = found->has_params && found->params.type == CT_SF_INNER_LIST;
    const bool is_flag = found->has_params && found->params.type == CT_SF_BOOLEAN;

    if ((found->has_order && found->order.type != CT_SF_BOOLEAN) ||
        (found->has_params && !is_flag && !is_list) ||
        (is_list && !are_strings(&found->params)))
        return false;
    variance->ignores_order = found->has_order && found->order.integer == 1;
    variance->ignores_all = is_flag && found->params.integer == 1;
    if (is_list)
        variance->keys = found->params.text;
    if (!found->has_except)
        return true;
    variance->keys = found->except.text;
    return variance->ignores_all && found->except.type == CT_SF_INNER_LIST &&
           are_strings(&found->except);
}

struct ct_search_variance ct_search_variance_read(const struct ct_fields *response)
{
    struct ct_search_variance variance = {0};
    struct dictionary found;

    if (!read_dictionary(response, &found) || !read_variance(&found, &variance))
        return (struct ct_search_variance){0};
    variance.is_there =
        variance.ignores_order || variance.ignores_all || variance.keys.size > 0;
    return variance;
}

/*
 * The next byte of application/x-www-form-urlencoded text: '+' is a space, and a '%' that
 * begins no escape is itself.
 */
static int cut_form_byte(cachet_bytes *text)
{
    unsigned char byte;
    size_t size = 1;

    if (text->size == 0)
        return -1;
    byte = text->data[0];
    if (byte == '+')
        byte = ' ';
    else if (byte == '%' && text->size >= 3 &&
             ct_hex_decode(ct_bytes(text->data + 1, 2), &byte, 1))
        size = 3;
    *text = ct_bytes_from(*text, size);
    return byte;
}

/* Negative, 0 or positive, by decoded bytes. */
static int compare_form(cachet_bytes a, cachet_bytes b)
{
    int first, second;

    do {
        first = cut_form_byte(&a);
        second = cut_form_byte(&b);
    } while (first == second && first >= 0);
    return first - second;
}

/* As cut_form_byte, out of a string: what is escaped there is part of no escape of a query. */
static int cut_string_byte(cachet_bytes *string)
{
    if (string->size < 2 || string->data[0] != '\\')
        return cut_form_byte(string);
    const int byte = string->data[1];
    *string = ct_bytes_from(*string, 2);
    return byte;
}

/* Section 4.3 of the draft: a string's '+' and escapes stand for what they do in a query. */
static bool is_string(cachet_bytes string, cachet_bytes key)
{
    int first, second;

    do {
        first = cut_string_byte(&string);
        second = cut_form_byte(&key);
    } while (first == second && first >= 0);
    return first == second;
}

static bool is_ignored(const struct ct_search_variance *variance, cachet_bytes key)
{
    cachet_bytes rest = variance->keys;
    struct ct_sf_value item;

    while (ct_sf_inner_next(&rest, &item))
        if (is_string(item.text, key))
            return !variance->ignores_all;
    return variance->ignores_all;
}

/* False where there are more parameters than are held. */
static bool read_params(const struct ct_search_variance *variance, cachet_bytes query,
                        struct params *ret_params)
{
    ret_params->count = 0;
    while (query.size > 0) {
        const cachet_bytes text = ct_bytes_first(query, ct_bytes_find(query, '&'));
        const size_t equals = ct_bytes_find(text, '=');
        const struct param param = {ct_bytes_first(text, equals),
                                    ct_bytes_from(text, equals + 1)};
        query = ct_bytes_from(query, text.size + 1);
        if (text.size == 0 || is_ignored(variance, param.key))
            continue;
        if (ret_params->count == CT_SEARCH_PARAMS_MAX)
            return false;
        ret_params->at[ret_params->count++] = param;
    }
    return true;
}

/* By key only, and stable: the values of one key stay in order. */
static void sort(struct params *params)
{
    for (size_t i = 1; i < params->count; i++) {
        const struct param moved = params->at[i];
        size_t at = i;
        for (; at > 0 && compare_form(moved.key, params->at[at - 1].key) < 0; at--)
            params->at[at] = params->at[at - 1];
        params->at[at] = moved;
    }
}

static bool are_equal(const struct params *a, const struct params *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (compare_form(a->at[i].key, b->at[i].key) != 0 ||
            compare_form(a->at[i].value, b->at[i].value) != 0)
            return false;
    return true;
}

static cachet_bytes path_of(const struct ct_url *url)
{
    return ct_bytes_first(url->target, ct_bytes_find(url->target, '?'));
}

bool ct_search_matches(const struct ct_search_variance *variance, const struct ct_url *stored,
                       const struct ct_url *asked)
{
    const cachet_bytes path = path_of(stored);
    struct params first, second;

    if (ct_bytes_equal(stored->text, asked->text))
        return true;
    if (!variance->is_there || !ct_url_same_origin(stored, asked) ||
        !ct_bytes_equal(path, path_of(asked)) ||
        !read_params(variance, ct_bytes_from(stored->target, path.size + 1), &first) ||
        !read_params(variance, ct_bytes_from(asked->target, path.size + 1), &second))
        return false;
    if (variance->ignores_order) {
        sort(&first);
        sort(&second);
    }
    return are_equal(&first, &second);
}
