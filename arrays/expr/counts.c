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
#include "kernel/types.h"

/* ---- rows of counts ---- */

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

/* ---- histogram ---- */

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

tg_array *tg_histogram(tg_array *a, const double *edges, int64_t nedges, tg_array *weights)
{
    tg_status status = TG_OK;
    tg_block_spec spec = {.name = "histogram",
                          .function = histogram_block,
                          .params = edges,
                          .params_size = (size_t)nedges * sizeof *edges};
    tg_dtype dtype = TG_INT64;

    TG_TRY(tg_array_status(a));
    TG_NEED(nedges >= 2, TG_EARG, "a histogram of %" PRId64 " edges: at least 2 it needs", nedges);
    TG_NEED(a->dtype < TG_COMPLEX64, TG_EARG, "histogram is not defined for %s",
            tg_dtype_name(a->dtype));
    for (int64_t i = 1; i < nedges; i++)
        TG_NEED(edges[i - 1] <= edges[i], TG_EARG,
                "`bins` must increase monotonically, when an array");
    if (weights) {
        TG_TRY(tg_array_status(weights));
        dtype = weights->dtype;
    }
    a = tg_astype(a, TG_FLOAT64);
    TG_TRY(flatten(&a, &weights));
    return tg_astype(add_rows(a, weights, spec, nedges - 1), dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){a, weights}, 2), status);
}

tg_status tg_histogram_edges(tg_array *a, int64_t bins, const double *range, double *edges)
{
    tg_status status = TG_OK;
    double low = 0, high = 1;

    TG_TRY(tg_array_status(a));
    TG_NEED(bins >= 1, TG_EARG, "`bins` must be positive, when an integer");
    if (range) {
        low = range[0];
        high = range[1];
        TG_NEED(low <= high, TG_EARG, "max must be larger than min in range parameter.");
    } else if (a->size > 0) {
        TG_TRY(tg_gather(tg_astype(tg_min(a, TG_ALL_AXES), TG_FLOAT64), &low, sizeof low));
        TG_TRY(tg_gather(tg_astype(tg_max(a, TG_ALL_AXES), TG_FLOAT64), &high, sizeof high));
    }
    TG_NEED(isfinite(low) && isfinite(high), TG_EARG, "range of [%g, %g] is not finite", low, high);
    if (low == high) {
        low -= 0.5;
        high += 0.5;
    }
    for (int64_t i = 0; i <= bins; i++) {
        edges[i] = i == bins ? high : (double)i * ((high - low) / (double)bins) + low;
        if (a->dtype == TG_FLOAT32)
            edges[i] = (double)(float)edges[i];
    }
out:
    return status;
}

/* ---- bincount ---- */

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

/* ---- digitize ---- */

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
