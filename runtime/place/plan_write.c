/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing a part, column by column. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "place/planner.h"

/* What a part is written with: the tasks of the rank, what of its arrivals and constants the walk
 * over its inputs has met, and where the next array begins. */
typedef struct part_writer {
    tg_plan *plan;
    const tg_part_head *head;
    int rank;
    const int32_t *mine;
    int64_t narrivals, nvalues; /* numbers of the last ones met */
    unsigned char *at;
} part_writer;

/* The next array, zeros behind it. */
static void *next_array(part_writer *w, int64_t count, size_t size)
{
    unsigned char *here = w->at, *end = here + (size_t)count * size;

    w->at = here + tg_round_up((size_t)count * size, TG_WIRE_STEP);
    memset(end, 0, (size_t)(w->at - end));
    return here;
}

static void write_copy(part_writer *w, const void *data, int64_t count, size_t size)
{
    void *to = next_array(w, count, size);

    if (count)
        memcpy(to, data, (size_t)count * size);
}

static void write_ints(part_writer *w, const int32_t *of_graph)
{
    int32_t *to = next_array(w, w->head->ntasks, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++)
        to[i] = of_graph[w->mine[i]];
}

static void write_calls(part_writer *w)
{
    const tg_graph *g = w->plan->graph;
    const int64_t n = w->head->ntasks;
    const int32_t *mine = w->mine;
    int32_t *to = next_array(w, n, sizeof *to);

    for (int64_t i = 0; i < n; i++)
        to[i] = tg_graph_is_resident(g, mine[i]) ? TG_CALL_RESIDENT : g->function[mine[i]];
}

static void write_flags(part_writer *w)
{
    const uint8_t *from = w->plan->graph->flags;
    const int64_t n = w->head->ntasks;
    const int32_t *mine = w->mine;
    uint8_t *to = next_array(w, n, sizeof *to);

    for (int64_t i = 0; i < n; i++)
        to[i] = from[mine[i]];
}

static void write_handles(part_writer *w)
{
    int64_t *to = next_array(w, w->head->ntasks, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++)
        to[i] = w->plan->graph->handle[w->mine[i]];
}

static void write_needs(part_writer *w)
{
    tg_need *to = next_array(w, w->head->ntasks, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++)
        to[i] = w->plan->graph->need[w->mine[i]];
}

static void write_output_bytes(part_writer *w)
{
    const float *from = w->plan->graph->output_bytes;
    const int64_t n = w->head->ntasks;
    const int32_t *mine = w->mine;
    float *to = next_array(w, n, sizeof *to);

    for (int64_t i = 0; i < n; i++)
        to[i] = from[mine[i]];
}

/* A walk over inputs that goes as tg_plan_find_arrivals went; kept in registers. */
typedef struct slot_walk {
    tg_result *result;
    int32_t first, ntasks;            /* of the rank, in tg_plan.mine */
    int32_t values, arrivals;         /* numbers before those of the rank */
    int32_t last_value, last_arrival; /* the last ones met */
    int32_t value_slot, arrival_slot; /* what a number's slot is higher */
} slot_walk;

static slot_walk begin_walk(const part_writer *w)
{
    const tg_plan *p = w->plan;
    const int32_t ntasks = (int32_t)w->head->ntasks;
    const int32_t values = (int32_t)p->value_begin[w->rank];
    const int32_t arrivals = (int32_t)p->arrivals.begin[w->rank];

    return (slot_walk){.result = p->result,
                       .first = (int32_t)p->tasks.begin[w->rank],
                       .ntasks = ntasks,
                       .values = values,
                       .arrivals = arrivals,
                       .last_value = (int32_t)w->nvalues,
                       .last_arrival = (int32_t)w->narrivals,
                       .value_slot = ntasks - values - 1,
                       .arrival_slot = ntasks + (int32_t)w->head->nvalues - arrivals - 1};
}

