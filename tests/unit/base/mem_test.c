/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdint.h>

#include "base/bytes.h"
#include "tap.h"

struct thing {
    int64_t number;
    char text[24];
};

static void test_new(void)
{
    CLEANUP(ct_mem_freep) struct thing *thing = NULL;
    CLEANUP(ct_mem_freep) struct thing *things = NULL;
    CLEANUP(ct_mem_freep) void *nothing = NULL;
    bool is_zero = true;

    CHECK(ct_new(&thing, NULL) == CACHET_OK && thing->number == 0, "one zeroed object");
    CHECK(ct_new_array(&things, 50, NULL) == CACHET_OK, "an array");
    for (size_t i = 0; things != NULL && i < 50 * sizeof *things; i++)
        is_zero = is_zero && ((const char *) things)[i] == 0;
    CHECK(is_zero, "zeroed all over");
    CHECK(ct_mem_new(&nothing, 0, 8, NULL) == CACHET_OK && nothing != NULL,
          "memory for nothing is no failure");
}

static void test_overflow(void)
{
    struct thing *things = NULL;
    void *memory = NULL;
    char *text = NULL;
    cachet_error err = {0};

    CHECK(ct_mem_new(&memory, SIZE_MAX / 2, 3, &err) == CACHET_E_MEMORY && memory == NULL &&
              err.status == CACHET_E_MEMORY,
          "count times size may not overflow: %s", err.message);
    CHECK(ct_new_array(&things, SIZE_MAX / 2, NULL) == CACHET_E_MEMORY && things == NULL,
          "nor may an array");
    CHECK(ct_mem_text(&text, ct_bytes("", SIZE_MAX), NULL) == CACHET_E_MEMORY && text == NULL,
          "nor a text and its NUL");
}

static void test_resize(void)
{
    void *memory = NULL;

    CHECK(ct_mem_resize(&memory, 10, NULL) == CACHET_OK && memory != NULL, "from nothing");
    if (memory != NULL)
        memset(memory, 'x', 10);
    CHECK(ct_mem_resize(&memory, SIZE_MAX / 2, NULL) == CACHET_E_MEMORY &&
              ((const char *) memory)[9] == 'x',
          "a failure leaves it as it was");
    CHECK(ct_mem_resize(&memory, 1000, NULL) == CACHET_OK && ((const char *) memory)[9] == 'x',
          "larger keeps the bytes");
    CHECK(ct_mem_resize(&memory, 0, NULL) == CACHET_OK && memory != NULL,
          "to nothing frees nothing");
    ct_mem_free(memory);
    ct_mem_free(NULL);
}

static void test_text(void)
{
    CLEANUP(ct_mem_freep) char *text = NULL;
    CLEANUP(ct_mem_freep) char *empty = NULL;

    CHECK(ct_mem_text(&text, ct_bytes("abcdef", 3), NULL) == CACHET_OK &&
              strcmp(text, "abc") == 0,
          "a text ends in a NUL of its own");
    CHECK(ct_mem_text(&empty, ct_bytes(NULL, 0), NULL) == CACHET_OK && empty[0] == '\0',
          "also one of no bytes");
}

static void test_wipe(void)
{
    unsigned char secret[] = {1, 2, 3, 4};

    ct_mem_wipe(secret + 1, 2);
    CHECK(secret[0] == 1 && secret[1] == 0 && secret[2] == 0 && secret[3] == 4,
          "what is wiped, and no more");
    ct_mem_wipe(NULL, 0);
}

static void test_fail_after(void)
{
    void *memory[4] = {NULL};
    cachet_status status[4];

    (void) ct_mem_fail_after(2);
    for (int i = 0; i < 4; i++)
        status[i] = ct_mem_new(&memory[i], 1, 8, NULL);
    CHECK(status[0] == CACHET_OK && status[1] == CACHET_OK && status[3] == CACHET_OK,
          "the others succeed");
    CHECK(status[2] == CACHET_E_MEMORY && memory[2] == NULL, "the third allocation fails");
    CHECK(ct_mem_fail_after(1) < 0, "it is told that it failed");
    CHECK(ct_mem_resize(&memory[0], 64, NULL) == CACHET_OK &&
              ct_mem_resize(&memory[0], 128, NULL) == CACHET_E_MEMORY,
          "resizing counts as well");
    (void) ct_mem_fail_after(5);
    CHECK(ct_mem_fail_after(-1) == 5, "it is told that it was not reached");
    CHECK(ct_mem_resize(&memory[0], 64, NULL) == CACHET_OK, "-1 is never");
    for (int i = 0; i < 4; i++)
        ct_mem_free(memory[i]);
}

int main(void)
{
    test_new();
    test_overflow();
    test_resize();
    test_text();
    test_wipe();
    test_fail_after();
    return tap_done();
}
