/* SPDX-License-Identifier: BSD-3-Clause */
/** Means of windows, a strip of results at a time. */
#ifndef TG_KERNEL_FILTER_MEANS_H
#define TG_KERNEL_FILTER_MEANS_H

#include <stdint.h>

enum { TG_STRIP = 16 }; /* results that are made at once, in registers */

/** Where the strip after the one at i begins: the last one ends with the results. */
static inline int64_t tg_next_strip(int64_t i, int64_t n)
{
    return i + 2 * TG_STRIP <= n || i + TG_STRIP >= n ? i + TG_STRIP : n - TG_STRIP;
}

/** out[i] = (p[i] + p[i + stride] + ... of `count` elements) / count. */
typedef void tg_window_means(int64_t n, const double *p, int64_t stride, int64_t count,
                             double *out);

/**
 * The fastest way to means of so many elements. All have the same bits: the quotient of the sum
 * from left to right, rounded once.
 *
 * Call:    local.
 * Tests:   tests/arrays/kernel/test_window.c
 */
tg_window_means *tg_window_means_of(int64_t count);

/** The way that all processors have. */
tg_window_means tg_divided_means;

#endif
