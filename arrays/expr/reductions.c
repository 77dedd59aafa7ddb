/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions made of others and of elementwise operators: they run fused, most in one pass. */
#include <math.h>
#include <tegula/create.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/node.h"
#include "kernel/types.h"

static tg_array *number(const tg_array *like, double value)
{
    return tg_float(like->ctx, value);
}

static tg_array *integer(const tg_array *like, int64_t value)
{
    return tg_int(like->ctx, value);
}

/* Whether there can be a NaN; false for poisoned arrays too. */
static bool has_nan(const tg_array *a)
{
    return a->status == TG_OK && a->dtype >= TG_FLOAT32;
}

static bool is_complex(const tg_array *a)
{
    return a->status == TG_OK && tg_is_complex(a->dtype);
}

static tg_axes keeping(tg_axes axes)
{
    axes.keepdims = true;
    return axes;
}

static tg_array *to_bool(tg_array *a)
{
    return tg_astype(a, TG_BOOL);
}

/* The widest of its kind: sums of it are rounded once. */
static tg_array *widened(tg_array *a)
{
    if (a->status != TG_OK)
        return a;
    return tg_astype(a, tg_is_complex(a->dtype) ? TG_COMPLEX128 : TG_FLOAT64);
}

tg_array *tg_prod(tg_array *a, tg_axes axes)
{
    return tg_reduction(a, axes, &tg_reducer_prod, NULL, 0);
}

tg_array *tg_ptp(tg_array *a, tg_axes axes)
{
    return tg_subtract(tg_max(a, axes), tg_min(a, axes));
}

tg_array *tg_count_nonzero(tg_array *a, tg_axes axes)
{
    return tg_sum(to_bool(a), axes);
}

tg_array *tg_any(tg_array *a, tg_axes axes)
{
    return to_bool(tg_count_nonzero(a, axes));
}

tg_array *tg_all(tg_array *a, tg_axes axes)
{
    return tg_logical_not(tg_sum(tg_logical_not(to_bool(a)), axes));
}

tg_array *tg_argmin(tg_array *a, tg_axes axes)
{
    return tg_reduction(a, axes, is_complex(a) ? &tg_reducer_complex_argmin : &tg_reducer_argmin,
                        (double[]){0}, 1);
}

tg_array *tg_argmax(tg_array *a, tg_axes axes)
{
    return tg_reduction(a, axes, is_complex(a) ? &tg_reducer_complex_argmax : &tg_reducer_argmax,
                        (double[]){0}, 1);
}

static tg_array *filled(tg_array *a, tg_array *value)
{
    return tg_where(tg_isnan(a), value, a);
}

static tg_array *numbers(tg_array *a)
{
    return tg_logical_not(tg_isnan(a));
}

/* How many are no NaN. */
static tg_array *count(tg_array *a, tg_axes axes)
{
    return tg_sum(numbers(a), axes);
}

tg_array *tg_nansum(tg_array *a, tg_axes axes)
{
    return tg_sum(has_nan(a) ? filled(a, integer(a, 0)) : a, axes);
}

tg_array *tg_nanprod(tg_array *a, tg_axes axes)
{
    return tg_prod(has_nan(a) ? filled(a, integer(a, 1)) : a, axes);
}

/* Where a mean is of some elements: their sum, and how many. */
static tg_array *wide_mean(tg_array *a, tg_axes axes, tg_array *where)
{
    return tg_divide(tg_sum(tg_where(where, widened(a), integer(a, 0)), axes), tg_sum(where, axes));
}

/* As float as the mean and the variance of a are. */
static tg_dtype inexact_dtype(const tg_array *a)
{
    return has_nan(a) ? a->dtype : TG_FLOAT64;
}

static tg_array *spread(tg_array *a, tg_array *where)
{
    return a->status == TG_OK ? tg_broadcast_to(where, a->ndim, a->shape) : a;
}

tg_array *tg_mean_where(tg_array *a, tg_axes axes, tg_array *where)
{
    return tg_astype(wide_mean(a, axes, spread(a, where)), inexact_dtype(a));
}

