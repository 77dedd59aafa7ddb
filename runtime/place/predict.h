/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * What a plan will cost: messages and bytes counted, makespan and memory by a simulation of the
 * ranks, bounds that no plan can beat. A pure function of graph, placement and machine.
 */
#ifndef TG_PLACE_PREDICT_H
#define TG_PLACE_PREDICT_H

#include "place/flow.h"

typedef struct tg_prediction {
    int64_t ntasks;               /* that run; constants are none */
    int64_t nguessed;             /* of these, tasks that give no expected seconds */
    int64_t nunsized;             /* tasks that give no expected bytes, though others use them */
    int64_t messages[TG_NLEVELS]; /* one a (result, rank that needs it), by level both share */
    int64_t bytes[TG_NLEVELS];    /* in them */
    int64_t nmessages, nbytes;    /* of all levels */
    double work;                  /* seconds of all tasks */
    double work_bound;            /* seconds: work / threads of all ranks */
    double path_bound;            /* seconds: the longest chain of tasks */
    double makespan;              /* seconds, planning not counted */
    double least_load, median_load, most_load; /* seconds of tasks a thread, by rank */
    int64_t peak, peak_sum; /* bytes of results: of the rank with most, of all ranks' peaks */
    int64_t resident;       /* bytes of a process with all that; 0: set by nobody */
    int64_t
        plan; /* bytes of a rank's part and of what it works on it with: of the rank with most */
} tg_prediction;

/** The larger of the two bounds. */
static inline double tg_prediction_bound(const tg_prediction *p)
{
    return p->work_bound > p->path_bound ? p->work_bound : p->path_bound;
}

/**
 * Predict a placed graph as the worker runs it: each rank starts the ready task of highest priority
 * when a thread is free, pushes a result to each rank that needs it when its task ends, and frees
 * it at its last use. Messages take the machine's overhead at both ends (of the thread that runs
 * tasks, where a rank has only one), the latency of the level, and each link's time for the bytes,
 * one message after the other into and out of a rank.
 *
 * Errors:  TG_EARG from 2^31 inputs on, TG_ENOMEM.
 * Cost:    linear but for the heap of events: about a microsecond a task and message.
 * Source:  LogGP (Alexandrov, Ionescu, Schauser, Scheiman 1995).
 * Tests:   tests/runtime/place/test_predict.c
 */
TG_MUST_CHECK tg_status tg_predict(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                                   const tg_placement *placement, const tg_machine *machine,
                                   tg_prediction *out);

/** What a run needs at least where sources wait for room. */
typedef struct tg_least {
    int64_t bytes; /* of results, on the rank with most */
    int32_t rank;
} tg_least;

/**
 * Simulate a run in which each rank starts sources only while its results have at most `memory`
 * bytes, or when all ranks wait for room.
 *
 * Errors, Cost: as tg_predict.
 */
TG_MUST_CHECK tg_status tg_predict_least(const tg_graph *graph, const int64_t *targets,
                                         int64_t ntargets, const tg_placement *placement,
                                         const tg_machine *machine, int64_t memory, tg_least *out);

/** The simulation alone for tg_predict_least. */
TG_MUST_CHECK tg_status tg_simulate_least(const tg_flow *flow, const tg_machine *machine,
                                          int64_t memory, tg_least *out);

/** The simulation alone: makespan, messages, peaks. For tg_predict. */
TG_MUST_CHECK tg_status tg_simulate(const tg_flow *flow, const tg_machine *machine,
                                    tg_prediction *out);

/** Expected seconds of a task, a default where the graph does not say; 0 where it has run. */
static inline double tg_task_seconds(const tg_graph *graph, int64_t task)
{
    const float seconds = tg_graph_seconds(graph, task);

    if (graph->task[task].flags & TG_TASK_RESIDENT)
        return 0;
    return seconds > 0 ? (double)seconds : TG_DEFAULT_SECONDS;
}

#endif
