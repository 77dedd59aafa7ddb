/* SPDX-License-Identifier: BSD-3-Clause */
/* Everything that needs no simulation (simulate.c): counts, bounds, loads. */
#include "place/predict.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

/* Work, and the longest chain: the order is topological, so one pass does. */
static tg_status bound(const tg_graph *g, const tg_placement *p, tg_prediction *out)
{
    tg_status status = TG_OK;
    double *end = tg_alloc_array(g->ntasks, sizeof *end);

    TG_NEED(end, TG_ENOMEM, "out of memory: bounds of %" PRId64 " tasks", g->ntasks);
    for (int64_t i = 0; i < p->count; i++) {
        const int32_t t = p->order[i];
        const double seconds = tg_task_seconds(g, t);

        if (g->task[t].function == TG_GRAPH_VALUE)
            continue;
        for (int k = 0; k < tg_graph_ninputs(g, t); k++)
            if (end[tg_graph_inputs(g, t)[k]] > end[t])
                end[t] = end[tg_graph_inputs(g, t)[k]];
        end[t] += seconds;
        out->path_bound = end[t] > out->path_bound ? end[t] : out->path_bound;
        out->work += seconds;
        if (g->task[t].flags & TG_TASK_RESIDENT)
            continue;
        out->ntasks++;
        out->nguessed += !(tg_graph_seconds(g, t) > 0);
    }
out:
    tg_free(end);
    return status;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Tasks that say nothing of their bytes but are used by other tasks. */
static int64_t count_unsized(const tg_flow *f)
{
    int64_t count = 0;

    for (int64_t i = 0; i < f->placement->count; i++) {
        const int32_t t = f->placement->order[i];
        const int64_t end = f->user_begin[t + 1];

        if (f->graph->task[t].function != TG_GRAPH_VALUE && !(f->graph->task[t].output_bytes > 0))
            count += end > f->user_begin[t] && f->user[end - 1] != TG_FLOW_CALLER;
    }
    return count;
}

static tg_status summarise_loads(const tg_flow *f, const tg_machine *machine, tg_prediction *out)
{
    tg_status status = TG_OK;
    const int n = machine->nranks;
    double *load = tg_alloc_array(n, sizeof *load);
    double threads = 0;

    TG_NEED(load, TG_ENOMEM, "out of memory: loads of %d ranks", n);
    for (int r = 0; r < n; r++) {
        for (int64_t at = f->begin[r]; at < f->begin[r + 1]; at++)
            load[r] += tg_task_seconds(f->graph, f->mine[at]) / machine->threads[r];
        threads += machine->threads[r];
    }
    out->work_bound = out->work / threads;
    qsort(load, (size_t)n, sizeof *load, ascending);
    out->least_load = load[0];
    out->median_load = (load[(n - 1) / 2] + load[n / 2]) / 2;
    out->most_load = load[n - 1];
out:
    tg_free(load);
    return status;
}

/* Bytes of a part (plan.h) and of the arrays that a rank works on it with (exec/work.c): each task
 * and each slot, each input, each result that comes from elsewhere. */
enum { TASK_BYTES = 64, INPUT_BYTES = 8, REMOTE_BYTES = 40 };

static void weigh_parts(const tg_flow *f, int nranks, tg_prediction *out)
{
    const tg_graph *g = f->graph;

    for (int r = 0; r < nranks; r++) {
        int64_t bytes = 0;

        for (int64_t at = f->begin[r]; at < f->begin[r + 1]; at++) {
            const int32_t t = f->mine[at];

            bytes += TASK_BYTES + INPUT_BYTES * (int64_t)tg_graph_ninputs(g, t) +
                     tg_graph_params_size(g, t);
            for (int k = 0; k < tg_graph_ninputs(g, t); k++)
                bytes += f->placement->rank[tg_graph_inputs(g, t)[k]] != r ? REMOTE_BYTES : 0;
        }
        out->plan = bytes > out->plan ? bytes : out->plan;
    }
}

tg_status tg_predict_least(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                           const tg_placement *placement, const tg_machine *machine, int64_t memory,
                           tg_least *out)
{
    tg_status status = TG_OK;
    tg_flow flow = {0};

    TG_TRY(tg_flow_create(graph, targets, ntargets, placement, machine->nranks, &flow));
    TG_TRY(tg_simulate_least(&flow, machine, memory, out));
out:
    tg_flow_clear(&flow);
    return status;
}

tg_status tg_predict(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                     const tg_placement *placement, const tg_machine *machine, tg_prediction *out)
{
    tg_status status = TG_OK;
    tg_flow flow = {0};

    *out = (tg_prediction){0};
    TG_TRY(tg_flow_create(graph, targets, ntargets, placement, machine->nranks, &flow));
    TG_TRY(bound(graph, placement, out));
    out->nunsized = count_unsized(&flow);
    TG_TRY(summarise_loads(&flow, machine, out));
    weigh_parts(&flow, machine->nranks, out);
    TG_TRY(tg_simulate(&flow, machine, out));
out:
    tg_flow_clear(&flow);
    return status;
}
