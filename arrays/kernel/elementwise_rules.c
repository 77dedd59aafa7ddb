/* SPDX-License-Identifier: BSD-3-Clause */
/* Dtype rules of elementwise operators. */
#include "kernel/elementwise_rules.h"
#include "kernel/elementwise.h"

/* NumPy's promotion of the operands that take part in it. */
static tg_dtype common(const tg_elementwise *op, const tg_dtype *in)
{
    uint32_t dtypes = 0;

    for (int i = 0; i < op->arity; i++)
        if (!(op->apart >> i & 1))
            dtypes |= 1U << in[i];
    return tg_promote_all(dtypes);
}

static bool holds_all(const tg_elementwise *op, const tg_dtype *in, tg_dtype dtype)
{
    for (int i = 0; i < op->arity; i++)
        if (!(op->apart >> i & 1) && tg_promote(in[i], dtype) != dtype)
            return false;
    return true;
}

/* The promoted dtype if it has a loop, else the first with a loop that holds each operand. */
static tg_status find_loop(const tg_elementwise *op, const tg_dtype *in, tg_dtype *out)
{
    static const tg_dtype others[] = {TG_INT8, TG_FLOAT32, TG_FLOAT64, TG_COMPLEX64, TG_COMPLEX128};
    tg_dtype promoted = common(op, in);

    *out = promoted;
    if (op->loops[promoted])
        return TG_OK;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        *out = others[i];
        if (op->loops[*out] && holds_all(op, in, *out))
            return TG_OK;
    }
    return tg_fail(TG_EARG, "%s is not defined for %s", op->name, tg_dtype_name(promoted));
}

tg_status tg_rule_same(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                       tg_dtype *result)
{
    tg_status status = TG_OK;

    TG_TRY(find_loop(op, in, result));
    for (int i = 0; i < op->arity; i++)
        operands[i] = *result;
out:
    return status;
}

tg_status tg_rule_numbers(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                          tg_dtype *result)
{
    tg_status status = TG_OK;

    TG_NEED(common(op, in) != TG_BOOL, TG_EARG,
            "%s is not defined for bool: use a logical operator, or convert with astype", op->name);
    TG_TRY(tg_rule_same(op, in, operands, result));
out:
    return status;
}

tg_status tg_rule_real(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                       tg_dtype *result)
{
    tg_status status = tg_rule_same(op, in, operands, result);

    if (status == TG_OK)
        *result = tg_real_part(*result);
    return status;
}

tg_status tg_rule_complex(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                          tg_dtype *result)
{
    tg_status status = tg_rule_same(op, in, operands, result);

    if (status == TG_OK)
        *result = tg_promote(*result, TG_COMPLEX64);
    return status;
}

/* A rule whose result has one dtype whatever the operands have. */
#define FIXED_RESULT(rule, dtype)                                                                  \
    tg_status rule(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,               \
                   tg_dtype *result)                                                               \
    {                                                                                              \
        tg_status status = tg_rule_same(op, in, operands, result);                                 \
                                                                                                   \
        *result = dtype;                                                                           \
        return status;                                                                             \
    }
FIXED_RESULT(tg_rule_truth, TG_BOOL)
FIXED_RESULT(tg_rule_exponent, TG_INT32)
FIXED_RESULT(tg_rule_count, TG_UINT8)

/* A signed integer with uint64, which no integer holds both, stays as it is: those have loops of
 * their own. */
tg_status tg_rule_compare(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                          tg_dtype *result)
{
    if (tg_is_signed(in[0]) && in[1] == TG_UINT64) {
        operands[0] = TG_INT64;
        operands[1] = TG_UINT64;
    } else if (in[0] == TG_UINT64 && tg_is_signed(in[1])) {
        operands[0] = TG_UINT64;
        operands[1] = TG_INT64;
    } else {
        return tg_rule_truth(op, in, operands, result);
    }
    *result = TG_BOOL;
    return TG_OK;
}

tg_status tg_rule_logical(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                          tg_dtype *result)
{
    (void)in;
    for (int i = 0; i < op->arity; i++)
        operands[i] = TG_BOOL;
    *result = TG_BOOL;
    return TG_OK;
}

tg_status tg_rule_where(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                        tg_dtype *result)
{
    *result = common(op, in);
    operands[0] = TG_BOOL;
    operands[1] = operands[2] = *result;
    return TG_OK;
}

tg_status tg_rule_ldexp(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                        tg_dtype *result)
{
    tg_status status = TG_OK;

    TG_NEED(in[1] < TG_UINT64, TG_EARG, "%s: the exponent has dtype %s, it must be an integer",
            op->name, tg_dtype_name(in[1]));
    TG_TRY(find_loop(op, in, result));
    operands[0] = *result;
    operands[1] = TG_INT64;
out:
    return status;
}

tg_status tg_rule_double(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                         tg_dtype *result)
{
    *result = tg_is_complex(common(op, in)) ? TG_COMPLEX128 : TG_FLOAT64;
    for (int i = 0; i < op->arity; i++)
        operands[i] = *result;
    return TG_OK;
}

tg_status tg_rule_divide(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                         tg_dtype *result)
{
    tg_dtype both = common(op, in);

    *result = both < TG_FLOAT32 ? TG_FLOAT64 : both;
    for (int i = 0; i < op->arity; i++)
        operands[i] = *result;
    return TG_OK;
}

/* NumPy multiplies with pi, a float64 to integers and bools of any size. */
tg_status tg_rule_sinc(const tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                       tg_dtype *result)
{
    const tg_dtype wide = in[0] < TG_FLOAT32 ? TG_FLOAT64 : in[0];

    return tg_rule_same(op, &wide, operands, result);
}
