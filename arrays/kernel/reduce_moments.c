/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reducers mean, var and std: which moments an input wants, and the square root, taken once at
 * the end. The variance of complex numbers is the sum of those of their parts.
 */
#include <math.h>

#include "kernel/elementwise.h"
#include "kernel/reduce_moments.h"
#include "kernel/reduce_pairs.h"
#include "kernel/reducers.h"
#include "kernel/types.h"

static const tg_moments *moments_of(const tg_reduce_spec *spec)
{
    return spec->dtype >= TG_FLOAT32 ? &tg_moments_float : &tg_moments_int;
}

static tg_dtype var_result(tg_dtype in)
{
    return tg_real_part(in) == TG_FLOAT32 ? TG_FLOAT32 : TG_FLOAT64;
}

static tg_dtype mean_result(tg_dtype in)
{
    return tg_is_complex(in) ? in : var_result(in);
}

/* Moments of the parts of complex numbers; others are their own. */
static int64_t results_of(const tg_reduce_spec *spec, int64_t nkept)
{
    return tg_is_complex(spec->dtype) ? 2 * nkept : nkept;
}

static size_t size(const tg_reduce_spec *spec, int64_t nkept, bool squares)
{
    tg_reduce_spec parts = tg_pairs_spec(spec);

    return moments_of(spec)->size(&parts, results_of(spec, nkept), squares);
}

static tg_status chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, bool squares,
                       void *partial, tg_task *scratch)
{
    tg_status status = TG_OK;
    tg_reduce_spec parts = tg_pairs_spec(spec);
    tg_reduce_view pairs;

    if (!tg_is_complex(spec->dtype))
        return moments_of(spec)->chunk(spec, view, squares, partial, scratch);
    TG_TRY(tg_pairs_view(spec, view, &pairs));
    TG_TRY(moments_of(spec)->chunk(&parts, &pairs, squares, partial, scratch));
out:
    return status;
}

static void combine(const tg_reduce_spec *spec, int64_t nkept, bool squares, void *left,
                    const void *right)
{
    tg_reduce_spec parts = tg_pairs_spec(spec);

    moments_of(spec)->combine(&parts, results_of(spec, nkept), squares, left, right);
}

static double ddof_of(const tg_reduce_spec *spec)
{
    return spec->nparams > 0 ? spec->params[0] : 0;
}

static size_t mean_size(const tg_reduce_spec *spec, int64_t nkept)
{
    return size(spec, nkept, false);
}

static tg_status mean_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                            tg_task *scratch)
{
    return chunk(spec, view, false, partial, scratch);
}

static tg_status mean_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                              const void *right)
{
    combine(spec, nkept, false, left, right);
    return TG_OK;
}

/* Results that are finalized together. */
#define SOME 256

/* The three finalizers differ in what they take from the partial: results [first, first + n). */
typedef void of_partial(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                        int64_t first, int64_t n, double *out);

static tg_status finalize(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                          tg_dtype out_dtype, void *out, of_partial *values)
{
    tg_status status = TG_OK;
    double some[SOME];

    TG_NEED(tg_is_float(out_dtype), TG_EINTERNAL, "moments end as floats, not as %s",
            tg_dtype_name(out_dtype));
    for (int64_t k = 0; k < nkept; k += SOME) {
        int64_t n = nkept - k < SOME ? nkept - k : SOME;

        values(spec, nkept, partial, k, n, some);
        tg_convert(n, TG_FLOAT64, some, out_dtype,
                   (char *)out + (size_t)k * tg_dtype_size(out_dtype));
    }
out:
    return status;
}

static void means_of(const tg_reduce_spec *spec, int64_t nkept, const void *partial, int64_t first,
                     int64_t n, double *out)
{
    tg_reduce_spec parts = tg_pairs_spec(spec);

    moments_of(spec)->means(&parts, nkept, partial, first, n, out);
}

static tg_status mean_finalize(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                               tg_dtype out_dtype, void *out)
{
    return finalize(spec, results_of(spec, nkept), partial, tg_real_part(out_dtype), out, means_of);
}

static size_t var_size(const tg_reduce_spec *spec, int64_t nkept)
{
    return size(spec, nkept, true);
}

static tg_status var_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch)
{
    return chunk(spec, view, true, partial, scratch);
}

static tg_status var_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                             const void *right)
{
    combine(spec, nkept, true, left, right);
    return TG_OK;
}

static void variances_of(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                         int64_t first, int64_t n, double *out)
{
    const tg_moments *moments = moments_of(spec);
    tg_reduce_spec parts = tg_pairs_spec(spec);
    double ddof = ddof_of(spec), pairs[2 * SOME];

    if (!tg_is_complex(spec->dtype)) {
        moments->variances(spec, nkept, partial, ddof, first, n, out);
        return;
    }
    moments->variances(&parts, 2 * nkept, partial, ddof, 2 * first, 2 * n, pairs);
    for (int64_t k = 0; k < n; k++)
        out[k] = pairs[2 * k] + pairs[2 * k + 1];
}

TG_CLONES static void take_roots(int64_t n, double *x)
{
    for (int64_t k = 0; k < n; k++)
        x[k] = sqrt(x[k]);
}

static void deviations_of(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                          int64_t first, int64_t n, double *out)
{
    variances_of(spec, nkept, partial, first, n, out);
    take_roots(n, out);
}

static tg_status var_finalize(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                              tg_dtype out_dtype, void *out)
{
    return finalize(spec, nkept, partial, out_dtype, out, variances_of);
}

static tg_status std_finalize(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                              tg_dtype out_dtype, void *out)
{
    return finalize(spec, nkept, partial, out_dtype, out, deviations_of);
}

const tg_reducer tg_reducer_mean = {
    .name = "mean",
    .partial_size = mean_size,
    .chunk = mean_chunk,
    .combine = mean_combine,
    .finalize = mean_finalize,
    .result = mean_result,
    .empty_ok = true,
    .complex_ok = true,
    .wider = &tg_reducer_var,
    .by_tiles = true,
};

const tg_reducer tg_reducer_var = {
    .name = "var",
    .partial_size = var_size,
    .chunk = var_chunk,
    .combine = var_combine,
    .finalize = var_finalize,
    .result = var_result,
    .empty_ok = true,
    .complex_ok = true,
    .by_tiles = true,
};

const tg_reducer tg_reducer_std = {
    .name = "std",
    .partial_size = var_size,
    .chunk = var_chunk,
    .combine = var_combine,
    .finalize = std_finalize,
    .result = var_result,
    .empty_ok = true,
    .complex_ok = true,
    .by_tiles = true,
};
