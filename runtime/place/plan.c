/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a placement to parts, in three passes over ranks:
 *   1. number each rank's tasks in the depth-first order;
 *   2. walk each rank's inputs: a result of another rank gets a slot here and a push there,
 *      once however many tasks here use it; a constant gets a slot;
 *   3. sort the pushes by the task that makes them and write the parts.
 */
#include "place/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef struct push_edge {
    int32_t task; /* of the graph */
    tg_push to;
} push_edge;

typedef struct planner {
    const tg_graph *graph;
    const int64_t *targets;
    int64_t ntargets;
    const tg_placement *placement;
    const int64_t *names; /* may be NULL */
    int nranks;
    int64_t epoch;
    int32_t *taking_part; /* ranks */
    int ntaking_part;
    int64_t *begin;   /* [nranks + 1] a rank's tasks in `mine` */
    int32_t *mine;    /* tasks by rank, in order */
    int32_t *slot;    /* by task: slot on the rank that is looked at */
    int32_t *seen_on; /* by task: the rank + 1 for which `slot` holds */
    push_edge *edges; /* pushes by receiving rank */
    int64_t nedges, edge_capacity;
    int64_t *push_begin; /* [ntasks + 1] */
    tg_push *push;       /* by sending task */
    tg_plan *plan;
} planner;

/* What pass 2 finds for one rank. */
typedef struct part_lists {
    int32_t *input;
    int64_t ninputs, input_capacity;
    int32_t *value; /* constants used here */
    int64_t nvalues, value_capacity;
    int64_t nremote;
    int32_t *pin;
    int64_t npins, pin_capacity;
} part_lists;

static void part_lists_clear(part_lists *lists)
{
    tg_free(lists->input);
    tg_free(lists->value);
    tg_free(lists->pin);
    *lists = (part_lists){0};
}

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

static tg_status number_tasks(planner *p)
{
    tg_status status = TG_OK;
    const tg_placement *pl = p->placement;

    p->begin = tg_alloc_array(p->nranks + 2, sizeof *p->begin);
    p->mine = tg_alloc_array(pl->count, sizeof *p->mine);
    p->slot = tg_alloc_array(p->graph->ntasks, sizeof *p->slot);
    p->seen_on = tg_alloc_array(p->graph->ntasks, sizeof *p->seen_on);
    TG_NEED(p->begin && p->mine && p->slot && p->seen_on, TG_ENOMEM,
            "out of memory: a plan of %" PRId64 " tasks", pl->count);
    for (int64_t i = 0; i < pl->count; i++)
        if (pl->rank[pl->order[i]] >= 0)
            p->begin[pl->rank[pl->order[i]] + 2]++;
    for (int r = 2; r < p->nranks + 2; r++)
        p->begin[r] += p->begin[r - 1];
    for (int64_t i = 0; i < pl->count; i++)
        if (pl->rank[pl->order[i]] >= 0)
            p->mine[p->begin[pl->rank[pl->order[i]] + 1]++] = pl->order[i];
    for (int r = 0; r < p->nranks; r++)
        TG_TRY(sort_by_priority(p->graph, p->mine + p->begin[r], p->begin[r + 1] - p->begin[r]));
out:
    return status;
}

static int32_t *append_int(int32_t **array, int64_t *count, int64_t *capacity)
{
    return tg_grow(array, capacity, *count + 1, sizeof **array) ? NULL : &(*array)[(*count)++];
}

/* The slot on rank r of task `t`'s result. Constants and remote results are numbered from 0 here;
 * *kind tells which, since their slots begin behind numbers that are not known yet. */
enum { OWN, VALUE, REMOTE };

static tg_status slot_of(planner *p, int r, int32_t t, part_lists *lists, int32_t *slot, int *kind)
{
    tg_status status = TG_OK;
    const bool value = p->graph->function[t] == TG_GRAPH_VALUE;

    *kind = p->placement->rank[t] == r ? OWN : value ? VALUE : REMOTE;
    if (*kind != OWN && p->seen_on[t] != r + 1) {
        p->seen_on[t] = r + 1;
        if (value) {
            int32_t *entry = append_int(&lists->value, &lists->nvalues, &lists->value_capacity);

            TG_NEED(entry, TG_ENOMEM, "out of memory: constants of a plan");
            *entry = t;
            p->slot[t] = (int32_t)(lists->nvalues - 1);
        } else {
            TG_TRY(tg_grow(&p->edges, &p->edge_capacity, p->nedges + 1, sizeof *p->edges));
            p->slot[t] = (int32_t)lists->nremote++;
            p->edges[p->nedges++] = (push_edge){t, {r, p->slot[t]}};
        }
    }
    *slot = p->slot[t];
out:
    return status;
}

