/* SPDX-License-Identifier: BSD-3-Clause */
/* Loops by hand: vectorised, blocked for the cache where memory is not passed over in its order. */
#include <cblas.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench_arrays/case.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&       \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONES
#endif

enum { LANES = 8, COLUMNS = 256, TILE = 64 };

CLONES double loop_muladd(const bench_case *which, const void *const *x, void *out, int64_t from,
                          int64_t to)
{
    const double *a = x[0], *b = x[1], *c = x[2];
    double sum[LANES] = {0}, all = 0;

    (void)which, (void)out;
    for (int64_t i = from; i + LANES <= to; i += LANES)
        for (int l = 0; l < LANES; l++)
            sum[l] += a[i + l] * b[i + l] + c[i + l];
    for (int l = 0; l < LANES; l++)
        all += sum[l];
    return all;
}

double loop_sincos(const bench_case *which, const void *const *x, void *out, int64_t from,
                   int64_t to)
{
    const double *a = x[0];
    double sum = 0;

    (void)which, (void)out;
    for (int64_t i = from; i < to; i++) {
        double s = sin(a[i]), c = cos(a[i]);

        sum += s * s + c * c;
    }
    return sum;
}

/* Elements before, along and behind the axis. */
static void split(const bench_case *which, int64_t *outer, int64_t *n, int64_t *inner)
{
    *outer = *inner = 1;
    *n = which->shape[which->axis];
    for (int d = 0; d < which->ndim; d++)
        *(d < which->axis ? outer : inner) *= d == which->axis ? 1 : which->shape[d];
}

static double root_int16(int64_t n, int64_t sum, int64_t squares)
{
    double count = (double)n;

    return sqrt((double)(n * squares - sum * sum)) / count;
}

CLONES static void row_int16(int64_t n, const int16_t *x, double *out)
{
    int64_t sum = 0, squares = 0;

    for (int64_t i = 0; i < n; i++) {
        sum += x[i];
        squares += (int32_t)x[i] * x[i];
    }
    *out = root_int16(n, sum, squares);
}

CLONES static void columns_int16(int64_t n, int64_t step, int64_t width, const int16_t *x,
                                 double *out)
{
    int32_t sum[COLUMNS] = {0};
    int64_t squares[COLUMNS] = {0};

    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < width; k++) {
            int32_t value = x[i * step + k];

            sum[k] += value;
            squares[k] += value * value;
        }
    for (int64_t k = 0; k < width; k++)
        out[k] = root_int16(n, sum[k], squares[k]);
}

CLONES static void row_float32(int64_t n, const float *x, double *out)
{
    double sum[LANES] = {0}, squares[LANES] = {0}, mean = 0, all = 0;

    for (int64_t i = 0; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            sum[l] += (double)x[i + l];
    for (int l = 0; l < LANES; l++)
        mean += sum[l] / (double)n;
    for (int64_t i = 0; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            double d = (double)x[i + l] - mean;

            squares[l] += d * d;
        }
    for (int l = 0; l < LANES; l++)
        all += squares[l];
    *out = sqrt(all / (double)n);
}

CLONES static void columns_float32(int64_t n, int64_t step, int64_t width, const float *x,
                                   double *out)
{
    double mean[COLUMNS] = {0}, squares[COLUMNS] = {0};

    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < width; k++)
            mean[k] += (double)x[i * step + k];
    for (int64_t k = 0; k < width; k++)
        mean[k] /= (double)n;
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < width; k++) {
            double d = (double)x[i * step + k] - mean[k];

            squares[k] += d * d;
        }
    for (int64_t k = 0; k < width; k++)
        out[k] = sqrt(squares[k] / (double)n);
}

/* Results [from, to): rows along the last axis, else strips of columns. */
#define STD(name, type, result)                                                                    \
    double loop_std_##name(const bench_case *which, const void *const *x, void *out, int64_t from, \
                           int64_t to)                                                             \
    {                                                                                              \
        int64_t outer, n, inner, width;                                                            \
        double strip[COLUMNS];                                                                     \
                                                                                                   \
        split(which, &outer, &n, &inner);                                                          \
        for (int64_t at = from; at < to; at += width) {                                            \
            const type *first = (const type *)x[0] + at / inner * n * inner + at % inner;          \
                                                                                                   \
            width = inner - at % inner < COLUMNS ? inner - at % inner : COLUMNS;                   \
            width = to - at < width ? to - at : width;                                             \
            if (inner == 1)                                                                        \
                row_##name(n, first, strip);                                                       \
            else                                                                                   \
                columns_##name(n, inner, width, first, strip);                                     \
            for (int64_t k = 0; k < width; k++)                                                    \
                ((result *)out)[at + k] = (result)strip[k];                                        \
        }                                                                                          \
        return 0;                                                                                  \
    }
