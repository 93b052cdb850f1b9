/* SPDX-License-Identifier: MIT */
/* The sweep itself: it must see what it is there to see. */
#include "fail_sweep.h"

#include "base/error.h"

enum mistake { NONE, SWALLOWED, WRONG_STATUS, NOT_TOLD, FAILS_ANYWAY };

static cachet_status allocate_three(void *context, cachet_error *err)
{
    const enum mistake mistake = *(const enum mistake *) context;
    CLEANUP(ct_mem_freep) int *a = NULL;
    CLEANUP(ct_mem_freep) int *b = NULL;
    CLEANUP(ct_mem_freep) int *c = NULL;

    TRY(ct_new(&a, err));
    const cachet_status status = ct_new(&b, mistake == NOT_TOLD ? NULL : err);
    if (status != CACHET_OK && mistake == SWALLOWED)
        return CACHET_OK;
    if (status != CACHET_OK && mistake == WRONG_STATUS)
        return ct_err_set(err, CACHET_E_IO, "not what happened");
    TRY(status);
    TRY(ct_new(&c, err));
    return mistake == FAILS_ANYWAY ? ct_err_set(err, CACHET_E_IO, "always") : CACHET_OK;
}

int main(void)
{
    static const struct {
        long nth; /* where it shows */
        enum mistake mistake;
        bool is_right, is_right_where_it_may_succeed;
    } rows[] = {
        {1, NONE, true, true},         {3, NONE, true, true},
        {1, SWALLOWED, false, true},   {1, WRONG_STATUS, false, false},
        {1, NOT_TOLD, false, false},   {3, FAILS_ANYWAY, false, false},
        {0, FAILS_ANYWAY, true, true},
    };
    enum mistake mistake = NONE;

    CHECK(fail_sweep("three allocations", allocate_three, &mistake) == 3, "three are counted");
    mistake = SWALLOWED;
    CHECK(fail_sweep_or("doing without", allocate_three, &mistake, true) == 3,
          "a run may do without where that is said");
    for (size_t i = 0; i < CT_COUNT_OF(rows); i++) {
        mistake = rows[i].mistake;
        const struct fail_sweep_step step =
            fail_sweep_step(rows[i].nth, allocate_three, &mistake);
        CHECK(step.has_failed == (rows[i].nth < 3) &&
                  fail_sweep_is_right(&step, false) == rows[i].is_right &&
                  fail_sweep_is_right(&step, true) == rows[i].is_right_where_it_may_succeed,
              "mistake %d, allocation %ld", (int) mistake, rows[i].nth);
    }
    return tap_done();
}
