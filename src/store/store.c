/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/spec.h"
#include "store/sqlite_store.h"

/* The stores there are, each in one row. The first is meant where a SPEC is a bare path. */
static const struct kind {
    const char *scheme;
    const char *const *options; /* ends in NULL */
    cachet_status (*open)(cachet_store **ret_store, const char *location,
                          const struct ct_store_settings *settings, cachet_error *err);
    cachet_status (*check)(const char *location, cachet_error *err);
    cachet_status (*canonical)(const char *location, char **ret_text, cachet_error *err);
    cachet_status (*path)(const char *location, char **ret_path, cachet_error *err);
} kinds[] = {
    {"sqlite", (const char *const[]){NULL}, ct_sqlite_open, ct_sqlite_check,
     ct_sqlite_canonical, ct_sqlite_path_canonical},
};

/* What other versions of cachet may know: never taken for a file's name. */
static const char *const foreign[] = {
    "files",
    "memory",
    "redis",
    "rediss",
    "redis+unix",
    "redis-cluster",
    "mongodb",
    "dynamodb",
    "requests-cache",
    "requests-cache+files",
    "requests-cache+redis",
    "requests-cache+mongodb",
};

static bool has_scheme(const char *spec, const char *scheme)
{
    const size_t size = strlen(scheme);

    return strncmp(spec, scheme, size) == 0 && spec[size] == ':';
}

/* Is `spec` "letters and digits://...", which nobody means as a path? */
static bool is_url(const char *spec)
{
    const size_t size = strspn(spec, "abcdefghijklmnopqrstuvwxyz0123456789+.-");

    return size > 0 && strncmp(spec + size, "://", 3) == 0;
}

static cachet_status refuse_foreign(const char *spec, cachet_error *err)
{
    const char *const colon = strchr(spec, ':');
    bool is_foreign = is_url(spec);

    for (size_t i = 0; i < CT_COUNT_OF(foreign); i++)
        is_foreign = is_foreign || has_scheme(spec, foreign[i]);
    if (!is_foreign)
        return CACHET_OK;
    return ct_err_set(err, CACHET_E_USAGE,
                      "this cachet has no store '%.*s': write a path or sqlite:PATH (a file of "
                      "such a name: ./%.*s...)",
                      (int) (colon - spec), spec, (int) (colon - spec + 1), spec);
}

static cachet_status parse(const char *text, struct ct_spec *ret_spec,
                           const struct kind **ret_kind, cachet_error *err)
{
    const char *schemes[CT_COUNT_OF(kinds) + 1] = {NULL};
    size_t i = 0;

    for (; i < CT_COUNT_OF(kinds); i++)
        schemes[i] = kinds[i].scheme;
    TRY(ct_spec_parse(text, schemes, ret_spec, err));
    for (i = 0; ret_spec->scheme != kinds[i].scheme;)
        i++;
    TRY(ct_spec_check_options(ret_spec, kinds[i].options, err));
    *ret_kind = &kinds[i];
    return kinds[i].check(ret_spec->location, err);
}

/* A bare path that begins with a scheme of ours is that scheme's; others are refused. */
static cachet_status understand(const char *text, struct ct_spec *ret_spec,
                                const struct kind **ret_kind, cachet_error *err)
{
    for (size_t i = 0; i < CT_COUNT_OF(kinds); i++)
        if (has_scheme(text, kinds[i].scheme))
            return parse(text, ret_spec, ret_kind, err);
    TRY(refuse_foreign(text, err));
    return parse(text, ret_spec, ret_kind, err);
}

cachet_status ct_store_check_spec(const char *spec, cachet_error *err)
{
    CLEANUP(ct_spec_fini) struct ct_spec parsed = {0};
    const struct kind *kind;

    return understand(spec, &parsed, &kind, err);
}

