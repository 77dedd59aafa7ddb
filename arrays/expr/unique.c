/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The distinct elements. As with masks the shape hangs on the values, so they are computed when the
 * expression is built: each chunk sorts its own and counts the distinct ones; these, and how often
 * they are there, come to rank 0, which merges them.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/blocks.h"
#include "kernel/types.h"

/* An element beside how often it is there: sorted together. */
struct distinct {
    const void *values;
    int64_t *index, *times; /* index of the first of each in `values` */
    int64_t n;
};

typedef int compare_function(const void *x, const void *y, void *data);

/* Indices by their elements, NaN last; equal elements in the order of their indices. */
#define COMPARE(name, dtype, type, wide)                                                           \
    static int compare_##name(const void *x, const void *y, void *data)                            \
    {                                                                                              \
        type a = ((const type *)data)[*(const int64_t *)x];                                        \
        type b = ((const type *)data)[*(const int64_t *)y];                                        \
        bool nan_a = !(a <= a), nan_b = !(b <= b);                                                 \
                                                                                                   \
        if (nan_a || nan_b)                                                                        \
            return nan_a - nan_b;                                                                  \
        return a < b ? -1 : a > b;                                                                 \
    }
TG_EACH_DTYPE(COMPARE)
#define COMPARE_ROW(name, dtype, type, wide) [dtype] = compare_##name,
static compare_function *const compares[TG_NDTYPES] = {TG_EACH_DTYPE(COMPARE_ROW)};

static int compare_places(const void *x, const void *y, void *context)
{
    const tg_block *block = context;
    int64_t i = *(const int64_t *)x, j = *(const int64_t *)y;
    int order = compares[block->dtype](x, y, block->data);

    return order ? order : i < j ? -1 : i > j;
}

/* Sort d->index of `n` elements and keep the first of equals; times[i] as often as element i. */
static void find_distinct(tg_dtype dtype, int64_t n, const int64_t *times, struct distinct *d)
{
    tg_block block = {.data = (void *)(uintptr_t)d->values, .dtype = dtype};

    for (int64_t i = 0; i < n; i++)
        d->index[i] = i;
    qsort_r(d->index, (size_t)n, sizeof *d->index, compare_places, &block);
    d->n = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t at = d->index[i];

        if (d->n == 0 || compares[dtype](&d->index[d->n - 1], &at, block.data) != 0) {
            d->index[d->n] = at;
            d->times[d->n++] = 0;
        }
        d->times[d->n - 1] += times ? times[at] : 1;
    }
}

/* ---- in chunks ---- */

enum result { HOW_MANY, VALUES, TIMES, FIRST };

static tg_status distinct_block(const tg_block *in, int nin, tg_block *out, const void *params,
                                size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    int64_t result = *(const int64_t *)params, n = in[0].size;
    size_t size = tg_dtype_size(in[0].dtype);
    int64_t *scratch = tg_task_scratch(task, (size_t)(2 * n + 1) * sizeof *scratch);
    struct distinct d = {.values = in[0].data, .index = scratch};

    (void)nin, (void)params_size;
    TG_NEED(scratch, TG_ENOMEM, "a chunk of %" PRId64 " elements to be sorted", n);
    d.times = scratch + n;
    find_distinct(in[0].dtype, n, NULL, &d);
    TG_NEED(result == HOW_MANY || d.n == out->size, TG_EINTERNAL,
            "%" PRId64 " distinct elements where %" PRId64 " were counted", d.n, out->size);
    if (result == HOW_MANY)
        *(int64_t *)out->data = d.n;
    if (result == TIMES)
        memcpy(out->data, d.times, (size_t)d.n * sizeof *d.times);
    for (int64_t i = 0; result == FIRST && i < d.n; i++)
        ((int64_t *)out->data)[i] = in[0].start[0] + d.index[i];
    for (int64_t i = 0; result == VALUES && i < d.n; i++)
        memcpy((char *)out->data + (size_t)i * size,
               (const char *)d.values + (size_t)d.index[i] * size, size);
out:
    return status;
}

