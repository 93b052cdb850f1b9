/* SPDX-License-Identifier: MIT */
#include "session/session.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "session/decode.h"
#include "session/field.h"
#include "session/setup.h"

#define CONNECT_TIMEOUT_MS 30000u
#define STALL_TIMEOUT_MS 60000u
#define REDIRECTS_MAX 20u
#define WHOLE_SIZE_MAX ((uint64_t) 256 << 20)
#define DECODED_SIZE_MAX ((uint64_t) 4 << 30)

CT_DEFINE_FREEP(cachet_session, cachet_close)

/* Older programs know fewer options: what they did not set is zero. */
static cachet_status take_options(const cachet_options *given, cachet_options *ret_options,
                                  cachet_error *err)
{
    *ret_options = (cachet_options) CACHET_OPTIONS_INIT;
    if (given == NULL)
        return CACHET_OK;
    if (given->size < sizeof given->size)
        return ct_err_set(err, CACHET_E_USAGE,
                          "options.size is %zu: begin with CACHET_OPTIONS_INIT", given->size);
    memcpy(ret_options, given, given->size < sizeof *given ? given->size : sizeof *given);
    return CACHET_OK;
}

static cachet_status set_user_agent(cachet_session *session, const char *user_agent,
                                    cachet_error *err)
{
    session->defaults.user_agent = "cachet/" CACHET_VERSION;
    if (user_agent == NULL)
        return CACHET_OK;
    if (!ct_field_value_is_clean(cachet_bytes_of(user_agent)))
        return ct_err_set(err, CACHET_E_USAGE, "options.user_agent holds a line break");
    TRY(ct_mem_text(&session->user_agent, cachet_bytes_of(user_agent), err));
    session->defaults.user_agent = user_agent[0] == '\0' ? NULL : session->user_agent;
    return CACHET_OK;
}

/* The file must go on being the same one when the program changes its directory. */
static cachet_status set_ca_file(cachet_session *session, const char *ca_file,
                                 cachet_error *err)
{
    if (ca_file == NULL)
        return CACHET_OK;
    session->ca_file = realpath(ca_file, NULL);
    if (session->ca_file == NULL || access(session->ca_file, R_OK) != 0)
        return ct_err_set_errno(err, CACHET_E_IO, "cannot read the CA file '%s'", ca_file);
    session->terms.ca_file = session->ca_file;
    return CACHET_OK;
}

/* What was fetched on other terms is kept apart; nothing where all is as usual. */
static cachet_status set_trust(cachet_session *session, cachet_error *err)
{
    session->trust = ct_buf_with_ceiling(SIZE_MAX);
    if (session->terms.is_insecure)
        ct_buf_part(&session->trust, CT_BYTES("insecure"));
    if (session->terms.ca_file != NULL) {
        ct_buf_part(&session->trust, CT_BYTES("ca"));
        ct_buf_part(&session->trust, cachet_bytes_of(session->terms.ca_file));
    }
    return ct_buf_status(&session->trust, err);
}

static uint32_t or_default(uint32_t value, uint32_t usual)
{
    return value == 0 ? usual : value;
}

static void set_limits(cachet_session *session, const cachet_options *options)
{
    session->terms.connect_timeout_ms =
        or_default(options->connect_timeout_ms, CONNECT_TIMEOUT_MS);
    session->terms.stall_timeout_ms = or_default(options->stall_timeout_ms, STALL_TIMEOUT_MS);
    session->total_timeout_ms = options->total_timeout_ms;
    session->max_redirects = or_default(options->max_redirects, REDIRECTS_MAX);
    session->max_whole_size =
        options->max_whole_size == 0 ? WHOLE_SIZE_MAX : options->max_whole_size;
    session->max_decoded_size =
        options->max_decoded_size == 0 ? DECODED_SIZE_MAX : options->max_decoded_size;
}

static cachet_status set_up(cachet_session *session, const cachet_options *options,
                            cachet_error *err)
{
    session->terms.is_insecure = (options->flags & CACHET_INSECURE) != 0;
    session->is_decoding = (options->flags & CACHET_DECODE) != 0;
    if (session->is_decoding)
        session->defaults.accept_encoding = ct_decode_accepts();
    set_limits(session, options);
    TRY(set_user_agent(session, options->user_agent, err));
    TRY(set_ca_file(session, options->ca_file, err));
    return set_trust(session, err);
}

cachet_status cachet_open(cachet_session **ret_session, const char *spec,
                          const cachet_options *options, cachet_error *err)
{
    CLEANUP(cachet_closep) cachet_session *session = NULL;
    cachet_options known;

    TRY(ct_setup_library(err));
    TRY(take_options(options, &known, err));
    TRY(ct_new(&session, err));
    TRY(set_up(session, &known, err));
    TRY(cachet_cache_open(&session->cache, spec, options, err));
    *ret_session = ct_steal(&session);
    return CACHET_OK;
}

void cachet_close(cachet_session *session)
{
    if (session == NULL)
        return;
    ct_pool_fini(&session->pool);
    cachet_cache_close(session->cache);
    ct_buf_fini(&session->trust);
    ct_mem_free(session->ca_file);
    ct_mem_free(session->user_agent);
    ct_mem_free(session);
}

cachet_cache *cachet_session_cache(cachet_session *session)
{
    return session->cache;
}

void cachet_stats(cachet_session *session, cachet_stats_counts *stats)
{
    cachet_cache_stats(session->cache, stats);
}
