/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reductions that need all elements behind a result at once: the reduced axes become one last axis,
 * which is one chunk, and a function on blocks takes its lines.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/index.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/blocks.h"
#include "kernel/order.h"
#include "kernel/types.h"

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

/* Labels "abz->yab". */
static void labels_of(int kept, char *text)
{
    char letters[TG_MAX_NDIM + 1] = {0};

    for (int d = 0; d < kept; d++)
        letters[d] = (char)('a' + d);
    snprintf(text, 3 * TG_MAX_NDIM, "%sz->y%s", letters, letters);
}

/* Not one of NumPy's methods: the mean of the middle two. */
#define MEDIAN TG_NQUANTILE_METHODS

struct quantiles {
    int64_t count, skip_nan, method;
    double q[];
};

static const struct method {
    const char *name;
    bool virtual; /* the place is n q + alpha + q (1 - alpha - beta) - 1 */
    double alpha, beta;
    bool picks; /* an element, nothing between two */
} methods[TG_NQUANTILE_METHODS] = {
    [TG_QUANTILE_LINEAR] = {"linear", false, 0, 0, false},
    [TG_QUANTILE_INVERTED_CDF] = {"inverted_cdf", true, 0, 1, true},
    [TG_QUANTILE_AVERAGED_INVERTED_CDF] = {"averaged_inverted_cdf", true, 0, 1, false},
    [TG_QUANTILE_CLOSEST_OBSERVATION] = {"closest_observation", true, -0.5, 1.5, true},
    [TG_QUANTILE_INTERPOLATED_INVERTED_CDF] = {"interpolated_inverted_cdf", true, 0, 1, false},
    [TG_QUANTILE_HAZEN] = {"hazen", true, 0.5, 0.5, false},
    [TG_QUANTILE_WEIBULL] = {"weibull", true, 0, 0, false},
    [TG_QUANTILE_MEDIAN_UNBIASED] = {"median_unbiased", true, 1 / 3., 1 / 3., false},
    [TG_QUANTILE_NORMAL_UNBIASED] = {"normal_unbiased", true, 3 / 8., 3 / 8., false},
    [TG_QUANTILE_LOWER] = {"lower", false, 0, 0, true},
    [TG_QUANTILE_HIGHER] = {"higher", false, 0, 0, true},
    [TG_QUANTILE_MIDPOINT] = {"midpoint", false, 0, 0, false},
    [TG_QUANTILE_NEAREST] = {"nearest", false, 0, 0, true},
};

tg_status tg_quantile_method_parse(const char *name, tg_quantile_method *out)
{
    for (int m = 0; m < TG_NQUANTILE_METHODS; m++)
        if (strcmp(methods[m].name, name) == 0) {
            *out = (tg_quantile_method)m;
            return TG_OK;
        }
    return tg_fail(TG_EARG,
                   "'%s' is not a valid method. Use one of: linear, inverted_cdf, "
                   "averaged_inverted_cdf, closest_observation, interpolated_inverted_cdf, hazen, "
                   "weibull, median_unbiased, normal_unbiased, lower, higher, midpoint, nearest",
                   name);
}

bool tg_quantile_picks(tg_quantile_method method)
{
    return methods[method].picks;
}

/* Where a quantile of n sorted elements is, from 0 on: between elements there or not. */
static double place_of(int64_t n, double q, int64_t method)
{
    double linear = q * (double)(n - 1), place = linear;

    if (method < TG_NQUANTILE_METHODS && methods[method].virtual)
        place = (double)n * q +
                (methods[method].alpha + q * (1 - methods[method].alpha - methods[method].beta)) -
                1;
    switch (method) {
    case TG_QUANTILE_INVERTED_CDF:
        return ceil(place);
    case TG_QUANTILE_AVERAGED_INVERTED_CDF:
        return place == floor(place) ? place + 0.5 : ceil(place);
    case TG_QUANTILE_CLOSEST_OBSERVATION:
        return place == floor(place) && fmod(place, 2) == 0 ? place : floor(place) + 1;
    case TG_QUANTILE_LOWER:
        return floor(linear);
    case TG_QUANTILE_HIGHER:
        return ceil(linear);
    case TG_QUANTILE_MIDPOINT:
        return 0.5 * (floor(linear) + ceil(linear));
    case TG_QUANTILE_NEAREST:
        return rint(linear);
    case MEDIAN:
        return 0.5 * (double)(n - 1);
    default:
        return place;
    }
}

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

/* NumPy's linear interpolation between the two elements around the place. */
static double quantile(double *x, int64_t n, double q, int64_t method)
{
    double place = fmin(fmax(place_of(n, q, method), 0), (double)(n - 1)), t;
    int64_t k = (int64_t)floor(place);
    double below, above;

    select_place(x, n, k);
    below = above = x[k];
    if (k + 1 < n) {
        above = x[k + 1];
        for (int64_t i = k + 2; i < n; i++)
            above = x[i] < above ? x[i] : above;
    }
    if (method == MEDIAN)
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
                none ? NAN : quantile(line, numbers, p->q[j], p->method);
        }
    }
out:
    return status;
}

/* What NumPy gives for n complex numbers that are all NaN: nanmedian the last of them, but of
 * several lines of less than 600, which are np.ma's, as the others a NaN without imaginary part. */
static tg_complex128 no_median(const tg_complex128 *x, int64_t n, bool only, bool skip_nan)
{
    if (n > 0 && skip_nan && (only || n >= 600))
        return x[n - 1];
    return (tg_complex128){NAN, n > 0 ? 0 : NAN};
}

