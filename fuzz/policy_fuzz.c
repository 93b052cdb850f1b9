/* SPDX-License-Identifier: MIT */
/*
 * Three times (8 bytes each), a status (2), flags (1), then lines of a request, an empty line,
 * lines of a response: what must hold of every verdict.
 */
#include <cachet/policy.h>

#include <stdlib.h>

#include "../tests/unit/http/lines.h"
#include "base/buf.h"
#include "http/cache_control.h"
#include "http/cache_status.h"
#include "http/conditional.h"
#include "http/validate.h"

#define SECONDS_MAX (INT64_C(1) << 31)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

struct facts {
    struct ct_policy_settings settings;
    struct ct_request_facts request;
    struct ct_response_facts response;
    int64_t now_ms;
};

static struct ct_decision decide_at(const struct facts *facts, int64_t now_ms)
{
    const struct ct_decision decision =
        ct_policy_decide(&facts->settings, &facts->request, &facts->response, now_ms);
    const int64_t lifetime = ct_policy_lifetime_s(&facts->settings, &facts->response);
    const int64_t age = ct_policy_age_s(&facts->response, now_ms);
    int64_t ahead_ms;

    must(lifetime >= 0 && lifetime <= SECONDS_MAX && age >= 0 && age <= SECONDS_MAX);
    if (decision.action == CT_ACTION_SERVE_STALE)
        must(facts->settings.serves_stale &&
             decision.reason == CT_REASON_STALE_WHILE_REVALIDATE);
    if (decision.action == CT_ACTION_SERVE || decision.action == CT_ACTION_SERVE_STALE) {
        must((age < lifetime) == (decision.reason == CT_REASON_FRESH));
        must(decision.reason == CT_REASON_FRESH || decision.reason == CT_REASON_MAX_STALE ||
             decision.reason == CT_REASON_STALE_WHILE_REVALIDATE);
        must(!facts->request.refresh && !facts->request.force_refresh);
        must(!__builtin_sub_overflow(facts->response.received_at_ms, now_ms, &ahead_ms) ||
             facts->response.received_at_ms < now_ms);
        must(facts->response.received_at_ms < now_ms || ahead_ms <= 60000);
    }
    if (decision.action == CT_ACTION_REVALIDATE)
        must(ct_validate_is_possible(&facts->response.fields));
    if (facts->request.only_if_cached)
        must(decision.action == CT_ACTION_SERVE || decision.action == CT_ACTION_REFUSE);
    return decision;
}

/* What is fresh was fresh before: age only grows. */
static void check_decisions(const struct facts *facts)
{
    const int64_t received_ms = facts->response.received_at_ms;
    const struct ct_decision decision = decide_at(facts, facts->now_ms);
    int64_t passed_ms;

    if (decision.action != CT_ACTION_SERVE || received_ms > facts->now_ms ||
        __builtin_sub_overflow(facts->now_ms, received_ms, &passed_ms))
        return;
    must(decide_at(facts, received_ms + passed_ms / 2).action == CT_ACTION_SERVE);
    must(decide_at(facts, received_ms).action == CT_ACTION_SERVE);
}

static bool may_be_stale(const struct facts *facts)
{
    struct ct_cache_control stated;

    ct_cache_control_read_for(&facts->response.fields, facts->settings.targets,
                              facts->settings.target_count, &stated);
    return stated.seconds[CT_DIRECTIVE_STALE_IF_ERROR] > 0 ||
           (facts->settings.serves_stale &&
            stated.seconds[CT_DIRECTIVE_STALE_WHILE_REVALIDATE] > 0);
}

static void check_storing(const struct facts *facts)
{
    enum ct_reason reason = CT_REASON_FRESH;
    const bool may =
        ct_policy_may_store(&facts->settings, &facts->request, &facts->response, &reason);

    must(may == (reason == CT_REASON_STORABLE));
    if (!may)
        return;
    must(facts->response.status >= 200 && facts->response.status <= 999);
    must(ct_policy_lifetime_s(&facts->settings, &facts->response) > 0 ||
         ct_validate_is_possible(&facts->response.fields) || may_be_stale(facts));
}

