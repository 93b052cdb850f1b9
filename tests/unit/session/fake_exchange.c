/* SPDX-License-Identifier: MIT */
#include "fake_exchange.h"

#include <pthread.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

#define ENTRIES_MAX 64

struct fake_knobs fake_knobs;
struct fake_counts fake_counts;

struct cachet_cache {
    int unused;
};

/* Names, values and bodies are copied into buffers that live as long as their owner. */
struct answer {
    int status;
    cachet_field fields[10100];
    size_t field_count;
    struct ct_buf text; /* never moves: made large enough at once */
    struct ct_buf body;
};

struct entry {
    struct ct_buf name;
    struct answer *answer;
};

struct cachet_exchange {
    cachet_verdict verdict;
    struct ct_buf name; /* URL, line break, trust */
    struct ct_buf url;
    struct ct_buf userinfo;
    cachet_field added[2];
    size_t added_count;
    struct answer *answer; /* owned, a copy where it is stored */
    char key[65];
    bool is_get, is_hit, is_stored;
    size_t read_at;
    int reads;
    bool only_if_cached;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static struct entry entries[ENTRIES_MAX];
static int entry_count;
static struct ct_buf last_fields, last_trust, last_credential, last_url;

static void answer_free(struct answer *answer)
{
    if (answer == NULL)
        return;
    ct_buf_fini(&answer->text);
    ct_buf_fini(&answer->body);
    ct_mem_free(answer);
}

static struct answer *answer_new(int status, const cachet_field *fields, size_t count)
{
    struct answer *answer = NULL;
    size_t size = 0;

    if (count > CT_COUNT_OF(answer->fields) - 1 || ct_new(&answer, NULL) != CACHET_OK)
        return NULL;
    answer->status = status;
    answer->text = ct_buf_with_ceiling((size_t) 4 << 20);
    answer->body = ct_buf_with_ceiling((size_t) 1 << 30);
    for (size_t i = 0; i < count; i++)
        size += fields[i].name.size + fields[i].value.size;
    if (ct_buf_grow(&answer->text, size + 64) == NULL) {
        answer_free(answer);
        return NULL;
    }
    ct_buf_reset(&answer->text);
    for (size_t i = 0; i < count; i++) {
        unsigned char *const at = answer->text.data + answer->text.size;
        ct_buf_append(&answer->text, fields[i].name);
        ct_buf_append(&answer->text, fields[i].value);
        answer->fields[i].name = ct_bytes(at, fields[i].name.size);
        answer->fields[i].value = ct_bytes(at + fields[i].name.size, fields[i].value.size);
    }
    answer->field_count = count;
    return answer;
}

static void answer_say(struct answer *answer, const char *cache_status)
{
    cachet_field *const last =
        answer->field_count == 0 ? NULL : &answer->fields[answer->field_count - 1];

    if (last != NULL && ct_bytes_equal(last->name, CT_BYTES("Cache-Status")))
        answer->field_count--;
    answer->fields[answer->field_count++] = cachet_field_of("Cache-Status", cache_status);
}

static struct answer *answer_copy(const struct answer *from)
{
    struct answer *const answer = answer_new(from->status, from->fields, from->field_count);

    if (answer != NULL)
        ct_buf_append(&answer->body, ct_buf_view(&from->body));
    if (answer != NULL && answer->body.status != CACHET_OK) {
        answer_free(answer);
        return NULL;
    }
    return answer;
}

static struct entry *find_locked(const struct ct_buf *name)
{
    for (int i = 0; i < entry_count; i++)
        if (ct_bytes_equal(ct_buf_view(&entries[i].name), ct_buf_view(name)))
            return &entries[i];
    return NULL;
}

void fake_reset(void)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < entry_count; i++) {
        ct_buf_fini(&entries[i].name);
        answer_free(entries[i].answer);
    }
    entry_count = 0;
    ct_buf_fini(&last_fields);
    ct_buf_fini(&last_trust);
    ct_buf_fini(&last_credential);
    ct_buf_fini(&last_url);
    pthread_mutex_unlock(&lock);
    memset(&fake_knobs, 0, sizeof fake_knobs);
    memset(&fake_counts, 0, sizeof fake_counts);
}

const char *fake_last_fields(void)
{
    return ct_buf_c_string(&last_fields);
}

