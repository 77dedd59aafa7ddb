/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ranges and matrices whose elements are functions of their place. Floats are computed as NumPy
 * computes them: arange as start + i * delta with delta = (start + step) - start in the dtype,
 * linspace as i * step + start with the last element set to stop.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <tegula/blocks.h>

#include "expr/index.h"

/* Parameters of an integer range: value = start + i * step, modulo 2^64. */
static tg_status fill_integers(const tg_block *in, int nin, tg_block *out, const void *params,
                               size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const int64_t *p = params;
    int64_t *value = tg_task_scratch(task, (size_t)out->size * sizeof *value);

    (void)in, (void)nin, (void)params_size;
    TG_NEED(value, TG_ENOMEM, "a range of %" PRId64 " elements", out->size);
    for (int64_t i = 0; i < out->size; i++)
        value[i] = (int64_t)((uint64_t)p[0] + (uint64_t)(out->start[0] + i) * (uint64_t)p[1]);
    tg_convert(out->size, TG_INT64, value, out->dtype, out->data);
out:
    return status;
}

tg_array *tg_arange(tg_ctx *ctx, int64_t start, int64_t stop, int64_t step, tg_dtype dtype,
                    const char *chunks)
{
    tg_status status = TG_OK;
    int64_t params[2] = {start, step}, count = 0;
    tg_block_spec spec = {.name = "arange",
                          .function = fill_integers,
                          .params = params,
                          .params_size = sizeof params,
                          .dtype = dtype};
    uint64_t span = step > 0 ? (uint64_t)stop - (uint64_t)start : (uint64_t)start - (uint64_t)stop;
    uint64_t by = step > 0 ? (uint64_t)step : -(uint64_t)step;

    TG_NEED(step != 0, TG_EARG, "arange: a step of 0");
    if (step > 0 ? stop > start : stop < start)
        count = (int64_t)((span - 1) / by + 1);
    return tg_fromfunction(ctx, &spec, 1, &count, chunks);
out:
    return tg_node_poisoned(ctx, status);
}

static tg_status fill_floats(const tg_block *in, int nin, tg_block *out, const void *params,
                             size_t params_size, tg_task *task)
{
    double p[2];

    (void)in, (void)nin, (void)task;
    memcpy(p, params, params_size);
    for (int64_t i = 0; i < out->size; i++) {
        int64_t at = out->start[0] + i;

        if (out->dtype == TG_FLOAT32) {
            float first = (float)p[0], next = (float)p[1], delta = next - first;

            ((float *)out->data)[i] = at == 0 ? first : at == 1 ? next : first + (float)at * delta;
        } else {
            double delta = p[1] - p[0];

            ((double *)out->data)[i] = at == 0 ? p[0] : at == 1 ? p[1] : p[0] + (double)at * delta;
        }
    }
    return TG_OK;
}

tg_array *tg_arange_float(tg_ctx *ctx, double start, double stop, double step, tg_dtype dtype,
                          const char *chunks)
{
    tg_status status = TG_OK;
    double params[2] = {start, start + step}, length = ceil((stop - start) / step);
    tg_block_spec spec = {.name = "arange",
                          .function = fill_floats,
                          .params = params,
                          .params_size = sizeof params,
                          .dtype = dtype == TG_FLOAT32 ? TG_FLOAT32 : TG_FLOAT64};
    int64_t count, first, each;

    TG_NEED(step != 0, TG_EARG, "arange: a step of 0");
    TG_NEED(isfinite(length) && length < 0x1p62, TG_EARG, "arange(%g, %g, %g) has no length", start,
            stop, step);
    count = length > 0 ? (int64_t)length : 0;
    if (dtype >= TG_FLOAT32)
        return tg_astype(tg_fromfunction(ctx, &spec, 1, &count, chunks), dtype);
    first = (int64_t)start;
    each = (int64_t)params[1] - first; /* NumPy fills on from the first two */
    if (each == 0)
        return tg_full(tg_astype(tg_int(ctx, first), dtype), 1, &count, chunks);
    return tg_arange(ctx, first, (int64_t)((uint64_t)first + (uint64_t)count * (uint64_t)each),
                     each, dtype, chunks);
out:
    return tg_node_poisoned(ctx, status);
}

struct line {
    double start, stop, delta, div, step;
    int64_t num, endpoint, floors;
};

