/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Random arrays. Element i, in C order, is a function of seed, stream and i alone: bits depend on
 * neither chunks nor ranks. The generator is counter-based (Philox 4x64-10, Salmon et al. 2011);
 * the numbers are not those that NumPy's generators give.
 */
#ifndef TEGULA_RANDOM_H
#define TEGULA_RANDOM_H

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tg_distribution {
    TG_UNIFORM,     /* a = low, b = high: low <= x < high */
    TG_NORMAL,      /* a = mean, b = deviation */
    TG_EXPONENTIAL, /* a = scale */
    TG_POISSON,     /* a = mean; int64 */
    TG_GAMMA,       /* a = shape, b = scale */
    TG_BINOMIAL,    /* a = n, b = p; int64 */
    TG_NDISTRIBUTIONS
} tg_distribution;

/**
 * An array of numbers drawn from a distribution.
 *
 * Call:    lazy, local.
 * Dtype:   float64; int64 for counts.
 * Errors:  TG_EARG for parameters that the distribution has not.
 * Source:  numpy.random.Generator.
 * Tests:   tests/arrays/expr/test_random.py
 */
tg_array *tg_random(tg_ctx *ctx, uint64_t seed, uint64_t stream, tg_distribution distribution,
                    double a, double b, int ndim, const int64_t *shape, const char *chunks);

/** tg_random with parameters by element, broadcast to the shape; of TG_NDISTRIBUTIONS integers
 * a <= x < b. Errors: a parameter that the distribution has not, when computed. */
tg_array *tg_random_by(uint64_t seed, uint64_t stream, tg_distribution distribution, tg_array *a,
                       tg_array *b, int ndim, const int64_t *shape, const char *chunks);

/** Integers low <= x < high. numpy.random.Generator.integers. */
tg_array *tg_random_integers(tg_ctx *ctx, uint64_t seed, uint64_t stream, int64_t low, int64_t high,
                             tg_dtype dtype, int ndim, const int64_t *shape, const char *chunks);

/** 0 .. n - 1 in a random order, made on rank 0: [n], int64. numpy.random.Generator.permutation. */
tg_array *tg_random_permutation(tg_ctx *ctx, uint64_t seed, uint64_t stream, int64_t n);

/** Elements of a 1-d array drawn at random, each time from all (`replace`) or from those that are
 * left. numpy.random.Generator.choice with equal chances. */
tg_array *tg_random_choice(tg_array *a, uint64_t seed, uint64_t stream, bool replace, int ndim,
                           const int64_t *shape, const char *chunks);

#ifdef __cplusplus
}
#endif

#endif
