/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The distinct elements, or parts along an axis: rows of k elements, k = 1 where they are elements.
 * As with masks the shape hangs on the values, so they are computed when the expression is built:
 * each chunk sorts its rows and counts the distinct ones; these, how often they are there and where
 * first come to rank 0, which merges them. Which of them each row is is looked up when computed.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/blocks.h"
#include "expr/views.h"
#include "kernel/order.h"

struct rows {
    const char *data;
    int64_t n, k;
    tg_dtype dtype;
    bool equal_nan; /* of single elements: all that are no number are one */
};

/* Distinct rows: where the first of each is, and how often it is there. */
struct distinct {
    int64_t *index, *times;
    int64_t n;
};

static const char *row_at(const struct rows *rows, int64_t i)
{
    return rows->data + (size_t)(i * rows->k) * tg_dtype_size(rows->dtype);
}

static int compare_elements(tg_dtype dtype, int64_t k, const char *x, const char *y)
{
    size_t size = tg_dtype_size(dtype);
    int order = 0;

    for (int64_t c = 0; c < k && order == 0; c++)
        order = tg_compares[dtype](x + (size_t)c * size, y + (size_t)c * size);
    return order;
}

static int compare_rows(int64_t i, int64_t j, const void *context)
{
    const struct rows *rows = context;

    return compare_elements(rows->dtype, rows->k, row_at(rows, i), row_at(rows, j));
}

static bool has_nan(const struct rows *rows, int64_t i)
{
    for (int64_t c = 0; c < rows->k; c++)
        if (tg_element_is_nan(rows->dtype,
                              row_at(rows, i) + (size_t)c * tg_dtype_size(rows->dtype)))
            return true;
    return false;
}

/* What is no number equals nothing, or with equal_nan all that is none. */
static bool are_same(const struct rows *rows, int64_t i, int64_t j)
{
    if (has_nan(rows, i))
        return rows->equal_nan && has_nan(rows, j);
    return compare_rows(i, j, rows) == 0;
}

/* d->index has room for 4 n indices; times[i] is how often row i counts, NULL: once. */
static void find_distinct(const struct rows *rows, const int64_t *times, struct distinct *d)
{
    if (rows->k == 1) {
        tg_argsort_elements(rows->dtype, rows->n, rows->data, d->index, d->index + rows->n);
    } else {
        for (int64_t i = 0; i < rows->n; i++)
            d->index[i] = i;
        tg_sort_indices(rows->n, d->index, d->index + rows->n, compare_rows, rows);
    }
    d->n = 0;
    for (int64_t i = 0; i < rows->n; i++) {
        int64_t at = d->index[i];

        if (d->n == 0 || !are_same(rows, d->index[d->n - 1], at)) {
            d->index[d->n] = at;
            d->times[d->n++] = 0;
        }
        d->times[d->n - 1] += times ? times[at] : 1;
    }
}

enum result { HOW_MANY, VALUES, TIMES, FIRST };

struct asked {
    int64_t result, equal_nan;
};

static tg_status distinct_block(const tg_block *in, int nin, tg_block *out, const void *params,
                                size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct asked *asked = params;
    const struct rows rows = {in[0].data, in[0].shape[0], in[0].shape[1], in[0].dtype,
                              asked->equal_nan};
    size_t bytes = (size_t)rows.k * tg_dtype_size(rows.dtype);
    int64_t *scratch = tg_task_scratch(task, (size_t)(5 * rows.n + 1) * sizeof *scratch);
    struct distinct d = {.index = scratch};

    (void)nin, (void)params_size;
    TG_NEED(scratch, TG_ENOMEM, "a chunk of %" PRId64 " rows to be sorted", rows.n);
    d.times = scratch + 4 * rows.n;
    find_distinct(&rows, NULL, &d);
    TG_NEED(asked->result == HOW_MANY || d.n == out->shape[0], TG_EINTERNAL,
            "%" PRId64 " distinct rows where %" PRId64 " were counted", d.n, out->shape[0]);
    if (asked->result == HOW_MANY)
        *(int64_t *)out->data = d.n;
    if (asked->result == TIMES)
        memcpy(out->data, d.times, (size_t)d.n * sizeof *d.times);
    for (int64_t i = 0; asked->result == FIRST && i < d.n; i++)
        ((int64_t *)out->data)[i] = in[0].start[0] + d.index[i];
    for (int64_t i = 0; asked->result == VALUES && i < d.n; i++)
        memcpy((char *)out->data + (size_t)i * bytes, row_at(&rows, d.index[i]), bytes);
out:
    return status;
}

