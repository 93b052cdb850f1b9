/* SPDX-License-Identifier: MIT */
#include "cli/open.h"

#include "cli/memory.h"

#include <pthread.h>

void cli_note(const struct cli *cli, const char *format, ...)
{
    CLEANUP(cli_freep) char *text = NULL;
    va_list list;

    if (cli->globals.is_quiet)
        return;
    va_start(list, format);
    text = cli_format_list(format, list);
    va_end(list);
    cli_say("%s", text);
}

static const char *words_for(cachet_event_kind kind)
{
    static const char *const words[] = {
#define CLI_EVENT_WORDS(name, counter, text) text,
        CACHET_EVENT_LIST(CLI_EVENT_WORDS)
#undef CLI_EVENT_WORDS
    };

    return (size_t) kind < CLI_COUNT_OF(words) ? words[kind] : "something new happened";
}

/* Which warnings were said, by kind and a hash of the reason; there are few of them. */
static struct {
    pthread_mutex_t lock; /* guards the rest: observers are called from any thread */
    uint64_t said[64];
    size_t count;
} warnings = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* FNV-1a. */
static uint64_t hash_of(cachet_event_kind kind, const char *reason)
{
    uint64_t hash = (UINT64_C(14695981039346656037) ^ (uint64_t) kind) * 1099511628211u;

    for (; *reason != '\0'; reason++)
        hash = (hash ^ (unsigned char) *reason) * 1099511628211u;
    return hash;
}

static bool is_first(cachet_event_kind kind, const char *reason)
{
    const uint64_t hash = hash_of(kind, reason);
    bool is_new = true;

    (void) pthread_mutex_lock(&warnings.lock);
    for (size_t i = 0; i < warnings.count; i++)
        is_new = is_new && warnings.said[i] != hash;
    is_new = is_new && warnings.count < CLI_COUNT_OF(warnings.said);
    if (is_new)
        warnings.said[warnings.count++] = hash;
    (void) pthread_mutex_unlock(&warnings.lock);
    return is_new;
}

/* "hit http://example.com/: served from the store (fresh)" */
static void tell(const cachet_event *event)
{
    const bool has_reason = event->reason != NULL && event->reason[0] != '\0';

    cli_say("%s%s%s: %s%s%s%s", cachet_event_name(event->kind), event->url == NULL ? "" : " ",
            event->url == NULL ? "" : event->url,
            event->detail == NULL ? words_for(event->kind) : event->detail,
            has_reason ? " (" : "", has_reason ? event->reason : "", has_reason ? ")" : "");
}

static void warn(const cachet_event *event)
{
    const char *const reason = event->reason == NULL ? "" : event->reason;
    const char *const detail = event->detail == NULL ? reason : event->detail;

    if (is_first(event->kind, reason))
        cli_say("warning: %s%s%s", words_for(event->kind), detail[0] == '\0' ? "" : ": ",
                detail);
}

void cli_observe(void *context, const cachet_event *event)
{
    const struct cli_opened *const opened = context;
    const struct cli_globals *const globals = &opened->cli->globals;
    const bool is_warning =
        event->kind == CACHET_EVENT_BYPASSED || event->kind == CACHET_EVENT_WARNING;

    if (globals->is_quiet)
        return;
    if (globals->is_verbose)
        tell(event);
    else if (is_warning)
        warn(event);
}
