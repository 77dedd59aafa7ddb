/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Dtype rules of elementwise operators, and what the files of loops share: a file of loops holds
 * the rows of its operators, its family.
 *
 * A rule promotes the operands and takes that dtype when the row has a loop for it, else the first
 * of those that it has loops for that holds each operand: NumPy's search through a ufunc's types.
 * Where NumPy takes float16 (for bool, int8, uint8) that is float32.
 */
#ifndef TG_KERNEL_ELEMENTWISE_RULES_H
#define TG_KERNEL_ELEMENTWISE_RULES_H

#include <tegula/operator.h>

#include "kernel/types.h"

typedef tg_status tg_rule(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                          tg_dtype *result);

tg_rule tg_rule_same;     /* the result has the operands' dtype */
tg_rule tg_rule_numbers;  /* the same; not for bool */
tg_rule tg_rule_real;     /* of complex operands the parts' dtype */
tg_rule tg_rule_complex;  /* complex with parts of the operands' dtype */
tg_rule tg_rule_truth;    /* bool */
tg_rule tg_rule_compare;  /* bool; int64 and uint64 stay as they are */
tg_rule tg_rule_logical;  /* operands and result are bool */
tg_rule tg_rule_where;    /* a bool, then two that are promoted */
tg_rule tg_rule_ldexp;    /* a float, then an integer */
tg_rule tg_rule_exponent; /* int32 */
tg_rule tg_rule_count;    /* uint8 */
tg_rule tg_rule_divide;   /* integers and bools in float64, whatever their size */
tg_rule tg_rule_sinc;     /* float64 for all but float32 */
tg_rule tg_rule_double;   /* in float64 or complex128, whatever the operands are */

/** The rows of one file of loops. */
typedef struct tg_loops {
    const tg_elementwise *rows;
    int count;
} tg_loops;

#define TG_LOOPS(table)                                                                            \
    {                                                                                              \
        (table), (int)(sizeof(table) / sizeof *(table))                                            \
    }

extern const tg_loops tg_loops_arithmetic, tg_loops_division, tg_loops_bits, tg_loops_float,
    tg_loops_compare, tg_loops_select, tg_loops_complex, tg_loops_math, tg_loops_power;

#define TG_LOOP_1(loop, type, result, expression)                                                  \
    TG_CLONES static void loop(int64_t n, const void *const *in, void *out)                        \
    {                                                                                              \
        const type *restrict a = in[0];                                                            \
        result *restrict y = out;                                                                  \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (expression);                                                                   \
    }

#define TG_LOOP_2(loop, left, right, result, expression)                                           \
    TG_CLONES static void loop(int64_t n, const void *const *in, void *out)                        \
    {                                                                                              \
        const left *restrict a = in[0];                                                            \
        const right *restrict b = in[1];                                                           \
        result *restrict y = out;                                                                  \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (expression);                                                                   \
    }

/* A row and its loops; `own`: which operands are not promoted with the others, as bits. */
#define TG_ROW(called, operands, rule, ...)                                                        \
    {                                                                                              \
        .name = called, .arity = operands, .resolve = rule, .loops = { __VA_ARGS__ }               \
    }
#define TG_ROW_APART(own, called, operands, rule, ...)                                             \
    {                                                                                              \
        .name = called, .arity = operands, .resolve = rule, .loops = {__VA_ARGS__}, .apart = own   \
    }

#define TG_SIGNED(operator)                                                                        \
    [TG_INT8] = operator##_int8, [TG_INT16] = operator##_int16, [TG_INT32] = operator##_int32,     \
    [TG_INT64] = operator##_int64
#define TG_UNSIGNED(operator)                                                                      \
    [TG_UINT8] = operator##_uint8, [TG_UINT16] = operator##_uint16,                                \
    [TG_UINT32] = operator##_uint32, [TG_UINT64] = operator##_uint64
#define TG_INTEGERS(operator) TG_SIGNED(operator), TG_UNSIGNED(operator)
#define TG_BOOLS(operator)    [TG_BOOL] = operator##_bool8
#define TG_FLOATS(operator)   [TG_FLOAT32] = operator##_float32, [TG_FLOAT64] = operator##_float64
#define TG_COMPLEXES(operator)                                                                     \
    [TG_COMPLEX64] = operator##_complex64, [TG_COMPLEX128] = operator##_complex128
#define TG_NUMBERS(operator) TG_INTEGERS(operator), TG_FLOATS(operator)
#define TG_REALS(operator)   TG_BOOLS(operator), TG_NUMBERS(operator)

/* One loop for every integer and bool. */
#define TG_EVERY_INTEGER(loop)                                                                     \
    [TG_BOOL] = loop, [TG_INT8] = loop, [TG_INT16] = loop, [TG_INT32] = loop, [TG_INT64] = loop,   \
    [TG_UINT8] = loop, [TG_UINT16] = loop, [TG_UINT32] = loop, [TG_UINT64] = loop

#endif
