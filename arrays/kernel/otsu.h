/* SPDX-License-Identifier: BSD-3-Clause */
/** Otsu's threshold of a histogram. */
#ifndef TG_KERNEL_OTSU_H
#define TG_KERNEL_OTSU_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The bin whose middle parts two classes best: the largest variance between them (Otsu 1979). In
 * the arithmetic of skimage.filters.threshold_otsu: weights are float32, and with `single` so are
 * middles and means. `scratch` is for 4 * n numbers. The first and the last count
 * are not 0.
 */
int64_t tg_otsu(int64_t n, const double *counts, const double *centers, bool single,
                double *scratch);

#endif
