/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking values up in a small array, which each task sees as one block. Both arrays are converted
 * to their common dtype; NaN is after all numbers, as NumPy sorts it.
 */
#include <inttypes.h>
#include <string.h>
#include <tegula/blocks.h>

#include "expr/index.h"
#include "kernel/order.h"

static tg_status search_block(const tg_block *in, int nin, tg_block *out, const void *params,
                              size_t params_size, tg_task *task)
{
    bool right = *(const int64_t *)params != 0;
    size_t size = tg_dtype_size(in[0].dtype);

    (void)nin, (void)params_size, (void)task;
    for (int64_t i = 0; i < out->size; i++)
        ((int64_t *)out->data)[i] =
            tg_search_sorted(in[1].dtype, in[1].size, in[1].data,
                             (const char *)in[0].data + (size_t)i * size, right);
    return TG_OK;
}

/* values with labels abc..., the other array with one that the result lacks. */
static tg_array *look_up(tg_array *values, tg_array *sorted, tg_block_spec *spec)
{
    char labels[2 * TG_MAX_NDIM + 8];
    const int n = values->ndim < TG_MAX_NDIM ? values->ndim : TG_MAX_NDIM; /* gcc 12 asks */
    int at = 0;

    for (int d = 0; d < n; d++)
        labels[at++] = (char)('a' + d);
    memcpy(labels + at, ",z->", 4);
    at += 4;
    for (int d = 0; d < n; d++)
        labels[at++] = (char)('a' + d);
    labels[at] = '\0';
    spec->labels = labels;
    return tg_map_blocks(spec, (tg_array *[]){values, sorted}, 2);
}

/* Both in one dtype, that of the numbers as they are: 2.5 is looked up among integers as 2.5. */
static tg_status one_dtype(tg_array **a, tg_array **b)
{
    tg_status status = TG_OK;
    tg_dtype dtype;

    TG_TRY(tg_inputs_status((tg_array *[]){*a, *b}, 2));
    dtype = tg_promote((*a)->dtype, (*b)->dtype);
    *a = tg_astype(*a, dtype);
    *b = tg_astype(*b, dtype);
    TG_TRY(tg_inputs_status((tg_array *[]){*a, *b}, 2));
out:
    return status;
}

tg_array *tg_searchsorted(tg_array *sorted, tg_array *values, bool right)
{
    tg_status status = TG_OK;
    tg_block_spec spec = {.name = "searchsorted",
                          .function = search_block,
                          .params = (int64_t[]){right},
                          .params_size = sizeof(int64_t),
                          .dtype = TG_INT64};

    TG_TRY(one_dtype(&sorted, &values));
    TG_NEED(sorted->ndim == 1, TG_EARG, "object too deep for desired array: %d axes, not 1",
            sorted->ndim);
    return look_up(values, sorted, &spec);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){sorted, values}, 2), status);
}

/* The set sorted, then each element looked for. A NaN is equal to nothing. */
static tg_status isin_block(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    bool invert = *(const int64_t *)params != 0;
    tg_dtype dtype = in[1].dtype;
    int64_t n = in[1].size;
    size_t size = tg_dtype_size(dtype), bytes = (size_t)n * size;
    char *sorted = tg_task_scratch(task, 2 * bytes + 1);

    (void)nin, (void)params_size;
    TG_NEED(sorted, TG_ENOMEM, "a set of %" PRId64 " elements", n);
    if (n > 0)
        memcpy(sorted, in[1].data, bytes);
    tg_sort_elements(dtype, n, sorted, sorted + bytes);
    for (int64_t i = 0; i < out->size; i++) {
        const char *x = (const char *)in[0].data + (size_t)i * size;
        int64_t at = tg_search_sorted(dtype, n, sorted, x, false);
        bool found = at < n && !tg_element_is_nan(dtype, x) &&
                     tg_compares[dtype](x, sorted + (size_t)at * size) == 0;

        ((uint8_t *)out->data)[i] = found != invert;
    }
out:
    return status;
}

tg_array *tg_isin(tg_array *a, tg_array *set, bool invert)
{
    tg_status status = TG_OK;
    tg_block_spec spec = {.name = "isin",
                          .function = isin_block,
                          .params = (int64_t[]){invert},
                          .params_size = sizeof(int64_t),
                          .dtype = TG_BOOL};

    TG_TRY(one_dtype(&a, &set));
    set = tg_ravel(set);
    TG_TRY(tg_array_status(set));
    return look_up(a, set, &spec);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){a, set}, 2), status);
}
