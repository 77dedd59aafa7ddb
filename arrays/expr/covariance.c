/* SPDX-License-Identifier: BSD-3-Clause */
/* Covariance and correlation of the rows of a matrix, samples with weights (numpy.cov). */
#include <inttypes.h>
#include <math.h>
#include <tegula/create.h>
#include <tegula/elementwise.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/node.h"
#include "kernel/types.h"

/* What sums of products are divided by. */
static double divisor(int64_t samples, double ddof, const double *frequency,
                      const double *importance)
{
    double sum = 0, squares = 0, left;

    if (!frequency && !importance)
        return fmax((double)samples - ddof, 0);
    for (int64_t i = 0; i < samples; i++) {
        double weight = (frequency ? frequency[i] : 1) * (importance ? importance[i] : 1);

        sum += weight;
        squares += weight * (importance ? importance[i] : 1);
    }
    left = ddof == 0 ? sum : importance ? sum - ddof * squares / sum : sum - ddof;
    return left > 0 ? left : 0;
}

/* The products of both kinds of weights; NULL: there are none. */
static tg_status weights_of(tg_ctx *ctx, int64_t samples, const double *frequency,
                            const double *importance, tg_dtype dtype, tg_array **out)
{
    tg_status status = TG_OK;
    double *weight, sum = 0;

    *out = NULL;
    if (!frequency && !importance)
        return TG_OK;
    weight = tg_ctx_alloc(ctx, (size_t)(samples + 1) * sizeof *weight);
    TG_NEED(weight, TG_ENOMEM, "%" PRId64 " weights", samples);
    for (int64_t i = 0; i < samples; i++) {
        weight[i] = (frequency ? frequency[i] : 1) * (importance ? importance[i] : 1);
        sum += weight[i];
    }
    TG_NEED(sum != 0, TG_EARG, "Weights sum to zero, can't be normalized");
    *out = tg_astype(tg_from_memory(ctx, weight, TG_FLOAT64, 1, &samples), tg_real_part(dtype));
out:
    return status;
}

tg_array *tg_cov_weighted(tg_array *a, double ddof, const double *frequency,
                          const double *importance, tg_dtype dtype)
{
    tg_status status = TG_OK;
    tg_array *deviation, *other, *weight;
    double by;

    TG_TRY(tg_array_status(a));
    TG_NEED(a->ndim <= 2, TG_EARG, "m has more than 2 dimensions");
    TG_NEED(dtype >= TG_FLOAT32, TG_EARG, "cov in %s: a float or complex dtype is needed",
            tg_dtype_name(dtype));
    a = tg_atleast_2d(a);
    TG_TRY(tg_array_status(a));
    if (a->shape[0] == 0)
        return tg_zeros(a->ctx, TG_FLOAT64, 2, (int64_t[2]){0, 0}, NULL);
    a = tg_astype(a, dtype);
    TG_TRY(tg_array_status(a));
    TG_TRY(weights_of(a->ctx, a->shape[1], frequency, importance, dtype, &weight));
    other = weight ? tg_divide(tg_sum(tg_multiply(a, weight), TG_KEEPDIMS(1)),
                               tg_sum(weight, TG_ALL_AXES))
                   : tg_mean(a, TG_KEEPDIMS(1));
    deviation = tg_subtract(a, other);
    other = weight ? tg_multiply(deviation, weight) : deviation;
    by = divisor(a->shape[1], ddof, frequency, importance);
    a = tg_sum(
        tg_multiply(tg_expand_dims(deviation, TG_AXES(1)),
                    tg_expand_dims(tg_is_complex(dtype) ? tg_conjugate(other) : other, TG_AXES(0))),
        TG_AXES(2));
    return tg_squeeze(tg_divide(a, tg_float(a->ctx, by)), TG_ALL_AXES);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_cov(tg_array *a, double ddof)
{
    bool is_complex = a->status == TG_OK && tg_is_complex(a->dtype);

    return tg_cov_weighted(a, ddof, NULL, NULL, is_complex ? TG_COMPLEX128 : TG_FLOAT64);
}

static tg_array *clipped(tg_array *a)
{
    return tg_clip(a, tg_float(a->ctx, -1), tg_float(a->ctx, 1));
}

tg_array *tg_corrcoef_of_cov(tg_array *cov)
{
    tg_array *deviation;

    if (cov->status != TG_OK || cov->ndim == 0)
        return tg_divide(cov, cov);
    deviation = tg_sqrt(tg_real(tg_diagonal(cov, 0, 0, 1)));
    cov = tg_divide(cov, tg_expand_dims(deviation, TG_AXES(1)));
    cov = tg_divide(cov, tg_expand_dims(deviation, TG_AXES(0)));
    if (cov->status != TG_OK || !tg_is_complex(cov->dtype))
        return clipped(cov);
    return tg_elementwise_node("complex",
                               (tg_array *[]){clipped(tg_real(cov)), clipped(tg_imag(cov))}, 2);
}

tg_array *tg_corrcoef(tg_array *a)
{
    return tg_corrcoef_of_cov(tg_cov(a, 1));
}
