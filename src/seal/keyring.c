/* SPDX-License-Identifier: MIT */
#include "seal/keyring.h"

#include <stdatomic.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/spec.h"
#include "base/text.h"
#include "seal/keyfile.h"
#include "seal/secret.h"

#define FIRST_LINE "cachet-keyring "
#define FIRST_LINE_NOW FIRST_LINE "1"
#define RAW_KEY "cachet-key-1:"
#define EPOCH_MAX ((uint64_t) INT64_MAX)

struct secrets {
    struct ct_root_key names;
    struct ct_root_key keys[CT_KEYS_MAX];
};

struct cachet_keyring {
    atomic_uint references;
    struct ct_crypto *crypto;
    struct ct_secret *pages; /* struct secrets */
    struct secrets *secrets;
    uint64_t epoch;
    size_t key_count;
    char *path;
};

CT_DEFINE_FREEP(cachet_keyring, cachet_keyring_free)

/* What a keyring file may hold once only. */
struct parsed {
    cachet_keyring *keyring;
    const char *name;
    size_t line_number;
    bool has_names;
    bool has_epoch;
};

static cachet_status refuse_line(const struct parsed *parsed, const char *why,
                                 cachet_error *err)
{
    return ct_err_set(err, CACHET_E_FORMAT, "'%s' line %zu: %s", parsed->name,
                      parsed->line_number, why);
}

static bool take_prefix(cachet_bytes *text, cachet_bytes prefix)
{
    if (!ct_bytes_equal(ct_bytes_first(*text, prefix.size), prefix))
        return false;
    *text = ct_bytes_from(*text, prefix.size);
    return true;
}

/* The secret goes from the file's pages to the keyring's, and nowhere else. */
static bool read_raw_key(cachet_bytes text, struct ct_root_key *ret_key)
{
    return take_prefix(&text, CT_BYTES(RAW_KEY)) &&
           ct_base64url_decode(text, ret_key->bytes, sizeof ret_key->bytes);
}

static bool has_key(const cachet_keyring *keyring, const struct ct_root_key *key)
{
    bool is_there = false;

    for (size_t i = 0; i < keyring->key_count; i++)
        is_there |=
            ct_is_same_secret(keyring->secrets->keys[i].bytes, key->bytes, sizeof key->bytes);
    return is_there;
}

static cachet_status take_key(struct parsed *parsed, cachet_bytes value, cachet_error *err)
{
    cachet_keyring *const keyring = parsed->keyring;

    if (keyring->key_count == CT_KEYS_MAX)
        return refuse_line(parsed, "over 8 keys: retire those that are out of use", err);
    struct ct_root_key *const key = &keyring->secrets->keys[keyring->key_count];
    if (!read_raw_key(value, key))
        return refuse_line(parsed, "no key: it is " RAW_KEY " and 43 characters of base64url",
                           err);
    if (has_key(keyring, key))
        return refuse_line(parsed, "the same key again", err);
    keyring->key_count++;
    return CACHET_OK;
}

static cachet_status take_names(struct parsed *parsed, cachet_bytes value, cachet_error *err)
{
    struct ct_root_key *const names = &parsed->keyring->secrets->names;

    if (parsed->has_names)
        return refuse_line(parsed, "names are there already", err);
    parsed->has_names = true;
    if (!ct_base64url_decode(value, names->bytes, sizeof names->bytes))
        return refuse_line(parsed, "names are 43 characters of base64url", err);
    return CACHET_OK;
}

static cachet_status take_epoch(struct parsed *parsed, cachet_bytes value, cachet_error *err)
{
    uint64_t epoch = 0;

    if (parsed->has_epoch)
        return refuse_line(parsed, "the epoch is there already", err);
    parsed->has_epoch = true;
    if (!ct_bytes_to_u64(value, UINT64_MAX, &epoch) || epoch > EPOCH_MAX)
        return refuse_line(parsed, "the epoch is a number from 0 to 9223372036854775807", err);
    parsed->keyring->epoch = epoch;
    return CACHET_OK;
}

/* The words a line may begin with. */
static const struct line_kind {
    const char *word;
    cachet_status (*take)(struct parsed *parsed, cachet_bytes value, cachet_error *err);
} line_kinds[] = {
    {"epoch", take_epoch},
    {"names", take_names},
    {"key", take_key},
};

static size_t word_size(cachet_bytes line)
{
    size_t size = 0;
    while (size < line.size && line.data[size] != ' ' && line.data[size] != '\t')
        size++;
    return size;
}

