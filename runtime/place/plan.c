/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a placement to parts:
 *   1. sort the tasks by rank, in the order of their priority;
 *   2. walk each rank's inputs: a result of another rank gets a slot here and a push there, once
 *      however many tasks here use it; a constant gets a slot. What the walk counts gives the sizes;
 *   3. write a part when it is asked for, with the same walk, column by column.
 *
 * A result's pushes are chained, so that no sort is needed.
 */
#include "place/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A task's result, while a rank is looked at. */
typedef struct result {
    int32_t walk; /* the last one that has found it or made it */
    int32_t slot; /* in that walk */
    int32_t push; /* number of its first push, from 1; 0: none */
} result;

typedef struct push_link {
    tg_push to;
    int32_t next; /* number of the result's next push, 0: none */
} push_link;

struct tg_plan {
    const tg_graph *graph; /* borrowed */
    const int64_t *targets; /* borrowed */
    int64_t ntargets;
    int nranks;
    tg_part_function *function; /* [nfunctions] of the graph */
    tg_part_head *head;         /* [nranks] */
    int64_t *begin;             /* [nranks + 1] a rank's tasks in `mine` */
    int32_t *mine;              /* tasks by rank, in order */
    result *result;             /* by task */
    int32_t nwalks;
    push_link *push;
    int64_t npushes, push_capacity;
    int32_t *value; /* scratch: constants of the part that is written */
    int64_t most_values;
};

/* ---- tasks by rank -------------------------------------------------------------------------- */

/* Higher priorities first, else the order stays: a sort by (priority, place), where any is set. */
typedef struct ranked {
    int32_t task, place;
    int8_t priority;
} ranked;

static int by_priority(const void *a, const void *b)
{
    const ranked *x = a, *y = b;

    if (x->priority != y->priority)
        return x->priority < y->priority ? 1 : -1;
    return (x->place > y->place) - (x->place < y->place);
}

static tg_status sort_by_priority(const tg_graph *g, int32_t *tasks, int64_t n)
{
    ranked *r;
    int64_t i;

    for (i = 0; i < n && g->priority[tasks[i]] == g->priority[tasks[0]]; i++)
        ;
    if (i == n)
        return TG_OK;
    r = tg_alloc_array(n, sizeof *r);
    if (!r)
        return tg_fail(TG_ENOMEM, "out of memory: priorities of %" PRId64 " tasks", n);
    for (i = 0; i < n; i++)
        r[i] = (ranked){tasks[i], (int32_t)i, g->priority[tasks[i]]};
    qsort(r, (size_t)n, sizeof *r, by_priority);
    for (i = 0; i < n; i++)
        tasks[i] = r[i].task;
    tg_free(r);
    return TG_OK;
}

static tg_status sort_by_rank(tg_plan *p, const tg_placement *placement)
{
    tg_status status = TG_OK;
    const int32_t *rank = placement->rank;

    p->begin = tg_alloc_array(p->nranks + 2, sizeof *p->begin);
    p->mine = tg_alloc_array(placement->count, sizeof *p->mine);
    TG_NEED(p->begin && p->mine, TG_ENOMEM, "out of memory: a plan of %" PRId64 " tasks",
            placement->count);
    for (int64_t i = 0; i < placement->count; i++)
        if (rank[placement->order[i]] >= 0)
            p->begin[rank[placement->order[i]] + 2]++;
    for (int r = 2; r < p->nranks + 2; r++)
        p->begin[r] += p->begin[r - 1];
    for (int64_t i = 0; i < placement->count; i++)
        if (rank[placement->order[i]] >= 0)
            p->mine[p->begin[rank[placement->order[i]] + 1]++] = placement->order[i];
    for (int r = 0; r < p->nranks && p->graph->priority; r++)
        TG_TRY(sort_by_priority(p->graph, p->mine + p->begin[r], p->begin[r + 1] - p->begin[r]));
out:
    return status;
}

/* ---- slots and pushes ----------------------------------------------------------------------- */

