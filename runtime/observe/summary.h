/* SPDX-License-Identifier: BSD-3-Clause */
/** Events added up, by function, by rank, and over time: what the page shows. */
#ifndef TG_OBSERVE_SUMMARY_H
#define TG_OBSERVE_SUMMARY_H

#include "observe/page.h"

/** The tasks of one function. */
typedef struct tg_function_time {
    uint32_t name; /* index of its name; nnames: those out of range */
    int64_t count;
    double total; /* seconds */
    double most;  /* seconds */
    int64_t bytes;
} tg_function_time;

/** What filled one piece of a row of the timeline. */
typedef struct tg_timeline_cell {
    double busy;    /* seconds of thread time */
    double longest; /* seconds that the function in `name` ran here at one go */
    uint32_t name;
} tg_timeline_cell;

typedef struct tg_summary {
    const tg_page *page;
    double begin;   /* seconds, the first event's start */
    double seconds; /* of the run */
    int nthreads;   /* of each rank */
    int64_t ntasks;
    int64_t nmessages; /* sent */
    int64_t message_bytes;
    double busy;                 /* seconds, over all threads */
    tg_function_time *functions; /* [nfunctions] longest total first, none without tasks */
    int nfunctions;
    double *rank_busy; /* [nranks] seconds */
    /* Ranks in groups of `ranks_per_row` consecutive ones; each group is a row of the timeline. */
    int nrows;
    int ranks_per_row;
    int ncells;              /* of a row */
    tg_timeline_cell *cells; /* [nrows, ncells] */
} tg_summary;

/** Add up the page's events. Errors: TG_ENOMEM. *out goes to tg_summary_clear in any case. */
TG_MUST_CHECK tg_status tg_summary_make(const tg_page *page, tg_summary *out);

void tg_summary_clear(tg_summary *summary);

/** Share of a row's threads that worked over a stretch of `seconds` to which `busy` belongs. */
double tg_summary_row_share(const tg_summary *summary, int row, double busy, double seconds);

#endif