static tg_status fill_line(const tg_block *in, int nin, tg_block *out, const void *params,
                           size_t params_size, tg_task *task)
{
    struct line p;

    (void)in, (void)nin, (void)task;
    memcpy(&p, params, params_size);
    for (int64_t i = 0; i < out->size; i++) {
        int64_t at = out->start[0] + i;
        double y = (double)at;

        if (p.div > 0)
            y = p.step == 0 ? y / p.div * p.delta : y * p.step;
        else
            y *= p.delta;
        y += p.start;
        if (p.endpoint && p.num > 1 && at == p.num - 1)
            y = p.stop;
        ((double *)out->data)[i] = p.floors ? floor(y) : y;
    }
    return TG_OK;
}

tg_array *tg_linspace(tg_ctx *ctx, double start, double stop, int64_t num, bool endpoint,
                      tg_dtype dtype, const char *chunks, double *step)
{
    tg_status status = TG_OK;
    struct line p = {start, stop, stop - start, (double)(endpoint ? num - 1 : num),
                     0,     num,  endpoint,     dtype != TG_BOOL && dtype < TG_FLOAT32};
    tg_block_spec spec = {.name = "linspace",
                          .function = fill_line,
                          .params = &p,
                          .params_size = sizeof p,
                          .dtype = TG_FLOAT64};

    TG_NEED(num >= 0, TG_EARG, "linspace: %" PRId64 " elements", num);
    p.step = p.div > 0 ? p.delta / p.div : NAN;
    if (step)
        *step = p.step;
    return tg_astype(tg_fromfunction(ctx, &spec, 1, &num, chunks), dtype);
out:
    return tg_node_poisoned(ctx, status);
}

/* Parameters: k, and whether what is left of the diagonal is 1, too. */
static tg_status fill_diagonal(const tg_block *in, int nin, tg_block *out, const void *params,
                               size_t params_size, tg_task *task)
{
    const int64_t *p = params;
    uint8_t *bits = out->data;

    (void)in, (void)nin, (void)params_size, (void)task;
    for (int64_t i = 0; i < out->shape[0]; i++)
        for (int64_t j = 0; j < out->shape[1]; j++) {
            int64_t off = out->start[1] + j - (out->start[0] + i);

            *bits++ = off == p[0] || (p[1] && off < p[0]);
        }
    return TG_OK;
}

static tg_array *matrix(tg_ctx *ctx, int64_t rows, int64_t columns, int64_t k, bool lower,
                        const char *chunks)
{
    tg_block_spec spec = {.name = lower ? "tri" : "eye",
                          .function = fill_diagonal,
                          .params = (int64_t[]){k, lower},
                          .params_size = 2 * sizeof(int64_t),
                          .dtype = TG_BOOL};

    return tg_fromfunction(ctx, &spec, 2, (int64_t[]){rows, columns}, chunks);
}

tg_array *tg_eye(tg_ctx *ctx, int64_t rows, int64_t columns, int64_t k, tg_dtype dtype,
                 const char *chunks)
{
    return tg_astype(matrix(ctx, rows, columns, k, false, chunks), dtype);
}

tg_array *tg_tri(tg_ctx *ctx, int64_t rows, int64_t columns, int64_t k, tg_dtype dtype,
                 const char *chunks)
{
    return tg_astype(matrix(ctx, rows, columns, k, true, chunks), dtype);
}

/* What is on and below the k-th diagonal of the last two axes, or what is above. */
static tg_array *triangle(tg_array *a, int64_t k, bool lower)
{
    tg_status status = TG_OK;
    tg_array *zero, *mask;

    TG_TRY(tg_array_status(a));
    TG_NEED(a->ndim >= 1, TG_EARG, "tril and triu need an array with axes");
    zero = tg_zeros(a->ctx, a->dtype, 0, NULL, NULL);
    mask = matrix(a->ctx, a->shape[a->ndim > 1 ? a->ndim - 2 : 0], a->shape[a->ndim - 1], k, true,
                  NULL);
    return lower ? tg_where(mask, a, zero) : tg_where(mask, zero, a);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_tril(tg_array *a, int64_t k)
{
    return triangle(a, k, true);
}

tg_array *tg_triu(tg_array *a, int64_t k)
{
    return triangle(a, k - 1, false);
}

/* Element i of the last axis is (i, i) of the input's last two, which are one block. */
static tg_status take_diagonal(const tg_block *in, int nin, tg_block *out, const void *params,
                               size_t params_size, tg_task *task)
{
    int64_t n = in->shape[in->ndim - 1], outer = n > 0 ? in->size / (n * n) : 0;
    size_t size = tg_dtype_size(in->dtype);
    char *to = out->data;

    (void)nin, (void)params, (void)params_size, (void)task;
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < n; i++, to += size)
            memcpy(to, (const char *)in->data + (size_t)(o * n * n + i * (n + 1)) * size, size);
    return TG_OK;
}

