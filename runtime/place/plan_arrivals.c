/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbering what arrives at each rank, in one walk over the inputs of all tasks. */
#include <inttypes.h>

#include "base/memory.h"
#include "place/planner.h"

static tg_status add_value(tg_plan *p, int r, int32_t value)
{
    tg_status status = TG_OK;
    tg_result *its = &p->result[value];

    if (its->use > p->value_begin[r])
        return TG_OK;
    TG_NEED(p->nvalues < INT32_MAX, TG_EARG, "a plan ships over 2^31 - 1 constants");
    TG_TRY(tg_grow(&p->value, &p->value_capacity, p->nvalues + 1, sizeof *p->value));
    p->value[p->nvalues++] = value;
    its->use = (int32_t)p->nvalues;
    p->head[r].params_bytes += tg_graph_params_units(p->graph, value) * TG_PARAMS_UNIT;
out:
    return status;
}

static tg_status add_arrival(tg_plan *p, tg_result *its)
{
    tg_status status = TG_OK;
    const int32_t from = tg_ranges_find(&p->tasks, its->at);

    TG_NEED(p->narrivals < INT32_MAX, TG_EARG, "a plan has over 2^31 - 1 messages");
    its->use = (int32_t)++p->narrivals;
    TG_TRY(tg_sends_add(&p->sends, from, its->use, (int32_t)(its->at - p->tasks.begin[from])));
out:
    return status;
}

/* A rank uses a result. */
static inline tg_status add_use(tg_plan *p, int r, int32_t made)
{
    tg_result *its = &p->result[made];

    if (its->at < 0)
        return add_value(p, r, made);
    if (its->at >= p->tasks.begin[r] && its->at < p->tasks.begin[r + 1])
        return TG_OK;
    return its->use > p->arrivals.begin[r] ? TG_OK : add_arrival(p, its);
}

static tg_status find_arrivals_of(tg_plan *p, int r)
{
    tg_status status = TG_OK;
    const tg_graph *g = p->graph;
    tg_part_head *head = &p->head[r];
    const int64_t end = p->tasks.begin[r + 1];

    p->arrivals.begin[r] = p->narrivals;
    p->value_begin[r] = p->nvalues;
    head->ntasks = end - p->tasks.begin[r];
    for (int64_t at = p->tasks.begin[r]; at < end; at++) {
        const int32_t t = p->mine[at];
        const int32_t *input = tg_graph_inputs(g, t);
        const int n = tg_graph_ninputs(g, t);

        tg_plan_fetch(p, at, end);
        for (int k = 0; k < n; k++)
            TG_TRY(add_use(p, r, input[k]));
        head->nedges += n;
    }
    for (int64_t i = 0; r == 0 && i < p->ntargets; i++)
        TG_TRY(add_use(p, 0, (int32_t)p->targets[i]));
    head->nremote = p->narrivals - p->arrivals.begin[r];
    head->nvalues = p->nvalues - p->value_begin[r];
    TG_NEED(head->ntasks + head->nvalues + head->nremote <= INT32_MAX, TG_EARG,
            "the plan's part for rank %d has over 2^31 - 1 results", r);
out:
    return status;
}

tg_status tg_plan_find_arrivals(tg_plan *p)
{
    tg_status status = TG_OK;
    int64_t most = 0;

    p->arrivals.begin = tg_alloc_array((int64_t)p->nranks + 1, sizeof *p->arrivals.begin);
    p->value_begin = tg_alloc_array((int64_t)p->nranks + 1, sizeof *p->value_begin);
    TG_NEED(p->arrivals.begin && p->value_begin, TG_ENOMEM, "out of memory: %d ranks", p->nranks);
    for (int r = 0; r < p->nranks; r++)
        if (p->tasks.begin[r + 1] - p->tasks.begin[r] > most)
            most = p->tasks.begin[r + 1] - p->tasks.begin[r];
    TG_TRY(tg_sends_begin(&p->sends, p->nranks, most));
    for (int r = 0; r < p->nranks; r++)
        TG_TRY(find_arrivals_of(p, r));
    for (int r = 0; r < p->nranks; r++)
        p->head[r].nsends = p->sends.list[r].count;
    p->head[0].npins = p->ntargets;
    p->arrivals.begin[p->nranks] = p->narrivals;
    p->value_begin[p->nranks] = p->nvalues;
    TG_TRY(tg_ranges_index(&p->arrivals, p->nranks));
out:
    return status;
}
