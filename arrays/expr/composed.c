/* SPDX-License-Identifier: BSD-3-Clause */
/* Elementwise functions of NumPy made of several operators; they run fused all the same. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expr/node.h"
#include "kernel/types.h"

static tg_array *number(const tg_array *like, double value)
{
    return tg_float(like->ctx, value);
}

/* The value of a Python number; NaN for what is none. */
static double value_of_number(const tg_array *a)
{
    const tg_memory_params *params = a->params;
    double value = NAN;

    if (a->status == TG_OK && a->weak && a->size == 1 && !tg_is_complex(a->dtype))
        tg_convert(1, a->dtype, params->data, TG_FLOAT64, &value);
    return value;
}

/* x ** 2 and its like are simple operators for arrays of floats, as in NumPy. */
tg_array *tg_power(tg_array *a, tg_array *b)
{
    double exponent = b ? value_of_number(b) : NAN;
    bool is_array = a && a->status == TG_OK && !a->weak;

    if (is_array && exponent == 2 && b->dtype == TG_INT64 && a->dtype != TG_BOOL)
        return tg_square(a);
    if (is_array && a->dtype >= TG_FLOAT32) {
        if (exponent == 2)
            return tg_square(a);
        if (exponent == 1)
            return tg_positive(a);
        if (exponent == -1)
            return tg_reciprocal(a);
    }
    return tg_elementwise_node("power", (tg_array *[]){a, b}, 2);
}

tg_array *tg_fix(tg_array *a)
{
    return tg_trunc(a);
}

tg_array *tg_round(tg_array *a, int decimals)
{
    bool whole = a->status == TG_OK && a->dtype < TG_FLOAT32 && a->dtype != TG_BOOL;
    double factor = 1;
    tg_array *scaled;

    if (whole && decimals >= 0)
        return a;
    if (a->status == TG_OK && tg_is_complex(a->dtype) && decimals != 0) {
        tg_array *parts[] = {tg_round(tg_real(a), decimals), tg_round(tg_imag(a), decimals)};

        return tg_elementwise_node("complex", parts, 2);
    }
    if (decimals == 0 || a->status != TG_OK)
        return tg_rint(a);
    for (int i = 0; i < abs(decimals) && isfinite(factor); i++)
        factor *= 10;
    if (decimals > 0)
        return tg_divide(tg_rint(tg_multiply(a, number(a, factor))), number(a, factor));
    scaled = tg_multiply(tg_rint(tg_divide(a, number(a, factor))), number(a, factor));
    return whole ? tg_astype(scaled, a->dtype) : scaled;
}

static bool is_complex(const tg_array *a)
{
    return a->status == TG_OK && tg_is_complex(a->dtype);
}

tg_array *tg_real(tg_array *a)
{
    return is_complex(a) ? tg_elementwise_node("real", &a, 1) : a;
}

/* Of real numbers zeros: what is false, as the same dtype. */
tg_array *tg_imag(tg_array *a)
{
    if (is_complex(a) || a->status != TG_OK)
        return tg_elementwise_node("imag", &a, 1);
    return tg_astype(tg_logical_and(a, tg_logical_not(a)), a->dtype);
}

tg_array *tg_isreal(tg_array *a)
{
    return tg_equal(tg_imag(a), tg_int(a->ctx, 0));
}

tg_array *tg_iscomplex(tg_array *a)
{
    return tg_not_equal(tg_imag(a), tg_int(a->ctx, 0));
}

static tg_array *radians(tg_array *a)
{
    return is_complex(a) ? tg_arctan2(tg_imag(a), tg_real(a)) : tg_arctan2(tg_int(a->ctx, 0), a);
}

/* Degrees of complex64 by way of float64: the rounding of a subnormal angle would be seen 57 times
 * as large. */
tg_array *tg_angle(tg_array *a, bool degrees)
{
    const bool narrow = degrees && a->status == TG_OK && a->dtype == TG_COMPLEX64;
    tg_array *angle = radians(narrow ? tg_astype(a, TG_COMPLEX128) : a);

    if (degrees)
        angle = tg_multiply(angle, number(a, 180 / M_PI));
    return narrow ? tg_astype(angle, TG_FLOAT32) : angle;
}

tg_array *tg_clip(tg_array *a, tg_array *low, tg_array *high)
{
    if (low && high)
        return tg_elementwise_node("clip", (tg_array *[]){a, low, high}, 3);
    if (low)
        return tg_maximum(a, low);
    return high ? tg_minimum(a, high) : tg_positive(a);
}

tg_array *tg_isclose(tg_array *a, tg_array *b, double rtol, double atol, bool equal_nan)
{
    return tg_isclose_by(a, b, number(a, rtol), number(a, atol), equal_nan);
}

