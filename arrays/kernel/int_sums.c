/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exact sums of integers at the speed of the memory.
 *
 * A tile has at most 65536 = 2^16 reduced elements by rows and 1024 by columns. So sums of up to 16
 * bits fit 32 (2^16 of them, unsigned below 2^32, signed from -2^31), those of 32 bits fit 64. A
 * square of 8 bits fits 16, 2^16 of them 32; one of 16 bits fits 32 and is accumulated in 64; one
 * of 32 bits is accumulated in two halves.
 */
#include <string.h>

#include "kernel/int_sums.h"
#include "kernel/short_rows.h"
#include "kernel/types.h"

/* X(name, type of an element, of a tile's sum, of a square, of a tile's sum of squares) */
#define TINY(X)                                                                                    \
    X(int8, int8_t, int32_t, uint32_t, uint32_t)                                                   \
    X(uint8, uint8_t, uint32_t, uint32_t, uint32_t)
#define SHORT(X)                                                                                   \
    X(int16, int16_t, int32_t, uint32_t, uint64_t)                                                 \
    X(uint16, uint16_t, uint32_t, uint32_t, uint64_t)
#define SMALL(X) TINY(X) SHORT(X)
#define MIDDLE(X)                                                                                  \
    X(int32, int32_t, int64_t, uint64_t, uint64_t)                                                 \
    X(uint32, uint32_t, int64_t, uint64_t, uint64_t)
#define LARGE(X)                                                                                   \
    X(int64, int64_t, uint64_t, uint64_t, uint64_t)                                                \
    X(uint64, uint64_t, uint64_t, uint64_t, uint64_t)

#define SUMS(name, type, sum)                                                                      \
    TG_CLONES static sum row_sum_##name(int64_t n, const type *x)                                  \
    {                                                                                              \
        sum s = 0;                                                                                 \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            s += (sum)x[i];                                                                        \
        return s;                                                                                  \
    }                                                                                              \
                                                                                                   \
    TG_CLONES static void add_line_##name(int64_t n, const type *restrict x, sum *restrict s)      \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++)                                                            \
            s[k] += (sum)x[k];                                                                     \
    }                                                                                              \
                                                                                                   \
    static void sums_##name(const tg_tile *tile, int64_t *sums)                                    \
    {                                                                                              \
        sum s[TG_TILE_KEPT];                                                                       \
                                                                                                   \
        if (tile->by_columns) {                                                                    \
            memset(s, 0, sizeof *s *(size_t)tile->nkept);                                          \
            for (int64_t r = 0; r < tile->nreduced; r++)                                           \
                add_line_##name(tile->nkept, tile->lines[r], s);                                   \
        } else {                                                                                   \
            for (int64_t k = 0; k < tile->nkept; k++)                                              \
                s[k] = row_sum_##name(tile->nreduced, tile->lines[k]);                             \
        }                                                                                          \
        for (int64_t k = 0; k < tile->nkept; k++)                                                  \
            sums[k] = (int64_t)s[k];                                                               \
    }
#define PLAIN_SUMS(name, type, sum, square, total) SUMS(name, type, sum)
SMALL(PLAIN_SUMS)
MIDDLE(PLAIN_SUMS)
LARGE(PLAIN_SUMS)

/* Squares of two elements of one result, added as far as they fit. */
#define PAIR_int8(a, b)   ((a) * (a) + (b) * (b))
#define PAIR_uint8(a, b)  ((a) * (a) + (b) * (b))
#define PAIR_int16(a, b)  ((a) * (a) + (b) * (b))
#define PAIR_uint16(a, b) ((uint64_t)((a) * (a)) + (uint64_t)((b) * (b)))

/* Rows by other means, where there are any. */
#define BY_ROWS_int8(...)  false
#define BY_ROWS_uint8(...) false
#define BY_ROWS_int16(tile, sums, squares)                                                         \
    (tg_has_short_rows() && (tg_short_rows(tile, true, sums, squares), true))
#define BY_ROWS_uint16(tile, sums, squares)                                                        \
    (tg_has_short_rows() && (tg_short_rows(tile, false, sums, squares), true))

