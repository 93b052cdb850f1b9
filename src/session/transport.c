/* SPDX-License-Identifier: MIT */
#include "session/transport.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "session/cause.h"
#include "session/setup.h"

/* Memory for pending bytes that is worth keeping between two transfers. */
#define KEPT_SIZE ((size_t) 64 << 10)
#define POLL_MS_MAX 1000
/* Idle ones too, to different origins. */
#define CONNECTIONS_MAX 16L

struct ct_transport {
    CURLM *multi;
    CURL *easy;
    pid_t pid;

    /* The transfer under way. */
    char *url;
    struct curl_slist *lines;
    bool is_started;
    bool is_paused; /* libcurl holds bytes back until pending is taken */
    bool is_taken;  /* pending was handed out: free with the next call */
    bool is_over;   /* with `code` */
    CURLcode code;
    cachet_error own; /* why a callback of ours stopped it; CACHET_OK if none did */
    struct ct_head head;
    struct ct_buf pending;
    size_t pending_peak;
    uint64_t received;
    int64_t sent_ms; /* -1 before there is a connection */
    int64_t received_ms;

    /* How long nothing moves: monotonic. */
    uint32_t stall_timeout_ms;
    int64_t moved_ms;
    uint64_t moved;
    char words[CURL_ERROR_SIZE];
};

bool ct_transport_is_ours(const struct ct_transport *transport)
{
    return transport->pid == getpid();
}

void ct_transport_free(struct ct_transport *transport)
{
    /* A parent's sockets: closing would end its conversations. A child has few to lose. */
    if (transport == NULL || !ct_transport_is_ours(transport))
        return;
    ct_transport_stop(transport);
    if (transport->easy != NULL)
        curl_easy_cleanup(transport->easy);
    if (transport->multi != NULL)
        (void) curl_multi_cleanup(transport->multi);
    ct_head_fini(&transport->head);
    ct_buf_fini(&transport->pending);
    ct_mem_free(transport);
}

cachet_status ct_transport_new(struct ct_transport **ret_transport, cachet_error *err)
{
    CLEANUP(ct_transport_freep) struct ct_transport *transport = NULL;

    TRY(ct_new(&transport, err));
    transport->pid = getpid();
    ct_head_init(&transport->head);
    transport->pending = ct_buf_with_ceiling(CT_TRANSPORT_PENDING_MAX);
    transport->multi = curl_multi_init();
    transport->easy = curl_easy_init();
    if (transport->multi == NULL || transport->easy == NULL)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory for libcurl");
    (void) curl_multi_setopt(transport->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX);
    *ret_transport = ct_steal(&transport);
    return CACHET_OK;
}

