/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arithmetic and comparison of complex numbers, with NumPy's formulas: products are plain,
 * quotients are Smith's (1962), the order is by real part, then by imaginary part.
 */
#include <math.h>

#include "kernel/elementwise_rules.h"
#include "kernel/loops.h"

#define LOOP_1(operator, name, type, result, expression)                                           \
    TG_CLONES_COMPLEX void tg_loop_##operator##_##name(int64_t n, const void *const *in,           \
                                                       void *out)                                  \
    {                                                                                              \
        const type *restrict a = in[0];                                                            \
        result *restrict y = out;                                                                  \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (expression);                                                                   \
    }

#define LOOP_2(operator, name, type, result, expression)                                           \
    TG_CLONES_COMPLEX void tg_loop_##operator##_##name(int64_t n, const void *const *in,           \
                                                       void *out)                                  \
    {                                                                                              \
        const type *restrict a = in[0];                                                            \
        const type *restrict b = in[1];                                                            \
        result *restrict y = out;                                                                  \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (expression);                                                                   \
    }

#define QUOTIENT(name, type, part, fabs)                                                           \
    static inline type quotient_##name(type a, type b)                                             \
    {                                                                                              \
        part ratio, scale;                                                                         \
                                                                                                   \
        if (fabs(b.re) >= fabs(b.im)) {                                                            \
            if (b.re == 0 && b.im == 0)                                                            \
                return (type){a.re / fabs(b.re), a.im / fabs(b.re)};                               \
            ratio = b.im / b.re;                                                                   \
            scale = 1 / (b.re + b.im * ratio);                                                     \
            return (type){(a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale};           \
        }                                                                                          \
        ratio = b.re / b.im;                                                                       \
        scale = 1 / (b.im + b.re * ratio);                                                         \
        return (type){(a.re * ratio + a.im) * scale, (a.im * ratio - a.re) * scale};               \
    }                                                                                              \
                                                                                                   \
    static inline type inverse_##name(type a)                                                      \
    {                                                                                              \
        part ratio, scale;                                                                         \
                                                                                                   \
        if (fabs(a.im) <= fabs(a.re)) {                                                            \
            ratio = a.im / a.re;                                                                   \
            scale = a.re + a.im * ratio;                                                           \
            return (type){1 / scale, -ratio / scale};                                              \
        }                                                                                          \
        ratio = a.re / a.im;                                                                       \
        scale = a.re * ratio + a.im;                                                               \
        return (type){ratio / scale, -1 / scale};                                                  \
    }                                                                                              \
                                                                                                   \
    static inline bool isnan_##name(type a)                                                        \
    {                                                                                              \
        return (a.re != a.re) | (a.im != a.im);                                                    \
    }                                                                                              \
                                                                                                   \
    static inline bool isinf_##name(type a)                                                        \
    {                                                                                              \
        return (fabs(a.re) == (part)INFINITY) | (fabs(a.im) == (part)INFINITY);                    \
    }                                                                                              \
                                                                                                   \
    static inline bool isfinite_##name(type a)                                                     \
    {                                                                                              \
        return (fabs(a.re) < (part)INFINITY) & (fabs(a.im) < (part)INFINITY);                      \
    }                                                                                              \
                                                                                                   \
    /* Below, or in the same place where `equal`. A NaN is nowhere. */                             \
    static inline bool below_##name(type a, type b, bool equal)                                    \
    {                                                                                              \
        return (a.re < b.re && a.im == a.im && b.im == b.im) ||                                    \
               (a.re == b.re && (a.im < b.im || (equal && a.im == b.im)));                         \
    }                                                                                              \
                                                                                                   \
    static inline type clipped_##name(type x, type low, type high)                                 \
    {                                                                                              \
        x = isnan_##name(x) || below_##name(low, x, false) ? x : low;                              \
        return isnan_##name(x) || below_##name(x, high, false) ? x : high;                         \
    }
QUOTIENT(complex64, tg_complex64, float, fabsf)
QUOTIENT(complex128, tg_complex128, double, fabs)

#define ARITHMETIC(name, dtype, type, part)                                                        \
    LOOP_2(add, name, type, type, ((type){a[i].re + b[i].re, a[i].im + b[i].im}))                  \
    LOOP_2(subtract, name, type, type, ((type){a[i].re - b[i].re, a[i].im - b[i].im}))             \
    LOOP_2(multiply, name, type, type,                                                             \
           ((type){a[i].re * b[i].re - a[i].im * b[i].im, a[i].re * b[i].im + a[i].im * b[i].re})) \
    LOOP_2(divide, name, type, type, quotient_##name(a[i], b[i]))                                  \
    LOOP_1(negative, name, type, type, ((type){-a[i].re, -a[i].im}))                               \
    LOOP_1(positive, name, type, type, a[i])                                                       \
    LOOP_1(square, name, type, type,                                                               \
           ((type){a[i].re * a[i].re - a[i].im * a[i].im, a[i].re * a[i].im + a[i].im * a[i].re})) \
    LOOP_1(reciprocal, name, type, type, inverse_##name(a[i]))                                     \
    LOOP_1(rint, name, type, type, ((type){(part)rint(a[i].re), (part)rint(a[i].im)}))
TG_EACH_COMPLEX(ARITHMETIC)

#define COMPARISON(name, dtype, type, part)                                                        \
    LOOP_2(equal, name, type, uint8_t, (a[i].re == b[i].re) & (a[i].im == b[i].im))                \
    LOOP_2(not_equal, name, type, uint8_t, (a[i].re != b[i].re) | (a[i].im != b[i].im))            \
    LOOP_2(less, name, type, uint8_t, below_##name(a[i], b[i], false))                             \
    LOOP_2(less_equal, name, type, uint8_t, below_##name(a[i], b[i], true))                        \
    LOOP_2(greater, name, type, uint8_t, below_##name(b[i], a[i], false))                          \
    LOOP_2(greater_equal, name, type, uint8_t, below_##name(b[i], a[i], true))                     \
    LOOP_1(isnan, name, type, uint8_t, isnan_##name(a[i]))                                         \
    LOOP_1(isinf, name, type, uint8_t, isinf_##name(a[i]))                                         \
    LOOP_1(isfinite, name, type, uint8_t, isfinite_##name(a[i]))                                   \
    LOOP_2(maximum, name, type, type,                                                              \
           isnan_##name(a[i]) || below_##name(b[i], a[i], true) ? a[i] : b[i])                     \
    LOOP_2(minimum, name, type, type,                                                              \
           isnan_##name(a[i]) || below_##name(a[i], b[i], true) ? a[i] : b[i])                     \
    LOOP_2(fmax, name, type, type,                                                                 \
           isnan_##name(b[i]) || below_##name(b[i], a[i], true) ? a[i] : b[i])                     \
    LOOP_2(fmin, name, type, type,                                                                 \
           isnan_##name(b[i]) || below_##name(a[i], b[i], true) ? a[i] : b[i])                     \
    void tg_loop_clip_##name(int64_t n, const void *const *in, void *out)                          \
    {                                                                                              \
        const type *a = in[0], *low = in[1], *high = in[2];                                        \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            ((type *)out)[i] = clipped_##name(a[i], low[i], high[i]);                              \
    }
TG_EACH_COMPLEX(COMPARISON)

#define PARTS(name, dtype, type, part)                                                             \
    TG_LOOP_1(real_##name, type, part, a[i].re)                                                    \
    TG_LOOP_1(imag_##name, type, part, a[i].im)                                                    \
    TG_LOOP_1(conjugate_##name, type, type, ((type){a[i].re, -a[i].im}))
TG_EACH_COMPLEX(PARTS)
TG_LOOP_2(join_float32, float, float, tg_complex64, ((tg_complex64){a[i], b[i]}))
TG_LOOP_2(join_float64, double, double, tg_complex128, ((tg_complex128){a[i], b[i]}))

#define SAME(name, dtype, type, wide) TG_LOOP_1(conjugate_##name, type, type, a[i])
TG_EACH_NUMBER(SAME)

static const tg_elementwise rows[] = {
    TG_ROW("real", 1, tg_rule_real, TG_COMPLEXES(real)),
    TG_ROW("imag", 1, tg_rule_real, TG_COMPLEXES(imag)),
    TG_ROW("conjugate", 1, tg_rule_same, TG_NUMBERS(conjugate), TG_COMPLEXES(conjugate)),
    TG_ROW("complex", 2, tg_rule_complex, TG_FLOATS(join)),
};
const tg_loops tg_loops_complex = TG_LOOPS(rows);