/* The same of columns. */
#define BY_COLUMNS_int8(...)  false
#define BY_COLUMNS_uint8(...) false
#define BY_COLUMNS_int16(tile, sums, squares)                                                      \
    (has_short_columns(tile) && (tg_short_columns(tile, true, sums, squares), true))
#define BY_COLUMNS_uint16(tile, sums, squares)                                                     \
    (has_short_columns(tile) && (tg_short_columns(tile, false, sums, squares), true))

static bool has_short_columns(const tg_tile *tile)
{
    return tile->nkept >= TG_SHORT_COLUMNS && tg_has_short_rows();
}

#define ROW_SQUARES(name, type, sum, square, total)                                                \
    static inline __attribute__((always_inline)) void row_squares_##name(                          \
        int64_t n, const type *x, int64_t *sums, uint64_t *low)                                    \
    {                                                                                              \
        sum s = 0;                                                                                 \
        total q = 0;                                                                               \
                                                                                                   \
        for (int64_t i = 0; i < n; i++) {                                                          \
            s += (sum)x[i];                                                                        \
            q += (square)x[i] * (square)x[i];                                                      \
        }                                                                                          \
        *sums = (int64_t)s;                                                                        \
        *low = q;                                                                                  \
    }
SMALL(ROW_SQUARES)

