/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exponentials, logarithms, roots and hyperbolic functions of complex numbers; the circular ones
 * are these turned by i.
 *
 * Source: W. Kahan, "Branch Cuts for Complex Elementary Functions" (1987), for tanh.
 */
#include <math.h>
#include <stdbool.h>

#include "kernel/complex_math.h"

#define PIECE TG_COMPLEX_PIECE

static void multiply_all(int n, double *u, double *v, double factor)
{
    for (int i = 0; i < n; i++) {
        u[i] *= factor;
        v[i] *= factor;
    }
}

static double exp_of(const tg_vector_math *math, double x)
{
    math->exp_64(1, &x, &x);
    return x;
}

void tg_complex_exp(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                    double *v)
{
    double e[PIECE] = {0};

    math->exp_64(n, x, e);
    math->cos_64(n, y, u);
    math->sin_64(n, y, v);
    for (int i = 0; i < n; i++) {
        double left = e[i], right = 1;

        if (x[i] > 709 && isfinite(x[i]))
            left = right = exp_of(math, x[i] / 2);
        if (y[i] == 0) {
            u[i] = e[i];
            v[i] = y[i];
        } else if (x[i] == -INFINITY) {
            u[i] = isfinite(y[i]) ? copysign(0, u[i]) : 0;
            v[i] = copysign(0, isfinite(y[i]) ? v[i] : y[i]);
        } else {
            u[i] = x[i] == INFINITY && !isfinite(y[i]) ? INFINITY : left * u[i] * right;
            v[i] = left * v[i] * right;
        }
    }
}

/* x log 2 as the sum of two numbers. */
#define LN2_REST 2.3190468138462996e-17 /* log 2 less its float64 */

static double times_ln2(double x, double *rest)
{
    double product = x * M_LN2;

    *rest = isfinite(product) ? fma(x, M_LN2, -product) + x * LN2_REST : 0;
    return product;
}

void tg_complex_exp2(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                     double *v)
{
    double a[PIECE] = {0}, b[PIECE] = {0}, more[PIECE], turn[PIECE];

    for (int i = 0; i < n; i++) {
        a[i] = times_ln2(x[i], &more[i]);
        b[i] = times_ln2(y[i], &turn[i]);
    }
    tg_complex_exp(math, n, a, b, u, v);
    for (int i = 0; i < n; i++) {
        double re = more[i] * u[i] - turn[i] * v[i], im = more[i] * v[i] + turn[i] * u[i];

        if (fabs(turn[i]) > 0x1p-27) { /* of many turns the rest is no small angle */
            double c = turn[i], s = turn[i];

            math->cos_64(1, &c, &c);
            math->sin_64(1, &s, &s);
            re = (c - 1) * u[i] - s * v[i];
            im = (c - 1) * v[i] + s * u[i];
        }
        u[i] += isfinite(u[i]) && isfinite(re) ? re : 0;
        v[i] += isfinite(v[i]) && isfinite(im) ? im : 0;
    }
}

/* exp(x) cos y - 1 = expm1(x) cos y - 2 sin(y/2)^2 */
void tg_complex_expm1(const tg_vector_math *math, int n, const double *x, const double *y,
                      double *u, double *v)
{
    double half[PIECE] = {0}, m[PIECE] = {0}, c[PIECE] = {0}, re[PIECE] = {0};

    for (int i = 0; i < n; i++)
        half[i] = y[i] / 2;
    math->sin_64(n, half, half);
    math->expm1_64(n, x, m);
    math->cos_64(n, y, c);
    tg_complex_exp(math, n, x, y, re, v);
    for (int i = 0; i < n; i++) {
        double near = m[i] * c[i] - 2 * half[i] * half[i];

        u[i] = fabs(x[i]) < 1 ? near : re[i] - 1;
        if (y[i] == 0)
            u[i] = m[i];
        if (x[i] != x[i] ||
            !isfinite(y[i])) /* in NumPy; C's exp keeps parts of 0 and infinite ones */
            u[i] = v[i] = NAN;
    }
}

