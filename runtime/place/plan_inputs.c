/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inputs of all tasks, sorted by rank. The walk goes along the order of the placement, where
 * tasks are near those that they use, so that what it looks up stays in the cache; only each rank's
 * next place is far from the others'.
 */
#include <inttypes.h>

#include "base/memory.h"
#include "place/planner.h"

/* So many tasks before their turn their rows of inputs are fetched, and what these lie in. */
enum { AHEAD = 32, AHEAD_INPUTS = 16 };

/* An order of the tasks in which those of each rank are as in tg_plan.mine: the placement's, but
 * for priorities and affinities. */
typedef struct walk {
    const int32_t *task, *rank; /* rank: by task; -1: a constant */
    int64_t count;
} walk;

static walk choose_walk(const tg_plan *p, const tg_placement *placement)
{
    if (p->graph->priority || p->graph->affinity)
        return (walk){p->mine, placement->rank, p->tasks.begin[p->nranks]};
    return (walk){placement->order, placement->rank, placement->count};
}

static tg_status number_constants(tg_plan *p, const tg_placement *placement, int32_t *at)
{
    tg_status status = TG_OK;
    const int64_t n = placement->count - p->tasks.begin[p->nranks];

    p->constant = tg_alloc_array(n, sizeof *p->constant);
    TG_NEED(p->constant, TG_ENOMEM, "out of memory: %" PRId64 " constants", n);
    for (int64_t i = 0; i < placement->count && p->nconstants < n; i++) {
        const int32_t t = placement->order[i];

        if (placement->rank[t] >= 0)
            continue;
        at[t] = ~(int32_t)p->nconstants;
        p->constant[p->nconstants++] = t;
    }
out:
    return status;
}

/* Inputs and bytes of parameters of each rank's tasks, in memory's order. */
static void count_inputs(tg_plan *p, const int32_t *rank)
{
    const tg_graph *g = p->graph;

    for (int64_t t = 0; t < g->ntasks; t++) {
        if (rank[t] < 0)
            continue;
        p->head[rank[t]].nedges += tg_graph_ninputs(g, t);
        p->head[rank[t]].params_bytes += tg_graph_params_units(g, t) * TG_PARAMS_UNIT;
    }
}

static void lay_out_inputs(tg_plan *p, const walk *w, int64_t *next, const int32_t *at)
{
    const tg_graph *g = p->graph;

    for (int r = 0; r < p->nranks; r++)
        next[r] = p->input_begin[r];
    for (int64_t i = 0; i < w->count; i++) {
        const int32_t t = w->task[i], r = w->rank[t], *input = tg_graph_inputs(g, t);
        const int n = tg_graph_ninputs(g, t);
        int32_t *to;

        if (i + AHEAD < w->count) {
            __builtin_prefetch(&w->rank[w->task[i + AHEAD]]);
            __builtin_prefetch(&g->input_begin[w->task[i + AHEAD]]);
            __builtin_prefetch(tg_graph_inputs(g, w->task[i + AHEAD_INPUTS]));
        }
        if (r < 0)
            continue;
        to = p->input + next[r];
        next[r] += n;
        for (int k = 0; k < n; k++)
            to[k] = at[input[k]];
    }
}

tg_status tg_plan_find_inputs(tg_plan *p, const tg_placement *placement, int32_t *at)
{
    tg_status status = TG_OK;
    const walk w = choose_walk(p, placement);
    int64_t *next = tg_alloc_array(p->nranks, sizeof *next);

    p->input_begin = tg_alloc_array((int64_t)p->nranks + 1, sizeof *p->input_begin);
    p->pin = tg_alloc_array(p->ntargets + TG_AHEAD_INPUTS, sizeof *p->pin);
    TG_NEED(next && p->input_begin && p->pin, TG_ENOMEM,
            "out of memory: a plan of %" PRId64 " tasks", p->graph->ntasks);
    TG_TRY(number_constants(p, placement, at));
    count_inputs(p, placement->rank);
    for (int r = 0; r < p->nranks; r++)
        p->input_begin[r + 1] = p->input_begin[r] + p->head[r].nedges;
    p->input = tg_alloc_array(p->input_begin[p->nranks] + TG_AHEAD_INPUTS, sizeof *p->input);
    TG_NEED(p->input, TG_ENOMEM, "out of memory: a plan of %" PRId64 " inputs",
            p->input_begin[p->nranks]);
    lay_out_inputs(p, &w, next, at);
    for (int64_t i = 0; i < p->ntargets; i++)
        p->pin[i] = at[p->targets[i]];
out:
    tg_free(next);
    return status;
}
