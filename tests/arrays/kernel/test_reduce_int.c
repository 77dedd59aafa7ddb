/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions of integers and bools are exact, to the last bit of the one rounding. */
#include <math.h>

#include "kernel_box.h"
#include "task_mock.h"
#include "kernel/int_sums.h"
#include "kernel/wide.h"

static int64_t as_int64(tg_dtype dtype, const void *values, int64_t i)
{
    int64_t x = 0;

    tg_convert(1, dtype, (const char *)values + (size_t)i * tg_dtype_size(dtype), TG_INT64, &x);
    return x;
}

/* Up to 32 bits, whose moments of some hundred elements fit 128 bits. */
static void expect_exact_column(tg_dtype dtype, const void *values, int64_t n, int64_t width,
                                int64_t k, const double *mean, const double *var, int64_t sum)
{
    tg_int128 s = 0, q = 0;

    for (int64_t i = 0; i < n; i++) {
        tg_int128 x = as_int64(dtype, values, i * width + k);

        s += x;
        q += x * x;
    }
    assert_true(s == sum);
    assert_true(mean[k] == (double)(int64_t)s / (double)n);
    assert_true(var[k] == (double)(n * q - s * s) / ((double)n * (double)(n - 1)));
}

static void moments_of_up_to_32_bits_are_exact(void **state)
{
    const int64_t shape[] = {900, 33}, pieces[] = {100, 300, 500};
    const double ddof = 1;

    (void)state;
    for (int t = TG_BOOL; t < TG_FLOAT32; t++) {
        void *values = random_values((tg_dtype)t, 900 * 33);
        box b = box_create((tg_dtype)t, 2, shape, values, t % 2 ? C_ORDER : REVERSED);
        reduction m = reduce(&tg_reducer_mean, &b, 1, NULL, 0, pieces, 3);
        reduction v = reduce(&tg_reducer_var, &b, 1, &ddof, 1, pieces, 3);
        reduction s = reduce(&tg_reducer_sum, &b, 1, NULL, 0, pieces, 3);
        double *mean = double_results(&m), *var = double_results(&v);
        int64_t *sum = results(&s);

        for (int64_t k = 0; k < 33 && tg_dtype_size((tg_dtype)t) <= 4; k++)
            expect_exact_column((tg_dtype)t, values, 900, 33, k, mean, var, sum[k]);
        free(mean);
        free(var);
        free(sum);
        box_destroy(&b);
        free(values);
    }
}

static double reduce_one(const tg_reducer *reducer, tg_dtype dtype, const void *values, int64_t n,
                         double ddof)
{
    box b = box_create(dtype, 1, &n, values, C_ORDER);
    reduction r = reduce_whole(reducer, &b, 1, &ddof, 1);
    double *x = double_results(&r), result = x[0];

    free(x);
    box_destroy(&b);
    return result;
}

static void moments_of_64_bits_are_exact(void **state)
{
    const int64_t ends[] = {INT64_MIN, INT64_MAX};
    const uint64_t top[] = {UINT64_MAX, UINT64_MAX, UINT64_MAX - 3};
    const int64_t near[] = {INT64_MAX, INT64_MAX - 1, INT64_MAX - 2, INT64_MAX - 3};

    (void)state;
    assert_true(reduce_one(&tg_reducer_mean, TG_INT64, ends, 2, 0) == -0.5);
    assert_true(reduce_one(&tg_reducer_var, TG_INT64, ends, 2, 0) == 0x1p126);
    assert_true(reduce_one(&tg_reducer_mean, TG_UINT64, top, 3, 0) == 0x1p64);
    assert_true(reduce_one(&tg_reducer_var, TG_UINT64, top, 3, 0) == 2);
    assert_true(reduce_one(&tg_reducer_std, TG_INT64, near, 4, 0) == sqrt(1.25));
}