/* a^2 + b^2 - 1, a >= b, exact but for one rounding where it is small. */
static double square_sum_less_one(double a, double b)
{
    double aa = a * a, bb = b * b;
    double below = fma(a, a, -aa) + fma(b, b, -bb);
    double first = aa - 1, lost = aa - (first + 1);
    double sum = first + bb, back = sum - first;

    lost += (first - (sum - back)) + (bb - back);
    return sum + (lost + below);
}

/* log of the magnitude: with log1p near 1, scaled where squares leave the range. */
static void log_magnitude(const tg_vector_math *math, int n, const double *x, const double *y,
                          double *u)
{
    double a[PIECE] = {0}, b[PIECE] = {0}, near[PIECE] = {0}, scale[PIECE] = {0};

    for (int i = 0; i < n; i++) {
        double large = fmax(fabs(x[i]), fabs(y[i])), small = fmin(fabs(x[i]), fabs(y[i]));

        scale[i] = large > 0x1p1000 ? 600 : large < 0x1p-900 && large > 0 ? -600 : 0;
        a[i] = scale[i] > 0 ? x[i] * 0x1p-600 : scale[i] < 0 ? x[i] * 0x1p600 : x[i];
        b[i] = scale[i] > 0 ? y[i] * 0x1p-600 : scale[i] < 0 ? y[i] * 0x1p600 : y[i];
        near[i] = square_sum_less_one(large, small);
    }
    math->hypot_64(n, a, b, a);
    math->log_64(n, a, u);
    math->log1p_64(n, near, near);
    for (int i = 0; i < n; i++)
        u[i] = a[i] > 0.7 && a[i] < 1.42 ? near[i] / 2 : u[i] + scale[i] * M_LN2;
}

void tg_complex_log(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                    double *v)
{
    log_magnitude(math, n, x, y, u);
    math->atan2_64(n, y, x, v);
}

void tg_complex_log2(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                     double *v)
{
    tg_complex_log(math, n, x, y, u, v);
    multiply_all(n, u, v, M_LOG2E);
}

void tg_complex_log10(const tg_vector_math *math, int n, const double *x, const double *y,
                      double *u, double *v)
{
    tg_complex_log(math, n, x, y, u, v);
    multiply_all(n, u, v, M_LOG10E);
}

/* |1 + z|^2 = 1 + x (x + 2) + y^2 */
void tg_complex_log1p(const tg_vector_math *math, int n, const double *x, const double *y,
                      double *u, double *v)
{
    double one[PIECE] = {0}, near[PIECE] = {0};

    for (int i = 0; i < n; i++) {
        one[i] = x[i] + 1;
        near[i] = x[i] * (x[i] + 2) + y[i] * y[i];
    }
    tg_complex_log(math, n, one, y, u, v);
    math->log1p_64(n, near, near);
    for (int i = 0; i < n; i++)
        u[i] = fabs(x[i]) < 0.5 && fabs(y[i]) < 0.5 ? near[i] / 2 : u[i];
}

void tg_complex_sqrt(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                     double *v)
{
    double a[PIECE] = {0}, b[PIECE] = {0}, h[PIECE] = {0}, back[PIECE] = {0};

    for (int i = 0; i < n; i++) {
        double large = fmax(fabs(x[i]), fabs(y[i]));
        double scale = large > 0x1p1020 ? 0x1p-4 : large < 0x1p-960 ? 0x1p108 : 1;

        back[i] = large > 0x1p1020 ? 4 : large < 0x1p-960 ? 0x1p-54 : 1;
        a[i] = x[i] * scale;
        b[i] = y[i] * scale;
    }
    math->hypot_64(n, a, b, h);
    for (int i = 0; i < n; i++) {
        double t = sqrt((fabs(a[i]) + h[i]) / 2);
        double other = t == 0 ? fabs(b[i]) : fabs(b[i]) / (2 * t);

        u[i] = (a[i] >= 0 || a[i] != a[i] ? t : other) * back[i];
        v[i] = copysign(a[i] >= 0 || a[i] != a[i] ? other : t, b[i]) * back[i];
        if (isinf(y[i])) {
            u[i] = INFINITY;
            v[i] = y[i];
        }
    }
}