tg_array *tg_nanmean(tg_array *a, tg_axes axes)
{
    return has_nan(a) ? tg_mean_where(a, axes, numbers(a)) : tg_mean(a, axes);
}

tg_array *tg_var_where(tg_array *a, tg_axes axes, double ddof, tg_array *where, tg_array *mean)
{
    tg_array *deviation, *square, *left;

    where = spread(a, where ? where : tg_astype(integer(a, 1), TG_BOOL));
    if (!mean)
        mean = wide_mean(a, keeping(axes), where);
    deviation = tg_subtract(widened(a), mean);
    square = a->status == TG_OK && tg_is_complex(a->dtype)
                 ? tg_add(tg_square(tg_real(deviation)), tg_square(tg_imag(deviation)))
                 : tg_square(deviation);
    left = tg_subtract(tg_sum(where, axes), number(a, ddof));
    left = tg_maximum(left, integer(a, 0));
    square = tg_where(where, square, integer(a, 0));
    return tg_astype(tg_divide(tg_sum(square, axes), left), tg_real_part(inexact_dtype(a)));
}

tg_array *tg_nanvar_where(tg_array *a, tg_axes axes, double ddof, tg_array *where, tg_array *mean)
{
    tg_array *left, *variance;

    if (!has_nan(a))
        return tg_var_where(a, axes, ddof, where, mean);
    where = spread(a, where ? tg_logical_and(where, numbers(a)) : numbers(a));
    variance = tg_var_where(a, axes, ddof, where, mean);
    left = tg_subtract(tg_sum(where, axes), number(a, ddof));
    return tg_where(tg_greater(left, integer(a, 0)), variance, number(a, NAN));
}

tg_array *tg_nanvar(tg_array *a, tg_axes axes, double ddof)
{
    return has_nan(a) ? tg_nanvar_where(a, axes, ddof, NULL, NULL) : tg_var_ddof(a, axes, ddof);
}

tg_array *tg_nanstd(tg_array *a, tg_axes axes, double ddof)
{
    return has_nan(a) ? tg_sqrt(tg_nanvar(a, axes, ddof)) : tg_std_ddof(a, axes, ddof);
}

static tg_array *nan_if_none(tg_array *a, tg_axes axes, tg_array *value)
{
    return tg_where(to_bool(count(a, axes)), value, number(a, NAN));
}

tg_array *tg_nanmin(tg_array *a, tg_axes axes)
{
    if (!has_nan(a))
        return tg_min(a, axes);
    if (is_complex(a))
        return tg_reduction(a, axes, &tg_reducer_complex_min, (double[]){1}, 1);
    return nan_if_none(a, axes, tg_min(filled(a, number(a, INFINITY)), axes));
}

tg_array *tg_nanmax(tg_array *a, tg_axes axes)
{
    if (!has_nan(a))
        return tg_max(a, axes);
    if (is_complex(a))
        return tg_reduction(a, axes, &tg_reducer_complex_max, (double[]){1}, 1);
    return nan_if_none(a, axes, tg_max(filled(a, number(a, -INFINITY)), axes));
}

tg_array *tg_nanargmin(tg_array *a, tg_axes axes)
{
    return tg_reduction(a, axes, is_complex(a) ? &tg_reducer_complex_argmin : &tg_reducer_argmin,
                        (double[]){1}, 1);
}

tg_array *tg_nanargmax(tg_array *a, tg_axes axes)
{
    return tg_reduction(a, axes, is_complex(a) ? &tg_reducer_complex_argmax : &tg_reducer_argmax,
                        (double[]){1}, 1);
}

