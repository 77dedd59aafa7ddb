/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inverse hyperbolic and circular functions of complex numbers.
 *
 * Source: W. Kahan, "Branch Cuts for Complex Elementary Functions" (1987): from the roots of 1 - z
 * and 1 + z, so that signs of zeros choose the side of a cut and nothing cancels near its ends.
 */
#include <math.h>

#include "kernel/complex_math.h"

#define PIECE TG_COMPLEX_PIECE

typedef struct roots {
    double minus_re[PIECE], minus_im[PIECE]; /* of 1 - z or z - 1 */
    double plus_re[PIECE], plus_im[PIECE];   /* of 1 + z */
} roots;

static void roots_of(const tg_vector_math *math, int n, const double *x, const double *y,
                     double sign, roots *r)
{
    double a[PIECE] = {0}, b[PIECE] = {0};

    for (int i = 0; i < n; i++) {
        a[i] = sign * (1 - x[i]);
        b[i] = sign * -y[i];
    }
    tg_complex_sqrt(math, n, a, b, r->minus_re, r->minus_im);
    for (int i = 0; i < n; i++)
        a[i] = 1 + x[i];
    tg_complex_sqrt(math, n, a, y, r->plus_re, r->plus_im);
}

/* The vector function squares its argument. */
static void arcsinh_all(const tg_vector_math *math, int n, double *x)
{
    double y[PIECE] = {0};

    math->asinh_64(n, x, y);
    for (int i = 0; i < n; i++) {
        double a = fabs(x[i]);

        if (a > 0x1p500) {
            math->log_64(1, &a, &a);
            y[i] = copysign(a + M_LN2, x[i]);
        }
        x[i] = y[i];
    }
}

static int is_infinite(double x, double y)
{
    return isinf(x) || isinf(y);
}

void tg_complex_arcsin(const tg_vector_math *math, int n, const double *x, const double *y,
                       double *u, double *v)
{
    roots r;

    roots_of(math, n, x, y, 1, &r);
    for (int i = 0; i < n; i++) {
        u[i] = r.minus_re[i] * r.plus_re[i] - r.minus_im[i] * r.plus_im[i];
        v[i] = r.minus_re[i] * r.plus_im[i] - r.minus_im[i] * r.plus_re[i];
        if (is_infinite(x[i], y[i])) {
            u[i] = isinf(y[i]) ? fabs(y[i]) : 0;
            v[i] = copysign(INFINITY, y[i]);
        }
    }
    math->atan2_64(n, x, u, u);
    arcsinh_all(math, n, v);
    for (int i = 0; i < n; i++) { /* C17, G.6.2.2, by arcsin z = -i arcsinh iz */
        u[i] = x[i] == 0 ? x[i] : u[i];
        u[i] = isinf(x[i]) && isnan(y[i]) ? NAN : u[i];
    }
}

void tg_complex_arccos(const tg_vector_math *math, int n, const double *x, const double *y,
                       double *u, double *v)
{
    double right[PIECE] = {0};
    roots r;

    roots_of(math, n, x, y, 1, &r);
    for (int i = 0; i < n; i++) {
        v[i] = r.plus_re[i] * r.minus_im[i] - r.plus_im[i] * r.minus_re[i];
        u[i] = r.minus_re[i];
        right[i] = r.plus_re[i];
        if (is_infinite(x[i], y[i])) {
            u[i] = fabs(y[i]);
            right[i] = x[i];
            v[i] = copysign(INFINITY, -y[i]);
        }
    }
    math->atan2_64(n, u, right, u);
    arcsinh_all(math, n, v);
    for (int i = 0; i < n; i++) {
        u[i] *= is_infinite(x[i], y[i]) ? 1 : 2;
        if (x[i] == 0 && isnan(y[i])) /* C17, G.6.1.1 */
            u[i] = M_PI_2;
    }
}

void tg_complex_arccosh(const tg_vector_math *math, int n, const double *x, const double *y,
                        double *u, double *v)
{
    double right[PIECE] = {0};
    roots r;

    roots_of(math, n, x, y, -1, &r);
    for (int i = 0; i < n; i++) {
        u[i] = r.minus_re[i] * r.plus_re[i] + r.minus_im[i] * r.plus_im[i];
        v[i] = r.minus_im[i];
        right[i] = r.plus_re[i];
        if (is_infinite(x[i], y[i])) {
            u[i] = INFINITY;
            v[i] = y[i];
            right[i] = x[i];
        }
    }
    arcsinh_all(math, n, u);
    math->atan2_64(n, v, right, v);
    for (int i = 0; i < n; i++) {
        v[i] *= is_infinite(x[i], y[i]) ? 1 : 2;
        if (x[i] == 0 && isnan(y[i])) /* C17, G.6.2.1 */
            v[i] = M_PI_2;
    }
}

/* arcsinh z = -i arcsin(iz) */
void tg_complex_arcsinh(const tg_vector_math *math, int n, const double *x, const double *y,
                        double *u, double *v)
{
    double minus[PIECE] = {0}, below[PIECE] = {0};

    for (int i = 0; i < n; i++)
        minus[i] = -y[i];
    tg_complex_arcsin(math, n, minus, x, below, u);
    for (int i = 0; i < n; i++)
        v[i] = -below[i];
}

/* log1p(4x / ((1 - x)^2 + y^2)) / 4 and atan2(2y, (1 - x)(1 + x) - y^2) / 2, x as |x|; far out
 * x / |z|^2 and a right angle; close to 1 the logarithm of the distance. */
void tg_complex_arctanh(const tg_vector_math *math, int n, const double *x, const double *y,
                        double *u, double *v)
{
    double side[PIECE] = {0}, up[PIECE] = {0}, distance[PIECE] = {0}, far[PIECE] = {0};

    for (int i = 0; i < n; i++) {
        double a = fabs(x[i]), square = (1 - a) * (1 - a) + y[i] * y[i];

        u[i] = 4 * a / square;
        up[i] = 2 * y[i];
        side[i] = (1 - a) * (1 + a) - y[i] * y[i];
        distance[i] = 1 - a;
    }
    math->log1p_64(n, u, u);
    math->atan2_64(n, up, side, v);
    math->hypot_64(n, distance, y, distance);
    math->hypot_64(n, x, y, far);
    for (int i = 0; i < n; i++) {
        double a = fabs(x[i]), logarithm = distance[i];

        u[i] /= 4;
        v[i] /= 2;
        if (distance[i] < 0x1p-480) {
            math->log_64(1, &logarithm, &logarithm);
            u[i] = (M_LN2 - logarithm) / 2;
        } else if (far[i] > 0x1p500) {
            u[i] = isinf(far[i]) ? 0 : a / far[i] / far[i];
            v[i] = y[i] == y[i] ? copysign(M_PI_2, y[i]) : y[i];
        }
        if (x[i] == 0)
            u[i] = 0;
        u[i] = copysign(u[i], x[i]);
    }
}