static cachet_status take_line(struct parsed *parsed, cachet_bytes line, cachet_error *err)
{
    const cachet_bytes trimmed = ct_bytes_trim(line);
    const cachet_bytes word = ct_bytes_first(trimmed, word_size(trimmed));
    const cachet_bytes value = ct_bytes_trim(ct_bytes_from(trimmed, word.size));

    if (trimmed.size == 0 || trimmed.data[0] == '#')
        return CACHET_OK;
    for (size_t i = 0; i < CT_COUNT_OF(line_kinds); i++)
        if (ct_bytes_equal(word, cachet_bytes_of(line_kinds[i].word)))
            return line_kinds[i].take(parsed, value, err);
    /* What stands there is not shown: it may be a key. */
    return refuse_line(parsed, "it begins with none of epoch, names, key and #", err);
}

static cachet_bytes next_line(cachet_bytes *rest)
{
    const size_t end = ct_bytes_find(*rest, '\n');
    const cachet_bytes line = ct_bytes_first(*rest, end);
    *rest = ct_bytes_from(*rest, end + 1);
    return line;
}

static cachet_status parse_lines(struct parsed *parsed, cachet_bytes rest, cachet_error *err)
{
    while (rest.size > 0) {
        const cachet_bytes line = next_line(&rest);
        parsed->line_number++;
        TRY(take_line(parsed, line, err));
    }
    if (parsed->keyring->key_count == 0)
        return ct_err_set(err, CACHET_E_FORMAT, "'%s' has no line with a key", parsed->name);
    if (!parsed->has_names)
        return ct_err_set(err, CACHET_E_FORMAT, "'%s' has no line with names", parsed->name);
    return CACHET_OK;
}

/* A file with one raw key: its names hang on the key's own secret. */
static cachet_status parse_raw(cachet_keyring *keyring, cachet_bytes text, const char *name,
                               cachet_error *err)
{
    if (text.size > 0 && text.data[text.size - 1] == '\n')
        text.size--;
    if (!read_raw_key(text, &keyring->secrets->keys[0]))
        return ct_err_set(err, CACHET_E_FORMAT,
                          "'%s' is no key file, neither a keyring nor one " RAW_KEY
                          " key: 'cachet keys new' makes one",
                          name);
    keyring->secrets->names = keyring->secrets->keys[0];
    keyring->key_count = 1;
    return CACHET_OK;
}

static cachet_status parse(cachet_keyring *keyring, cachet_bytes text, const char *name,
                           cachet_error *err)
{
    struct parsed parsed = {keyring, name, 1, false, false};
    cachet_bytes rest = text;
    cachet_bytes first = next_line(&rest);

    if (ct_bytes_equal(first, CT_BYTES(FIRST_LINE_NOW)))
        return parse_lines(&parsed, rest, err);
    uint64_t number = 0;
    if (take_prefix(&first, CT_BYTES(FIRST_LINE)) &&
        ct_bytes_to_u64(first, UINT64_MAX, &number) && number > 1)
        return ct_err_set(err, CACHET_E_VERSION,
                          "'%s' is a keyring of a newer cachet: upgrade to read it", name);
    return parse_raw(keyring, text, name, err);
}

static cachet_status new_keyring(cachet_keyring **ret_keyring, cachet_error *err)
{
    CLEANUP(cachet_keyring_freep) cachet_keyring *keyring = NULL;

    TRY(ct_new(&keyring, err));
    atomic_init(&keyring->references, 1);
    TRY(ct_secret_new(&keyring->pages, sizeof *keyring->secrets, err));
    keyring->secrets = ct_secret_memory(keyring->pages);
    *ret_keyring = ct_steal(&keyring);
    return CACHET_OK;
}

cachet_status ct_keyring_parse(cachet_bytes text, const char *name,
                               cachet_keyring **ret_keyring, cachet_error *err)
{
    CLEANUP(cachet_keyring_freep) cachet_keyring *keyring = NULL;

    TRY(new_keyring(&keyring, err));
    TRY(parse(keyring, text, name, err));
    TRY(ct_crypto_new(&keyring->crypto, err));
    *ret_keyring = ct_steal(&keyring);
    return CACHET_OK;
}

static cachet_status open_file(const char *path, cachet_keyring **ret_keyring,
                               cachet_error *err)
{
    CLEANUP(ct_key_file_fini) struct ct_key_file file = {0};
    CLEANUP(cachet_keyring_freep) cachet_keyring *keyring = NULL;

    TRY(ct_key_file_read(path, &file, err));
    TRY(ct_keyring_parse(ct_bytes(ct_secret_memory(file.secret), file.size), path, &keyring,
                         err));
    keyring->path = ct_steal(&file.path);
    *ret_keyring = ct_steal(&keyring);
    return CACHET_OK;
}

static cachet_status write_fresh_key(struct ct_buf *text, const char *prefix, cachet_error *err)
{
    struct ct_root_key key;
    char encoded[CT_BASE64URL_SIZE(sizeof key.bytes) + 1];

    TRY(ct_random(key.bytes, sizeof key.bytes, err));
    ct_base64url_encode(ct_bytes(key.bytes, sizeof key.bytes), encoded);
    ct_buf_text(text, prefix);
    ct_buf_text(text, encoded);
    ct_buf_u8(text, '\n');
    ct_mem_wipe(&key, sizeof key);
    ct_mem_wipe(encoded, sizeof encoded);
    return CACHET_OK;
}

