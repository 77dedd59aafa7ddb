/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbering what arrives at each rank, in one walk over the inputs of all tasks. */
#include <inttypes.h>

#include "base/memory.h"
#include "place/planner.h"

/* Inputs for which there is room among the arrivals. */
enum { BATCH = 4096 };

typedef struct arrivals {
    tg_plan *plan;
    int32_t *value_use; /* by constant: its last number in tg_plan.value, from 1; 0: none */
    int32_t rank;
    uint32_t first, ntasks;  /* of the rank, in tg_plan.mine */
    int32_t earlier, number; /* the last arrival of the ranks before, and of all */
    int32_t slot;            /* what the slot of an arrival is higher than its number */
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

/* `b` where it is so, else `a`: by arithmetic, as nothing could foretell a branch. */
static inline int32_t choose(bool so, int32_t a, int32_t b)
{
    return a ^ ((a ^ b) & -(int32_t)so);
}

/* Inputs become slots. Results of others that are used for the first time are numbered. */
static void number_inputs(arrivals *a, int32_t *input, int64_t count)
{
    const uint32_t first = a->first, ntasks = a->ntasks;
    const int32_t earlier = a->earlier, slot = a->slot;
    int32_t *before = a->plan->before, number = a->number;
    tg_sent *sent = a->plan->sent;

    for (int64_t i = 0; i < count; i++) {
        const int32_t at = input[i];
        bool is_here, is_new;
        tg_sent *its;

        __builtin_prefetch(sent + input[i + TG_AHEAD_INPUTS], 1);
        if (at < 0) {
            input[i] = ~at;
            continue;
        }
        its = &sent[at];
        is_here = (uint32_t)at - first < ntasks;
        is_new = !is_here & (its->last <= earlier);
        before[number + 1] = its->last;
        number += is_new;
        its->last = choose(is_new, its->last, number);
        its->count += is_new;
        input[i] = choose(is_here, slot + its->last, at - (int32_t)first);
    }
    a->number = number;
}

static tg_status add_inputs(arrivals *a, int32_t *input, int64_t count)
{
    tg_status status = TG_OK;
    tg_plan *p = a->plan;

    for (int64_t i = 0; i < count; i += BATCH) {
        TG_NEED(a->number < INT32_MAX - BATCH, TG_EARG, "a plan has over 2^31 - 1 messages");
        TG_TRY(tg_grow(&p->before, &p->before_capacity, (int64_t)a->number + BATCH + 2,
                       sizeof *p->before));
        number_inputs(a, input + i, count - i < BATCH ? count - i : BATCH);
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
    a->first = (uint32_t)p->task_begin[r];
    a->ntasks = (uint32_t)(p->task_begin[r + 1] - p->task_begin[r]);
    a->earlier = a->number;
    p->arrivals.begin[r] = a->number;
    p->value_begin[r] = p->nvalues;
    head->ntasks = a->ntasks;
    head->npins = r == 0 ? p->ntargets : 0;
    if (p->nconstants) {
        TG_TRY(add_values(a, input, head->nedges));
        TG_TRY(add_values(a, p->pin, head->npins));
    }
    head->nvalues = p->nvalues - p->value_begin[r];
    p->arrival_slot[r] = a->slot = (int32_t)(head->ntasks + head->nvalues - a->earlier - 1);
    TG_TRY(add_inputs(a, input, head->nedges));
    TG_TRY(add_inputs(a, p->pin, head->npins));
    head->nremote = a->number - a->earlier;
    TG_NEED(head->ntasks + head->nvalues + head->nremote <= INT32_MAX, TG_EARG,
            "the plan's part for rank %d has over 2^31 - 1 results", r);
out:
    return status;
}

static tg_status begin_arrivals(tg_plan *p)
{
    tg_status status = TG_OK;

    p->arrivals.begin = tg_alloc_array((int64_t)p->nranks + 1, sizeof *p->arrivals.begin);
    p->value_begin = tg_alloc_array((int64_t)p->nranks + 1, sizeof *p->value_begin);
    p->arrival_slot = tg_alloc_array(p->nranks, sizeof *p->arrival_slot);
    p->sent = tg_alloc_array(p->task_begin[p->nranks], sizeof *p->sent);
    TG_NEED(p->arrivals.begin && p->value_begin && p->arrival_slot && p->sent, TG_ENOMEM,
            "out of memory: a plan of %" PRId64 " tasks on %d ranks", p->task_begin[p->nranks],
            p->nranks);
out:
    return status;
}

static void count_sends(tg_plan *p, int32_t r)
{
    int64_t count = 0;

    for (int64_t i = p->task_begin[r]; i < p->task_begin[r + 1]; i++)
        count += p->sent[i].count;
    p->head[r].nsends = count;
}

tg_status tg_plan_find_arrivals(tg_plan *p)
{
    tg_status status = TG_OK;
    arrivals a = {.plan = p, .value_use = tg_alloc_array(p->nconstants, sizeof *a.value_use)};

    TG_NEED(a.value_use, TG_ENOMEM, "out of memory: %" PRId64 " constants", p->nconstants);
    TG_TRY(begin_arrivals(p));
    for (int r = 0; r < p->nranks; r++)
        TG_TRY(find_arrivals_of(&a, r));
    for (int r = 0; r < p->nranks; r++)
        count_sends(p, r);
    p->arrivals.begin[p->nranks] = a.number;
    p->value_begin[p->nranks] = p->nvalues;
    TG_TRY(tg_ranges_index(&p->arrivals, p->nranks));
out:
    tg_free(a.value_use);
    return status;
}
