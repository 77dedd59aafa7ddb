/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters that are one pass after the other along axes. All passes of a block run in one task, on
 * the block with what is in reach around it; a pass keeps what the next ones need of that:
 *
 *     . . . . .                                  where the reach is long for the chunks, each
 *     . # # # .  pass along 0   . # # # .  1     pass is a task of its own
 *     . # # # .  ----------->   . # # # .  --> # # #
 *     . . . . .                                # # #
 *
 * Edges are extended pass by pass, as the array's own are when it is filtered whole.
 */
#include <string.h>

#include "expr/image.h"
#include "kernel/types.h"

/* Blocks may grow to so many times their size before passes are split. */
#define MOST_GROWTH 1.5

struct step {
    int64_t axis, kind, boundary, before, after;
    int64_t first; /* of its weights */
};

/* Parameters of the task. */
struct steps {
    int64_t count;
    double value[2];
    struct step step[TG_MAX_NDIM];
    double weights[];
};

/* ---- on a block ---- */

static tg_reach reach_of(const struct steps *steps)
{
    tg_reach reach = {0};

    for (int64_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->step[i];

        reach.before[step->axis] = step->before;
        reach.after[step->axis] = step->after;
        reach.boundary[step->axis] = (tg_boundary)step->boundary;
    }
    return reach;
}

/* A block in the making: what is there of it along each axis. */
struct stage {
    tg_dtype dtype; /* of complex numbers that of the parts */
    int64_t low[TG_MAX_NDIM], count[TG_MAX_NDIM];
    const void *data;
};

static int64_t elements(const struct stage *stage, int first, int end)
{
    int64_t n = 1;

    for (int d = first; d < end; d++)
        n *= stage->count[d];
    return n;
}

static tg_status run_step(const struct steps *steps, const struct step *step, const tg_block *out,
                          struct stage *stage, void *to, tg_task *task)
{
    tg_status status = TG_OK;
    int d = (int)step->axis;
    int64_t parts = tg_is_complex(out->dtype) ? 2 : 1;
    tg_filter filter = {.kind = (tg_filter_kind)step->kind,
                        .before = step->before,
                        .after = step->after,
                        .weights = steps->weights + step->first,
                        .value = {steps->value[0], steps->value[1]},
                        .complex_parts = (int)(parts - 1)};
    tg_filter_lines lines = {.outer = elements(stage, 0, d),
                             .inner = elements(stage, d + 1, out->ndim) * parts,
                             .nin = stage->count[d],
                             .nout = out->shape[d]};
    tg_extend_axis axis = {.boundary = (tg_boundary)step->boundary,
                           .total = out->total[d],
                           .low = stage->low[d],
                           .count = stage->count[d]};
    int64_t nplaces = step->before + out->shape[d] + step->after;
    int64_t *place = tg_task_scratch(task, (size_t)nplaces * sizeof *place);
    double *scratch = tg_task_scratch(task, tg_filter_scratch(&filter, &lines) * sizeof *scratch);

    TG_NEED(place && scratch, TG_ENOMEM, "a pass of a filter");
    tg_extend_places(&axis, out->start[d] - step->before, nplaces, place);
    lines.place = place;
    tg_filter_run(&filter, &lines, stage->dtype, stage->data, tg_real_part(out->dtype), to,
                  scratch);
    stage->dtype = tg_real_part(out->dtype);
    stage->low[d] = out->start[d];
    stage->count[d] = out->shape[d];
    stage->data = to;
out:
    return status;
}

