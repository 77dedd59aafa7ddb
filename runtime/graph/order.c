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
    const int32_t function = graph->function[task];

    return function == TG_GRAPH_VALUE ? "value" : graph->functions[function].name;
}

bool tg_graph_is_valid(const tg_graph *g)
{
    for (int64_t t = 0; t < g->ntasks; t++) {
        const int32_t *input = tg_graph_inputs(g, t);

        if (g->function[t] < TG_GRAPH_VALUE || g->function[t] >= g->nfunctions)
            return false;
        if (g->input_begin[t] > g->input_begin[t + 1] || g->params_size[t] < 0)
            return false;
        for (int i = 0; i < tg_graph_ninputs(g, t); i++)
            if (input[i] < 0 || input[i] >= t)
                return false;
    }
    return true;
}

enum { NEW = 0, OPEN = 1, DONE = 2 };

/* A walk of one target with an explicit stack; `next` is the input to look at next. */
typedef struct walk {
    uint8_t *state;
    int32_t *stack, *next; /* depth of the stack is at most the number of tasks */
    int32_t *order;
    int64_t count;
} walk;

static void visit(const tg_graph *g, int32_t target, walk *w)
{
    int64_t depth = 0;

    if (w->state[target] != NEW)
        return;
    w->state[target] = OPEN;
    w->stack[depth] = target;
    w->next[depth++] = 0;
    while (depth > 0) {
        const int32_t t = w->stack[depth - 1];
        const int i = w->next[depth - 1]++;

        if (i == tg_graph_ninputs(g, t)) {
            w->state[t] = DONE;
            w->order[w->count++] = t;
            depth--;
        } else if (w->state[tg_graph_inputs(g, t)[i]] == NEW) {
            w->stack[depth] = tg_graph_inputs(g, t)[i];
            w->state[w->stack[depth]] = OPEN;
            w->next[depth++] = 0;
        }
    }
}

tg_status tg_graph_order(const tg_graph *g, const int64_t *targets, int64_t ntargets,
                         int32_t **order, int64_t *count)
{
    tg_status status = TG_OK;
    walk w = {.state = tg_alloc_array(g->ntasks, 1),
              .stack = tg_alloc_array(g->ntasks, sizeof(int32_t)),
              .next = tg_alloc_array(g->ntasks, sizeof(int32_t)),
              .order = tg_alloc_array(g->ntasks, sizeof(int32_t))};

    assert(tg_graph_is_valid(g));
    TG_NEED(w.state && w.stack && w.next && w.order, TG_ENOMEM,
            "out of memory: order of %" PRId64 " tasks", g->ntasks);
    for (int64_t i = 0; i < ntargets; i++) {
        TG_NEED(targets[i] >= 0 && targets[i] < g->ntasks, TG_EARG,
                "target %" PRId64 " is task %" PRId64 " of %" PRId64, i, targets[i], g->ntasks);
        visit(g, (int32_t)targets[i], &w);
    }
    *order = w.order;
    *count = w.count;
    w.order = NULL;
out:
    tg_free(w.state);
    tg_free(w.stack);
    tg_free(w.next);
    tg_free(w.order);
    return status;
}

tg_status tg_graph_dump(const tg_graph *g, FILE *out)
{
    for (int64_t t = 0; t < g->ntasks; t++) {
        fprintf(out, "%" PRId64 " %s", t, tg_graph_name(g, t));
        if (g->params_size[t])
            fprintf(out, " [%" PRId64 " B]", g->params_size[t]);
        for (int i = 0; i < tg_graph_ninputs(g, t); i++)
            fprintf(out, "%s%" PRId32, i ? ", " : " <- ", tg_graph_inputs(g, t)[i]);
        fprintf(out, "%s%s\n", g->flags[t] & TG_TASK_IMPURE ? " impure" : "",
                g->flags[t] & TG_TASK_ROOT ? " root" : "");
    }
    return ferror(out) ? tg_fail(TG_EIO, "the dump of a graph cannot be written") : TG_OK;
}
