/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Arrays from nothing: constants, ranges, grids. `chunks` is as in tg_open_options, NULL: the
 * library's choice. Arrays of one value take no memory and operators on them are done on the value:
 * tg_sum of ones is a product.
 */
#ifndef TEGULA_CREATE_H
#define TEGULA_CREATE_H

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Constants. Call: lazy, local. Errors: TG_EARG for a shape or chunks that cannot be. */

tg_array *tg_zeros(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape, const char *chunks);
tg_array *tg_ones(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape, const char *chunks);
/** numpy.empty: zeros here. */
tg_array *tg_empty(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape, const char *chunks);
/** `value` broadcast to a shape; a Python number is int64 or float64. numpy.full. */
tg_array *tg_full(tg_array *value, int ndim, const int64_t *shape, const char *chunks);
/** `value`, converted, in shape and chunks of `a`. numpy.full_like, zeros_like, ... */
tg_array *tg_full_like(const tg_array *a, tg_array *value, tg_dtype dtype, const char *chunks);

/* Ranges: elements are computed from their places, NumPy's to the bit. */

/** numpy.arange of integers, converted to `dtype`. Errors: TG_EARG for step 0. */
tg_array *tg_arange(tg_ctx *ctx, int64_t start, int64_t stop, int64_t step, tg_dtype dtype,
                    const char *chunks);
/** numpy.arange of floats: start + i * delta, delta = (start + step) - start. */
tg_array *tg_arange_float(tg_ctx *ctx, double start, double stop, double step, tg_dtype dtype,
                          const char *chunks);
/** numpy.linspace; *step, if not NULL, is the distance of two elements. */
tg_array *tg_linspace(tg_ctx *ctx, double start, double stop, int64_t num, bool endpoint,
                      tg_dtype dtype, const char *chunks, double *step);

/** The same between arrays, broadcast, along a new axis. dtype NULL: float64, or that of floats and
 * complex numbers; of an integer one the elements are rounded down. *step, if not NULL, is that of
 * each pair of ends. */
tg_array *tg_linspace_between(tg_array *start, tg_array *stop, int64_t num, bool endpoint, int axis,
                              const tg_dtype *dtype, tg_array **step);

/* Matrices and grids. */

/** numpy.eye: ones where column - row is k. */
tg_array *tg_eye(tg_ctx *ctx, int64_t rows, int64_t columns, int64_t k, tg_dtype dtype,
                 const char *chunks);
/** numpy.tri: ones where column - row is at most k. */
tg_array *tg_tri(tg_ctx *ctx, int64_t rows, int64_t columns, int64_t k, tg_dtype dtype,
                 const char *chunks);
tg_array *tg_tril(tg_array *a, int64_t k); /* numpy.tril, of the last two axes */
tg_array *tg_triu(tg_array *a, int64_t k); /* numpy.triu */
/** numpy.diag: the matrix with `a` (1-d) on its k-th diagonal, or that diagonal of `a` (2-d). */
tg_array *tg_diag(tg_array *a, int64_t k);
/** numpy.diagonal: two axes become one, the last. */
tg_array *tg_diagonal(tg_array *a, int64_t offset, int axis1, int axis2);
/** numpy.indices: [ndim, shape...], int64. */
tg_array *tg_indices(tg_ctx *ctx, int ndim, const int64_t *shape, tg_dtype dtype,
                     const char *chunks);
/** numpy.meshgrid of `count` arrays, which are raveled: out[i]. `xy`: the first two axes are
 * swapped; `sparse`: axes of length 1 instead of broadcasting. */
TG_MUST_CHECK tg_status tg_meshgrid(tg_array *const *arrays, int count, bool xy, bool sparse,
                                    tg_array **out);

#ifdef __cplusplus
}
#endif

#endif