STD(int16, int16_t, double)
STD(float32, float, float)

CLONES static void add_tile(int64_t n, const double *x, int64_t rows, int64_t columns, int64_t row,
                            int64_t column, double *out)
{
    for (int64_t i = row; i < row + rows; i++)
        for (int64_t j = column; j < column + columns; j++)
            out[i * n + j] = x[i * n + j] + x[j * n + i];
}

/* Rows [from, to) of x + x.T, in tiles. */
double loop_add_transposed(const bench_case *which, const void *const *x, void *out, int64_t from,
                           int64_t to)
{
    const int64_t n = which->shape[0];

    for (int64_t i = from; i < to; i += TILE)
        for (int64_t j = 0; j < n; j += TILE)
            add_tile(n, x[0], to - i < TILE ? to - i : TILE, n - j < TILE ? n - j : TILE, i, j,
                     out);
    return 0;
}

/* Sums of three neighbours along an axis of length n; beyond the edges elements are repeated. */
CLONES static void add_neighbours(int64_t outer, int64_t n, int64_t inner, const double *x,
                                  double *y)
{
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < n; i++) {
            const double *here = x + (o * n + i) * inner, *before = i > 0 ? here - inner : here;
            const double *after = i < n - 1 ? here + inner : here;
            double *restrict to = y + (o * n + i) * inner;

            for (int64_t k = 0; k < inner; k++)
                to[k] = before[k] + here[k] + after[k];
        }
}

CLONES static void finish_rows(int64_t rows, int64_t n, const double *x, double *y)
{
    for (int64_t row = 0; row < rows; row++, x += n, y += n) {
        y[0] = (x[0] + x[0] + x[1]) / 81;
        for (int64_t k = 1; k < n - 1; k++)
            y[k] = (x[k - 1] + x[k] + x[k + 1]) / 81;
        y[n - 1] = (x[n - 2] + x[n - 1] + x[n - 1]) / 81;
    }
}

CLONES static void add_planes(int64_t n, const double *a, const double *b, const double *c,
                              double *restrict y)
{
    for (int64_t k = 0; k < n; k++)
        y[k] = a[k] + b[k] + c[k];
}

/* One volume of the first axis after the other, which stays in the cache while it is summed. */
double loop_box(const bench_case *which, const void *const *x, void *out, int64_t from, int64_t to)
{
    const int64_t *shape = which->shape, size = shape[1] * shape[2] * shape[3];
    double *sums = malloc(2 * (size_t)size * sizeof *sums), *more = sums + size;
    const double *in = x[0];

    for (int64_t i = from; sums && i < to; i++) {
        const double *here = in + i * size;

        add_planes(size, i > 0 ? here - size : here, here, i < shape[0] - 1 ? here + size : here,
                   sums);
        add_neighbours(1, shape[1], shape[2] * shape[3], sums, more);
        add_neighbours(shape[1], shape[2], shape[3], more, sums);
        finish_rows(shape[1] * shape[2], shape[3], sums, (double *)out + i * size);
    }
    free(sums);
    return 0;
}

/* The OpenBLAS that we have loaded and told to use one thread a call. */
static void *function_of_blas(const char *name)
{
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_NOLOAD);

    return library ? dlsym(library, name) : NULL;
}

#define MATMUL(name, type, function)                                                               \
    double loop_matmul_##name(const bench_case *which, const void *const *x, void *out,            \
                              int64_t from, int64_t to)                                            \
    {                                                                                              \
        const int n = (int)which->shape[0];                                                        \
        void *symbol = function_of_blas(#function);                                                \
        __typeof__(function) *gemm;                                                                \
                                                                                                   \
        memcpy(&gemm, &symbol, sizeof gemm);                                                       \
        if (gemm)                                                                                  \
            gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)(to - from), n, n, 1,             \
                 (const type *)x[0] + from * n, n, x[1], n, 0, (type *)out + from * n, n);         \
        return 0;                                                                                  \
    }
MATMUL(float32, float, cblas_sgemm)
MATMUL(float64, double, cblas_dgemm)
