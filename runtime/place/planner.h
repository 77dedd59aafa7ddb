/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * What the files that make plans share; for them only.
 *
 * An arrival is a result that travels to a rank that needs it, once however many tasks use it
 * there. Arrivals are numbered from 1, rank after rank, in the order in which each rank's tasks
 * first use them; so the number says which rank and, less the first of that rank, which slot.
 * Those of one result are a chain from the last to the first: four bytes an arrival.
 */
#ifndef TG_PLACE_PLANNER_H
#define TG_PLACE_PLANNER_H

#include "place/plan.h"
#include "place/ranges.h"

/** What is sent of a result: the last arrival, 0: none; and how many. */
typedef struct tg_sent {
    int32_t last, count;
} tg_sent;

struct tg_plan {
    const tg_graph *graph;  /* borrowed */
    const int64_t *targets; /* borrowed */
    int64_t ntargets;
    int nranks;
    tg_part_function *function; /* [nfunctions] of the graph */
    tg_part_head *head;         /* [nranks] */
    int64_t *task_begin;        /* [nranks + 1] into mine */
    int32_t *mine;              /* tasks by rank, in order */
    int64_t *input_begin;       /* [nranks + 1] into input */
    int32_t *input;             /* of the tasks in `mine`: slots */
    int32_t *pin;               /* [ntargets] slots on rank 0 */
    tg_ranges arrivals;         /* less 1 */
    int32_t *arrival_slot;      /* [nranks] what the slot of an arrival is higher than its number */
    tg_sent *sent;              /* of the tasks in `mine` */
    int32_t *before; /* [1 + arrivals] the arrival of the same result before it; 0: none */
    int64_t before_capacity;
    int64_t *value_begin; /* [nranks + 1] into value */
    int32_t *value;       /* the constants that each rank needs */
    int64_t nvalues, value_capacity;
    int32_t *constant; /* needed constants: tasks of the graph */
    int64_t nconstants;
};

/** So many inputs before its turn, what is known of one is fetched; `input` has room for them. */
enum { TG_AHEAD_INPUTS = 32 };

/** Sort the tasks by rank and lay out their inputs: each is where the task that makes it is in
 * `mine`, or the complement of its number among the constants (plan_inputs.c). The order of the
 * placement is used up and freed. */
TG_MUST_CHECK tg_status tg_plan_find_inputs(tg_plan *plan, tg_placement *placement);

/** Number what arrives at each rank and the constants that it needs; inputs become slots, counts go
 * into the heads (plan_arrivals.c). */
TG_MUST_CHECK tg_status tg_plan_find_arrivals(tg_plan *plan);

#endif
