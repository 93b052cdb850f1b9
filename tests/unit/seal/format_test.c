/* SPDX-License-Identifier: MIT */
/* Recomputes the worked example of docs/format.md, whose path is the argument. */
#include <fcntl.h>

#include "base/file.h"
#include "base/text.h"
#include "seal/derive.h"
#include "seal/payload.h"
#include "seal_test.h"

#define FENCE "```example\n"
#define VALUES_MAX 64u
#define VALUE_SIZE_MAX 4096u

struct value {
    cachet_bytes name;
    struct ct_buf bytes;
};

static struct value values[VALUES_MAX];
static size_t value_count;
static size_t used_count;
static cachet_error err;

static cachet_bytes next_line(cachet_bytes *rest)
{
    const size_t end = ct_bytes_find(*rest, '\n');
    const cachet_bytes line = ct_bytes_first(*rest, end);
    *rest = ct_bytes_from(*rest, end + 1);
    return line;
}

/* A line is a name and hex digits, or more digits of the name above. */
static void take_line(cachet_bytes line)
{
    const size_t name_size = ct_bytes_find(line, ' ');
    const cachet_bytes digits = ct_bytes_trim(ct_bytes_from(line, name_size));
    unsigned char bytes[64];

    if (name_size > 0 && value_count < VALUES_MAX) {
        values[value_count].name = ct_bytes_first(line, name_size);
        values[value_count].bytes = ct_buf_with_ceiling(VALUE_SIZE_MAX);
        value_count++;
    }
    if (value_count == 0 || digits.size / 2 > sizeof bytes ||
        !ct_hex_decode(digits, bytes, digits.size / 2)) {
        CHECK(false, "a line of the example: %.*s", (int) line.size, (const char *) line.data);
        return;
    }
    ct_buf_append(&values[value_count - 1].bytes, ct_bytes(bytes, digits.size / 2));
}

static void read_example(cachet_bytes page)
{
    const cachet_bytes fence = cachet_bytes_of(FENCE);

    while (page.size > 0 && !ct_bytes_equal(ct_bytes_first(page, fence.size), fence))
        page = ct_bytes_from(page, 1);
    page = ct_bytes_from(page, fence.size);
    while (page.size > 0 && page.data[0] != '`')
        take_line(next_line(&page));
}

static cachet_bytes value(const char *name)
{
    for (size_t i = 0; i < value_count; i++)
        if (ct_bytes_equal(values[i].name, cachet_bytes_of(name)))
            return ct_buf_view(&values[i].bytes);
    CHECK(false, "the example has a value %s", name);
    return ct_bytes(NULL, 0);
}

static void check_value(const char *name, const void *bytes, size_t size)
{
    used_count++;
    CHECK(ct_bytes_equal(value(name), ct_bytes(bytes, size)), "%s", name);
}

static struct ct_root_key root_key(const char *name)
{
    struct ct_root_key root = {{0}};
    const cachet_bytes bytes = value(name);

    CHECK(bytes.size == sizeof root.bytes, "%s is 32 bytes", name);
    if (bytes.size == sizeof root.bytes)
        memcpy(root.bytes, bytes.data, bytes.size);
    return root;
}

static void check_key(const struct ct_crypto *crypto, const struct ct_prk *prk,
                      struct ct_purpose_of of, const char *name)
{
    struct ct_purpose_key key;
    must(ct_derive_key(crypto, prk, &of, &key, &err), &err);
    check_value(name, key.bytes, sizeof key.bytes);
}

static void check_derivations(const struct ct_crypto *crypto)
{
    const struct ct_root_key secret = root_key("secret"), names = root_key("names-secret");
    struct ct_place place;
    struct ct_prk prk;
    struct ct_key_id id;
    struct ct_purpose_key names_key;

    must(ct_place_make(crypto, value("cache-id").data, value("namespace"), &place, &err), &err);
    check_value("place", place.bytes, sizeof place.bytes);
    must(ct_derive_prk(crypto, CT_KEY_RAW, &secret, &prk, &err), &err);
    check_value("prk", prk.bytes, sizeof prk.bytes);
    must(ct_derive_key_id(crypto, &prk, &id, &err), &err);
    check_value("key-id", id.bytes, sizeof id.bytes);
    check_key(crypto, &prk,
              (struct ct_purpose_of){CT_PURPOSE_HEAD, CT_SUITE_SIGN_CHACHA, &place}, "k-head");
    check_key(crypto, &prk,
              (struct ct_purpose_of){CT_PURPOSE_BODY, CT_SUITE_SIGN_CHACHA, &place}, "k-body");
    must(ct_derive_prk(crypto, CT_KEY_NAMES, &names, &prk, &err), &err);
    check_value("names-prk", prk.bytes, sizeof prk.bytes);
    must(ct_derive_names_key(crypto, &prk, &place, &names_key, &err), &err);
    check_value("k-names", names_key.bytes, sizeof names_key.bytes);
}

