/* SPDX-License-Identifier: BSD-3-Clause */
/** Factors of one matrix in memory, by LAPACK. */
#ifndef TG_KERNEL_FACTOR_H
#define TG_KERNEL_FACTOR_H

#include <tegula/array.h>

/**
 * a = q r, matrices in C order: a of m x n, which is overwritten, q of m x n and r of n x n; with k
 * = min(m, n), columns of q and rows of r from k on are 0. Floats and complex only.
 */
TG_MUST_CHECK tg_status tg_factor_qr(tg_dtype dtype, int64_t m, int64_t n, void *a, void *q,
                                     void *r, tg_task *task);

/** The same with q of m x m and r of m x n. */
TG_MUST_CHECK tg_status tg_factor_complete(tg_dtype dtype, int64_t m, int64_t n, void *a, void *q,
                                           void *r, tg_task *task);

/** What LAPACK's geqrf makes of a: r over the vectors of the reflections that make q, k factors of
 * which go to tau. */
TG_MUST_CHECK tg_status tg_factor_raw(tg_dtype dtype, int64_t m, int64_t n, void *a, void *tau,
                                      tg_task *task);

/** a = u diag(s) vh of n x n, a overwritten; s in the dtype of the parts, falling. */
TG_MUST_CHECK tg_status tg_factor_svd(tg_dtype dtype, int64_t n, void *a, void *u, void *s,
                                      void *vh, tg_task *task);

#endif
