/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sums over tiles of floats, in the order of lanes.h.
 *
 *     by rows           two results after the other, their lanes side by side
 *     few columns' lines  strips of columns, all lanes of a strip in registers
 *     more of them        line by line, the lanes of all columns in the first cache: as many lines
 *                         as can be read at once without their caches and the readers ahead of
 *                         them getting in each other's way
 */
#include "kernel/float_sums.h"

#include <string.h>

#include "kernel/lanes.h"
#include "kernel/types.h"

typedef double pack __attribute__((vector_size(32), aligned(8)));

/* Four elements' terms to four lanes. */
#define ADD_4(lanes, at, shift, term)                                                              \
    {                                                                                              \
        pack d =                                                                                   \
            (pack){(double)(at)[0], (double)(at)[1], (double)(at)[2], (double)(at)[3]} - (shift);  \
        lanes += term;                                                                             \
    }

/* Sums of x - shift, or of its square, over two rows side by side: the lanes of one are too few to
 * keep the adders busy. The last row of an odd number is there twice. */
#define ROW_SUMS(what, name, type, term)                                                           \
    TG_CLONES static void rows_##what##_##name(int64_t n, const type *x, const type *y,            \
                                               const double *shift, double *sums)                  \
    {                                                                                              \
        const pack sx = {shift[0], shift[0], shift[0], shift[0]};                                  \
        const pack sy = {shift[1], shift[1], shift[1], shift[1]};                                  \
        pack a[2] = {{0}}, b[2] = {{0}};                                                           \
        int64_t i = 0;                                                                             \
                                                                                                   \
        for (; i + TG_LANES <= n; i += TG_LANES) {                                                 \
            ADD_4(a[0], x + i, sx, term)                                                           \
            ADD_4(b[0], y + i, sy, term)                                                           \
            ADD_4(a[1], x + i + 4, sx, term)                                                       \
            ADD_4(b[1], y + i + 4, sy, term)                                                       \
        }                                                                                          \
        for (int l = 0; i + l < n; l++) {                                                          \
            double d = (double)x[i + l] - shift[0];                                                \
            a[l / 4][l % 4] += term;                                                               \
            d = (double)y[i + l] - shift[1];                                                       \
            b[l / 4][l % 4] += term;                                                               \
        }                                                                                          \
        sums[0] =                                                                                  \
            tg_add_lanes(a[0][0], a[0][1], a[0][2], a[0][3], a[1][0], a[1][1], a[1][2], a[1][3]);  \
        sums[1] =                                                                                  \
            tg_add_lanes(b[0][0], b[0][1], b[0][2], b[0][3], b[1][0], b[1][1], b[1][2], b[1][3]);  \
    }                                                                                              \
                                                                                                   \
    static void row_##what##_##name(const tg_tile *tile, const double *shift, double *sums)        \
    {                                                                                              \
        const int64_t n = tile->nkept;                                                             \
        int64_t k = 0;                                                                             \
                                                                                                   \
        for (; k + 2 <= n; k += 2)                                                                 \
            rows_##what##_##name(tile->nreduced, tile->lines[k], tile->lines[k + 1], shift + k,    \
                                 sums + k);                                                        \
        if (k < n) {                                                                               \
            const double shifts[2] = {shift[k], shift[k]};                                         \
            double twice[2];                                                                       \
                                                                                                   \
            rows_##what##_##name(tile->nreduced, tile->lines[k], tile->lines[k], shifts, twice);   \
            sums[k] = twice[0];                                                                    \
        }                                                                                          \
    }

/* Lane l of a tile by columns takes the elements l, l + 8, ...: of up to four lines at once, so
 * that it is loaded and stored once for them. */
#define LANE_LINES 4