cachet_bytes fake_last_trust(void)
{
    return ct_buf_view(&last_trust);
}

cachet_bytes fake_last_credential(void)
{
    return ct_buf_view(&last_credential);
}

const char *fake_last_url(void)
{
    return ct_buf_c_string(&last_url);
}

int fake_stored(void)
{
    pthread_mutex_lock(&lock);
    const int count = entry_count;
    pthread_mutex_unlock(&lock);
    return count;
}

cachet_status cachet_cache_open(cachet_cache **ret_cache, const char *spec,
                                const cachet_options *options, cachet_error *err)
{
    if (strcmp(spec, "locked-out") == 0)
        return ct_err_set(err, CACHET_E_UNKNOWN_KEY, "the keyring does not open it");
    (void) options;
    return ct_new(ret_cache, err);
}

void cachet_cache_close(cachet_cache *cache)
{
    ct_mem_free(cache);
}

void cachet_cache_stats(cachet_cache *cache, cachet_stats_counts *stats)
{
    (void) cache;
    stats->hit = (uint64_t) atomic_load(&fake_counts.served);
}

static void remember_locked(const cachet_request *request, const struct ct_buf *url)
{
    last_fields = last_trust = last_credential = last_url =
        ct_buf_with_ceiling((size_t) 1 << 20);
    for (size_t i = 0; i < request->field_count; i++) {
        ct_buf_append(&last_fields, request->fields[i].name);
        ct_buf_text(&last_fields, ": ");
        ct_buf_append(&last_fields, request->fields[i].value);
        ct_buf_text(&last_fields, "\n");
    }
    ct_buf_append(&last_trust, request->trust);
    ct_buf_append(&last_credential, request->credential);
    ct_buf_append(&last_url, ct_buf_view(url));
}

CT_DEFINE_FREEP(cachet_exchange, cachet_exchange_free)

/* Fragment and userinfo off, a path where there is none. */
static cachet_status set_url(cachet_exchange *exchange, const char *url, cachet_error *err)
{
    const char *const scheme_end = strstr(url, "://");

    if (scheme_end == NULL ||
        (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0))
        return ct_err_set(err, CACHET_E_USAGE, "'%s' is no http or https URL", url);
    const char *host = scheme_end + 3;
    const size_t authority = strcspn(host, "/?#");
    const char *const at = memchr(host, '@', authority);
    if (strncmp(host, "refused.", 8) == 0)
        return ct_err_set(err, CACHET_E_USAGE, "'%s' is refused", url);
    exchange->url = exchange->userinfo = ct_buf_with_ceiling(65536);
    if (at != NULL) {
        ct_buf_text(&exchange->userinfo, "Basic ");
        ct_buf_append(&exchange->userinfo, ct_bytes(host, (size_t) (at - host)));
        exchange->added[exchange->added_count++] =
            (cachet_field){CT_BYTES("Authorization"), ct_buf_view(&exchange->userinfo)};
    }
    ct_buf_append(&exchange->url, ct_bytes(url, (size_t) (host - url)));
    host = at == NULL ? host : at + 1;
    ct_buf_append(&exchange->url, ct_bytes(host, strcspn(host, "#")));
    if (strchr(host, '/') == NULL)
        ct_buf_text(&exchange->url, "/");
    return ct_buf_c_string(&exchange->url) == NULL ? CACHET_E_MEMORY : CACHET_OK;
}

static void look_up_locked(cachet_exchange *exchange, const cachet_request *request)
{
    const struct entry *const entry = find_locked(&exchange->name);

    exchange->verdict = CACHET_FETCH;
    if (entry == NULL || !exchange->is_get || (request->flags & CACHET_FORCE_REFRESH) != 0)
        return;
    exchange->answer = answer_copy(entry->answer);
    exchange->is_stored = exchange->answer != NULL;
    if (!exchange->is_stored)
        return;
    if (atomic_load(&fake_knobs.is_stale)) {
        exchange->verdict = CACHET_REVALIDATE;
        exchange->added[exchange->added_count++] =
            cachet_field_of("If-None-Match", "\"stored\"");
        return;
    }
    exchange->verdict = CACHET_SERVE;
    exchange->is_hit = true;
    answer_say(exchange->answer, "fake; hit");
}

