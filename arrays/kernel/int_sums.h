/* SPDX-License-Identifier: BSD-3-Clause */
/** Exact sums and sums of squares of the integers of a tile, where its bytes are read once. */
#ifndef TG_KERNEL_INT_SUMS_H
#define TG_KERNEL_INT_SUMS_H

#include "kernel/reduce_walk.h"

/** Most reduced elements of a tile for which nothing here overflows. */
#define TG_INT_SUMS_MAX 65536

/** Sums of a tile, one for each kept element; of 64-bit integers modulo 2^64. */
typedef void tg_int_sums(const tg_tile *tile, int64_t *sums);

/** Sums, and sums of squares as low + 2^32 * high (high is 0 up to 16 bits). */
typedef void tg_int_squares(const tg_tile *tile, int64_t *sums, uint64_t *low, uint64_t *high);

/** The function for a dtype; NULL for floats, tg_int_squares_of also for 64 bits. */
tg_int_sums *tg_int_sums_of(tg_dtype dtype);
tg_int_squares *tg_int_squares_of(tg_dtype dtype);

/** Whether that of squares takes tiles whose bytes lie in planes. */
bool tg_int_squares_take_planes(tg_dtype dtype);

#endif
