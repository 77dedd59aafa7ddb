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

#include "kernel/float_moments.h"
#include "kernel/lanes.h"
#include "kernel/reduce_moments.h"
#include "kernel/reduce_walk.h"
#include "kernel/types.h"

typedef struct moments_state {
    tg_float_reduce *reduce;
    const tg_float_level *level;
    tg_float_moments partial;
} moments_state;

static tg_float_moments at_kept(tg_float_moments m, int64_t k)
{
    return (tg_float_moments){m.mean + k, m.low + k, m.m2 ? m.m2 + k : NULL};
}

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void copy(int64_t n, tg_float_moments to, tg_float_moments from)
{
    memcpy(to.mean, from.mean, sizeof *to.mean * (size_t)n);
    memcpy(to.low, from.low, sizeof *to.low * (size_t)n);
    if (to.m2)
        memcpy(to.m2, from.m2, sizeof *to.m2 * (size_t)n);
}

static void reduce_tile(const tg_tile *tile, void *arg)
{
    const moments_state *state = arg;
    double mean[TG_FLOAT_KEPT], low[TG_FLOAT_KEPT], m2[TG_FLOAT_KEPT];
    const tg_float_moments all = at_kept(state->partial, tile->kept);
    const tg_float_moments own = {mean, low, all.m2 ? m2 : NULL};

    if (tile->reduced == 0 && tile->nreduced <= TG_FLOAT_BLOCK) {
        state->reduce(tile, all);
        return;
    }
    state->reduce(tile, own);
    for (int64_t at = 0; at < tile->nreduced; at += TG_FLOAT_BLOCK) {
        const tg_float_moments block = at_kept(own, tg_unit(tile, at, 0));
        const int64_t before = tile->reduced + at, n = min64(TG_FLOAT_BLOCK, tile->nreduced - at);

        if (before == 0)
            copy(tile->nkept, all, block);
        else
            state->level->merge(tile->nkept, before, n, all, block);
    }
}

static size_t size(const tg_reduce_spec *spec, int64_t nkept, bool squares)
{
    (void)spec;
    return sizeof(tg_moments_header) + sizeof(double) * (size_t)nkept * (squares ? 3 : 2);
}

static tg_float_moments moments_of(const void *partial, int64_t nkept, bool squares)
{
    double *arrays = (double *)((char *)(uintptr_t)partial + sizeof(tg_moments_header));

    return (tg_float_moments){arrays, arrays + nkept, squares ? arrays + 2 * nkept : NULL};
}

static tg_status chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, bool squares,
                       void *partial, tg_task *scratch)
{
    static const tg_walk_options blocks = {
        .block = TG_FLOAT_BLOCK, .kept_column = TG_FLOAT_KEPT, .takes_blocks = true};
    const int64_t nkept = tg_view_nkept(view), nreduced = tg_view_nreduced(view);
    const tg_float_level *level = tg_float_level_best();
    moments_state state = {.reduce = spec->dtype == TG_FLOAT32 ? level->float32 : level->float64,
                           .level = level,
                           .partial = moments_of(partial, nkept, squares)};

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
    tg_float_level_best()->merge(nkept, l->count, r->count, moments_of(left, nkept, squares),
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
