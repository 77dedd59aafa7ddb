/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Powers. Integers by repeated squaring, wrapping; a negative exponent is an error there, as in
 * NumPy, even of 1.
 */
#include <inttypes.h>
#include <math.h>

#include "kernel/elementwise_rules.h"
#include "kernel/loops.h"
#include "kernel/vector_math.h"

#define POWER(name, dtype, type, wide)                                                             \
    static inline type power_of_##name(type x, type exponent)                                      \
    {                                                                                              \
        wide result = 1, factor = (wide)x;                                                         \
                                                                                                   \
        for (uint64_t left = exponent < 1 ? 0 : (uint64_t)exponent; left > 0; left >>= 1) {        \
            result *= left & 1 ? factor : 1;                                                       \
            factor *= factor;                                                                      \
        }                                                                                          \
        return (type)result;                                                                       \
    }                                                                                              \
    TG_LOOP_2(power_##name, type, type, type, power_of_##name(a[i], b[i]))
TG_EACH_INTEGER(POWER)

/* The vector function overflows a little early: a power that is near the largest number is the
 * square of that to half the exponent. Of -inf it has no powers to parts of integers (C11,
 * F.10.4.4). */
#define POWER_FLOAT(name, type, bits, fabs, copysign)                                              \
    static void power_##name(int64_t n, const void *const *in, void *out)                          \
    {                                                                                              \
        const tg_vector_math *math = tg_vector_math_best();                                        \
        const type *x = in[0], *y = in[1];                                                         \
        type *z = out;                                                                             \
                                                                                                   \
        math->pow_##bits(n, x, y, z);                                                              \
        for (int64_t i = 0; i < n; i++) {                                                          \
            type root = fabs(x[i]), half = y[i] / 2;                                               \
                                                                                                   \
            if (x[i] == -INFINITY && isfinite(y[i]) && y[i] != trunc(y[i]))                        \
                z[i] = y[i] > 0 ? INFINITY : 0;                                                    \
            if (fabs(z[i]) != INFINITY || x[i] == 0 || !isfinite(x[i]) || !isfinite(y[i]))         \
                continue;                                                                          \
            math->pow_##bits(1, &root, &half, &root);                                              \
            z[i] = y[i] == 1 ? x[i] : copysign(root * root, z[i]);                                 \
        }                                                                                          \
    }
POWER_FLOAT(float32, float, 32, fabsf, copysignf)
POWER_FLOAT(float64, double, 64, fabs, copysign)

#define FIRST_NEGATIVE(name, dtype, type, wide)                                                    \
    static int64_t negative_##name(int64_t n, const void *exponents)                               \
    {                                                                                              \
        const type *b = exponents;                                                                 \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            if (b[i] < 0)                                                                          \
                return (int64_t)b[i];                                                              \
        return 0;                                                                                  \
    }
TG_EACH_SIGNED(FIRST_NEGATIVE)

#define ENTRY(name, dtype, type, wide) [dtype] = negative_##name,
static int64_t (*const first_negative[TG_NDTYPES])(int64_t, const void *) = {TG_EACH_SIGNED(ENTRY)};

static tg_status check_exponents(int64_t n, const void *const *in, tg_dtype dtype)
{
    int64_t found = first_negative[dtype] ? first_negative[dtype](n, in[1]) : 0;

    if (found == 0)
        return TG_OK;
    return tg_fail(TG_EARG,
                   "power: an integer to the power of %" PRId64 " is no integer; convert one of "
                   "them to float64",
                   found);
}

static const tg_elementwise rows[] = {
    {.name = "power",
     .arity = 2,
     .resolve = tg_rule_same,
     .loops = {TG_NUMBERS(power), TG_COMPLEXES(tg_loop_power)},
     .check = check_exponents},
    TG_ROW("float_power", 2, tg_rule_double, TG_FLOATS(power), TG_COMPLEXES(tg_loop_power)),
};
const tg_loops tg_loops_power = TG_LOOPS(rows);
