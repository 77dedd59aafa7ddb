/* SPDX-License-Identifier: BSD-3-Clause */
/* GNU argp with the program's own parser as a child; every common option also as TEGULA_NAME. */
#include "base/options.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum {
    KEY_THREADS = 0x4000,
    KEY_BIND,
    KEY_MEMORY,
    KEY_SPILL,
    KEY_SCHEDULER,
    KEY_RETRIES,
    KEY_PROGRESS,
    KEY_REPORT,
    KEY_TRACE,
    KEY_GRAPH,
    KEY_SEED,
    KEY_MACHINE,
    KEY_PREVIEW,
    KEY_VERBOSE,
    KEY_VERSION,
    KEY_HELP,
    KEY_USAGE,
};

#define GROUP (-2) /* behind the program's own options */

static const struct argp_option common[] = {
    {.doc = "Common to all Tegula programs (NAME also as TEGULA_NAME in the environment):",
     .group = GROUP},
    {"threads", KEY_THREADS, "T", 0, "Threads that run tasks on each rank (default: its cores)",
     GROUP},
    {"bind", KEY_BIND, "KIND", 0,
     "Threads of a rank: auto (default): each is bound to its share of the rank's cores where no "
     "other rank has these; none",
     GROUP},
    {"memory", KEY_MEMORY, "SIZE", 0,
     "Bytes of results that a rank keeps in memory, such as 2GiB; reading waits for room "
     "(default: no limit)",
     GROUP},
    {"spill", KEY_SPILL, "DIR", 0,
     "Where results go that --memory has no room for: a folder on a fast local disk. Nothing "
     "remains there",
     GROUP},
    {"scheduler", KEY_SCHEDULER, "KIND", 0,
     "What rank 0 does: shared (default): it also runs tasks; dedicated: it only plans", GROUP},
    {"retries", KEY_RETRIES, "N", 0, "Run a failed task again up to N times", GROUP},
    {"progress", KEY_PROGRESS, "KIND", 0, "How to show progress: auto (default), bar, log, none",
     GROUP},
    {"report", KEY_REPORT, "FILE.html", 0, "Write a page on where the time went", GROUP},
    {"trace", KEY_TRACE, "FILE.json", 0, "Write every task for a trace viewer", GROUP},
    {"graph", KEY_GRAPH, "FILE", 0, "Draw the task graph: .svg, .png, .pdf, .dot", GROUP},
    {"seed", KEY_SEED, "N", 0, "Seed of random numbers (default 0)", GROUP},
    {"preview", KEY_PREVIEW, 0, 0,
     "Plan, print messages, bytes, time and memory that the plan predicts, and run nothing", GROUP},
    {"machine", KEY_MACHINE, "SPEC", 0,
     "Preview on a machine that need not be here: \"host:4 pack:2 core:16\" or an hwloc FILE.xml; "
     "one rank a core (with --threads T: a rank on T cores)",
     GROUP},
    {"verbose", KEY_VERBOSE, 0, 0, "Say more about the run on standard error; may be repeated",
     GROUP},
    {"version", KEY_VERSION, 0, 0, "Print the version and end", GROUP},
    {"help", KEY_HELP, 0, 0, "Print this help and end", GROUP},
    {"usage", KEY_USAGE, 0, 0, "Print a short usage message and end", GROUP},
    {0},
};

typedef struct parsing {
    const tg_app *app;
    tg_options *options;
    char **args;
    int64_t nargs, capacity;
    bool shown;
    tg_status status; /* of the library's own doing: out of memory */
} parsing;

/* A whole number in [least, most] that is all of `text`. */
static bool read_number(const char *text, int64_t least, int64_t most, int64_t *out)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 0);
    if (errno || end == text || *end || value < least || value > most)
        return false;
    *out = value;
    return true;
}

static tg_status set_number(const char *name, const char *text, int64_t least, int64_t most,
                            int64_t *out)
{
    if (read_number(text, least, most, out))
        return TG_OK;
    return tg_fail(TG_EUSAGE, "%s: '%s' is not a whole number from %" PRId64 " to %" PRId64, name,
                   text, least, most);
}

/* A size in bytes: a number with K, M, G, T (powers of 1000) or Ki, Mi, Gi, Ti, and B behind. */
static tg_status set_size(const char *name, const char *text, int64_t *out)
{
    static const char letters[] = "KMGT";
    char *end;
    double size, step = 1;

    errno = 0;
    size = strtod(text, &end);
    if (end != text && *end && strchr(letters, *end)) {
        const bool binary = end[1] == 'i';

        for (const char *l = letters; l <= strchr(letters, *end); l++)
            step *= binary ? 1024 : 1000;
        end += 1 + binary;
    }
    end += *end == 'B';
    if (errno || end == text || *end || !(size * step >= 1) || size * step > 9e18)
        return tg_fail(TG_EUSAGE, "%s: '%s' is not a size such as 500MB or 2GiB", name, text);
    *out = (int64_t)(size * step);
    return TG_OK;
}

