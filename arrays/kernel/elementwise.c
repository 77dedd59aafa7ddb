/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of elementwise operators: one row says name, arity, dtype rule and loops.
 *
 * To add one: its loops in loops_*.c, their names in loops.h, a row here.
 */
#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/loops.h"

/* ---- dtype rules ----------------------------------------------------------------------------- */

/* Both operands and the result have the promoted dtype. */
static tg_status same_rule(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                           tg_dtype *result)
{
    *result = op->arity == 2 ? tg_promote(in[0], in[1]) : in[0];
    for (int i = 0; i < op->arity; i++)
        operands[i] = *result;
    return TG_OK;
}

static tg_status subtract_rule(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                               tg_dtype *result)
{
    tg_status status = TG_OK;

    TG_NEED(in[0] != TG_BOOL || in[1] != TG_BOOL, TG_EARG,
            "subtract is not defined for bool: use not_equal, or convert to an integer");
    TG_TRY(same_rule(op, in, operands, result));
out:
    return status;
}

static tg_status negative_rule(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                               tg_dtype *result)
{
    tg_status status = TG_OK;

    TG_NEED(in[0] != TG_BOOL, TG_EARG,
            "negative is not defined for bool: compare with false, or convert to an integer");
    TG_TRY(same_rule(op, in, operands, result));
out:
    return status;
}

/* True division: of integers and bools in float64, whatever their size. */
static tg_status divide_rule(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                             tg_dtype *result)
{
    tg_dtype both = tg_promote(in[0], in[1]);

    (void)op;
    operands[0] = operands[1] = *result = tg_is_float(both) ? both : TG_FLOAT64;
    return TG_OK;
}

/* The smallest float that holds the operand. NumPy takes float16 for bool, int8 and uint8; we have
 * none and take float32, as for 16 bits. */
static tg_status float_rule(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                            tg_dtype *result)
{
    (void)op;
    operands[0] = *result = tg_promote(in[0], TG_FLOAT32);
    return TG_OK;
}

/* Of the promoted dtype; a signed integer with uint64, which no integer holds both, stays as it is:
 * those have loops of their own. */
static tg_status compare_rule(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                              tg_dtype *result)
{
    (void)op;
    if (tg_is_signed(in[0]) && in[1] == TG_UINT64) {
        operands[0] = TG_INT64;
        operands[1] = TG_UINT64;
    } else if (in[0] == TG_UINT64 && tg_is_signed(in[1])) {
        operands[0] = TG_UINT64;
        operands[1] = TG_INT64;
    } else {
        operands[0] = operands[1] = tg_promote(in[0], in[1]);
    }
    *result = TG_BOOL;
    return TG_OK;
}

static tg_status where_rule(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                            tg_dtype *result)
{
    (void)op;
    operands[0] = TG_BOOL;
    operands[1] = operands[2] = *result = tg_promote(in[1], in[2]);
    return TG_OK;
}

/* ---- the table ------------------------------------------------------------------------------- */

#define SIGNED(operator)                                                                           \
    [TG_INT8] = tg_loop_##operator##_int8, [TG_INT16] = tg_loop_##operator##_int16,                \
    [TG_INT32] = tg_loop_##operator##_int32, [TG_INT64] = tg_loop_##operator##_int64
#define UNSIGNED(operator)                                                                         \
    [TG_UINT8] = tg_loop_##operator##_uint8, [TG_UINT16] = tg_loop_##operator##_uint16,            \
    [TG_UINT32] = tg_loop_##operator##_uint32, [TG_UINT64] = tg_loop_##operator##_uint64
#define FLOATS(operator)                                                                           \
    [TG_FLOAT32] = tg_loop_##operator##_float32, [TG_FLOAT64] = tg_loop_##operator##_float64
#define NUMBERS(operator) SIGNED(operator), UNSIGNED(operator), FLOATS(operator)
#define ALL(operator)     [TG_BOOL] = tg_loop_##operator##_bool8, NUMBERS(operator)

#define COMPARISON(operator)                                                                       \
    {                                                                                              \
#operator, 2, compare_rule,                                                                \
            {ALL(operator) }, {tg_loop_##operator##_signed_unsigned,                               \
                               tg_loop_##operator##_unsigned_signed },                             \
    }

static const tg_elementwise table[] = {
    {"add", 2, same_rule, {ALL(add)}, {0}},
    {"subtract", 2, subtract_rule, {NUMBERS(subtract)}, {0}},
    {"multiply", 2, same_rule, {ALL(multiply)}, {0}},
    {"divide", 2, divide_rule, {FLOATS(divide)}, {0}},
    {"sqrt", 1, float_rule, {FLOATS(sqrt)}, {0}},
    {"negative", 1, negative_rule, {NUMBERS(negative)}, {0}},
    {"absolute", 1, same_rule, {ALL(absolute)}, {0}},
    COMPARISON(equal),
    COMPARISON(not_equal),
    COMPARISON(less),
    COMPARISON(less_equal),
    COMPARISON(greater),
    COMPARISON(greater_equal),
    {"where", 3, where_rule, {ALL(where)}, {0}},
};

const tg_elementwise *tg_elementwise_table(int *count)
{
    *count = (int)(sizeof table / sizeof *table);
    return table;
}

const tg_elementwise *tg_elementwise_find(const char *name)
{
    if (strcmp(name, "true_divide") == 0) /* NumPy's other name of it */
        name = "divide";
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

tg_loop *tg_elementwise_loop(const tg_elementwise *op, const tg_dtype *operands)
{
    tg_dtype last = operands[op->arity - 1];

    if (op->mixed[0] && operands[0] != last)
        return op->mixed[last == TG_UINT64 ? 0 : 1];
    return op->loops[last];
}