/* Rows [first, first + n) of the diagonal, all in one chunk of the last two axes. */
static tg_array *diagonal_piece(tg_array *a, int64_t row, int64_t column, int64_t n)
{
    tg_block_spec spec = {
        .name = "diagonal", .function = take_diagonal, .dtype = a->dtype, .lengths = {NULL}};
    char labels[2 * TG_MAX_NDIM + 4] = "";
    int last = a->ndim - 1, at = 0;

    a = tg_slice_one(tg_slice_one(a, last - 1, row, 1, n), last, column, 1, n);
    for (int d = 0; d <= last; d++)
        labels[at++] = (char)('a' + d);
    labels[at++] = '-';
    labels[at++] = '>';
    for (int d = 0; d < last - 1; d++)
        labels[at++] = (char)('a' + d);
    labels[at] = 'z';
    spec.labels = labels;
    spec.lengths[last - 1] = &n;
    spec.nlengths[last - 1] = 1;
    return tg_map_blocks(&spec, &a, 1);
}

static int64_t chunk_end(const tg_array *a, int d, int64_t at)
{
    int64_t end = 0;

    for (int64_t c = 0; c < a->grid.count[d] && end <= at; c++)
        end += a->grid.length[d][c];
    return end;
}

/* Of the last two axes, which become the last. */
static tg_array *last_diagonal(tg_array *a, int64_t offset)
{
    tg_status status = TG_OK;
    int last = a->ndim - 1;
    int64_t row = offset < 0 ? -offset : 0, column = offset > 0 ? offset : 0, n = 0, pieces = 0;
    int64_t rows = a->shape[last - 1], columns = a->shape[last], shape[TG_MAX_NDIM];
    tg_array **piece = tg_ctx_alloc(
        a->ctx, (size_t)(a->grid.count[last] + a->grid.count[last - 1] + 1) * sizeof *piece);

    TG_NEED(piece, TG_ENOMEM, "a diagonal");
    memcpy(shape, a->shape, sizeof shape);
    for (; row < rows && column < columns; row += n, column += n) {
        int64_t right = chunk_end(a, last, column) - column;

        n = chunk_end(a, last - 1, row) - row;
        n = n < right ? n : right;
        piece[pieces++] = diagonal_piece(a, row, column, n);
    }
    shape[last - 1] = 0;
    if (pieces == 0)
        return tg_zeros(a->ctx, a->dtype, last, shape, NULL);
    return tg_concatenate(piece, (int)pieces, -1);
out:
    return tg_node_poisoned(a->ctx, status);
}

tg_array *tg_diagonal(tg_array *a, int64_t offset, int axis1, int axis2)
{
    tg_status status = TG_OK;
    int order[TG_MAX_NDIM], n = 0, first, second;

    TG_TRY(tg_array_status(a));
    TG_NEED(a->ndim >= 2, TG_EARG, "diag requires an array of at least two dimensions");
    TG_TRY(tg_normalize_axis(a, axis1, &first));
    TG_TRY(tg_normalize_axis(a, axis2, &second));
    TG_NEED(first != second, TG_EARG, "axis1 and axis2 cannot be the same");
    for (int d = 0; d < a->ndim; d++)
        if (d != first && d != second)
            order[n++] = d;
    order[n++] = first;
    order[n] = second;
    a = tg_transpose(a, order);
    TG_TRY(tg_array_status(a));
    return last_diagonal(a, offset);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_diag(tg_array *a, int64_t k)
{
    tg_status status = TG_OK;
    int64_t n, gap = k < 0 ? -k : k;
    tg_array *line, *zeros;

    TG_TRY(tg_array_status(a));
    TG_NEED(a->ndim == 1 || a->ndim == 2, TG_EARG, "Input must be 1- or 2-d.");
    if (a->ndim == 2)
        return tg_diagonal(a, k, 0, 1);
    n = a->shape[0] + gap;
    zeros = tg_zeros(a->ctx, a->dtype, 1, &gap, NULL);
    line = k > 0   ? tg_concatenate((tg_array *[]){zeros, a}, 2, 0)
           : k < 0 ? tg_concatenate((tg_array *[]){a, zeros}, 2, 0)
                   : a;
    return tg_where(matrix(a->ctx, n, n, k, false, NULL), line,
                    tg_zeros(a->ctx, a->dtype, 0, NULL, NULL));
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
