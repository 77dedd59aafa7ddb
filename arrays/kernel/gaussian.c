/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Weights of Gaussian filters: exp(-x^2 / (2 sigma^2)), divided by their sum. Filters of integers
 * cut their results off, so that the last bit of a weight can move one by 1: exponentials are
 * rounded correctly and summed in NumPy's order, which gives SciPy's bits nearly always.
 */
#include "kernel/gaussian.h"

#include <math.h>

/* numpy.add.reduce: eight sums side by side, long ranges in halves. */
static double sum(const double *x, int64_t n)
{
    double r[8], total = 0;
    int64_t i = 0, half = n / 2 - n / 2 % 8;

    if (n > 128)
        return sum(x, half) + sum(x + half, n - half);
    if (n >= 8) {
        for (; i < 8; i++)
            r[i] = x[i];
        for (; i < n - n % 8; i++)
            r[i % 8] += x[i];
        total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (; i < n; i++)
        total += x[i];
    return total;
}

/* The polynomial q of the derivative q(x) exp(-x^2 / (2 sigma2)): q' - q x / sigma2 of the one
 * before. */
static void derive(int order, double sigma2, long double *q)
{
    long double next[TG_GAUSSIAN_MAX_ORDER + 1];

    for (int k = 0; k <= order; k++)
        q[k] = k == 0;
    for (int n = 0; n < order; n++) {
        for (int k = 0; k <= order; k++)
            next[k] = (k < order ? (long double)(k + 1) * q[k + 1] : 0) -
                      (k > 0 ? q[k - 1] / (long double)sigma2 : 0);
        for (int k = 0; k <= order; k++)
            q[k] = next[k];
    }
}

void tg_gaussian_weights(double sigma, int order, int64_t radius, double *weights)
{
    double sigma2 = sigma * sigma, factor = -0.5 / sigma2, total;
    long double q[TG_GAUSSIAN_MAX_ORDER + 1];
    int64_t n = 2 * radius + 1;

    for (int64_t i = 0; i < n; i++)
        weights[i] = (double)expl((long double)(factor * (double)((i - radius) * (i - radius))));
    total = sum(weights, n);
    for (int64_t i = 0; i < n; i++)
        weights[i] /= total;
    if (order == 0)
        return;
    derive(order, sigma2, q);
    for (int64_t i = 0; i < n; i++) {
        long double x = (long double)(radius - i), value = 0; /* the kernel is turned round */

        for (int k = order; k >= 0; k--)
            value = value * x + q[k];
        weights[i] = (double)value * weights[i];
    }
}
