/* SPDX-License-Identifier: BSD-3-Clause */
/* Vector functions have the same bits at every width this processor has, whatever the length. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>

#include "kernel/vector_math.h"

enum { N = 3000 };

/* Any bits, small numbers, large ones; the special ones first. */
static void fill(uint64_t seed, double *x, float *y)
{
    static const double special[] = {0.0,   -0.0,  1,     -1,     1e308,    -1e308,    4e-320,
                                     709.5, 710.3, 1e22,  0x1p60, 0.5,      -745.1,    1e-300,
                                     88.5,  1e38,  1e-40, 3,      INFINITY, -INFINITY, NAN};
    const int nspecial = sizeof special / sizeof *special;

    for (int i = 0; i < N; i++) {
        uint64_t bits = seed += 0x9e3779b97f4a7c15u;

        bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
        bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
        bits ^= bits >> 31;
        memcpy(&x[i], &bits, sizeof *x);
        if (i % 3 > 0)
            x[i] = ((double)(bits >> 11) * 0x1p-53 - 0.5) * (i % 3 == 1 ? 4 : 2000);
        if (i < nspecial)
            x[i] = special[i];
        y[i] = (float)x[i];
        if (i % 3 == 0 && i >= nspecial)
            memcpy(&y[i], &bits, sizeof *y);
    }
}

static double x64[N], y64[N], want64[N], got64[N];
static float x32[N], y32[N], want32[N], got32[N];

/* A NaN may have any bits. */
static void expect_equal(const char *function, const tg_vector_math *level, int n)
{
    for (int i = 0; i < n; i++) {
        bool nan64 = want64[i] != want64[i] && got64[i] != got64[i];
        bool nan32 = want32[i] != want32[i] && got32[i] != got32[i];

        if ((!nan64 && memcmp(&want64[i], &got64[i], sizeof *got64) != 0) ||
            (!nan32 && memcmp(&want32[i], &got32[i], sizeof *got32) != 0))
            fail_msg("%s, %s: of %a %a, not %a; of %a %a, not %a", function, level->name, x64[i],
                     got64[i], want64[i], (double)x32[i], (double)got32[i], (double)want32[i]);
    }
}

#define EXPECT_ONE(f)                                                                              \
    tg_vector_math_scalar.f##_64(n, x64, want64);                                                  \
    tg_vector_math_scalar.f##_32(n, x32, want32);                                                  \
    level->f##_64(n, x64, got64);                                                                  \
    level->f##_32(n, x32, got32);                                                                  \
    expect_equal(#f, level, n);
#define EXPECT_TWO(f)                                                                              \
    tg_vector_math_scalar.f##_64(n, x64, y64, want64);                                             \
    tg_vector_math_scalar.f##_32(n, x32, y32, want32);                                             \
    level->f##_64(n, x64, y64, got64);                                                             \
    level->f##_32(n, x32, y32, got32);                                                             \
    expect_equal(#f, level, n);

static void expect_scalars_bits(const tg_vector_math *level, int n)
{
    TG_MATH_ONE(EXPECT_ONE)
    TG_MATH_TWO(EXPECT_TWO)
}

static void all_widths_have_the_same_bits(void **state)
{
    const tg_vector_math *level;

    (void)state;
    fill(1, x64, x32);
    fill(2, y64, y32);
    for (int i = 0; (level = tg_vector_math_level(i)); i++) {
        printf("%s\n", level->name);
        expect_scalars_bits(level, N);
        for (int n = 0; n < 40; n++)
            expect_scalars_bits(level, n);
    }
}

static void results_may_take_the_place_of_arguments(void **state)
{
    const tg_vector_math *level;

    (void)state;
    fill(3, x64, x32);
    fill(4, y64, y32);
    for (int i = 0; (level = tg_vector_math_level(i)); i++) {
        level->atan2_64(N, x64, y64, want64);
        memcpy(got64, y64, sizeof got64);
        level->atan2_64(N, x64, got64, got64);
        level->exp_32(N, x32, want32);
        memcpy(got32, x32, sizeof got32);
        level->exp_32(N, got32, got32);
        expect_equal("in place", level, N);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_widths_have_the_same_bits),
        cmocka_unit_test(results_may_take_the_place_of_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
