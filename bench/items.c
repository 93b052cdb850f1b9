/* SPDX-License-Identifier: MIT */
#include "bench.h"

/* Bodies are windows into one text, each begins a little later than the one before. */
#define BODY_STEP 4099u

static unsigned char text[BENCH_BODY_MAX + BENCH_ITEM_COUNT * BODY_STEP];
static struct bench_item items[BENCH_ITEM_COUNT];

/* The first item of a size comes after all those of the sizes before it. */
#define SIZE_ROW(name, words, bytes, urls) {(words), (bytes), FIRST_##name, (urls)},
#define SIZE_FIRST(name, words, bytes, urls)                                                   \
    FIRST_##name, LAST_##name = FIRST_##name + (urls) -1,
enum { BENCH_SIZE_LIST(SIZE_FIRST) };

const struct bench_size bench_sizes[BENCH_SIZE_COUNT] = {BENCH_SIZE_LIST(SIZE_ROW)};

/* Printable, and without a pattern that a body shifted by some bytes would still match. */
static void fill_text(void)
{
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < sizeof(text); i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        text[i] = (unsigned char) (' ' + (state >> 58));
    }
}

cachet_status bench_items_init(unsigned port, cachet_error *err)
{
    fill_text();
    for (size_t i = 0, size = 0; i < BENCH_ITEM_COUNT; i++) {
        if (i == bench_sizes[size].first_item + bench_sizes[size].item_count)
            size++;
        items[i].size = (enum bench_size_index) size;
        items[i].number = i;
        items[i].body.data = text + i * BODY_STEP;
        items[i].body.size = bench_sizes[size].body_size;
        TRY(bench_format(items[i].url, sizeof(items[i].url), err,
                         "http://127.0.0.1:%u/v1/collections/items/%zu", port, i));
    }
    return CACHET_OK;
}

const struct bench_item *bench_item(size_t number)
{
    return number < BENCH_ITEM_COUNT ? &items[number] : NULL;
}

cachet_status bench_item_check(const struct bench_item *item, cachet_bytes body,
                               bool is_compared, cachet_error *err)
{
    if (body.size != item->body.size)
        return bench_err_set(err, CACHET_E_PROTOCOL, "%s: %zu bytes where %zu were served",
                             item->url, body.size, item->body.size);
    if (is_compared && memcmp(body.data, item->body.data, body.size) != 0)
        return bench_err_set(err, CACHET_E_PROTOCOL, "%s: not the bytes that were served",
                             item->url);
    return CACHET_OK;
}