static void check_name_codings(void)
{
    struct ct_buf buf = ct_buf_with_ceiling(VALUE_SIZE_MAX);

    ct_buf_part(&buf, CT_BYTES("GET"));
    ct_buf_part(&buf, CT_BYTES("https://example.org/"));
    for (int i = 0; i < 4; i++)
        ct_buf_part(&buf, ct_bytes(NULL, 0));
    check_value("canonical-request", buf.data, buf.size);
    ct_buf_reset(&buf);
    ct_buf_part(&buf, CT_BYTES("accept"));
    ct_buf_u8(&buf, 1);
    ct_buf_part(&buf, CT_BYTES("text/html"));
    ct_buf_part(&buf, CT_BYTES("accept-language"));
    ct_buf_u8(&buf, 0);
    ct_buf_part(&buf, ct_bytes(NULL, 0));
    check_value("vary-pairs", buf.data, buf.size);
    ct_buf_reset(&buf);
    ct_buf_part(&buf, CT_BYTES("authorization"));
    ct_buf_part(&buf, CT_BYTES("Basic dTpw"));
    check_value("credential-parts", buf.data, buf.size);
    ct_buf_fini(&buf);
}

static void check_names(const struct ct_sealer *sealer, const struct ct_sealer *unsealed)
{
    cachet_name name, credential;

    must(ct_name_request(sealer, value("canonical-request"), &name, &err), &err);
    check_value("request-key", name.bytes, sizeof name.bytes);
    must(ct_name_credential(sealer, value("credential-parts"), &credential, &err), &err);
    check_value("credential", credential.bytes, sizeof credential.bytes);
    must(ct_name_variant(sealer, value("vary-pairs"), NULL, &name, &err), &err);
    check_value("variant-without-credential", name.bytes, sizeof name.bytes);
    must(ct_name_variant(sealer, value("vary-pairs"), &credential, &name, &err), &err);
    check_value("variant", name.bytes, sizeof name.bytes);
    must(ct_name_request(unsealed, value("canonical-request"), &name, &err), &err);
    check_value("unsealed-request-key", name.bytes, sizeof name.bytes);
}

static void check_payloads(void)
{
    struct ct_buf buf = ct_buf_with_ceiling(VALUE_SIZE_MAX);
    struct ct_payload payload = {
        .total = 13,
        .body = 13,
        .plain = 13,
        .where = CT_BODY_INLINE,
        .record = value("record-stand-in"),
        .inline_body = CT_BYTES("hello, world\n"),
    };
    ct_payload_encode(&payload, &buf);
    check_value("payload", buf.data, buf.size);
    ct_buf_reset(&buf);
    payload.total = payload.body = payload.plain = 65544;
    payload.where = CT_BODY_CHUNKS;
    payload.segment_count = 1;
    payload.segments[0].chunk_count = 2;
    const cachet_bytes id = value("body-id");
    if (id.data != NULL)
        memcpy(payload.segments[0].id.bytes, id.data, CACHET_BODY_ID_SIZE);
    ct_payload_encode(&payload, &buf);
    check_value("payload-in-chunks", buf.data, buf.size);
    ct_buf_reset(&buf);
    struct ct_cache_record record = {{0}, 1700000000000, 1u << CT_SUITE_SIGN_CHACHA};
    const cachet_bytes cache_id = value("cache-id");
    if (cache_id.data != NULL)
        memcpy(record.id, cache_id.data, sizeof record.id);
    ct_cache_record_encode(&record, &buf);
    check_value("cache-record", buf.data, buf.size);
    ct_buf_fini(&buf);
}

