/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters with a window of several axes. A task extends its block by what is in reach and, beyond
 * the edges of the array, by what the mode says; then every result lies inside.
 */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "expr/image.h"
#include "kernel/types.h"
#include "kernel/window.h"

enum kind { SUMS, RANK, LOWEST, HIGHEST };

/* Parameters of the task. */
struct window {
    tg_reach reach;
    int64_t kind, rank;
    double value;
    int64_t shape[TG_MAX_NDIM];
    double values[]; /* of the whole window, in C order; of LOWEST, HIGHEST added, NaN: no part */
};

static int64_t window_size(const struct window *window, int ndim)
{
    int64_t n = 1;

    for (int d = 0; d < ndim; d++)
        n *= window->shape[d];
    return n;
}

/* The block as float64, for sums, or as it is, extended. */
static tg_status extend(const struct window *window, const tg_block *in, const tg_block *out,
                        tg_dtype dtype, tg_window_block *block, tg_task *task)
{
    tg_status status = TG_OK;
    tg_extension extension = {.ndim = out->ndim};
    tg_dtype from = in->dtype == TG_BOOL ? TG_UINT8 : in->dtype;
    size_t bytes = tg_dtype_size(dtype);
    void *wide;

    block->ndim = out->ndim;
    for (int d = 0; d < out->ndim; d++) {
        int64_t n = window->reach.before[d] + out->shape[d] + window->reach.after[d];
        int64_t *place = tg_task_scratch(task, (size_t)n * sizeof *place);
        tg_extend_axis axis = tg_reach_axis(&window->reach, out, d);

        TG_NEED(place, TG_ENOMEM, "an axis of %" PRId64 " elements", n);
        tg_extend_places(&axis, out->start[d] - window->reach.before[d], n, place);
        extension.from[d] = in->shape[d];
        extension.to[d] = block->wide[d] = n;
        extension.place[d] = place;
        block->shape[d] = out->shape[d];
        bytes *= (size_t)n;
    }
    wide = tg_task_scratch(task, bytes);
    TG_NEED(wide, TG_ENOMEM, "an extended block of %zu bytes", bytes);
    tg_extend(&extension, from, in->data, dtype, window->value, wide);
    block->data = wide;
out:
    return status;
}

static bool counts(int64_t kind, double value)
{
    if (kind == SUMS)
        return fabs(value) > DBL_EPSILON;
    return kind == RANK ? value != 0 : !isnan(value);
}

/* Offsets of the window's elements that count, and their weights. */
static tg_status list_offsets(const struct window *window, tg_window_block *block, double **weights,
                              tg_task *task)
{
    tg_status status = TG_OK;
    int64_t n = window_size(window, block->ndim);
    int64_t *offset = tg_task_scratch(task, (size_t)n * sizeof *offset);
    double *weight = tg_task_scratch(task, (size_t)n * sizeof *weight);

    TG_NEED(offset && weight, TG_ENOMEM, "a window of %" PRId64 " elements", n);
    block->count = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i, at = 0, stride = 1;

        if (!counts(window->kind, window->values[i]))
            continue;
        for (int d = block->ndim - 1; d >= 0; d--) {
            at += rest % window->shape[d] * stride;
            rest /= window->shape[d];
            stride *= block->wide[d];
        }
        weight[block->count] = window->values[i];
        offset[block->count++] = at;
    }
    block->offset = offset;
    *weights = weight;
out:
    return status;
}

static tg_status run_window(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct window *window = params;
    tg_dtype dtype = window->kind == RANK ? in->dtype : TG_FLOAT64;
    tg_window_block block = {0};
    double *weights = NULL;
    size_t bytes;
    void *scratch;

    (void)nin, (void)params_size;
    dtype = dtype == TG_BOOL ? TG_UINT8 : dtype;
    TG_TRY(extend(window, in, out, dtype, &block, task));
    TG_TRY(list_offsets(window, &block, &weights, task));
    bytes = window->kind == RANK
                ? tg_window_rank_scratch(&block, dtype)
                : (size_t)(out->ndim > 0 ? out->shape[out->ndim - 1] : 1) * sizeof(double);
    scratch = tg_task_scratch(task, bytes);
    TG_NEED(scratch, TG_ENOMEM, "%zu bytes for a window", bytes);
    if (window->kind == SUMS)
        tg_window_sums(&block, weights, out->dtype, out->data, scratch);
    else if (window->kind == RANK)
        tg_window_rank(&block, dtype, window->rank, out->dtype, out->data, scratch);
    else
        tg_window_extremes(&block, weights, window->kind == HIGHEST, out->dtype, out->data,
                           scratch);
out:
    return status;
}

