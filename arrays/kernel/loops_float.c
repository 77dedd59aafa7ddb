/* SPDX-License-Identifier: BSD-3-Clause */
/* Rounding, the parts of a float's representation, and what kind of number it is. All exact. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/elementwise_rules.h"
#include "kernel/loops.h"

/* An integer is its own rounded value, never odd and always finite. */
#define WHOLE(name, dtype, type, wide) TG_LOOP_1(whole_##name, type, type, a[i])
TG_EACH_INTEGER(WHOLE)
TG_LOOP_1(whole_bool8, uint8_t, uint8_t, a[i] != 0)

static void all_false(int64_t n, const void *const *in, void *out)
{
    (void)in;
    memset(out, 0, (size_t)n);
}

static void all_true(int64_t n, const void *const *in, void *out)
{
    (void)in;
    memset(out, 1, (size_t)n);
}

/* The bits of a float as a signed integer; they grow with the magnitude. */
static inline int32_t bits_float32(float x)
{
    int32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline int64_t bits_float64(double x)
{
    int64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float from_bits_float32(int32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double from_bits_float64(int64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline float power_of_two_float32(float x, int64_t e)
{
    return ldexpf(x, (int)(e > 9999 ? 9999 : e < -9999 ? -9999 : e));
}

static inline double power_of_two_float64(double x, int64_t e)
{
    return ldexp(x, (int)(e > 9999 ? 9999 : e < -9999 ? -9999 : e));
}

#define FUNCTIONS(suffix, name)                                                                    \
    static inline int32_t exponent_##name(TYPE_##name x)                                           \
    {                                                                                              \
        int exponent = 0;                                                                          \
                                                                                                   \
        (void)frexp##suffix(x, &exponent);                                                         \
        return isfinite(x) ? exponent : 0;                                                         \
    }                                                                                              \
                                                                                                   \
    static inline TYPE_##name mantissa_##name(TYPE_##name x)                                       \
    {                                                                                              \
        int exponent;                                                                              \
                                                                                                   \
        return frexp##suffix(x, &exponent);                                                        \
    }                                                                                              \
                                                                                                   \
    static inline TYPE_##name next_##name(TYPE_##name x, TYPE_##name y)                            \
    {                                                                                              \
        bool away = (x < y) == (x > 0);                                                            \
                                                                                                   \
        if (x != x || y != y)                                                                      \
            return x + y;                                                                          \
        if (x == y)                                                                                \
            return y;                                                                              \
        if (x == 0)                                                                                \
            return copysign##suffix(from_bits_##name(1), y);                                       \
        return from_bits_##name(bits_##name(x) + (away ? 1 : -1));                                 \
    }                                                                                              \
                                                                                                   \
    static inline TYPE_##name gap_##name(TYPE_##name x)                                            \
    {                                                                                              \
        TYPE_##name next = from_bits_##name(bits_##name(x) + 1);                                   \
                                                                                                   \
        if (x == 0)                                                                                \
            return from_bits_##name(1);                                                            \
        return x - x != 0 ? (TYPE_##name)NAN : next - x;                                           \
    }                                                                                              \
    TG_LOOP_1(rint_##name, TYPE_##name, TYPE_##name, rint##suffix(a[i]))                           \
    TG_LOOP_1(floor_##name, TYPE_##name, TYPE_##name, floor##suffix(a[i]))                         \
    TG_LOOP_1(ceil_##name, TYPE_##name, TYPE_##name, ceil##suffix(a[i]))                           \
    TG_LOOP_1(trunc_##name, TYPE_##name, TYPE_##name, trunc##suffix(a[i]))                         \
    TG_LOOP_1(                                                                                     \
        fraction_##name, TYPE_##name, TYPE_##name,                                                 \
        copysign##suffix(                                                                          \
            fabs##suffix(a[i]) == (TYPE_##name)INFINITY ? 0 : a[i] - trunc##suffix(a[i]), a[i]))   \
    TG_LOOP_1(exponents_##name, TYPE_##name, int32_t, exponent_##name(a[i]))                       \
    TG_LOOP_1(mantissas_##name, TYPE_##name, TYPE_##name, mantissa_##name(a[i]))                   \
    TG_LOOP_1(spacing_##name, TYPE_##name, TYPE_##name, gap_##name(a[i]))                          \
    TG_LOOP_1(signbit_##name, TYPE_##name, uint8_t, bits_##name(a[i]) < 0)                         \
    TG_LOOP_1(isnan_##name, TYPE_##name, uint8_t, a[i] != a[i])                                    \
    TG_LOOP_1(isinf_##name, TYPE_##name, uint8_t, fabs##suffix(a[i]) == (TYPE_##name)INFINITY)     \
    TG_LOOP_1(isfinite_##name, TYPE_##name, uint8_t, fabs##suffix(a[i]) < (TYPE_##name)INFINITY)   \
    TG_LOOP_1(isposinf_##name, TYPE_##name, uint8_t, a[i] == (TYPE_##name)INFINITY)                \
    TG_LOOP_1(isneginf_##name, TYPE_##name, uint8_t, a[i] == -(TYPE_##name)INFINITY)               \
    TG_LOOP_1(degrees_##name, TYPE_##name, TYPE_##name,                                            \
              a[i] * ((TYPE_##name)180 / (TYPE_##name)M_PI))                                       \
    TG_LOOP_1(radians_##name, TYPE_##name, TYPE_##name,                                            \
              a[i] * ((TYPE_##name)M_PI / (TYPE_##name)180))                                       \
    TG_LOOP_2(copysign_##name, TYPE_##name, TYPE_##name, TYPE_##name,                              \
              copysign##suffix(a[i], b[i]))                                                        \
    TG_LOOP_2(nextafter_##name, TYPE_##name, TYPE_##name, TYPE_##name, next_##name(a[i], b[i]))    \
    TG_LOOP_2(ldexp_##name, TYPE_##name, int64_t, TYPE_##name, power_of_two_##name(a[i], b[i]))
#define TYPE_float32 float
#define TYPE_float64 double
FUNCTIONS(f, float32)
FUNCTIONS(, float64)

#define COMPLEXES(operator)  TG_COMPLEXES(tg_loop_##operator)
#define WITH_WHOLE(operator) TG_BOOLS(whole), TG_INTEGERS(whole), TG_FLOATS(operator)
static const tg_elementwise rows[] = {
    TG_ROW("rint", 1, tg_rule_same, TG_FLOATS(rint), COMPLEXES(rint)),
    TG_ROW("floor", 1, tg_rule_same, WITH_WHOLE(floor)),
    TG_ROW("ceil", 1, tg_rule_same, WITH_WHOLE(ceil)),
    TG_ROW("trunc", 1, tg_rule_same, WITH_WHOLE(trunc)),
    TG_ROW("modf_fraction", 1, tg_rule_same, TG_FLOATS(fraction)),
    TG_ROW("modf_integer", 1, tg_rule_same, TG_FLOATS(trunc)),
    TG_ROW("frexp_mantissa", 1, tg_rule_same, TG_FLOATS(mantissas)),
    TG_ROW("frexp_exponent", 1, tg_rule_exponent, TG_FLOATS(exponents)),
    TG_ROW_APART(2, "ldexp", 2, tg_rule_ldexp, TG_FLOATS(ldexp)),
    TG_ROW("spacing", 1, tg_rule_same, TG_FLOATS(spacing)),
    TG_ROW("nextafter", 2, tg_rule_same, TG_FLOATS(nextafter)),
    TG_ROW("copysign", 2, tg_rule_same, TG_FLOATS(copysign)),
    TG_ROW("signbit", 1, tg_rule_truth, TG_FLOATS(signbit)),
    TG_ROW("isnan", 1, tg_rule_truth, TG_EVERY_INTEGER(all_false), TG_FLOATS(isnan),
           COMPLEXES(isnan)),
    TG_ROW("isinf", 1, tg_rule_truth, TG_EVERY_INTEGER(all_false), TG_FLOATS(isinf),
           COMPLEXES(isinf)),
    TG_ROW("isfinite", 1, tg_rule_truth, TG_EVERY_INTEGER(all_true), TG_FLOATS(isfinite),
           COMPLEXES(isfinite)),
    TG_ROW("isposinf", 1, tg_rule_truth, TG_EVERY_INTEGER(all_false), TG_FLOATS(isposinf)),
    TG_ROW("isneginf", 1, tg_rule_truth, TG_EVERY_INTEGER(all_false), TG_FLOATS(isneginf)),
    TG_ROW("degrees", 1, tg_rule_same, TG_FLOATS(degrees)),
    TG_ROW("radians", 1, tg_rule_same, TG_FLOATS(radians)),
};
const tg_loops tg_loops_float = TG_LOOPS(rows);
