/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Products. Integers modulo 2^64, as NumPy's. Floats in float64, in the logical order within a
 * chunk; rounded to float32 once, at the end.
 *
 * A partial is nkept uint64 or double; of complex numbers two doubles for each.
 */
#include "kernel/elementwise.h"
#include "kernel/lanes.h"
#include "kernel/reduce_walk.h"
#include "kernel/reducers.h"
#include "kernel/types.h"

static tg_dtype prod_result(tg_dtype in)
{
    if (tg_is_float(in) || tg_is_complex(in))
        return in;
    return tg_is_unsigned(in) ? TG_UINT64 : TG_INT64;
}

static tg_dtype held(tg_dtype in)
{
    if (tg_is_complex(in))
        return TG_COMPLEX128;
    return tg_is_float(in) ? TG_FLOAT64 : prod_result(in);
}

static size_t prod_partial_size(const tg_reduce_spec *spec, int64_t nkept)
{
    return tg_dtype_size(held(spec->dtype)) * (size_t)nkept;
}

static inline tg_complex128 times(tg_complex128 a, tg_complex128 b)
{
    return (tg_complex128){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

#define REAL_VALUE(to, x)    ((to)(x))
#define BOOL_VALUE(to, x)    ((to)((x) != 0))
#define COMPLEX_VALUE(to, x) ((to){(double)(x).re, (double)(x).im})
#define REAL_TIMES(p, x)     ((p) * (x))
#define COMPLEX_TIMES(p, x)  times((p), (x))

/* Each result's elements in their order, whichever way the tile lies. */
#define PRODUCT(name, type, to, VALUE, TIMES)                                                      \
    static void multiply_##name(const tg_tile *tile, void *arg)                                    \
    {                                                                                              \
        to *p = (to *)arg + tile->kept;                                                            \
                                                                                                   \
        for (int64_t r = 0; tile->by_columns && r < tile->nreduced; r++) {                         \
            const type *x = tile->lines[r];                                                        \
                                                                                                   \
            for (int64_t k = 0; k < tile->nkept; k++)                                              \
                p[k] = TIMES(p[k], VALUE(to, x[k]));                                               \
        }                                                                                          \
        for (int64_t k = 0; !tile->by_columns && k < tile->nkept; k++) {                           \
            const type *x = tile->lines[k];                                                        \
                                                                                                   \
            for (int64_t r = 0; r < tile->nreduced; r++)                                           \
                p[k] = TIMES(p[k], VALUE(to, x[r]));                                               \
        }                                                                                          \
    }
#define INTEGER_PRODUCT(name, dtype, type, wide)                                                   \
    PRODUCT(name, type, uint64_t, REAL_VALUE, REAL_TIMES)
#define FLOAT_PRODUCT(name, dtype, type, wide) PRODUCT(name, type, double, REAL_VALUE, REAL_TIMES)
#define COMPLEX_PRODUCT(name, dtype, type, part)                                                   \
    PRODUCT(name, type, tg_complex128, COMPLEX_VALUE, COMPLEX_TIMES)
PRODUCT(bool8, uint8_t, uint64_t, BOOL_VALUE, REAL_TIMES)
TG_EACH_INTEGER(INTEGER_PRODUCT)
TG_EACH_FLOAT(FLOAT_PRODUCT)
TG_EACH_COMPLEX(COMPLEX_PRODUCT)

#define ROW(name, dtype, type, wide) [dtype] = multiply_##name,
static tg_tile_kernel *const kernels[TG_NDTYPES] = {TG_EACH_DTYPE(ROW) TG_EACH_COMPLEX(ROW)};

static tg_status prod_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                            tg_task *scratch)
{
    static const tg_walk_options options = {.block = TG_FLOAT_BLOCK, .kept_column = TG_FLOAT_KEPT};
    int64_t nkept = tg_view_nkept(view);
    tg_dtype to = held(spec->dtype);
    size_t size = tg_dtype_size(to);

    for (int64_t k = 0; k < nkept; k++)
        tg_convert(1, TG_UINT8, &(uint8_t){1}, to, (char *)partial + (size_t)k * size);
    return tg_walk(view, tg_dtype_size(spec->dtype), &options, kernels[spec->dtype], partial,
                   scratch);
}

static tg_status prod_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                              const void *right)
{
    tg_dtype dtype = held(spec->dtype);

    for (int64_t k = 0; k < nkept; k++)
        if (dtype == TG_COMPLEX128)
            ((tg_complex128 *)left)[k] =
                times(((tg_complex128 *)left)[k], ((const tg_complex128 *)right)[k]);
        else if (dtype == TG_FLOAT64)
            ((double *)left)[k] *= ((const double *)right)[k];
        else
            ((uint64_t *)left)[k] *= ((const uint64_t *)right)[k];
    return TG_OK;
}

static tg_status prod_finalize(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                               tg_dtype out_dtype, void *out)
{
    tg_convert(nkept, held(spec->dtype), partial, out_dtype, out);
    return TG_OK;
}

const tg_reducer tg_reducer_prod = {
    .name = "prod",
    .partial_size = prod_partial_size,
    .chunk = prod_chunk,
    .combine = prod_combine,
    .finalize = prod_finalize,
    .result = prod_result,
    .empty_ok = true,
    .complex_ok = true,
    .by_tiles = true,
};
