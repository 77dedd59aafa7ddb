/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a placement to parts:
 *   1. sort the tasks by rank, in the order of their priority;
 *   2. walk all inputs in the order of the placement, where a result's users are near each other:
 *      a result of another rank gets a slot here and a push there, once however many tasks here use
 *      it; a constant gets a slot. What the walk counts gives the sizes;
 *   3. write a part when it is asked for, column by column.
 */
#include "place/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A rank that uses a result of another, or a constant. The uses of a result are a ring. */
typedef struct use {
    tg_push to;   /* slot: from 0 among the rank's constants or what others push to it */
    int32_t next; /* number of the use after it; of the last: of the first */
} use;

/* A task's result, while uses are found. */
typedef struct result {
    int32_t slot; /* on its own rank */
    int32_t last; /* number of its last use, from 1; 0: none */
} result;

/* Uses of results that have many, to be found by (task, rank). */
typedef struct many_uses {
    tg_key_map map;
    tg_key *key;  /* of (task, rank) */
    int32_t *use; /* its number */
    int64_t count, key_capacity, use_capacity;
} many_uses;

struct tg_plan {
    const tg_graph *graph;  /* borrowed */
    const int64_t *targets; /* borrowed */
    int64_t ntargets;
    int nranks;
    tg_part_function *function; /* [nfunctions] of the graph */
    tg_part_head *head;         /* [nranks] */
    int64_t *begin;             /* [nranks + 1] a rank's tasks in `mine` */
    int32_t *mine;              /* tasks by rank, in order */
    int32_t *input;             /* by input of the graph: its slot; ~slot of what others push */
    int32_t *pin;               /* by target, likewise */
    uint32_t *push_begin;       /* [ntasks + 1] into push */
    tg_push *push;              /* by task, with final slots */
    int64_t *value_begin;       /* [nranks + 1] a rank's constants in `value` */
    int32_t *value;

