/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorting, argsorting and searching, of every dtype by its own order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/elementwise.h"
#include "kernel/order.h"
#include "kernel/types.h"

enum { MOST = 1500 };

/* Numbers from -8 to 8 (from 0 for dtypes without a sign), many of them equal. */
static void fill(tg_dtype dtype, int64_t n, void *out)
{
    double z[2 * MOST];
    uint32_t x = 7;

    for (int64_t i = 0; i < 2 * n; i++) {
        x = x * 1664525u + 1013904223u;
        z[i] = (double)(x >> 28) - (tg_is_unsigned(dtype) || dtype == TG_BOOL ? 0 : 8);
    }
    if (dtype >= TG_FLOAT32)
        for (int64_t i = 1; i < n; i += 7)
            z[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? -0.0 : INFINITY;
    tg_convert(n, TG_COMPLEX128, z, dtype, out);
}

static void elements_are_sorted_and_equal_ones_keep_their_order(void **state)
{
    static const int64_t lengths[] = {0, 1, 2, 15, 16, 17, 31, 33, 64, 65, 1023, MOST};
    _Alignas(16) char x[MOST * 16], y[MOST * 16], spare[MOST * 16];
    int64_t index[MOST], other[3 * MOST];

    (void)state;
    for (int dtype = 0; dtype < TG_NDTYPES; dtype++)
        for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
            int64_t n = lengths[l];
            size_t size = tg_dtype_size((tg_dtype)dtype);

            fill((tg_dtype)dtype, n, x);
            memcpy(y, x, (size_t)n * size);
            tg_sort_elements((tg_dtype)dtype, n, y, spare);
            tg_argsort_elements((tg_dtype)dtype, n, x, index, other);
            for (int64_t i = 0; i < n; i++)
                assert_memory_equal(y + (size_t)i * size, x + (size_t)index[i] * size, size);
            for (int64_t i = 1; i < n; i++) {
                int order = tg_compares[dtype](x + (size_t)index[i - 1] * size,
                                               x + (size_t)index[i] * size);

                assert_true(order < 0 || (order == 0 && index[i - 1] < index[i]));
            }
        }
}

static void nan_is_after_all_numbers(void **state)
{
    double x[] = {3, NAN, -INFINITY, INFINITY, NAN, 1}, spare[6];

    (void)state;
    tg_sort_elements(TG_FLOAT64, 6, x, spare);
    assert_true(x[0] == -INFINITY && x[1] == 1 && x[2] == 3 && x[3] == INFINITY);
    assert_true(isnan(x[4]) && isnan(x[5]));
}

static void complex_numbers_go_by_real_then_imaginary_part(void **state)
{
    tg_complex128 x[] = {{NAN, 0}, {1, NAN}, {1, 2}, {1, -2}, {0, 9}}, spare[5];

    (void)state;
    tg_sort_elements(TG_COMPLEX128, 5, x, spare);
    assert_true(x[0].im == 9 && x[1].im == -2 && x[2].im == 2);
    assert_true(isnan(x[3].im) && isnan(x[4].re));
}

static void places_before_and_behind_equal_elements_are_found(void **state)
{
    const int16_t sorted[] = {1, 3, 3, 3, 7};
    const int16_t three = 3, zero = 0, nine = 9;

    (void)state;
    assert_int_equal(tg_search_sorted(TG_INT16, 5, sorted, &three, false), 1);
    assert_int_equal(tg_search_sorted(TG_INT16, 5, sorted, &three, true), 4);
    assert_int_equal(tg_search_sorted(TG_INT16, 5, sorted, &zero, true), 0);
    assert_int_equal(tg_search_sorted(TG_INT16, 5, sorted, &nine, false), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_sorted_and_equal_ones_keep_their_order),
        cmocka_unit_test(nan_is_after_all_numbers),
        cmocka_unit_test(complex_numbers_go_by_real_then_imaginary_part),
        cmocka_unit_test(places_before_and_behind_equal_elements_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