/* One kind of result of all chunks, to memory; lengths by chunk. */
static tg_status gather_chunks(tg_array *a, bool equal_nan, enum result result,
                               const int64_t *lengths, int64_t total, void *out)
{
    const struct asked asked = {result, equal_nan};
    tg_dtype dtype = result == VALUES ? a->dtype : TG_INT64;
    tg_block_spec spec = {.name = "unique",
                          .function = distinct_block,
                          .params = &asked,
                          .params_size = sizeof asked,
                          .dtype = dtype,
                          .labels = result == VALUES ? "ij->ij" : "ij->i",
                          .lengths = {lengths}};

    return tg_gather(tg_map_blocks(&spec, &a, 1), out,
                     (size_t)(result == VALUES ? total * a->shape[1] : total) *
                         tg_dtype_size(dtype));
}

/* What came from the chunks: rows, how often and where first. Freed by candidates_free. */
struct candidates {
    char *values;
    int64_t *times, *first, *lengths, total;
};

static void candidates_free(struct candidates *c)
{
    free(c->values);
    free(c->times);
    free(c->first);
    free(c->lengths);
}

static tg_status gather_candidates(tg_array *a, bool equal_nan, struct candidates *c)
{
    tg_status status = TG_OK;
    int64_t chunks = a->grid.count[0];

    c->lengths = malloc((size_t)(chunks + 1) * sizeof *c->lengths);
    TG_NEED(c->lengths, TG_ENOMEM, "%" PRId64 " chunks", chunks);
    for (int64_t i = 0; i < chunks; i++)
        c->lengths[i] = 1;
    TG_TRY(gather_chunks(a, equal_nan, HOW_MANY, c->lengths, chunks, c->lengths));
    for (int64_t i = 0; i < chunks; i++)
        c->total += c->lengths[i];
    c->values = malloc((size_t)(c->total * a->shape[1] + 1) * tg_dtype_size(a->dtype));
    c->times = malloc((size_t)(c->total + 1) * sizeof *c->times);
    c->first = malloc((size_t)(c->total + 1) * sizeof *c->first);
    TG_NEED(c->values && c->times && c->first, TG_ENOMEM, "%" PRId64 " distinct elements",
            c->total);
    TG_TRY(gather_chunks(a, equal_nan, VALUES, c->lengths, c->total, c->values));
    TG_TRY(gather_chunks(a, equal_nan, TIMES, c->lengths, c->total, c->times));
    TG_TRY(gather_chunks(a, equal_nan, FIRST, c->lengths, c->total, c->first));
out:
    return status;
}

/* The distinct of all candidates, [n, k]. */
static tg_status merge_candidates(tg_array *a, bool equal_nan, const struct candidates *c,
                                  tg_array **values, tg_unique_parts *parts)
{
    tg_status status = TG_OK;
    const struct rows rows = {c->values, c->total, a->shape[1], a->dtype, equal_nan};
    size_t bytes = (size_t)rows.k * tg_dtype_size(rows.dtype);
    struct distinct d = {0};
    char *kept = malloc((size_t)rows.n * bytes + 1);

    d.index = calloc((size_t)(4 * rows.n + 1), sizeof *d.index);
    d.times = calloc((size_t)(rows.n + 1), sizeof *d.times);
    TG_NEED(kept && d.index && d.times, TG_ENOMEM, "%" PRId64 " distinct elements", rows.n);
    find_distinct(&rows, c->times, &d);
    for (int64_t i = 0; i < d.n; i++) {
        memcpy(kept + (size_t)i * bytes, row_at(&rows, d.index[i]), bytes);
        d.index[i] = c->first[d.index[i]];
    }
    *values = tg_from_memory(a->ctx, kept, a->dtype, 2, (int64_t[]){d.n, rows.k});
    parts->counts = tg_from_memory(a->ctx, d.times, TG_INT64, 1, &d.n);
    parts->first = tg_from_memory(a->ctx, d.index, TG_INT64, 1, &d.n);
out:
    free(kept);
    free(d.index);
    free(d.times);
    return status;
}

/* The last distinct row that is not after row i and was not first met after it: rows that are no
 * numbers are all distinct, each is the one that was met where it is. */