cachet_status cachet_exchange_begin(cachet_cache *cache, const cachet_request *request,
                                    int64_t now_ms, cachet_exchange **ret_exchange,
                                    cachet_error *err)
{
    CLEANUP(cachet_exchange_freep) cachet_exchange *exchange = NULL;

    (void) cache, (void) now_ms;
    TRY(ct_new(&exchange, err));
    atomic_fetch_add(&fake_counts.begun, 1);
    TRY(set_url(exchange, request->url, err));
    exchange->name = ct_buf_with_ceiling(1 << 20);
    ct_buf_append(&exchange->name, ct_buf_view(&exchange->url));
    ct_buf_text(&exchange->name, "\n");
    ct_buf_append(&exchange->name, request->trust);
    exchange->is_get = strcmp(request->method, "GET") == 0;
    memset(exchange->key, 'a', 64);

    pthread_mutex_lock(&lock);
    ct_buf_fini(&last_fields);
    ct_buf_fini(&last_trust);
    ct_buf_fini(&last_credential);
    ct_buf_fini(&last_url);
    remember_locked(request, &exchange->url);
    look_up_locked(exchange, request);
    pthread_mutex_unlock(&lock);
    if (exchange->verdict != CACHET_SERVE && (request->flags & CACHET_ONLY_IF_CACHED) != 0)
        return ct_err_set(err, CACHET_E_NOT_CACHED, "'%s' is not cached", request->url);
    *ret_exchange = ct_steal(&exchange);
    return CACHET_OK;
}

cachet_verdict cachet_exchange_verdict(const cachet_exchange *exchange)
{
    return exchange->verdict;
}

const char *cachet_exchange_url(const cachet_exchange *exchange)
{
    return (const char *) exchange->url.data;
}

const cachet_field *cachet_exchange_added_fields(const cachet_exchange *exchange,
                                                 size_t *ret_count)
{
    *ret_count = exchange->added_count;
    return exchange->added;
}

static void drop_condition(cachet_exchange *exchange)
{
    if (exchange->added_count > 0 &&
        ct_bytes_equal(exchange->added[exchange->added_count - 1].name,
                       CT_BYTES("If-None-Match")))
        exchange->added_count--;
}

/* Nothing stale is ever served here. */
cachet_status cachet_exchange_unreachable(cachet_exchange *exchange, int64_t now_ms,
                                          cachet_error *err)
{
    (void) exchange;
    (void) now_ms;
    return ct_err_set(err, CACHET_E_NOT_CACHED, "nothing stale");
}

cachet_status cachet_exchange_head(cachet_exchange *exchange, const cachet_head *head,
                                   cachet_error *err)
{
    atomic_fetch_add(&fake_counts.heads, 1);
    if (head->sent_ms <= 0 || head->received_ms < head->sent_ms)
        return ct_err_set(err, CACHET_E_PROTOCOL, "no times");
    if (head->status == 304 && exchange->is_get) {
        const bool confirms = exchange->is_stored && exchange->verdict == CACHET_REVALIDATE &&
                              !atomic_load(&fake_knobs.confirms_nothing);
        drop_condition(exchange);
        exchange->verdict = confirms ? CACHET_SERVE : CACHET_FETCH;
        exchange->is_hit = confirms;
        if (confirms)
            answer_say(exchange->answer, "fake; hit; confirmed");
        return CACHET_OK;
    }
    answer_free(exchange->answer);
    exchange->is_stored = exchange->is_hit = false;
    exchange->answer = answer_new(head->status, head->fields, head->field_count);
    if (exchange->answer == NULL)
        return ct_err_set(err, CACHET_E_MEMORY, "out of memory");
    answer_say(exchange->answer, "fake; fwd=miss");
    exchange->verdict = CACHET_PASS;
    return CACHET_OK;
}

void cachet_exchange_body(cachet_exchange *exchange, const void *data, size_t size)
{
    atomic_fetch_add(&fake_counts.body_size, size);
    /* What is large is only counted: the tests watch the memory of the session. */
    if (exchange->answer->body.size < (size_t) 4 << 20)
        ct_buf_append(&exchange->answer->body, ct_bytes(data, size));
}