/* A rank is looked at: its own results first. */
static void begin_walk(tg_plan *p, int r)
{
    const int32_t *mine = p->mine + p->begin[r];
    const int64_t n = p->begin[r + 1] - p->begin[r];

    p->nwalks++;
    for (int64_t i = 0; i < n; i++) {
        p->result[mine[i]].walk = p->nwalks;
        p->result[mine[i]].slot = (int32_t)i;
    }
}

/* A rank needs the result of another task. */
static tg_status count_input(tg_plan *p, const int32_t *rank, int r, int32_t made)
{
    tg_status status = TG_OK;
    result *its = &p->result[made];
    tg_part_head *head = &p->head[r];

    if (its->walk == p->nwalks)
        return TG_OK;
    its->walk = p->nwalks;
    if (p->graph->function[made] == TG_GRAPH_VALUE) {
        head->nvalues++;
        head->params_bytes += tg_graph_params_units(p->graph, made) * TG_PARAMS_UNIT;
        return TG_OK;
    }
    TG_NEED(p->npushes < INT32_MAX, TG_EARG, "a plan has over 2^31 - 1 messages");
    if (p->npushes == p->push_capacity)
        TG_TRY(tg_grow(&p->push, &p->push_capacity, p->npushes + 1, sizeof *p->push));
    p->push[p->npushes++] = (push_link){{r, (int32_t)head->nremote++}, its->push};
    its->push = (int32_t)p->npushes;
    p->head[rank[made]].nsends++;
out:
    return status;
}

static tg_status count_rank(tg_plan *p, const int32_t *rank, int r)
{
    tg_status status = TG_OK;
    const tg_graph *g = p->graph;
    const int64_t first = p->npushes;
    tg_part_head *head = &p->head[r];

    begin_walk(p, r);
    head->ntasks = p->begin[r + 1] - p->begin[r];
    for (int64_t i = p->begin[r]; i < p->begin[r + 1]; i++) {
        const int32_t t = p->mine[i], *input = tg_graph_inputs(g, t);
        const int n = tg_graph_ninputs(g, t);

        head->nedges += n;
        head->params_bytes += tg_graph_params_units(g, t) * TG_PARAMS_UNIT;
        for (int k = 0; k < n; k++)
            TG_TRY(count_input(p, rank, r, input[k]));
    }
    head->npins = r == 0 ? p->ntargets : 0;
    for (int64_t i = 0; i < head->npins; i++)
        TG_TRY(count_input(p, rank, r, (int32_t)p->targets[i]));
    TG_NEED(head->ntasks + head->nvalues + head->nremote <= INT32_MAX, TG_EARG,
            "a rank's part of the plan has over 2^31 - 1 results");
    for (int64_t i = first; i < p->npushes; i++)
        p->push[i].to.slot += (int32_t)(head->ntasks + head->nvalues);
    p->most_values = head->nvalues > p->most_values ? head->nvalues : p->most_values;
out:
    return status;
}

/* From the last rank to the first: a new push goes before the others of its result. */
static tg_status count_ranks(tg_plan *p, const int32_t *rank)
{
    tg_status status = TG_OK;

    p->result = tg_alloc_array(p->graph->ntasks, sizeof *p->result);
    TG_NEED(p->result, TG_ENOMEM, "out of memory: a plan of %" PRId64 " tasks", p->graph->ntasks);
    for (int r = p->nranks; r-- > 0;)
        TG_TRY(count_rank(p, rank, r));
    p->value = tg_alloc_array(p->most_values, sizeof *p->value);
    TG_NEED(p->value, TG_ENOMEM, "out of memory: %" PRId64 " constants", p->most_values);
out:
    return status;
}

/* ---- who takes part ------------------------------------------------------------------------- */

/* Rank 0, and who has tasks; a rank without tasks needs no results of others. Those that take part
 * report up a binary tree, from the at-th to the one at (at - 1) / 2. */
