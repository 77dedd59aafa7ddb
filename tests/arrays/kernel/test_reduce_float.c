/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions of floats: accuracy against long double, infinities and NaN, extrema, trends. */
#include <math.h>

#include "kernel_box.h"
#include "task_mock.h"
#include "kernel/least_squares.h"

static void expect_near(double got, long double want, double tolerance)
{
    if (fabsl((long double)got - want) > tolerance * fabsl(want))
        fail_msg("%.17g, not %.17Lg", got, want);
}

static void moments_agree_with_long_double(void **state)
{
    const int64_t n = 3000, width = 9, shape[] = {3000, 9}, pieces[] = {1, 999, 1500, 500};
    double *x = random_values(TG_FLOAT64, n * width);

    (void)state;
    for (int64_t i = 0; i < n * width; i++)
        x[i] = 1e6 + x[i]; /* mean / deviation about 1e6: squares would cancel 12 digits */
    box b = box_create(TG_FLOAT64, 2, shape, x, C_ORDER);
    reduction m = reduce(&tg_reducer_mean, &b, 1, NULL, 0, pieces, 4);
    reduction v = reduce(&tg_reducer_var, &b, 1, NULL, 0, pieces, 4);
    double *mean = double_results(&m), *var = double_results(&v);

    for (int64_t k = 0; k < width; k++) {
        long double sum = 0, square = 0;

        for (int64_t i = 0; i < n; i++)
            sum += x[i * width + k];
        sum /= n;
        for (int64_t i = 0; i < n; i++)
            square += (x[i * width + k] - sum) * (x[i * width + k] - sum);
        expect_near(mean[k], sum, 1e-15);
        expect_near(var[k], square / n, 1e-13);
    }
    free(mean);
    free(var);
    box_destroy(&b);
    free(x);
}

/* Reduce n doubles, cut in two after the first. */
static double reduce_cut(const tg_reducer *reducer, const double *x, int64_t n)
{
    const int64_t pieces[] = {1, n - 1};
    box b = box_create(TG_FLOAT64, 1, &n, x, C_ORDER);
    reduction r = reduce(reducer, &b, 1, NULL, 0, pieces, 2);
    double *y = double_results(&r), result = y[0];

    free(y);
    box_destroy(&b);
    return result;
}

static void infinities_and_nan_come_out_as_in_numpy(void **state)
{
    double x[600];

    (void)state;
    assert_true(reduce_cut(&tg_reducer_mean, (double[]){INFINITY, 1}, 2) == INFINITY);
    assert_true(reduce_cut(&tg_reducer_mean, (double[]){1, -INFINITY, 2}, 3) == -INFINITY);
    assert_true(isnan(reduce_cut(&tg_reducer_mean, (double[]){INFINITY, -INFINITY}, 2)));
    assert_true(isnan(reduce_cut(&tg_reducer_var, (double[]){1, INFINITY}, 2)));
    assert_true(reduce_cut(&tg_reducer_mean, (double[]){1e308, -1e308, 0}, 3) == 0);
    assert_true(reduce_cut(&tg_reducer_std, (double[]){1e308, -1e308}, 2) == INFINITY);
    for (int i = 0; i < 600; i++)
        x[i] = INFINITY;
    assert_true(reduce_cut(&tg_reducer_mean, x, 600) == INFINITY);
    x[599] = NAN;
    assert_true(isnan(reduce_cut(&tg_reducer_mean, x, 600)));
    assert_true(isnan(reduce_cut(&tg_reducer_sum, x, 600)));
    assert_true(isnan(reduce_cut(&tg_reducer_min, x, 600)));
}

static void extrema_pass_nan_on_and_order_zeros(void **state)
{
    double x[100] = {0};

    (void)state;
    for (int at = 0; at < 100; at++) {
        x[at] = NAN;
        assert_true(isnan(reduce_cut(&tg_reducer_min, x, 100)));
        assert_true(isnan(reduce_cut(&tg_reducer_max, x, 100)));
        x[at] = -0.0;
        assert_true(signbit(reduce_cut(&tg_reducer_min, x, 100)));
        assert_false(signbit(reduce_cut(&tg_reducer_max, x, 100)));
        x[at] = -INFINITY;
        assert_true(reduce_cut(&tg_reducer_min, x, 100) == -INFINITY);
        x[at] = 0;
    }
    for (int i = 0; i < 100; i++)
        x[i] = -5;
    assert_true(reduce_cut(&tg_reducer_max, x, 100) == -5);
}

static void float32_is_rounded_once_at_the_end(void **state)
{
    const int64_t n = 1000;
    float x[1000];
    double sum = 0;

    (void)state;
    for (int i = 0; i < n; i++) {
        random_element(TG_FLOAT32, i, &x[i]);
        sum += x[i];
    }
    box b = box_create(TG_FLOAT32, 1, &n, x, C_ORDER);
    reduction r = reduce_whole(&tg_reducer_sum, &b, 1, NULL, 0);
    reduction m = reduce_whole(&tg_reducer_mean, &b, 1, NULL, 0);
    float *got = results(&r), *mean = results(&m);

    assert_true(got[0] == (float)sum);
    assert_true(mean[0] == (float)(sum / (double)n));
    free(got);
    free(mean);
    box_destroy(&b);
}

