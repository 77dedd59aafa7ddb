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

/* Results of others that a rank uses for the first time: numbered at once, given to those who send
 * some at a time, so that no branch depends on where an input is. */
enum { BATCH = 256 };

typedef struct arrivals {
    tg_plan *plan;
    int32_t rank;
    uint32_t first, ntasks; /* of the rank, in tg_plan.mine */
    int32_t before, number; /* the last arrival of the ranks before, and of all */
    int32_t at[BATCH];      /* in tg_plan.mine */
    int n;
} arrivals;

static tg_status tell_senders(arrivals *a)
{
    tg_status status = TG_OK;
    tg_plan *p = a->plan;
    int32_t number = a->number - a->n;

    TG_NEED(a->number < INT32_MAX - BATCH, TG_EARG, "a plan has over 2^31 - 1 messages");
    TG_TRY(tg_sends_reserve(&p->sends, a->n));
    for (int i = 0; i < a->n; i++) {
        const int32_t from = tg_ranges_find(&p->tasks, a->at[i]);

        tg_sends_add(&p->sends, from, ++number, a->at[i] - (int32_t)p->tasks.begin[from]);
    }
    a->n = 0;
out:
    return status;
}

static inline tg_status add_use(arrivals *a, int32_t made)
{
    tg_result *its = &a->plan->result[made];
    const int32_t at = its->at, use = its->use;
    const bool is_new = ((uint32_t)at - a->first >= a->ntasks) & (use <= a->before);

    if (at < 0)
        return add_value(a->plan, a->rank, made);
    a->at[a->n] = at;
    a->n += is_new;
    a->number += is_new;
    its->use = is_new ? a->number : use;
    return a->n == BATCH ? tell_senders(a) : TG_OK;
}

static tg_status add_inputs(arrivals *a, tg_part_head *head)
{
    tg_status status = TG_OK;
    const tg_plan *p = a->plan;
    const int64_t end = p->tasks.begin[a->rank + 1];

    for (int64_t at = p->tasks.begin[a->rank]; at < end; at++) {
        const int32_t *input = tg_graph_inputs(p->graph, p->mine[at]);
        const int n = tg_graph_ninputs(p->graph, p->mine[at]);

        tg_plan_fetch(p, at);
        for (int k = 0; k < n; k++)
            TG_TRY(add_use(a, input[k]));
        head->nedges += n;
    }
    for (int64_t i = 0; a->rank == 0 && i < p->ntargets; i++)
        TG_TRY(add_use(a, (int32_t)p->targets[i]));
out:
    return status;
}

static tg_status find_arrivals_of(tg_plan *p, int32_t r)
{
    tg_status status = TG_OK;
    tg_part_head *head = &p->head[r];
    arrivals a = {.plan = p,
                  .rank = r,
                  .first = (uint32_t)p->tasks.begin[r],
                  .ntasks = (uint32_t)(p->tasks.begin[r + 1] - p->tasks.begin[r]),
                  .before = (int32_t)p->narrivals,
                  .number = (int32_t)p->narrivals};

    p->arrivals.begin[r] = p->narrivals;
    p->value_begin[r] = p->nvalues;
    head->ntasks = a.ntasks;
    TG_TRY(add_inputs(&a, head));
    TG_TRY(tell_senders(&a));
    p->narrivals = a.number;
    head->nremote = a.number - a.before;
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
    p->arrival_slot = tg_alloc_array(p->nranks, sizeof *p->arrival_slot);
    TG_NEED(p->arrivals.begin && p->value_begin && p->arrival_slot, TG_ENOMEM,
            "out of memory: %d ranks", p->nranks);
    for (int r = 0; r < p->nranks; r++)
        if (p->tasks.begin[r + 1] - p->tasks.begin[r] > most)
            most = p->tasks.begin[r + 1] - p->tasks.begin[r];
    TG_TRY(tg_sends_begin(&p->sends, p->nranks, most));
    for (int r = 0; r < p->nranks; r++)
        TG_TRY(find_arrivals_of(p, r));
    for (int r = 0; r < p->nranks; r++) {
        p->head[r].nsends = p->sends.list[r].count;
        p->arrival_slot[r] =
            (int32_t)(p->head[r].ntasks + p->head[r].nvalues) - (int32_t)p->arrivals.begin[r] - 1;
    }
    p->head[0].npins = p->ntargets;
    p->arrivals.begin[p->nranks] = p->narrivals;
    p->value_begin[p->nranks] = p->nvalues;
    TG_TRY(tg_ranges_index(&p->arrivals, p->nranks));
out:
    return status;
}
