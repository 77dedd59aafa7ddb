/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A workload as a task graph. Outputs that no task needs go to a collector of their column, the
 * collectors to the one target, so that all tasks run and nothing but a sum comes back.
 */
#include "bench_graph/system.h"

#include "bench_graph/metg.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct cell {
    workload w;
    int32_t step, column;
} cell;

double bench_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static tg_status run_cell(tg_task *task)
{
    const cell *its = tg_task_params(task, NULL);
    const void *inputs[MAX_INPUTS];
    const int n = tg_task_ninputs(task);
    void *output = tg_task_output(task, (size_t)its->w.output);
    void *scratch = its->w.kernel == MEMORY ? tg_task_scratch(task, SCRATCH) : NULL;

    for (int i = 0; i < n; i++)
        inputs[i] = tg_task_input(task, i, NULL);
    if (!output || !workload_run(&its->w, its->step, its->column, inputs, n, output, scratch))
        return tg_fail(TG_EINTERNAL, "step %d, column %d: an input is not what was asked for",
                       its->step, its->column);
    return TG_OK;
}

/* Inputs are outputs of one column; the number of steps there is what counts. */
static tg_status collect(tg_task *task)
{
    int64_t *sum = tg_task_output(task, sizeof *sum);

    if (!sum)
        return TG_ENOMEM;
    *sum = 0;
    for (int i = 0; i < tg_task_ninputs(task); i++) {
        const stamp *got = tg_task_input(task, i, NULL);

        *sum += (int64_t)got->step + got->column;
    }
    return TG_OK;
}

static tg_status add(tg_task *task)
{
    int64_t *sum = tg_task_output(task, sizeof *sum);

    if (!sum)
        return TG_ENOMEM;
    *sum = 0;
    for (int i = 0; i < tg_task_ninputs(task); i++)
        *sum += *(const int64_t *)tg_task_input(task, i, NULL);
    return TG_OK;
}

static tg_status measure_rate(tg_task *task)
{
    const workload *w = tg_task_params(task, NULL);
    void *scratch = w->kernel == MEMORY ? tg_task_scratch(task, SCRATCH) : NULL;
    double *rate = tg_task_output(task, sizeof *rate);

    if (!rate)
        return TG_ENOMEM;
    *rate = metg_rate(w, scratch);
    return TG_OK;
}

typedef struct builder {
    tg_graph *graph;
    const workload *w;
    int64_t *before, *now; /* [width] tasks of two steps */
    bool *used;            /* [width] is the output of `before` needed? */
    int64_t **ends;        /* [width] outputs that no task needs */
    int64_t *nends;        /* [width] */
    int64_t checksum;      /* what the target must be */
} builder;

static tg_status add_cell(builder *b, int step, int column)
{
    const cell its = {*b->w, step, column};
    int32_t columns[MAX_INPUTS];
    int64_t inputs[MAX_INPUTS];
    const int n = workload_inputs(b->w, step, column, columns);

    for (int i = 0; i < n; i++) {
        inputs[i] = b->before[columns[i]];
        b->used[columns[i]] = true;
    }
    return tg_graph_add(b->graph,
                        &(tg_task_spec){.function = run_cell,
                                        .name = "cell",
                                        .params = &its,
                                        .params_size = sizeof its,
                                        .inputs = inputs,
                                        .ninputs = n,
                                        .output_bytes = (size_t)b->w->output},
                        &b->now[column]);
}

/* Keep the outputs of a step that nobody used. */
static void keep_ends(builder *b, int step)
{
    for (int c = 0; c < workload_width(b->w, step); c++)
        if (!b->used[c]) {
            b->ends[c][b->nends[c]++] = b->before[c];
            b->checksum += (int64_t)step + c;
        }
}

static tg_status add_steps(builder *b)
{
    tg_status status = TG_OK;

    for (int s = 0; s < b->w->steps; s++) {
        int64_t *swap;

        memset(b->used, 0, (size_t)b->w->width);
        for (int c = 0; c < workload_width(b->w, s); c++)
            TG_TRY(add_cell(b, s, c));
        if (s > 0)
            keep_ends(b, s - 1);
        swap = b->before;
        b->before = b->now;
        b->now = swap;
    }
    memset(b->used, 0, (size_t)b->w->width);
    keep_ends(b, b->w->steps - 1);
out:
    return status;
}

