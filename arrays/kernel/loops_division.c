/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Division with a whole quotient: rounded down (floor_divide, remainder: the sign of the divisor)
 * or towards zero (fmod: the sign of the dividend).
 *
 * Of integers a division by zero gives 0, and the smallest divided by -1 wraps. Of floats
 * everything follows from the exact remainder. Where the quotient q fits a float that is fma(-q, b,
 * a), exact by Sterbenz' argument: it is a multiple of the last places of a and b and smaller than
 * b. The rest (quotients beyond 2^52, zeros, infinities, NaN) goes to the C library's fmod, which
 * is exact, too.
 */
#include <math.h>

#include "kernel/elementwise_rules.h"

#define UNSIGNED(name, dtype, type, wide)                                                          \
    TG_LOOP_2(floor_divide_##name, type, type, type, (type)(b[i] == 0 ? 0 : a[i] / b[i]))          \
    TG_LOOP_2(remainder_##name, type, type, type, (type)(b[i] == 0 ? 0 : a[i] % b[i]))             \
    TG_LOOP_2(fmod_##name, type, type, type, (type)(b[i] == 0 ? 0 : a[i] % b[i]))
TG_EACH_UNSIGNED(UNSIGNED)

/* A divisor of -1 is replaced: the quotient may not fit, which is not defined in C. */
#define SIGNED(name, dtype, type, wide)                                                            \
    static inline type rest_##name(type a, type b)                                                 \
    {                                                                                              \
        return (type)(b == 0 || b == -1 ? 0 : a % b);                                              \
    }                                                                                              \
                                                                                                   \
    static inline type quotient_##name(type a, type b)                                             \
    {                                                                                              \
        type rest = rest_##name(a, b);                                                             \
                                                                                                   \
        if (b == 0 || b == -1)                                                                     \
            return (type)(b == 0 ? 0 : 0 - (wide)a);                                               \
        return (type)(a / b - (rest != 0 && (rest < 0) != (b < 0)));                               \
    }                                                                                              \
                                                                                                   \
    static inline type modulo_##name(type a, type b)                                               \
    {                                                                                              \
        type rest = rest_##name(a, b);                                                             \
                                                                                                   \
        return (type)(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);                       \
    }                                                                                              \
    TG_LOOP_2(floor_divide_##name, type, type, type, quotient_##name(a[i], b[i]))                  \
    TG_LOOP_2(remainder_##name, type, type, type, modulo_##name(a[i], b[i]))                       \
    TG_LOOP_2(fmod_##name, type, type, type, rest_##name(a[i], b[i]))
TG_EACH_SIGNED(SIGNED)

/* The remainder with the sign of `a`; *odd is set where it is left to the C library. */
static inline double rest_of(double a, double b, int64_t *odd)
{
    double q = trunc(a / b);
    double r = fma(-q, b, a);
    double other = r + copysign(b, a); /* the quotient was rounded to the next integer */

    *odd |= !(fabs(q) < 0x1p52) | !(fabs(b) < INFINITY);
    r = (a < 0) != (r < 0) && r != 0 ? other : r;
    return copysign(r, a);
}

#define FLOATS(name, dtype, type, wide)                                                            \
    TG_CLONES_FMA static int64_t rests_##name(int64_t n, const type *restrict a,                   \
                                              const type *restrict b, type *restrict y)            \
    {                                                                                              \
        int64_t odd = 0;                                                                           \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (type)rest_of((double)a[i], (double)b[i], &odd);                                \
        return odd;                                                                                \
    }                                                                                              \
                                                                                                   \
    static void fmod_##name(int64_t n, const void *const *in, void *out)                           \
    {                                                                                              \
        const type *a = in[0], *b = in[1];                                                         \
        type *y = out;                                                                             \
                                                                                                   \
        if (!rests_##name(n, a, b, y))                                                             \
            return;                                                                                \
        for (int64_t i = 0; i < n; i++) {                                                          \
            int64_t odd = 0;                                                                       \
                                                                                                   \
            rest_of((double)a[i], (double)b[i], &odd);                                             \
            if (odd)                                                                               \
                y[i] = (type)fmod((double)a[i], (double)b[i]);                                     \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    TG_CLONES static void to_divisors_sign_##name(int64_t n, const type *restrict b,               \
                                                  type *restrict y)                                \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++) {                                                          \
            type rest = (b[i] < 0) != (y[i] < 0) ? y[i] + b[i] : y[i];                             \
                                                                                                   \
            y[i] = y[i] == 0 && b[i] != 0 ? copysign##_##name(0, b[i]) : rest;                     \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    /* y holds remainders of a and gets quotients. */                                              \
    TG_CLONES static void to_quotients_##name(int64_t n, const type *restrict a,                   \
                                              const type *restrict b, type *restrict y)            \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++) {                                                          \
            type plain = a[i] / b[i];                                                              \
            type whole = (a[i] - y[i]) / b[i];                                                     \
                                                                                                   \
            whole -= (y[i] != 0) & ((b[i] < 0) != (y[i] < 0));                                     \
            type down = floor##_##name(whole);                                                     \
                                                                                                   \
            down += whole - down > (type)0.5;                                                      \
            down = whole == 0 ? copysign##_##name(0, plain) : down;                                \
            y[i] = b[i] == 0 ? plain : down;                                                       \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void remainder_##name(int64_t n, const void *const *in, void *out)                      \
    {                                                                                              \
        fmod_##name(n, in, out);                                                                   \
        to_divisors_sign_##name(n, in[1], out);                                                    \
    }                                                                                              \
                                                                                                   \
    static void floor_divide_##name(int64_t n, const void *const *in, void *out)                   \
    {                                                                                              \
        fmod_##name(n, in, out);                                                                   \
        to_quotients_##name(n, in[0], in[1], out);                                                 \
    }
#define copysign_float32 copysignf
#define copysign_float64 copysign
#define floor_float32    floorf
#define floor_float64    floor
TG_EACH_FLOAT(FLOATS)

static const tg_elementwise rows[] = {
    TG_ROW("floor_divide", 2, tg_rule_same, TG_NUMBERS(floor_divide)),
    TG_ROW("remainder", 2, tg_rule_same, TG_NUMBERS(remainder)),
    TG_ROW("fmod", 2, tg_rule_same, TG_NUMBERS(fmod)),
};
const tg_loops tg_loops_division = TG_LOOPS(rows);
