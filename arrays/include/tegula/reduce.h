/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Reductions and what is counted, beside those in array.h: NumPy's operators of these names.
 *
 * Call:    lazy, local, where nothing else is said.
 * Shape:   the axes in `axes` removed (kept as 1 with TG_KEEPDIMS).
 * Errors:  TG_EARG for an axis out of range or given twice; kept in the node.
 * Source:  numpy's function of the same name.
 * Tests:   tests/arrays/expr/test_reductions.py
 */
#ifndef TEGULA_REDUCE_H
#define TEGULA_REDUCE_H

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Product. Dtype: as tg_sum. */
tg_array *tg_prod(tg_array *a, tg_axes axes);
/** Largest less smallest. */
tg_array *tg_ptp(tg_array *a, tg_axes axes);
/** Whether any, all elements are not zero: bool; of none false and true. */
tg_array *tg_any(tg_array *a, tg_axes axes);
tg_array *tg_all(tg_array *a, tg_axes axes);
/** How many elements are not zero: int64. */
tg_array *tg_count_nonzero(tg_array *a, tg_axes axes);
/**
 * Index in C order over the reduced axes of the smallest and largest element: the first of equals;
 * the first NaN if there is one. Dtype: int64. Errors: TG_EARG for a reduced axis of length 0.
 */
tg_array *tg_argmin(tg_array *a, tg_axes axes);
tg_array *tg_argmax(tg_array *a, tg_axes axes);

/** As the functions without nan-, of the elements that are no NaN. Of none: 0, 1, else NaN; of
 * nanargmin and nanargmax TG_EARG when computed. nanvar takes two passes. */
tg_array *tg_nansum(tg_array *a, tg_axes axes);
tg_array *tg_nanprod(tg_array *a, tg_axes axes);
tg_array *tg_nanmean(tg_array *a, tg_axes axes);
tg_array *tg_nanvar(tg_array *a, tg_axes axes, double ddof);
tg_array *tg_nanstd(tg_array *a, tg_axes axes, double ddof);
tg_array *tg_nanmin(tg_array *a, tg_axes axes);
tg_array *tg_nanmax(tg_array *a, tg_axes axes);
tg_array *tg_nanargmin(tg_array *a, tg_axes axes);
tg_array *tg_nanargmax(tg_array *a, tg_axes axes);

/** Of the elements for which `where`, broadcast to a's shape, is true: NumPy's where=. Of none NaN.
 * tg_var_where: NULL stands for all; about `mean`, broadcast to a's shape, if it is not NULL.
 * tg_nanvar_where: of those that are no NaN; NaN where ddof leaves none. */
tg_array *tg_mean_where(tg_array *a, tg_axes axes, tg_array *where);
tg_array *tg_var_where(tg_array *a, tg_axes axes, double ddof, tg_array *where, tg_array *mean);
tg_array *tg_nanvar_where(tg_array *a, tg_axes axes, double ddof, tg_array *where, tg_array *mean);

/**
 * Mean with weights of a's shape, or of one axis for reducing that axis; NULL: the mean.
 * *weight, if not NULL, gets the sum of the weights. A sum of 0 gives NaN or inf.
 */
tg_array *tg_average(tg_array *a, tg_axes axes, tg_array *weights, tg_array **weight);

/** Norm of vectors along axes: sum(|x|**order)**(1/order); INFINITY and -INFINITY: the largest and
 * smallest |x|; 0: how many are not 0. Dtype: float64 of integers. numpy.linalg.norm. */
tg_array *tg_norm(tg_array *a, double order, tg_axes axes);
/** Norm of matrices along two axes: order 1, -1, INFINITY, -INFINITY. numpy.linalg.norm. */
tg_array *tg_matrix_norm(tg_array *a, double order, tg_axes axes);

/** Covariances of the rows (variables) of a [n, m] -> [n, n], divided by m - ddof. float64, of
 * complex numbers complex128 (of no variables float64, as NumPy has it). */
tg_array *tg_cov(tg_array *a, double ddof);
/** The same with numbers for each of the m samples: how often it was seen and how important it is
 * (fweights, aweights of numpy.cov; either NULL), computed in a float or complex dtype. */
tg_array *tg_cov_weighted(tg_array *a, double ddof, const double *frequency,
                          const double *importance, tg_dtype dtype);
/** Correlations of the rows of a, or of covariances. */
tg_array *tg_corrcoef(tg_array *a);
tg_array *tg_corrcoef_of_cov(tg_array *cov);

/**
 * Of each element the sum, the product of those up to it along an axis.
 *
 * Shape:   as a. Dtype: as tg_sum; floats accumulated in float64.
 * Cost:    two passes where the axis has several chunks; bits hang on the chunks alone.
 */
tg_array *tg_cumsum(tg_array *a, int axis);
tg_array *tg_cumprod(tg_array *a, int axis);
/** The same with NaN taken as 0, 1. */
tg_array *tg_nancumsum(tg_array *a, int axis);
tg_array *tg_nancumprod(tg_array *a, int axis);

/**
 * The middle element, or the mean of the middle two; NaN where there is one, or with skip_nan
 * (numpy.nanmedian) of the others.
 *
 * Dtype:   float64; of float32 float32. Of no elements NaN.
 * Cost:    the reduced axes become one chunk; linear in its elements.
 */