/* Weights of one axis in the shape of `a`. */
static tg_status spread_weights(tg_array *a, tg_axes axes, tg_array **weights)
{
    tg_status status = TG_OK;
    tg_array *w = *weights;
    int64_t shape[TG_MAX_NDIM];
    bool same = w->ndim == a->ndim;
    int axis;

    for (int d = 0; same && d < a->ndim; d++)
        same = w->shape[d] == a->shape[d];
    if (same)
        goto out;
    TG_NEED(axes.count == 1, TG_EARG,
            "Axis must be specified when shapes of a and weights differ.");
    TG_NEED(w->ndim == 1, TG_EARG, "1D weights expected when shapes of a and weights differ.");
    TG_TRY(tg_normalize_axis(a, axes.axis[0], &axis));
    TG_NEED(w->shape[0] == a->shape[axis], TG_EARG,
            "Length of weights not compatible with specified axis.");
    for (int d = 0; d < a->ndim; d++)
        shape[d] = d == axis ? w->shape[0] : 1;
    w = tg_reshape(w, a->ndim, shape);
    *weights = tg_broadcast_to(w, a->ndim, a->shape);
out:
    return status;
}

tg_array *tg_average(tg_array *a, tg_axes axes, tg_array *weights, tg_array **weight)
{
    tg_status status = TG_OK;
    tg_array *mean = NULL, *sum = NULL;
    tg_dtype dtype;

    TG_TRY(tg_array_status(a));
    if (!weights) {
        mean = tg_mean(a, axes);
        sum = tg_sum(tg_full_like(a, tg_int(a->ctx, 1), mean->dtype, NULL), axes);
        goto out;
    }
    TG_TRY(tg_array_status(weights));
    TG_TRY(spread_weights(a, axes, &weights));
    dtype = tg_promote(a->dtype, weights->dtype);
    if (a->dtype < TG_FLOAT32)
        dtype = tg_promote(dtype, TG_FLOAT64);
    sum = tg_sum(tg_astype(weights, dtype), axes);
    mean = tg_divide(tg_sum(tg_multiply(tg_astype(a, dtype), weights), axes), sum);
out:
    if (status != TG_OK)
        mean = sum = tg_node_poisoned(tg_inputs_ctx((tg_array *[]){a, weights}, 2), status);
    if (weight)
        *weight = sum;
    return mean;
}

static tg_array *sum_of_squares(tg_array *a, tg_axes axes)
{
    if (a->status == TG_OK && tg_is_complex(a->dtype))
        return tg_sum(tg_add(tg_square(tg_real(a)), tg_square(tg_imag(a))), axes);
    return tg_sum(tg_square(a), axes);
}

static tg_array *inexact(tg_array *a)
{
    return a->status == TG_OK && a->dtype < TG_FLOAT32 ? tg_astype(a, TG_FLOAT64) : a;
}

tg_array *tg_norm(tg_array *a, double order, tg_axes axes)
{
    tg_array *sum;

    a = inexact(a);
    if (order == 2)
        return tg_sqrt(sum_of_squares(a, axes));
    if (isinf(order))
        return order > 0 ? tg_max(tg_absolute(a), axes) : tg_min(tg_absolute(a), axes);
    if (order == 0)
        return tg_astype(tg_count_nonzero(a, axes),
                         a->status == TG_OK ? tg_real_part(a->dtype) : TG_FLOAT64);
    if (order == 1)
        return tg_sum(tg_absolute(a), axes);
    sum = tg_sum(tg_power(tg_absolute(a), number(a, order)), axes);
    return tg_power(sum, number(a, 1 / order));
}

tg_array *tg_matrix_norm(tg_array *a, double order, tg_axes axes)
{
    tg_status status = TG_OK;
    int row, column;
    tg_array *sums;

    TG_TRY(tg_array_status(a));
    TG_NEED(axes.count == 2, TG_EARG, "norm of matrices along %d axes, not 2", axes.count);
    TG_NEED(fabs(order) == 1 || isinf(order), TG_EARG,
            "norm of matrices of order %g: 1, -1, inf, -inf and 'fro' can be", order);
    TG_TRY(tg_normalize_axis(a, axes.axis[0], &row));
    TG_TRY(tg_normalize_axis(a, axes.axis[1], &column));
    TG_NEED(row != column, TG_EARG, "Duplicate axes given.");
    sums = tg_sum(tg_absolute(inexact(a)), TG_KEEPDIMS(isinf(order) ? column : row));
    return order > 0 ? tg_max(sums, axes) : tg_min(sums, axes);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
