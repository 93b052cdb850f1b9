/* SPDX-License-Identifier: MIT */
#include "http/language.h"

#define WEIGHT_ONE 1000u
#define PIECES 4u /* comma, range, ";q=", weight */

/* RFC 4647 2.1: letters, digits and '-', or "*". */
static bool is_range(cachet_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char byte = text.data[i], low = ct_lower(byte);
        if ((low < 'a' || low > 'z') && (byte < '0' || byte > '9') && byte != '-' &&
            byte != '*')
            return false;
    }
    return text.size > 0;
}

/* RFC 9110 12.4.2: "0" or "1", and up to three digits. */
static bool read_weight(cachet_bytes text, struct ct_language *language)
{
    static const unsigned places[] = {100, 10, 1};

    if (text.size == 0 || text.size > 5 || (text.data[0] != '0' && text.data[0] != '1') ||
        (text.size > 1 && text.data[1] != '.'))
        return false;
    language->weight = text.data[0] == '1' ? WEIGHT_ONE : 0;
    for (size_t i = 2; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        language->weight += (unsigned) (text.data[i] - '0') * places[i - 2];
    }
    while (text.size > 1 &&
           (text.data[text.size - 1] == '0' || text.data[text.size - 1] == '.'))
        text.size--;
    language->weight_text = text;
    return language->weight <= WEIGHT_ONE;
}

static bool read_member(cachet_bytes member, struct ct_language *language)
{
    const size_t semicolon = ct_bytes_find(member, ';');
    const cachet_bytes weight = ct_bytes_trim(ct_bytes_from(member, semicolon + 1));

    *language = (struct ct_language){.weight = WEIGHT_ONE};
    language->range = ct_bytes_trim(ct_bytes_first(member, semicolon));
    if (!is_range(language->range))
        return false;
    if (semicolon == member.size)
        return true;
    return ct_bytes_equal_nocase(ct_bytes_first(weight, 2), CT_BYTES("q=")) &&
           read_weight(ct_bytes_from(weight, 2), language);
}

static bool goes_before(const struct ct_language *a, const struct ct_language *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    return ct_bytes_compare_nocase(a->range, b->range) < 0;
}

static void insert(struct ct_languages *languages, const struct ct_language *language)
{
    size_t at = languages->count++;

    for (; at > 0 && goes_before(language, &languages->at[at - 1]); at--)
        languages->at[at] = languages->at[at - 1];
    languages->at[at] = *language;
}

bool ct_languages_read(const struct ct_fields *request, struct ct_languages *ret_languages)
{
    struct ct_list_cursor cursor = {0};
    cachet_bytes member;
    struct ct_language language;

    ret_languages->count = 0;
    while (ct_fields_list_next(request, CT_BYTES("accept-language"), &cursor, &member)) {
        if (ret_languages->count == CT_LANGUAGES_MAX || !read_member(member, &language))
            return false;
        insert(ret_languages, &language);
    }
    return true;
}

bool ct_languages_next(const struct ct_languages *languages, size_t *cursor,
                       cachet_bytes *ret_piece)
{
    const size_t at = *cursor / PIECES;
    const size_t part = *cursor % PIECES;

    if (at >= languages->count)
        return false;
    const struct ct_language *const language = &languages->at[at];
    const bool has_weight = language->weight < WEIGHT_ONE;
    (*cursor)++;
    if (part == 0)
        *ret_piece = at > 0 ? CT_BYTES(",") : ct_bytes(NULL, 0);
    else if (part == 1)
        *ret_piece = language->range;
    else if (part == 2)
        *ret_piece = has_weight ? CT_BYTES(";q=") : ct_bytes(NULL, 0);
    else
        *ret_piece = has_weight ? language->weight_text : ct_bytes(NULL, 0);
    return true;
}
