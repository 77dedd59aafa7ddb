/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * OpenBLAS, loaded when the first matrix is multiplied: on its own it would start a thread for each
 * core in every program.
 */
#ifndef TG_KERNEL_BLAS_H
#define TG_KERNEL_BLAS_H

#include <cblas.h>
#include <tegula/array.h>
#include <tegula/task.h>

typedef void tg_lapack_lq(const int *m, const int *n, void *a, const int *lda, void *tau,
                          void *work, const int *lwork, int *info);
typedef void tg_lapack_generate(const int *m, const int *n, const int *k, void *a, const int *lda,
                                const void *tau, void *work, const int *lwork, int *info);
typedef void tg_lapack_svd(const char *job, const int *m, const int *n, void *a, const int *lda,
                           void *s, void *u, const int *ldu, void *vt, const int *ldvt, void *work,
                           const int *lwork, int *iwork, int *info, size_t job_length);
typedef void tg_lapack_complex_svd(const char *job, const int *m, const int *n, void *a,
                                   const int *lda, void *s, void *u, const int *ldu, void *vt,
                                   const int *ldvt, void *work, const int *lwork, void *rwork,
                                   int *iwork, int *info, size_t job_length);

/** What we call of it. LAPACK's by dtype. */
typedef struct tg_blas {
    void *library; /* of dlopen */
    __typeof__(cblas_sgemm) *sgemm;
    __typeof__(cblas_dgemm) *dgemm;
    __typeof__(cblas_cgemm) *cgemm;
    __typeof__(cblas_zgemm) *zgemm;
    tg_lapack_lq *lq[TG_NDTYPES];
    tg_lapack_generate *generate[TG_NDTYPES];
    tg_lapack_svd *svd[TG_NDTYPES];
    tg_lapack_complex_svd *complex_svd[TG_NDTYPES];
} tg_blas;

/**
 * The rank's OpenBLAS, one thread a call.
 *
 * Call:    local, inside a task.
 * Errors:  TG_EARG where it is not there, or of a flavour that has no locks for our threads.
 */
TG_MUST_CHECK tg_status tg_blas_get(tg_task *task, const tg_blas **out);

#endif
