/* SPDX-License-Identifier: BSD-3-Clause */
/** Products of matrices in one block of memory. */
#ifndef TG_KERNEL_PRODUCT_H
#define TG_KERNEL_PRODUCT_H

#include <tegula/array.h>

/**
 * c = a b for matrices of m x k and k x n in C order, of one dtype: by BLAS for floats, by
 * loops for integers, which wrap, and bool. k 0 gives zeros.
 * Errors: TG_EARG for lengths that BLAS cannot.
 */
TG_MUST_CHECK tg_status tg_matrix_product(tg_dtype dtype, int64_t m, int64_t n, int64_t k,
                                          const void *a, const void *b, void *c);

/** OpenBLAS set to one thread for each call. Errors: TG_EARG for a flavour without locks. */
TG_MUST_CHECK tg_status tg_blas_prepare(void);

#endif
