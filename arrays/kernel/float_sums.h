/* SPDX-License-Identifier: BSD-3-Clause */
/** Sums over a tile of floats, in float64 and in the order of lanes.h, for each result of it. */
#ifndef TG_KERNEL_FLOAT_SUMS_H
#define TG_KERNEL_FLOAT_SUMS_H

#include "kernel/reduce_walk.h"

typedef struct tg_float_sums {
    void (*first)(const tg_tile *tile, double *first); /* the first elements */
    /* of x - shift, and of its square */
    void (*differences)(const tg_tile *tile, const double *shift, double *sums);
    void (*squares)(const tg_tile *tile, const double *shift, double *sums);
} tg_float_sums;

/** For a tile of float32 or float64 with at most TG_FLOAT_KEPT results. */
const tg_float_sums *tg_float_sums_of(tg_dtype dtype);

#endif
