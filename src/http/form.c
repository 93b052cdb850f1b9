/* SPDX-License-Identifier: MIT */
#include "http/form.h"

#include <inttypes.h>
#include <stdio.h>

#include "http/conditional.h"
#include "http/etag.h"

static enum ct_form_kind kind_of(enum ct_range_answer answer)
{
    static const enum ct_form_kind kinds[] = {
        [CT_RANGE_WHOLE] = CT_FORM_WHOLE,
        [CT_RANGE_PARTS] = CT_FORM_PARTS,
        [CT_RANGE_UNSATISFIABLE] = CT_FORM_UNSATISFIABLE,
        [CT_RANGE_MISSING] = CT_FORM_MISSING,
    };
    return kinds[answer];
}

/* RFC 9110 14.2: Range is of GET. RFC 9110 13.1.5: with the wrong If-Range it is passed over.
 */
static bool asks_for_parts(const struct ct_request_facts *request,
                           const struct ct_response_facts *stored)
{
    return ct_bytes_equal(request->method, CT_BYTES("GET")) &&
           ct_fields_has(&request->fields, CT_BYTES("range")) &&
           ct_if_range_holds(&request->fields, &stored->fields);
}

static enum ct_form_kind read_part(const struct ct_request_facts *request,
                                   const struct ct_response_facts *stored, uint64_t body_size,
                                   struct ct_form *form)
{
    /* The body decides how much there is: a Content-Range that says else is not believed. */
    form->has_span = ct_content_range_read(&stored->fields, &form->span) && body_size > 0 &&
                     form->span.range.last - form->span.range.first == body_size - 1;
    if (!form->has_span || !asks_for_parts(request, stored))
        return CT_FORM_MISSING;
    return kind_of(ct_range_resolve_part(&request->fields, &form->span, &form->ranges));
}

/* RFC 9110 14.2: only what would be a 200 is answered in parts. */
static enum ct_form_kind read_whole(const struct ct_request_facts *request,
                                    const struct ct_response_facts *stored, uint64_t body_size,
                                    struct ct_form *form)
{
    form->has_span = body_size > 0;
    if (form->has_span)
        form->span = (struct ct_span){{0, body_size - 1}, true, body_size};
    if (stored->status != 200 || !asks_for_parts(request, stored))
        return CT_FORM_WHOLE;
    return kind_of(ct_range_resolve(&request->fields, body_size, &form->ranges));
}

void ct_form_read(const struct ct_request_facts *request,
                  const struct ct_response_facts *stored, uint64_t body_size,
                  struct ct_form *ret_form)
{
    ret_form->ranges.count = 0;
    ret_form->has_span = false;
    switch (ct_conditional_evaluate(request, stored)) {
    case CT_CONDITIONAL_PASS:
        ret_form->kind = CT_FORM_PASS;
        break;
    case CT_CONDITIONAL_NOT_MODIFIED:
        ret_form->kind = CT_FORM_NOT_MODIFIED;
        break;
    case CT_CONDITIONAL_NONE:
        ret_form->kind = stored->status == 206
                             ? read_part(request, stored, body_size, ret_form)
                             : read_whole(request, stored, body_size, ret_form);
        break;
    }
}

/* RFC 9111 5.2.1.7: what must not leave is refused. */
static struct ct_decision go(const struct ct_policy_settings *settings,
                             const struct ct_request_facts *request,
                             struct ct_decision decision, enum ct_reason reason)
{
    const struct ct_decision without = ct_policy_decide(settings, request, NULL, 0);

    decision.action = without.action;
    decision.reason = without.action == CT_ACTION_REFUSE ? without.reason : reason;
    return decision;
}

struct ct_decision ct_policy_decide_form(const struct ct_policy_settings *settings,
                                         const struct ct_request_facts *request,
                                         const struct ct_response_facts *stored,
                                         uint64_t body_size, int64_t now_ms,
                                         struct ct_form *ret_form)
{
    const struct ct_decision decision = ct_policy_decide(settings, request, stored, now_ms);

    ret_form->kind = CT_FORM_WHOLE;
    ret_form->ranges.count = 0;
    ret_form->has_span = false;
    if (stored == NULL || decision.action == CT_ACTION_FETCH ||
        decision.action == CT_ACTION_REFUSE)
        return decision;
    ct_form_read(request, stored, body_size, ret_form);
    if (ret_form->kind == CT_FORM_PASS)
        return go(settings, request, decision, CT_REASON_CONDITIONAL);
    if (ret_form->kind == CT_FORM_MISSING)
        return go(settings, request, decision, CT_REASON_PARTIAL);
    return decision;
}

size_t ct_form_completion(const struct ct_form *form, const struct ct_fields *stored,
                          char room[CT_COMPLETION_SIZE], cachet_field ret_fields[2])
{
    const struct ct_validators held = ct_validators_of(stored);
    const struct ct_range *const range = &form->span.range;
    const bool is_all = form->span.has_total && range->last + 1 == form->span.total;

    if (form->kind != CT_FORM_MISSING || !form->has_span ||
        !ct_validators_same_strong(stored, stored) || (range->first == 0) == is_all)
        return 0;
    if (range->first == 0)
        (void) snprintf(room, CT_COMPLETION_SIZE, "bytes=%" PRIu64 "-", range->last + 1);
    else
        (void) snprintf(room, CT_COMPLETION_SIZE, "bytes=0-%" PRIu64, range->first - 1);
    ret_fields[0] = cachet_field_of("Range", room);
    ret_fields[1] = (cachet_field){CT_BYTES("If-Range"),
                                   held.has_etag ? held.etag_text : held.modified_text};
    return 2;
}
