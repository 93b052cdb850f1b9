/* SPDX-License-Identifier: MIT */
#include "http/policy.h"

static const struct {
    const char *word;
    const char *section;
    const char *text;
    const char *forwarded;
} reasons[] = {
#define REASON(name, word, section, text, forwarded) {word, section, text, forwarded},
    CT_REASON_LIST(REASON)
#undef REASON
};

const char *ct_reason_word(enum ct_reason reason)
{
    return reasons[reason].word;
}

const char *ct_reason_section(enum ct_reason reason)
{
    return reasons[reason].section;
}

const char *ct_reason_text(enum ct_reason reason)
{
    return reasons[reason].text;
}

const char *ct_reason_forwarded(enum ct_reason reason)
{
    return reasons[reason].forwarded;
}