static void long_columns_of_extremes_do_not_overflow(void **state)
{
    static const tg_dtype dtypes[] = {TG_INT8, TG_UINT8, TG_INT16, TG_UINT16, TG_INT32, TG_UINT32};
    const int64_t n = 70000, shapes[2][2] = {{70000, 20}, {20, 70000}};

    (void)state;
    for (int t = 0; t < 6; t++) {
        size_t size = tg_dtype_size(dtypes[t]);
        bool is_signed = dtypes[t] < TG_UINT8;
        double extreme = is_signed ? -ldexp(1, 8 * (int)size - 1) : ldexp(1, 8 * (int)size) - 1;
        char *values = malloc(size * (size_t)n * 20);

        assert_non_null(values);
        memset(values, is_signed ? 0 : 0xff, size * (size_t)n * 20);
        for (size_t i = size - 1; is_signed && i < size * (size_t)n * 20; i += size)
            values[i] = (char)0x80;
        for (int rows = 0; rows < 2; rows++) {
            box b = box_create(dtypes[t], 2, shapes[rows], values, C_ORDER);
            reduction s = reduce_whole(&tg_reducer_sum, &b, 1u << rows, NULL, 0);
            reduction v = reduce_whole(&tg_reducer_var, &b, 1u << rows, NULL, 0);
            double *sum = double_results(&s), *var = double_results(&v);

            for (int k = 0; k < 20; k++) {
                assert_true(sum[k] == extreme * (double)n);
                assert_true(var[k] == 0);
            }
            free(sum);
            free(var);
            box_destroy(&b);
        }
        free(values);
    }
}

/* Rows that lie together, and with their bytes apart, beside a plain loop. */
static void expect_exact_rows(tg_dtype dtype, const void *const *rows, int64_t planes,
                              int64_t nrows, int64_t length)
{
    const tg_tile tile = {.nkept = nrows, .nreduced = length, .lines = rows, .planes = planes};
    int64_t sums[9];
    uint64_t low[9], high[9];

    tg_int_squares_of(dtype)(&tile, sums, low, high);
    for (int64_t k = 0; k < nrows; k++) {
        int64_t sum = 0;
        uint64_t square = 0;

        for (int64_t i = 0; i < length; i++) {
            const uint8_t *x = (const uint8_t *)rows[k] + (planes ? i : 2 * i);
            const int word = x[0] | x[planes ? planes : 1] << 8;
            const int64_t value = dtype == TG_INT16 ? (int16_t)word : word;

            sum += value;
            square += (uint64_t)(value * value);
        }
        assert_true(sums[k] == sum && low[k] == square && high[k] == 0);
    }
}

static void rows_of_16_bits_are_exact_whatever_their_length_and_place(void **state)
{
    enum { ROWS = 9, MOST = 150, ELEMENTS = ROWS * MOST + 1 };
    const tg_dtype dtypes[] = {TG_INT16, TG_UINT16};

    (void)state;
    for (int t = 0; t < 2; t++) {
        uint8_t *values = random_values(dtypes[t], ELEMENTS);
        const void *rows[ROWS];

        memset(values, 0x80, 2 * MOST); /* the least ones, and among them, in planes, others */
        for (int64_t length = 0; length <= MOST; length++)
            for (int64_t n = 1; n <= ROWS; n += 2) {
                for (int64_t k = 0; k < n; k++)
                    rows[k] = values + 2 * k * length + k % 2;
                expect_exact_rows(dtypes[t], rows, 0, n, length);
                for (int64_t k = 0; k < n; k++)
                    rows[k] = values + k * length;
                if (tg_int_squares_take_planes(dtypes[t]))
                    expect_exact_rows(dtypes[t], rows, ELEMENTS, n, length);
            }
        free(values);
    }
}