/* One kind of result of all chunks, to memory; lengths by chunk. */
static tg_status gather_chunks(tg_array *flat, enum result result, const int64_t *lengths,
                               int64_t total, void *out)
{
    tg_dtype dtype = result == VALUES ? flat->dtype : TG_INT64;
    tg_block_spec spec = {.name = "unique",
                          .function = distinct_block,
                          .params = (int64_t[]){result},
                          .params_size = sizeof(int64_t),
                          .dtype = dtype,
                          .lengths = {lengths}};

    return tg_gather(tg_map_blocks(&spec, &flat, 1), out, (size_t)total * tg_dtype_size(dtype));
}

/* ---- on rank 0 ---- */

static tg_status merge_distinct(tg_array *flat, int64_t total, const void *values,
                                const int64_t *times, const int64_t *firsts, tg_array **out,
                                tg_array **first, tg_array **counts)
{
    tg_status status = TG_OK;
    size_t size = tg_dtype_size(flat->dtype);
    struct distinct d = {.values = values};
    char *kept = malloc((size_t)total * size + 1);

    d.index = calloc((size_t)total + 1, sizeof *d.index);
    d.times = calloc((size_t)total + 1, sizeof *d.times);
    TG_NEED(kept && d.index && d.times, TG_ENOMEM, "%" PRId64 " distinct elements", total);
    find_distinct(flat->dtype, total, times, &d);
    for (int64_t i = 0; i < d.n; i++)
        memcpy(kept + (size_t)i * size, (const char *)values + (size_t)d.index[i] * size, size);
    *out = tg_from_memory(flat->ctx, kept, flat->dtype, 1, &d.n);
    *counts = tg_from_memory(flat->ctx, d.times, TG_INT64, 1, &d.n);
    for (int64_t i = 0; firsts && i < d.n; i++)
        d.index[i] = firsts[d.index[i]];
    *first = tg_from_memory(flat->ctx, d.index, TG_INT64, 1, &d.n);
out:
    free(kept);
    free(d.index);
    free(d.times);
    return status;
}

tg_array *tg_unique(tg_array *a, tg_array **counts)
{
    return tg_unique_first(a, NULL, counts);
}

tg_array *tg_unique_first(tg_array *a, tg_array **first, tg_array **counts)
{
    tg_status status = TG_OK;
    tg_array *flat = NULL, *distinct = NULL, *times_of = NULL, *first_of = NULL;
    int64_t *lengths = NULL, *times = NULL, *firsts = NULL, chunks, total = 0;
    char *values = NULL;

    TG_TRY(tg_array_status(a));
    TG_NEED(a->dtype < TG_COMPLEX64, TG_EARG, "unique is not defined for %s",
            tg_dtype_name(a->dtype));
    flat = tg_ravel(a);
    TG_TRY(tg_array_status(flat));
    chunks = flat->grid.count[0];
    lengths = malloc((size_t)(chunks + 1) * sizeof *lengths);
    TG_NEED(lengths, TG_ENOMEM, "%" PRId64 " chunks", chunks);
    for (int64_t c = 0; c < chunks; c++)
        lengths[c] = 1;
    if (flat->size > 0)
        TG_TRY(gather_chunks(flat, HOW_MANY, lengths, chunks, lengths));
    for (int64_t c = 0; c < chunks && flat->size > 0; c++)
        total += lengths[c];
    values = malloc((size_t)total * tg_dtype_size(flat->dtype) + 1);
    times = malloc((size_t)(total + 1) * sizeof *times);
    firsts = malloc((size_t)(total + 1) * sizeof *firsts);
    TG_NEED(values && times && firsts, TG_ENOMEM, "%" PRId64 " distinct elements", total);
    if (total > 0) {
        TG_TRY(gather_chunks(flat, VALUES, lengths, total, values));
        TG_TRY(gather_chunks(flat, TIMES, lengths, total, times));
        if (first)
            TG_TRY(gather_chunks(flat, FIRST, lengths, total, firsts));
    }
    TG_TRY(merge_distinct(flat, total, values, times, first ? firsts : NULL, &distinct, &first_of,
                          &times_of));
out:
    free(values);
    free(times);
    free(firsts);
    free(lengths);
    if (status != TG_OK)
        distinct = times_of = first_of = tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
    if (first)
        *first = first_of;
    if (counts)
        *counts = times_of;
    return distinct;
}
