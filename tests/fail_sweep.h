/* SPDX-License-Identifier: MIT */
/*
 * Fails the first allocation of a run, then the second, and so on, until a run needs no more
 * than were let through.
 *
 *     static cachet_status run(void *context, cachet_error *err) { ... }
 *     fail_sweep("opening", run, &context);
 *
 * Each run must leave behind nothing but what the next one expects; that nothing leaks is for
 * ASan or valgrind to see. One check for the whole sweep: with every allocation but one the run
 * must say E_MEMORY, in `err` too; with all of them it must succeed.
 */
#ifndef CT_TESTS_FAIL_SWEEP_H
#define CT_TESTS_FAIL_SWEEP_H

#include "base/mem.h"
#include "tap.h"

#define FAIL_SWEEP_MAX 100000L

typedef cachet_status (*fail_sweep_run)(void *context, cachet_error *err);

/* What one run came to. */
struct fail_sweep_step {
    cachet_status status;
    cachet_status told; /* in err, where it failed */
    bool has_failed;    /* the allocation that was to fail was reached */
};

static inline struct fail_sweep_step fail_sweep_step(long nth, fail_sweep_run run,
                                                     void *context)
{
    cachet_error err = {CACHET_OK, ""};
    struct fail_sweep_step step;

    (void) ct_mem_fail_after(nth);
    step.status = run(context, &err);
    step.has_failed = ct_mem_fail_after(-1) < 0;
    step.told = err.message[0] == '\0' ? CACHET_OK : err.status;
    return step;
}

static inline bool fail_sweep_is_right(const struct fail_sweep_step *step, bool may_succeed)
{
    if (!step->has_failed)
        return step->status == CACHET_OK;
    return (step->status == CACHET_E_MEMORY && step->told == CACHET_E_MEMORY) ||
           (may_succeed && step->status == CACHET_OK);
}

/*
 * `may_succeed` is for what does without, such as a cache that is passed by: a run may then
 * also be OK although an allocation failed. Returns how many allocations a whole run makes.
 */
static inline long fail_sweep_or(const char *name, fail_sweep_run run, void *context,
                                 bool may_succeed)
{
    for (long nth = 0; nth < FAIL_SWEEP_MAX; nth++) {
        const struct fail_sweep_step step = fail_sweep_step(nth, run, context);
        const bool is_right = fail_sweep_is_right(&step, may_succeed);
        if (step.has_failed && is_right)
            continue;
        CHECK(is_right, "%s: allocation %ld %s: '%s' is returned, '%s' told", name, nth,
              step.has_failed ? "fails" : "does not fail", cachet_status_text(step.status),
              cachet_status_text(step.told));
        return nth;
    }
    CHECK(false, "%s: ends within %ld allocations", name, FAIL_SWEEP_MAX);
    return FAIL_SWEEP_MAX;
}

static inline long fail_sweep(const char *name, fail_sweep_run run, void *context)
{
    return fail_sweep_or(name, run, context, false);
}

#endif
