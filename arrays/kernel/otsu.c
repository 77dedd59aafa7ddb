/* SPDX-License-Identifier: BSD-3-Clause */
/* Otsu's threshold: weights and means of the elements up to a bin and of those behind it. */
#include "kernel/otsu.h"

#include <math.h>

static double rounded(double x, bool single)
{
    return single ? (double)(float)x : x;
}

/* Running weights and means from one end: weight[i] of the bins up to i, mean[i] of their middles.
 */
static void run(int64_t n, const double *counts, const double *centers, bool single, int64_t first,
                int64_t step, double *weight, double *mean)
{
    float total = 0;
    double moment = 0;

    for (int64_t k = 0, i = first; k < n; k++, i += step) {
        float count = (float)counts[i];
        double product = rounded((double)count * centers[i], single);

        total = k ? total + count : count;
        moment = k ? rounded(moment + product, single) : product;
        weight[i] = (double)total;
        mean[i] = rounded(moment / (double)total, single);
    }
}

int64_t tg_otsu(int64_t n, const double *counts, const double *centers, bool single,
                double *scratch)
{
    double *weight = scratch, *mean = scratch + n, *other = scratch + 2 * n;
    double *other_mean = scratch + 3 * n, most = 0;
    int64_t best = 0;

    run(n, counts, centers, single, 0, 1, weight, mean);
    run(n, counts, centers, single, n - 1, -1, other, other_mean);
    for (int64_t i = 0; i + 1 < n; i++) {
        double off = rounded(mean[i] - other_mean[i + 1], single);
        double both = (double)((float)weight[i] * (float)other[i + 1]);
        double variance = rounded(both * rounded(off * off, single), single);

        if (isnan(variance))
            return i;
        if (i == 0 || variance > most) {
            most = variance;
            best = i;
        }
    }
    return best;
}
