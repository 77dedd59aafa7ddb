/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Smallest and largest element.
 *
 * Defined so that the order does not matter even in the bits: NaN wins and is the one quiet NaN; of
 * zeros of both signs the smallest is -0 and the largest +0. So kernels take elements as they come.
 *
 * A partial is nkept elements of the input's dtype, at first the worst there is.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/reduce_walk.h"
#include "kernel/reducers.h"
#include "kernel/types.h"

#define LANES 16

/* The better of two: plain for integers; floats by masks, so that it vectorises. `a` is never a NaN
 * but the one that stands for all, and then stays. */
#define PICK(operator, compare, name, type)                                                        \
    static inline type operator##_##name(type a, type b)                                           \
    {                                                                                              \
        return b compare a ? b : a;                                                                \
    }
#define PICK_FLOAT(operator, compare, WITH_EQUAL, name, type, bits, nan_bits)                      \
    static inline type operator##_##name(type a, type b)                                           \
    {                                                                                              \
        bits x, y;                                                                                 \
        type result;                                                                               \
        bits better = (bits)0 - (bits)(b compare a);                                               \
        bits equal = (bits)0 - (bits)(b == a);                                                     \
        bits nan = (bits)0 - (bits)(b != b);                                                       \
                                                                                                   \
        memcpy(&x, &a, sizeof x);                                                                  \
        memcpy(&y, &b, sizeof y);                                                                  \
        x = (nan_bits & nan) | (y & better) | (WITH_EQUAL(x, y, equal) & ~better & ~nan);          \
        memcpy(&result, &x, sizeof result);                                                        \
        return result;                                                                             \
    }
/* x, unless equal: then x and y have the same bits or are zeros, of which -0 or +0 wins. */
#define OR_IF_EQUAL(x, y, equal)  ((x) | ((y) & (equal)))
#define AND_IF_EQUAL(x, y, equal) ((x) & ((y) | ~(equal)))
#define PICK_INTEGERS(name, dtype, type, wide)                                                     \
    PICK(min, <, name, type)                                                                       \
    PICK(max, >, name, type)
TG_EACH_INTEGER(PICK_INTEGERS)
PICK(min, <, bool8, uint8_t)
PICK(max, >, bool8, uint8_t)
PICK_FLOAT(min, <, OR_IF_EQUAL, float32, float, uint32_t, 0x7fc00000u)
PICK_FLOAT(max, >, AND_IF_EQUAL, float32, float, uint32_t, 0x7fc00000u)
PICK_FLOAT(min, <, OR_IF_EQUAL, float64, double, uint64_t, 0x7ff8000000000000u)
PICK_FLOAT(max, >, AND_IF_EQUAL, float64, double, uint64_t, 0x7ff8000000000000u)

/* What an element counts as. */
#define VALUE_NUMBER(x) (x)
#define VALUE_BOOL(x)   ((uint8_t)((x) != 0))

/* The state is the partial. */
#define KERNELS(operator, name, type, VALUE)                                                       \
    TG_CLONES static type operator##_row_##name(int64_t n, const type *x, type worst)              \
    {                                                                                              \
        type lane[LANES];                                                                          \
        int64_t i = 0;                                                                             \
                                                                                                   \
        for (int l = 0; l < LANES; l++)                                                            \
            lane[l] = worst;                                                                       \
        for (; i + LANES <= n; i += LANES) {                                                       \
            for (int l = 0; l < LANES; l++)                                                        \
                lane[l] = operator##_##name(lane[l], VALUE(x[i + l]));                             \
        }                                                                                          \
        for (; i < n; i++)                                                                         \
            lane[0] = operator##_##name(lane[0], VALUE(x[i]));                                     \
        for (int l = 1; l < LANES; l++)                                                            \
            lane[0] = operator##_##name(lane[0], lane[l]);                                         \
        return lane[0];                                                                            \
    }                                                                                              \
                                                                                                   \
    TG_CLONES static void operator##_line_##name(int64_t n, const type *restrict x,                \
                                                 type *restrict y)                                 \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++)                                                            \
            y[k] = operator##_##name(y[k], VALUE(x[k]));                                           \
    }                                                                                              \
                                                                                                   \
    static void operator##_tile_##name(const tg_tile *tile, void *arg)                             \
    {                                                                                              \
        type *y = (type *)arg + tile->kept;                                                        \
                                                                                                   \
        for (int64_t r = 0; tile->by_columns && r < tile->nreduced; r++)                           \
            operator##_line_##name(tile->nkept, tile->lines[r], y);                                \
        for (int64_t k = 0; !tile->by_columns && k < tile->nkept; k++)                             \
            y[k] = operator##_row_##name(tile->nreduced, tile->lines[k], y[k]);                    \
    }                                                                                              \
                                                                                                   \
    static void operator##_merge_##name(int64_t n, void *left, const void *right)                  \
    {                                                                                              \
        operator##_line_##name(n, right, left);                                                    \
    }

