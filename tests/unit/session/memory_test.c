/* SPDX-License-Identifier: MIT */
/* Every allocation of a fetch fails once: a named error or success, and nothing left behind. */
#include "base/mem.h"
#include "web.h"

#define ALLOCATIONS_MAX 200

static bool answer(struct origin_call *call)
{
    if (strcmp(call->target, "/redirect") == 0)
        return origin_answer(call, "302 Found", "Location: /end\r\nCache-Control: no-store\r\n",
                             "x");
    return origin_answer(call, "200 OK", "X-A: b\r\n", "end");
}

/* One fetch with the allocation after `count` more failing. */
static cachet_status fetch_failing(struct web *web, const cachet_request *request, long count)
{
    cachet_response *response = NULL;
    cachet_error err = {CACHET_OK, ""};
    char text[8];
    size_t size = 0;

    ct_mem_fail_after(count);
    cachet_status status = cachet_fetch(web->session, request, &response, &err);
    while (status == CACHET_OK && request->body_mode == CACHET_BODY_PULL) {
        status = cachet_response_read(response, text, sizeof text, &size, &err);
        if (size == 0)
            break;
    }
    ct_mem_fail_after(-1);
    cachet_response_free(response);
    return status;
}

static void test_all(struct web *web, const char *name, const char *target, int mode,
                     bool is_hit)
{
    cachet_request request = CACHET_REQUEST_INIT;
    long count = 0;
    int wrong = 0, failed = 0, calm = 0;

    request.url = web_url(web, target);
    request.body_mode = mode;
    for (count = 0; count < ALLOCATIONS_MAX && calm < 40; count++) {
        if (!is_hit)
            fake_reset();
        const cachet_status status = fetch_failing(web, &request, count);
        wrong += status != CACHET_OK && status != CACHET_E_MEMORY;
        failed += status != CACHET_OK;
        calm = status == CACHET_OK ? calm + 1 : 0;
    }
    CHECK(wrong == 0 && failed > 0 && calm == 40, "%s: %d of its allocations were made to fail",
          name, failed);
}

int main(void)
{
    struct web web;

    if (!web_start(&web, answer))
        return 1;
    test_all(&web, "a miss", "/end", CACHET_BODY_WHOLE, false);
    test_all(&web, "a miss by pull", "/end", CACHET_BODY_PULL, false);
    test_all(&web, "a redirect", "/redirect", CACHET_BODY_WHOLE, false);
    fake_reset();
    cachet_response_free(web_get(&web, "/end"));
    test_all(&web, "a hit", "/end", CACHET_BODY_WHOLE, true);
    test_all(&web, "a hit by pull", "/end", CACHET_BODY_PULL, true);
    web_stop(&web);
    return tap_done();
}