/* What the sealer makes inside a call and shows to nobody: from the values above it. */
static void check_inner(const struct ct_crypto *crypto)
{
    struct ct_buf buf = ct_buf_with_ceiling(VALUE_SIZE_MAX);
    EVP_MAC_CTX *mac = NULL;
    unsigned char key[CT_KEY_SIZE];

    ct_buf_append(&buf, ct_bytes("cachet/1 seal", sizeof "cachet/1 seal"));
    ct_buf_append(&buf, value("place"));
    ct_buf_append(&buf, value("request-key"));
    ct_buf_append(&buf, value("variant"));
    check_value("w", buf.data, buf.size);
    ct_buf_fini(&buf);
    const cachet_bytes parts[] = {ct_bytes("cachet/1 chunks", sizeof "cachet/1 chunks"),
                                  value("body-id")};
    must(ct_mac_new(crypto, value("k-body"), &mac, &err), &err);
    must(ct_mac_run(mac, parts, 2, key, &err), &err);
    check_value("chunk-key", key, sizeof key);
    ct_mac_free(mac);
}

/* A known head opens in its place, and gives its payload: its seal was recomputed for that. */
static void check_head(const struct ct_sealer *sealer, const struct ct_where *where,
                       const char *head, enum ct_head_kind kind, const char *payload)
{
    struct ct_opened opened = {0};
    enum ct_refusal refusal = CT_REFUSED_NONE;

    must(ct_head_open(sealer, where, value(head), &opened, &refusal, &err), &err);
    CHECK(opened.kind == kind && opened.suite == CT_SUITE_SIGN_CHACHA, "%s: kind and suite",
          head);
    check_value(payload, opened.payload.data, opened.payload.size);
}

static void check_chunks(const struct ct_sealer *sealer)
{
    static unsigned char chunk[CACHET_CHUNK_STORED_MAX];
    const struct ct_opened opened = {.kind = CT_HEAD_ENTRY, .suite = CT_SUITE_SIGN_CHACHA};
    const cachet_bytes tag = value("chunk-0-tag"), last = value("chunk-1");
    struct ct_body_key *key = NULL;
    cachet_body_id id;
    cachet_bytes bytes = {NULL, 0};

    memcpy(id.bytes, value("body-id").data, sizeof id.bytes);
    must(ct_body_key_of(sealer, &opened, &id, &key, &err), &err);
    memset(chunk, 'a', CACHET_CHUNK_SIZE);
    memcpy(chunk + CACHET_CHUNK_SIZE, tag.data, CT_TAG_SIZE);
    CHECK(ct_chunk_open(key, ct_chunk_at(0, false), chunk, sizeof chunk, &bytes, &err) ==
                  CACHET_OK &&
              bytes.size == CACHET_CHUNK_SIZE,
          "chunk 0 opens");
    memcpy(chunk, last.data, last.size);
    CHECK(ct_chunk_open(key, ct_chunk_at(1, true), chunk, last.size, &bytes, &err) ==
                  CACHET_OK &&
              ct_bytes_equal(bytes, CT_BYTES("the end\n")),
          "chunk 1 opens as the last one");
    ct_body_key_free(key);
}

static void check_all(void)
{
    static const unsigned char zero[CT_CACHE_ID_SIZE];
    static const char keyring[] = KEYRING_EPOCH("7", KEY_00);
    CLEANUP(ct_crypto_freep) struct ct_crypto *crypto = NULL;
    CLEANUP(ct_sealer_freep) struct ct_sealer *sealer = sealer_of(keyring);
    CLEANUP(ct_sealer_freep) struct ct_sealer *first = sealer_at(keyring, zero, "default");
    CLEANUP(ct_sealer_freep) struct ct_sealer *unsealed = sealer_of(NULL);
    struct ct_where where = where_of(0, 0);

    must(ct_crypto_new(&crypto, &err), &err);
    check_derivations(crypto);
    check_name_codings();
    check_names(sealer, unsealed);
    check_payloads();
    check_inner(crypto);
    check_head(first, &where, "cache-head", CT_HEAD_CACHE, "cache-record");
    memcpy(where.key.bytes, value("request-key").data, sizeof where.key.bytes);
    memcpy(where.variant.bytes, value("variant").data, sizeof where.variant.bytes);
    check_head(sealer, &where, "head", CT_HEAD_ENTRY, "payload");
    check_chunks(sealer);
}

int main(int argc, char **argv)
{
    struct ct_buf page = ct_buf_with_ceiling(1u << 20);
    const int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

    CHECK(fd >= 0, "the page with the format is there");
    must(fd < 0 ? CACHET_E_IO : ct_fd_read_all(fd, &page, &err), &err);
    read_example(ct_buf_view(&page));
    CHECK(value_count == 32, "the example has its values (%zu)", value_count);
    check_all();
    CHECK(used_count == 22, "all of the example was recomputed (%zu)", used_count);
    for (size_t i = 0; i < value_count; i++)
        ct_buf_fini(&values[i].bytes);
    ct_buf_fini(&page);
    return tap_done();
}
