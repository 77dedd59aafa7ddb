/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking values up in a small array, which each task sees as one block. Both arrays are converted
 * to their common dtype; NaN is after all numbers, as NumPy sorts it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/blocks.h>

#include "expr/index.h"

/* Is element i of x before element j of y? */
typedef bool before_function(const void *x, int64_t i, const void *y, int64_t j);

#define BEFORE(type, name)                                                                         \
    static bool before_##name(const void *x, int64_t i, const void *y, int64_t j)                  \
    {                                                                                              \
        type a = ((const type *)x)[i], b = ((const type *)y)[j];                                   \
                                                                                                   \
        return a < b || (b != b && a == a);                                                        \
    }
BEFORE(uint8_t, bool)
BEFORE(int8_t, int8)
BEFORE(int16_t, int16)
BEFORE(int32_t, int32)
BEFORE(int64_t, int64)
BEFORE(uint8_t, uint8)
BEFORE(uint16_t, uint16)
BEFORE(uint32_t, uint32)
BEFORE(uint64_t, uint64)
BEFORE(float, float32)
BEFORE(double, float64)

static before_function *const befores[TG_NDTYPES] = {
    [TG_BOOL] = before_bool,       [TG_INT8] = before_int8,       [TG_INT16] = before_int16,
    [TG_INT32] = before_int32,     [TG_INT64] = before_int64,     [TG_UINT8] = before_uint8,
    [TG_UINT16] = before_uint16,   [TG_UINT32] = before_uint32,   [TG_UINT64] = before_uint64,
    [TG_FLOAT32] = before_float32, [TG_FLOAT64] = before_float64,
};

/* The first place of the sorted array that is not before value i; with `right` that is after it. */
static int64_t place_of(before_function *before, const tg_block *sorted, const void *values,
                        int64_t i, bool right)
{
    int64_t low = 0, high = sorted->size;

    while (low < high) {
        int64_t middle = (low + high) / 2;
        bool on = right ? !before(values, i, sorted->data, middle)
                        : before(sorted->data, middle, values, i);

        if (on)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static tg_status search_block(const tg_block *in, int nin, tg_block *out, const void *params,
                              size_t params_size, tg_task *task)
{
    bool right = *(const int64_t *)params != 0;

    (void)nin, (void)params_size, (void)task;
    for (int64_t i = 0; i < out->size; i++)
        ((int64_t *)out->data)[i] = place_of(befores[in[1].dtype], &in[1], in[0].data, i, right);
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

/* Both in one dtype that has an order. */
static tg_status one_dtype(const char *name, tg_array **a, tg_array **b)
{
    tg_status status = TG_OK;
    tg_dtype dtype;

    TG_TRY(tg_inputs_status((tg_array *[]){*a, *b}, 2));
    dtype =
        tg_promote((*a)->weak ? (*b)->dtype : (*a)->dtype, (*b)->weak ? (*a)->dtype : (*b)->dtype);
    TG_NEED(befores[dtype], TG_EARG, "%s of %s: complex numbers are not there", name,
            tg_dtype_name(dtype));
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

    TG_TRY(one_dtype("searchsorted", &sorted, &values));
    TG_NEED(sorted->ndim == 1, TG_EARG, "object too deep for desired array: %d axes, not 1",
            sorted->ndim);
    return look_up(values, sorted, &spec);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){sorted, values}, 2), status);
}

/* ---- isin ---- */

struct order {
    before_function *before;
    const void *data;
};

static int by_value(const void *x, const void *y, void *context)
{
    const struct order *order = context;
    int64_t i = *(const int64_t *)x, j = *(const int64_t *)y;

    return order->before(order->data, j, order->data, i) -
           order->before(order->data, i, order->data, j);
}

/* The set sorted, then each element looked for. A NaN is equal to nothing. */
static tg_status isin_block(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    bool invert = *(const int64_t *)params != 0;
    size_t size = tg_dtype_size(in[1].dtype);
    struct order order = {befores[in[1].dtype], in[1].data};
    int64_t *index = tg_task_scratch(task, (size_t)(in[1].size + 1) * sizeof *index);
    char *sorted = tg_task_scratch(task, (size_t)(in[1].size + 1) * size);
    tg_block set = in[1];

    (void)nin, (void)params_size;
    TG_NEED(index && sorted, TG_ENOMEM, "a set of %" PRId64 " elements", in[1].size);
    for (int64_t i = 0; i < in[1].size; i++)
        index[i] = i;
    qsort_r(index, (size_t)in[1].size, sizeof *index, by_value, &order);
    for (int64_t i = 0; i < in[1].size; i++)
        memcpy(sorted + (size_t)i * size, (const char *)in[1].data + (size_t)index[i] * size, size);
    set.data = sorted;
    for (int64_t i = 0; i < out->size; i++) {
        int64_t at = place_of(order.before, &set, in[0].data, i, false);
        bool number = in[1].dtype == TG_FLOAT32 ? !__builtin_isnan(((const float *)in[0].data)[i])
                      : in[1].dtype == TG_FLOAT64
                          ? !__builtin_isnan(((const double *)in[0].data)[i])
                          : true;
        bool found = number && at < set.size && !order.before(in[0].data, i, sorted, at);

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

    TG_TRY(one_dtype("isin", &a, &set));
    set = tg_ravel(set);
    TG_TRY(tg_array_status(set));
    return look_up(a, set, &spec);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){a, set}, 2), status);
}