static tg_status run_steps(const tg_block *in, int nin, tg_block *out, const void *params,
                           size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct steps *steps = params;
    tg_reach reach = reach_of(steps);
    struct stage stage = {.dtype = tg_real_part(in->dtype), .data = in->data};
    size_t most = (size_t)in->size * tg_dtype_size(out->dtype);
    void *buffer[2] = {NULL, NULL};

    (void)nin, (void)params_size;
    for (int d = 0; d < out->ndim; d++) {
        tg_extend_axis axis = tg_reach_axis(&reach, out, d);

        stage.low[d] = axis.low;
        stage.count[d] = axis.count;
    }
    for (int i = 0; i < 2 && i < steps->count - 1; i++) {
        buffer[i] = tg_task_scratch(task, most);
        TG_NEED(buffer[i], TG_ENOMEM, "a block of %zu bytes", most);
    }
    for (int64_t i = 0; i < steps->count; i++)
        TG_TRY(run_step(steps, &steps->step[i], out, &stage,
                        i == steps->count - 1 ? out->data : buffer[i % 2], task));
out:
    return status;
}

/* ---- nodes ---- */

static int64_t longest_chunk(const tg_array *a, int d)
{
    int64_t most = 1;

    for (int64_t c = 0; c < a->grid.count[d]; c++)
        most = a->grid.length[d][c] > most ? a->grid.length[d][c] : most;
    return most;
}

/* How many of the passes one task does. */
static int share(const tg_array *a, const tg_pass *passes, int npasses)
{
    bool used[TG_MAX_NDIM] = {false};
    double growth = 1;
    int n = 0;

    for (; n < npasses; n++) {
        int64_t length = longest_chunk(a, passes[n].axis);
        int64_t halo = passes[n].before + passes[n].after;

        if (a->grid.count[passes[n].axis] > 1)
            growth *= (double)(length + halo) / (double)length;
        if (n > 0 && (used[passes[n].axis] || growth > MOST_GROWTH))
            break;
        used[passes[n].axis] = true;
    }
    return n;
}

static tg_array *run_passes(tg_array *a, const tg_pass *passes, int npasses,
                            const tg_filter_options *options, tg_dtype dtype)
{
    tg_status status = TG_OK;
    size_t nweights = 0, size;
    struct steps *steps;
    tg_reach reach;
    tg_block_spec spec = {.name = "filter", .function = run_steps, .dtype = dtype};

    for (int i = 0; i < npasses; i++)
        nweights += passes[i].weights ? (size_t)(passes[i].before + passes[i].after + 1) : 0;
    size = sizeof *steps + nweights * sizeof(double);
    steps = tg_ctx_alloc(a->ctx, size);
    TG_NEED(steps, TG_ENOMEM, "%zu weights", nweights);
    steps->count = npasses;
    memcpy(steps->value, options->cval, sizeof steps->value);
    nweights = 0;
    for (int i = 0; i < npasses; i++) {
        size_t n = passes[i].weights ? (size_t)(passes[i].before + passes[i].after + 1) : 0;

        steps->step[i] = (struct step){.axis = passes[i].axis,
                                       .kind = passes[i].kind,
                                       .boundary = options->mode[passes[i].axis],
                                       .before = passes[i].before,
                                       .after = passes[i].after,
                                       .first = (int64_t)nweights};
        if (n > 0)
            memcpy(steps->weights + nweights, passes[i].weights, n * sizeof(double));
        nweights += n;
    }
    reach = reach_of(steps);
    spec.params = steps;
    spec.params_size = size;
    return tg_map_reach(a, &reach, &spec);
out:
    return tg_node_poisoned(a->ctx, status);
}

tg_array *tg_filter_passes(tg_array *a, const tg_pass *passes, int npasses,
                           const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_dtype dtype, bytes;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_filter_dtype(a, options, false, &dtype));
    if (a->size == 0 || npasses == 0)
        return tg_astype(a, dtype);
    if (a->dtype == TG_BOOL)
        a = tg_astype(a, TG_UINT8);
    bytes = dtype == TG_BOOL ? TG_UINT8 : dtype; /* SciPy sees the bytes of a bool */
    for (int n; npasses > 0 && a->status == TG_OK; passes += n, npasses -= n) {
        n = share(a, passes, npasses);
        a = run_passes(a, passes, n, options, bytes);
    }
    return tg_astype(a, dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
