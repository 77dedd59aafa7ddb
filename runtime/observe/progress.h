/* SPDX-License-Identifier: BSD-3-Clause */
/** Progress of a run for who waits: a bar on a terminal, a line every so often in a log. */
#ifndef TG_OBSERVE_PROGRESS_H
#define TG_OBSERVE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <tegula/status.h>

typedef enum tg_progress_mode {
    TG_PROGRESS_AUTO = 0, /* a bar if `file` is a terminal, else a log */
    TG_PROGRESS_BAR,
    TG_PROGRESS_LOG,
    TG_PROGRESS_NONE
} tg_progress_mode;

/** Its zero writes to stderr as TG_PROGRESS_AUTO. Mode, file, interval are the caller's to set. */
typedef struct tg_progress {
    tg_progress_mode mode;
    FILE *file;      /* NULL: stderr; borrowed */
    double interval; /* seconds between lines of a log; 0: 10 */
    /* the rest is progress's own */
    tg_progress_mode shown; /* BAR, LOG or NONE */
    int64_t total;
    int64_t done;
    int64_t bytes;
    double begin;   /* seconds, the caller's clock */
    double now;     /* seconds, of the last update */
    double written; /* seconds, when something was last written, or `begin` */
    bool drawn;     /* a bar stands on the terminal's line */
} tg_progress;

/** The mode that a word of --progress names. Errors: TG_EUSAGE. Call: local. */
TG_MUST_CHECK tg_status tg_progress_parse(const char *word, tg_progress_mode *out);

/** A run of `total` tasks begins at `now`, seconds of any clock. Call: local. */
void tg_progress_begin(tg_progress *progress, int64_t total, double now);

/**
 * `done` tasks are done and `bytes` read so far. Writes at most 10 bars a second and a line each
 * interval, so it may be called as often as wanted.
 *
 * Call:    local.
 */
void tg_progress_update(tg_progress *progress, int64_t done, int64_t bytes, double now);

/** The run is over: the bar's last state, or the log's last line if the run took an interval. */
void tg_progress_end(tg_progress *progress);

#endif