static void end_walk(part_writer *w, const slot_walk *walk)
{
    w->nvalues = walk->last_value;
    w->narrivals = walk->last_arrival;
}

static inline int32_t find_slot(slot_walk *w, int32_t made)
{
    tg_result *its = &w->result[made];
    const int32_t at = its->at, use = its->use;

    if ((uint32_t)at - (uint32_t)w->first < (uint32_t)w->ntasks)
        return at - w->first;
    if (at < 0) {
        if (use > w->values && use <= w->last_value)
            return w->value_slot + use;
        its->use = ++w->last_value;
        return w->value_slot + w->last_value;
    }
    if (use > w->arrivals && use <= w->last_arrival)
        return w->arrival_slot + use;
    its->use = ++w->last_arrival;
    return w->arrival_slot + w->last_arrival;
}

static void write_inputs(part_writer *w)
{
    const tg_plan *p = w->plan;
    const tg_graph *g = p->graph;
    uint32_t *begin = next_array(w, w->head->ntasks + 1, sizeof *begin), edge = 0;
    int32_t *to = next_array(w, w->head->nedges, sizeof *to);
    const int64_t first = p->tasks.begin[w->rank], ntasks = w->head->ntasks;
    const int32_t *mine = w->mine;
    slot_walk walk = begin_walk(w);

    for (int64_t i = 0; i < ntasks; i++) {
        const int32_t *input = tg_graph_inputs(g, mine[i]);
        const int n = tg_graph_ninputs(g, mine[i]);

        tg_plan_fetch(p, first + i, first + ntasks);
        begin[i] = edge;
        for (int k = 0; k < n; k++)
            to[edge++] = find_slot(&walk, input[k]);
    }
    begin[ntasks] = edge;
    end_walk(w, &walk);
}

/* Whose arrivals are looked at, up to which number, and what a number's slot is higher. */
typedef struct receiver {
    int32_t rank, end, slot;
} receiver;

/* Who gets arrivals of numbers from `arrival` on; the one before, or soon after it. */
static receiver next_receiver(const tg_plan *p, int32_t arrival, int32_t rank)
{
    enum { NEAR = 4 };
    const int64_t *begin = p->arrivals.begin;

    for (int k = 0; k < NEAR && rank + 1 < p->nranks && arrival > begin[rank + 1]; k++)
        rank++;
    if (arrival > begin[rank + 1])
        rank = tg_ranges_find(&p->arrivals, arrival - 1);
    return (receiver){rank, (int32_t)begin[rank + 1],
                      (int32_t)(p->head[rank].ntasks + p->head[rank].nvalues - begin[rank] - 1)};
}

/* A counting sort of what the rank sends by task: first how many, then each in its place. */
static void write_pushes(part_writer *w)
{
    const tg_plan *p = w->plan;
    const int64_t n = w->head->ntasks;
    uint32_t *begin = next_array(w, n + 1, sizeof *begin), before = 0;
    tg_push *to = next_array(w, w->head->nsends, sizeof *to);
    tg_send_reader sends = tg_sends_read(&p->sends, w->rank);
    receiver to_whom = {0};

    memset(begin, 0, (size_t)(n + 1) * sizeof *begin);
    while (tg_sends_next(&sends))
        begin[sends.task]++;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t count = begin[i];

        begin[i] = before;
        before += count;
    }
    sends = tg_sends_read(&p->sends, w->rank);
    while (tg_sends_next(&sends)) {
        if (sends.arrival > to_whom.end)
            to_whom = next_receiver(p, sends.arrival, to_whom.rank);
        to[begin[sends.task]++] = (tg_push){to_whom.rank, to_whom.slot + sends.arrival};
    }
    memmove(begin + 1, begin, (size_t)n * sizeof *begin); /* each ends where the next begins */
    begin[0] = 0;
}

static void write_pins(part_writer *w)
{
    int32_t *to = next_array(w, w->head->npins, sizeof *to);
    slot_walk walk = begin_walk(w);

    for (int64_t i = 0; i < w->head->npins; i++)
        to[i] = find_slot(&walk, (int32_t)w->plan->targets[i]);
    end_walk(w, &walk);
}

