/* SPDX-License-Identifier: BSD-3-Clause */
/** Factors of small least-squares problems, and the polynomials that trends are made of. */
#ifndef TG_KERNEL_LEAST_SQUARES_H
#define TG_KERNEL_LEAST_SQUARES_H

#include <stdint.h>

/**
 * A = Q R by Householder reflections; p = min(n, m).
 *
 * a [n, m] is overwritten with the reflections; q [n, p] gets orthonormal columns, r [m, m] its
 * first p rows, upper triangular, the others 0. All row by row. Columns of zeros are harmless.
 */
void tg_qr(int64_t n, int64_t m, double *a, double *q, double *r);

/** Row [m] of the design matrix: Legendre polynomials of degree 0 .. m - 1 at t. */
void tg_legendre(double t, int64_t m, double *row);

/** Point i of numpy.linspace(-1, 1, total). */
double tg_even_place(int64_t i, int64_t total);

#endif
