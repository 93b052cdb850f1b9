/* SPDX-License-Identifier: MIT */
#include "session/decode.h"

#include "base/error.h"
#include "base/mem.h"
#include "config.h"
#include "session/coding.h"

/* Bytes between two stages of a body that was coded more than once. */
#define HELD_SIZE ((size_t) 16 << 10)

/* Stage 0 undoes the coding that was applied first; the last one reads what was received. */
struct stage {
    const struct ct_coding *coding;
    void *state;
    unsigned char *held; /* the output of the stage after this one; not owned by `in` */
    cachet_bytes in;
    bool is_last;   /* nothing comes after `in` */
    bool has_begun; /* saw a byte */
    bool is_whole;  /* the input may end here */
    uint64_t made;
};

struct ct_decoder {
    uint64_t ceiling;
    size_t count;
    bool has_unknown;
    struct stage stages[CT_DECODE_CODINGS_MAX];
};

static const struct named_coding {
    const char *name;
    const struct ct_coding *coding;
} codings[] = {
#if CT_HAVE_ZLIB
    {"gzip", &ct_coding_gzip},
    {"x-gzip", &ct_coding_gzip}, /* RFC 9110 8.4.1.3 */
    {"deflate", &ct_coding_deflate},
#endif
#if CT_HAVE_BROTLI
    {"br", &ct_coding_brotli},
#endif
#if CT_HAVE_ZSTD
    {"zstd", &ct_coding_zstd},
#endif
    {"identity", NULL}, /* RFC 9110 8.4.1: says nothing */
};

#if CT_HAVE_ZLIB
#define ACCEPTS_ZLIB ", gzip, deflate"
#else
#define ACCEPTS_ZLIB ""
#endif
#if CT_HAVE_BROTLI
#define ACCEPTS_BROTLI ", br"
#else
#define ACCEPTS_BROTLI ""
#endif
#if CT_HAVE_ZSTD
#define ACCEPTS_ZSTD ", zstd"
#else
#define ACCEPTS_ZSTD ""
#endif

const char *ct_decode_accepts(void)
{
    static const char accepts[] = ACCEPTS_ZLIB ACCEPTS_BROTLI ACCEPTS_ZSTD;
    return sizeof accepts == 1 ? NULL : accepts + 2;
}

cachet_status ct_decoder_new(struct ct_decoder **ret_decoder, uint64_t ceiling,
                             cachet_error *err)
{
    struct ct_decoder *decoder = NULL;

    TRY(ct_new(&decoder, err));
    decoder->ceiling = ceiling;
    *ret_decoder = decoder;
    return CACHET_OK;
}

void ct_decoder_free(struct ct_decoder *decoder)
{
    if (decoder == NULL)
        return;
    for (size_t i = 0; i < decoder->count; i++) {
        decoder->stages[i].coding->stop(decoder->stages[i].state);
        ct_mem_free(decoder->stages[i].held);
    }
    ct_mem_free(decoder);
}

static cachet_status add_stage(struct ct_decoder *decoder, const struct ct_coding *coding,
                               cachet_error *err)
{
    if (decoder->count == CT_DECODE_CODINGS_MAX)
        return ct_err_set(err, CACHET_E_FORMAT, "over %u content codings",
                          CT_DECODE_CODINGS_MAX);
    if (decoder->count > 0)
        TRY(ct_new_array(&decoder->stages[decoder->count - 1].held, HELD_SIZE, err));
    struct stage *const stage = &decoder->stages[decoder->count];
    TRY(coding->start(&stage->state, err));
    stage->coding = coding;
    decoder->count++;
    return CACHET_OK;
}

static cachet_status add_coding(struct ct_decoder *decoder, cachet_bytes name,
                                cachet_error *err)
{
    for (size_t i = 0; i < CT_COUNT_OF(codings); i++) {
        if (!ct_bytes_equal_nocase(name, cachet_bytes_of(codings[i].name)))
            continue;
        return codings[i].coding == NULL ? CACHET_OK
                                         : add_stage(decoder, codings[i].coding, err);
    }
    decoder->has_unknown = true;
    return CACHET_OK;
}

cachet_status ct_decoder_add(struct ct_decoder *decoder, cachet_bytes line, cachet_error *err)
{
    while (line.size > 0 && !decoder->has_unknown) {
        const size_t comma = ct_bytes_find(line, ',');
        const cachet_bytes name = ct_bytes_trim(ct_bytes_first(line, comma));
        if (name.size > 0)
            TRY(add_coding(decoder, name, err));
        line = ct_bytes_from(line, comma + 1);
    }
    return CACHET_OK;
}

bool ct_decoder_is_needed(const struct ct_decoder *decoder)
{
    return decoder->count > 0 && !decoder->has_unknown;
}

/* One step of one stage. Fills flow->out, cuts the stage's input. */
static cachet_status advance(const struct ct_decoder *decoder, struct stage *stage,
                             struct ct_flow *flow, cachet_error *err)
{
    flow->made = 0;
    stage->has_begun = stage->has_begun || stage->in.size > 0;
    if (!stage->has_begun)
        return CACHET_OK;
    flow->in = stage->in;
    TRY(stage->coding->step(stage->state, flow, &stage->is_whole, err));
    stage->in = flow->in;
    stage->made += flow->made;
    if (stage->made > decoder->ceiling)
        return ct_err_set(err, CACHET_E_TOO_LARGE, "decodes to over %llu bytes",
                          (unsigned long long) decoder->ceiling);
    return CACHET_OK;
}

/* An empty body is empty in every coding: servers send it so. */
static cachet_status check_end(const struct stage *stage, cachet_error *err)
{
    if (stage->is_whole || !stage->has_begun)
        return CACHET_OK;
    return ct_err_set(err, CACHET_E_FORMAT, "%s: the coded body ends early",
                      stage->coding->name);
}

/*
 * From the first stage down to one that makes something out of what it has, and up again with
 * it, until the first stage has made output or all have ended.
 */
static cachet_status pull(struct ct_decoder *decoder, struct ct_flow *flow, cachet_error *err)
{
    size_t at = 0;

    for (;;) {
        struct stage *const stage = &decoder->stages[at];
        struct ct_flow step = {.out = flow->out, .room = flow->room};
        if (at > 0)
            step = (struct ct_flow){.out = stage[-1].held, .room = HELD_SIZE};
        TRY(advance(decoder, stage, &step, err));
        if (step.made == 0 && stage->in.size > 0)
            continue;
        if (step.made == 0 && !stage->is_last) {
            if (++at == decoder->count)
                return CACHET_OK;
            continue;
        }
        if (step.made == 0)
            TRY(check_end(stage, err));
        if (at == 0) {
            flow->made = step.made;
            return CACHET_OK;
        }
        at--;
        stage[-1].in = ct_bytes(stage[-1].held, step.made);
        stage[-1].is_last = step.made == 0;
    }
}

cachet_status ct_decoder_run(struct ct_decoder *decoder, struct ct_flow *flow,
                             cachet_error *err)
{
    struct stage *const source = &decoder->stages[decoder->count - 1];

    source->in = flow->in;
    source->is_last = flow->is_last;
    flow->made = 0;
    TRY(pull(decoder, flow, err));
    flow->in = source->in;
    return CACHET_OK;
}
