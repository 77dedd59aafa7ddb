/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transcendental functions of real numbers: vector functions (vector_math.h), mended where those
 * overflow though the result does not.
 *
 *     |x| > 709 (float32: 88)    sinh, cosh = exp(|x|/2) / 2 * exp(|x|/2)
 *     |x| > 2^500 (2^60)         arcsinh, arccosh = log|x| + log 2
 *     x > 2^1000 (2^120)         log1p = log x
 */
#include <math.h>

#include "kernel/elementwise_rules.h"
#include "kernel/loops.h"
#include "kernel/vector_math.h"

/* Elements worked on at once where a function takes several passes. */
#define PIECE 256

#define PLAIN(operator, function)                                                                  \
    static void operator##_float32(int64_t n, const void *const *in, void *out)                    \
    {                                                                                              \
        tg_vector_math_best()->function##_32(n, in[0], out);                                       \
    }                                                                                              \
                                                                                                   \
    static void operator##_float64(int64_t n, const void *const *in, void *out)                    \
    {                                                                                              \
        tg_vector_math_best()->function##_64(n, in[0], out);                                       \
    }
PLAIN(sin, sin)
PLAIN(cos, cos)
PLAIN(tan, tan)
PLAIN(arcsin, asin)
PLAIN(arccos, acos)
PLAIN(arctan, atan)
PLAIN(tanh, tanh)
PLAIN(arctanh, atanh)
PLAIN(exp, exp)
PLAIN(exp2, exp2)
PLAIN(expm1, expm1)
PLAIN(log, log)
PLAIN(log2, log2)
PLAIN(log10, log10)
PLAIN(cbrt, cbrt)

#define PAIR(operator, function)                                                                   \
    static void operator##_float32(int64_t n, const void *const *in, void *out)                    \
    {                                                                                              \
        tg_vector_math_best()->function##_32(n, in[0], in[1], out);                                \
    }                                                                                              \
                                                                                                   \
    static void operator##_float64(int64_t n, const void *const *in, void *out)                    \
    {                                                                                              \
        tg_vector_math_best()->function##_64(n, in[0], in[1], out);                                \
    }
PAIR(arctan2, atan2)
PAIR(hypot, hypot)

