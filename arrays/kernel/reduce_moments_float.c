/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Moments of floats: count, mean and M2 (the sum of squared deviations from the mean), in float64.
 *
 * A block of the logical order (lanes.h) is passed over twice while it is in the cache: its mean as
 * first element + mean difference from it, then the deviations from that mean. Blocks, then chunks,
 * are merged as in
 *     Chan, Golub, LeVeque: Algorithms for computing the sample variance, The American Statistician
 *     37 (1983), equations 2.1
 * with the means' difference delta; means are kept to twice the precision, as delta is all there is
 * of the variation between blocks and would be rounded at the size of the means. All elements equal
 * give delta 0 throughout: the mean is exactly the element and M2 exactly 0. Infinities are kept
 * from turning means to NaN that are infinite in NumPy: where the difference is not finite, the
 * mean is taken plainly.
 */
#include <math.h>
#include <string.h>

#include "kernel/float_sums.h"
#include "kernel/lanes.h"
#include "kernel/reduce_moments.h"
#include "kernel/reduce_walk.h"
#include "kernel/types.h"

/* ---- merging --------------------------------------------------------------------------------- */

/* Weights of the two sides of a merge. */
typedef struct weights {
    double left, right; /* shares of the count */
    double both;        /* left count * right count / count */
} weights;

static weights weigh(int64_t left, int64_t right)
{
    double l = (double)left, r = (double)right;

    return (weights){l / (l + r), r / (l + r), l / (l + r) * r};
}

/* A mean as the unevaluated sum of two doubles: a difference of means is then as good as the data,
 * however far from 0 they lie. */
typedef struct mean_pair {
    double high, low;
} mean_pair;

/* high + (low + step), renormalised: TwoSum (Knuth) and FastTwoSum (Dekker). */
static inline mean_pair add_step(double high, double low, double step)
{
    double sum = high + step, part = sum - high;
    double rest = low + ((high - (sum - part)) + (step - part));
    mean_pair m = {.high = sum + rest};

    m.low = rest - (m.high - sum);
    return m;
}

/* The arrays of a partial, or of a block: nkept each; m2 may be NULL: not wanted. */
typedef struct moments {
    double *mean, *low, *m2;
} moments;

/* Whether a value is an infinity or a NaN; in integers, which vectorise. */
static inline uint64_t is_not_finite(double x)
{
    const uint64_t exponent = UINT64_C(0x7ff) << 52;
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return (bits & exponent) == exponent;
}

/* What is to be merged as differences of the means; whether any is not finite. */
TG_CLONES static uint64_t find_deltas(int64_t n, const double *mean, const double *low,
                                      const double *right, const double *right_low, double *delta)
{
    uint64_t bad = 0;

    for (int64_t k = 0; k < n; k++) {
        delta[k] = (right[k] - mean[k]) + (right_low[k] - low[k]);
        bad |= is_not_finite(delta[k]);
    }
    return bad;
}

TG_CLONES static void merge_squares(int64_t n, double both, const double *restrict delta,
                                    const double *restrict right, double *restrict m2)
{
    for (int64_t k = 0; k < n; k++)
        m2[k] += right[k] + delta[k] * delta[k] * both;
}

TG_CLONES static void merge_finite(int64_t n, double share, const double *restrict delta,
                                   double *restrict mean, double *restrict low)
{
    for (int64_t k = 0; k < n; k++) {
        mean_pair m = add_step(mean[k], low[k], delta[k] * share);

        mean[k] = m.high;
        low[k] = m.low;
    }
}

static void merge_one(weights w, double delta, double right, double *mean, double *low)
{
    mean_pair m = {*mean * w.left + right * w.right, 0};

    if (isfinite(delta))
        m = add_step(*mean, *low, delta * w.right);
    *mean = m.high;
    *low = m.low;
}

static moments at_kept(moments m, int64_t k)
{
    return (moments){m.mean + k, m.low + k, m.m2 ? m.m2 + k : NULL};
}

/* Merge up to TG_FLOAT_KEPT results of the right side into the left one. */
static void merge_some(int64_t n, weights w, moments left, moments right)
{
    double delta[TG_FLOAT_KEPT];
    uint64_t bad = find_deltas(n, left.mean, left.low, right.mean, right.low, delta);

    if (left.m2)
        merge_squares(n, w.both, delta, right.m2, left.m2);
    if (!bad)
        merge_finite(n, w.right, delta, left.mean, left.low);
    for (int64_t k = 0; bad && k < n; k++)
        merge_one(w, delta[k], right.mean[k], &left.mean[k], &left.low[k]);
}

static void merge(int64_t n, weights w, moments left, moments right)
{
    for (int64_t k = 0; k < n; k += TG_FLOAT_KEPT)
        merge_some(n - k < TG_FLOAT_KEPT ? n - k : TG_FLOAT_KEPT, w, at_kept(left, k),
                   at_kept(right, k));
}

/* ---- a block --------------------------------------------------------------------------------- */

