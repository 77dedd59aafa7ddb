/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters that are made of passes along axes. */
#include <inttypes.h>
#include <string.h>

#include "expr/image.h"
#include "kernel/gaussian.h"

/* Weights from the last to the first, in the arena. */
static tg_status turned(tg_ctx *ctx, const double *weights, int64_t n, const double **out)
{
    tg_status status = TG_OK;
    double *copy = tg_ctx_alloc(ctx, (size_t)(n + 1) * sizeof *copy);

    TG_NEED(copy, TG_ENOMEM, "%" PRId64 " weights", n);
    for (int64_t i = 0; i < n; i++)
        copy[i] = weights[n - 1 - i];
    *out = copy;
out:
    return status;
}

tg_array *tg_correlate1d(tg_array *a, const double *weights, int64_t n, int axis,
                         const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_pass pass = {.kind = TG_FILTER_WEIGHTS, .weights = weights};

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &pass.axis));
    TG_NEED(n >= 1, TG_EARG, "no filter weights given");
    TG_TRY(tg_window_reach(n, own.origin[pass.axis], &pass.before, &pass.after));
    return tg_filter_passes(a, &pass, 1, &own);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_convolve1d(tg_array *a, const double *weights, int64_t n, int axis,
                        const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &axis));
    TG_TRY(turned(a->ctx, weights, n, &weights));
    own.origin[axis] = -own.origin[axis] - (n % 2 == 0);
    return tg_correlate1d(a, weights, n, axis, &own);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

static tg_status gaussian_pass(tg_ctx *ctx, const tg_gaussian *gaussian, int d, tg_pass *pass)
{
    tg_status status = TG_OK;
    double sigma = gaussian->sigma[d], truncate = gaussian->truncate > 0 ? gaussian->truncate : 4;
    double reach = truncate * sigma + 0.5;
    int64_t radius;
    double *weights;

    TG_NEED(reach < 1e9, TG_EARG, "a Gaussian of sigma %g is too wide", sigma);
    radius = gaussian->radii ? gaussian->radius[d] : (int64_t)reach;
    TG_NEED(radius >= 0 && radius < 1 << 30, TG_EARG,
            "Radius must be a nonnegative integer, not %" PRId64, radius);
    TG_NEED(gaussian->order[d] >= 0, TG_EARG, "order must be non-negative, not %d",
            gaussian->order[d]);
    TG_NEED(gaussian->order[d] <= TG_GAUSSIAN_MAX_ORDER, TG_EARG,
            "order %d of a Gaussian: at most %d can be", gaussian->order[d], TG_GAUSSIAN_MAX_ORDER);
    weights = tg_ctx_alloc(ctx, (size_t)(2 * radius + 1) * sizeof *weights);
    TG_NEED(weights, TG_ENOMEM, "%" PRId64 " weights", 2 * radius + 1);
    tg_gaussian_weights(sigma, gaussian->order[d], radius, weights);
    *pass = (tg_pass){.axis = d,
                      .kind = TG_FILTER_WEIGHTS,
                      .before = radius,
                      .after = radius,
                      .weights = weights};
out:
    return status;
}

tg_array *tg_gaussian_filter(tg_array *a, const tg_gaussian *gaussian,
                             const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_pass passes[TG_MAX_NDIM];
    int n = 0;

    TG_TRY(tg_array_status(a));
    for (int d = 0; d < a->ndim; d++)
        if (!own.skip[d] && gaussian->sigma[d] > 1e-15)
            TG_TRY(gaussian_pass(a->ctx, gaussian, d, &passes[n++]));
    return tg_filter_passes(a, passes, n, &own);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* The filter with the order-th derivative along axis d; the axis' mode is that of all. */
static tg_array *gaussian_along(tg_array *a, const tg_gaussian *gaussian, int d, int order,
                                const tg_filter_options *options)
{
    tg_filter_options own = *options;
    tg_gaussian along = *gaussian;

    for (int i = 0; i < TG_MAX_NDIM; i++) {
        own.mode[i] = options->mode[d];
        along.order[i] = i == d ? order : 0;
    }
    return tg_gaussian_filter(a, &along, &own);
}

/* Whether there is an axis to be filtered; the array itself in the results' dtype where not. */
static tg_status any_axis(tg_array *a, const tg_filter_options *options, tg_array **otherwise)
{
    tg_status status = TG_OK;
    tg_dtype dtype;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_filter_dtype(a, options, false, &dtype));
    *otherwise = tg_astype(a, dtype);
    for (int d = 0; d < a->ndim; d++)
        if (!options->skip[d])
            *otherwise = NULL;
out:
    return status;
}