static tg_status find_report_tree(tg_plan *p)
{
    int32_t *taking_part = tg_alloc_array(p->nranks, sizeof *taking_part);
    int n = 0;

    if (!taking_part)
        return tg_fail(TG_ENOMEM, "out of memory: %d ranks", p->nranks);
    for (int r = 0; r < p->nranks; r++)
        if (r == 0 || p->head[r].ntasks || p->head[r].nremote)
            taking_part[n++] = r;
    for (int at = 0; at < n; at++) {
        tg_part_head *head = &p->head[taking_part[at]];

        head->parent = at ? taking_part[(at - 1) / 2] : -1;
        for (int i = 2 * at + 1; i < n && i <= 2 * at + 2; i++)
            head->child[head->nchildren++] = taking_part[i];
    }
    tg_free(taking_part);
    return TG_OK;
}

static tg_status begin_heads(tg_plan *p, const int64_t *names, int64_t epoch)
{
    tg_status status = TG_OK;
    const tg_graph *g = p->graph;

    p->head = tg_alloc_array(p->nranks, sizeof *p->head);
    p->function = tg_alloc_array(g->nfunctions, sizeof *p->function);
    TG_NEED(p->head && p->function, TG_ENOMEM, "out of memory: a plan for %d ranks", p->nranks);
    for (int64_t f = 0; f < g->nfunctions; f++)
        p->function[f] = (tg_part_function){g->functions[f].reference, names ? names[f] : f};
    for (int r = 0; r < p->nranks; r++)
        p->head[r] = (tg_part_head){.epoch = epoch,
                                    .nfunctions = g->nfunctions,
                                    .has_handles = g->handle != NULL,
                                    .has_affinities = g->affinity != NULL};
out:
    return status;
}

tg_status tg_plan_create(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                         const tg_placement *placement, const int64_t *names, int nranks,
                         int64_t epoch, tg_plan **out)
{
    tg_status status = TG_OK;
    tg_plan *plan = tg_zalloc(sizeof *plan);

    TG_NEED(plan, TG_ENOMEM, "out of memory for a plan");
    plan->graph = graph;
    plan->targets = targets;
    plan->ntargets = ntargets;
    plan->nranks = nranks;
    TG_TRY(begin_heads(plan, names, epoch));
    TG_TRY(sort_by_rank(plan, placement));
    TG_TRY(count_ranks(plan, placement->rank));
    TG_TRY(find_report_tree(plan));
    *out = plan;
    plan = NULL;
out:
    tg_plan_destroy(&plan);
    return status;
}

void tg_plan_destroy(tg_plan **plan)
{
    tg_plan *p = *plan;

    if (!p)
        return;
    tg_free(p->function);
    tg_free(p->head);
    tg_free(p->begin);
    tg_free(p->mine);
    tg_free(p->result);
    tg_free(p->push);
    tg_free(p->value);
    tg_free(p);
    *plan = NULL;
}

/* ---- writing a part ------------------------------------------------------------------------- */

/* What a part is written with: the tasks of the rank, and where the next array begins. */
typedef struct part_writer {
    tg_plan *plan;
    const tg_part_head *head;
    const int32_t *mine;
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
    int32_t *to = next_array(w, w->head->ntasks, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++)
        to[i] = g->flags[w->mine[i]] & TG_TASK_RESIDENT ? TG_CALL_RESIDENT : g->function[w->mine[i]];
}

static void write_flags(part_writer *w)
{
    uint8_t *to = next_array(w, w->head->ntasks, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++)
        to[i] = w->plan->graph->flags[w->mine[i]];
}

static void write_handles(part_writer *w)
{
    int64_t *to = next_array(w, w->head->ntasks, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++)
        to[i] = w->plan->graph->handle[w->mine[i]];
}

static void write_output_bytes(part_writer *w)
{
    float *to = next_array(w, w->head->ntasks, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++)
        to[i] = w->plan->graph->output_bytes[w->mine[i]];
}