/* Of complex numbers there are medians alone: sorted by real, then imaginary part. */
static tg_status complex_median_block(const tg_block *in, int nin, tg_block *out,
                                      const void *params, size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct quantiles *p = params;
    int64_t n = in[0].shape[in[0].ndim - 1];
    tg_complex128 *line = tg_task_scratch(task, (size_t)(2 * n + 1) * sizeof *line);

    (void)nin, (void)params_size;
    TG_NEED(line, TG_ENOMEM, "a line of %lld elements", (long long)n);
    for (int64_t k = 0; k < out->size; k++) {
        const tg_complex128 *x = in[0].data ? (const tg_complex128 *)in[0].data + k * n : NULL;
        tg_complex128 *median = (tg_complex128 *)out->data + k;
        int64_t numbers = 0;

        for (int64_t i = 0; i < n; i++)
            if (!tg_element_is_nan(TG_COMPLEX128, &x[i]))
                line[numbers++] = x[i];
        *median = no_median(x, n, in[0].ndim == 1, p->skip_nan);
        if (numbers == 0 || (numbers < n && !p->skip_nan))
            continue;
        tg_sort_elements(TG_COMPLEX128, numbers, line, line + n);
        *median = line[numbers / 2];
        if (numbers % 2 == 0) {
            median->re = (line[numbers / 2 - 1].re + median->re) / 2;
            median->im = (line[numbers / 2 - 1].im + median->im) / 2;
        }
    }
out:
    return status;
}

static bool wide_integers(tg_dtype dtype, int64_t method)
{
    return (dtype == TG_INT64 || dtype == TG_UINT64) && method < TG_NQUANTILE_METHODS &&
           methods[method].picks;
}

/* Elements that float64 does not hold, picked as they are: [count, kept...]. */
static tg_array *picked(tg_array *lines, const struct quantiles *p)
{
    const int64_t n = lines->shape[lines->ndim - 1];
    int64_t *places = tg_ctx_alloc(lines->ctx, (size_t)(p->count + 1) * sizeof *places);

    if (!places)
        return tg_node_poisoned(lines->ctx, TG_ENOMEM);
    for (int64_t i = 0; i < p->count; i++)
        places[i] = (int64_t)fmin(fmax(place_of(n, p->q[i], p->method), 0), (double)(n - 1));
    lines = tg_take(tg_sort(lines, -1), places, p->count, -1);
    return tg_moveaxis(lines, 1, (int[]){-1}, (int[]){0});
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
    if (tg_is_complex(a->dtype) && p->method == MEDIAN) {
        spec.function = complex_median_block;
        spec.dtype = TG_COMPLEX128;
    }
    TG_NEED(tg_is_complex(a->dtype) <= tg_is_complex(spec.dtype), TG_EARG,
            "quantiles of %s: a must be an array of real numbers", tg_dtype_name(a->dtype));
    TG_NEED(a->dtype != TG_BOOL || p->method == MEDIAN || methods[p->method].picks, TG_EARG,
            "quantiles of bool between elements: subtract is not defined for bool; use astype, or "
            "a method that picks elements");
    TG_TRY(mark_axes(a, axes, reduced));
    for (int d = 0; d < a->ndim; d++)
        if (!reduced[d] || axes.keepdims)
            shape[n++] = reduced[d] ? 1 : a->shape[d];
    TG_NEED(n <= TG_MAX_NDIM, TG_EARG, "quantiles: more than %d axes", TG_MAX_NDIM);
    if (wide_integers(a->dtype, p->method))
        spec.dtype = a->dtype;
    TG_TRY(to_lines(tg_astype(a, spec.dtype), reduced, &lines));
    TG_NEED(lines->shape[lines->ndim - 1] > 0 || p->skip_nan || p->method == MEDIAN, TG_EARG,
            "cannot do a non-empty take from an empty axes: quantiles of no elements");
    if (wide_integers(a->dtype, p->method) && lines->shape[lines->ndim - 1] > 0)
        return tg_reshape(picked(lines, p), n, shape);
    labels_of(lines->ndim - 1, labels);
    lines = tg_reshape(tg_map_blocks(&spec, &lines, 1), n, shape);
    if (p->method < TG_NQUANTILE_METHODS && methods[p->method].picks)
        return tg_astype(lines, a->dtype);
    return a->dtype == TG_FLOAT32 || a->dtype == TG_COMPLEX64 ? tg_astype(lines, a->dtype) : lines;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_quantile(tg_array *a, const double *q, int64_t count, tg_axes axes, bool skip_nan)
{
    return tg_quantile_by(a, q, count, axes, skip_nan, TG_QUANTILE_LINEAR);
}

tg_array *tg_quantile_by(tg_array *a, const double *q, int64_t count, tg_axes axes, bool skip_nan,
                         tg_quantile_method method)
{
    tg_status status = TG_OK;
    struct quantiles *p = NULL;

    TG_TRY(tg_array_status(a));
    p = tg_ctx_alloc(a->ctx, sizeof *p + (size_t)count * sizeof *q);
    TG_NEED(p, TG_ENOMEM, "%lld quantiles", (long long)count);
    *p = (struct quantiles){count, skip_nan, method};
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
    *p = (struct quantiles){1, skip_nan, MEDIAN};
    p->q[0] = 0.5;
    a = quantiles(a, p, axes);
    return tg_squeeze(a, TG_AXES(0));
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
