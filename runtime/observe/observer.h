/* SPDX-License-Identifier: BSD-3-Clause */
/** What rank 0 shows of its runs as the options ask: progress, graph pictures, trace, report. */
#ifndef TG_OBSERVE_OBSERVER_H
#define TG_OBSERVE_OBSERVER_H

#include "base/options.h"
#include "graph/graph.h"
#include "observe/event.h"
#include "place/machine.h"

typedef struct tg_observer tg_observer;

/** Options and machine are borrowed. Errors: TG_EUSAGE for --graph with an unknown ending. */
TG_MUST_CHECK tg_status tg_observer_create(const tg_options *options, const tg_machine *machine,
                                           tg_observer **out);
void tg_observer_destroy(tg_observer **observer);

/** A run of `ntasks` tasks of a graph begins; rank[task] is where it runs, -1: not needed. names[f]
 * (may be NULL) gets what events of the graph's function f are named by from now on. */
TG_MUST_CHECK tg_status tg_observer_begin(tg_observer *observer, const tg_graph *graph,
                                          const int32_t *rank, int64_t ntasks, int64_t *names);

/** Tasks done so far; the run's end. To be called as often as wanted. */
void tg_observer_watch(void *observer, int64_t done, bool finished);

/** The events of a run; copied. */
TG_MUST_CHECK tg_status tg_observer_end(tg_observer *observer, const tg_event *events,
                                        int64_t nevents);

/** Draw a graph: results on top; a constant is a box. rank may be NULL. */
TG_MUST_CHECK tg_status tg_observer_draw(const tg_graph *graph, const int32_t *rank,
                                         const char *path);

/** Bytes on the rank with most: of results, and of its process as a whole. */
typedef struct tg_memory_facts {
    int64_t predicted, measured;
    int64_t nunsized; /* tasks that did not say how large their results are */
    int64_t ntaken;   /* tasks that other ranks ran than was planned */
    int64_t process;  /* when the program began: program, libraries, MPI */
    int64_t resident_predicted, resident;
} tg_memory_facts;

/** Bytes of what tg_observer_memory says with the final NUL. */
#define TG_MEMORY_TEXT 160

/** "predicted 12 MiB, measured 11 MiB". Returns `out`. */
const char *tg_observer_memory(const tg_memory_facts *facts, char out[TG_MEMORY_TEXT]);

/** "predicted 53 MiB, of which 41 MiB at the start, measured 51 MiB". Returns `out`. */
const char *tg_observer_resident(const tg_memory_facts *facts, char out[TG_MEMORY_TEXT]);

/** Facts of the whole program for the report. */
typedef struct tg_observed {
    const char *command_line;
    int64_t bytes_read, bytes_written;
    tg_memory_facts memory;
} tg_observed;

/** Write trace and report. */
TG_MUST_CHECK tg_status tg_observer_write(tg_observer *observer, const tg_observed *facts);

#endif