static tg_status set_text(const char *name, const char *text, char *out)
{
    if (!*text)
        return tg_fail(TG_EUSAGE, "%s: empty", name);
    if (strlen(text) >= TG_OPTION_SIZE)
        return tg_fail(TG_EUSAGE, "%s: longer than %d bytes", name, TG_OPTION_SIZE - 1);
    strcpy(out, text);
    return TG_OK;
}

/* A file written when all is done: what can be known before is told before. The ending keeps a
 * forgotten name from taking an input for it. */
static tg_status set_file(const char *name, const char *text, const char *ending, char *out)
{
    const size_t length = strlen(text), end = strlen(ending);
    char folder[TG_OPTION_SIZE];
    char *slash;
    tg_status status = TG_OK;

    TG_TRY(set_text(name, text, out));
    if (length <= end || strcmp(text + length - end, ending) != 0)
        return tg_fail(TG_EUSAGE, "%s: '%s' does not end in %s", name, text, ending);
    strcpy(folder, text);
    slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    if (access(slash ? folder : ".", W_OK | X_OK) != 0)
        return tg_fail(TG_EIO, "%s: %s: cannot be written: %s", name, text, strerror(errno));
out:
    return status;
}

static tg_status set_word(const char *name, const char *text, const char *const *words, char *out)
{
    char list[256] = "";

    for (int i = 0; words[i]; i++) {
        if (strcmp(text, words[i]) == 0)
            return set_text(name, text, out);
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", words[i]);
    }
    return tg_fail(TG_EUSAGE, "%s: '%s' is none of %s", name, text, list);
}

/* Set one option; `name` is what the user wrote: "--threads" or "TEGULA_THREADS". */
static tg_status set_option(tg_options *o, int key, const char *name, const char *text)
{
    static const char *const schedulers[] = {"shared", "dedicated", NULL};
    static const char *const binds[] = {"auto", "none", NULL};
    static const char *const progress[] = {"auto", "bar", "log", "none", NULL};
    char word[TG_OPTION_SIZE];
    tg_status status = TG_OK;
    int64_t number = 0;

    switch (key) {
    case KEY_THREADS:
        TG_TRY(set_number(name, text, 1, 4096, &number));
        o->threads = (int32_t)number;
        break;
    case KEY_BIND:
        TG_TRY(set_word(name, text, binds, word));
        o->unbound = strcmp(word, "none") == 0;
        break;
    case KEY_MEMORY:
        return set_size(name, text, &o->memory);
    case KEY_RETRIES:
        TG_TRY(set_number(name, text, 0, 1000, &number));
        o->retries = (int32_t)number;
        break;
    case KEY_SEED:
        TG_TRY(set_number(name, text, 0, INT64_MAX, &number));
        o->seed = (uint64_t)number;
        break;
    case KEY_VERBOSE: /* text: how often, from the environment */
        number = o->verbose + 1;
        if (text)
            TG_TRY(set_number(name, text, 0, 100, &number));
        o->verbose = (int32_t)number;
        break;
    case KEY_PREVIEW: /* text: 0 or 1, from the environment */
        number = 1;
        if (text)
            TG_TRY(set_number(name, text, 0, 1, &number));
        o->preview = number;
        break;
    case KEY_SCHEDULER:
        TG_TRY(set_word(name, text, schedulers, word));
        o->dedicated = strcmp(word, "dedicated") == 0;
        break;
    case KEY_PROGRESS:
        return set_word(name, text, progress, o->progress);
    case KEY_REPORT:
        return set_file(name, text, ".html", o->report);
    case KEY_TRACE:
        return set_file(name, text, ".json", o->trace);
    case KEY_SPILL:
        return set_text(name, text, o->spill);
    case KEY_MACHINE:
        return set_text(name, text, o->machine);
    default:
        return set_text(name, text, o->graph);
    }
out:
    return status;
}

static error_t take_argument(parsing *p, char *arg)
{
    p->status = tg_grow(&p->args, &p->capacity, p->nargs + 2, sizeof *p->args);
    if (p->status != TG_OK)
        return ENOMEM;
    p->args[p->nargs++] = arg;
    p->args[p->nargs] = NULL;
    return 0;
}

static void show_version(const tg_app *app)
{
    if (app && app->version)
        printf("%s\n", app->version);
    else
        printf("%s (Tegula) %s\n", program_invocation_short_name, TG_VERSION);
}

