/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tasks sorted by rank, and their inputs with them. The walk goes along the order of the
 * placement, where tasks are near those that they use, so that what it looks up stays in the cache;
 * only each rank's next place is far from the others'. Where a rank's tasks are to stand in another
 * order (by_rank.h), they are sorted first, and the walk goes along what that gives.
 */
#include <inttypes.h>

#include "base/memory.h"
#include "place/by_rank.h"
#include "place/planner.h"

/* So many tasks before their turn their rows of inputs are fetched, and what these lie in. */
enum { AHEAD = 32, AHEAD_INPUTS = 16 };

/* Of a rank: how many; then where its next ones go. */
typedef struct counts {
    int64_t tasks, inputs, params_units;
} counts;

typedef struct layout {
    tg_plan *plan;
    const int32_t *task, *rank; /* the walk; rank by task, -1: a constant */
    int64_t count;
    int32_t *at; /* by task: where it is in tg_plan.mine, or the complement of its constant */
    counts *of;  /* by rank */
} layout;

/* In memory's order. */
static void count_tasks(layout *l)
{
    const tg_graph *g = l->plan->graph;

    for (int64_t t = 0; t < g->ntasks; t++) {
        counts *its;

        if (l->rank[t] < 0)
            continue;
        its = &l->of[l->rank[t]];
        its->tasks++;
        its->inputs += tg_graph_ninputs(g, t);
        its->params_units += tg_graph_params_units(g, t);
    }
}

/* Where each rank's tasks and inputs begin. */
static tg_status begin_ranks(layout *l)
{
    tg_status status = TG_OK;
    tg_plan *p = l->plan;
    counts before = {0};

    p->task_begin = tg_alloc_array((int64_t)p->nranks + 1, sizeof *p->task_begin);
    p->input_begin = tg_alloc_array((int64_t)p->nranks + 1, sizeof *p->input_begin);
    TG_NEED(p->task_begin && p->input_begin, TG_ENOMEM, "out of memory: %d ranks", p->nranks);
    for (int r = 0; r < p->nranks; r++) {
        const counts its = l->of[r];

        p->head[r].nedges = its.inputs;
        p->head[r].params_bytes = its.params_units * TG_PARAMS_UNIT;
        p->task_begin[r] = before.tasks;
        p->input_begin[r] = before.inputs;
        l->of[r] = before;
        before.tasks += its.tasks;
        before.inputs += its.inputs;
    }
    p->task_begin[p->nranks] = before.tasks;
    p->input_begin[p->nranks] = before.inputs;
out:
    return status;
}

static tg_status number_constants(layout *l, const tg_placement *placement)
{
    tg_status status = TG_OK;
    tg_plan *p = l->plan;
    const int64_t n = placement->count - p->task_begin[p->nranks];

    p->constant = tg_alloc_array(n, sizeof *p->constant);
    TG_NEED(p->constant, TG_ENOMEM, "out of memory: %" PRId64 " constants", n);
    for (int64_t i = 0; i < placement->count && p->nconstants < n; i++) {
        const int32_t t = placement->order[i];

        if (placement->rank[t] >= 0)
            continue;
        l->at[t] = ~(int32_t)p->nconstants;
        p->constant[p->nconstants++] = t;
    }
out:
    return status;
}

/* Each rank's tasks stand as the walk finds them, which comes by inputs before what uses them, or
 * knows where they are already. */
static void lay_out(layout *l)
{
    tg_plan *p = l->plan;
    const tg_graph *g = p->graph;
    int32_t *at = l->at;

    for (int64_t i = 0; i < l->count; i++) {
        const int32_t t = l->task[i], r = l->rank[t], *input = tg_graph_inputs(g, t);
        const int n = tg_graph_ninputs(g, t);
        counts *its;
        int32_t *to;

        if (i + AHEAD < l->count) {
            __builtin_prefetch(&l->rank[l->task[i + AHEAD]]);
            __builtin_prefetch(&at[l->task[i + AHEAD]], 1);
            __builtin_prefetch(&g->input_begin[l->task[i + AHEAD]]);
            __builtin_prefetch(tg_graph_inputs(g, l->task[i + AHEAD_INPUTS]));
        }
        if (r < 0)
            continue;
        its = &l->of[r];
        at[t] = (int32_t)its->tasks;
        p->mine[its->tasks++] = t;
        to = p->input + its->inputs;
        its->inputs += n;
        for (int k = 0; k < n; k++)
            to[k] = at[input[k]];
    }
}

static tg_status allocate(layout *l, const tg_placement *placement)
{
    tg_status status = TG_OK;
    tg_plan *p = l->plan;
    const tg_graph *g = p->graph;
    const int64_t ninputs = p->input_begin[p->nranks];
    int64_t *begin = NULL;

    if (g->priority || g->affinity) {
        TG_TRY(tg_sort_by_rank(g, placement, p->nranks, &begin, &p->mine, &l->at));
        l->task = p->mine;
        l->count = p->task_begin[p->nranks];
    } else {
        p->mine = tg_alloc_array(p->task_begin[p->nranks], sizeof *p->mine);
        l->at = tg_alloc_array(g->ntasks, sizeof *l->at);
        l->task = placement->order;
        l->count = placement->count;
    }
    p->input = tg_alloc_array(ninputs + TG_AHEAD_INPUTS, sizeof *p->input);
    p->pin = tg_alloc_array(p->ntargets + TG_AHEAD_INPUTS, sizeof *p->pin);
    TG_NEED(p->mine && l->at && p->input && p->pin, TG_ENOMEM,
            "out of memory: a plan of %" PRId64 " tasks with %" PRId64 " inputs", g->ntasks,
            ninputs);
out:
    tg_free(begin);
    return status;
}

tg_status tg_plan_find_inputs(tg_plan *p, tg_placement *placement)
{
    tg_status status = TG_OK;
    layout l = {.plan = p, .rank = placement->rank, .of = tg_alloc_array(p->nranks, sizeof *l.of)};

    TG_NEED(l.of, TG_ENOMEM, "out of memory: %d ranks", p->nranks);
    count_tasks(&l);
    TG_TRY(begin_ranks(&l));
    TG_TRY(allocate(&l, placement));
    TG_TRY(number_constants(&l, placement));
    lay_out(&l);
    for (int64_t i = 0; i < p->ntargets; i++)
        p->pin[i] = l.at[p->targets[i]];
    tg_free(placement->order); /* of no more use, and large */
    placement->order = NULL;
    placement->count = 0;
out:
    tg_free(l.at);
    tg_free(l.of);
    return status;
}
