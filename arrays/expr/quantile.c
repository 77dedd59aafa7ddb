/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reductions that need all elements behind a result at once: the reduced axes become one last axis,
 * which is one chunk, and a function on blocks takes its lines.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/blocks.h"
#include "kernel/types.h"

/* ---- lines ---- */

/* Which axes are reduced; all of them for TG_ALL_AXES. */
static tg_status mark_axes(const tg_array *a, tg_axes axes, bool *reduced)
{
    tg_status status = TG_OK;

    memset(reduced, axes.count < 0, TG_MAX_NDIM * sizeof *reduced);
    for (int i = 0; i < axes.count; i++) {
        int axis;

        TG_TRY(tg_normalize_axis(a, axes.axis[i], &axis));
        TG_NEED(!reduced[axis], TG_EARG, "duplicate value in 'axis'");
        reduced[axis] = true;
    }
out:
    return status;
}

/* [kept..., n]. */
static tg_status to_lines(tg_array *a, const bool *reduced, tg_array **out)
{
    tg_status status = TG_OK;
    int order[TG_MAX_NDIM], n = 0;
    int64_t shape[TG_MAX_NDIM], length = 1;

    for (int d = 0; d < a->ndim; d++)
        if (!reduced[d]) {
            shape[n] = a->shape[d];
            order[n++] = d;
        }
    for (int d = 0, last = n; d < a->ndim; d++)
        if (reduced[d]) {
            length *= a->shape[d];
            order[last++] = d;
        }
    shape[n] = length;
    if (a->ndim > 0)
        a = tg_transpose(a, order);
    *out = tg_reshape(a, n + 1, shape);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

/* Labels "abz->yab", or with the new axis last "abz->aby". */
static void labels_of(int kept, bool first, char *text)
{
    char letters[TG_MAX_NDIM + 1] = {0};

    for (int d = 0; d < kept; d++)
        letters[d] = (char)('a' + d);
    snprintf(text, 3 * TG_MAX_NDIM, "%sz->%s%s%s", letters, first ? "y" : "", letters,
             first ? "" : "y");
}

/* ---- quantiles ---- */

struct quantiles {
    int64_t count, skip_nan, halves; /* halves: the median's way, the mean of the middle two */
    double q[];
};

static void swap(double *x, int64_t i, int64_t j)
{
    double t = x[i];

    x[i] = x[j];
    x[j] = t;
}

/* Hoare's: x[k] is what it were if x were sorted, none before it is larger, none after smaller. */
static void select_place(double *x, int64_t n, int64_t k)
{
    int64_t low = 0, high = n - 1;

    while (low < high) {
        double pivot = x[low + (high - low) / 2];
        int64_t i = low, j = high;

        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i <= j)
                swap(x, i++, j--);
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            return;
    }
}

/* NumPy's linear interpolation between the two elements around q (n - 1). */
static double quantile(double *x, int64_t n, double q, bool halves)
{
    double place = q * (double)(n - 1), t;
    int64_t k = (int64_t)floor(place);
    double below, above;

    if (halves)
        k = (n - 1) / 2;
    select_place(x, n, k);
    below = above = x[k];
    if (k + 1 < n) {
        above = x[k + 1];
        for (int64_t i = k + 2; i < n; i++)
            above = x[i] < above ? x[i] : above;
    }
    if (halves)
        return n % 2 ? below : (below + above) / 2;
    t = place - (double)k;
    if (t == 0 || below == above)
        return below;
    return t < 0.5 ? below + (above - below) * t : above - (above - below) * (1 - t);
}

static tg_status quantile_block(const tg_block *in, int nin, tg_block *out, const void *params,
                                size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct quantiles *p = params;
    int64_t n = in[0].shape[in[0].ndim - 1], kept = out->size / p->count;
    double *line = tg_task_scratch(task, (size_t)(n + 1) * sizeof *line);

    (void)nin, (void)params_size;
    TG_NEED(line, TG_ENOMEM, "a line of %lld elements", (long long)n);
    for (int64_t k = 0; k < kept; k++) {
        const double *x = in[0].data ? (const double *)in[0].data + k * n : NULL;
        int64_t numbers = 0;

        for (int64_t i = 0; i < n; i++)
            if (!isnan(x[i]))
                line[numbers++] = x[i];
        for (int64_t j = 0; j < p->count; j++) {
            bool none = numbers == 0 || (numbers < n && !p->skip_nan);

            ((double *)out->data)[j * kept + k] =
                none ? NAN : quantile(line, numbers, p->q[j], p->halves);
        }
    }
out:
    return status;
}