/* Columns take four lines at once, so that sums are loaded and stored once for four elements. */
#define SMALL_SQUARES(name, type, sum, square, total)                                              \
    TG_CLONES static void add_four_##name(                                                         \
        int64_t n, const type *restrict x0, const type *restrict x1, const type *restrict x2,      \
        const type *restrict x3, sum *restrict s, total *restrict q)                               \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++) {                                                          \
            square a = (square)x0[k], b = (square)x1[k], c = (square)x2[k], d = (square)x3[k];     \
            s[k] += (sum)a + (sum)b + (sum)c + (sum)d;                                             \
            q[k] += (total)PAIR_##name(a, b) + (total)PAIR_##name(c, d);                           \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void column_squares_##name(const tg_tile *tile, int64_t *sums, uint64_t *low)           \
    {                                                                                              \
        static const type zeros[TG_TILE_KEPT];                                                     \
        sum s[TG_TILE_KEPT];                                                                       \
        total q[TG_TILE_KEPT];                                                                     \
                                                                                                   \
        memset(s, 0, sizeof *s *(size_t)tile->nkept);                                              \
        memset(q, 0, sizeof *q *(size_t)tile->nkept);                                              \
        for (int64_t r = 0; r < tile->nreduced; r += 4) {                                          \
            const void *x[4];                                                                      \
                                                                                                   \
            for (int64_t i = 0; i < 4; i++)                                                        \
                x[i] = r + i < tile->nreduced ? tile->lines[r + i] : zeros;                        \
            add_four_##name(tile->nkept, x[0], x[1], x[2], x[3], s, q);                            \
        }                                                                                          \
        for (int64_t k = 0; k < tile->nkept; k++) {                                                \
            sums[k] = (int64_t)s[k];                                                               \
            low[k] = q[k];                                                                         \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    TG_CLONES static void rows_squares_##name(const tg_tile *tile, int64_t *sums, uint64_t *low)   \
    {                                                                                              \
        for (int64_t k = 0; k < tile->nkept; k++)                                                  \
            row_squares_##name(tile->nreduced, tile->lines[k], &sums[k], &low[k]);                 \
    }                                                                                              \
                                                                                                   \
    static void squares_##name(const tg_tile *tile, int64_t *sums, uint64_t *low, uint64_t *high)  \
    {                                                                                              \
        memset(high, 0, sizeof *high *(size_t)tile->nkept);                                        \
        if (tile->by_columns && !BY_COLUMNS_##name(tile, sums, low))                               \
            column_squares_##name(tile, sums, low);                                                \
        if (!tile->by_columns && !BY_ROWS_##name(tile, sums, low))                                 \
            rows_squares_##name(tile, sums, low);                                                  \
    }
SMALL(SMALL_SQUARES)

#define MIDDLE_SQUARES(name, type, sum, square, total)                                             \
    TG_CLONES static void row_squares_##name(int64_t n, const type *x, int64_t *sums,              \
                                             uint64_t *low, uint64_t *high)                        \
    {                                                                                              \
        sum s = 0;                                                                                 \
        uint64_t l = 0, h = 0;                                                                     \
                                                                                                   \
        for (int64_t i = 0; i < n; i++) {                                                          \
            square q = (square)((sum)x[i]) * (square)((sum)x[i]);                                  \
            s += (sum)x[i];                                                                        \
            l += q & 0xffffffffu;                                                                  \
            h += q >> 32;                                                                          \
        }                                                                                          \
        *sums = (int64_t)s;                                                                        \
        *low = l;                                                                                  \
        *high = h;                                                                                 \
    }                                                                                              \
                                                                                                   \
    TG_CLONES static void add_squares_##name(int64_t n, const type *restrict x,                    \
                                             int64_t *restrict s, uint64_t *restrict low,          \
                                             uint64_t *restrict high)                              \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++) {                                                          \
            square q = (square)((sum)x[k]) * (square)((sum)x[k]);                                  \
            s[k] += (int64_t)x[k];                                                                 \
            low[k] += q & 0xffffffffu;                                                             \
            high[k] += q >> 32;                                                                    \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void squares_##name(const tg_tile *tile, int64_t *sums, uint64_t *low, uint64_t *high)  \
    {                                                                                              \
        if (!tile->by_columns) {                                                                   \
            for (int64_t k = 0; k < tile->nkept; k++)                                              \
                row_squares_##name(tile->nreduced, tile->lines[k], &sums[k], &low[k], &high[k]);   \
            return;                                                                                \
        }                                                                                          \
        memset(sums, 0, sizeof *sums *(size_t)tile->nkept);                                        \
        memset(low, 0, sizeof *low *(size_t)tile->nkept);                                          \
        memset(high, 0, sizeof *high *(size_t)tile->nkept);                                        \
        for (int64_t r = 0; r < tile->nreduced; r++)                                               \
            add_squares_##name(tile->nkept, tile->lines[r], sums, low, high);                      \
    }
MIDDLE(MIDDLE_SQUARES)

/* A bool read from a file may be any byte: not zero is true. */
static void sums_bool(const tg_tile *tile, int64_t *sums)
{
    memset(sums, 0, sizeof *sums * (size_t)tile->nkept);
    for (int64_t line = 0; line < (tile->by_columns ? tile->nreduced : tile->nkept); line++) {
        const uint8_t *x = tile->lines[line];

        for (int64_t i = 0; i < (tile->by_columns ? tile->nkept : tile->nreduced); i++)
            sums[tile->by_columns ? i : line] += x[i] != 0;
    }
}

static void squares_bool(const tg_tile *tile, int64_t *sums, uint64_t *low, uint64_t *high)
{
    sums_bool(tile, sums);
    for (int64_t k = 0; k < tile->nkept; k++) {
        low[k] = (uint64_t)sums[k];
        high[k] = 0;
    }
}

tg_int_sums *tg_int_sums_of(tg_dtype dtype)
{
    static tg_int_sums *const table[TG_NDTYPES] = {
        [TG_BOOL] = sums_bool,     [TG_INT8] = sums_int8,     [TG_INT16] = sums_int16,
        [TG_INT32] = sums_int32,   [TG_INT64] = sums_int64,   [TG_UINT8] = sums_uint8,
        [TG_UINT16] = sums_uint16, [TG_UINT32] = sums_uint32, [TG_UINT64] = sums_uint64,
    };

    return table[dtype];
}

bool tg_int_squares_take_planes(tg_dtype dtype)
{
    return (dtype == TG_INT16 || dtype == TG_UINT16) && tg_has_short_rows();
}

tg_int_squares *tg_int_squares_of(tg_dtype dtype)
{
    static tg_int_squares *const table[TG_NDTYPES] = {
        [TG_BOOL] = squares_bool,     [TG_INT8] = squares_int8,   [TG_INT16] = squares_int16,
        [TG_INT32] = squares_int32,   [TG_UINT8] = squares_uint8, [TG_UINT16] = squares_uint16,
        [TG_UINT32] = squares_uint32,
    };

    return table[dtype];
}
