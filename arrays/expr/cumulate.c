/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Running sums and products. Each chunk runs on its own; what its last elements have come to goes
 * to one block along the axis, which runs over these; then each chunk is moved on by what came
 * before it. So bits hang on the grid alone:
 *
 *     a -> run each chunk -> local ------------------------------------.
 *                             `-> last of each chunk -> before each --- + -> result
 */
#include <string.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/blocks.h"
#include "kernel/types.h"

/* What the functions on blocks are told. */
struct run {
    int64_t axis;
    int64_t product;
};

/* A block as [outer, n, inner]. */
struct lines {
    int64_t outer, n, inner;
};

static struct lines lines_of(const tg_block *block, int64_t axis)
{
    struct lines lines = {1, block->shape[axis], 1};

    for (int d = 0; d < block->ndim; d++) {
        if (d < axis)
            lines.outer *= block->shape[d];
        if (d > axis)
            lines.inner *= block->shape[d];
    }
    return lines;
}

/* to[i] = a[i] and b[i] together. */
static void join(tg_dtype dtype, bool product, int64_t n, const void *a, const void *b, void *to)
{
#define JOIN(type)                                                                                 \
    for (int64_t i = 0; i < n; i++)                                                                \
    ((type *)to)[i] = product ? ((const type *)a)[i] * ((const type *)b)[i]                        \
                              : ((const type *)a)[i] + ((const type *)b)[i]
    if (dtype == TG_FLOAT64) {
        JOIN(double);
    } else if (dtype != TG_COMPLEX128) {
        JOIN(uint64_t);
    } else {
        for (int64_t i = 0; i < n; i++) {
            tg_complex128 x = ((const tg_complex128 *)a)[i], y = ((const tg_complex128 *)b)[i];

            ((tg_complex128 *)to)[i] =
                product ? (tg_complex128){x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re}
                        : (tg_complex128){x.re + y.re, x.im + y.im};
        }
    }
}

static tg_status run_block(const tg_block *in, int nin, tg_block *out, const void *params,
                           size_t params_size, tg_task *task)
{
    const struct run *run = params;
    struct lines l = lines_of(out, run->axis);
    size_t row = (size_t)l.inner * tg_dtype_size(out->dtype);

    (void)nin, (void)params_size, (void)task;
    for (int64_t o = 0; o < l.outer; o++) {
        const char *from = (const char *)in[0].data + (size_t)(o * l.n) * row;
        char *to = (char *)out->data + (size_t)(o * l.n) * row;

        memcpy(to, from, row);
        for (int64_t i = 1; i < l.n; i++)
            join(out->dtype, run->product, l.inner, to + (size_t)(i - 1) * row,
                 from + (size_t)i * row, to + (size_t)i * row);
    }
    return TG_OK;
}

static tg_status last_block(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    struct lines l = lines_of(&in[0], ((const struct run *)params)->axis);
    size_t row = (size_t)l.inner * tg_dtype_size(out->dtype);

    (void)nin, (void)params_size, (void)task;
    for (int64_t o = 0; o < l.outer; o++)
        memcpy((char *)out->data + (size_t)o * row,
               (const char *)in[0].data + (size_t)((o + 1) * l.n - 1) * row, row);
    return TG_OK;
}

/* Of a line a, b, c: nothing, a, a and b. */
static tg_status before_block(const tg_block *in, int nin, tg_block *out, const void *params,
                              size_t params_size, tg_task *task)
{
    const struct run *run = params;
    struct lines l = lines_of(out, run->axis);
    size_t size = tg_dtype_size(out->dtype), row = (size_t)l.inner * size;
    uint8_t nothing = run->product != 0;

    (void)nin, (void)params_size, (void)task;
    for (int64_t o = 0; o < l.outer; o++) {
        const char *from = (const char *)in[0].data + (size_t)(o * l.n) * row;
        char *to = (char *)out->data + (size_t)(o * l.n) * row;

        for (int64_t k = 0; k < l.inner; k++)
            tg_convert(1, TG_UINT8, &nothing, out->dtype, to + (size_t)k * size);
        for (int64_t i = 1; i < l.n; i++)
            join(out->dtype, run->product, l.inner, to + (size_t)(i - 1) * row,
                 from + (size_t)(i - 1) * row, to + (size_t)i * row);
    }
    return TG_OK;
}

static tg_status move_block(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    const struct run *run = params;
    struct lines l = lines_of(out, run->axis);
    size_t row = (size_t)l.inner * tg_dtype_size(out->dtype);

    (void)nin, (void)params_size, (void)task;
    if (in[0].start[run->axis] == 0) { /* nothing before it: not even a -0 changes */
        memcpy(out->data, in[0].data, (size_t)(l.outer * l.n) * row);
        return TG_OK;
    }
    for (int64_t o = 0; o < l.outer; o++)
        for (int64_t i = 0; i < l.n; i++)
            join(out->dtype, run->product, l.inner, (const char *)in[1].data + (size_t)o * row,
                 (const char *)in[0].data + (size_t)(o * l.n + i) * row,
                 (char *)out->data + (size_t)(o * l.n + i) * row);
    return TG_OK;
}

static tg_block_spec spec_of(const char *name, tg_block_function *function, const struct run *run,
                             tg_dtype dtype)
{
    return (tg_block_spec){.name = name,
                           .function = function,
                           .params = run,
                           .params_size = sizeof *run,
                           .dtype = dtype};
}

/* An array in chunks of `length` along one axis. */
static tg_status cut(tg_array *a, int axis, int64_t length, tg_array **out)
{
    tg_status status = TG_OK;
    tg_grid grid = a->grid;

    TG_TRY(tg_grid_axis(a->ctx, a->shape[axis], length, &grid.count[axis], &grid.length[axis]));
    *out = tg_rechunk_to(a, &grid);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

/* What comes before each chunk: one element of the axis for each. */
static tg_status befores(tg_array *local, const struct run *run, tg_array **out)
{
    tg_status status = TG_OK;
    int axis = (int)run->axis;
    int64_t n = local->grid.count[axis];
    int64_t *ones = tg_ctx_alloc(local->ctx, (size_t)n * sizeof *ones);
    tg_block_spec last = spec_of("last", last_block, run, local->dtype);
    tg_block_spec before = spec_of("before", before_block, run, local->dtype);
    tg_array *ends = NULL;

    TG_NEED(ones, TG_ENOMEM, "%d chunks", (int)n);
    for (int64_t i = 0; i < n; i++)
        ones[i] = 1;
    last.lengths[axis] = ones;
    ends = tg_map_blocks(&last, &local, 1);
    TG_TRY(tg_array_status(ends));
    TG_TRY(cut(ends, axis, n, &ends));
    ends = tg_map_blocks(&before, &ends, 1);
    TG_TRY(tg_array_status(ends));
    TG_TRY(cut(ends, axis, 1, out));
out:
    return status;
}

/* The chunks moved on: block i of one beside block i of the other. */
static tg_status move_on(tg_array *local, tg_array *before, const struct run *run, tg_array **out)
{
    tg_status status = TG_OK;
    tg_block_spec spec = spec_of("move on", move_block, run, local->dtype);
    tg_array *node = *out = tg_blocks_node(local->ctx, &spec, (tg_array *[]){local, before}, 2);
    tg_blocks_params *params;

    TG_TRY(tg_array_status(node));
    params = node->params;
    for (int d = 0; d < local->ndim; d++)
        params->axis[0][d] = params->axis[1][d] = (int8_t)d;
    TG_TRY(tg_node_shape(node, local->ndim, local->shape));
    tg_layout_plain(&node->layout, node->ndim, tg_dtype_size(node->dtype));
    node->grid = local->grid;
out:
    return status;
}

static tg_array *cumulate(tg_array *a, int axis, bool product)
{
    tg_status status = TG_OK;
    struct run run = {0, product};
    tg_block_spec spec;
    tg_array *before = NULL, *result = NULL;
    tg_dtype dtype, wide;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &axis));
    run.axis = axis;
    dtype = a->dtype >= TG_FLOAT32 ? a->dtype : tg_is_unsigned(a->dtype) ? TG_UINT64 : TG_INT64;
    wide = tg_is_complex(dtype) ? TG_COMPLEX128 : tg_is_float(dtype) ? TG_FLOAT64 : dtype;
    a = tg_astype(a, wide);
    TG_TRY(tg_array_status(a));
    spec = spec_of(product ? "cumprod" : "cumsum", run_block, &run, wide);
    result = tg_map_blocks(&spec, &a, 1);
    TG_TRY(tg_array_status(result));
    if (result->grid.count[axis] > 1) {
        TG_TRY(befores(result, &run, &before));
        TG_TRY(move_on(result, before, &run, &result));
    }
    return tg_astype(result, dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_cumsum(tg_array *a, int axis)
{
    return cumulate(a, axis, false);
}

tg_array *tg_cumprod(tg_array *a, int axis)
{
    return cumulate(a, axis, true);
}

static tg_array *without_nan(tg_array *a, int64_t value)
{
    if (a->status != TG_OK || a->dtype < TG_FLOAT32)
        return a;
    return tg_where(tg_isnan(a), tg_int(a->ctx, value), a);
}

tg_array *tg_nancumsum(tg_array *a, int axis)
{
    return tg_cumsum(without_nan(a, 0), axis);
}

tg_array *tg_nancumprod(tg_array *a, int axis)
{
    return tg_cumprod(without_nan(a, 1), axis);
}
