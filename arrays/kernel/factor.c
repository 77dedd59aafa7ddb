/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * QR and singular values of one matrix, by the LAPACK in OpenBLAS. Its columns are our rows: it has
 * the transposed matrix, of which it makes l q (r is l transposed, q is q transposed), and whose u
 * and vh are ours, transposed and exchanged. So nothing is copied over.
 */
#include "kernel/factor.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "kernel/blas.h"
#include "kernel/types.h"

enum { BLOCK = 64 }; /* columns that LAPACK works on at a time, at most */

tg_status tg_factor_qr(tg_dtype dtype, int64_t m, int64_t n, void *a, void *q, void *r,
                       tg_task *task)
{
    tg_status status = TG_OK;
    const tg_blas *blas = NULL;
    int64_t k = m < n ? m : n;
    size_t size = tg_dtype_size(dtype);
    int columns = (int)n, rows = (int)m, rank = (int)k, info = 0, lwork = columns * BLOCK;
    char *tau = NULL, *work = NULL;

    memset(q, 0, (size_t)(m * n) * size);
    memset(r, 0, (size_t)(n * n) * size);
    if (k == 0)
        return TG_OK;
    TG_NEED(m <= INT_MAX && n <= INT_MAX / BLOCK, TG_EARG,
            "QR of a block of %" PRId64 " x %" PRId64 " elements: too long", m, n);
    TG_TRY(tg_blas_get(task, &blas));
    tau = tg_task_scratch(task, (size_t)k * size);
    work = tg_task_scratch(task, (size_t)lwork * size);
    TG_NEED(tau && work, TG_ENOMEM, "QR of a block of %" PRId64 " x %" PRId64, m, n);
    blas->lq[dtype](&columns, &rows, a, &columns, tau, work, &lwork, &info);
    TG_NEED(info == 0, TG_EARG, "QR failed: LAPACK says %d", info);
    for (int64_t i = 0; i < k; i++)
        memcpy((char *)r + (size_t)(i * n + i) * size, (char *)a + (size_t)(i * n + i) * size,
               (size_t)(n - i) * size);
    blas->generate[dtype](&rank, &rows, &rank, a, &columns, tau, work, &lwork, &info);
    TG_NEED(info == 0, TG_EARG, "QR failed: LAPACK says %d", info);
    for (int64_t i = 0; i < m; i++)
        memcpy((char *)q + (size_t)(i * n) * size, (char *)a + (size_t)(i * n) * size,
               (size_t)k * size);
out:
    return status;
}

tg_status tg_factor_svd(tg_dtype dtype, int64_t n, void *a, void *u, void *s, void *vh,
                        tg_task *task)
{
    tg_status status = TG_OK;
    const tg_blas *blas = NULL;
    size_t size = tg_dtype_size(dtype), need = (size_t)(n * n * 7 + n * (BLOCK * 4 + 16));
    int order = (int)n, info = 0, lwork = (int)need, *integers = NULL;
    char *work = NULL, *reals = NULL;

    if (n == 0)
        return TG_OK;
    TG_NEED(need <= INT_MAX, TG_EARG, "singular values of %" PRId64 " columns: too many", n);
    TG_TRY(tg_blas_get(task, &blas));
    work = tg_task_scratch(task, need * size);
    reals = tg_task_scratch(task, need * size);
    integers = tg_task_scratch(task, (size_t)(8 * n) * sizeof *integers);
    TG_NEED(work && reals && integers, TG_ENOMEM, "singular values of %" PRId64 " columns", n);
    if (dtype >= TG_COMPLEX64)
        blas->complex_svd[dtype]("S", &order, &order, a, &order, s, vh, &order, u, &order, work,
                                 &lwork, reals, integers, &info, 1);
    else
        blas->svd[dtype]("S", &order, &order, a, &order, s, vh, &order, u, &order, work, &lwork,
                         integers, &info, 1);
    TG_NEED(info == 0, TG_EARG, "SVD did not converge: LAPACK says %d", info);
out:
    return status;
}