static tg_array *window_node(tg_array *a, enum kind kind, int64_t rank, const tg_window *window,
                             const tg_filter_options *options, tg_dtype dtype)
{
    tg_status status = TG_OK;
    static const char *const names[] = {"correlate", "rank", "erosion", "dilation"};
    tg_block_spec spec = {.name = names[kind], .function = run_window};
    struct window *params;
    size_t size = sizeof *params;
    int64_t count = 1;

    for (int d = 0; d < window->ndim; d++)
        count *= window->shape[d];
    size += (size_t)count * sizeof(double);
    params = tg_ctx_alloc(a->ctx, size);
    TG_NEED(params, TG_ENOMEM, "a window of %" PRId64 " elements", count);
    params->kind = kind;
    params->rank = rank;
    params->value = options->cval[0];
    for (int d = 0; d < a->ndim; d++) {
        params->shape[d] = window->shape[d];
        params->reach.boundary[d] = options->mode[d];
        TG_TRY(tg_window_reach(window->shape[d], options->origin[d], &params->reach.before[d],
                               &params->reach.after[d]));
    }
    memcpy(params->values, window->values, (size_t)count * sizeof(double));
    spec.params = params;
    spec.params_size = size;
    spec.dtype = dtype == TG_BOOL ? TG_UINT8 : dtype;
    if (a->size == 0)
        return tg_astype(a, dtype);
    return tg_astype(tg_map_reach(a, &params->reach, &spec), dtype);
out:
    return tg_node_poisoned(a->ctx, status);
}

static tg_status check_window(const tg_array *a, const tg_window *window, const char *what)
{
    tg_status status = TG_OK;

    TG_NEED(window->ndim == a->ndim, TG_EARG,
            "%s array has incorrect shape: %d axes for an array of %d", what, window->ndim,
            a->ndim);
    for (int d = 0; d < a->ndim; d++)
        TG_NEED(window->shape[d] >= 1, TG_EARG, "%s array has incorrect shape: axis %d is empty",
                what, d);
out:
    return status;
}

static tg_status join_parts(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    size_t size = tg_dtype_size(in->dtype);

    (void)nin, (void)params, (void)params_size, (void)task;
    for (int64_t i = 0; i < out->size; i++)
        for (size_t part = 0; part < 2; part++)
            memcpy((char *)out->data + (2 * (size_t)i + part) * size,
                   (const char *)in[part].data + (size_t)i * size, size);
    return TG_OK;
}

/* Complex numbers by their parts. */
static tg_array *correlate_parts(tg_array *a, const tg_window *weights,
                                 const tg_filter_options *options, tg_dtype dtype)
{
    tg_filter_options own = *options;
    tg_block_spec spec = {.name = "complex", .function = join_parts, .dtype = dtype};
    tg_array *part[2];

    own.cval[1] = 0;
    part[0] = window_node(tg_real(a), SUMS, 0, weights, &own, tg_real_part(dtype));
    own.cval[0] = options->cval[1];
    part[1] = window_node(tg_imag(a), SUMS, 0, weights, &own, tg_real_part(dtype));
    return tg_map_blocks(&spec, part, 2);
}

