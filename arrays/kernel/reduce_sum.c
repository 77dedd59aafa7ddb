/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sums. Integers: exact modulo 2^64, as NumPy's, in any order. Floats: in float64, by blocks of the
 * logical order, each summed in lanes (lanes.h); rounded to float32 once, at the end.
 *
 * A partial is nkept int64/uint64 or nkept doubles; of complex numbers two doubles for each.
 */
#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/int_sums.h"
#include "kernel/lanes.h"
#include "kernel/reduce_pairs.h"
#include "kernel/reducers.h"
#include "kernel/types.h"

typedef struct sum_state {
    tg_dtype dtype;
    void *partial;
} sum_state;

static size_t sum_partial_size(const tg_reduce_spec *spec, int64_t nkept)
{
    return (tg_is_complex(spec->dtype) ? 2 : 1) * sizeof(double) * (size_t)nkept;
}

static tg_dtype sum_result(tg_dtype in)
{
    if (tg_is_float(in) || tg_is_complex(in))
        return in;
    return tg_is_unsigned(in) ? TG_UINT64 : TG_INT64;
}

static void add_integers(const tg_tile *tile, void *arg)
{
    const sum_state *state = arg;
    uint64_t *partial = (uint64_t *)state->partial + tile->kept;
    int64_t sums[TG_TILE_KEPT];

    tg_int_sums_of(state->dtype)(tile, sums);
    for (int64_t k = 0; k < tile->nkept; k++)
        partial[k] += (uint64_t)sums[k];
}

#define FLOAT_SUMS(name, dtype, type, wide)                                                        \
    TG_CLONES static double row_sum_##name(int64_t n, const type *x)                               \
    {                                                                                              \
        double lane[TG_LANES] = {0};                                                               \
        int64_t i = 0;                                                                             \
                                                                                                   \
        for (; i + TG_LANES <= n; i += TG_LANES) {                                                 \
            for (int l = 0; l < TG_LANES; l++)                                                     \
                lane[l] += (double)x[i + l];                                                       \
        }                                                                                          \
        for (int l = 0; i + l < n; l++)                                                            \
            lane[l] += (double)x[i + l];                                                           \
        return tg_add_lanes(lane[0], lane[1], lane[2], lane[3], lane[4], lane[5], lane[6],         \
                            lane[7]);                                                              \
    }                                                                                              \
                                                                                                   \
    TG_CLONES static void add_line_##name(int64_t n, const type *restrict x, double *restrict s)   \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++)                                                            \
            s[k] += (double)x[k];                                                                  \
    }                                                                                              \
                                                                                                   \
    static void add_##name(const tg_tile *tile, void *arg)                                         \
    {                                                                                              \
        double *partial = (double *)((sum_state *)arg)->partial + tile->kept;                      \
        double lane[TG_LANES][TG_FLOAT_KEPT];                                                      \
                                                                                                   \
        if (!tile->by_columns) {                                                                   \
            for (int64_t k = 0; k < tile->nkept; k++)                                              \
                partial[k] += row_sum_##name(tile->nreduced, tile->lines[k]);                      \
            return;                                                                                \
        }                                                                                          \
        memset(lane, 0, sizeof lane);                                                              \
        for (int64_t r = 0; r < tile->nreduced; r++)                                               \
            add_line_##name(tile->nkept, tile->lines[r], lane[r % TG_LANES]);                      \
        for (int64_t k = 0; k < tile->nkept; k++)                                                  \
            partial[k] += tg_add_lanes(lane[0][k], lane[1][k], lane[2][k], lane[3][k], lane[4][k], \
                                       lane[5][k], lane[6][k], lane[7][k]);                        \
    }
TG_EACH_FLOAT(FLOAT_SUMS)

static tg_status sum_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch);

static tg_status sum_pairs(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch)
{
    tg_status status = TG_OK;
    tg_reduce_spec parts = tg_pairs_spec(spec);
    tg_reduce_view pairs;

    TG_TRY(tg_pairs_view(spec, view, &pairs));
    TG_TRY(sum_chunk(&parts, &pairs, partial, scratch));
out:
    return status;
}

static tg_status sum_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch)
{
    sum_state state = {spec->dtype, partial};
    tg_walk_options options = {.kept_column = TG_TILE_KEPT};
    tg_tile_kernel *kernel = add_integers;

    if (tg_is_complex(spec->dtype))
        return sum_pairs(spec, view, partial, scratch);
    memset(partial, 0, sum_partial_size(spec, tg_view_nkept(view)));
    if (tg_is_float(spec->dtype)) {
        options = (tg_walk_options){.block = TG_FLOAT_BLOCK, .kept_column = TG_FLOAT_KEPT};
        kernel = spec->dtype == TG_FLOAT32 ? add_float32 : add_float64;
    }
    return tg_walk(view, tg_dtype_size(spec->dtype), &options, kernel, &state, scratch);
}

static tg_status sum_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                             const void *right)
{
    if (tg_is_complex(spec->dtype))
        nkept *= 2;
    if (tg_is_float(spec->dtype) || tg_is_complex(spec->dtype)) {
        double *restrict l = left;
        const double *restrict r = right;

        for (int64_t k = 0; k < nkept; k++)
            l[k] += r[k];
    } else {
        uint64_t *restrict l = left;
        const uint64_t *restrict r = right;

        for (int64_t k = 0; k < nkept; k++)
            l[k] += r[k];
    }
    return TG_OK;
}

static tg_status sum_finalize(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                              tg_dtype out_dtype, void *out)
{
    tg_dtype held = tg_is_float(spec->dtype) ? TG_FLOAT64 : sum_result(spec->dtype);

    tg_convert(nkept, tg_is_complex(spec->dtype) ? TG_COMPLEX128 : held, partial, out_dtype, out);
    return TG_OK;
}

const tg_reducer tg_reducer_sum = {
    .name = "sum",
    .partial_size = sum_partial_size,
    .chunk = sum_chunk,
    .combine = sum_combine,
    .finalize = sum_finalize,
    .result = sum_result,
    .empty_ok = true,
    .complex_ok = true,
    .by_tiles = true,
};
