/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking at a graph: names, validity, the order of work, the dump.
 *
 * The order is depth first from each target: what a task needs comes right before it, so that
 * results live shortly and a reduction finishes a group before it begins the next one.
 */
#include <assert.h>
#include <inttypes.h>

#include "base/memory.h"
#include "graph/graph.h"

const char *tg_graph_name(const tg_graph *graph, int64_t task)
{
    const int16_t function = graph->task[task].function;

    return function == TG_GRAPH_VALUE ? "value" : graph->functions[function].name;
}

bool tg_graph_is_valid(const tg_graph *g)
{
    for (int64_t t = 0; t < g->ntasks; t++) {
        const int32_t *input = tg_graph_inputs(g, t);

        if (g->task[t].function < TG_GRAPH_VALUE || g->task[t].function >= g->nfunctions)
            return false;
        if (g->input_begin[t] > g->input_begin[t + 1] || g->task[t].params > g->task[t + 1].params)
            return false;
        for (int i = 0; i < tg_graph_ninputs(g, t); i++)
            if (input[i] < 0 || input[i] >= t)
                return false;
    }
    return true;
}

/* In walk.level until a task is done. */
enum { NEW = 0 };

/* A task that waits for its inputs; `edge` is the one to look at next, `level` is one more than the
 * highest of those before. */
typedef struct waiting {
    int32_t task, level;
    uint32_t edge, end;
} waiting;

/* A walk of one target with an explicit stack. */
typedef struct walk {
    const tg_graph *g;
    int32_t *level; /* by task: its level + 2, so that a constant has 1 */
    waiting *stack; /* of tasks that wait for the one looked at */
    int64_t depth, capacity;
    int32_t *order;
    int64_t count;
} walk;

/* Turn to a task, whose inputs lie anywhere: they are fetched. */
static inline waiting turn_to(const tg_graph *g, int32_t task)
{
    const uint32_t begin = g->input_begin[task], end = begin + (uint32_t)tg_graph_ninputs(g, task);
    const bool is_value = begin == end && g->task[task].function == TG_GRAPH_VALUE;

    for (uint32_t e = begin; e < end; e++)
        __builtin_prefetch(tg_graph_inputs(g, g->input[e]));
    return (waiting){task, is_value ? 1 : 2, begin, end};
}

/* The next input that is not done, or -1. */
static inline int32_t next_input(const walk *w, waiting *its)
{
    while (its->edge < its->end) {
        const int32_t input = w->g->input[its->edge++], level = w->level[input];

        if (level == NEW)
            return input;
        its->level = level >= its->level ? level + 1 : its->level;
    }
    return -1;
}

/* Those that wait for `its`, as far as all their inputs are done, are done as well. */
static tg_status visit(walk *w, int32_t target)
{
    tg_status status = TG_OK;
    waiting its = turn_to(w->g, target);

    if (w->level[target] != NEW)
        return TG_OK;
    for (;;) {
        const int32_t next = next_input(w, &its);

        if (next >= 0) {
            if (w->depth == w->capacity)
                TG_TRY(tg_grow(&w->stack, &w->capacity, w->depth + 1, sizeof *w->stack));
            w->stack[w->depth++] = its;
            its = turn_to(w->g, next);
        } else {
            const int32_t level = its.level;

            w->level[its.task] = level;
            w->order[w->count++] = its.task;
            if (w->depth == 0)
                break;
            its = w->stack[--w->depth];
            its.level = level >= its.level ? level + 1 : its.level;
        }
    }
out:
    return status;
}

tg_status tg_graph_order_levels(const tg_graph *g, const int64_t *targets, int64_t ntargets,
                                int32_t **order, int64_t *count, int32_t **level)
{
    tg_status status = TG_OK;
    walk w = {.g = g,
              .level = tg_alloc_array(g->ntasks, sizeof *w.level),
              .order = tg_alloc_array(g->ntasks, sizeof *w.order)};

    assert(tg_graph_is_valid(g));
    TG_NEED(w.level && w.order, TG_ENOMEM, "out of memory: order of %" PRId64 " tasks", g->ntasks);
    for (int64_t i = 0; i < ntargets; i++) {
        TG_NEED(targets[i] >= 0 && targets[i] < g->ntasks, TG_EARG,
                "target %" PRId64 " is task %" PRId64 " of %" PRId64, i, targets[i], g->ntasks);
        TG_TRY(visit(&w, (int32_t)targets[i]));
    }
    for (int64_t t = 0; t < g->ntasks; t++)
        w.level[t] -= w.level[t] == NEW ? 1 : 2;
    *order = w.order;
    *count = w.count;
    *level = w.level;
    w.order = w.level = NULL;
out:
    tg_free(w.level);
    tg_free(w.stack);
    tg_free(w.order);
    return status;
}

tg_status tg_graph_order(const tg_graph *g, const int64_t *targets, int64_t ntargets,
                         int32_t **order, int64_t *count)
{
    int32_t *level = NULL;
    const tg_status status = tg_graph_order_levels(g, targets, ntargets, order, count, &level);

    tg_free(level);
    return status;
}

tg_status tg_graph_dump(const tg_graph *g, FILE *out)
{
    for (int64_t t = 0; t < g->ntasks; t++) {
        fprintf(out, "%" PRId64 " %s", t, tg_graph_name(g, t));
        if (tg_graph_params_units(g, t))
            fprintf(out, " [%" PRId64 " B]", tg_graph_params_size(g, t));
        for (int i = 0; i < tg_graph_ninputs(g, t); i++)
            fprintf(out, "%s%" PRId32, i ? ", " : " <- ", tg_graph_inputs(g, t)[i]);
        fprintf(out, "%s%s\n", g->task[t].flags & TG_TASK_IMPURE ? " impure" : "",
                g->task[t].flags & TG_TASK_ROOT ? " root" : "");
    }
    return ferror(out) ? tg_fail(TG_EIO, "the dump of a graph cannot be written") : TG_OK;
}
