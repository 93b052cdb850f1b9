/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include "cli/memory.h"
#include "cli/report.h"

#include <assert.h>
#include <getopt.h>

/* What getopt_long wants, made from the tables; an option's number there is its place here. */
struct tables {
    const struct cli_option *options[CLI_OPTIONS_MAX];
    void *values[CLI_OPTIONS_MAX];
    int count;
    struct option longs[CLI_OPTIONS_MAX + 1];
    char shorts[2 + 2 * CLI_OPTIONS_MAX + 1];
};

/* Long options answer with a number no letter has. */
#define FIRST_LONG 256

static void add_short(struct tables *tables, const struct cli_option *option)
{
    char *const end = tables->shorts + strlen(tables->shorts);

    end[0] = option->letter;
    if (option->letter != '\0' && option->argument != NULL)
        end[1] = ':';
}

static void add_set(struct tables *tables, const struct cli_option_set *set)
{
    const struct cli_option *option = set->options;

    for (; option != NULL && option->name != NULL; option++) {
        assert(tables->count < CLI_OPTIONS_MAX);
        tables->options[tables->count] = option;
        tables->values[tables->count] = set->values;
        tables->longs[tables->count] = (struct option){
            .name = option->name,
            .has_arg = option->argument == NULL ? no_argument : required_argument,
            .val = FIRST_LONG + tables->count};
        tables->count++;
        add_short(tables, option);
    }
}

/* getopt keeps its place between calls; here every call is a new list. */
static void restart_getopt(void)
{
    opterr = 0;
#ifdef __linux__
    optind = 0;
#else
    optind = 1;
    optreset = 1;
#endif
}

/* The place of the option that getopt answered with, or -1. */
static int find(const struct tables *tables, int answer)
{
    if (answer >= FIRST_LONG && answer < FIRST_LONG + tables->count)
        return answer - FIRST_LONG;
    for (int i = 0; i < tables->count; i++)
        if (answer != '\0' && tables->options[i]->letter == answer)
            return i;
    return -1;
}

static cachet_status refuse(const struct tables *tables, int answer, const char *last,
                            cachet_error *err)
{
    const int place = find(tables, optopt);

    if (place >= 0 && answer == ':')
        return cli_fail(err, CACHET_E_USAGE, "option '%s' wants a value: %s", last,
                        tables->options[place]->argument);
    if (place >= 0)
        return cli_fail(err, CACHET_E_USAGE, "option '--%s' takes no value",
                        tables->options[place]->name);
    if (optopt > ' ' && optopt < 0x7f)
        return cli_fail(err, CACHET_E_USAGE, "no option '-%c'", optopt);
    return cli_fail(err, CACHET_E_USAGE, "no option '%s'", last);
}

static void add_to_list(struct cli_list *list, const char *text)
{
    list->items = cli_resize(list->items, list->count + 1, sizeof(*list->items));
    list->items[list->count] = text;
    list->count++;
}

static cachet_status store(const struct cli_option *option, void *values, const char *text,
                           cachet_error *err)
{
    void *const field = (char *) values + option->offset;
    struct cli_duration *duration;

    switch (option->type) {
    case CLI_FLAG:
        *(bool *) field = true;
        break;
    case CLI_BITS:
        *(uint32_t *) field |= option->bits;
        break;
    case CLI_TEXT:
        *(const char **) field = text;
        break;
    case CLI_LIST:
        add_to_list(field, text);
        break;
    case CLI_DURATION:
        duration = field;
        duration->is_given = true;
        if (cli_duration_parse(text, &duration->seconds, err) != CACHET_OK)
            return cli_add(err, " (--%s)", option->name);
        break;
    }
    return CACHET_OK;
}

cachet_status cli_options_parse(const struct cli_option_set sets[2], bool stop_at_word,
                                int count, char **arguments, int *ret_word, cachet_error *err)
{
    struct tables tables = {.count = 0};
    int answer;

    /* '+' stops at the first word; ':' tells a missing value from an unknown option. */
    (void) snprintf(tables.shorts, sizeof(tables.shorts), stop_at_word ? "+:" : ":");
    add_set(&tables, &sets[0]);
    add_set(&tables, &sets[1]);
    restart_getopt();
    while ((answer = getopt_long(count, arguments, tables.shorts, tables.longs, NULL)) != -1) {
        const int place = find(&tables, answer);
        if (answer == '?' || answer == ':' || place < 0)
            return refuse(&tables, answer, arguments[optind > 1 ? optind - 1 : 0], err);
        TRY(store(tables.options[place], tables.values[place], optarg, err));
    }
    *ret_word = optind;
    return CACHET_OK;
}

void cli_options_fini(const struct cli_option_set *set)
{
    const struct cli_option *option = set->options;

    for (; option != NULL && option->name != NULL; option++) {
        if (option->type != CLI_LIST)
            continue;
        struct cli_list *const list = (void *) ((char *) set->values + option->offset);
        cli_free(list->items);
        *list = (struct cli_list){0};
    }
}

void cli_options_help(const struct cli_option *options, FILE *out)
{
    for (; options != NULL && options->name != NULL; options++) {
        char left[48];
        const bool has_argument = options->argument != NULL;
        (void) snprintf(left, sizeof(left), "%c%c%s --%s%s%s", options->letter ? '-' : ' ',
                        options->letter ? options->letter : ' ', options->letter ? "," : " ",
                        options->name, has_argument ? " " : "",
                        has_argument ? options->argument : "");
        (void) fprintf(out, "  %-26s %s\n", left, options->help);
    }
}

cachet_status cli_duration_parse(const char *text, int64_t *ret_seconds, cachet_error *err)
{
    static const struct {
        const char *letter;
        int64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    const size_t digits = strspn(text, "0123456789");
    int64_t number = 0;

    if (strcmp(text, "never") == 0) {
        *ret_seconds = CLI_NEVER;
        return CACHET_OK;
    }
    /* Ten digits of days are 27 million years and fit easily. */
    for (size_t i = 0; i < digits && digits <= 10; i++)
        number = number * 10 + (text[i] - '0');
    for (size_t i = 0; i < CLI_COUNT_OF(units) && digits > 0 && digits <= 10; i++) {
        if (strcmp(text + digits, units[i].letter) == 0) {
            *ret_seconds = number * units[i].seconds;
            return CACHET_OK;
        }
    }
    return cli_fail(err, CACHET_E_USAGE,
                    "'%s' is no duration: write 90, 90s, 15m, 2h, 7d or never", text);
}
