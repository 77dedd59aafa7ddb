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

/* l q of the transposed matrix, l over the vectors that make q, whose factors go to tau. */
static tg_status reflect(const tg_blas *blas, tg_dtype dtype, int64_t m, int64_t n, void *a,
                         void *tau, tg_task *task)
{
    tg_status status = TG_OK;
    int columns = (int)n, rows = (int)m, info = 0, lwork = columns * BLOCK;
    void *work = tg_task_scratch(task, (size_t)lwork * tg_dtype_size(dtype));

    TG_NEED(work, TG_ENOMEM, "QR of a block of %" PRId64 " x %" PRId64, m, n);
    blas->lq[dtype](&columns, &rows, a, &columns, tau, work, &lwork, &info);
    TG_NEED(info == 0, TG_EARG, "QR failed: LAPACK says %d", info);
out:
    return status;
}

/* `rank` rows of q, each of m elements, from k vectors in a, whose rows are `width` long for us. */
static tg_status generate(const tg_blas *blas, tg_dtype dtype, int64_t m, int64_t rank, int64_t k,
                          int64_t width, void *a, const void *tau, tg_task *task)
{
    tg_status status = TG_OK;
    int order = (int)rank, rows = (int)m, vectors = (int)k, lda = (int)width, info = 0,
        lwork = order * BLOCK;
    void *work = tg_task_scratch(task, (size_t)lwork * tg_dtype_size(dtype));

    TG_NEED(work, TG_ENOMEM, "q of %" PRId64 " x %" PRId64, m, rank);
    blas->generate[dtype](&order, &rows, &vectors, a, &lda, tau, work, &lwork, &info);
    TG_NEED(info == 0, TG_EARG, "QR failed: LAPACK says %d", info);
out:
    return status;
}

static tg_status check_size(int64_t m, int64_t n)
{
    tg_status status = TG_OK;

    TG_NEED(m <= INT_MAX / BLOCK && n <= INT_MAX / BLOCK, TG_EARG,
            "QR of a block of %" PRId64 " x %" PRId64 " elements: too long", m, n);
out:
    return status;
}

/* The upper triangle of k rows. */
static void copy_triangle(size_t size, int64_t k, int64_t n, const void *a, void *r)
{
    for (int64_t i = 0; i < k; i++)
        memcpy((char *)r + (size_t)(i * n + i) * size, (const char *)a + (size_t)(i * n + i) * size,
               (size_t)(n - i) * size);
}

/* Elements of rows, one row beside another in memory of other widths. */
static void copy_rows(size_t size, int64_t m, int64_t columns, const void *from, int64_t from_width,
                      void *to, int64_t to_width)
{
    for (int64_t i = 0; i < m; i++)
        memcpy((char *)to + (size_t)(i * to_width) * size,
               (const char *)from + (size_t)(i * from_width) * size, (size_t)columns * size);
}

tg_status tg_factor_qr(tg_dtype dtype, int64_t m, int64_t n, void *a, void *q, void *r,
                       tg_task *task)
{
    tg_status status = TG_OK;
    const tg_blas *blas = NULL;
    int64_t k = m < n ? m : n;
    size_t size = tg_dtype_size(dtype);
    void *tau = NULL;

    memset(q, 0, (size_t)(m * n) * size);
    memset(r, 0, (size_t)(n * n) * size);
    if (k == 0)
        return TG_OK;
    TG_TRY(check_size(m, n));
    TG_TRY(tg_blas_get(task, &blas));
    tau = tg_task_scratch(task, (size_t)k * size);
    TG_NEED(tau, TG_ENOMEM, "QR of a block of %" PRId64 " x %" PRId64, m, n);
    TG_TRY(reflect(blas, dtype, m, n, a, tau, task));
    copy_triangle(size, k, n, a, r);
    TG_TRY(generate(blas, dtype, m, k, k, n, a, tau, task));
    copy_rows(size, m, k, a, n, q, n);
out:
    return status;
}

/* NumPy's factors are those of the matrix itself: conjugated. */
static void conjugate(tg_dtype dtype, int64_t k, void *tau)
{
    for (int64_t i = 0; i < k; i++)
        if (dtype == TG_COMPLEX64)
            ((tg_complex64 *)tau)[i].im *= -1;
        else if (dtype == TG_COMPLEX128)
            ((tg_complex128 *)tau)[i].im *= -1;
}

tg_status tg_factor_raw(tg_dtype dtype, int64_t m, int64_t n, void *a, void *tau, tg_task *task)
{
    tg_status status = TG_OK;
    const tg_blas *blas = NULL;

    if (m == 0 || n == 0)
        return TG_OK;
    TG_TRY(check_size(m, n));
    TG_TRY(tg_blas_get(task, &blas));
    TG_TRY(reflect(blas, dtype, m, n, a, tau, task));
    conjugate(dtype, m < n ? m : n, tau);
out:
    return status;
}

tg_status tg_factor_complete(tg_dtype dtype, int64_t m, int64_t n, void *a, void *q, void *r,
                             tg_task *task)
{
    tg_status status = TG_OK;
    const tg_blas *blas = NULL;
    int64_t k = m < n ? m : n;
    size_t size = tg_dtype_size(dtype);
    void *tau = tg_task_scratch(task, (size_t)k * size + 1);

    TG_NEED(tau, TG_ENOMEM, "QR of a block of %" PRId64 " x %" PRId64, m, n);
    memset(q, 0, (size_t)(m * m) * size);
    memset(r, 0, (size_t)(m * n) * size);
    if (m == 0)
        return TG_OK;
    TG_TRY(check_size(m, n));
    TG_TRY(tg_blas_get(task, &blas));
    if (k > 0)
        TG_TRY(reflect(blas, dtype, m, n, a, tau, task));
    copy_triangle(size, k, n, a, r);
    copy_rows(size, m, k, a, n, q, m);
    TG_TRY(generate(blas, dtype, m, m, k, m, q, tau, task));
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