/* Slots are final once the numbers of tasks and constants of the rank are known. */
static int32_t final_slot(int32_t slot, int kind, int64_t ntasks, int64_t nvalues)
{
    return (int32_t)(slot + (kind == OWN ? 0 : kind == VALUE ? ntasks : ntasks + nvalues));
}

/* Kinds are kept in the two lowest bits until then. */
static tg_status list_input(planner *p, int r, int32_t t, part_lists *lists, bool pin)
{
    tg_status status = TG_OK;
    int32_t slot = 0, *entry;
    int kind = OWN;

    TG_TRY(slot_of(p, r, t, lists, &slot, &kind));
    TG_NEED(slot < INT32_MAX / 4, TG_EARG, "a rank's part of the plan has over %d results",
            INT32_MAX / 4);
    entry = pin ? append_int(&lists->pin, &lists->npins, &lists->pin_capacity)
                : append_int(&lists->input, &lists->ninputs, &lists->input_capacity);
    TG_NEED(entry, TG_ENOMEM, "out of memory: inputs of a plan");
    *entry = slot * 4 + kind;
out:
    return status;
}

static void finish_slots(int32_t *slots, int64_t n, int64_t ntasks, int64_t nvalues)
{
    for (int64_t i = 0; i < n; i++)
        slots[i] = final_slot(slots[i] / 4, slots[i] % 4, ntasks, nvalues);
}

static tg_status list_rank(planner *p, int r, part_lists *lists)
{
    tg_status status = TG_OK;
    const int64_t begin = p->begin[r], ntasks = p->begin[r + 1] - begin;
    const int64_t first_edge = p->nedges;

    for (int64_t i = 0; i < ntasks; i++)
        p->slot[p->mine[begin + i]] = (int32_t)i;
    for (int64_t i = 0; i < ntasks; i++) {
        const int32_t t = p->mine[begin + i];

        for (int k = 0; k < tg_graph_ninputs(p->graph, t); k++)
            TG_TRY(list_input(p, r, tg_graph_inputs(p->graph, t)[k], lists, false));
    }
    for (int64_t i = 0; r == 0 && i < p->ntargets; i++)
        TG_TRY(list_input(p, r, (int32_t)p->targets[i], lists, true));
    finish_slots(lists->input, lists->ninputs, ntasks, lists->nvalues);
    finish_slots(lists->pin, lists->npins, ntasks, lists->nvalues);
    for (int64_t e = first_edge; e < p->nedges; e++)
        p->edges[e].to.slot += (int32_t)(ntasks + lists->nvalues);
out:
    return status;
}

static tg_status sort_pushes(planner *p)
{
    tg_status status = TG_OK;
    const int64_t n = p->graph->ntasks;

    p->push_begin = tg_alloc_array(n + 2, sizeof *p->push_begin);
    p->push = tg_alloc_array(p->nedges, sizeof *p->push);
    TG_NEED(p->push_begin && p->push, TG_ENOMEM, "out of memory: %" PRId64 " pushes", p->nedges);
    for (int64_t e = 0; e < p->nedges; e++)
        p->push_begin[p->edges[e].task + 2]++;
    for (int64_t t = 2; t < n + 2; t++)
        p->push_begin[t] += p->push_begin[t - 1];
    for (int64_t e = 0; e < p->nedges; e++)
        p->push[p->push_begin[p->edges[e].task + 1]++] = p->edges[e].to;
out:
    return status;
}

/* One number per task of the rank, gathered from the graph into scratch and written. */
typedef struct columns {
    int32_t *task, *call, *affinity;
    uint8_t *flags;
    int64_t *handle; /* NULL where none is */
    int64_t *output_bytes, *input_begin, *push_begin, *params_begin, *params_size;
    tg_push *push;
    tg_part_function *function;
} columns;

static void columns_clear(columns *c)
{
    tg_free(c->task);
    tg_free(c->call);
    tg_free(c->affinity);
    tg_free(c->flags);
    tg_free(c->handle);
    tg_free(c->output_bytes);
    tg_free(c->input_begin);
    tg_free(c->push_begin);
    tg_free(c->params_begin);
    tg_free(c->params_size);
    tg_free(c->push);
    tg_free(c->function);
}