static tg_array *quantiles(tg_array *a, const struct quantiles *p, tg_axes axes)
{
    tg_status status = TG_OK;
    tg_array *lines = NULL;
    bool reduced[TG_MAX_NDIM];
    char labels[3 * TG_MAX_NDIM];
    int64_t shape[TG_MAX_NDIM + 1] = {p->count};
    int n = 1;
    tg_block_spec spec = {.name = "quantile",
                          .function = quantile_block,
                          .params = p,
                          .params_size = sizeof *p + (size_t)p->count * sizeof *p->q,
                          .dtype = TG_FLOAT64,
                          .labels = labels,
                          .lengths = {&p->count},
                          .nlengths = {1}};

    TG_TRY(tg_array_status(a));
    TG_NEED(a->dtype < TG_COMPLEX64, TG_EARG, "quantiles are not defined for %s",
            tg_dtype_name(a->dtype));
    TG_TRY(mark_axes(a, axes, reduced));
    for (int d = 0; d < a->ndim; d++)
        if (!reduced[d] || axes.keepdims)
            shape[n++] = reduced[d] ? 1 : a->shape[d];
    TG_NEED(n <= TG_MAX_NDIM, TG_EARG, "quantiles: more than %d axes", TG_MAX_NDIM);
    TG_TRY(to_lines(tg_astype(a, TG_FLOAT64), reduced, &lines));
    labels_of(lines->ndim - 1, true, labels);
    lines = tg_reshape(tg_map_blocks(&spec, &lines, 1), n, shape);
    return a->dtype == TG_FLOAT32 ? tg_astype(lines, TG_FLOAT32) : lines;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_quantile(tg_array *a, const double *q, int64_t count, tg_axes axes, bool skip_nan)
{
    tg_status status = TG_OK;
    struct quantiles *p = NULL;

    TG_TRY(tg_array_status(a));
    p = tg_ctx_alloc(a->ctx, sizeof *p + (size_t)count * sizeof *q);
    TG_NEED(p, TG_ENOMEM, "%lld quantiles", (long long)count);
    *p = (struct quantiles){count, skip_nan, false};
    for (int64_t i = 0; i < count; i++) {
        TG_NEED(q[i] >= 0 && q[i] <= 1, TG_EARG, "Quantiles must be in the range [0, 1]");
        p->q[i] = q[i];
    }
    return quantiles(a, p, axes);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_median(tg_array *a, tg_axes axes, bool skip_nan)
{
    tg_status status = TG_OK;
    struct quantiles *p = NULL;

    TG_TRY(tg_array_status(a));
    p = tg_ctx_alloc(a->ctx, sizeof *p + sizeof *p->q);
    TG_NEED(p, TG_ENOMEM, "the parameters of a median");
    *p = (struct quantiles){1, skip_nan, true};
    p->q[0] = 0.5;
    a = quantiles(a, p, axes);
    return tg_squeeze(a, TG_AXES(0));
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* ---- topk ---- */

typedef int compare_function(const void *x, const void *y, void *data);

/* Indices by their elements, NaN above all, the earlier first among equals. */
#define COMPARE(name, dtype, type, wide)                                                           \
    static int compare_##name(const void *x, const void *y, void *data)                            \
    {                                                                                              \
        int64_t i = *(const int64_t *)x, j = *(const int64_t *)y;                                  \
        type a = ((const type *)data)[i], b = ((const type *)data)[j];                             \
        bool nan_a = !(a <= a), nan_b = !(b <= b);                                                 \
                                                                                                   \
        if (nan_a != nan_b)                                                                        \
            return nan_a - nan_b;                                                                  \
        if (a < b || a > b)                                                                        \
            return a < b ? -1 : 1;                                                                 \
        return i < j ? -1 : i > j;                                                                 \
    }
TG_EACH_DTYPE(COMPARE)
#define COMPARE_ROW(name, dtype, type, wide) [dtype] = compare_##name,
static compare_function *const compares[TG_NDTYPES] = {TG_EACH_DTYPE(COMPARE_ROW)};

struct topk {
    int64_t k, indices; /* k < 0: the smallest */
};

static tg_status topk_block(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct topk *p = params;
    int64_t n = in[0].shape[in[0].ndim - 1], k = out->shape[out->ndim - 1], lines = out->size / k;
    size_t size = tg_dtype_size(in[0].dtype);
    int64_t *index = tg_task_scratch(task, (size_t)(n + 1) * sizeof *index);

    (void)nin, (void)params_size;
    TG_NEED(index, TG_ENOMEM, "a line of %lld elements", (long long)n);
    for (int64_t l = 0; l < lines; l++) {
        char *x = (char *)in[0].data + (size_t)(l * n) * size;

        for (int64_t i = 0; i < n; i++)
            index[i] = i;
        qsort_r(index, (size_t)n, sizeof *index, compares[in[0].dtype], x);
        for (int64_t i = 0; i < k; i++) {
            int64_t from = index[p->k < 0 ? i : n - 1 - i], to = l * k + i;

            if (p->indices)
                ((int64_t *)out->data)[to] = from;
            else
                memcpy((char *)out->data + (size_t)to * size, x + (size_t)from * size, size);
        }
    }
out:
    return status;
}

static tg_array *topk(tg_array *a, int64_t k, int axis, bool indices)
{
    tg_status status = TG_OK;
    struct topk p = {k, indices};
    char labels[3 * TG_MAX_NDIM];
    int64_t length;
    int last;
    tg_block_spec spec = {.name = indices ? "argtopk" : "topk",
                          .function = topk_block,
                          .params = &p,
                          .params_size = sizeof p,
                          .labels = labels};

    TG_TRY(tg_array_status(a));
    TG_NEED(a->dtype < TG_COMPLEX64, TG_EARG, "topk is not defined for %s",
            tg_dtype_name(a->dtype));
    TG_TRY(tg_normalize_axis(a, axis, &axis));
    last = a->ndim - 1;
    length = llabs(k) < a->shape[axis] ? llabs(k) : a->shape[axis];
    spec.dtype = indices ? TG_INT64 : a->dtype;
    spec.lengths[last] = &length;
    spec.nlengths[last] = 1;
    labels_of(last, false, labels);
    a = tg_moveaxis(a, 1, &axis, &last);
    a = tg_map_blocks(&spec, &a, 1);
    return tg_moveaxis(a, 1, &last, &axis);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_topk(tg_array *a, int64_t k, int axis)
{
    return topk(a, k, axis, false);
}

tg_array *tg_argtopk(tg_array *a, int64_t k, int axis)
{
    return topk(a, k, axis, true);
}