/* Those lines of n elements added one after the other, to nothing where the lane is fresh. */
#define ADD_LINES(what, name, type, term)                                                          \
    TG_CLONES static void add_4_##what##_##name(int64_t n, bool fresh, const type *const *x,       \
                                                const double *restrict shift,                      \
                                                double *restrict lane)                             \
    {                                                                                              \
        const type *restrict x0 = x[0], *restrict x1 = x[1], *restrict x2 = x[2],                  \
                             *restrict x3 = x[3];                                                  \
                                                                                                   \
        for (int64_t k = 0; k < n; k++) {                                                          \
            double sum = fresh ? 0 : lane[k], d = (double)x0[k] - shift[k];                        \
                                                                                                   \
            sum += term;                                                                           \
            d = (double)x1[k] - shift[k];                                                          \
            sum += term;                                                                           \
            d = (double)x2[k] - shift[k];                                                          \
            sum += term;                                                                           \
            d = (double)x3[k] - shift[k];                                                          \
            lane[k] = sum + term;                                                                  \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    TG_CLONES static void add_2_##what##_##name(int64_t n, bool fresh, const type *const *x,       \
                                                const double *restrict shift,                      \
                                                double *restrict lane)                             \
    {                                                                                              \
        const type *restrict x0 = x[0], *restrict x1 = x[1];                                       \
                                                                                                   \
        for (int64_t k = 0; k < n; k++) {                                                          \
            double sum = fresh ? 0 : lane[k], d = (double)x0[k] - shift[k];                        \
                                                                                                   \
            sum += term;                                                                           \
            d = (double)x1[k] - shift[k];                                                          \
            lane[k] = sum + term;                                                                  \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    TG_CLONES static void add_1_##what##_##name(int64_t n, bool fresh, const type *restrict x,     \
                                                const double *restrict shift,                      \
                                                double *restrict lane)                             \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++) {                                                          \
            double sum = fresh ? 0 : lane[k], d = (double)x[k] - shift[k];                         \
                                                                                                   \
            lane[k] = sum + term;                                                                  \
        }                                                                                          \
    }

TG_CLONES static void sum_lanes(int64_t n, double lane[TG_LANES][TG_FLOAT_KEPT],
                                double *restrict sums)
{
    for (int64_t k = 0; k < n; k++)
        sums[k] = tg_add_lanes(lane[0][k], lane[1][k], lane[2][k], lane[3][k], lane[4][k],
                               lane[5][k], lane[6][k], lane[7][k]);
}

/* ---- few lines ---- */

#define FEW_LINES 32 /* as many streams as are read ahead */
#define STRIP     16 /* columns */

/* Lane l of a strip from column k on. */
#define LANE(l, lane, type, term)                                                                  \
    for (int c = 0; c < STRIP / 4; c++)                                                            \
        lane[c] = (pack){0};                                                                       \
    for (int64_t r = l; r < lines; r += TG_LANES)                                                  \
        for (int c = 0; c < STRIP / 4; c++) {                                                      \
            const type *x = (const type *)line[r] + k + 4 * c;                                     \
            pack d = (pack){(double)x[0], (double)x[1], (double)x[2], (double)x[3]} - shifts[c];   \
                                                                                                   \
            lane[c] += term;                                                                       \
        }

/* sum = lane l + lane m */
#define TWO_LANES(l, m, sum, type, term)                                                           \
    LANE(l, sum, type, term)                                                                       \
    LANE(m, other, type, term)                                                                     \
    for (int c = 0; c < STRIP / 4; c++)                                                            \
        sum[c] += other[c];

/* tg_add_lanes in an order that needs few registers. The last strip overlaps. */
#define FEW(what, name, type, term)                                                                \
    TG_CLONES static void few_##what##_##name(int64_t n, int64_t lines, const void *const *line,   \
                                              const double *shift, double *sums)                   \
    {                                                                                              \
        for (int64_t at = 0; at < n; at += STRIP) {                                                \
            const int64_t k = at + STRIP <= n ? at : n - STRIP;                                    \
            pack shifts[STRIP / 4], sum[STRIP / 4], more[STRIP / 4], odd[STRIP / 4],               \
                other[STRIP / 4];                                                                  \
                                                                                                   \
            for (int c = 0; c < STRIP / 4; c++)                                                    \
                shifts[c] = *(const pack *)(shift + k + 4 * c);                                    \
            TWO_LANES(0, 4, sum, type, term)                                                       \
            TWO_LANES(2, 6, more, type, term)                                                      \
            for (int c = 0; c < STRIP / 4; c++)                                                    \
                sum[c] += more[c];                                                                 \
            TWO_LANES(1, 5, odd, type, term)                                                       \
            TWO_LANES(3, 7, more, type, term)                                                      \
            for (int c = 0; c < STRIP / 4; c++)                                                    \
                *(pack *)(sums + k + 4 * c) = sum[c] + (odd[c] + more[c]);                         \
        }                                                                                          \
    }