static tg_status columns_alloc(columns *c, int64_t ntasks, int64_t nvalues, int64_t npushes,
                               int64_t nfunctions)
{
    c->task = tg_alloc_array(ntasks, sizeof *c->task);
    c->call = tg_alloc_array(ntasks, sizeof *c->call);
    c->affinity = tg_alloc_array(ntasks, sizeof *c->affinity);
    c->flags = tg_alloc_array(ntasks, sizeof *c->flags);
    c->handle = tg_alloc_array(ntasks, sizeof *c->handle);
    c->output_bytes = tg_alloc_array(ntasks, sizeof *c->output_bytes);
    c->input_begin = tg_alloc_array(ntasks + 1, sizeof *c->input_begin);
    c->push_begin = tg_alloc_array(ntasks + 1, sizeof *c->push_begin);
    c->params_begin = tg_alloc_array(ntasks + nvalues, sizeof *c->params_begin);
    c->params_size = tg_alloc_array(ntasks + nvalues, sizeof *c->params_size);
    c->push = tg_alloc_array(npushes, sizeof *c->push);
    c->function = tg_alloc_array(nfunctions, sizeof *c->function);
    if (!c->task || !c->call || !c->affinity || !c->flags || !c->handle || !c->output_bytes ||
        !c->input_begin || !c->push_begin || !c->params_begin || !c->params_size || !c->push ||
        !c->function)
        return tg_fail(TG_ENOMEM, "out of memory: a part of %" PRId64 " tasks", ntasks);
    return TG_OK;
}

static void set_params(const tg_graph *g, int32_t t, columns *c, int64_t at, int64_t *bytes)
{
    c->params_begin[at] = *bytes;
    c->params_size[at] = g->params_size[t];
    *bytes += (int64_t)tg_round_up((size_t)g->params_size[t], 16);
}

/* Fill the columns; returns the bytes of parameters and constants. */
static int64_t fill_columns(const planner *p, const int32_t *mine, int64_t ntasks,
                            const part_lists *lists, columns *c)
{
    const tg_graph *g = p->graph;
    int64_t bytes = 0;

    for (int64_t i = 0; i < ntasks; i++) {
        const int32_t t = mine[i];
        const int64_t npush = p->push_begin[t + 1] - p->push_begin[t];

        c->task[i] = t;
        c->call[i] = g->flags[t] & TG_TASK_RESIDENT ? TG_CALL_RESIDENT : g->function[t];
        c->flags[i] = g->flags[t];
        c->handle[i] = g->handle ? g->handle[t] : 0;
        c->affinity[i] = g->affinity[t];
        c->output_bytes[i] = g->output_bytes[t];
        c->input_begin[i + 1] = c->input_begin[i] + tg_graph_ninputs(g, t);
        c->push_begin[i + 1] = c->push_begin[i] + npush;
        memcpy(c->push + c->push_begin[i], p->push + p->push_begin[t],
               (size_t)npush * sizeof *c->push);
        set_params(g, t, c, i, &bytes);
    }
    for (int64_t v = 0; v < lists->nvalues; v++)
        set_params(g, lists->value[v], c, ntasks + v, &bytes);
    for (int64_t f = 0; f < g->nfunctions; f++)
        c->function[f] = (tg_part_function){g->functions[f].reference, p->names ? p->names[f] : f};
    return bytes;
}

static tg_status write_params(const tg_graph *g, const int32_t *tasks, int64_t n, tg_writer *w)
{
    tg_status status = TG_OK;

    for (int64_t i = 0; i < n; i++)
        TG_TRY(
            tg_write_array(w, g->params + g->params_begin[tasks[i]], g->params_size[tasks[i]], 1));
out:
    return status;
}

static tg_status write_columns(const tg_part_head *h, const columns *c, const part_lists *lists,
                               tg_writer *w)
{
    tg_status status = TG_OK;

    TG_TRY(tg_write_array(w, h, 1, sizeof *h));
    TG_TRY(tg_write_array(w, c->function, h->nfunctions, sizeof *c->function));
    TG_TRY(tg_write_array(w, c->task, h->ntasks, sizeof *c->task));
    TG_TRY(tg_write_array(w, c->call, h->ntasks, sizeof *c->call));
    TG_TRY(tg_write_array(w, c->affinity, h->ntasks, sizeof *c->affinity));
    TG_TRY(tg_write_array(w, c->flags, h->ntasks, sizeof *c->flags));
    TG_TRY(tg_write_array(w, c->handle, h->has_handles ? h->ntasks : 0, sizeof *c->handle));
    TG_TRY(tg_write_array(w, c->output_bytes, h->ntasks, sizeof *c->output_bytes));
    TG_TRY(tg_write_array(w, c->input_begin, h->ntasks + 1, sizeof *c->input_begin));
    TG_TRY(tg_write_array(w, lists->input, h->nedges, sizeof *lists->input));
    TG_TRY(tg_write_array(w, c->push_begin, h->ntasks + 1, sizeof *c->push_begin));
    TG_TRY(tg_write_array(w, c->push, h->nsends, sizeof *c->push));
    TG_TRY(tg_write_array(w, c->params_begin, h->ntasks + h->nvalues, sizeof *c->params_begin));
    TG_TRY(tg_write_array(w, c->params_size, h->ntasks + h->nvalues, sizeof *c->params_size));
    TG_TRY(tg_write_array(w, lists->pin, h->npins, sizeof *lists->pin));
out:
    return status;
}