/* Of |x|: cosh and sinh, each as a product of two where it overflows. */
static void hyperbolic(const tg_vector_math *math, int n, const double *x, double *c, double *s,
                       double *again)
{
    double a[PIECE] = {0};

    for (int i = 0; i < n; i++)
        a[i] = fabs(x[i]) > 700 ? 0 : x[i];
    math->cosh_64(n, a, c);
    math->sinh_64(n, a, s);
    for (int i = 0; i < n; i++) {
        again[i] = 1;
        if (fabs(x[i]) > 700) {
            again[i] = exp_of(math, fabs(x[i]) / 2);
            c[i] = again[i] / 2;
            s[i] = copysign(c[i], x[i]);
        }
    }
}

/* first * second * third, where a zero beats what is not a number. */
static double product(double first, double second, double third)
{
    return first == 0 && second != second ? first : first * second * third;
}

void tg_complex_sinh(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                     double *v)
{
    double c[PIECE] = {0}, s[PIECE] = {0}, again[PIECE] = {0}, cos_y[PIECE] = {0},
           sin_y[PIECE] = {0};

    hyperbolic(math, n, x, c, s, again);
    math->cos_64(n, y, cos_y);
    math->sin_64(n, y, sin_y);
    for (int i = 0; i < n; i++) {
        u[i] = product(s[i], cos_y[i], again[i]);
        if (isinf(x[i]) && !isfinite(y[i])) /* of either sign in C; glibc's, and so NumPy's */
            u[i] = INFINITY;
        v[i] = y[i] == 0 ? y[i] : c[i] * sin_y[i] * again[i];
        if (y[i] == 0)
            u[i] = s[i] * again[i];
    }
}

void tg_complex_cosh(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                     double *v)
{
    double c[PIECE] = {0}, s[PIECE] = {0}, again[PIECE] = {0}, cos_y[PIECE] = {0},
           sin_y[PIECE] = {0};

    hyperbolic(math, n, x, c, s, again);
    math->cos_64(n, y, cos_y);
    math->sin_64(n, y, sin_y);
    for (int i = 0; i < n; i++) {
        u[i] = isinf(x[i]) && !isfinite(y[i]) ? INFINITY : c[i] * cos_y[i] * again[i];
        v[i] = product(s[i], sin_y[i], again[i]);
        if (y[i] == 0) {
            u[i] = c[i] * again[i];
            v[i] = x[i] != x[i] ? y[i] : copysign(0, x[i]) * y[i];
        }
    }
}

/* Kahan: t = tan y, s = sinh x, b = 1 + t^2: (b sqrt(1 + s^2) s + it) / (1 + b s^2). */
void tg_complex_tanh(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                     double *v)
{
    double t[PIECE] = {0}, s[PIECE] = {0}, twice[PIECE] = {0}, decay[PIECE] = {0};

    for (int i = 0; i < n; i++) {
        s[i] = fabs(x[i]) > 20 ? 20 : x[i];
        twice[i] = 2 * y[i];
        decay[i] = -2 * fabs(x[i]);
    }
    math->tan_64(n, y, t);
    math->sinh_64(n, s, s);
    math->sin_64(n, twice, twice);
    math->exp_64(n, decay, decay);
    for (int i = 0; i < n; i++) {
        double b = 1 + t[i] * t[i], bottom = 1 + b * s[i] * s[i];

        if (isfinite(y[i]) && isinf(2 * y[i]))
            twice[i] = 2 * t[i] / b;

        u[i] = x[i] == 0 ? x[i] : b * sqrt(1 + s[i] * s[i]) * s[i] / bottom;
        v[i] = t[i] / bottom;
        if (fabs(x[i]) > 20 && (isinf(x[i]) || isfinite(y[i]))) {
            u[i] = copysign(1, x[i]);
            v[i] =
                isinf(x[i]) ? copysign(0, isfinite(y[i]) ? twice[i] : 1) : 2 * twice[i] * decay[i];
        }
        if (y[i] == 0)
            v[i] = y[i];
    }
    for (int i = 0; i < n; i++)
        if (y[i] == 0 && x[i] == x[i])
            math->tanh_64(1, x + i, u + i);
}

