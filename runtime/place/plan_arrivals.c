/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbering what arrives at each rank, in one walk over the inputs of all tasks. */
#include <inttypes.h>

#include "base/memory.h"
#include "place/planner.h"

/* Inputs that are looked at before senders are told of those that are new: so that no branch
 * depends on where an input is. */
enum { BATCH = 256 };

typedef struct arrivals {
    tg_plan *plan;
    int32_t *use;       /* by task in tg_plan.mine: the arrival that it was last; 0: none */
    int32_t *value_use; /* by constant: its last number in tg_plan.value, from 1; 0: none */
    int32_t rank;
    uint32_t first, ntasks; /* of the rank, in tg_plan.mine */
    int32_t before, number; /* the last arrival of the ranks before, and of all */
    int32_t slot;           /* what the slot of an arrival is higher than its number */
    int32_t at[BATCH];      /* new arrivals, in tg_plan.mine */
    int32_t from[BATCH];    /* their ranks */
    int n;
} arrivals;

static tg_status add_value(arrivals *a, int32_t constant)
{
    tg_status status = TG_OK;
    tg_plan *p = a->plan;
    const int32_t value = p->constant[constant];

    if (a->value_use[constant] > p->value_begin[a->rank])
        return TG_OK;
    TG_NEED(p->nvalues < INT32_MAX, TG_EARG, "a plan ships over 2^31 - 1 constants");
    TG_TRY(tg_grow(&p->value, &p->value_capacity, p->nvalues + 1, sizeof *p->value));
    p->value[p->nvalues++] = value;
    a->value_use[constant] = (int32_t)p->nvalues;
    p->head[a->rank].params_bytes += tg_graph_params_units(p->graph, value) * TG_PARAMS_UNIT;
out:
    return status;
}

/* Constants among inputs become the complements of their slots. */
static tg_status add_values(arrivals *a, int32_t *input, int64_t n)
{
    tg_status status = TG_OK;
    const int64_t slot = (int64_t)a->ntasks - a->plan->value_begin[a->rank] - 1;

    for (int64_t i = 0; i < n; i++) {
        const int32_t constant = ~input[i];

        if (constant < 0)
            continue;
        TG_TRY(add_value(a, constant));
        input[i] = ~(int32_t)(slot + a->value_use[constant]);
    }
out:
    return status;
}

static tg_status tell_senders(arrivals *a)
{
    tg_status status = TG_OK;
    tg_plan *p = a->plan;
    int32_t number = a->number - a->n;

    TG_NEED(a->number < INT32_MAX - BATCH, TG_EARG, "a plan has over 2^31 - 1 messages");
    TG_TRY(tg_sends_reserve(&p->sends, a->n));
    for (int i = 0; i < a->n; i++) {
        a->from[i] = tg_ranges_find(&p->tasks, a->at[i]);
        __builtin_prefetch(&p->sends.list[a->from[i]], 1);
    }
    for (int i = 0; i < a->n; i++)
        tg_sends_add(&p->sends, a->from[i], ++number,
                     a->at[i] - (int32_t)p->tasks.begin[a->from[i]]);
    a->n = 0;
out:
    return status;
}

/* `b` where it is so, else `a`: by arithmetic, as nothing could foretell a branch. */
static inline int32_t choose(bool so, int32_t a, int32_t b)
{
    return a ^ ((a ^ b) & -(int32_t)so);
}

/* Inputs become slots. Results of others that are used for the first time are numbered. */
static void number_inputs(arrivals *a, int32_t *input, int64_t count)
{
    const uint32_t first = a->first, ntasks = a->ntasks;
    const int32_t before = a->before, slot = a->slot;
    int32_t *use = a->use, number = a->number;
    int n = 0;

    for (int64_t i = 0; i < count; i++) {
        const int32_t at = input[i];
        bool is_here, is_new;
        int32_t its;

        __builtin_prefetch(use + input[i + TG_AHEAD_INPUTS], 1);
        if (at < 0) {
            input[i] = ~at;
            continue;
        }
        its = use[at];
        is_here = (uint32_t)at - first < ntasks;
        is_new = !is_here & (its <= before);
        number += is_new;
        its = choose(is_new, its, number);
        use[at] = its;
        a->at[n] = at;
        n += is_new;
        input[i] = choose(is_here, slot + its, at - (int32_t)first);
    }
    a->number = number;
    a->n = n;
}

static tg_status add_inputs(arrivals *a, int32_t *input, int64_t count)
{
    tg_status status = TG_OK;

    for (int64_t i = 0; i < count; i += BATCH) {
        number_inputs(a, input + i, count - i < BATCH ? count - i : BATCH);
        TG_TRY(tell_senders(a));
    }
out:
    return status;
}

static tg_status find_arrivals_of(arrivals *a, int32_t r)
{
    tg_status status = TG_OK;
    tg_plan *p = a->plan;
    tg_part_head *head = &p->head[r];
    int32_t *input = p->input + p->input_begin[r];

    a->rank = r;
    a->first = (uint32_t)p->tasks.begin[r];
    a->ntasks = (uint32_t)(p->tasks.begin[r + 1] - p->tasks.begin[r]);
    a->before = a->number;
    p->arrivals.begin[r] = a->number;
    p->value_begin[r] = p->nvalues;
    head->ntasks = a->ntasks;
    head->npins = r == 0 ? p->ntargets : 0;
    if (p->nconstants) {
        TG_TRY(add_values(a, input, head->nedges));
        TG_TRY(add_values(a, p->pin, head->npins));
    }
    head->nvalues = p->nvalues - p->value_begin[r];
    p->arrival_slot[r] = a->slot = (int32_t)(head->ntasks + head->nvalues - a->before - 1);
    TG_TRY(add_inputs(a, input, head->nedges));
    TG_TRY(add_inputs(a, p->pin, head->npins));
    head->nremote = a->number - a->before;
    TG_NEED(head->ntasks + head->nvalues + head->nremote <= INT32_MAX, TG_EARG,
            "the plan's part for rank %d has over 2^31 - 1 results", r);
out:
    return status;
}

static tg_status begin_arrivals(tg_plan *p)
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
out:
    return status;
}

tg_status tg_plan_find_arrivals(tg_plan *p)
{
    tg_status status = TG_OK;
    const int64_t ntasks = p->tasks.begin[p->nranks];
    arrivals a = {.plan = p,
                  .use = tg_alloc_array(ntasks, sizeof *a.use),
                  .value_use = tg_alloc_array(p->nconstants, sizeof *a.value_use)};

    TG_NEED(a.use && a.value_use, TG_ENOMEM, "out of memory: a plan of %" PRId64 " tasks", ntasks);
    TG_TRY(begin_arrivals(p));
    for (int r = 0; r < p->nranks; r++)
        TG_TRY(find_arrivals_of(&a, r));
    for (int r = 0; r < p->nranks; r++)
        p->head[r].nsends = p->sends.list[r].count;
    p->arrivals.begin[p->nranks] = a.number;
    p->value_begin[p->nranks] = p->nvalues;
    TG_TRY(tg_ranges_index(&p->arrivals, p->nranks));
out:
    tg_free(a.use);
    tg_free(a.value_use);
    return status;
}