/* Where the parameters of some tasks or constants begin, and what the last unit lacks. */
static uint32_t write_sizes(const tg_graph *g, const int32_t *tasks, int64_t n, uint32_t unit,
                            uint32_t *begin, uint8_t *pad)
{
    for (int64_t i = 0; i < n; i++) {
        begin[i] = unit;
        pad[i] = g->params_pad[tasks[i]];
        unit += (uint32_t)tg_graph_params_units(g, tasks[i]);
    }
    return unit;
}

static void write_all_sizes(part_writer *w, const int32_t *values)
{
    const tg_graph *g = w->plan->graph;
    const int64_t n = w->head->ntasks, nvalues = w->head->nvalues;
    uint32_t *begin = next_array(w, n + nvalues + 1, sizeof *begin), unit;
    uint8_t *pad = next_array(w, n + nvalues, sizeof *pad);

    unit = write_sizes(g, w->mine, n, 0, begin, pad);
    unit = write_sizes(g, values, nvalues, unit, begin + n, pad + n);
    begin[n + nvalues] = unit;
}

static void write_params(part_writer *w, const int32_t *tasks, int64_t n)
{
    const tg_graph *g = w->plan->graph;

    for (int64_t i = 0; i < n; i++) {
        const int64_t units = tg_graph_params_units(g, tasks[i]);

        if (units)
            write_copy(w, tg_graph_params(g, tasks[i]), units, TG_PARAMS_UNIT);
    }
}

void tg_plan_write(tg_plan *plan, int rank, void *bytes)
{
    const tg_part_head *head = &plan->head[rank];
    const tg_graph *g = plan->graph;
    const int32_t *values = plan->value + plan->value_begin[rank];
    part_writer w = {.plan = plan,
                     .head = head,
                     .rank = rank,
                     .mine = plan->mine + plan->tasks.begin[rank],
                     .narrivals = plan->arrivals.begin[rank],
                     .nvalues = plan->value_begin[rank],
                     .at = bytes};

    write_copy(&w, head, 1, sizeof *head);
    write_copy(&w, plan->function, head->nfunctions, sizeof *plan->function);
    write_copy(&w, w.mine, head->ntasks, sizeof *w.mine);
    write_calls(&w);
    if (head->has_affinities)
        write_ints(&w, g->affinity);
    write_flags(&w);
    if (head->has_handles)
        write_handles(&w);
    if (head->has_needs)
        write_needs(&w);
    write_output_bytes(&w);
    write_inputs(&w);
    write_pushes(&w);
    write_pins(&w);
    write_all_sizes(&w, values);
    write_params(&w, w.mine, head->ntasks);
    write_params(&w, values, head->nvalues);
    assert(w.at - (unsigned char *)bytes == tg_part_size(head));
}

int64_t tg_plan_size(const tg_plan *plan, int rank)
{
    const tg_part_head *head = &plan->head[rank];

    return rank == 0 || head->ntasks || head->nremote ? tg_part_size(head) : 0;
}

tg_status tg_plan_dump(tg_plan *plan, FILE *out)
{
    tg_status status = TG_OK;
    void *bytes = NULL;

    for (int r = 0; r < plan->nranks; r++) {
        const int64_t size = tg_plan_size(plan, r);
        tg_part part;

        if (size == 0)
            continue;
        bytes = tg_alloc_array(size, 1);
        TG_NEED(bytes, TG_ENOMEM, "out of memory: a part of %" PRId64 " bytes", size);
        tg_plan_write(plan, r, bytes);
        TG_TRY(tg_part_read(bytes, size, &part));
        tg_part_dump(&part, r, out);
        tg_free(bytes);
        bytes = NULL;
    }
    TG_NEED(!ferror(out), TG_EIO, "the dump of a plan cannot be written");
out:
    tg_free(bytes);
    return status;
}
