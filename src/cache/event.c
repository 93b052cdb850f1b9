/* SPDX-License-Identifier: MIT */
#include "cache/cache.h"

const char *cachet_event_name(cachet_event_kind kind)
{
    static const char *const names[] = {
#define EVENT_NAME(kind, counter, text) #counter,
        CACHET_EVENT_LIST(EVENT_NAME)
#undef EVENT_NAME
    };
    return (size_t) kind < CT_COUNT_OF(names) ? names[kind] : "unknown";
}

static const char *event_text(cachet_event_kind kind)
{
    static const char *const texts[] = {
#define EVENT_TEXT(kind, counter, text) text,
        CACHET_EVENT_LIST(EVENT_TEXT)
#undef EVENT_TEXT
    };
    return texts[kind];
}

void ct_cache_tell(cachet_cache *cache, const struct ct_event *event)
{
    atomic_fetch_add_explicit(&cache->counts[event->kind], 1, memory_order_relaxed);
    if (cache->observer == NULL)
        return;
    const cachet_event told = {
        .size = sizeof told,
        .kind = event->kind,
        .url = event->url,
        .key = event->key,
        .reason = event->reason,
        .detail = event->detail != NULL ? event->detail : event_text(event->kind),
    };
    cache->observer(cache->observer_context, &told);
}

void cachet_cache_stats(cachet_cache *cache, cachet_stats_counts *stats)
{
    cachet_stats_counts counts = {.size = stats->size};

#define EVENT_COUNT(kind, counter, text)                                                       \
    counts.counter =                                                                           \
        atomic_load_explicit(&cache->counts[CACHET_EVENT_##kind], memory_order_relaxed);
    CACHET_EVENT_LIST(EVENT_COUNT)
#undef EVENT_COUNT
    /* A program built with an older header has a shorter struct. */
    memcpy(stats, &counts, stats->size < sizeof counts ? stats->size : sizeof counts);
}