static bool may_store(const cachet_exchange *exchange)
{
    const struct answer *const answer = exchange->answer;

    for (size_t i = 0; i < answer->field_count; i++)
        if (ct_bytes_equal(answer->fields[i].value, CT_BYTES("no-store")))
            return false;
    return exchange->is_get;
}

cachet_status cachet_exchange_end(cachet_exchange *exchange, int64_t now_ms, cachet_error *err)
{
    (void) now_ms, (void) err;
    atomic_fetch_add(&fake_counts.ended, 1);
    if (!may_store(exchange))
        return CACHET_OK;
    pthread_mutex_lock(&lock);
    struct answer *const copy = answer_copy(exchange->answer);
    struct entry *entry = copy == NULL ? NULL : find_locked(&exchange->name);
    if (copy != NULL && entry == NULL && entry_count < ENTRIES_MAX) {
        entry = &entries[entry_count++];
        entry->name = ct_buf_with_ceiling(1 << 20);
        ct_buf_append(&entry->name, ct_buf_view(&exchange->name));
        entry->answer = NULL;
    }
    if (entry != NULL) {
        answer_free(entry->answer);
        entry->answer = copy;
        exchange->is_stored = true;
    } else {
        answer_free(copy);
    }
    pthread_mutex_unlock(&lock);
    return CACHET_OK;
}

void cachet_exchange_free(cachet_exchange *exchange)
{
    if (exchange == NULL)
        return;
    atomic_fetch_add(&fake_counts.freed, 1);
    answer_free(exchange->answer);
    ct_buf_fini(&exchange->name);
    ct_buf_fini(&exchange->url);
    ct_buf_fini(&exchange->userinfo);
    ct_mem_free(exchange);
}

cachet_status cachet_exchange_read(cachet_exchange *exchange, void *buffer, size_t capacity,
                                   size_t *ret_size, cachet_error *err)
{
    const struct ct_buf *const body = &exchange->answer->body;
    const size_t most = atomic_load(&fake_knobs.read_size_max);
    const int failure = exchange->reads == 0 ? atomic_load(&fake_knobs.read_failure)
                                             : atomic_load(&fake_knobs.read_failure_later);

    atomic_store(&fake_counts.read_capacity, capacity);
    atomic_fetch_add(&fake_counts.reads, 1);
    if (failure != CACHET_OK)
        return ct_err_set(err, (cachet_status) failure, "the stored body was changed");
    size_t size = body->size - exchange->read_at;
    size = size < capacity ? size : capacity;
    size = most != 0 && size > most ? most : size;
    if (size > 0)
        memcpy(buffer, body->data + exchange->read_at, size);
    exchange->read_at += size;
    if (exchange->reads++ == 0)
        atomic_fetch_add(&fake_counts.served, 1);
    *ret_size = size;
    return CACHET_OK;
}

cachet_status cachet_exchange_refetch(cachet_exchange *exchange, cachet_error *err)
{
    atomic_fetch_add(&fake_counts.refetched, 1);
    if (!atomic_load(&fake_knobs.may_refetch))
        return ct_err_set(err, CACHET_E_TAMPERED, "refetch says no");
    answer_free(exchange->answer);
    exchange->answer = NULL;
    exchange->is_stored = exchange->is_hit = false;
    drop_condition(exchange);
    exchange->verdict = CACHET_FETCH;
    return CACHET_OK;
}

int cachet_exchange_status(const cachet_exchange *exchange)
{
    return exchange->answer->status;
}

const cachet_field *cachet_exchange_fields(const cachet_exchange *exchange, size_t *ret_count)
{
    *ret_count = exchange->answer->field_count;
    return exchange->answer->fields;
}

uint64_t cachet_exchange_body_size(const cachet_exchange *exchange)
{
    return exchange->verdict == CACHET_SERVE ? exchange->answer->body.size : UINT64_MAX;
}

int cachet_exchange_is_hit(const cachet_exchange *exchange)
{
    return exchange->is_hit;
}

const char *cachet_exchange_key(const cachet_exchange *exchange)
{
    return exchange->key;
}

int64_t cachet_exchange_stored_at_ms(const cachet_exchange *exchange)
{
    return exchange->is_stored ? 1000 : -1;
}

int64_t cachet_exchange_expires_at_ms(const cachet_exchange *exchange)
{
    return exchange->is_stored ? 2000 : -1;
}