cachet_status ct_store_canonical_spec(const char *spec, char **ret_text, cachet_error *err)
{
    CLEANUP(ct_spec_fini) struct ct_spec parsed = {0};
    const struct kind *kind;

    TRY(understand(spec, &parsed, &kind, err));
    return kind->canonical(parsed.location, ret_text, err);
}

cachet_status ct_store_path(const char *spec, char **ret_path, cachet_error *err)
{
    CLEANUP(ct_spec_fini) struct ct_spec parsed = {0};
    const struct kind *kind;

    TRY(understand(spec, &parsed, &kind, err));
    return kind->path(parsed.location, ret_path, err);
}

cachet_status ct_store_open(cachet_store **ret_store, const char *spec,
                            const struct ct_store_settings *settings, cachet_error *err)
{
    CLEANUP(ct_spec_fini) struct ct_spec parsed = {0};
    const size_t name_size = strlen(settings->cache_namespace);
    const struct kind *kind;

    if (name_size < 1 || name_size > 255)
        return ct_err_set(err, CACHET_E_USAGE, "a namespace is 1 to 255 bytes, not %zu",
                          name_size);
    TRY(understand(spec, &parsed, &kind, err));
    return kind->open(ret_store, parsed.location, settings, err);
}

void ct_store_close(cachet_store *store)
{
    if (store != NULL)
        store->ops->close(store);
}

uint32_t ct_store_inline_size(const cachet_store *store)
{
    return store->ops->capabilities.inline_size;
}

cachet_status ct_store_head_get(cachet_store *store, const cachet_name *key,
                                cachet_head_visit visit, void *context, cachet_error *err)
{
    return store->ops->head_get(store, key, visit, context, err);
}

cachet_status ct_store_head_put(cachet_store *store, const cachet_head_put *put,
                                cachet_error *err)
{
    return store->ops->head_put(store, put, err);
}

cachet_status ct_store_head_drop(cachet_store *store, const cachet_name *key,
                                 const cachet_name *variant, cachet_bytes expected,
                                 cachet_error *err)
{
    return store->ops->head_drop(store, key, variant, expected, err);
}

cachet_status ct_store_head_each(cachet_store *store, cachet_head_visit visit, void *context,
                                 cachet_error *err)
{
    return store->ops->head_each(store, visit, context, err);
}

cachet_status ct_store_body_create(cachet_store *store, const cachet_name *key,
                                   const cachet_body_id *id, cachet_body_writer **ret_writer,
                                   cachet_error *err)
{
    return store->ops->body_create(store, key, id, ret_writer, err);
}

cachet_status ct_store_body_append(cachet_body_writer *writer, cachet_bytes chunk,
                                   cachet_error *err)
{
    return writer->store->ops->body_append(writer, chunk, err);
}

cachet_status ct_store_body_commit(cachet_body_writer **writer, cachet_error *err)
{
    cachet_body_writer *const committed = ct_steal(writer);

    return committed->store->ops->body_commit(committed, err);
}

void ct_store_body_abort(cachet_body_writer *writer)
{
    if (writer != NULL)
        writer->store->ops->body_abort(writer);
}

void ct_store_body_drop(cachet_store *store, const cachet_name *key, const cachet_body_id *id)
{
    store->ops->body_drop(store, key, id);
}

cachet_status ct_store_body_open(cachet_store *store, const cachet_name *key,
                                 const cachet_body_id *id, cachet_body_reader **ret_reader,
                                 cachet_error *err)
{
    return store->ops->body_open(store, key, id, ret_reader, err);
}

cachet_status ct_store_body_read(cachet_body_reader *reader, uint64_t index, size_t tag_size,
                                 unsigned char *chunk, size_t *ret_size, cachet_error *err)
{
    return reader->store->ops->body_read(reader, index, tag_size, chunk, ret_size, err);
}

void ct_store_body_close(cachet_body_reader *reader)
{
    if (reader != NULL)
        reader->store->ops->body_close(reader);
}