/* Where the at-th of those that take part stands in their tree. */
static void report_tree(const planner *p, int at, tg_part_head *head)
{
    head->parent = at ? p->taking_part[(at - 1) / 2] : -1;
    for (int i = 2 * at + 1; i < p->ntaking_part && i <= 2 * at + 2; i++)
        head->child[head->nchildren++] = p->taking_part[i];
}

static tg_status write_part(const planner *p, int at, const part_lists *lists)
{
    tg_status status = TG_OK;
    const int r = p->taking_part[at];
    tg_writer *w = &p->plan->part[r];
    const int32_t *mine = p->mine + p->begin[r];
    columns c = {0};
    tg_part_head head = {.epoch = p->epoch,
                         .ntasks = p->begin[r + 1] - p->begin[r],
                         .nvalues = lists->nvalues,
                         .nremote = lists->nremote,
                         .nedges = lists->ninputs,
                         .npins = lists->npins,
                         .nfunctions = p->graph->nfunctions,
                         .has_handles = p->graph->handle != NULL};

    report_tree(p, at, &head);

    for (int64_t i = 0; i < head.ntasks; i++)
        head.nsends += p->push_begin[mine[i] + 1] - p->push_begin[mine[i]];
    TG_TRY(columns_alloc(&c, head.ntasks, head.nvalues, head.nsends, head.nfunctions));
    head.params_bytes = fill_columns(p, mine, head.ntasks, lists, &c);
    TG_TRY(write_columns(&head, &c, lists, w));
    TG_TRY(write_params(p->graph, mine, head.ntasks, w));
    TG_TRY(write_params(p->graph, lists->value, head.nvalues, w));
out:
    columns_clear(&c);
    return status;
}

/* Rank 0, and who has tasks; a rank without tasks needs no results of others. */
static tg_status find_taking_part(planner *p, const part_lists *lists)
{
    p->taking_part = tg_alloc_array(p->nranks, sizeof *p->taking_part);
    if (!p->taking_part)
        return tg_fail(TG_ENOMEM, "out of memory: %d ranks", p->nranks);
    for (int r = 0; r < p->nranks; r++)
        if (r == 0 || p->begin[r + 1] > p->begin[r] || lists[r].nremote)
            p->taking_part[p->ntaking_part++] = r;
    return TG_OK;
}

static tg_status make_parts(planner *p)
{
    tg_status status = TG_OK;
    part_lists *lists = tg_alloc_array(p->nranks, sizeof *lists);

    TG_NEED(lists, TG_ENOMEM, "out of memory: %d parts", p->nranks);
    for (int r = 0; r < p->nranks; r++)
        TG_TRY(list_rank(p, r, &lists[r]));
    TG_TRY(sort_pushes(p));
    TG_TRY(find_taking_part(p, lists));
    for (int i = 0; i < p->ntaking_part; i++)
        TG_TRY(write_part(p, i, &lists[p->taking_part[i]]));
out:
    for (int r = 0; lists && r < p->nranks; r++)
        part_lists_clear(&lists[r]);
    tg_free(lists);
    return status;
}

tg_status tg_plan_create(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                         const tg_placement *placement, const int64_t *names, int nranks,
                         int64_t epoch, tg_plan **out)
{
    tg_status status = TG_OK;
    planner p = {.graph = graph,
                 .targets = targets,
                 .ntargets = ntargets,
                 .placement = placement,
                 .names = names,
                 .nranks = nranks,
                 .epoch = epoch};

    p.plan = tg_zalloc(sizeof *p.plan);
    TG_NEED(p.plan, TG_ENOMEM, "out of memory for a plan");
    p.plan->nranks = nranks;
    p.plan->part = tg_alloc_array(nranks, sizeof *p.plan->part);
    TG_NEED(p.plan->part, TG_ENOMEM, "out of memory: a plan for %d ranks", nranks);
    TG_TRY(number_tasks(&p));
    TG_TRY(make_parts(&p));
    *out = p.plan;
    p.plan = NULL;
out:
    tg_plan_destroy(&p.plan);
    tg_free(p.begin);
    tg_free(p.taking_part);
    tg_free(p.mine);
    tg_free(p.slot);
    tg_free(p.seen_on);
    tg_free(p.edges);
    tg_free(p.push_begin);
    tg_free(p.push);
    return status;
}

void tg_plan_destroy(tg_plan **plan)
{
    if (!*plan)
        return;
    for (int r = 0; (*plan)->part && r < (*plan)->nranks; r++)
        tg_writer_clear(&(*plan)->part[r]);
    tg_free((*plan)->part);
    tg_free(*plan);
    *plan = NULL;
}