static tg_status inverse_block(const tg_block *in, int nin, tg_block *out, const void *params,
                               size_t params_size, tg_task *task)
{
    const int64_t *first = in[2].data;
    size_t bytes = (size_t)in[0].shape[1] * tg_dtype_size(in[0].dtype);

    (void)nin, (void)params, (void)params_size, (void)task;
    for (int64_t i = 0; i < out->size; i++) {
        const char *row = (const char *)in[0].data + (size_t)i * bytes;
        int64_t low = 0, high = in[2].size;

        while (low < high) {
            int64_t middle = low + (high - low) / 2;
            int order = compare_elements(in[0].dtype, in[0].shape[1],
                                         (const char *)in[1].data + (size_t)middle * bytes, row);

            if (order < 0 || (order == 0 && first[middle] <= in[0].start[0] + i))
                low = middle + 1;
            else
                high = middle;
        }
        ((int64_t *)out->data)[i] = low - 1;
    }
    return TG_OK;
}

static tg_array *inverse_of(tg_array *a, tg_array *values, tg_array *first)
{
    tg_block_spec spec = {.name = "unique_inverse",
                          .function = inverse_block,
                          .dtype = TG_INT64,
                          .labels = "ij,zj,z->i"};

    if (a->size == 0) /* no rows, or all equal */
        return tg_zeros_node(a->ctx, TG_INT64, 1, a->shape, NULL);
    return tg_map_blocks(&spec, (tg_array *[]){a, values, first}, 3);
}

/* [n, k], k in one chunk. */
static tg_status to_rows(tg_array *a, tg_array **out)
{
    tg_status status = TG_OK;
    int64_t shape[2] = {a->shape[0], 1};
    tg_grid grid;

    for (int d = 1; d < a->ndim; d++)
        shape[1] *= a->shape[d];
    a = tg_reshape(a, 2, shape);
    TG_TRY(tg_array_status(a));
    grid = a->grid;
    TG_TRY(tg_grid_axis(a->ctx, shape[1], shape[1] > 0 ? shape[1] : 1, &grid.count[1],
                        &grid.length[1]));
    *out = tg_rechunk_to(a, &grid);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

/* Rows without elements: none, or all equal. */
static tg_array *empty_rows(tg_array *rows, tg_unique_parts *parts)
{
    int64_t n = rows->shape[0] > 0, zero = 0;

    parts->first = tg_from_memory(rows->ctx, &zero, TG_INT64, 1, &n);
    parts->counts = tg_from_memory(rows->ctx, &rows->shape[0], TG_INT64, 1, &n);
    return tg_zeros_node(rows->ctx, rows->dtype, 2, (int64_t[]){n, rows->shape[1]}, NULL);
}

tg_array *tg_unique_along(tg_array *a, const int *along, bool equal_nan, tg_unique_parts *parts)
{
    tg_status status = TG_OK;
    tg_array *rows = NULL, *values = NULL;
    struct candidates candidates = {0};
    int axis = 0, first = 0;
    int64_t shape[TG_MAX_NDIM];

    TG_TRY(tg_array_status(a));
    equal_nan = equal_nan && !along;
    if (along)
        TG_TRY(tg_normalize_axis(a, *along, &axis));
    a = along ? tg_moveaxis(a, 1, &axis, &first) : tg_ravel(a);
    TG_TRY(tg_array_status(a));
    TG_TRY(to_rows(a, &rows));
    if (rows->size == 0) {
        values = empty_rows(rows, parts);
    } else {
        TG_TRY(gather_candidates(rows, equal_nan, &candidates));
        TG_TRY(merge_candidates(rows, equal_nan, &candidates, &values, parts));
    }
    TG_TRY(tg_array_status(values));
    parts->inverse = inverse_of(rows, values, parts->first);
    memcpy(shape, a->shape, sizeof shape);
    shape[0] = values->shape[0];
    values = tg_reshape(values, a->ndim, shape);
    values = along ? tg_moveaxis(values, 1, &first, &axis) : values;
out:
    candidates_free(&candidates);
    if (status != TG_OK)
        values = parts->first = parts->inverse = parts->counts =
            tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
    return values;
}

tg_array *tg_unique(tg_array *a, tg_array **counts)
{
    tg_unique_parts parts = {0};
    tg_array *values = tg_unique_along(a, NULL, true, &parts);

    if (counts)
        *counts = parts.counts;
    return values;
}
