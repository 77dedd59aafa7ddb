/* SPDX-License-Identifier: BSD-3-Clause */
/** The state of a simulation: ranks, what is ready on them, what happens next. For simulate.c. */
#ifndef TG_PLACE_SIMULATION_H
#define TG_PLACE_SIMULATION_H

#include "place/predict.h"

typedef enum tg_simulation_event_kind {
    TG_TASK_ENDS,
    TG_RESULT_COMES,
    TG_RESULT_IS_HERE
} tg_simulation_event_kind;

typedef struct tg_simulation_event {
    double time;
    int32_t what; /* a task; of results the group in flow->user */
    int32_t made; /* of results the task that made it */
    tg_simulation_event_kind kind;
} tg_simulation_event;

typedef struct tg_simulation_rank {
    double messages_until;      /* when the thread that handles messages is free */
    double out_until, in_until; /* when the links are */
    int32_t idle;               /* threads */
    bool alone;                 /* one thread runs tasks and handles messages */
    int64_t nready;             /* heap of positions at ready[flow->begin[rank]] */
    int64_t bytes, peak;
    int64_t all; /* bytes that were here at any time */
} tg_simulation_rank;

typedef struct tg_simulation {
    const tg_flow *flow;
    const tg_graph *graph;
    const tg_machine *machine;
    tg_prediction *out;
    tg_simulation_rank *ranks; /* [nranks] */
    int32_t *ready;            /* heaps, one a rank */
    int32_t *waiting;   /* by task: inputs not there yet, and the task of its affinity before it */
    int32_t *successor; /* by task: next of its affinity on the rank + 1; NULL: no affinities */
    int32_t *left;      /* by group: uses to come */
    int32_t *holds;     /* by task: groups that still need the result where it was made */
    tg_simulation_event *events; /* heap by time */
    int64_t nevents, event_capacity;
    int64_t ndone;
    int64_t memory; /* bytes beyond which sources wait; 0: they do not */
} tg_simulation;

/** Nothing has started: what each task waits for, constants where they are used. */
TG_MUST_CHECK tg_status tg_simulation_prepare(tg_simulation *s);
void tg_simulation_clear(tg_simulation *s);

/** The heap of events: the earliest comes first. */
TG_MUST_CHECK tg_status tg_simulation_push_event(tg_simulation *s, tg_simulation_event e);
tg_simulation_event tg_simulation_pop_event(tg_simulation *s);

/** The heap of ready tasks of a rank, by their place in its part; sources last unless the order is
 * by phases. */
void tg_simulation_push_ready(tg_simulation *s, int32_t task);
int32_t tg_simulation_pop_ready(tg_simulation *s, int32_t rank);
/** The next task is a source that waits for room. */
bool tg_simulation_waits_for_room(const tg_simulation *s, int32_t rank);

/** Bytes of a result. */
static inline int64_t tg_simulation_bytes_of(const tg_simulation *s, int64_t task)
{
    return s->graph->task[task].function == TG_GRAPH_VALUE
               ? tg_graph_params_size(s->graph, task)
               : (int64_t)s->graph->task[task].output_bytes;
}

/** Bytes come to a rank. */
static inline void tg_simulation_take_bytes(tg_simulation *s, int32_t r, int64_t bytes)
{
    tg_simulation_rank *rank = &s->ranks[r];

    rank->bytes += bytes;
    rank->all += bytes;
    rank->peak = rank->bytes > rank->peak ? rank->bytes : rank->peak;
}

#endif