tg_array *tg_median(tg_array *a, tg_axes axes, bool skip_nan);
/**
 * `count` quantiles in [0, 1], linearly interpolated, as a new first axis. numpy.quantile,
 * numpy.nanquantile. Dtype, Cost: as tg_median. Errors: TG_EARG for a q out of range.
 */
tg_array *tg_quantile(tg_array *a, const double *q, int64_t count, tg_axes axes, bool skip_nan);

/** How a quantile between two elements is found: NumPy's methods, Hyndman and Fan's (1996) first */
typedef enum tg_quantile_method {
    TG_QUANTILE_LINEAR,
    TG_QUANTILE_INVERTED_CDF,
    TG_QUANTILE_AVERAGED_INVERTED_CDF,
    TG_QUANTILE_CLOSEST_OBSERVATION,
    TG_QUANTILE_INTERPOLATED_INVERTED_CDF,
    TG_QUANTILE_HAZEN,
    TG_QUANTILE_WEIBULL,
    TG_QUANTILE_MEDIAN_UNBIASED,
    TG_QUANTILE_NORMAL_UNBIASED,
    TG_QUANTILE_LOWER,
    TG_QUANTILE_HIGHER,
    TG_QUANTILE_MIDPOINT,
    TG_QUANTILE_NEAREST,
    TG_NQUANTILE_METHODS
} tg_quantile_method;

/** NumPy's name of a method -> the method. Errors: TG_EARG with the names that there are. */
TG_MUST_CHECK tg_status tg_quantile_method_parse(const char *name, tg_quantile_method *out);

/** Whether a method picks an element, and puts nothing between two. */
bool tg_quantile_picks(tg_quantile_method method);

/** tg_quantile by a method. Those that pick an element keep a's dtype. */
tg_array *tg_quantile_by(tg_array *a, const double *q, int64_t count, tg_axes axes, bool skip_nan,
                         tg_quantile_method method);

/**
 * The elements along an axis sorted, NaN last, complex numbers by real, then imaginary part.
 * tg_argsort: their indices; equal elements keep their order (NumPy's kind="stable").
 *
 * Cost:    the axis becomes one chunk; each of its lines is sorted by merging.
 * Source:  numpy.sort, numpy.argsort.
 */
tg_array *tg_sort(tg_array *a, int axis);
tg_array *tg_argsort(tg_array *a, int axis);

/**
 * The k largest elements along an axis, the largest first; k < 0: the smallest, the smallest first.
 * NaN is the largest. tg_argtopk: their indices. dask.array.topk, argtopk.
 *
 * Shape:   the axis gets |k| elements, or as many as it has.
 * Cost:    the axis becomes one chunk and is sorted.
 */
tg_array *tg_topk(tg_array *a, int64_t k, int axis);
tg_array *tg_argtopk(tg_array *a, int64_t k, int axis);

/**
 * How many elements lie in [edges[i], edges[i + 1]), the last edge included; others are left out.
 * With weights of a's shape their sums. Complex numbers are ordered as they are sorted. Call: edges
 * are computed (blocking, rank 0). Shape: [edges - 1]. Dtype: int64; that of the weights. Errors:
 * TG_EARG for edges that fall, fewer than 2.
 */
tg_array *tg_histogram(tg_array *a, tg_array *edges, tg_array *weights);
/**
 * The bins + 1 edges of equal bins over range[0..1], or NULL: from smallest to largest element.
 *
 * Call:    blocking (rank 0) where range is NULL: computes both.
 * Dtype:   float64 for integers; floats and complex numbers as a.
 * Errors:  TG_EARG for no bins, a range that is not finite or falls.
 */
tg_array *tg_histogram_edges(tg_array *a, int64_t bins, const double *range);
/** How often each integer from 0 on is there, or the sums of their weights (NULL: none). Call:
 * blocking (rank 0): the shape hangs on the largest. Errors: TG_EARG for negative elements. */
tg_array *tg_bincount(tg_array *x, tg_array *weights, int64_t minlength);
/** The bin of each element: bins[i - 1] <= x < bins[i], with `right` bins[i - 1] < x <= bins[i].
 * bins may fall. Call: bins are computed (blocking, rank 0). Errors: TG_EARG for bins that do
 * both. */
tg_array *tg_digitize(tg_array *x, tg_array *bins, bool right);
/** What numpy.unique says beside the distinct elements, int64 each. */
typedef struct tg_unique_parts {
    tg_array *first;   /* index of the first of each */
    tg_array *inverse; /* of each element (part along the axis) which distinct one it is; lazy */
    tg_array *counts;  /* how often each is there */
} tg_unique_parts;

/**
 * The distinct elements, sorted, NaN once and last (each on its own without equal_nan); with an
 * axis the distinct parts along it, sorted by their elements in C order, of which those with a NaN
 * are all distinct. Complex numbers are sorted by real, then imaginary part.
 *
 * Call:    blocking (rank 0): the shape hangs on them. They have to fit into its memory.
 * Shape:   [distinct]; with an axis as a, that axis as long as there are distinct parts.
 * Source:  numpy.unique.
 */
tg_array *tg_unique_along(tg_array *a, const int *axis, bool equal_nan, tg_unique_parts *parts);
/** The same of all elements, NaN once; *counts, if not NULL, says how often each is there. */
tg_array *tg_unique(tg_array *a, tg_array **counts);

#ifdef __cplusplus
}
#endif

#endif
