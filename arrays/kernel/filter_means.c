/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Means of windows. A division costs as much as all else, so where the processor has fused
 * multiply-add quotients are made of products, with the bits that a division has (P. Markstein,
 * Computation of elementary functions on the IBM RISC System/6000 processor, 1990, theorem 8):
 *
 *     r = 1 / count      rounded, relatively wrong by 2^-54 at most: else we divide
 *     q = x r            therefore within one unit in the last place of x / count
 *     q + (x - q count) r   the rest is exact, the sum the rounded quotient
 *
 * The rest is exact where nothing underflows; strips with elements that are very small (0 as well,
 * for its sign), very large or not finite are divided.
 */
#include "kernel/filter_means.h"

#include <math.h>

#include "kernel/types.h"

typedef double pack __attribute__((vector_size(32), aligned(8)));

/* The results that no strip has. */
static void few_means(int64_t n, const double *p, int64_t stride, int64_t count, double *out)
{
    for (int64_t i = 0; i < n; i++) {
        double sum = p[i];

        for (int64_t t = 1; t < count; t++)
            sum += p[i + t * stride];
        out[i] = sum / (double)count;
    }
}

TG_CLONES void tg_divided_means(int64_t n, const double *p, int64_t stride, int64_t count,
                                double *out)
{
    const double size = (double)count;

    if (n < TG_STRIP)
        few_means(n, p, stride, count, out);

    for (int64_t i = 0; i + TG_STRIP <= n; i = tg_next_strip(i, n)) {
        pack sum[TG_STRIP / 4];

        for (int k = 0; k < TG_STRIP / 4; k++)
            sum[k] = *(const pack *)(p + i + 4 * k);
        for (int64_t t = 1; t < count; t++)
            for (int k = 0; k < TG_STRIP / 4; k++)
                sum[k] += *(const pack *)(p + i + t * stride + 4 * k);
        for (int k = 0; k < TG_STRIP / 4; k++)
            *(pack *)(out + i + 4 * k) = sum[k] / size;
    }
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>

#define FMA __attribute__((target("avx2,fma")))

/* Biased exponents for which rests are exact: [LEAST, MOST). */
enum { LEAST = 100, MOST = 2000 };

/* Lanes with other exponents have bits; zeros, too. */
FMA static inline __m256i is_apart(__m256d x)
{
    const int64_t bias = (int64_t)((UINT64_C(1) << 63) - ((uint64_t)LEAST << 53));
    const int64_t last = (int64_t)(((uint64_t)(MOST - LEAST) << 53) - 1 - (UINT64_C(1) << 63));
    const __m256i bits = _mm256_castpd_si256(x), twice = _mm256_add_epi64(bits, bits);

    return _mm256_cmpgt_epi64(_mm256_add_epi64(twice, _mm256_set1_epi64x(bias)),
                              _mm256_set1_epi64x(last));
}

FMA static inline void divide_strip(const __m256d *sum, double size, double *out)
{
    const __m256d by = _mm256_set1_pd(size), part = _mm256_set1_pd(1 / size);
    __m256i apart = _mm256_setzero_si256();

    for (int k = 0; k < TG_STRIP / 4; k++)
        apart = _mm256_or_si256(apart, is_apart(sum[k]));
    if (!_mm256_testz_si256(apart, apart)) {
        for (int k = 0; k < TG_STRIP / 4; k++)
            _mm256_storeu_pd(out + 4 * k, _mm256_div_pd(sum[k], by));
        return;
    }
    for (int k = 0; k < TG_STRIP / 4; k++) {
        const __m256d q = _mm256_mul_pd(sum[k], part);
        const __m256d rest = _mm256_fnmadd_pd(q, by, sum[k]);

        _mm256_storeu_pd(out + 4 * k, _mm256_fmadd_pd(rest, part, q));
    }
}

FMA static void multiplied_means(int64_t n, const double *p, int64_t stride, int64_t count,
                                 double *out)
{
    if (n < TG_STRIP)
        few_means(n, p, stride, count, out);
    for (int64_t i = 0; i + TG_STRIP <= n; i = tg_next_strip(i, n)) {
        __m256d sum[TG_STRIP / 4];

        for (int k = 0; k < TG_STRIP / 4; k++)
            sum[k] = _mm256_loadu_pd(p + i + 4 * k);
        for (int64_t t = 1; t < count; t++)
            for (int k = 0; k < TG_STRIP / 4; k++)
                sum[k] = _mm256_add_pd(sum[k], _mm256_loadu_pd(p + i + t * stride + 4 * k));
        divide_strip(sum, (double)count, out + i);
    }
}

/* Whether 1 / count is wrong by 2^-54 of it at most. */
static bool may_multiply(int64_t count)
{
    const double size = (double)count;

    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           fabs(fma(1 / size, size, -1)) <= 0x1p-54;
}
#else
#define multiplied_means tg_divided_means
static bool may_multiply(int64_t count)
{
    (void)count;
    return false;
}
#endif

tg_window_means *tg_window_means_of(int64_t count)
{
    return may_multiply(count) ? multiplied_means : tg_divided_means;
}
