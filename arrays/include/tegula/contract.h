/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Sums of products over axes: NumPy's operators of these names.
 *
 * Call:    lazy, local, all of them.
 * Dtype:   NumPy's promotion of the inputs; integers wrap, of bool the sum is "any".
 * Errors:  TG_EARG as NumPy's ValueError; kept in the node.
 * Cost:    each pair of blocks that meet is multiplied once, by OpenBLAS on one thread for floats;
 *          where contracted axes are cut, the products of blocks are added in C order of the cuts.
 *          The bits depend on the cuts, not on ranks or threads; they do depend on the kernels that
 *          OpenBLAS has for a CPU: its own choice or, where that is older than AVX2 and the CPU is
 *          not, SkylakeX or Haswell. OPENBLAS_CORETYPE=Haswell (and others) in the environment of
 *          all ranks fixes them.
 * Source:  the functions of these names in NumPy; dask.array.tensordot.
 * Tests:   tests/arrays/expr/test_contract.py
 */
#ifndef TEGULA_CONTRACT_H
#define TEGULA_CONTRACT_H

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/** numpy.matmul, a @ b: matrices in the last two axes, the others broadcast; 1-d are vectors. */
tg_array *tg_matmul(tg_array *a, tg_array *b);
/** The last axis of `a` with the last but one of `b` (numpy.dot); a number multiplies. */
tg_array *tg_dot(tg_array *a, tg_array *b);
/** Axis a_axes[i] of `a` with axis b_axes[i] of `b`; none: the outer product of all. */
tg_array *tg_tensordot(tg_array *a, tg_array *b, int count, const int *a_axes, const int *b_axes);
/** The last axes of both. */
tg_array *tg_inner(tg_array *a, tg_array *b);
/** All products of the raveled arrays. */
tg_array *tg_outer(tg_array *a, tg_array *b);
/** The sum of conj(a) * b over all elements of arrays of one size. */
tg_array *tg_vdot(tg_array *a, tg_array *b);

/** The sum over a diagonal of two axes: numpy.trace. Dtype: as tg_sum. */
tg_array *tg_trace(tg_array *a, int64_t offset, int axis1, int axis2);

/**
 * Einstein's sums, "ij,jk->ik", as numpy.einsum: without "->" the labels that occur once are the
 * result's, in alphabetical order; a label that an array has twice is its diagonal; "..." are axes
 * that broadcast. More than two arrays are contracted from the left.
 */
tg_array *tg_einsum(const char *subscripts, tg_array *const *arrays, int count);

/**
 * a = q r with orthonormal columns of q and r upper triangular: numpy.linalg.qr, reduced.
 *
 * Call:    lazy, local.
 * Shape:   [m, n] -> [m, k], [k, n] with k = min(m, n).
 * Dtype:   floats and complex stay, others become float64.
 * Errors:  TG_EARG for another number of axes; others are kept in the nodes.
 * Cost:    rows may be cut, in blocks not shorter than wide; columns are one block. Each block is
 *          factored on its own, then the r's of all, stacked, on one rank. Signs may differ from
 *          NumPy's where rows are cut.
 * Source:  numpy.linalg.qr; dask.array.linalg.tsqr.
 */
TG_MUST_CHECK tg_status tg_linalg_qr(tg_array *a, tg_array **q, tg_array **r);

/**
 * The same with q of [m, m] and r of [m, n]: mode "complete". tg_linalg_qr_raw: what LAPACK's geqrf
 * leaves, transposed [n, m], and the factors [k] of its reflections: mode "raw".
 *
 * Cost:    the matrix is one block.
 */
TG_MUST_CHECK tg_status tg_linalg_qr_complete(tg_array *a, tg_array **q, tg_array **r);
TG_MUST_CHECK tg_status tg_linalg_qr_raw(tg_array *a, tg_array **h, tg_array **tau);

/**
 * a = u diag(s) vh with s falling: numpy.linalg.svd with full_matrices=False.
 *
 * Call:    lazy, local.
 * Shape:   [m, n] -> [m, k], [k], [k, n] with k = min(m, n).
 * Cost:    tg_linalg_qr and the singular values of a matrix of k x k on one rank.
 * Source:  numpy.linalg.svd; dask.array.linalg.svd.
 */
TG_MUST_CHECK tg_status tg_linalg_svd(tg_array *a, tg_array **u, tg_array **s, tg_array **vh);
/** The same with u of [m, m] and vh of [n, n]: full_matrices=True. Cost: one block. */
TG_MUST_CHECK tg_status tg_linalg_svd_full(tg_array *a, tg_array **u, tg_array **s, tg_array **vh);

#ifdef __cplusplus
}
#endif

#endif