static size_t on_head_line(char *data, size_t size, size_t count, void *context)
{
    struct ct_transport *const transport = context;
    const cachet_bytes line = ct_bytes(data, size * count);

    transport->received += line.size;
    if (ct_head_line(&transport->head, line, &transport->own) != CACHET_OK)
        return line.size + 1;
    if (transport->head.is_complete && transport->received_ms < 0)
        transport->received_ms = ct_clock_now_ms();
    return line.size;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct ct_transport *const transport = context;
    struct ct_buf *const pending = &transport->pending;
    const cachet_bytes piece = ct_bytes(data, size * count);

    if (!transport->head.is_complete) {
        (void) ct_err_set(&transport->own, CACHET_E_PROTOCOL, "a body without a head");
        return piece.size + 1;
    }
    if (pending->size > 0 && piece.size > CT_TRANSPORT_PENDING_MAX - pending->size) {
        transport->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    ct_buf_append(pending, piece);
    if (ct_buf_status(pending, &transport->own) != CACHET_OK)
        return piece.size + 1;
    transport->received += piece.size;
    if (pending->size > transport->pending_peak)
        transport->pending_peak = pending->size;
    return piece.size;
}

/* A connection stands, the request is about to be written: RFC 9111 4.2.3 request_time. */
/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl says what it looks like. */
static int on_send(void *context, char *address, char *own_address, int port, int own_port)
{
    struct ct_transport *const transport = context;

    (void) address, (void) own_address, (void) port, (void) own_port;
    transport->sent_ms = ct_clock_now_ms();
    transport->moved_ms = ct_clock_monotonic_ms();
    return CURL_PREREQFUNC_OK;
}

static void forget_transfer(struct ct_transport *transport)
{
    ct_mem_free(ct_steal(&transport->url));
    curl_slist_free_all(ct_steal(&transport->lines));
    ct_head_reset(&transport->head);
    if (transport->pending.capacity > KEPT_SIZE)
        ct_buf_fini(&transport->pending);
    ct_buf_reset(&transport->pending);
    transport->is_started = transport->is_paused = false;
    transport->is_over = transport->is_taken = false;
    transport->code = CURLE_OK;
    transport->own.status = CACHET_OK;
    transport->received = transport->moved = 0;
    transport->sent_ms = transport->received_ms = -1;
    transport->words[0] = '\0';
}

void ct_transport_stop(struct ct_transport *transport)
{
    if (!ct_transport_is_ours(transport))
        return;
    if (transport->is_started)
        (void) curl_multi_remove_handle(transport->multi, transport->easy);
    /* The handle points into what is freed next. */
    if (transport->easy != NULL)
        curl_easy_reset(transport->easy);
    forget_transfer(transport);
}

cachet_status ct_transport_start(struct ct_transport *transport, const struct ct_terms *terms,
                                 const struct ct_call *call, cachet_error *err)
{
    const struct ct_setup setup = {
        .context = transport,
        .on_head_line = on_head_line,
        .on_body = on_body,
        .on_send = on_send,
        .words = transport->words,
    };

    ct_transport_stop(transport);
    TRY(ct_mem_text(&transport->url, cachet_bytes_of(call->url), err));
    TRY(ct_setup_lines(call, &transport->lines, err));
    TRY(ct_setup_apply(&setup, transport->easy, terms, call, err));
    if (curl_easy_setopt(transport->easy, CURLOPT_HTTPHEADER, transport->lines) != CURLE_OK ||
        curl_multi_add_handle(transport->multi, transport->easy) != CURLM_OK)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory for libcurl");
    transport->is_started = true;
    transport->stall_timeout_ms = terms->stall_timeout_ms;
    transport->moved_ms = ct_clock_monotonic_ms();
    return CACHET_OK;
}

/* Why it ended, where that was not well. */
static cachet_status outcome(const struct ct_transport *transport, cachet_error *err)
{
    if (transport->own.status != CACHET_OK) {
        char place[280];
        ct_cause_place(transport->url, place, sizeof place);
        return ct_err_set(err, transport->own.status, "the answer from '%s': %s", place,
                          transport->own.message);
    }
    if (transport->code == CURLE_OK)
        return CACHET_OK;
    const struct ct_cause cause = {transport->url, transport->words, transport->code,
                                   transport->sent_ms >= 0, transport->head.is_complete};
    return ct_cause_explain(&cause, err);
}

static void take_message(struct ct_transport *transport)
{
    const CURLMsg *message;
    int left = 0;

    while ((message = curl_multi_info_read(transport->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        transport->is_over = true;
        transport->code = message->data.result;
    }
}

/* ms until nothing has moved for too long: connecting has its own limit. */
static int64_t stall_left_ms(struct ct_transport *transport)
{
    curl_off_t uploaded = 0;

    (void) curl_easy_getinfo(transport->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    const uint64_t moved = transport->received + (uint64_t) uploaded;
    const int64_t now_ms = ct_clock_monotonic_ms();
    if (moved != transport->moved || transport->sent_ms < 0) {
        transport->moved = moved;
        transport->moved_ms = now_ms;
    }
    return transport->moved_ms + (int64_t) transport->stall_timeout_ms - now_ms;
}

/* Lets libcurl work until something happens. */
static cachet_status turn(struct ct_transport *transport)
{
    const int64_t left_ms = stall_left_ms(transport);
    int running = 0;

    if (left_ms <= 0)
        return ct_err_set(&transport->own, CACHET_E_TRANSFER, "nothing arrived for %u ms",
                          transport->stall_timeout_ms);
    const int wait_ms = left_ms < POLL_MS_MAX ? (int) left_ms : POLL_MS_MAX;
    CURLMcode code = curl_multi_poll(transport->multi, NULL, 0, wait_ms, NULL);
    if (code == CURLM_OK)
        code = curl_multi_perform(transport->multi, &running);
    if (code != CURLM_OK)
        return ct_err_set(&transport->own, CACHET_E_TRANSFER, "%s", curl_multi_strerror(code));
    take_message(transport);
    return CACHET_OK;
}

/* The first look: what is there already needs no waiting. */
static void look(struct ct_transport *transport)
{
    int running = 0;

    if (curl_multi_perform(transport->multi, &running) == CURLM_OK)
        take_message(transport);
}

cachet_status ct_transport_head(struct ct_transport *transport, cachet_head *ret_head,
                                cachet_error *err)
{
    struct ct_head *const head = &transport->head;

    look(transport);
    while (!head->is_complete && !transport->is_over)
        if (turn(transport) != CACHET_OK)
            break;
    if (!head->is_complete) {
        TRY(outcome(transport, err));
        return ct_err_set(err, CACHET_E_PROTOCOL, "no answer but interim ones from '%s'",
                          transport->url);
    }
    *ret_head = (cachet_head) CACHET_HEAD_INIT;
    ret_head->status = head->status;
    ret_head->fields = ct_head_fields(head, &ret_head->field_count);
    ret_head->sent_ms = transport->sent_ms;
    ret_head->received_ms = transport->received_ms;
    return CACHET_OK;
}

/* Takes what libcurl held back; may fill pending at once. */
static void go_on(struct ct_transport *transport)
{
    transport->is_paused = false;
    (void) curl_easy_pause(transport->easy, CURLPAUSE_CONT);
    look(transport);
}

cachet_status ct_transport_next(struct ct_transport *transport, cachet_bytes *ret_piece,
                                cachet_error *err)
{
    if (transport->is_taken)
        ct_buf_reset(&transport->pending);
    transport->is_taken = true;
    if (transport->is_paused && transport->pending.size == 0)
        go_on(transport);
    while (transport->pending.size == 0 && !transport->is_over)
        if (turn(transport) != CACHET_OK)
            break;
    if (transport->pending.size == 0)
        TRY(outcome(transport, err));
    *ret_piece = ct_buf_view(&transport->pending);
    return CACHET_OK;
}

bool ct_transport_is_at_end(const struct ct_transport *transport)
{
    return transport->is_over && transport->code == CURLE_OK &&
           transport->own.status == CACHET_OK &&
           (transport->is_taken || transport->pending.size == 0);
}

uint64_t ct_transport_body_size(struct ct_transport *transport)
{
    curl_off_t size = -1;

    (void) curl_easy_getinfo(transport->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    return size < 0 ? UINT64_MAX : (uint64_t) size;
}

size_t ct_transport_pending_peak(const struct ct_transport *transport)
{
    return transport->pending_peak;
}