static tg_array *plus(tg_array *sum, tg_array *a)
{
    return sum ? tg_add(sum, a) : a;
}

tg_array *tg_gaussian_laplace(tg_array *a, const tg_gaussian *gaussian,
                              const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_array *sum = NULL;

    TG_TRY(any_axis(a, &own, &sum));
    if (sum)
        return sum;
    for (int d = 0; d < a->ndim; d++)
        if (!own.skip[d])
            sum = plus(sum, gaussian_along(a, gaussian, d, 2, &own));
    return sum;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_gaussian_gradient_magnitude(tg_array *a, const tg_gaussian *gaussian,
                                         const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_array *sum = NULL, *slope;
    tg_dtype dtype;

    TG_TRY(any_axis(a, &own, &sum));
    if (sum)
        return sum;
    TG_TRY(tg_filter_dtype(a, &own, false, &dtype));
    for (int d = 0; d < a->ndim; d++)
        if (!own.skip[d]) {
            slope = gaussian_along(a, gaussian, d, 1, &own);
            sum = plus(sum, tg_multiply(slope, slope));
        }
    return tg_astype(tg_sqrt(sum), dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

static tg_array *window_passes(tg_array *a, const int64_t *size, tg_filter_kind kind,
                               const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_pass passes[TG_MAX_NDIM];
    tg_dtype dtype;
    int n = 0;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_filter_dtype(a, &own, kind != TG_FILTER_MEAN, &dtype));
    for (int d = 0; d < a->ndim; d++) {
        if (own.skip[d] || size[d] <= 1)
            continue;
        passes[n] = (tg_pass){.axis = d, .kind = kind};
        TG_TRY(tg_window_reach(size[d], own.origin[d], &passes[n].before, &passes[n].after));
        n++;
    }
    return tg_filter_passes(a, passes, n, &own);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_uniform_filter(tg_array *a, const int64_t *size, const tg_filter_options *options)
{
    return window_passes(a, size, TG_FILTER_MEAN, options);
}

tg_array *tg_minimum_filter(tg_array *a, const int64_t *size, const tg_filter_options *options)
{
    return window_passes(a, size, TG_FILTER_MINIMUM, options);
}

tg_array *tg_maximum_filter(tg_array *a, const int64_t *size, const tg_filter_options *options)
{
    return window_passes(a, size, TG_FILTER_MAXIMUM, options);
}

/* -1 0 1 along one axis, `smooth` along the others. */
static tg_array *edges(tg_array *a, int axis, const double *smooth,
                       const tg_filter_options *options)
{
    static const double difference[3] = {-1, 0, 1};
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_pass passes[TG_MAX_NDIM];
    int n = 1;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &axis));
    passes[0] = (tg_pass){axis, TG_FILTER_WEIGHTS, 1, 1, difference};
    for (int d = 0; d < a->ndim; d++)
        if (d != axis && !own.skip[d])
            passes[n++] = (tg_pass){d, TG_FILTER_WEIGHTS, 1, 1, smooth};
    return tg_filter_passes(a, passes, n, &own);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_sobel(tg_array *a, int axis, const tg_filter_options *options)
{
    static const double smooth[3] = {1, 2, 1};

    return edges(a, axis, smooth, options);
}

tg_array *tg_prewitt(tg_array *a, int axis, const tg_filter_options *options)
{
    static const double smooth[3] = {1, 1, 1};

    return edges(a, axis, smooth, options);
}

tg_array *tg_laplace(tg_array *a, const tg_filter_options *options)
{
    static const double second[3] = {1, -2, 1};
    tg_status status = TG_OK;
    tg_filter_options own = tg_filter_options_of(options);
    tg_array *sum = NULL;

    TG_TRY(any_axis(a, &own, &sum));
    if (sum)
        return sum;
    for (int d = 0; d < a->ndim; d++)
        if (!own.skip[d])
            sum = plus(sum, tg_correlate1d(a, second, 3, d, &own));
    return sum;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
