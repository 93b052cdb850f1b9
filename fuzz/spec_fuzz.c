/* SPDX-License-Identifier: MIT */
/* Any text as a SPEC: it is taken apart, or refused with E_USAGE, and nothing is lost. */
#include "base/mem.h"
#include "base/spec.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const schemes[] = {"sqlite", "files", "redis+unix", NULL};
    static const char *const known[] = {"tier", "salt", NULL};
    CLEANUP(ct_spec_fini) struct ct_spec spec = {0};
    CLEANUP(ct_mem_freep) char *text = NULL;
    cachet_error err;

    MUST(ct_mem_text(&text, ct_bytes(data, size), NULL) == CACHET_OK);
    const cachet_status status = ct_spec_parse(text, schemes, &spec, &err);
    MUST(status == CACHET_OK || (status == CACHET_E_USAGE && err.status == status));
    if (status != CACHET_OK) {
        MUST(spec.location == NULL && spec.option_count == 0);
        return 0;
    }
    MUST(spec.location[0] != '\0' && spec.option_count <= CT_SPEC_OPTIONS_MAX);
    MUST(strstr(text, spec.location) != NULL);
    for (size_t i = 0; i < spec.option_count; i++) {
        MUST(spec.options[i].name[0] != '\0');
        MUST(ct_spec_option(&spec, spec.options[i].name) == spec.options[i].value);
    }
    (void) ct_spec_check_options(&spec, known, &err);
    return 0;
}
