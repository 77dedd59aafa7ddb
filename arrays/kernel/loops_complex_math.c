/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loops of functions of complex numbers (complex_math.h): complex64 is computed in float64 and
 * rounded once.
 */
#include <math.h>
#include <stdlib.h>

#include "kernel/complex_math.h"
#include "kernel/elementwise_rules.h"
#include "kernel/loops.h"

#define PIECE TG_COMPLEX_PIECE

#define SPLIT_AND_JOIN(name, dtype, type, part)                                                    \
    static void split_##name(int n, const type *restrict z, double *restrict x,                    \
                             double *restrict y)                                                   \
    {                                                                                              \
        for (int i = 0; i < n; i++) {                                                              \
            x[i] = (double)z[i].re;                                                                \
            y[i] = (double)z[i].im;                                                                \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void join_##name(int n, const double *restrict x, const double *restrict y,             \
                            type *restrict z)                                                      \
    {                                                                                              \
        for (int i = 0; i < n; i++)                                                                \
            z[i] = (type){(part)x[i], (part)y[i]};                                                 \
    }
TG_EACH_COMPLEX(SPLIT_AND_JOIN)

#define LOOP(operator, name, type)                                                                 \
    void tg_loop_##operator##_##name(int64_t n, const void *const *in, void *out)                  \
    {                                                                                              \
        const tg_vector_math *math = tg_vector_math_best();                                        \
        const type *z = in[0];                                                                     \
        double x[PIECE], y[PIECE], u[PIECE], v[PIECE];                                             \
                                                                                                   \
        for (int64_t start = 0; start < n; start += PIECE) {                                       \
            int count = (int)(n - start < PIECE ? n - start : PIECE);                              \
                                                                                                   \
            split_##name(count, z + start, x, y);                                                  \
            tg_complex_##operator(math, count, x, y, u, v);                                        \
            join_##name(count, u, v, (type *)out + start);                                         \
        }                                                                                          \
    }
#define LOOPS(operator)                                                                            \
    LOOP(operator, complex64, tg_complex64) LOOP(operator, complex128, tg_complex128)
LOOPS(exp)
LOOPS(exp2)
LOOPS(expm1)
LOOPS(log)
LOOPS(log2)
LOOPS(log10)
LOOPS(log1p)
LOOPS(sqrt)
LOOPS(sin)
LOOPS(cos)
LOOPS(tan)
LOOPS(sinc)
LOOPS(sinh)
LOOPS(cosh)
LOOPS(tanh)
LOOPS(arcsin)
LOOPS(arccos)
LOOPS(arctan)
LOOPS(arcsinh)
LOOPS(arccosh)
LOOPS(arctanh)
LOOPS(sign)

#define MAGNITUDE(name, dtype, type, part)                                                         \
    void tg_loop_absolute_##name(int64_t n, const void *const *in, void *out)                      \
    {                                                                                              \
        const tg_vector_math *math = tg_vector_math_best();                                        \
        const type *z = in[0];                                                                     \
        double x[PIECE], y[PIECE];                                                                 \
                                                                                                   \
        for (int64_t start = 0; start < n; start += PIECE) {                                       \
            int count = (int)(n - start < PIECE ? n - start : PIECE);                              \
                                                                                                   \
            split_##name(count, z + start, x, y);                                                  \
            math->hypot_64(count, x, y, x);                                                        \
            for (int i = 0; i < count; i++)                                                        \
                ((part *)out)[start + i] = (part)x[i];                                             \
        }                                                                                          \
    }
TG_EACH_COMPLEX(MAGNITUDE)

static tg_complex128 times(tg_complex128 a, tg_complex128 b)
{
    return (tg_complex128){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static tg_complex128 inverse(tg_complex128 a)
{
    double ratio = fabs(a.im) <= fabs(a.re) ? a.im / a.re : a.re / a.im;
    double bottom = fabs(a.im) <= fabs(a.re) ? a.re + a.im * ratio : a.re * ratio + a.im;

    if (fabs(a.im) <= fabs(a.re))
        return (tg_complex128){1 / bottom, -ratio / bottom};
    return (tg_complex128){ratio / bottom, -1 / bottom};
}

static tg_complex128 whole_power(tg_complex128 a, int exponent)
{
    tg_complex128 result = {1, 0};
    bool first = true;

    for (unsigned left = (unsigned)abs(exponent); left > 0; left >>= 1) {
        if (left & 1) {
            result = first ? a : times(result, a);
            first = false;
        }
        a = times(a, a);
    }
    return exponent < 0 ? inverse(result) : result;
}

/* Small whole exponents are products, as NumPy has them; 0 has positive real powers only. */
static tg_complex128 power(tg_complex128 a, tg_complex128 b, tg_complex128 otherwise)
{
    bool whole = b.im == 0 && b.re == rint(b.re) && fabs(b.re) < 100;

    if (b.re == 0 && b.im == 0)
        return (tg_complex128){1, 0};
    if (a.re == 0 && a.im == 0)
        return b.re > 0 && b.im == 0 ? (tg_complex128){0, 0} : (tg_complex128){NAN, NAN};
    return whole ? whole_power(a, (int)b.re) : otherwise;
}

/* What a product is that came out as (nan, nan) though a factor is infinite: infinite, in the
 * direction that the factors' finite parts and the places of infinity say (C11, annex G.5.1). */
static tg_complex128 infinite_times(tg_complex128 a, tg_complex128 b)
{
    if (isinf(a.re) || isinf(a.im)) {
        a.re = copysign(isinf(a.re) ? 1 : 0, a.re);
        a.im = copysign(isinf(a.im) ? 1 : 0, a.im);
        b.re = isnan(b.re) ? copysign(0, b.re) : b.re;
        b.im = isnan(b.im) ? copysign(0, b.im) : b.im;
    }
    if (isinf(b.re) || isinf(b.im)) {
        b.re = copysign(isinf(b.re) ? 1 : 0, b.re);
        b.im = copysign(isinf(b.im) ? 1 : 0, b.im);
        a.re = isnan(a.re) ? copysign(0, a.re) : a.re;
        a.im = isnan(a.im) ? copysign(0, a.im) : a.im;
    }
    a = times(a, b);
    return (tg_complex128){INFINITY * a.re, INFINITY * a.im};
}

/* exp(b log a) */
static void powers(int n, const double *ax, const double *ay, const double *bx, const double *by,
                   double *u, double *v)
{
    const tg_vector_math *math = tg_vector_math_best();
    double lx[PIECE] = {0}, ly[PIECE] = {0};

    tg_complex_log(math, n, ax, ay, lx, ly);
    for (int i = 0; i < n; i++) {
        const tg_complex128 log = {lx[i], ly[i]}, b = {bx[i], by[i]};
        tg_complex128 z = times(log, b);

        if (isnan(z.re) && isnan(z.im) &&
            (isinf(log.re) || isinf(log.im) || isinf(b.re) || isinf(b.im)))
            z = infinite_times(log, b);
        lx[i] = z.re;
        ly[i] = z.im;
    }
    tg_complex_exp(math, n, lx, ly, u, v);
    for (int i = 0; i < n; i++) {
        tg_complex128 z = power((tg_complex128){ax[i], ay[i]}, (tg_complex128){bx[i], by[i]},
                                (tg_complex128){u[i], v[i]});

        u[i] = z.re;
        v[i] = z.im;
    }
}

#define POWER(name, dtype, type, part)                                                             \
    void tg_loop_power_##name(int64_t n, const void *const *in, void *out)                         \
    {                                                                                              \
        const type *a = in[0], *b = in[1];                                                         \
        double ax[PIECE], ay[PIECE], bx[PIECE], by[PIECE], u[PIECE], v[PIECE];                     \
                                                                                                   \
        for (int64_t start = 0; start < n; start += PIECE) {                                       \
            int count = (int)(n - start < PIECE ? n - start : PIECE);                              \
                                                                                                   \
            split_##name(count, a + start, ax, ay);                                                \
            split_##name(count, b + start, bx, by);                                                \
            powers(count, ax, ay, bx, by, u, v);                                                   \
            join_##name(count, u, v, (type *)out + start);                                         \
        }                                                                                          \
    }
TG_EACH_COMPLEX(POWER)
