/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exact moments of integers and bools: count n, sum S, sum of squares Q.
 *
 * The variance is (n Q - S^2) / (n (n - ddof)), its numerator an exact integer: nothing cancels,
 * and a constant gives 0. Two widths, by dtype and total count:
 *
 *     narrow  up to 16 bits, up to 2^32 elements: S in 64 bits, Q < 2^64, numerator in 128
 *     wide    else: S in 128 bits, Q in 192, numerator in 256
 */
#include <math.h>
#include <string.h>

#include "kernel/int_sums.h"
#include "kernel/reduce_moments.h"
#include "kernel/types.h"
#include "kernel/wide.h"

/* Words, least significant first, as partials need not be aligned for 128 bits. */
typedef struct wide_sum {
    uint64_t w[2]; /* two's complement */
} wide_sum;

typedef struct wide_squares {
    uint64_t w[3];
} wide_squares;

static bool is_narrow(const tg_reduce_spec *spec)
{
    return tg_dtype_size(spec->dtype) <= 2 && spec->total <= (int64_t)1 << 32;
}

static size_t sum_size(const tg_reduce_spec *spec)
{
    return is_narrow(spec) ? sizeof(int64_t) : sizeof(wide_sum);
}

static size_t squares_size(const tg_reduce_spec *spec)
{
    return is_narrow(spec) ? sizeof(uint64_t) : sizeof(wide_squares);
}

static size_t size(const tg_reduce_spec *spec, int64_t nkept, bool squares)
{
    size_t each = sum_size(spec) + (squares ? squares_size(spec) : 0);

    return sizeof(tg_moments_header) + each * (size_t)nkept;
}

static const void *sums_of(const void *partial)
{
    return (const char *)partial + sizeof(tg_moments_header);
}

static const void *squares_of(const tg_reduce_spec *spec, int64_t nkept, const void *partial)
{
    return (const char *)sums_of(partial) + sum_size(spec) * (size_t)nkept;
}

static tg_int128 wide_sum_value(wide_sum s)
{
    return (tg_int128)((tg_uint128)s.w[1] << 64 | s.w[0]);
}

static void add_to_sum(wide_sum *s, tg_int128 x)
{
    tg_uint128 sum = (tg_uint128)wide_sum_value(*s) + (tg_uint128)x;

    *s = (wide_sum){{(uint64_t)sum, (uint64_t)(sum >> 64)}};
}

static void add_to_squares(wide_squares *q, tg_uint128 low, uint64_t high)
{
    tg_uint128 sum = (tg_uint128)q->w[1] << 64 | q->w[0];

    sum += low;
    q->w[0] = (uint64_t)sum;
    q->w[1] = (uint64_t)(sum >> 64);
    q->w[2] += high + (sum < low);
}

typedef struct moments_state {
    tg_dtype dtype;
    bool narrow;
    void *sums;
    void *squares; /* NULL: not wanted */
} moments_state;

TG_CLONES static void add_signed(int64_t n, const int64_t *restrict from, int64_t *restrict to)
{
    for (int64_t k = 0; k < n; k++)
        to[k] += from[k];
}

TG_CLONES static void add_unsigned(int64_t n, const uint64_t *restrict from, uint64_t *restrict to)
{
    for (int64_t k = 0; k < n; k++)
        to[k] += from[k];
}

static void add_tile(const moments_state *state, const tg_tile *tile, const int64_t *sums,
                     const uint64_t *low, const uint64_t *high)
{
    if (state->narrow) {
        add_signed(tile->nkept, sums, (int64_t *)state->sums + tile->kept);
        if (state->squares)
            add_unsigned(tile->nkept, low, (uint64_t *)state->squares + tile->kept);
        return;
    }
    for (int64_t k = 0, at = tile->kept; k < tile->nkept; k++, at++) {
        add_to_sum((wide_sum *)state->sums + at, sums[k]);
        if (state->squares)
            add_to_squares((wide_squares *)state->squares + at,
                           ((tg_uint128)high[k] << 32) + low[k], 0);
    }
}

/* Up to 32 bits. */
static void reduce_tile(const tg_tile *tile, void *arg)
{
    const moments_state *state = arg;
    int64_t sums[TG_TILE_KEPT];
    uint64_t low[TG_TILE_KEPT], high[TG_TILE_KEPT];

    if (state->squares)
        tg_int_squares_of(state->dtype)(tile, sums, low, high);
    else
        tg_int_sums_of(state->dtype)(tile, sums);
    add_tile(state, tile, sums, low, high);
}

/* 64 bits: every element is added to the wide sums. */
static void reduce_tile_of_64(const tg_tile *tile, void *arg)
{
    const moments_state *state = arg;
    int64_t nlines = tile->by_columns ? tile->nreduced : tile->nkept;
    int64_t length = tile->by_columns ? tile->nkept : tile->nreduced;

    for (int64_t line = 0; line < nlines; line++) {
        const uint64_t *x = tile->lines[line];

        for (int64_t i = 0; i < length; i++) {
            int64_t at = tile->kept + (tile->by_columns ? i : line);
            tg_int128 value = state->dtype == TG_INT64 ? (tg_int128)(int64_t)x[i] : (tg_int128)x[i];

            add_to_sum((wide_sum *)state->sums + at, value);
            if (state->squares)
                add_to_squares((wide_squares *)state->squares + at,
                               tg_magnitude(value) * tg_magnitude(value), 0);
        }
    }
}

