/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counting elements by value. Each chunk of the raveled array counts on its own and makes a row of
 * counts; the rows are added up. Where a shape hangs on the values (the range of a histogram, the
 * largest element for bincount) these are computed when the expression is built.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/blocks.h"
#include "kernel/order.h"
#include "kernel/types.h"

/* Raveled, and weights of the same chunks. */
static tg_status flatten(tg_array **a, tg_array **weights)
{
    tg_status status = TG_OK;

    *a = tg_ravel(*a);
    TG_TRY(tg_array_status(*a));
    if (!*weights)
        goto out;
    *weights = tg_ravel(tg_astype(*weights, TG_FLOAT64));
    TG_TRY(tg_array_status(*weights));
    TG_NEED((*weights)->size == (*a)->size, TG_EARG,
            "weights of %" PRId64 " elements for %" PRId64 " elements", (*weights)->size,
            (*a)->size);
    *weights = tg_rechunk_to(*weights, &(*a)->grid);
    TG_TRY(tg_array_status(*weights));
out:
    return status;
}

/* The sum of all chunks' rows of `length` counts. */
static tg_array *add_rows(tg_array *a, tg_array *weights, tg_block_spec spec, int64_t length)
{
    tg_status status = TG_OK;
    int64_t chunks = a->grid.count[0], *ones = malloc((size_t)chunks * sizeof *ones);
    tg_array *rows = NULL;

    TG_NEED(ones, TG_ENOMEM, "%" PRId64 " chunks", chunks);
    for (int64_t c = 0; c < chunks; c++)
        ones[c] = 1;
    spec.labels = weights ? "a,a->ab" : "a->ab";
    spec.dtype = weights ? TG_FLOAT64 : TG_INT64;
    spec.lengths[0] = ones;
    spec.lengths[1] = &length;
    spec.nlengths[1] = 1;
    rows = tg_map_blocks(&spec, (tg_array *[]){a, weights}, weights ? 2 : 1);
    rows = tg_sum(rows, TG_AXES(0));
out:
    free(ones);
    return status == TG_OK ? rows : tg_node_poisoned(a->ctx, status);
}

/* One more of count `at`; by its weight where there are weights. */
static void count_one(const tg_block *in, int nin, int64_t i, tg_block *out, int64_t at)
{
    if (nin > 1)
        ((double *)out->data)[at] += ((const double *)in[1].data)[i];
    else
        ((int64_t *)out->data)[at]++;
}

