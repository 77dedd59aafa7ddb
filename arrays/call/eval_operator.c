/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Python's operators: on arrays they are the operators of NumPy's names, from the same table as all
 * others; on Python's own values Python's arithmetic.
 */
#include <string.h>

#include "call/arguments.h"
#include "call/eval.h"
#include "call/number.h"
#include "expr/node.h"

struct meaning {
    const char *op, *name;
};

static const struct meaning binary[] = {
    {"+", "add"},          {"-", "subtract"},       {"*", "multiply"},
    {"/", "divide"},       {"//", "floor_divide"},  {"%", "remainder"},
    {"**", "power"},       {"@", "matmul"},         {"&", "bitwise_and"},
    {"|", "bitwise_or"},   {"^", "bitwise_xor"},    {"<<", "left_shift"},
    {">>", "right_shift"}, {"<", "less"},           {">", "greater"},
    {"==", "equal"},       {">=", "greater_equal"}, {"<=", "less_equal"},
    {"!=", "not_equal"},
};

static const struct meaning unary[] = {{"-", "negative"}, {"+", "positive"}, {"~", "invert"}};

static const char *meaning_of(const struct meaning *table, size_t count, const char *op)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].op, op) == 0)
            return table[i].name;
    return op;
}

static bool is_array(const tg_datum *datum)
{
    return datum->kind == TG_DATUM_ARRAY;
}

/* What NumPy's operator ** does otherwise than power(): it squares bools, of which power() makes
 * integers of 64 bits, and takes roots, which differ at -inf and -0; NULL: nothing. */
static const char *simple_power(const char *op, const tg_datum *left, const tg_datum *right)
{
    if (strcmp(op, "**") != 0 || !is_array(left))
        return NULL;
    if (tg_dtype_of(left->array) == TG_BOOL)
        return right->kind == TG_DATUM_INT && right->integer == 2 ? "square" : NULL;
    return tg_dtype_of(left->array) >= TG_FLOAT32 && right->kind == TG_DATUM_FLOAT &&
                   right->real == 0.5
               ? "sqrt"
               : NULL;
}

static tg_status apply(tg_calc *calc, const char *op, const tg_datum *left, const tg_datum *right,
                       tg_datum *out)
{
    const char *name = meaning_of(binary, sizeof binary / sizeof *binary, op);
    const char *simple = simple_power(op, left, right);

    if (simple)
        return tg_operator_apply(calc->ctx, simple, left, 1, out);
    return tg_operator_apply(calc->ctx, name, (tg_datum[]){*left, *right}, 2, out);
}

/* What meets an array in an operator; not None, strings and the like. */
static bool is_operand(const tg_datum *datum)
{
    return is_array(datum) || tg_datum_is_number(datum) || tg_datum_is_sequence(datum);
}

tg_status tg_eval_binary(tg_calc *calc, const char *op, const tg_datum *left, const tg_datum *right,
                         tg_datum *out)
{
    if ((is_array(left) || is_array(right)) && is_operand(left) && is_operand(right))
        return apply(calc, op, left, right, out);
    return tg_number_binary(calc->ctx, op, left, right, out);
}

/* The axes of the first must be those of both. */
static tg_status keeps_shape(const tg_array *a, const tg_array *result)
{
    tg_status status = TG_OK;
    char own[TG_SHAPE_TEXT], other[TG_SHAPE_TEXT];

    TG_NEED(tg_ndim(a) == tg_ndim(result) &&
                memcmp(tg_shape(a), tg_shape(result), (size_t)tg_ndim(a) * sizeof(int64_t)) == 0,
            TG_EARG,
            "non-broadcastable output operand with shape %s doesn't match the broadcast shape %s",
            tg_shape_text(tg_ndim(a), tg_shape(a), own),
            tg_shape_text(tg_ndim(result), tg_shape(result), other));
out:
    return status;
}

tg_status tg_eval_in_place(tg_calc *calc, const char *op, const tg_datum *left,
                           const tg_datum *right, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_array *a = is_array(left) && tg_ndim(left->array) > 0 ? left->array : NULL;
    tg_dtype dtype = a ? tg_dtype_of(a) : TG_BOOL;

    TG_TRY(tg_eval_binary(calc, op, left, right, out));
    if (!a || !is_array(out))
        return TG_OK;
    TG_TRY(keeps_shape(a, out->array));
    TG_NEED(tg_is_same_kind(tg_dtype_of(out->array), dtype), TG_EARG,
            "Cannot cast ufunc '%s' output from %s to %s with casting rule 'same_kind'",
            meaning_of(binary, sizeof binary / sizeof *binary, op),
            tg_dtype_name(tg_dtype_of(out->array)), tg_dtype_name(dtype));
    *out = tg_datum_array(tg_astype(out->array, dtype));
out:
    return status;
}

static bool is_identical(const tg_datum *left, const tg_datum *right)
{
    if (left->kind != right->kind)
        return false;
    switch (left->kind) {
    case TG_DATUM_NONE:
    case TG_DATUM_ELLIPSIS:
        return true;
    case TG_DATUM_BOOL:
        return left->truth == right->truth;
    case TG_DATUM_DTYPE:
        return left->dtype == right->dtype;
    case TG_DATUM_ARRAY:
        return left->array == right->array;
    default:
        return false;
    }
}

/* x in sequence */
static tg_status contains(tg_calc *calc, const tg_datum *item, const tg_datum *sequence, bool *out)
{
    tg_status status = TG_OK;
    tg_datum equal;

    if (sequence->kind == TG_DATUM_TEXT && item->kind == TG_DATUM_TEXT) {
        *out = strstr(sequence->text, item->text) != NULL;
        return TG_OK;
    }
    if (is_array(sequence)) {
        TG_TRY(tg_eval_compare(calc, "==", item, sequence, &equal));
        TG_TRY(tg_operator_apply(calc->ctx, "max", &equal, 1, &equal));
        TG_TRY(tg_datum_truth(&equal, out));
        return TG_OK;
    }
    TG_NEED(tg_datum_is_sequence(sequence), TG_EARG, "argument of type '%s' is not iterable",
            tg_datum_type(sequence));
    *out = false;
    for (int64_t i = 0; i < sequence->count && !*out; i++) {
        TG_TRY(tg_eval_compare(calc, "==", item, &sequence->items[i], &equal));
        TG_TRY(tg_datum_truth(&equal, out));
    }
out:
    return status;
}

tg_status tg_eval_compare(tg_calc *calc, const char *op, const tg_datum *left,
                          const tg_datum *right, tg_datum *out)
{
    tg_status status = TG_OK;
    bool truth = false;

    if (strncmp(op, "is", 2) == 0)
        truth = is_identical(left, right) == (op[2] == '\0');
    else if (strstr(op, "in")) {
        TG_TRY(contains(calc, left, right, &truth));
        truth = truth == (op[0] == 'i');
    } else if ((is_array(left) || is_array(right)) && is_operand(left) && is_operand(right)) {
        return apply(calc, op, left, right, out);
    } else {
        TG_TRY(tg_number_compare(op, left, right, &truth));
    }
    *out = (tg_datum){.kind = TG_DATUM_BOOL, .truth = truth};
out:
    return status;
}

tg_status tg_eval_unary(tg_calc *calc, const char *op, const tg_datum *operand, tg_datum *out)
{
    if (is_array(operand))
        return tg_operator_apply(calc->ctx, meaning_of(unary, 3, op), operand, 1, out);
    return tg_number_unary(op, operand, out);
}