/* The mean of a block whose sum of differences is not finite: plainly, in logical order. */
static double plain_mean(tg_dtype dtype, const tg_tile *tile, int64_t k)
{
    double sum = 0;

    for (int64_t r = 0; r < tile->nreduced; r++) {
        const void *line = tile->lines[tile->by_columns ? r : k];
        const int64_t at = tile->by_columns ? k : r;

        sum += dtype == TG_FLOAT32 ? (double)((const float *)line)[at] : ((const double *)line)[at];
    }
    return sum / (double)tile->nreduced;
}

/* first + sum / count; whether any sum is not finite. */
TG_CLONES static uint64_t find_means(int64_t n, double count, const double *restrict first,
                                     const double *restrict sum, double *restrict mean,
                                     double *restrict low)
{
    uint64_t bad = 0;

    for (int64_t k = 0; k < n; k++) {
        mean_pair m = add_step(first[k], 0, sum[k] / count);

        mean[k] = m.high;
        low[k] = m.low;
        bad |= is_not_finite(sum[k]);
    }
    return bad;
}

/* The moments of a tile. */
static void reduce_block(tg_dtype dtype, const tg_tile *tile, moments to)
{
    const tg_float_sums *sums = tg_float_sums_of(dtype);
    double first[TG_FLOAT_KEPT], sum[TG_FLOAT_KEPT];
    uint64_t bad;

    sums->first(tile, first);
    sums->differences(tile, first, sum);
    bad = find_means(tile->nkept, (double)tile->nreduced, first, sum, to.mean, to.low);
    for (int64_t k = 0; bad && k < tile->nkept; k++) {
        if (isfinite(sum[k]))
            continue;
        to.mean[k] = plain_mean(dtype, tile, k);
        to.low[k] = 0;
    }
    if (to.m2)
        sums->squares(tile, to.mean, to.m2);
}

/* ---- a chunk --------------------------------------------------------------------------------- */

typedef struct moments_state {
    tg_dtype dtype;
    moments partial;
} moments_state;

static void reduce_tile(const tg_tile *tile, void *arg)
{
    const moments_state *state = arg;
    double mean[TG_FLOAT_KEPT], low[TG_FLOAT_KEPT], m2[TG_FLOAT_KEPT];
    moments whole = at_kept(state->partial, tile->kept);
    moments block = {mean, low, whole.m2 ? m2 : NULL};
    moments to = tile->reduced == 0 ? whole : block;

    reduce_block(state->dtype, tile, to);
    if (tile->reduced > 0)
        merge(tile->nkept, weigh(tile->reduced, tile->nreduced), whole, block);
}

static size_t size(const tg_reduce_spec *spec, int64_t nkept, bool squares)
{
    (void)spec;
    return sizeof(tg_moments_header) + sizeof(double) * (size_t)nkept * (squares ? 3 : 2);
}

static moments moments_of(const void *partial, int64_t nkept, bool squares)
{
    double *arrays = (double *)((char *)(uintptr_t)partial + sizeof(tg_moments_header));

    return (moments){arrays, arrays + nkept, squares ? arrays + 2 * nkept : NULL};
}

static tg_status chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, bool squares,
                       void *partial, tg_task *scratch)
{
    static const tg_walk_options blocks = {TG_FLOAT_BLOCK, TG_FLOAT_KEPT, 0, false};
    const int64_t nkept = tg_view_nkept(view), nreduced = tg_view_nreduced(view);
    moments_state state = {spec->dtype, moments_of(partial, nkept, squares)};

    /* where there are elements, all that follows the header is written */
    memset(partial, 0, nreduced > 0 ? sizeof(tg_moments_header) : size(spec, nkept, squares));
    ((tg_moments_header *)partial)->count = nreduced;
    return tg_walk(view, tg_dtype_size(spec->dtype), &blocks, reduce_tile, &state, scratch);
}

static void combine(const tg_reduce_spec *spec, int64_t nkept, bool squares, void *left,
                    const void *right)
{
    tg_moments_header *l = left;
    const tg_moments_header *r = right;

    if (r->count == 0)
        return;
    if (l->count == 0) {
        memcpy(left, right, size(spec, nkept, squares));
        return;
    }
    merge(nkept, weigh(l->count, r->count), moments_of(left, nkept, squares),
          moments_of(right, nkept, squares));
    l->count += r->count;
}

static void means(const tg_reduce_spec *spec, int64_t nkept, const void *partial, int64_t first,
                  int64_t n, double *out)
{
    (void)spec;
    if (((const tg_moments_header *)partial)->count > 0)
        memcpy(out, moments_of(partial, nkept, false).mean + first, sizeof *out * (size_t)n);
    for (int64_t k = 0; ((const tg_moments_header *)partial)->count == 0 && k < n; k++)
        out[k] = NAN;
}

static void variances(const tg_reduce_spec *spec, int64_t nkept, const void *partial, double ddof,
                      int64_t first, int64_t n, double *out)
{
    const double count = (double)((const tg_moments_header *)partial)->count;
    const double divisor = count > ddof ? count - ddof : 0;
    const double *m2 = moments_of(partial, nkept, true).m2 + first;

    (void)spec;
    for (int64_t k = 0; k < n; k++)
        out[k] = count > 0 ? m2[k] / divisor : NAN;
}

const tg_moments tg_moments_float = {
    .size = size,
    .chunk = chunk,
    .combine = combine,
    .means = means,
    .variances = variances,
};
