/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Smallest and largest complex number, and where they are. NumPy's order: by real part, then by
 * imaginary part; a number with a NaN comes before all others, of several the first, as does the
 * first of equals. With params[0] != 0 numbers with a NaN are left out.
 *
 * A partial is nkept complex128, then nkept indices in C order over the reduced axes of the whole
 * array, -1 where there is none yet, so partials can meet in any order.
 */
#include <math.h>
#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/reduce_place.h"
#include "kernel/reducers.h"
#include "kernel/types.h"

typedef struct extreme_state {
    tg_complex128 *best;
    int64_t *at;
    bool single, largest, skip;
} extreme_state;

static bool has_nan(tg_complex128 x)
{
    return isnan(x.re) || isnan(x.im);
}

/* Whether x stands before y. */
static bool wins(tg_complex128 x, tg_complex128 y, bool largest)
{
    if (has_nan(x) || has_nan(y))
        return has_nan(x) && !has_nan(y);
    if (x.re != y.re)
        return largest ? x.re > y.re : x.re < y.re;
    return largest ? x.im > y.im : x.im < y.im;
}

static tg_complex128 element(const void *line, int64_t i, bool single)
{
    tg_complex64 x;

    if (!single)
        return ((const tg_complex128 *)line)[i];
    x = ((const tg_complex64 *)line)[i];
    return (tg_complex128){x.re, x.im};
}

static void see_tile(const tg_tile *tile, void *arg)
{
    const extreme_state *state = arg;

    for (int64_t r = 0; r < tile->nreduced; r++)
        for (int64_t k = 0; k < tile->nkept; k++) {
            tg_complex128 x = tile->by_columns ? element(tile->lines[r], k, state->single)
                                               : element(tile->lines[k], r, state->single);
            int64_t to = tile->kept + k;

            if (state->skip && has_nan(x))
                continue;
            if (state->at[to] < 0 || wins(x, state->best[to], state->largest)) {
                state->best[to] = x;
                state->at[to] = tile->reduced + r;
            }
        }
}

static size_t partial_size(const tg_reduce_spec *spec, int64_t nkept)
{
    (void)spec;
    return (sizeof(tg_complex128) + sizeof(int64_t)) * (size_t)nkept;
}

static tg_status chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                       tg_task *scratch, bool largest)
{
    int64_t nkept = tg_view_nkept(view);
    extreme_state state = {.best = partial,
                           .at = (int64_t *)((tg_complex128 *)partial + nkept),
                           .single = spec->dtype == TG_COMPLEX64,
                           .largest = largest,
                           .skip = spec->params[0] != 0};

    memset(partial, 0, partial_size(spec, nkept));
    return tg_walk_places(view, tg_dtype_size(spec->dtype), see_tile, &state, state.at, scratch);
}

static tg_status min_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch)
{
    return chunk(spec, view, partial, scratch, false);
}

static tg_status max_chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                           tg_task *scratch)
{
    return chunk(spec, view, partial, scratch, true);
}

static void merge(int64_t n, void *left, const void *right, bool largest)
{
    tg_complex128 *x = left;
    const tg_complex128 *y = right;
    int64_t *at = (int64_t *)(x + n);
    const int64_t *other = (const int64_t *)(y + n);

    for (int64_t k = 0; k < n; k++) {
        bool better = at[k] < 0 || wins(y[k], x[k], largest);
        bool first = other[k] < at[k] && !wins(x[k], y[k], largest);

        if (other[k] >= 0 && (better || first)) {
            x[k] = y[k];
            at[k] = other[k];
        }
    }
}

static tg_status min_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                             const void *right)
{
    (void)spec;
    merge(nkept, left, right, false);
    return TG_OK;
}

static tg_status max_combine(const tg_reduce_spec *spec, int64_t nkept, void *left,
                             const void *right)
{
    (void)spec;
    merge(nkept, left, right, true);
    return TG_OK;
}

/* The value; NaN where all were left out. */
static tg_status finalize_value(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                                tg_dtype out_dtype, void *out)
{
    const tg_complex128 *best = partial;
    const int64_t *at = (const int64_t *)(best + nkept);

    (void)spec;
    for (int64_t k = 0; k < nkept; k++) {
        tg_complex128 value = at[k] < 0 ? (tg_complex128){NAN, 0} : best[k];

        tg_convert(1, TG_COMPLEX128, &value, out_dtype,
                   (char *)out + (size_t)k * tg_dtype_size(out_dtype));
    }
    return TG_OK;
}

static tg_status finalize_index(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                                tg_dtype out_dtype, void *out)
{
    (void)spec, (void)out_dtype;
    return tg_finalize_places(nkept, (const int64_t *)((const tg_complex128 *)partial + nkept),
                              out);
}

static tg_dtype same(tg_dtype in)
{
    return in;
}

#define REDUCER(name_, text, chunk_, combine_, finalize_, result_)                                 \
    const tg_reducer name_ = {                                                                     \
        .name = (text),                                                                            \
        .partial_size = partial_size,                                                              \
        .chunk = (chunk_),                                                                         \
        .combine = (combine_),                                                                     \
        .finalize = (finalize_),                                                                   \
        .result = (result_),                                                                       \
        .nchunk_params = 1,                                                                        \
        .complex_ok = true,                                                                        \
        .by_tiles = true,                                                                          \
    };

REDUCER(tg_reducer_complex_min, "min", min_chunk, min_combine, finalize_value, same)
REDUCER(tg_reducer_complex_max, "max", max_chunk, max_combine, finalize_value, same)
REDUCER(tg_reducer_complex_argmin, "argmin", min_chunk, min_combine, finalize_index, tg_place_dtype)
REDUCER(tg_reducer_complex_argmax, "argmax", max_chunk, max_combine, finalize_index, tg_place_dtype)
