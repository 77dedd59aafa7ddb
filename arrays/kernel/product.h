/* SPDX-License-Identifier: BSD-3-Clause */
/** Products of matrices in one block of memory. */
#ifndef TG_KERNEL_PRODUCT_H
#define TG_KERNEL_PRODUCT_H

#include <tegula/array.h>
#include <tegula/task.h>

/** Matrices of m x k and k x n; the transposed ones are stored as k x m and n x k. */
typedef struct tg_matrices {
    int64_t m, n, k;
    bool left_transposed, right_transposed; /* floats only */
} tg_matrices;

/**
 * c = a b in C order, of one dtype: by BLAS for floats, by loops for integers, which wrap, and
 * bool. k 0 gives zeros.
 * Call:   local, inside a task.
 * Errors: TG_EARG for lengths that BLAS cannot; what tg_blas_get says.
 */
TG_MUST_CHECK tg_status tg_matrix_product(tg_dtype dtype, const tg_matrices *x, const void *a,
                                          const void *b, void *c, tg_task *task);

#endif
