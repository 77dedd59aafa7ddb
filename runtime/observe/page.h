/* SPDX-License-Identifier: BSD-3-Clause */
/** Where the time went: one HTML page that needs no network. */
#ifndef TG_OBSERVE_PAGE_H
#define TG_OBSERVE_PAGE_H

#include "observe/event.h"

/** What the page tells of. Its zero is a run in which nothing happened. */
typedef struct tg_page {
    const char *command;    /* the command line; NULL: left out */
    const char *machine;    /* a line about the machine; NULL: left out */
    const tg_event *events; /* [nevents] in any order */
    int64_t nevents;
    const char *const *names; /* [nnames] of functions; an event's name out of range is "?" */
    int nnames;
    const char *const *hosts; /* [nranks], or NULL */
    int nranks;
    int nthreads;         /* of each rank, the most of any; what events show if that is more */
    const char *memory;   /* of the rank with most: "predicted 12 MiB, ..."; NULL: left out */
    const char *resident; /* the same of its process as a whole; NULL: left out */
    int64_t bytes_read;
    int64_t bytes_written;
    double seconds; /* that the run took; 0: from the first event to the last */
} tg_page;

/**
 * Write the page: a table of totals, time by function, how busy each rank was, a timeline.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EIO when the file cannot be written, none is left then; TG_ENOMEM.
 * Cost:    a few passes over the events; the page has at most some hundred KiB.
 * Tests:   tests/runtime/observe/test_page.c
 */
TG_MUST_CHECK tg_status tg_page_write(const char *path, const tg_page *page);

#endif