static tg_status add_collectors(builder *b, int64_t *target)
{
    tg_status status = TG_OK;
    int n = 0;

    for (int c = 0; c < b->w->width; c++)
        if (b->nends[c] > 0)
            TG_TRY(tg_graph_add(b->graph,
                                &(tg_task_spec){.function = collect,
                                                .name = "collect",
                                                .inputs = b->ends[c],
                                                .ninputs = (int)b->nends[c],
                                                .output_bytes = sizeof(int64_t)},
                                &b->now[n++]));
    TG_TRY(tg_graph_add(b->graph,
                        &(tg_task_spec){.function = add,
                                        .name = "add",
                                        .inputs = b->now,
                                        .ninputs = n,
                                        .output_bytes = sizeof(int64_t),
                                        .flags = TG_TASK_ROOT},
                        target));
out:
    return status;
}

static void clear(builder *b)
{
    tg_graph_destroy(&b->graph);
    for (int c = 0; b->ends && c < b->w->width; c++)
        free(b->ends[c]);
    free(b->before);
    free(b->now);
    free(b->used);
    free(b->ends);
    free(b->nends);
}

static tg_status allocate(builder *b)
{
    tg_status status = TG_OK;
    const size_t width = (size_t)b->w->width;

    b->before = calloc(width, sizeof *b->before);
    b->now = calloc(width, sizeof *b->now);
    b->used = calloc(width, sizeof *b->used);
    b->ends = calloc(width, sizeof *b->ends);
    b->nends = calloc(width, sizeof *b->nends);
    TG_NEED(b->before && b->now && b->used && b->ends && b->nends, TG_ENOMEM, "out of memory");
    for (size_t c = 0; c < width; c++) {
        b->ends[c] = calloc((size_t)b->w->steps, sizeof **b->ends);
        TG_NEED(b->ends[c], TG_ENOMEM, "out of memory");
    }
out:
    return status;
}

tg_status ours_run(tg_ctx *ctx, const workload *w, timing *out)
{
    tg_status status = TG_OK;
    builder b = {.w = w};
    double start = bench_now();
    tg_bytes sum = {0};
    int64_t target;

    TG_TRY(allocate(&b));
    TG_TRY(tg_graph_create(ctx, &b.graph));
    TG_TRY(add_steps(&b));
    TG_TRY(add_collectors(&b, &target));
    out->build = bench_now() - start;
    start = bench_now();
    TG_TRY(tg_graph_compute(ctx, b.graph, &target, 1, &sum));
    out->run = tg_last_run_seconds(ctx);
    out->plan = bench_now() - start - out->run;
    TG_NEED(sum.size == sizeof(int64_t) && *(const int64_t *)sum.data == b.checksum, TG_EINTERNAL,
            "the last outputs add up to another sum than %" PRId64, b.checksum);
out:
    tg_bytes_free(&sum);
    clear(&b);
    return status;
}

tg_status ours_rate(tg_ctx *ctx, const workload *w, double *rate)
{
    enum { MOST = 64 };
    tg_status status = TG_OK;
    tg_graph *graph = NULL;
    const int n = tg_nranks(ctx) < MOST ? tg_nranks(ctx) : MOST;
    tg_bytes rates[MOST] = {0};
    int64_t tasks[MOST];

    TG_TRY(tg_graph_create(ctx, &graph));
    for (int r = 0; r < n; r++)
        TG_TRY(tg_graph_add(graph,
                            &(tg_task_spec){.function = measure_rate,
                                            .name = "rate",
                                            .params = w,
                                            .params_size = sizeof *w,
                                            .output_bytes = sizeof *rate},
                            &tasks[r]));
    TG_TRY(tg_graph_compute(ctx, graph, tasks, n, rates));
    *rate = 0;
    for (int r = 0; r < n; r++)
        *rate = fmax(*rate, *(const double *)rates[r].data);
out:
    for (int r = 0; r < n; r++)
        tg_bytes_free(&rates[r]);
    tg_graph_destroy(&graph);
    return status;
}
