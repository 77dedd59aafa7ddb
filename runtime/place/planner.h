/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * What the files that make plans share; for them only.
 *
 * An arrival is a result that travels to a rank that needs it, once however many tasks use it
 * there. Arrivals are numbered from 1, rank after rank, in the order in which each rank's tasks
 * first use them; so the number says which rank and, less the first of that rank, which slot.
 * Whoever walks a rank's inputs in the same order again meets its arrivals in the order of their
 * numbers: slots of inputs need not be kept. The rank that sends keeps which of its tasks each
 * arrival comes from, in four bytes (sends.h).
 */
#ifndef TG_PLACE_PLANNER_H
#define TG_PLACE_PLANNER_H

#include "place/plan.h"
#include "place/ranges.h"
#include "place/sends.h"

/** Of a task, or of a constant. */
typedef struct tg_result {
    int32_t at;  /* in tg_plan.mine; -1: a constant, or not needed */
    int32_t use; /* of a task an arrival, of a constant a number in tg_plan.value: the last met */
} tg_result;

struct tg_plan {
    const tg_graph *graph;  /* borrowed */
    const int64_t *targets; /* borrowed */
    int64_t ntargets;
    int nranks;
    tg_part_function *function; /* [nfunctions] of the graph */
    tg_part_head *head;         /* [nranks] */
    tg_ranges tasks;            /* into mine */
    int32_t *mine;              /* tasks by rank, in order */
    tg_result *result;          /* [ntasks of the graph] */
    tg_ranges arrivals;         /* less 1 */
    int32_t *arrival_slot;      /* [nranks] what the slot of an arrival is higher than its number */
    int64_t narrivals;
    tg_sends sends;
    int64_t *value_begin; /* [nranks + 1] into value */
    int32_t *value;       /* the constants that each rank needs */
    int64_t nvalues, value_capacity;
};

/** So many tasks before their turn their row of inputs, the inputs, and their results are fetched:
 * the tasks of a rank are far from each other in the graph. So are the next rank's first ones. */
enum { TG_AHEAD_ROW = 24, TG_AHEAD_INPUTS = 16, TG_AHEAD_RESULTS = 8 };

/* Inlined always: to the compiler, what only fetches has no effect, and it leaves calls out. */
__attribute__((always_inline)) static inline void tg_plan_fetch(const tg_plan *p, int64_t at)
{
    const tg_graph *g = p->graph;
    const int32_t *mine = p->mine + at;
    uint32_t e, last;

    if (at + TG_AHEAD_ROW >= p->tasks.begin[p->nranks])
        return;
    __builtin_prefetch(&g->input_begin[mine[TG_AHEAD_ROW]]);
    __builtin_prefetch(tg_graph_inputs(g, mine[TG_AHEAD_INPUTS]));
    e = g->input_begin[mine[TG_AHEAD_RESULTS]];
    last = g->input_begin[mine[TG_AHEAD_RESULTS] + 1];
    for (; e < last; e++)
        __builtin_prefetch(&p->result[g->input[e]]);
}

/** Number what arrives at each rank and the constants that it needs; counts go into the heads. */
TG_MUST_CHECK tg_status tg_plan_find_arrivals(tg_plan *plan);

#endif