/* Sum of x - shift, or of its square, for columns. */
#define COLUMN_SUMS(what, name, type, term)                                                        \
    ADD_LINES(what, name, type, term)                                                              \
    FEW(what, name, type, term)                                                                    \
                                                                                                   \
    static void add_lines_##what##_##name(const tg_tile *tile, int64_t first, const double *shift, \
                                          double *lane)                                            \
    {                                                                                              \
        const type *x[LANE_LINES];                                                                 \
        const bool fresh = first < TG_LANES;                                                       \
        int64_t n = tile->nkept, lines = 0;                                                        \
                                                                                                   \
        for (int64_t r = first; r < tile->nreduced && lines < LANE_LINES; r += TG_LANES)           \
            x[lines++] = tile->lines[r];                                                           \
        if (lines == 4)                                                                            \
            add_4_##what##_##name(n, fresh, x, shift, lane);                                       \
        if (lines == 2 || lines == 3)                                                              \
            add_2_##what##_##name(n, fresh, x, shift, lane);                                       \
        if (lines == 1 || lines == 3)                                                              \
            add_1_##what##_##name(n, fresh &&lines == 1, x[lines - 1], shift, lane);               \
        if (lines == 0 && fresh)                                                                   \
            memset(lane, 0, sizeof *lane *(size_t)n);                                              \
    }                                                                                              \
                                                                                                   \
    static void column_##what##_##name(const tg_tile *tile, const double *shift, double *sums)     \
    {                                                                                              \
        double lane[TG_LANES][TG_FLOAT_KEPT];                                                      \
                                                                                                   \
        if (tile->nreduced <= FEW_LINES && tile->nkept >= STRIP) {                                 \
            few_##what##_##name(tile->nkept, tile->nreduced, tile->lines, shift, sums);            \
            return;                                                                                \
        }                                                                                          \
                                                                                                   \
        for (int64_t r = 0; r < tile->nreduced; r += LANE_LINES * TG_LANES)                        \
            for (int l = 0; l < TG_LANES; l++)                                                     \
                add_lines_##what##_##name(tile, r + l, shift, lane[l]);                            \
        sum_lanes(tile->nkept, lane, sums);                                                        \
    }

/* The first element of each result. */
#define FIRST(name, type)                                                                          \
    TG_CLONES static void widen_##name(int64_t n, const type *restrict x, double *restrict y)      \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++)                                                            \
            y[k] = (double)x[k];                                                                   \
    }                                                                                              \
                                                                                                   \
    static void first_##name(const tg_tile *tile, double *first)                                   \
    {                                                                                              \
        if (tile->by_columns)                                                                      \
            widen_##name(tile->nkept, tile->lines[0], first);                                      \
        for (int64_t k = 0; !tile->by_columns && k < tile->nkept; k++)                             \
            first[k] = (double)((const type *)tile->lines[k])[0];                                  \
    }

#define SUMS(what, name, type, term)                                                               \
    ROW_SUMS(what, name, type, term)                                                               \
    COLUMN_SUMS(what, name, type, term)                                                            \
                                                                                                   \
    static void what##_##name(const tg_tile *tile, const double *shift, double *sums)              \
    {                                                                                              \
        if (tile->by_columns)                                                                      \
            column_##what##_##name(tile, shift, sums);                                             \
        else                                                                                       \
            row_##what##_##name(tile, shift, sums);                                                \
    }

#define KERNELS(name, dtype, type, wide)                                                           \
    FIRST(name, type)                                                                              \
    SUMS(differences, name, type, d)                                                               \
    SUMS(squares, name, type, d *d)                                                                \
                                                                                                   \
    static const tg_float_sums sums_##name = {first_##name, differences_##name, squares_##name};
TG_EACH_FLOAT(KERNELS)

const tg_float_sums *tg_float_sums_of(tg_dtype dtype)
{
    return dtype == TG_FLOAT32 ? &sums_float32 : &sums_float64;
}
