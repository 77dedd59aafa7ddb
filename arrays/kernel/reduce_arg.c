/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the smallest and the largest element are: the first of equals, of NaN the first before all
 * others, or with params[0] != 0 never a NaN. The index counts in C order over the reduced axes of
 * the whole array, so partials can meet in any order.
 *
 * A partial is nkept values in slots of 8 bytes, then nkept indices, -1 where there is none yet.
 */
#include <string.h>

#include "kernel/reduce_place.h"
#include "kernel/reducers.h"
#include "kernel/types.h"

typedef struct arg_state {
    void *best;
    int64_t *at;
    bool skip; /* NaN */
} arg_state;

typedef void merge(int64_t n, void *left, int64_t *left_at, const void *right,
                   const int64_t *right_at);

#define NEVER_NAN(x) false
#define IS_NAN(x)    __builtin_isnan(x)

#define KERNELS(operator, compare, name, type, NAN_OF)                                             \
    static inline bool operator##_wins_##name(type x, type y)                                      \
    {                                                                                              \
        return x compare y || (NAN_OF(x) && !NAN_OF(y));                                           \
    }                                                                                              \
                                                                                                   \
    static inline void operator##_see_##name(type x, int64_t i, bool skip, type *best,             \
                                             int64_t *at)                                          \
    {                                                                                              \
        if ((*at < 0 || operator##_wins_##name(x, *best)) && !(skip && NAN_OF(x))) {               \
            *best = x;                                                                             \
            *at = i;                                                                               \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void operator##_tile_##name(const tg_tile *tile, void *arg)                             \
    {                                                                                              \
        const arg_state *state = arg;                                                              \
        type *best = (type *)state->best + tile->kept;                                             \
        int64_t *at = state->at + tile->kept;                                                      \
                                                                                                   \
        for (int64_t r = 0; tile->by_columns && r < tile->nreduced; r++)                           \
            for (int64_t k = 0; k < tile->nkept; k++)                                              \
                operator##_see_##name(((const type *)tile->lines[r])[k], tile->reduced + r,        \
                                      state->skip, &best[k], &at[k]);                              \
        for (int64_t k = 0; !tile->by_columns && k < tile->nkept; k++)                             \
            for (int64_t r = 0; r < tile->nreduced; r++)                                           \
                operator##_see_##name(((const type *)tile->lines[k])[r], tile->reduced + r,        \
                                      state->skip, &best[k], &at[k]);                              \
    }                                                                                              \
                                                                                                   \
    static void operator##_merge_##name(int64_t n, void *left, int64_t *left_at,                   \
                                        const void *right, const int64_t *right_at)                \
    {                                                                                              \
        type *x = left;                                                                            \
        const type *y = right;                                                                     \
                                                                                                   \
        for (int64_t k = 0; k < n; k++) {                                                          \
            bool better = left_at[k] < 0 || operator##_wins_##name(y[k], x[k]);                    \
            bool first = right_at[k] < left_at[k] && !operator##_wins_##name(x[k], y[k]);          \
                                                                                                   \
            if (right_at[k] >= 0 && (better || first)) {                                           \
                x[k] = y[k];                                                                       \
                left_at[k] = right_at[k];                                                          \
            }                                                                                      \
        }                                                                                          \
    }

#define INTEGER_KERNELS(name, dtype, type, wide)                                                   \
    KERNELS(min, <, name, type, NEVER_NAN)                                                         \
    KERNELS(max, >, name, type, NEVER_NAN)
#define FLOAT_KERNELS(name, dtype, type, wide)                                                     \
    KERNELS(min, <, name, type, IS_NAN)                                                            \
    KERNELS(max, >, name, type, IS_NAN)
TG_EACH_BOOL(INTEGER_KERNELS)
TG_EACH_INTEGER(INTEGER_KERNELS)
TG_EACH_FLOAT(FLOAT_KERNELS)

#define MIN_TILE(name, dtype, type, wide)  [dtype] = min_tile_##name,
#define MAX_TILE(name, dtype, type, wide)  [dtype] = max_tile_##name,
#define MIN_MERGE(name, dtype, type, wide) [dtype] = min_merge_##name,
#define MAX_MERGE(name, dtype, type, wide) [dtype] = max_merge_##name,
static tg_tile_kernel *const min_tiles[TG_NDTYPES] = {TG_EACH_DTYPE(MIN_TILE)};
static tg_tile_kernel *const max_tiles[TG_NDTYPES] = {TG_EACH_DTYPE(MAX_TILE)};
static merge *const min_merges[TG_NDTYPES] = {TG_EACH_DTYPE(MIN_MERGE)};
static merge *const max_merges[TG_NDTYPES] = {TG_EACH_DTYPE(MAX_MERGE)};

#define SLOT sizeof(int64_t)

static size_t partial_size(const tg_reduce_spec *spec, int64_t nkept)
{
    (void)spec;
    return 2 * SLOT * (size_t)nkept;
}

static tg_status chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                       tg_task *scratch, tg_tile_kernel *kernel)
{
    int64_t nkept = tg_view_nkept(view);
    arg_state state = {partial, (int64_t *)partial + nkept, spec->params[0] != 0};

    memset(partial, 0, SLOT * (size_t)nkept);
    return tg_walk_places(view, tg_dtype_size(spec->dtype), kernel, &state, state.at, scratch);
}

static tg_status min_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch)
{
    return chunk(spec, view, partial, scratch, min_tiles[spec->dtype]);
}

static tg_status max_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch)
{
    return chunk(spec, view, partial, scratch, max_tiles[spec->dtype]);
}

static tg_status min_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                             const void *right)
{
    min_merges[spec->dtype](nkept, left, (int64_t *)left + nkept, right,
                            (const int64_t *)right + nkept);
    return TG_OK;
}

static tg_status max_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                             const void *right)
{
    max_merges[spec->dtype](nkept, left, (int64_t *)left + nkept, right,
                            (const int64_t *)right + nkept);
    return TG_OK;
}

static tg_status finalize(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                          tg_dtype out_dtype, void *out)
{
    (void)spec, (void)out_dtype;
    return tg_finalize_places(nkept, (const int64_t *)partial + nkept, out);
}

const tg_reducer tg_reducer_argmin = {
    .name = "argmin",
    .partial_size = partial_size,
    .chunk = min_chunk,
    .combine = min_combine,
    .finalize = finalize,
    .result = tg_place_dtype,
    .nchunk_params = 1,
    .by_tiles = true,
};

const tg_reducer tg_reducer_argmax = {
    .name = "argmax",
    .partial_size = partial_size,
    .chunk = max_chunk,
    .combine = max_combine,
    .finalize = finalize,
    .result = tg_place_dtype,
    .nchunk_params = 1,
    .by_tiles = true,
};