static error_t show(parsing *p, struct argp_state *state, int key)
{
    if (key == KEY_VERSION)
        show_version(p->app);
    else
        argp_state_help(state, stdout, key == KEY_HELP ? ARGP_HELP_STD_HELP : ARGP_HELP_USAGE);
    p->shown = true;
    return ECANCELED;
}

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
    parsing *p = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        if (p->app && p->app->argp)
            state->child_inputs[0] = p->app->input;
        return 0;
    case ARGP_KEY_ARG:
        return take_argument(p, arg);
    case KEY_VERSION:
    case KEY_HELP:
    case KEY_USAGE:
        return show(p, state, key);
    default:
        break;
    }
    for (const struct argp_option *o = common; o->name || o->doc; o++)
        if (o->key == key && o->name) {
            char name[64];

            snprintf(name, sizeof name, "--%s", o->name);
            if (set_option(p->options, key, name, arg) == TG_OK)
                return 0;
            argp_error(state, "%s", tg_message());
            return EINVAL;
        }
    return ARGP_ERR_UNKNOWN;
}

static tg_status read_environment(tg_options *options)
{
    for (const struct argp_option *o = common; o->name || o->doc; o++) {
        char name[64];
        const char *text;
        size_t i;

        if (!o->name || o->key >= KEY_VERSION)
            continue;
        snprintf(name, sizeof name, "TEGULA_%s", o->name);
        for (i = 7; name[i]; i++)
            name[i] = (char)(name[i] - 'a' + 'A');
        text = getenv(name);
        if (text && *text && set_option(options, o->key, name, text) != TG_OK)
            return TG_EUSAGE;
    }
    return TG_OK;
}

/* What options forbid each other; says so itself. */
static error_t check_together(const tg_options *o)
{
    if (*o->machine && !o->preview) {
        fprintf(stderr,
                "%s: --machine %s: only together with --preview: a run needs the machine that "
                "it runs on\n",
                program_invocation_short_name, o->machine);
        return EINVAL;
    }
    if (*o->spill && o->memory == 0) {
        fprintf(stderr,
                "%s: --spill %s: only together with --memory SIZE: results go there when a rank "
                "has so many bytes of them\n",
                program_invocation_short_name, o->spill);
        return EINVAL;
    }
    return 0;
}

tg_status tg_options_parse(int argc, char **argv, const tg_app *app, tg_options *options,
                           char ***args, int *nargs, tg_verdict *verdict)
{
    const struct argp_child children[] = {{.argp = app ? app->argp : NULL}, {0}};
    const struct argp argp = {.options = common, .parser = parse_common, .children = children};
    parsing p = {.app = app, .options = options};
    char **copy = tg_copy_of(argv, ((size_t)argc + 1) * sizeof *argv);
    error_t error = ENOMEM;

    *options = (tg_options){.progress = "auto"};
    *verdict = TG_BAD_USAGE;
    p.status = TG_ENOMEM;
    if (copy && take_argument(&p, argc > 0 ? argv[0] : "tegula") == 0) {
        if (read_environment(options) != TG_OK) {
            fprintf(stderr, "%s: %s\n", program_invocation_short_name, tg_message());
            error = EINVAL;
        } else {
            error = argp_parse(&argp, argc, copy, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &p);
            error = error ? error : check_together(options);
        }
    }
    tg_free(copy);
    if (p.status != TG_OK) {
        tg_free(p.args);
        return tg_fail(TG_ENOMEM, "out of memory for the command line");
    }
    *verdict = p.shown ? TG_SHOWN : error ? TG_BAD_USAGE : TG_RUN;
    *args = p.args;
    *nargs = (int)p.nargs;
    return TG_OK;
}

/* Is this word one of the common options that change no result (all but --seed)? *takes: the next
 * word is its value. */
static bool changes_nothing(const char *word, bool *takes)
{
    const size_t length = strcspn(word + (strncmp(word, "--", 2) == 0 ? 2 : 0), "=");

    if (strncmp(word, "--", 2) != 0 || length == 0)
        return false;
    for (const struct argp_option *o = common; o->name || o->doc; o++)
        if (o->name && o->key != KEY_SEED && strncmp(o->name, word + 2, length) == 0 &&
            strlen(o->name) == length) {
            *takes = o->arg && word[2 + length] == 0;
            return true;
        }
    return false;
}

char *tg_options_say(int argc, char **argv)
{
    size_t size = 1, at = 0;
    char *text;

    for (int i = 0; i < argc; i++)
        size += strlen(argv[i]) + 1;
    text = tg_zalloc(size);
    for (int i = 0; text && i < argc; i++) {
        bool takes = false;

        if (i > 0 && changes_nothing(argv[i], &takes)) {
            i += takes;
            continue;
        }
        at += (size_t)sprintf(text + at, "%s%s", i ? " " : "", argv[i]);
    }
    return text;
}