#define MENDS(name, type, bits, fabs, copysign)                                                    \
    static type half_exp_##name(const tg_vector_math *math, type x)                                \
    {                                                                                              \
        type root = fabs(x) / 2;                                                                   \
                                                                                                   \
        math->exp_##bits(1, &root, &root);                                                         \
        return root / 2 * root;                                                                    \
    }                                                                                              \
                                                                                                   \
    static type big_sinh_##name(const tg_vector_math *math, type x)                                \
    {                                                                                              \
        return copysign(half_exp_##name(math, x), x);                                              \
    }                                                                                              \
                                                                                                   \
    static type big_log_##name(const tg_vector_math *math, type x)                                 \
    {                                                                                              \
        type y = fabs(x);                                                                          \
                                                                                                   \
        math->log_##bits(1, &y, &y);                                                               \
        return y;                                                                                  \
    }                                                                                              \
                                                                                                   \
    static type big_arcsinh_##name(const tg_vector_math *math, type x)                             \
    {                                                                                              \
        return copysign(big_log_##name(math, x) + (type)M_LN2, x);                                 \
    }                                                                                              \
                                                                                                   \
    static type big_arccosh_##name(const tg_vector_math *math, type x)                             \
    {                                                                                              \
        return x < 0 ? (type)NAN : big_log_##name(math, x) + (type)M_LN2;                          \
    }                                                                                              \
                                                                                                   \
    static type big_log1p_##name(const tg_vector_math *math, type x)                               \
    {                                                                                              \
        return x < 0 ? (type)NAN : big_log_##name(math, x);                                        \
    }
MENDS(float32, float, 32, fabsf, copysignf)
MENDS(float64, double, 64, fabs, copysign)

#define MENDED_TYPE(operator, function, name, type, bits, fabs, limit, big)                        \
    static void operator##_##name(int64_t n, const void *const *in, void *out)                     \
    {                                                                                              \
        const tg_vector_math *math = tg_vector_math_best();                                        \
        const type *x = in[0];                                                                     \
        type *y = out;                                                                             \
                                                                                                   \
        math->function##_##bits(n, x, y);                                                          \
        for (int64_t i = 0; i < n; i++)                                                            \
            if (fabs(x[i]) > limit)                                                                \
                y[i] = big##_##name(math, x[i]);                                                   \
    }
#define MENDED(operator, function, limit32, limit64, big)                                          \
    MENDED_TYPE(operator, function, float32, float, 32, fabsf, limit32, big)                       \
    MENDED_TYPE(operator, function, float64, double, 64, fabs, limit64, big)
MENDED(sinh, sinh, 88, 709, big_sinh)
MENDED(cosh, cosh, 88, 709, half_exp)
MENDED(arcsinh, asinh, 0x1p60f, 0x1p500, big_arcsinh)
MENDED(arccosh, acosh, 0x1p60f, 0x1p500, big_arccosh)
MENDED(log1p, log1p, 0x1p120f, 0x1p1000, big_log1p)

typedef void piece(const tg_vector_math *math, int n, const double *x, const double *y, double *z);

/* log(exp(x) + exp(y)) = max + log1p(exp(-|x - y|)); equal ones may be infinite. */
static void add_exponents(const tg_vector_math *math, int n, const double *x, const double *y,
                          double *z)
{
    for (int i = 0; i < n; i++)
        z[i] = x[i] == y[i] ? 0 : -fabs(x[i] - y[i]);
    math->exp_64(n, z, z);
    math->log1p_64(n, z, z);
    for (int i = 0; i < n; i++)
        z[i] = (x[i] > y[i] ? x[i] : y[i]) + z[i];
}

static void add_exponents_of_two(const tg_vector_math *math, int n, const double *x,
                                 const double *y, double *z)
{
    for (int i = 0; i < n; i++)
        z[i] = x[i] == y[i] ? 0 : -fabs(x[i] - y[i]);
    math->exp2_64(n, z, z);
    math->log1p_64(n, z, z);
    for (int i = 0; i < n; i++)
        z[i] = (x[i] > y[i] ? x[i] : y[i]) + z[i] * M_LOG2E;
}

/* sin(pi x) / (pi x), as NumPy rounds it. */
static void sine_over(const tg_vector_math *math, int n, const double *x, const double *y,
                      double *z)
{
    double angle[PIECE] = {0};

    (void)y;
    for (int i = 0; i < n; i++)
        angle[i] = M_PI * (x[i] == 0 ? 1e-20 : x[i]);
    math->sin_64(n, angle, z);
    for (int i = 0; i < n; i++)
        z[i] /= angle[i];
}

/* The modified Bessel function: its power series, whose terms are all positive, and for large
 * arguments the asymptotic one, whose smallest term is exp(-2x) of the sum. */
static void bessel_0(const tg_vector_math *math, int n, const double *x, const double *y, double *z)
{
    (void)y;
    for (int i = 0; i < n; i++) {
        double a = fabs(x[i]), power = a < 700 ? a : a / 2;
        long double wide = a, term = 1, sum = 1; /* so that the terms' roundings do not add up */

        for (int k = 1; k < 80 && a <= 20; k++) {
            term *= wide / 2 / k * (wide / 2 / k);
            sum += term;
        }
        for (int k = 1; k < 40 && a > 20; k++) {
            term *= (2 * k - 1) * (2 * k - 1) / (8 * wide * k);
            sum += term;
        }
        z[i] = (double)sum;
        if (a > 20) {
            math->exp_64(1, &power, &power);
            sum *= power / sqrtl(2 * 3.14159265358979323846264338L * wide);
            z[i] = (double)(sum * (a < 700 ? 1 : power));
        }
        z[i] = a < 1000 ? z[i] : INFINITY / sqrt(a); /* of inf NaN, as in NumPy */
    }
}

#define PIECES(operator, name, type, arity, work)                                                  \
    static void operator##_##name(int64_t n, const void *const *in, void *out)                     \
    {                                                                                              \
        const tg_vector_math *math = tg_vector_math_best();                                        \
        const type *x = in[0], *y = in[(arity)-1];                                                 \
        double wide_x[PIECE], wide_y[PIECE], wide_z[PIECE];                                        \
                                                                                                   \
        for (int64_t start = 0; start < n; start += PIECE) {                                       \
            int count = (int)(n - start < PIECE ? n - start : PIECE);                              \
                                                                                                   \
            for (int i = 0; i < count; i++) {                                                      \
                wide_x[i] = (double)x[start + i];                                                  \
                wide_y[i] = (double)y[start + i];                                                  \
            }                                                                                      \
            work(math, count, wide_x, wide_y, wide_z);                                             \
            for (int i = 0; i < count; i++)                                                        \
                ((type *)out)[start + i] = (type)wide_z[i];                                        \
        }                                                                                          \
    }
PIECES(logaddexp, float32, float, 2, add_exponents)
PIECES(logaddexp, float64, double, 2, add_exponents)
PIECES(logaddexp2, float32, float, 2, add_exponents_of_two)
PIECES(logaddexp2, float64, double, 2, add_exponents_of_two)
PIECES(sinc, float32, float, 1, sine_over)
PIECES(sinc, float64, double, 1, sine_over)
PIECES(i0, float32, float, 1, bessel_0)
PIECES(i0, float64, double, 1, bessel_0)

#define BOTH(operator) TG_FLOATS(operator), TG_COMPLEXES(tg_loop_##operator)
static const tg_elementwise rows[] = {
    TG_ROW("sin", 1, tg_rule_same, BOTH(sin)),
    TG_ROW("cos", 1, tg_rule_same, BOTH(cos)),
    TG_ROW("tan", 1, tg_rule_same, BOTH(tan)),
    TG_ROW("arcsin", 1, tg_rule_same, BOTH(arcsin)),
    TG_ROW("arccos", 1, tg_rule_same, BOTH(arccos)),
    TG_ROW("arctan", 1, tg_rule_same, BOTH(arctan)),
    TG_ROW("arctan2", 2, tg_rule_same, TG_FLOATS(arctan2)),
    TG_ROW("hypot", 2, tg_rule_same, TG_FLOATS(hypot)),
    TG_ROW("sinh", 1, tg_rule_same, BOTH(sinh)),
    TG_ROW("cosh", 1, tg_rule_same, BOTH(cosh)),
    TG_ROW("tanh", 1, tg_rule_same, BOTH(tanh)),
    TG_ROW("arcsinh", 1, tg_rule_same, BOTH(arcsinh)),
    TG_ROW("arccosh", 1, tg_rule_same, BOTH(arccosh)),
    TG_ROW("arctanh", 1, tg_rule_same, BOTH(arctanh)),
    TG_ROW("exp", 1, tg_rule_same, BOTH(exp)),
    TG_ROW("exp2", 1, tg_rule_same, BOTH(exp2)),
    TG_ROW("expm1", 1, tg_rule_same, BOTH(expm1)),
    TG_ROW("log", 1, tg_rule_same, BOTH(log)),
    TG_ROW("log2", 1, tg_rule_same, BOTH(log2)),
    TG_ROW("log10", 1, tg_rule_same, BOTH(log10)),
    TG_ROW("log1p", 1, tg_rule_same, BOTH(log1p)),
    TG_ROW("cbrt", 1, tg_rule_same, TG_FLOATS(cbrt)),
    TG_ROW("logaddexp", 2, tg_rule_same, TG_FLOATS(logaddexp)),
    TG_ROW("logaddexp2", 2, tg_rule_same, TG_FLOATS(logaddexp2)),
    TG_ROW("sinc", 1, tg_rule_sinc, BOTH(sinc)),
    TG_ROW("i0", 1, tg_rule_sinc, TG_FLOATS(i0)),
};
const tg_loops tg_loops_math = TG_LOOPS(rows);