/* The last edge that is not above x; edges[0] <= x < edges[n - 1]. */
static int64_t bin_of(const double *edges, int64_t n, double x)
{
    int64_t low = 0, high = n - 1;

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (edges[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static tg_status histogram_block(const tg_block *in, int nin, tg_block *out, const void *params,
                                 size_t params_size, tg_task *task)
{
    const double *edges = params, *x = in[0].data;
    int64_t n = (int64_t)(params_size / sizeof *edges);

    (void)task;
    memset(out->data, 0, (size_t)out->size * tg_dtype_size(out->dtype));
    for (int64_t i = 0; i < in[0].size; i++)
        if (x[i] >= edges[0] && x[i] <= edges[n - 1])
            count_one(in, nin, i, out, x[i] == edges[n - 1] ? n - 2 : bin_of(edges, n, x[i]));
    return TG_OK;
}

/* The same of elements that float64 does not hold: integers of 64 bits, complex numbers in the
 * order in which they are sorted. */
static tg_status ordered_histogram_block(const tg_block *in, int nin, tg_block *out,
                                         const void *params, size_t params_size, tg_task *task)
{
    const tg_dtype dtype = in[0].dtype;
    const size_t size = tg_dtype_size(dtype);
    const int64_t n = (int64_t)(params_size / size);
    const char *x = in[0].data, *last = (const char *)params + (size_t)(n - 1) * size;

    (void)task;
    memset(out->data, 0, (size_t)out->size * tg_dtype_size(out->dtype));
    for (int64_t i = 0; i < in[0].size; i++) {
        const void *element = x + (size_t)i * size;
        int64_t place = tg_search_sorted(dtype, n, params, element, true);

        if (place == n && tg_compares[dtype](element, last) == 0)
            place = n - 1;
        if (place > 0 && place < n)
            count_one(in, nin, i, out, place - 1);
    }
    return TG_OK;
}

/* The edges' elements in `dtype`, which never fall. */
static tg_status read_edges(tg_array *edges, tg_dtype dtype, tg_block_spec *spec)
{
    tg_status status = TG_OK;
    size_t size = tg_dtype_size(dtype);
    char *values = NULL;

    TG_NEED(edges->ndim == 1, TG_EARG, "`bins` must be 1d, when an array: it has %d axes",
            edges->ndim);
    TG_NEED(edges->size >= 2, TG_EARG, "a histogram of %" PRId64 " edges: at least 2 it needs",
            edges->size);
    spec->params_size = (size_t)edges->size * size;
    spec->params = values = tg_ctx_alloc(edges->ctx, spec->params_size);
    TG_NEED(values, TG_ENOMEM, "%" PRId64 " edges", edges->size);
    TG_TRY(tg_gather(tg_astype(edges, dtype), values, spec->params_size));
    for (int64_t i = 0; i < edges->size; i++, values += size)
        TG_NEED(!tg_element_is_nan(dtype, values) &&
                    (i == 0 || tg_compares[dtype](values - size, values) <= 0),
                TG_EARG, "`bins` must increase monotonically, when an array");
out:
    return status;
}

tg_array *tg_histogram(tg_array *a, tg_array *edges, tg_array *weights)
{
    tg_status status = TG_OK;
    tg_array *inputs[3] = {a, edges, weights};
    tg_block_spec spec = {.name = "histogram", .function = histogram_block};
    tg_dtype dtype = TG_INT64, common;

    TG_TRY(tg_inputs_status(inputs, weights ? 3 : 2));
    if (weights && tg_is_complex(weights->dtype)) {
        inputs[0] = tg_histogram(a, edges, tg_real(weights));
        inputs[1] = tg_histogram(a, edges, tg_imag(weights));
        return tg_astype(tg_elementwise_node("complex", inputs, 2), weights->dtype);
    }
    dtype = weights ? weights->dtype : TG_INT64;
    common = tg_promote(a->dtype, edges->dtype);
    if (common == TG_INT64 || common == TG_UINT64 || tg_is_complex(common))
        spec.function = ordered_histogram_block;
    else
        common = TG_FLOAT64;
    TG_TRY(read_edges(edges, common, &spec));
    a = tg_astype(a, common);
    TG_TRY(flatten(&a, &weights));
    return tg_astype(add_rows(a, weights, spec, edges->size - 1), dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(inputs, weights ? 3 : 2), status);
}

/* Smallest and largest element, or the range; of complex numbers both parts. */
static tg_status ends_of(tg_array *a, const double *range, double *low, double *high)
{
    tg_status status = TG_OK;
    const tg_dtype dtype = tg_is_complex(a->dtype) ? TG_COMPLEX128 : TG_FLOAT64;
    const size_t size = tg_dtype_size(dtype);

    low[0] = range ? range[0] : 0;
    high[0] = range ? range[1] : 1;
    low[1] = high[1] = 0;
    TG_NEED(low[0] <= high[0] || isnan(low[0] + high[0]), TG_EARG,
            "max must be larger than min in range parameter.");
    if (!range && a->size > 0) {
        TG_TRY(tg_gather(tg_astype(tg_min(a, TG_ALL_AXES), dtype), low, size));
        TG_TRY(tg_gather(tg_astype(tg_max(a, TG_ALL_AXES), dtype), high, size));
    }
    TG_NEED(isfinite(low[0] + high[0]) && isfinite(low[1] + high[1]), TG_EARG,
            "range of [%g, %g] is not finite", low[0], high[0]);
    if (low[0] == high[0] && low[1] == high[1]) {
        low[0] -= 0.5;
        high[0] += 0.5;
    }
out:
    return status;
}

tg_array *tg_histogram_edges(tg_array *a, int64_t bins, const double *range)
{
    tg_status status = TG_OK;
    double low[2], high[2], *edges;
    int64_t count = bins + 1;
    int parts;

    TG_TRY(tg_array_status(a));
    TG_NEED(bins >= 1, TG_EARG, "`bins` must be positive, when an integer");
    TG_TRY(ends_of(a, range, low, high));
    parts = tg_is_complex(a->dtype) ? 2 : 1;
    edges = tg_ctx_alloc(a->ctx, (size_t)(count * parts) * sizeof *edges);
    TG_NEED(edges, TG_ENOMEM, "%" PRId64 " edges", count);
    for (int64_t i = 0; i < count; i++)
        for (int p = 0; p < parts; p++)
            edges[i * parts + p] =
                i == bins ? high[p] : (double)i * ((high[p] - low[p]) / (double)bins) + low[p];
    return tg_astype(
        tg_from_memory(a->ctx, edges, parts == 2 ? TG_COMPLEX128 : TG_FLOAT64, 1, &count),
        a->dtype < TG_FLOAT32 ? TG_FLOAT64 : a->dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

static tg_status bincount_block(const tg_block *in, int nin, tg_block *out, const void *params,
                                size_t params_size, tg_task *task)
{
    const int64_t *x = in[0].data;

    (void)params, (void)params_size, (void)task;
    memset(out->data, 0, (size_t)out->size * tg_dtype_size(out->dtype));
    for (int64_t i = 0; i < in[0].size; i++)
        if (x[i] >= 0 && x[i] < out->size)
            count_one(in, nin, i, out, x[i]);
    return TG_OK;
}

tg_array *tg_bincount(tg_array *x, tg_array *weights, int64_t minlength)
{
    tg_status status = TG_OK;
    tg_block_spec spec = {.name = "bincount", .function = bincount_block};
    int64_t least = 0, most = -1;

    TG_TRY(tg_array_status(x));
    TG_NEED(x->ndim == 1, TG_EARG, "bincount: an array of %d axes, not 1", x->ndim);
    TG_NEED(x->dtype < TG_UINT64, TG_EARG,
            "Cannot cast array data from %s to int64 according to the rule 'safe'",
            tg_dtype_name(x->dtype));
    TG_NEED(minlength >= 0, TG_EARG, "'minlength' must not be negative");
    x = tg_astype(x, TG_INT64);
    if (x->size > 0) {
        TG_TRY(tg_gather(tg_min(x, TG_ALL_AXES), &least, sizeof least));
        TG_TRY(tg_gather(tg_max(x, TG_ALL_AXES), &most, sizeof most));
    }
    TG_NEED(least >= 0, TG_EARG, "'list' argument must have no negative elements");
    TG_TRY(flatten(&x, &weights));
    return add_rows(x, weights, spec, most + 1 > minlength ? most + 1 : minlength);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){x, weights}, 2), status);
}

/* 1 for bins that never fall, -1 for those that never rise. Errors: TG_EARG for others. */
static tg_status direction_of(tg_array *bins, int *out)
{
    tg_status status = TG_OK;
    double *values = NULL;
    bool rises = true, falls = true;

    TG_TRY(tg_array_status(bins));
    TG_NEED(bins->ndim == 1, TG_EARG, "object too deep for desired array: %d axes, not 1",
            bins->ndim);
    values = malloc((size_t)(bins->size + 1) * sizeof *values);
    TG_NEED(values, TG_ENOMEM, "%" PRId64 " bins", bins->size);
    TG_TRY(tg_gather(tg_astype(bins, TG_FLOAT64), values, (size_t)bins->size * sizeof *values));
    for (int64_t i = 1; i < bins->size; i++) {
        rises = rises && values[i - 1] <= values[i];
        falls = falls && values[i - 1] >= values[i];
    }
    TG_NEED(rises || falls, TG_EARG, "bins must be monotonically increasing or decreasing");
    *out = rises ? 1 : -1;
out:
    free(values);
    return status;
}

tg_array *tg_digitize(tg_array *x, tg_array *bins, bool right)
{
    tg_status status = TG_OK;
    int direction = 1;
    tg_array *places;

    TG_TRY(tg_array_status(x));
    TG_TRY(direction_of(bins, &direction));
    if (direction > 0)
        return tg_searchsorted(bins, x, !right);
    places = tg_searchsorted(tg_flip(bins, TG_ALL_AXES), x, !right);
    return tg_subtract(tg_int(x->ctx, bins->size), places);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){x, bins}, 2), status);
}
