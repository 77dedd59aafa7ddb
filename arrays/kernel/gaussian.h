/* SPDX-License-Identifier: BSD-3-Clause */
/** Weights of Gaussian filters. */
#ifndef TG_KERNEL_GAUSSIAN_H
#define TG_KERNEL_GAUSSIAN_H

#include <stdint.h>

/** Highest derivative. */
#define TG_GAUSSIAN_MAX_ORDER 32

/**
 * weights[2 * radius + 1] of the order-th derivative of a Gaussian, for elements in their order: as
 * scipy.ndimage.gaussian_filter1d makes them.
 */
void tg_gaussian_weights(double sigma, int order, int64_t radius, double *weights);

#endif
