/* SPDX-License-Identifier: BSD-3-Clause */
/** The command line that all programs share, and its twins in the environment. */
#ifndef TG_BASE_OPTIONS_H
#define TG_BASE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <tegula/runtime.h>

/** Bytes of a path or a word with the final NUL; longer ones are refused. */
#define TG_OPTION_SIZE 1024

/** What was asked for; plain bytes, so that rank 0's can be handed to all. */
typedef struct tg_options {
    int32_t threads; /* 0: by the rank's binding */
    int32_t retries;
    int32_t verbose;
    bool unbound;   /* threads are bound to no cores */
    bool dedicated; /* rank 0 runs no tasks */
    bool preview;   /* show what a run would cost in place of running */
    uint64_t seed;
    int64_t memory;                /* bytes of results that a rank keeps; 0: no limit */
    char progress[TG_OPTION_SIZE]; /* auto, bar, log, none */
    char graph[TG_OPTION_SIZE];    /* "": none, as the next two */
    char trace[TG_OPTION_SIZE];
    char report[TG_OPTION_SIZE];
    char machine[TG_OPTION_SIZE]; /* planned for; only with preview */
    char spill[TG_OPTION_SIZE];   /* folder for results beyond memory; only with memory */
} tg_options;

/** What the command line came to. */
typedef enum tg_verdict {
    TG_RUN,      /* go on */
    TG_SHOWN,    /* --help or --version was shown: end with exit status 0 */
    TG_BAD_USAGE /* the reason was printed: end with exit status 2 */
} tg_verdict;

/**
 * Read the environment, then the command line. The program's own options go to app->argp.
 * Positional arguments: *nargs of them behind argv[0] in *args (malloc, NULL at the end; strings
 * are argv's).
 */
TG_MUST_CHECK tg_status tg_options_parse(int argc, char **argv, const tg_app *app,
                                         tg_options *options, char ***args, int *nargs,
                                         tg_verdict *verdict);

/** The command line without those common options that cannot change a result, words joined by
 * blanks; malloc, NULL when memory is out. */
char *tg_options_say(int argc, char **argv);

#endif