static cachet_status create_file(const char *path, cachet_error *err)
{
    CLEANUP(ct_buf_wipe) struct ct_buf text = ct_buf_with_ceiling(CT_KEY_FILE_MAX);

    /* All the room at once: growing would leave secrets behind in memory. */
    (void) ct_buf_grow(&text, 1024);
    TRY(ct_buf_status(&text, err));
    ct_buf_reset(&text);
    ct_buf_text(&text, FIRST_LINE_NOW
                "\n"
                "# whoever can read this file can forge and, by its names, recognise "
                "what is cached\n"
                "epoch 0\n");
    TRY(write_fresh_key(&text, "names ", err));
    TRY(write_fresh_key(&text, "key " RAW_KEY, err));
    TRY(ct_buf_status(&text, err));
    return ct_key_file_create(path, ct_buf_view(&text), err);
}

/* Every key source there is: X(SCHEME, open, create). The first is meant by a bare path. */
#define KEY_SOURCE_LIST(X) X("file", open_file, create_file)

static const struct key_source {
    const char *scheme;
    cachet_status (*open)(const char *location, cachet_keyring **ret_keyring,
                          cachet_error *err);
    cachet_status (*create)(const char *location, cachet_error *err);
} key_sources[] = {
#define KEY_SOURCE(scheme, open, create) {scheme, open, create},
    KEY_SOURCE_LIST(KEY_SOURCE)
#undef KEY_SOURCE
};

static const char *const schemes[] = {
#define KEY_SCHEME(scheme, open, create) scheme,
    KEY_SOURCE_LIST(KEY_SCHEME)
#undef KEY_SCHEME
        NULL,
};

static cachet_status parse_spec(const char *spec, struct ct_spec *ret_spec, cachet_error *err)
{
    static const char *const no_options[] = {NULL};
    CLEANUP(ct_spec_fini) struct ct_spec parsed = {0};

    if (spec == NULL || spec[0] == '\0')
        return ct_err_set(err, CACHET_E_USAGE, "the SPEC of the keyring is empty");
    TRY(ct_spec_parse(spec, schemes, &parsed, err));
    TRY(ct_spec_check_options(&parsed, no_options, err));
    *ret_spec = parsed;
    parsed = (struct ct_spec){0};
    return CACHET_OK;
}

/* The scheme is one of ours: parse_spec knows no other. */
static const struct key_source *source_of(const struct ct_spec *spec)
{
    size_t i = 0;
    while (i + 1 < CT_COUNT_OF(key_sources) && strcmp(key_sources[i].scheme, spec->scheme) != 0)
        i++;
    return &key_sources[i];
}

cachet_status cachet_keyring_open(cachet_keyring **ret_keyring, const char *spec,
                                  cachet_error *err)
{
    CLEANUP(ct_spec_fini) struct ct_spec parsed = {0};

    TRY(parse_spec(spec, &parsed, err));
    return source_of(&parsed)->open(parsed.location, ret_keyring, err);
}

cachet_status cachet_keyring_create(const char *spec, cachet_error *err)
{
    CLEANUP(ct_spec_fini) struct ct_spec parsed = {0};

    TRY(parse_spec(spec, &parsed, err));
    return source_of(&parsed)->create(parsed.location, err);
}

void cachet_keyring_free(cachet_keyring *keyring)
{
    if (keyring == NULL || atomic_fetch_sub(&keyring->references, 1) != 1)
        return;
    ct_secret_free(keyring->pages);
    ct_crypto_free(keyring->crypto);
    ct_mem_free(keyring->path);
    ct_mem_free(keyring);
}

cachet_keyring *ct_keyring_ref(cachet_keyring *keyring)
{
    atomic_fetch_add(&keyring->references, 1);
    return keyring;
}

uint64_t ct_keyring_epoch(const cachet_keyring *keyring)
{
    return keyring->epoch;
}

size_t ct_keyring_key_count(const cachet_keyring *keyring)
{
    return keyring->key_count;
}

const struct ct_root_key *ct_keyring_key(const cachet_keyring *keyring, size_t index)
{
    const struct secrets *const secrets = ct_secret_memory(keyring->pages);
    assert(index < keyring->key_count);
    return &secrets->keys[index];
}

const struct ct_root_key *ct_keyring_names_key(const cachet_keyring *keyring)
{
    const struct secrets *const secrets = ct_secret_memory(keyring->pages);
    return &secrets->names;
}

struct ct_crypto *ct_keyring_crypto(const cachet_keyring *keyring)
{
    return keyring->crypto;
}

const char *ct_keyring_path(const cachet_keyring *keyring)
{
    return keyring->path;
}

bool ct_keyring_is_locked(const cachet_keyring *keyring)
{
    return ct_secret_is_locked(keyring->pages);
}
