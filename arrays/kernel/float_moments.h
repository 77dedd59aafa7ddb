/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Moments over a tile of floats, in float64 and in the order of lanes.h, for each unit of it: by
 * columns its results; by rows each block of a row, the first blocks of all rows before the second.
 * Each level has vectors of one width; their bits agree.
 */
#ifndef TG_KERNEL_FLOAT_MOMENTS_H
#define TG_KERNEL_FLOAT_MOMENTS_H

#include "kernel/lanes.h"
#include "kernel/reduce_walk.h"

/** Arrays of one element a result or unit. Means are the unevaluated sum of two doubles: a
 * difference of means is then as good as the data, however far from 0 they lie. m2: sums of squared
 * deviations, NULL where they are not wanted. */
typedef struct tg_float_moments {
    double *mean, *low, *m2;
} tg_float_moments;

/** The moments of a tile's units, at most TG_FLOAT_KEPT. */
typedef void tg_float_reduce(const tg_tile *tile, tg_float_moments to);

typedef struct tg_float_level {
    const char *name; /* of the vectors */
    tg_float_reduce *float32, *float64;
    /* Merge n results of `right` into `left`, each with its count of elements. */
    void (*merge)(int64_t n, int64_t left_count, int64_t right_count, tg_float_moments left,
                  tg_float_moments right);
} tg_float_level;

/** The widest that the processor has. */
const tg_float_level *tg_float_level_best(void);

/** The i-th that it has, from the narrowest; NULL behind the last. */
const tg_float_level *tg_float_level_at(int i);

/** The unit of row k that begins at element `at`, a multiple of TG_FLOAT_BLOCK. */
static inline int64_t tg_unit(const tg_tile *tile, int64_t at, int64_t k)
{
    return at / TG_FLOAT_BLOCK * tile->nkept + k;
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define TG_HAVE_FLOAT_LEVELS 1
#else
#define TG_HAVE_FLOAT_LEVELS 0
#endif

extern const tg_float_level tg_float_level_128, tg_float_level_256, tg_float_level_512;

#endif