static tg_status chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, bool squares,
                       void *partial, tg_task *scratch)
{
    const tg_walk_options any_order = {
        .kept_column = TG_TILE_KEPT,
        .takes_planes = squares && tg_int_squares_take_planes(spec->dtype),
    };
    int64_t nkept = tg_view_nkept(view);
    size_t itemsize = tg_dtype_size(spec->dtype);
    moments_state state = {.dtype = spec->dtype, .narrow = is_narrow(spec)};

    memset(partial, 0, size(spec, nkept, squares));
    ((tg_moments_header *)partial)->count = tg_view_nreduced(view);
    state.sums = (char *)partial + sizeof(tg_moments_header);
    if (squares)
        state.squares = (char *)state.sums + sum_size(spec) * (size_t)nkept;
    return tg_walk(view, itemsize, &any_order, itemsize == 8 ? reduce_tile_of_64 : reduce_tile,
                   &state, scratch);
}

static void combine_wide(int64_t nkept, bool squares, wide_sum *left, const wide_sum *right)
{
    wide_squares *left_squares = (wide_squares *)(left + nkept);
    const wide_squares *right_squares = (const wide_squares *)(right + nkept);

    for (int64_t k = 0; k < nkept; k++)
        add_to_sum(&left[k], wide_sum_value(right[k]));
    for (int64_t k = 0; squares && k < nkept; k++) {
        const wide_squares q = right_squares[k];

        add_to_squares(&left_squares[k], (tg_uint128)q.w[1] << 64 | q.w[0], q.w[2]);
    }
}

static void combine(const tg_reduce_spec *spec, int64_t nkept, bool squares, void *left,
                    const void *right)
{
    int64_t *sums = (int64_t *)(void *)((char *)left + sizeof(tg_moments_header));

    ((tg_moments_header *)left)->count += ((const tg_moments_header *)right)->count;
    if (!is_narrow(spec)) {
        combine_wide(nkept, squares, (wide_sum *)sums, sums_of(right));
        return;
    }
    add_signed(nkept, sums_of(right), sums);
    if (squares)
        add_unsigned(nkept, squares_of(spec, nkept, right), (uint64_t *)(sums + nkept));
}

static tg_int128 sum_of(const tg_reduce_spec *spec, const void *partial, int64_t k)
{
    if (is_narrow(spec))
        return ((const int64_t *)sums_of(partial))[k];
    return wide_sum_value(((const wide_sum *)sums_of(partial))[k]);
}

static void means(const tg_reduce_spec *spec, int64_t nkept, const void *partial, int64_t first,
                  int64_t n, double *out)
{
    const int64_t count = ((const tg_moments_header *)partial)->count;

    (void)nkept;
    for (int64_t k = 0; k < n; k++)
        out[k] = tg_exact_mean(sum_of(spec, partial, first + k), count);
}

/* n Q - S^2, rounded once. */
static double numerator(const tg_reduce_spec *spec, int64_t nkept, const void *partial, int64_t k)
{
    uint64_t count = (uint64_t)((const tg_moments_header *)partial)->count;
    tg_uint128 s = tg_magnitude(sum_of(spec, partial, k));
    const void *squares = squares_of(spec, nkept, partial);
    tg_uint256 q = {{0}};

    if (is_narrow(spec))
        return (double)((tg_uint128)((const uint64_t *)squares)[k] * count - s * s);
    memcpy(q.w, &((const wide_squares *)squares)[k], sizeof(wide_squares));
    return tg_uint256_to_double(
        tg_uint256_subtract(tg_uint256_scale(q, count), tg_uint256_square(s)));
}

/* Up to so many elements of 16 bits n Q and S^2 stay below 2^63. */
#define FEW 46340

TG_CLONES static void few_variances(int64_t n, int64_t count, const int64_t *restrict sums,
                                    const uint64_t *restrict squares, double divisor,
                                    double *restrict out)
{
    for (int64_t k = 0; k < n; k++)
        out[k] = (double)((int64_t)squares[k] * count - sums[k] * sums[k]) / divisor;
}

static void variances(const tg_reduce_spec *spec, int64_t nkept, const void *partial, double ddof,
                      int64_t first, int64_t n, double *out)
{
    const int64_t elements = ((const tg_moments_header *)partial)->count;
    const double count = (double)elements, divisor = count > ddof ? count - ddof : 0;

    if (is_narrow(spec) && elements <= FEW) {
        few_variances(n, elements, (const int64_t *)sums_of(partial) + first,
                      (const uint64_t *)squares_of(spec, nkept, partial) + first, count * divisor,
                      out);
        return;
    }
    for (int64_t k = 0; k < n; k++)
        out[k] = numerator(spec, nkept, partial, first + k) / (count * divisor);
}

const tg_moments tg_moments_int = {
    .size = size,
    .chunk = chunk,
    .combine = combine,
    .means = means,
    .variances = variances,
};
