/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arithmetic. Integers are computed unsigned, so that what does not fit wraps as in NumPy.
 */
#include <math.h>

#include "kernel/elementwise_rules.h"
#include "kernel/loops.h"

#define RING(name, dtype, type, wide)                                                              \
    TG_LOOP_2(add_##name, type, type, type, (type)((wide)a[i] + (wide)b[i]))                       \
    TG_LOOP_2(subtract_##name, type, type, type, (type)((wide)a[i] - (wide)b[i]))                  \
    TG_LOOP_2(multiply_##name, type, type, type, (type)((wide)a[i] * (wide)b[i]))                  \
    TG_LOOP_1(square_##name, type, type, (type)((wide)a[i] * (wide)a[i]))                          \
    TG_LOOP_1(positive_##name, type, type, a[i])
TG_EACH_NUMBER(RING)

/* A bool may be any byte: not zero is true. */
TG_LOOP_2(add_bool8, uint8_t, uint8_t, uint8_t, (a[i] | b[i]) != 0)
TG_LOOP_2(multiply_bool8, uint8_t, uint8_t, uint8_t, (a[i] != 0) & (b[i] != 0))

#define NEGATIVE_INTEGER(name, dtype, type, wide)                                                  \
    TG_LOOP_1(negative_##name, type, type, (type)(0 - (wide)a[i]))
TG_EACH_INTEGER(NEGATIVE_INTEGER)

#define OF_SIGNED(name, dtype, type, wide)                                                         \
    TG_LOOP_1(absolute_##name, type, type, (type)(a[i] < 0 ? 0 - (wide)a[i] : (wide)a[i]))         \
    TG_LOOP_1(sign_##name, type, type, (type)((a[i] > 0) - (a[i] < 0)))
TG_EACH_SIGNED(OF_SIGNED)

#define OF_UNSIGNED(name, dtype, type, wide)                                                       \
    TG_LOOP_1(absolute_##name, type, type, a[i])                                                   \
    TG_LOOP_1(sign_##name, type, type, (type)(a[i] > 0))
TG_EACH_UNSIGNED(OF_UNSIGNED)

TG_LOOP_1(absolute_bool8, uint8_t, uint8_t, a[i] != 0)

/* The sign of a zero is +0, that of a NaN is itself. */
#define OF_FLOAT(name, dtype, type, wide)                                                          \
    TG_LOOP_1(negative_##name, type, type, -a[i])                                                  \
    TG_LOOP_1(sign_##name, type, type, a[i] != a[i] ? a[i] : (type)((a[i] > 0) - (a[i] < 0)))      \
    TG_LOOP_1(reciprocal_##name, type, type, 1 / a[i])                                             \
    TG_LOOP_2(divide_##name, type, type, type, a[i] / b[i])
TG_EACH_FLOAT(OF_FLOAT)

TG_LOOP_1(absolute_float32, float, float, fabsf(a[i]))
TG_LOOP_1(absolute_float64, double, double, fabs(a[i]))
TG_LOOP_1(sqrt_float32, float, float, sqrtf(a[i]))
TG_LOOP_1(sqrt_float64, double, double, sqrt(a[i]))

/* Of integers only those of -1 and 1 are not 0; that of 0 is what an infinity converts to
 * in NumPy. */
#define RECIPROCAL(name, type, of_zero)                                                            \
    TG_LOOP_1(reciprocal_##name, type, type,                                                       \
              (type)(a[i] == 0 ? of_zero : (a[i] == 1) - (a[i] == (type)-1 && (type)-1 < 1)))
RECIPROCAL(int8, int8_t, 0)
RECIPROCAL(int16, int16_t, 0)
RECIPROCAL(int32, int32_t, INT32_MIN)
RECIPROCAL(int64, int64_t, INT64_MIN)
RECIPROCAL(uint8, uint8_t, 0)
RECIPROCAL(uint16, uint16_t, 0)
RECIPROCAL(uint32, uint32_t, 0)
RECIPROCAL(uint64, uint64_t, 0)

#define COMPLEXES(operator) TG_COMPLEXES(tg_loop_##operator)
static const tg_elementwise rows[] = {
    TG_ROW("add", 2, tg_rule_same, TG_REALS(add), COMPLEXES(add)),
    TG_ROW("subtract", 2, tg_rule_numbers, TG_NUMBERS(subtract), COMPLEXES(subtract)),
    TG_ROW("multiply", 2, tg_rule_same, TG_REALS(multiply), COMPLEXES(multiply)),
    TG_ROW("divide", 2, tg_rule_divide, TG_FLOATS(divide), COMPLEXES(divide)),
    TG_ROW("negative", 1, tg_rule_numbers, TG_NUMBERS(negative), COMPLEXES(negative)),
    TG_ROW("positive", 1, tg_rule_numbers, TG_NUMBERS(positive), COMPLEXES(positive)),
    TG_ROW("absolute", 1, tg_rule_real, TG_REALS(absolute), COMPLEXES(absolute)),
    TG_ROW("fabs", 1, tg_rule_same, TG_FLOATS(absolute)),
    TG_ROW("sign", 1, tg_rule_numbers, TG_NUMBERS(sign), COMPLEXES(sign)),
    TG_ROW("square", 1, tg_rule_same, TG_NUMBERS(square), COMPLEXES(square)),
    TG_ROW("reciprocal", 1, tg_rule_same, TG_NUMBERS(reciprocal), COMPLEXES(reciprocal)),
    TG_ROW("sqrt", 1, tg_rule_same, TG_FLOATS(sqrt), COMPLEXES(sqrt)),
};
const tg_loops tg_loops_arithmetic = TG_LOOPS(rows);
