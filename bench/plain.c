/* SPDX-License-Identifier: MIT */
#include "plain.h"

/* Where a fetch copies to; one thread fetches. */
static unsigned char body[BENCH_BODY_MAX];

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct bench_plain *plain = context;
    const size_t bytes = size * count;
    if (bytes > sizeof(body) - plain->received)
        return 0;
    memcpy(body + plain->received, data, bytes);
    plain->received += bytes;
    return bytes;
}

cachet_status bench_plain_open(struct bench_plain *plain, unsigned port, cachet_error *err)
{
    plain->easy = curl_easy_init();
    if (plain->easy == NULL ||
        curl_easy_setopt(plain->easy, CURLOPT_WRITEFUNCTION, take) != CURLE_OK ||
        curl_easy_setopt(plain->easy, CURLOPT_WRITEDATA, plain) != CURLE_OK ||
        curl_easy_setopt(plain->easy, CURLOPT_PORT, (long) port) != CURLE_OK ||
        curl_easy_setopt(plain->easy, CURLOPT_PROXY, "") != CURLE_OK ||
        curl_easy_setopt(plain->easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK)
        return bench_err_set(err, CACHET_E_MEMORY, "libcurl gives no handle");
    return CACHET_OK;
}

void bench_plain_close(struct bench_plain *plain)
{
    curl_easy_cleanup(plain->easy);
    *plain = (struct bench_plain){0};
}

/* Keep-alive is what is measured: one connection for the whole run. */
static cachet_status check_connection(struct bench_plain *plain, cachet_error *err)
{
    long opened = 0;
    if (curl_easy_getinfo(plain->easy, CURLINFO_NUM_CONNECTS, &opened) != CURLE_OK)
        opened = 1;
    plain->connection_count += (unsigned long long) opened;
    if (plain->connection_count > 1)
        return bench_err_set(err, CACHET_E_TRANSFER, "libcurl did not keep its connection");
    return CACHET_OK;
}

cachet_status bench_plain_fetch(void *context, const struct bench_item *item, bool is_compared,
                                cachet_error *err)
{
    struct bench_plain *plain = context;
    long status = 0;
    plain->received = 0;
    plain->request_count++;
    CURLcode code = curl_easy_setopt(plain->easy, CURLOPT_URL, item->url);
    if (code == CURLE_OK)
        code = curl_easy_perform(plain->easy);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(plain->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200)
        return bench_err_set(err, CACHET_E_TRANSFER, "libcurl: %s: %s, status %ld", item->url,
                             curl_easy_strerror(code), status);
    TRY(check_connection(plain, err));
    return bench_item_check(item, (cachet_bytes){body, plain->received}, is_compared, err);
}