tg_array *tg_isclose_by(tg_array *a, tg_array *b, tg_array *rtol, tg_array *atol, bool equal_nan)
{
    tg_array *near, *result;

    if (a->status != TG_OK || b->status != TG_OK)
        return tg_add(a, b);
    if (b->dtype < TG_FLOAT32)
        b = tg_astype(b, TG_FLOAT64);
    near = tg_less_equal(tg_absolute(tg_subtract(a, b)),
                         tg_add(atol, tg_multiply(rtol, tg_absolute(b))));
    result = tg_logical_or(tg_logical_and(near, tg_isfinite(b)), tg_equal(a, b));
    if (equal_nan)
        result = tg_logical_or(result, tg_logical_and(tg_isnan(a), tg_isnan(b)));
    return result;
}

tg_array *tg_nan_to_num(tg_array *a, double nan, const double *posinf, const double *neginf)
{
    double largest;

    if (a->status != TG_OK || a->dtype < TG_FLOAT32)
        return a;
    if (tg_is_complex(a->dtype))
        return tg_elementwise_node("complex",
                                   (tg_array *[]){tg_nan_to_num(tg_real(a), nan, posinf, neginf),
                                                  tg_nan_to_num(tg_imag(a), nan, posinf, neginf)},
                                   2);
    largest = a->dtype == TG_FLOAT32 ? (double)FLT_MAX : DBL_MAX;
    a = tg_where(tg_isnan(a), number(a, nan), a);
    a = tg_where(tg_isposinf(a), number(a, posinf ? *posinf : largest), a);
    return tg_where(tg_isneginf(a), number(a, neginf ? *neginf : -largest), a);
}

/* An array of that dtype; a number stays one, so that one that does not fit is an error. */
static tg_array *of_dtype(tg_array *a, tg_dtype dtype)
{
    return a->weak ? a : tg_astype(a, dtype);
}

tg_array *tg_select(tg_array *const *conditions, tg_array *const *choices, int count,
                    tg_array *otherwise)
{
    tg_status status = TG_OK;
    tg_array *result = NULL, **all;
    tg_dtype dtype;

    TG_TRY(tg_inputs_status(conditions, count));
    TG_TRY(tg_inputs_status(choices, count));
    TG_TRY(tg_inputs_status(&otherwise, 1));
    TG_NEED(count > 0, TG_EARG, "select with an empty list of conditions");
    for (int i = 0; i < count; i++)
        TG_NEED(conditions[i]->dtype == TG_BOOL, TG_EARG,
                "select: condition %d has dtype %s, it must be bool", i,
                tg_dtype_name(conditions[i]->dtype));
    all = tg_ctx_alloc(otherwise->ctx, (size_t)(count + 1) * sizeof *all);
    TG_NEED(all, TG_ENOMEM, "select of %d choices", count);
    memcpy(all, choices, (size_t)count * sizeof *all);
    all[count] = otherwise;
    dtype = tg_result_type_weak(all, count + 1);
    result = of_dtype(otherwise, dtype);
    for (int i = count - 1; i >= 0; i--)
        result = tg_where(conditions[i], of_dtype(choices[i], dtype), result);
    return tg_astype(result, dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(&otherwise, 1), status);
}

/* The index of every element, brought into range; with "raise" that is checked when computed. */
static tg_array *choice_index(tg_array *a, int count, const char *mode)
{
    tg_array *n = tg_astype(tg_int(a->ctx, count), TG_INT64);

    if (strcmp(mode, "wrap") == 0)
        return tg_remainder(a, n);
    if (strcmp(mode, "clip") == 0)
        return tg_clip(a, tg_int(a->ctx, 0), tg_int(a->ctx, count - 1));
    return tg_elementwise_node("choose_index", (tg_array *[]){a, n}, 2);
}

tg_array *tg_choose(tg_array *a, tg_array *const *choices, int count, const char *mode)
{
    tg_status status = TG_OK;
    tg_array *index, *result;
    tg_dtype dtype;

    TG_TRY(tg_inputs_status(&a, 1));
    TG_TRY(tg_inputs_status(choices, count));
    TG_NEED(count > 0, TG_EARG, "choose without choices");
    TG_NEED(strcmp(mode, "raise") == 0 || strcmp(mode, "wrap") == 0 || strcmp(mode, "clip") == 0,
            TG_EARG, "clipmode must be one of 'clip', 'raise', or 'wrap' (got '%s')", mode);
    TG_NEED(a->dtype < TG_UINT64, TG_EARG, "choose: indices have dtype %s, they must be integers",
            tg_dtype_name(a->dtype));
    index = choice_index(tg_astype(a, TG_INT64), count, mode);
    dtype = tg_result_type_weak(choices, count);
    result = of_dtype(choices[count - 1], dtype);
    for (int i = count - 2; i >= 0; i--)
        result = tg_where(tg_equal(index, tg_int(a->ctx, i)), of_dtype(choices[i], dtype), result);
    /* One choice, too, has the shape of all and is checked. */
    return count > 1 ? tg_astype(result, dtype)
                     : tg_where(tg_greater_equal(index, tg_int(a->ctx, 0)), result, result);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