#define MAX_COLUMNS 6

/* The residual of x against columns 0 .. m - 1 of a [n, m], by modified Gram-Schmidt done twice;
 * column 0 comes last, so that what is left before it is x less its trend. */
static void remove_trend(int64_t n, int64_t m, long double a[][MAX_COLUMNS], long double *x)
{
    for (int64_t j = 1; j <= m; j++) {
        int64_t c = j % m;

        for (int64_t pass = 0; pass < 2; pass++) {
            for (int64_t l = 1; l < j; l++) {
                long double dot = 0;

                for (int64_t i = 0; i < n; i++)
                    dot += a[i][l] * a[i][c];
                for (int64_t i = 0; i < n; i++)
                    a[i][c] -= dot * a[i][l];
            }
        }
        long double norm = 0;

        for (int64_t i = 0; i < n; i++)
            norm += a[i][c] * a[i][c];
        norm = sqrtl(norm);
        for (int64_t i = 0; i < n; i++)
            a[i][c] /= norm;
    }
    for (int64_t j = 0; j < 2 * m; j++) {
        long double dot = 0;

        for (int64_t i = 0; i < n; i++)
            dot += a[i][j % m] * x[i];
        for (int64_t i = 0; i < n; i++)
            x[i] -= dot * a[i][j % m];
    }
}

static void expect_trend(int64_t n, int degree, const int64_t *pieces, int npieces)
{
    static long double a[1200][MAX_COLUMNS], rest[1200];
    const double params[] = {degree, 1};
    double *x = random_values(TG_FLOAT64, n);
    long double rss = 0, mean = 0, ones = 0;

    for (int64_t i = 0; i < n; i++) {
        double row[MAX_COLUMNS];

        tg_legendre(tg_even_place(i, n), degree + 1, row);
        for (int j = 0; j <= degree; j++)
            a[i][j] = row[j];
        x[i] += 40 * sin((double)i / 50);
        rest[i] = x[i];
    }
    remove_trend(n, degree + 1, a, rest);
    for (int64_t i = 0; i < n; i++) {
        rss += rest[i] * rest[i];
        mean += a[i][0] * x[i]; /* column 0 is what the other columns leave of the ones */
        ones += a[i][0];
    }
    box b = box_create(TG_FLOAT64, 1, &n, x, C_ORDER);
    reduction m = reduce(&tg_reducer_detrended_mean, &b, 1, params, 1, pieces, npieces);
    reduction s = reduce(&tg_reducer_detrended_std, &b, 1, params, 2, pieces, npieces);
    double *got_mean = double_results(&m), *got_std = double_results(&s);

    expect_near(got_mean[0], mean / ones, 1e-12);
    expect_near(got_std[0], sqrtl(rss / (n - 1)), 1e-11);
    free(got_mean);
    free(got_std);
    box_destroy(&b);
    free(x);
}

static void trends_agree_with_long_double(void **state)
{
    (void)state;
    for (int degree = 0; degree < MAX_COLUMNS; degree++) {
        expect_trend(1200, degree, (int64_t[]){1200}, 1);
        expect_trend(1200, degree, (int64_t[]){1, 2, 3, 594, 600}, 5);
        expect_trend(184, degree, (int64_t[]){35, 35, 35, 35, 44}, 5);
        expect_trend(8, degree, (int64_t[]){1, 1, 1, 1, 1, 1, 1, 1}, 8);
    }
}

static void a_fit_without_freedom_leaves_nothing(void **state)
{
    const double params[] = {5, 0}, x[] = {3, -7, 11};

    (void)state;
    for (int64_t n = 1; n <= 3; n++) {
        box b = box_create(TG_FLOAT64, 1, &n, x, C_ORDER);
        reduction s = reduce_whole(&tg_reducer_detrended_std, &b, 1, params, 2);
        reduction m = reduce_whole(&tg_reducer_detrended_mean, &b, 1, params, 1);
        double *std = double_results(&s), *mean = double_results(&m);

        assert_true(std[0] == 0);
        if (n == 1) /* one equation, six unknowns of weight 1 and -1: pinv shares it evenly */
            assert_true(fabs(mean[0] - 0.5) < 1e-15);
        free(std);
        free(mean);
        box_destroy(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_agree_with_long_double),
        cmocka_unit_test(infinities_and_nan_come_out_as_in_numpy),
        cmocka_unit_test(extrema_pass_nan_on_and_order_zeros),
        cmocka_unit_test(float32_is_rounded_once_at_the_end),
        cmocka_unit_test(trends_agree_with_long_double),
        cmocka_unit_test(a_fit_without_freedom_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
