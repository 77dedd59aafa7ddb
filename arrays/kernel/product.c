/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Products of matrices. Floats go to OpenBLAS, one thread for each call, so that the bits do not
 * hang on the number of threads; always to gemm, which packs its operands and so does not see how
 * they are aligned. The bits do hang on the kernels that OpenBLAS picks for the CPU. Integers are
 * multiplied row by row, which the compiler vectorises.
 */
#include "kernel/product.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "kernel/blas.h"
#include "kernel/types.h"

typedef void product_function(const tg_blas *blas, const tg_matrices *x, const void *a,
                              const void *b, void *c);

#define INTEGERS(name, dtype, type, wide)                                                          \
    static void product_##name(const tg_blas *blas, const tg_matrices *x, const void *a,           \
                               const void *b, void *c)                                             \
    {                                                                                              \
        const int64_t m = x->m, n = x->n, k = x->k;                                                \
                                                                                                   \
        (void)blas;                                                                                \
        for (int64_t i = 0; i < m; i++) {                                                          \
            type *row = (type *)c + i * n;                                                         \
                                                                                                   \
            for (int64_t l = 0; l < k; l++) {                                                      \
                const type *y = (const type *)b + l * n;                                           \
                wide value = (wide)((const type *)a)[i * k + l];                                   \
                                                                                                   \
                for (int64_t j = 0; j < n; j++) {                                                  \
                    wide sum = (wide)row[j], factor = (wide)y[j];                                  \
                                                                                                   \
                    row[j] = (type)(sum + value * factor);                                         \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
TG_EACH_INTEGER(INTEGERS)

static void product_bool8(const tg_blas *blas, const tg_matrices *x, const void *a, const void *b,
                          void *c)
{
    const int64_t m = x->m, n = x->n, k = x->k;

    (void)blas;
    for (int64_t i = 0; i < m; i++) {
        uint8_t *row = (uint8_t *)c + i * n;

        for (int64_t l = 0; l < k; l++) {
            const uint8_t *y = (const uint8_t *)b + l * n;
            uint8_t value = ((const uint8_t *)a)[i * k + l];

            for (int64_t j = 0; j < n; j++)
                row[j] |= (uint8_t)(value & y[j]);
        }
    }
}

/* Matrices that are stored transposed are told to BLAS so. */
#define BLAS(name, type, gemm, one, zero)                                                          \
    static void product_##name(const tg_blas *blas, const tg_matrices *x, const void *a,           \
                               const void *b, void *c)                                             \
    {                                                                                              \
        const blasint m = (blasint)x->m, n = (blasint)x->n, k = (blasint)x->k;                     \
                                                                                                   \
        blas->gemm(CblasRowMajor, x->left_transposed ? CblasTrans : CblasNoTrans,                  \
                   x->right_transposed ? CblasTrans : CblasNoTrans, m, n, k, one, a,               \
                   x->left_transposed ? m : k, b, x->right_transposed ? k : n, zero, c, n);        \
    }
BLAS(float32, float, sgemm, 1, 0)
BLAS(float64, double, dgemm, 1, 0)
BLAS(complex64, float, cgemm, ((const float[]){1, 0}), ((const float[]){0, 0}))
BLAS(complex128, double, zgemm, ((const double[]){1, 0}), ((const double[]){0, 0}))

#define ROW(name, dtype, ...) [dtype] = product_##name,
static product_function *const products[TG_NDTYPES] = {TG_EACH_BOOL(ROW) TG_EACH_NUMBER(ROW)
                                                           TG_EACH_COMPLEX(ROW)};

tg_status tg_matrix_product(tg_dtype dtype, const tg_matrices *x, const void *a, const void *b,
                            void *c, tg_task *task)
{
    tg_status status = TG_OK;
    const tg_blas *blas = NULL;

    if (x->m == 0 || x->n == 0)
        return TG_OK;
    TG_NEED(x->m <= INT_MAX && x->n <= INT_MAX && x->k <= INT_MAX, TG_EARG,
            "a product of blocks of %" PRId64 " x %" PRId64 " and %" PRId64 " x %" PRId64
            " elements: no length can be above %d; use smaller chunks",
            x->m, x->k, x->k, x->n, INT_MAX);
    if (dtype >= TG_FLOAT32)
        TG_TRY(tg_blas_get(task, &blas));
    if (!blas || x->k == 0) /* BLAS writes without reading */
        memset(c, 0, (size_t)(x->m * x->n) * tg_dtype_size(dtype));
    if (x->k > 0)
        products[dtype](blas, x, a, b, c);
out:
    return status;
}