    result *result; /* by task; NULL when uses are sorted, as are those */
    use *use;
    int64_t nuses, use_capacity;
    many_uses many;
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

static void number_tasks(tg_plan *p, int r)
{
    for (int64_t i = p->begin[r]; i < p->begin[r + 1]; i++)
        p->result[p->mine[i]].slot = (int32_t)(i - p->begin[r]);
}

static tg_status sort_by_rank(tg_plan *p, const tg_placement *placement)
{
    tg_status status = TG_OK;
    const int64_t n = placement->count;
    const int32_t *rank = placement->rank, *order = placement->order;

    p->begin = tg_alloc_array(p->nranks + 2, sizeof *p->begin);
    p->mine = tg_alloc_array(n, sizeof *p->mine);
    p->result = tg_alloc_array(p->graph->ntasks, sizeof *p->result);
    TG_NEED(p->begin && p->mine && p->result, TG_ENOMEM,
            "out of memory: a plan of %" PRId64 " tasks", n);
    for (int64_t i = 0; i < n; i++)
        if (rank[order[i]] >= 0)
            p->begin[rank[order[i]] + 2]++;
    for (int r = 2; r < p->nranks + 2; r++)
        p->begin[r] += p->begin[r - 1];
    for (int64_t i = 0; i < n; i++)
        if (rank[order[i]] >= 0)
            p->mine[p->begin[rank[order[i]] + 1]++] = order[i];
    for (int r = 0; r < p->nranks; r++) {
        p->head[r].ntasks = p->begin[r + 1] - p->begin[r];
        if (p->graph->priority)
            TG_TRY(sort_by_priority(p->graph, p->mine + p->begin[r], p->head[r].ntasks));
        number_tasks(p, r);
    }
out:
    return status;
}

/* ---- uses ----------------------------------------------------------------------------------- */

/* So many uses of a result are looked through, more are found in a map: cost stays linear. */
enum { FEW_USES = 8 };

static tg_key key_of_use(int32_t made, int32_t rank)
{
    return tg_key_of((int32_t[]){made, rank}, 2 * sizeof(int32_t));
}

/* Where a use stands, or 0 behind the last of a result's. */
static int32_t first_use(const tg_plan *p, int32_t made)
{
    const int32_t last = p->result[made].last;

    return last ? p->use[last - 1].next : 0;
}

static int32_t next_use(const tg_plan *p, int32_t made, int32_t number)
{
    return number == p->result[made].last ? 0 : p->use[number - 1].next;
}

/* The number of the rank's use of a result, or 0. *nbefore: others looked through. */
static int32_t find_use(const tg_plan *p, int32_t made, int32_t rank, int *nbefore)
{
    int64_t found;

    *nbefore = 0;
    for (int32_t u = first_use(p, made); u; u = next_use(p, made, u)) {
        if (p->use[u - 1].to.rank == rank)
            return u;
        if (++*nbefore == FEW_USES)
            break;
    }
    if (*nbefore < FEW_USES)
        return 0;
    found = tg_key_map_find(&p->many.map, p->many.key, key_of_use(made, rank));
    return found < 0 ? 0 : p->many.use[found];
}

static tg_status append_use(tg_plan *p, int32_t made, int32_t rank, int64_t slot)
{
    tg_status status = TG_OK;
    result *its = &p->result[made];
    int32_t number;

    TG_NEED(p->nuses < INT32_MAX, TG_EARG, "a plan has over 2^31 - 1 messages");
    if (p->nuses == p->use_capacity)
        TG_TRY(tg_grow(&p->use, &p->use_capacity, p->nuses + 1, sizeof *p->use));
    number = (int32_t)++p->nuses;
    p->use[number - 1] = (use){{rank, (int32_t)slot}, number};
    if (its->last) {
        p->use[number - 1].next = p->use[its->last - 1].next;
        p->use[its->last - 1].next = number;
    }
    its->last = number;
out:
    return status;
}

/* The newest use is one of many. */
static tg_status map_use(many_uses *many, int32_t made, int32_t rank, int32_t number)
{
    tg_status status = TG_OK;

    TG_TRY(tg_grow(&many->key, &many->key_capacity, many->count + 1, sizeof *many->key));
    TG_TRY(tg_grow(&many->use, &many->use_capacity, many->count + 1, sizeof *many->use));
    many->key[many->count] = key_of_use(made, rank);
    many->use[many->count] = number;
    TG_TRY(tg_key_map_add(&many->map, many->key, (int32_t)many->count++));
out:
    return status;
}

/* The slot on `rank` of another rank's result or of a constant, as tg_plan.input keeps it. */
static tg_status slot_on(tg_plan *p, const int32_t *of_task, int32_t rank, int32_t made,
                         int32_t *slot)
{
    tg_status status = TG_OK;
    const bool value = of_task[made] < 0; /* any other input has a rank */
    tg_part_head *head = &p->head[rank];
    int nbefore;
    int32_t number = find_use(p, made, rank, &nbefore);

    if (!number) {
        TG_TRY(append_use(p, made, rank, value ? head->nvalues++ : head->nremote++));
        number = (int32_t)p->nuses;
        if (!value)
            p->head[of_task[made]].nsends++;
        if (nbefore == FEW_USES)
            TG_TRY(map_use(&p->many, made, rank, number));
    }
    *slot = p->use[number - 1].to.slot;
    *slot = value ? *slot + (int32_t)head->ntasks : ~*slot;
out:
    return status;
}

/* Slots of all inputs of a task. */
static tg_status find_slots(tg_plan *p, const int32_t *of_task, int32_t t)
{
    tg_status status = TG_OK;
    const tg_graph *g = p->graph;
    const int32_t *input = tg_graph_inputs(g, t);
    const int n = tg_graph_ninputs(g, t);
    const int32_t rank = of_task[t];
    int32_t *slot = p->input + g->input_begin[t];

    for (int k = 0; k < n; k++)
        if (of_task[input[k]] == rank)
            slot[k] = p->result[input[k]].slot;
        else
            TG_TRY(slot_on(p, of_task, rank, input[k], &slot[k]));
    p->head[rank].nedges += n;
    p->head[rank].params_bytes += tg_graph_params_units(g, t) * TG_PARAMS_UNIT;
out:
    return status;
}

static tg_status find_pins(tg_plan *p, const int32_t *of_task)
{
    tg_status status = TG_OK;

    p->head[0].npins = p->ntargets;
    for (int64_t i = 0; i < p->ntargets; i++)
        if (of_task[p->targets[i]] == 0)
            p->pin[i] = p->result[p->targets[i]].slot;
        else
            TG_TRY(slot_on(p, of_task, 0, (int32_t)p->targets[i], &p->pin[i]));
out:
    return status;
}

static tg_status find_uses(tg_plan *p, const tg_placement *placement)
{
    tg_status status = TG_OK;
    const int64_t nedges = tg_graph_nedges(p->graph);

    p->input = tg_alloc_array(nedges, sizeof *p->input);
    p->pin = tg_alloc_array(p->ntargets, sizeof *p->pin);
    TG_NEED(p->input && p->pin, TG_ENOMEM, "out of memory: a plan with %" PRId64 " inputs", nedges);
    for (int64_t i = 0; i < placement->count; i++)
        if (placement->rank[placement->order[i]] >= 0)
            TG_TRY(find_slots(p, placement->rank, placement->order[i]));
    TG_TRY(find_pins(p, placement->rank));
    for (int r = 0; r < p->nranks; r++)
        TG_NEED(p->head[r].ntasks + p->head[r].nvalues + p->head[r].nremote <= INT32_MAX, TG_EARG,
                "the plan's part for rank %d has over 2^31 - 1 results", r);
out:
    return status;
}

/* Slots that others push to lie behind those of tasks and constants. */
static int32_t final_slot(const tg_part_head *head, int32_t slot)
{
    return slot >= 0 ? slot : (int32_t)(head->ntasks + head->nvalues) + ~slot;
}

static tg_status allocate_sorted(tg_plan *p)
{
    tg_status status = TG_OK;
    int64_t nvalues, npushes;

    p->value_begin = tg_alloc_array(p->nranks + 1, sizeof *p->value_begin);
    TG_NEED(p->value_begin, TG_ENOMEM, "out of memory: %d ranks", p->nranks);
    for (int r = 0; r < p->nranks; r++)
        p->value_begin[r + 1] = p->value_begin[r] + p->head[r].nvalues;
    nvalues = p->value_begin[p->nranks];
    npushes = p->nuses - nvalues;
    p->value = tg_alloc_array(nvalues, sizeof *p->value);
    p->push_begin = tg_alloc_array(p->graph->ntasks + 1, sizeof *p->push_begin);
    p->push = tg_alloc_array(npushes, sizeof *p->push);
    TG_NEED(p->value && p->push_begin && p->push, TG_ENOMEM,
            "out of memory: %" PRId64 " messages and %" PRId64 " constants", npushes, nvalues);
out:
    return status;
}

/* Uses become pushes by task, and constants by rank. */
static tg_status sort_uses(tg_plan *p)
{
    tg_status status = TG_OK;
    const tg_graph *g = p->graph;
    uint32_t n = 0;

    TG_TRY(allocate_sorted(p));
    for (int32_t t = 0; t < g->ntasks; t++) {
        p->push_begin[t] = n;
        for (int32_t u = first_use(p, t); u; u = next_use(p, t, u)) {
            const tg_push to = p->use[u - 1].to;
            tg_part_head *head = &p->head[to.rank];

            if (g->function[t] == TG_GRAPH_VALUE) {
                p->value[p->value_begin[to.rank] + to.slot] = t;
                head->params_bytes += tg_graph_params_units(g, t) * TG_PARAMS_UNIT;
            } else {
                p->push[n++] = (tg_push){to.rank, final_slot(head, ~to.slot)};
            }
        }
    }
    p->push_begin[g->ntasks] = n;
out:
    return status;
}

static void free_uses(tg_plan *p)
{
    tg_free(p->result);
    tg_free(p->use);
    tg_key_map_clear(&p->many.map);
    tg_free(p->many.key);
    tg_free(p->many.use);
    p->result = NULL;
    p->use = NULL;
    p->many = (many_uses){0};
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
    TG_TRY(find_uses(plan, placement));
    TG_TRY(sort_uses(plan));
    free_uses(plan);
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
    tg_free(p->input);
    tg_free(p->pin);
    tg_free(p->push_begin);
    tg_free(p->push);
    tg_free(p->value_begin);
    tg_free(p->value);
    free_uses(p);
    tg_free(p);
    *plan = NULL;
}

/* ---- writing a part ------------------------------------------------------------------------- */

/* What a part is written with: the tasks of the rank, and where the next array begins. */
typedef struct part_writer {
    const tg_plan *plan;
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
        to[i] = tg_graph_is_resident(g, w->mine[i]) ? TG_CALL_RESIDENT : g->function[w->mine[i]];
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

/* A rank's tasks are far from each other in the graph: so many before their turn, what belongs to
 * them is fetched. */
enum { AHEAD = 16 };

static void write_inputs(part_writer *w)
{
    const tg_graph *g = w->plan->graph;
    uint32_t *begin = next_array(w, w->head->ntasks + 1, sizeof *begin), edge = 0;
    int32_t *to = next_array(w, w->head->nedges, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++) {
        const int32_t *slot = w->plan->input + g->input_begin[w->mine[i]];
        const int n = tg_graph_ninputs(g, w->mine[i]);

        begin[i] = edge;
        if (i + AHEAD < w->head->ntasks)
            __builtin_prefetch(w->plan->input + g->input_begin[w->mine[i + AHEAD]]);
        for (int k = 0; k < n; k++)
            to[edge++] = final_slot(w->head, slot[k]);
    }
    begin[w->head->ntasks] = edge;
}

static void write_pushes(part_writer *w)
{
    const tg_plan *p = w->plan;
    uint32_t *begin = next_array(w, w->head->ntasks + 1, sizeof *begin), n = 0;
    tg_push *to = next_array(w, w->head->nsends, sizeof *to);

    for (int64_t i = 0; i < w->head->ntasks; i++) {
        const int32_t t = w->mine[i];

        begin[i] = n;
        if (i + AHEAD < w->head->ntasks)
            __builtin_prefetch(p->push + p->push_begin[w->mine[i + AHEAD]]);
        for (uint32_t at = p->push_begin[t]; at < p->push_begin[t + 1]; at++)
            to[n++] = p->push[at];
    }
    begin[w->head->ntasks] = n;
}

static void write_pins(part_writer *w)
{
    int32_t *to = next_array(w, w->head->npins, sizeof *to);

    for (int64_t i = 0; i < w->head->npins; i++)
        to[i] = final_slot(w->head, w->plan->pin[i]);
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

    for (int64_t i = 0; i < n; i++)
        write_copy(w, tg_graph_params(g, tasks[i]), tg_graph_params_units(g, tasks[i]),
                   TG_PARAMS_UNIT);
}

void tg_plan_write(const tg_plan *plan, int rank, void *bytes)
{
    const tg_part_head *head = &plan->head[rank];
    const tg_graph *g = plan->graph;
    const int32_t *values = plan->value + plan->value_begin[rank];
    part_writer w = {plan, head, plan->mine + plan->begin[rank], bytes};

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

tg_status tg_plan_dump(const tg_plan *plan, FILE *out)
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
