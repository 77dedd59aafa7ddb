/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows of several axes beside sums, extremes and ranks taken element by element. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/filter_means.h"
#include "kernel/window.h"

enum { ROWS = 5, COLUMNS = 37, WIDE = COLUMNS + 2, PARTS = 5 };

/* A cross in an extended block of (ROWS + 2) x WIDE elements. */
static const int64_t cross[PARTS] = {1, WIDE, WIDE + 1, WIDE + 2, 2 * WIDE + 1};

static tg_window_block block_of(const void *data)
{
    return (tg_window_block){.ndim = 2,
                             .shape = {ROWS, COLUMNS},
                             .wide = {ROWS + 2, WIDE},
                             .data = data,
                             .count = PARTS,
                             .offset = cross};
}

static double image[(ROWS + 2) * WIDE];

static int fill_image(void **state)
{
    uint32_t x = 12345;

    (void)state;
    for (size_t i = 0; i < sizeof image / sizeof *image; i++) {
        x = x * 1664525u + 1013904223u;
        image[i] = (double)(x >> 24) - 100;
    }
    return 0;
}

static double at(int64_t row, int64_t column, int part)
{
    return image[row * WIDE + column + cross[part]];
}

static void sums_are_added_in_the_order_of_the_window(void **state)
{
    const double weight[PARTS] = {0.5, -1, 2, 1.0 / 3, 0.25};
    const tg_window_block block = block_of(image);
    double out[ROWS * COLUMNS], line[COLUMNS];

    (void)state;
    tg_window_sums(&block, weight, TG_FLOAT64, out, line);
    for (int64_t r = 0; r < ROWS; r++)
        for (int64_t c = 0; c < COLUMNS; c++) {
            double sum = 0;

            for (int t = 0; t < PARTS; t++)
                sum += at(r, c, t) * weight[t];
            assert_memory_equal(&out[r * COLUMNS + c], &sum, sizeof sum);
        }
}

static void check_extremes(bool most)
{
    const double height[PARTS] = {1, 0, -30, 2, 0.5};
    const tg_window_block block = block_of(image);
    double out[ROWS * COLUMNS], line[COLUMNS];

    tg_window_extremes(&block, height, most, TG_FLOAT64, out, line);
    for (int64_t r = 0; r < ROWS; r++)
        for (int64_t c = 0; c < COLUMNS; c++) {
            double best = at(r, c, 0) + height[0];

            for (int t = 1; t < PARTS; t++) {
                double x = at(r, c, t) + height[t];

                best = (most ? x > best : x < best) ? x : best;
            }
            assert_memory_equal(&out[r * COLUMNS + c], &best, sizeof best);
        }
}

static void the_smallest_sum_with_heights_is_found(void **state)
{
    (void)state;
    check_extremes(false);
}

static void the_largest_sum_with_heights_is_found(void **state)
{
    (void)state;
    check_extremes(true);
}

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

static void every_rank_is_that_of_the_sorted_window(void **state)
{
    const tg_window_block block = block_of(image);
    double out[ROWS * COLUMNS], set[PARTS];
    void *scratch = malloc(tg_window_rank_scratch(&block, TG_FLOAT64));

    (void)state;
    assert_non_null(scratch);
    for (int64_t rank = 0; rank < PARTS; rank++) {
        tg_window_rank(&block, TG_FLOAT64, rank, TG_FLOAT64, out, scratch);
        for (int64_t i = 0; i < ROWS * COLUMNS; i++) {
            for (int t = 0; t < PARTS; t++)
                set[t] = at(i / COLUMNS, i % COLUMNS, t);
            qsort(set, PARTS, sizeof *set, by_value);
            assert_memory_equal(&out[i], &set[rank], sizeof *set);
        }
    }
    free(scratch);
}

static void bits_are_all_or_any_of_those_in_the_window(void **state)
{
    uint8_t bits[(ROWS + 2) * WIDE], out[ROWS * COLUMNS];
    const tg_window_block block = block_of(bits);

    (void)state;
    for (size_t i = 0; i < sizeof bits; i++)
        bits[i] = image[i] > -60;
    for (int any = 0; any < 2; any++) {
        tg_window_bits(&block, any != 0, out);
        for (int64_t i = 0; i < ROWS * COLUMNS; i++) {
            int count = 0;

            for (int t = 0; t < PARTS; t++)
                count += at(i / COLUMNS, i % COLUMNS, t) > -60;
            assert_int_equal(out[i], any ? count > 0 : count == PARTS);
        }
    }
}

static double of_bits(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Doubles of all sizes and signs, not finite ones among them, and neighbours of multiples of
 * `count`, whose quotients are nearest to a change. */
static void fill_sums(uint64_t *random, int64_t count, int64_t n, double *x)
{
    for (int64_t i = 0; i < n; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        if (i % 3 == 0)
            x[i] = of_bits(*random);
        else if (i % 3 == 1)
            x[i] = of_bits((*random & UINT64_C(0x800fffffffffffff)) | UINT64_C(0x3ff) << 52);
        else
            x[i] = of_bits((UINT64_C(0x3ff) << 52 | *random >> 12)) * (double)count;
        if (i % 6 == 5)
            x[i] = of_bits(bits_of(x[i]) + (*random & 3) - 1);
    }
}

static void means_are_quotients_rounded_once(void **state)
{
    enum { MOST = 300, SUMS = 203 };
    double *sums = calloc((size_t)MOST * SUMS, sizeof *sums), out[SUMS], slow[SUMS];
    uint64_t random = 1;

    (void)state;
    assert_non_null(sums);
    for (int64_t count = 1; count <= MOST; count++) {
        for (int64_t n = SUMS; n > 0; n = n > 40 ? n / 2 : n - 7) {
            fill_sums(&random, count, n, sums); /* of the element and zeros: the element */
            memset(sums + n, 0, (size_t)((count - 1) * n) * sizeof *sums);
            tg_window_means_of(count)(n, sums, n, count, out);
            tg_divided_means(n, sums, n, count, slow);
            for (int64_t i = 0; i < n; i++) {
                const double quotient = (count > 1 ? sums[i] + 0.0 : sums[i]) / (double)count;

                if (quotient != quotient) {
                    assert_true(out[i] != out[i] && slow[i] != slow[i]);
                } else {
                    assert_memory_equal(&out[i], &quotient, sizeof quotient);
                    assert_memory_equal(&slow[i], &quotient, sizeof quotient);
                }
            }
        }
    }
    free(sums);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_added_in_the_order_of_the_window),
        cmocka_unit_test(the_smallest_sum_with_heights_is_found),
        cmocka_unit_test(the_largest_sum_with_heights_is_found),
        cmocka_unit_test(every_rank_is_that_of_the_sorted_window),
        cmocka_unit_test(bits_are_all_or_any_of_those_in_the_window),
        cmocka_unit_test(means_are_quotients_rounded_once),
    };

    return cmocka_run_group_tests(tests, fill_image, NULL);
}