static void sums_wrap_as_numpys(void **state)
{
    const int64_t shape = 3, values[] = {INT64_MAX, 1, 5};
    box b = box_create(TG_INT64, 1, &shape, values, C_ORDER);
    reduction r = reduce_whole(&tg_reducer_sum, &b, 1, NULL, 0);
    int64_t *sum = results(&r);

    (void)state;
    assert_true(sum[0] == INT64_MIN + 5);
    free(sum);
    box_destroy(&b);
}

static void too_few_elements_give_nan_or_inf(void **state)
{
    const int16_t values[] = {3, 5, 3};

    (void)state;
    assert_true(reduce_one(&tg_reducer_var, TG_INT16, values, 2, 1) == 2);
    assert_true(isinf(reduce_one(&tg_reducer_var, TG_INT16, values, 2, 2)));
    assert_true(isinf(reduce_one(&tg_reducer_std, TG_INT16, values, 2, 7)));
    assert_true(isnan(reduce_one(&tg_reducer_var, TG_INT16, values, 1, 1)));
    assert_true(isnan(reduce_one(&tg_reducer_var, TG_INT16, values, 0, 0)));
    assert_true(isnan(reduce_one(&tg_reducer_mean, TG_INT16, values, 0, 0)));
    assert_true(reduce_one(&tg_reducer_sum, TG_INT16, values, 0, 0) == 0);
}

static void any_byte_but_zero_is_true(void **state)
{
    const uint8_t values[] = {0, 1, 255, 2};

    (void)state;
    assert_true(reduce_one(&tg_reducer_sum, TG_BOOL, values, 4, 0) == 3);
    assert_true(reduce_one(&tg_reducer_max, TG_BOOL, values, 4, 0) == 1);
    assert_true(reduce_one(&tg_reducer_min, TG_BOOL, values + 1, 3, 0) == 1);
    assert_true(reduce_one(&tg_reducer_var, TG_BOOL, values, 4, 0) == 0.1875);
}

static void wide_integers_round_once(void **state)
{
    tg_uint256 one_bit = {{1, 0, 0, 1}}, tie = {{0, 0, 0, (1u << 0) | 0x8000000000000000u}};
    tg_uint128 most = ~(tg_uint128)0;
    tg_uint256 square = tg_uint256_square(most); /* 2^256 - 2^129 + 1 */

    (void)state;
    assert_true(tg_uint256_to_double(one_bit) == 0x1p192);
    assert_true(tg_uint256_to_double(tie) == 0x1p255);
    tie = (tg_uint256){{0, 0, 1u << 10, 1u << 10 | 0x8000000000000000u}};
    assert_true(tg_uint256_to_double(tie) == 0x1p255 + 0x1p203); /* the sticky bit breaks the tie */
    tie.w[2] = 0;
    assert_true(tg_uint256_to_double(tie) == 0x1p255);
    assert_true(square.w[0] == 1 && square.w[1] == 0 && square.w[2] == UINT64_MAX - 1);
    assert_true(square.w[3] == UINT64_MAX);
    assert_true(tg_uint256_to_double(tg_uint256_subtract(square, square)) == 0);
    assert_true(tg_exact_mean(((tg_int128)1 << 100) + 1, 1) == 0x1p100);
    assert_true(tg_exact_mean(-(((tg_int128)1 << 53) * 3 + 3), 3) ==
                -(0x1p53 + 0)); /* tie to even */
    assert_true(tg_exact_mean(-(((tg_int128)1 << 53) * 3 + 4), 3) == -(0x1p53 + 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_of_up_to_32_bits_are_exact),
        cmocka_unit_test(moments_of_64_bits_are_exact),
        cmocka_unit_test(long_columns_of_extremes_do_not_overflow),
        cmocka_unit_test(rows_of_16_bits_are_exact_whatever_their_length_and_place),
        cmocka_unit_test(sums_wrap_as_numpys),
        cmocka_unit_test(too_few_elements_give_nan_or_inf),
        cmocka_unit_test(any_byte_but_zero_is_true),
        cmocka_unit_test(wide_integers_round_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
