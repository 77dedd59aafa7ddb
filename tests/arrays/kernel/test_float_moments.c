/* SPDX-License-Identifier: BSD-3-Clause */
/* Moments of tiles of floats: the same bits on vectors of every width. */
#include <math.h>

#include "kernel_box.h"
#include "kernel/float_moments.h"

enum { ELEMENTS = 40000, MOST = TG_FLOAT_KEPT, GUARD = 8 };

/* Rows or columns one after the other, some of them with values that are not finite. */
static tg_tile tile_of(tg_dtype dtype, char *x, bool by_columns, int64_t nkept, int64_t nreduced,
                       const void **lines)
{
    const int64_t length = by_columns ? nkept : nreduced;
    const int64_t n = by_columns ? nreduced : nkept;

    assert_true(nkept * nreduced <= ELEMENTS);
    for (int64_t i = 0; i < n; i++)
        lines[i] = x + i * length * (int64_t)tg_dtype_size(dtype);
    return (tg_tile){
        .by_columns = by_columns, .nkept = nkept, .nreduced = nreduced, .lines = lines};
}

static void spoil(tg_dtype dtype, char *x)
{
    const double values[] = {NAN, INFINITY, -INFINITY, 1e308, -1e308, -0.0};

    for (int64_t i = 0; i < 6; i++)
        tg_convert(1, TG_FLOAT64, &values[i], dtype,
                   x + (977 * i + 5) * (int64_t)tg_dtype_size(dtype));
}

/* Means, their lower parts, squares; with room behind each that nobody may write to. */
struct result {
    double values[3][MOST + GUARD];
};

static tg_float_moments arrays_of(struct result *r, bool squares)
{
    return (tg_float_moments){r->values[0], r->values[1], squares ? r->values[2] : NULL};
}

/* Any NaN is like any other. */
static void expect_same(const struct result *a, const struct result *b)
{
    for (int array = 0; array < 3; array++)
        for (int i = 0; i < MOST + GUARD; i++) {
            const double x = a->values[array][i], y = b->values[array][i];

            if (!(isnan(x) && isnan(y)))
                assert_memory_equal(&x, &y, sizeof x);
        }
}

static void reduce_on(const tg_float_level *level, tg_dtype dtype, const tg_tile *tile,
                      bool squares, struct result *out)
{
    memset(out, 0x55, sizeof *out);
    (dtype == TG_FLOAT32 ? level->float32 : level->float64)(tile, arrays_of(out, squares));
}

static void compare_levels(tg_dtype dtype, const tg_tile *tile)
{
    const tg_float_level *level;

    for (int squares = 0; squares < 2; squares++) {
        struct result want, got;

        reduce_on(tg_float_level_at(0), dtype, tile, squares, &want);
        for (int i = 1; (level = tg_float_level_at(i)); i++) {
            reduce_on(level, dtype, tile, squares, &got);
            expect_same(&want, &got);
        }
    }
}

static void tiles_do_not_depend_on_the_width(void **state)
{
    static const int64_t rows[][2] = {
        {1, 1},   {1, 7},   {1, 255}, {1, 256},  {1, 257}, {1, 2048}, {1, 4095}, {3, 1000},
        {7, 513}, {8, 512}, {9, 9},   {64, 300}, {64, 5},  {2, 2048}, {5, 1281}, {6, 256}};
    static const int64_t columns[][2] = {{1, 1},    {3, 8},     {4, 8},   {7, 31},   {8, 32},
                                         {9, 33},   {255, 7},   {256, 1}, {256, 3},  {256, 64},
                                         {17, 256}, {100, 100}, {12, 11}, {250, 40}, {5, 256}};
    const void *lines[TG_TILE_KEPT];

    (void)state;
    for (tg_dtype dtype = TG_FLOAT32; dtype <= TG_FLOAT64; dtype++) {
        char *x = random_values(dtype, ELEMENTS);

        for (int spoilt = 0; spoilt < 2; spoilt++) {
            for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                tg_tile tile = tile_of(dtype, x, false, rows[i][0], rows[i][1], lines);

                compare_levels(dtype, &tile);
            }
            for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
                tg_tile tile = tile_of(dtype, x, true, columns[i][0], columns[i][1], lines);

                compare_levels(dtype, &tile);
            }
            spoil(dtype, x);
        }
        free(x);
    }
}

/* A row is the same among others, alone, as columns are, and in tiles of one block each. */
static void layouts_agree(void **state)
{
    const int64_t nkept = 9, nreduced = 600;
    double *x = random_values(TG_FLOAT64, nkept * nreduced);
    const void *lines[TG_TILE_KEPT];

    (void)state;
    spoil(TG_FLOAT64, (char *)x);
    for (int i = 0; tg_float_level_at(i); i++) {
        const tg_tile all = tile_of(TG_FLOAT64, (char *)x, false, nkept, nreduced, lines);
        struct result together;

        reduce_on(tg_float_level_at(i), TG_FLOAT64, &all, true, &together);
        for (int64_t k = 0; k < nkept; k++)
            for (int64_t at = 0; at < nreduced; at += TG_FLOAT_BLOCK) {
                const int64_t n = nreduced - at < TG_FLOAT_BLOCK ? nreduced - at : TG_FLOAT_BLOCK;
                const void *line = x + k * nreduced + at, *column[TG_FLOAT_BLOCK];
                const tg_tile row = {.nkept = 1, .nreduced = n, .lines = &line};
                const tg_tile down = {
                    .by_columns = true, .nkept = 1, .nreduced = n, .lines = column};
                struct result alone, across;

                for (int64_t r = 0; r < n; r++)
                    column[r] = (const double *)line + r;
                reduce_on(tg_float_level_at(i), TG_FLOAT64, &row, true, &alone);
                reduce_on(tg_float_level_at(i), TG_FLOAT64, &down, true, &across);
                expect_same(&alone, &across);
                for (int array = 0; array < 3; array++)
                    if (!isnan(alone.values[array][0]))
                        assert_true(alone.values[array][0] ==
                                    together.values[array][tg_unit(&all, at, k)]);
            }
    }
    free(x);
}

static void merging_does_not_depend_on_the_width(void **state)
{
    struct result left, right, want;

    (void)state;
    for (int n = 1; n <= MOST; n += n < 20 ? 1 : 59)
        for (int i = 0; tg_float_level_at(i); i++) {
            for (int array = 0; array < 3; array++)
                for (int k = 0; k < MOST + GUARD; k++) {
                    random_element(TG_FLOAT64, 3 * k + array, &left.values[array][k]);
                    random_element(TG_FLOAT64, 7 * k + array, &right.values[array][k]);
                    left.values[1][k] *= 0x1p-53;
                    right.values[1][k] *= 0x1p-53;
                }
            left.values[0][n / 2] = INFINITY;
            right.values[0][n / 3] = NAN;
            tg_float_level_at(i)->merge(n, 300, 77, arrays_of(&left, true),
                                        arrays_of(&right, true));
            if (i == 0)
                want = left;
            expect_same(&want, &left);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_do_not_depend_on_the_width),
        cmocka_unit_test(layouts_agree),
        cmocka_unit_test(merging_does_not_depend_on_the_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
