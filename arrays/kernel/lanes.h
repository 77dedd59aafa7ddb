/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The order in which floating-point numbers are summed: element i of a block goes to lane i mod 8,
 * the lanes are added as a fixed tree. Every layout sums in this order, so bits do not depend on
 * layout or vector unit.
 */
#ifndef TG_KERNEL_LANES_H
#define TG_KERNEL_LANES_H

#define TG_LANES 8

/** Reduced elements of a block of floats: sums start anew at its multiples. */
#define TG_FLOAT_BLOCK 256

/** Kept elements of a tile of floats by columns: with a block's rows it stays in the cache. */
#define TG_FLOAT_KEPT 256

/** The tree; of numbers or vectors. */
#define TG_ADD_LANES(l0, l1, l2, l3, l4, l5, l6, l7)                                               \
    ((((l0) + (l4)) + ((l2) + (l6))) + (((l1) + (l5)) + ((l3) + (l7))))

static inline double tg_add_lanes(double l0, double l1, double l2, double l3, double l4, double l5,
                                  double l6, double l7)
{
    return TG_ADD_LANES(l0, l1, l2, l3, l4, l5, l6, l7);
}

#endif