#define NUMBER_KERNELS(name, dtype, type, wide)                                                    \
    KERNELS(min, name, type, VALUE_NUMBER)                                                         \
    KERNELS(max, name, type, VALUE_NUMBER)
TG_EACH_NUMBER(NUMBER_KERNELS)
KERNELS(min, bool8, uint8_t, VALUE_BOOL)
KERNELS(max, bool8, uint8_t, VALUE_BOOL)

typedef void merge(int64_t n, void *left, const void *right);

#define TILE_ROW(operator, name, dtype)    [dtype] = operator##_tile_##name,
#define MERGE_ROW(operator, name, dtype)   [dtype] = operator##_merge_##name,
#define MIN_TILE(name, dtype, type, wide)  TILE_ROW(min, name, dtype)
#define MAX_TILE(name, dtype, type, wide)  TILE_ROW(max, name, dtype)
#define MIN_MERGE(name, dtype, type, wide) MERGE_ROW(min, name, dtype)
#define MAX_MERGE(name, dtype, type, wide) MERGE_ROW(max, name, dtype)
static tg_tile_kernel *const min_tiles[TG_NDTYPES] = {TG_EACH_DTYPE(MIN_TILE)};
static tg_tile_kernel *const max_tiles[TG_NDTYPES] = {TG_EACH_DTYPE(MAX_TILE)};
static merge *const min_merges[TG_NDTYPES] = {TG_EACH_DTYPE(MIN_MERGE)};
static merge *const max_merges[TG_NDTYPES] = {TG_EACH_DTYPE(MAX_MERGE)};

/* The largest and the smallest element of each dtype. */
static void fill_with_largest(tg_dtype dtype, int64_t n, void *out)
{
    static const uint64_t integers[TG_NDTYPES] = {
        [TG_BOOL] = 1,
        [TG_INT8] = INT8_MAX,
        [TG_INT16] = INT16_MAX,
        [TG_INT32] = INT32_MAX,
        [TG_INT64] = INT64_MAX,
        [TG_UINT8] = UINT8_MAX,
        [TG_UINT16] = UINT16_MAX,
        [TG_UINT32] = UINT32_MAX,
        [TG_UINT64] = UINT64_MAX,
    };
    double infinite = INFINITY;

    for (int64_t i = 0; i < n; i++) {
        char *at = (char *)out + (size_t)i * tg_dtype_size(dtype);

        if (tg_is_float(dtype))
            tg_convert(1, TG_FLOAT64, &infinite, dtype, at);
        else
            tg_convert(1, TG_UINT64, &integers[dtype], dtype, at);
    }
}

static void fill_with_smallest(tg_dtype dtype, int64_t n, void *out)
{
    static const int64_t integers[TG_NDTYPES] = {
        [TG_INT8] = INT8_MIN,
        [TG_INT16] = INT16_MIN,
        [TG_INT32] = INT32_MIN,
        [TG_INT64] = INT64_MIN,
    };
    double infinite = -INFINITY;

    for (int64_t i = 0; i < n; i++) {
        char *at = (char *)out + (size_t)i * tg_dtype_size(dtype);

        if (tg_is_float(dtype))
            tg_convert(1, TG_FLOAT64, &infinite, dtype, at);
        else
            tg_convert(1, TG_INT64, &integers[dtype], dtype, at);
    }
}

static const tg_walk_options any_order = {.kept_column = TG_TILE_KEPT};

static size_t partial_size(const tg_reduce_spec *spec, int64_t nkept)
{
    return tg_dtype_size(spec->dtype) * (size_t)nkept;
}

static tg_status min_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch)
{
    fill_with_largest(spec->dtype, tg_view_nkept(view), partial);
    return tg_walk(view, tg_dtype_size(spec->dtype), &any_order, min_tiles[spec->dtype], partial,
                   scratch);
}

static tg_status max_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch)
{
    fill_with_smallest(spec->dtype, tg_view_nkept(view), partial);
    return tg_walk(view, tg_dtype_size(spec->dtype), &any_order, max_tiles[spec->dtype], partial,
                   scratch);
}

static tg_status min_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                             const void *right)
{
    min_merges[spec->dtype](nkept, left, right);
    return TG_OK;
}

static tg_status max_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                             const void *right)
{
    max_merges[spec->dtype](nkept, left, right);
    return TG_OK;
}

static tg_status finalize(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                          tg_dtype out_dtype, void *out)
{
    tg_convert(nkept, spec->dtype, partial, out_dtype, out);
    return TG_OK;
}

static tg_dtype same(tg_dtype in)
{
    return in;
}

const tg_reducer tg_reducer_min = {
    .name = "min",
    .partial_size = partial_size,
    .chunk = min_chunk,
    .combine = min_combine,
    .finalize = finalize,
    .result = same,
    .by_tiles = true,
};

const tg_reducer tg_reducer_max = {
    .name = "max",
    .partial_size = partial_size,
    .chunk = max_chunk,
    .combine = max_combine,
    .finalize = finalize,
    .result = same,
    .by_tiles = true,
};