tg_array *tg_correlate(tg_array *a, const tg_window *weights, const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_dtype dtype;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_filter_dtype(a, &own, false, &dtype));
    TG_TRY(check_window(a, weights, "filter weights"));
    if (tg_is_complex(dtype))
        return correlate_parts(a, weights, &own, dtype);
    return window_node(a, SUMS, 0, weights, &own, dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* The window as it is seen from its other end, with the origin that goes with it. */
static tg_status turn(tg_ctx *ctx, tg_window *window, tg_filter_options *options)
{
    tg_status status = TG_OK;
    int64_t n = 1;
    double *values;

    for (int d = 0; d < window->ndim; d++) {
        options->origin[d] = -options->origin[d] - (window->shape[d] % 2 == 0);
        n *= window->shape[d];
    }
    values = tg_ctx_alloc(ctx, (size_t)n * sizeof *values);
    TG_NEED(values, TG_ENOMEM, "%" PRId64 " weights", n);
    for (int64_t i = 0; i < n; i++)
        values[i] = window->values[n - 1 - i];
    window->values = values;
out:
    return status;
}

tg_array *tg_convolve(tg_array *a, const tg_window *weights, const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_window turned = *weights;

    TG_TRY(tg_array_status(a));
    TG_TRY(check_window(a, weights, "filter weights"));
    TG_TRY(turn(a->ctx, &turned, &own));
    return tg_correlate(a, &turned, &own);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

static int64_t count_true(const tg_window *footprint, bool *all)
{
    int64_t n = 1, count = 0;

    for (int d = 0; d < footprint->ndim; d++)
        n *= footprint->shape[d];
    for (int64_t i = 0; i < n; i++)
        count += footprint->values[i] != 0;
    *all = count == n;
    return count;
}

tg_array *tg_rank_filter(tg_array *a, int64_t rank, const tg_window *footprint,
                         const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_dtype dtype;
    int64_t count, before, after;
    bool all;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_filter_dtype(a, &own, true, &dtype));
    TG_TRY(check_window(a, footprint, "filter footprint"));
    for (int d = 0; d < a->ndim; d++)
        TG_TRY(tg_window_reach(footprint->shape[d], own.origin[d], &before, &after));
    count = count_true(footprint, &all);
    rank += rank < 0 ? count : 0;
    TG_NEED(rank >= 0 && rank < count, TG_EARG,
            "rank not within filter footprint size: %" PRId64 " of %" PRId64, rank, count);
    if (all && rank == 0)
        return tg_minimum_filter(a, footprint->shape, &own);
    if (all && rank == count - 1)
        return tg_maximum_filter(a, footprint->shape, &own);
    return window_node(a, RANK, rank, footprint, &own, dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_median_filter(tg_array *a, const tg_window *footprint,
                           const tg_filter_options *options)
{
    bool all;

    return tg_rank_filter(a, count_true(footprint, &all) / 2, footprint, options);
}

tg_array *tg_percentile_filter(tg_array *a, double percentile, const tg_window *footprint,
                               const tg_filter_options *options)
{
    tg_status status = TG_OK;
    bool all;
    int64_t count = count_true(footprint, &all);
    double share = percentile < 0 ? percentile + 100 : percentile;

    TG_NEED(share >= 0 && share <= 100, TG_EARG, "invalid percentile: %g", percentile);
    return tg_rank_filter(a, share == 100 ? count - 1 : (int64_t)((double)count * share / 100),
                          footprint, options);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* A footprint that is true everywhere is one pass along each axis, whatever the origin where it is
 * one element long. */
static tg_array *extreme(tg_array *a, int64_t rank, const tg_window *footprint,
                         const tg_filter_options *options)
{
    bool all;

    (void)count_true(footprint, &all);
    if (!all || a->status != TG_OK || footprint->ndim != a->ndim)
        return tg_rank_filter(a, rank, footprint, options);
    return (rank == 0 ? tg_minimum_filter : tg_maximum_filter)(a, footprint->shape, options);
}

tg_array *tg_minimum_footprint(tg_array *a, const tg_window *footprint,
                               const tg_filter_options *options)
{
    return extreme(a, 0, footprint, options);
}

tg_array *tg_maximum_footprint(tg_array *a, const tg_window *footprint,
                               const tg_filter_options *options)
{
    return extreme(a, -1, footprint, options);
}

/* A structure without heights is a footprint. */
static bool is_flat(const tg_window *structure, double *footprint)
{
    int64_t n = 1;
    bool flat = true;

    for (int d = 0; d < structure->ndim; d++)
        n *= structure->shape[d];
    for (int64_t i = 0; i < n; i++) {
        footprint[i] = !isnan(structure->values[i]);
        flat = flat && (isnan(structure->values[i]) || structure->values[i] == 0);
    }
    return flat;
}

static tg_array *grey(tg_array *a, const tg_window *structure, const tg_filter_options *options,
                      bool dilates)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_window window = *structure;
    tg_dtype dtype;
    double *values;
    int64_t n = 1;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_filter_dtype(a, &own, false, &dtype));
    TG_NEED(!tg_is_complex(a->dtype), TG_EARG, "grey morphology is not defined for %s",
            tg_dtype_name(a->dtype));
    TG_TRY(check_window(a, structure, "structure"));
    for (int d = 0; d < window.ndim; d++)
        n *= window.shape[d];
    if (dilates)
        TG_TRY(turn(a->ctx, &window, &own));
    values = tg_ctx_alloc(a->ctx, (size_t)n * sizeof *values);
    TG_NEED(values, TG_ENOMEM, "a structure of %" PRId64 " elements", n);
    if (is_flat(&window, values)) {
        window.values = values;
        return extreme(a, dilates ? -1 : 0, &window, &own);
    }
    for (int64_t i = 0; i < n; i++)
        values[i] = dilates ? window.values[i] : -window.values[i];
    window.values = values;
    return window_node(a, dilates ? HIGHEST : LOWEST, 0, &window, &own, dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_grey_erosion(tg_array *a, const tg_window *structure, const tg_filter_options *options)
{
    return grey(a, structure, options, false);
}

tg_array *tg_grey_dilation(tg_array *a, const tg_window *structure,
                           const tg_filter_options *options)
{
    return grey(a, structure, options, true);
}
