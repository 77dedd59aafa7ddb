/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Products of matrices. Floats go to OpenBLAS, one thread for each call, so that the bits do not
 * hang on the number of threads; always to gemm, which packs its operands and so does not see how
 * they are aligned. The bits do hang on the kernels that OpenBLAS picks for the CPU. Integers are
 * multiplied row by row, which the compiler vectorises.
 */
#include "kernel/product.h"

#include <cblas.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "kernel/types.h"

typedef void product_function(int64_t m, int64_t n, int64_t k, const void *a, const void *b,
                              void *c);

#define INTEGERS(name, dtype, type, wide)                                                          \
    static void product_##name(int64_t m, int64_t n, int64_t k, const void *a, const void *b,      \
                               void *c)                                                            \
    {                                                                                              \
        for (int64_t i = 0; i < m; i++) {                                                          \
            type *row = (type *)c + i * n;                                                         \
                                                                                                   \
            for (int64_t l = 0; l < k; l++) {                                                      \
                const type *y = (const type *)b + l * n;                                           \
                wide x = (wide)((const type *)a)[i * k + l];                                       \
                                                                                                   \
                for (int64_t j = 0; j < n; j++) {                                                  \
                    wide sum = (wide)row[j], factor = (wide)y[j];                                  \
                                                                                                   \
                    row[j] = (type)(sum + x * factor);                                             \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
TG_EACH_INTEGER(INTEGERS)

static void product_bool8(int64_t m, int64_t n, int64_t k, const void *a, const void *b, void *c)
{
    for (int64_t i = 0; i < m; i++) {
        uint8_t *row = (uint8_t *)c + i * n;

        for (int64_t l = 0; l < k; l++) {
            const uint8_t *y = (const uint8_t *)b + l * n;
            uint8_t x = ((const uint8_t *)a)[i * k + l];

            for (int64_t j = 0; j < n; j++)
                row[j] |= (uint8_t)(x & y[j]);
        }
    }
}

#define BLAS(name, type, gemm, one, zero)                                                          \
    static void product_##name(int64_t m, int64_t n, int64_t k, const void *a, const void *b,      \
                               void *c)                                                            \
    {                                                                                              \
        gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, one,   \
             a, (blasint)k, b, (blasint)n, zero, c, (blasint)n);                                   \
    }
BLAS(float32, float, cblas_sgemm, 1, 0)
BLAS(float64, double, cblas_dgemm, 1, 0)
BLAS(complex64, float, cblas_cgemm, ((const float[]){1, 0}), ((const float[]){0, 0}))
BLAS(complex128, double, cblas_zgemm, ((const double[]){1, 0}), ((const double[]){0, 0}))

#define ROW(name, dtype, ...) [dtype] = product_##name,
static product_function *const products[TG_NDTYPES] = {TG_EACH_BOOL(ROW) TG_EACH_NUMBER(ROW)
                                                           TG_EACH_COMPLEX(ROW)};

tg_status tg_blas_prepare(void)
{
    tg_status status = TG_OK;

    TG_NEED(openblas_get_parallel() != OPENBLAS_SEQUENTIAL, TG_EARG,
            "the OpenBLAS that is loaded is its serial flavour, which has no locks for our "
            "threads: install libopenblas0-pthread");
    if (openblas_get_num_threads() != 1)
        openblas_set_num_threads(1);
out:
    return status;
}

tg_status tg_matrix_product(tg_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a,
                            const void *b, void *c)
{
    tg_status status = TG_OK;

    if (m == 0 || n == 0)
        return TG_OK;
    TG_NEED(m <= INT_MAX && n <= INT_MAX && k <= INT_MAX, TG_EARG,
            "a product of blocks of %" PRId64 " x %" PRId64 " and %" PRId64 " x %" PRId64
            " elements: no length can be above %d; use smaller chunks",
            m, k, k, n, INT_MAX);
    if (dtype >= TG_FLOAT32)
        TG_TRY(tg_blas_prepare());
    memset(c, 0, (size_t)(m * n) * tg_dtype_size(dtype));
    if (k > 0)
        products[dtype](m, n, k, a, b, c);
out:
    return status;
}