/* What stands in for an error is nothing that must be revalidated. */
static void check_errors(const struct facts *facts)
{
    struct ct_policy_settings strict = facts->settings;
    enum ct_reason reason = CT_REASON_FRESH;
    cachet_field kept[LINES_MAX];

    if (ct_policy_may_serve_on_error(&strict, &facts->request, &facts->response,
                                     facts->response.status, facts->now_ms, &reason))
        must(reason == CT_REASON_STALE_IF_ERROR || reason == CT_REASON_DISCONNECTED);
    if (ct_policy_may_serve_on_error(&strict, &facts->request, &facts->response, 0,
                                     facts->now_ms, &reason))
        must(!facts->request.refresh && !facts->request.force_refresh);
    (void) ct_conditional_evaluate(&facts->request, &facts->response);
    must(ct_conditional_fields(&facts->response.fields, kept) <= facts->response.fields.count);
}

/* The public function agrees where it is asked the same. */
static void check_public(const struct facts *facts)
{
    cachet_policy policy = CACHET_POLICY_INIT;
    cachet_policy_request request = CACHET_POLICY_REQUEST_INIT;
    cachet_policy_response response = CACHET_POLICY_RESPONSE_INIT;
    const cachet_policy_response *const pointer = &response;
    unsigned char room[64];
    cachet_policy_verdict verdict = {.size = sizeof verdict, .room = room};

    policy.flags = facts->settings.is_shared ? CACHET_POLICY_SHARED : 0;
    verdict.room_size = sizeof room;
    request.method = facts->request.method;
    request.fields = facts->request.fields.at;
    request.field_count = facts->request.fields.count;
    response.status = facts->response.status;
    response.fields = facts->response.fields.at;
    response.field_count = facts->response.fields.count;
    response.requested_ms = facts->response.requested_at_ms;
    response.received_ms = facts->response.received_at_ms;
    response.body_size = 10;
    cachet_policy_decide(&policy, &request, &pointer, 1, facts->now_ms, &verdict);
    must(verdict.condition_count <= CACHET_CONDITIONS_MAX &&
         (verdict.condition_count > 0) == (verdict.action == CACHET_DO_REVALIDATE));
    must(verdict.range_count <= CACHET_RANGES_MAX &&
         (verdict.range_count > 0) == (verdict.form == CACHET_FORM_PARTS));
    must(verdict.action != CACHET_DO_SERVE || verdict.variant == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ct_reader reader = ct_reader_over(ct_bytes(data, size));
    struct lines first, second;
    const cachet_bytes target = CT_BYTES("CDN-Cache-Control");
    struct facts facts = {0};
    enum ct_reason reason;
    size_t at = 0;

    facts.response.requested_at_ms = (int64_t) ct_read_u64le(&reader);
    facts.response.received_at_ms = (int64_t) ct_read_u64le(&reader);
    facts.now_ms = (int64_t) ct_read_u64le(&reader);
    facts.response.status = (int16_t) ct_read_u16le(&reader);
    const unsigned flags = ct_read_u8(&reader);
    const cachet_bytes text = reader.rest;
    while (at + 1 < text.size && (text.data[at] != '\n' || text.data[at + 1] != '\n'))
        at++;
    facts.request.fields = lines_of(&first, ct_bytes_first(text, at));
    facts.response.fields = lines_of(&second, ct_bytes_from(text, at + 2));
    facts.settings.is_shared = (flags & 1) != 0;
    facts.request.refresh = (flags & 2) != 0;
    facts.request.force_refresh = (flags & 4) != 0;
    facts.request.only_if_cached = (flags & 8) != 0;
    facts.settings.serves_stale = (flags & 32) != 0;
    facts.settings.keeps_partial = (flags & 64) != 0;
    facts.settings.targets = &target;
    facts.settings.target_count = (flags & 128) != 0;
    facts.request.method = (flags & 16) != 0 ? CT_BYTES("HEAD") : CT_BYTES("GET");

    (void) ct_policy_may_look_up(&facts.request, &reason);
    check_decisions(&facts);
    check_storing(&facts);
    check_errors(&facts);
    check_public(&facts);
    return 0;
}