/* Slots of inputs and targets, as the walk of count_rank has numbered them. */
typedef struct numbering {
    int64_t nvalues, nremote;
} numbering;

static int32_t slot_of(part_writer *w, int32_t made, numbering *n)
{
    tg_plan *p = w->plan;
    result *its = &p->result[made];

    if (its->walk == p->nwalks)
        return its->slot;
    its->walk = p->nwalks;
    if (p->graph->function[made] == TG_GRAPH_VALUE) {
        its->slot = (int32_t)(w->head->ntasks + n->nvalues);
        p->value[n->nvalues++] = made;
    } else {
        its->slot = (int32_t)(w->head->ntasks + w->head->nvalues + n->nremote++);
    }
    return its->slot;
}

static void write_inputs(part_writer *w, numbering *numbers)
{
    const tg_graph *g = w->plan->graph;
    uint32_t *begin = next_array(w, w->head->ntasks + 1, sizeof *begin), edge = 0;
    int32_t *to = next_array(w, w->head->nedges, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++) {
        const int32_t *input = tg_graph_inputs(g, w->mine[i]);
        const int n = tg_graph_ninputs(g, w->mine[i]);

        begin[i] = edge;
        for (int k = 0; k < n; k++)
            to[edge++] = slot_of(w, input[k], numbers);
    }
    begin[w->head->ntasks] = edge;
}

static void write_pushes(part_writer *w)
{
    const tg_plan *p = w->plan;
    uint32_t *begin = next_array(w, w->head->ntasks + 1, sizeof *begin), n = 0;
    tg_push *to = next_array(w, w->head->nsends, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++) {
        begin[i] = n;
        for (int32_t e = p->result[w->mine[i]].push; e; e = p->push[e - 1].next)
            to[n++] = p->push[e - 1].to;
    }
    begin[w->head->ntasks] = n;
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

static void write_all_sizes(part_writer *w)
{
    const tg_graph *g = w->plan->graph;
    const int64_t n = w->head->ntasks, nvalues = w->head->nvalues;
    uint32_t *begin = next_array(w, n + nvalues + 1, sizeof *begin), unit;
    uint8_t *pad = next_array(w, n + nvalues, sizeof *pad);

    unit = write_sizes(g, w->mine, n, 0, begin, pad);
    unit = write_sizes(g, w->plan->value, nvalues, unit, begin + n, pad + n);
    begin[n + nvalues] = unit;
}

static void write_params(part_writer *w, const int32_t *tasks, int64_t n)
{
    const tg_graph *g = w->plan->graph;

    for (int64_t i = 0; i < n; i++)
        write_copy(w, tg_graph_params(g, tasks[i]), tg_graph_params_units(g, tasks[i]),
                   TG_PARAMS_UNIT);
}

static void write_pins(part_writer *w, numbering *numbers)
{
    int32_t *to = next_array(w, w->head->npins, sizeof *to);

    for (int64_t i = 0; i < w->head->npins; i++)
        to[i] = slot_of(w, (int32_t)w->plan->targets[i], numbers);
}

void tg_plan_write(tg_plan *plan, int rank, void *bytes)
{
    const tg_part_head *head = &plan->head[rank];
    const tg_graph *g = plan->graph;
    part_writer w = {plan, head, plan->mine + plan->begin[rank], bytes};
    numbering numbers = {0};

    begin_walk(plan, rank);
    write_copy(&w, head, 1, sizeof *head);
    write_copy(&w, plan->function, head->nfunctions, sizeof *plan->function);
    write_copy(&w, w.mine, head->ntasks, sizeof *w.mine);
    write_calls(&w);
    if (head->has_affinities)
        write_ints(&w, g->affinity);
    write_flags(&w);
    if (head->has_handles)
        write_handles(&w);
    write_output_bytes(&w);
    write_inputs(&w, &numbers);
    write_pushes(&w);
    write_pins(&w, &numbers);
    write_all_sizes(&w);
    write_params(&w, w.mine, head->ntasks);
    write_params(&w, plan->value, head->nvalues);
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