/* f(z) = -i g(iz) */
#define TURNED(f, g)                                                                               \
    void f(const tg_vector_math *math, int n, const double *x, const double *y, double *u,         \
           double *v)                                                                              \
    {                                                                                              \
        double minus[PIECE] = {0}, below[PIECE];                                                   \
                                                                                                   \
        for (int i = 0; i < n; i++)                                                                \
            minus[i] = -y[i];                                                                      \
        g(math, n, minus, x, below, u);                                                            \
        for (int i = 0; i < n; i++)                                                                \
            v[i] = -below[i];                                                                      \
    }
static TURNED(turned_sinh, tg_complex_sinh) TURNED(tg_complex_tan, tg_complex_tanh)
    TURNED(tg_complex_arctan, tg_complex_arctanh)

        void tg_complex_sin(const tg_vector_math *math, int n, const double *x, const double *y,
                            double *u, double *v)
{
    turned_sinh(math, n, x, y, u, v);
    for (int i = 0; i < n; i++)
        if (isinf(y[i]) && !isfinite(x[i])) /* as of sinh */
            v[i] = INFINITY;
}

void tg_complex_cos(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                    double *v)
{
    double minus[PIECE] = {0};

    for (int i = 0; i < n; i++)
        minus[i] = -y[i];
    tg_complex_cosh(math, n, minus, x, u, v);
}

void tg_complex_sign(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                     double *v)
{
    double h[PIECE] = {0};

    math->hypot_64(n, x, y, h);
    for (int i = 0; i < n; i++) {
        bool both = isinf(x[i]) && isinf(y[i]);

        u[i] = h[i] == 0 ? 0 : x[i] / h[i];
        v[i] = h[i] == 0 ? 0 : y[i] / h[i];
        if (isinf(x[i]) || isinf(y[i])) {
            u[i] = both ? NAN : isinf(x[i]) ? copysign(1, x[i]) : 0;
            v[i] = both ? NAN : isinf(y[i]) ? copysign(1, y[i]) : 0;
        }
    }
}

/* sin(pi z) / (pi z), the division by Smith's rule; at 0 NumPy takes a tiny number. */
void tg_complex_sinc(const tg_vector_math *math, int n, const double *x, const double *y, double *u,
                     double *v)
{
    double re[PIECE] = {0}, im[PIECE] = {0};

    for (int i = 0; i < n; i++) {
        re[i] = M_PI * (x[i] == 0 && y[i] == 0 ? 1e-20 : x[i]);
        im[i] = M_PI * y[i];
    }
    tg_complex_sin(math, n, re, im, u, v);
    for (int i = 0; i < n; i++) {
        bool flat = fabs(re[i]) >= fabs(im[i]);
        double ratio = flat ? im[i] / re[i] : re[i] / im[i];
        double bottom = flat ? re[i] + im[i] * ratio : re[i] * ratio + im[i], above = u[i];

        u[i] = (flat ? above + v[i] * ratio : above * ratio + v[i]) / bottom;
        v[i] = (flat ? v[i] - above * ratio : v[i] * ratio - above) / bottom;
    }
}
