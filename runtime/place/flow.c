/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two counting sorts: the tasks by rank (by_rank.h), then, rank after rank, their inputs by the
 * task that makes them. The second leaves each result's users sorted by rank.
 */
#include "place/flow.h"

#include <inttypes.h>

#include "base/memory.h"
#include "place/by_rank.h"

static tg_status allocate(tg_flow *f, int64_t nusers)
{
    tg_status status = TG_OK;
    const tg_graph *g = f->graph;

    f->user_begin = tg_alloc_array(g->ntasks + 2, sizeof *f->user_begin);
    f->user = tg_alloc_array(nusers, sizeof *f->user);
    f->group = tg_alloc_array(tg_graph_nedges(g), sizeof *f->group);
    f->size = tg_alloc_array(nusers, sizeof *f->size);
    TG_NEED(f->user_begin && f->user && f->group && f->size, TG_ENOMEM,
            "out of memory: the flow of %" PRId64 " results", nusers);
out:
    return status;
}

static void count_users(tg_flow *f, const int64_t *targets, int64_t ntargets)
{
    const tg_graph *g = f->graph;
    const int64_t n = g->ntasks;

    for (int64_t i = 0; i < f->placement->count; i++) {
        const int32_t t = f->placement->order[i];

        for (int k = 0; k < tg_graph_ninputs(g, t); k++)
            f->user_begin[tg_graph_inputs(g, t)[k] + 2]++;
    }
    for (int64_t i = 0; i < ntargets; i++)
        f->user_begin[targets[i] + 2]++;
    for (int64_t t = 2; t < n + 2; t++)
        f->user_begin[t] += f->user_begin[t - 1];
}

/* Append a user of `made`; `last` is by task the first of its last group, plus 1. The group. */
static int32_t add_user(tg_flow *f, int64_t made, int32_t user, int32_t *last)
{
    const int64_t at = f->user_begin[made + 1]++;

    f->user[at] = user;
    if (!last[made] || tg_flow_rank(f, f->user[last[made] - 1]) != tg_flow_rank(f, user))
        last[made] = (int32_t)at + 1;
    f->size[last[made] - 1]++;
    return last[made] - 1;
}

static tg_status sort_users(tg_flow *f, const int64_t *targets, int64_t ntargets, int nranks)
{
    const tg_graph *g = f->graph;
    int32_t *last = tg_alloc_array(g->ntasks, sizeof *last);

    if (!last)
        return tg_fail(TG_ENOMEM, "out of memory: the flow of %" PRId64 " tasks", g->ntasks);
    for (int64_t i = 0; i < ntargets; i++)
        (void)add_user(f, targets[i], TG_FLOW_CALLER, last);
    for (int64_t at = 0; at < f->begin[nranks]; at++) {
        const int32_t t = f->mine[at];

        for (int k = 0; k < tg_graph_ninputs(g, t); k++)
            f->group[(int64_t)g->input_begin[t] + k] =
                add_user(f, tg_graph_inputs(g, t)[k], t, last);
    }
    tg_free(last);
    return TG_OK;
}

tg_status tg_flow_create(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                         const tg_placement *placement, int nranks, tg_flow *out)
{
    tg_status status = TG_OK;
    const int64_t nusers = tg_graph_nedges(graph) + ntargets;
    tg_flow f = {.graph = graph, .placement = placement};

    TG_NEED(nusers <= INT32_MAX, TG_EARG, "%" PRId64 " inputs: a prediction takes at most 2^31 - 1",
            nusers);
    TG_TRY(allocate(&f, nusers));
    TG_TRY(tg_sort_by_rank(graph, placement, nranks, &f.begin, &f.mine, &f.position));
    count_users(&f, targets, ntargets);
    TG_TRY(sort_users(&f, targets, ntargets, nranks));
    *out = f;
    f = (tg_flow){0};
out:
    tg_flow_clear(&f);
    return status;
}

void tg_flow_clear(tg_flow *flow)
{
    tg_free(flow->begin);
    tg_free(flow->mine);
    tg_free(flow->position);
    tg_free(flow->user_begin);
    tg_free(flow->user);
    tg_free(flow->group);
    tg_free(flow->size);
    *flow = (tg_flow){0};
}
