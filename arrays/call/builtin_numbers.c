/* SPDX-License-Identifier: BSD-3-Clause */
/* Python's built-in functions of numbers; on arrays those that numpy has too are numpy's. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "call/builtins.h"
#include "call/number.h"
#include "call/wide_int.h"

static bool has_array(const tg_arguments *arguments)
{
    for (int i = 0; i < arguments->npositional; i++)
        if (arguments->positional[i].kind == TG_DATUM_ARRAY)
            return true;
    return arguments->npositional == 0 || arguments->nnamed > 0;
}

/* The items of the only argument, or all arguments. */
static tg_status items_of(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    if (arguments->npositional == 1)
        return tg_eval_items(calc, &arguments->positional[0], out);
    *out = tg_datum_tuple(calc->ctx, arguments->positional, arguments->npositional);
    return TG_OK;
}

static tg_status absolute(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *x = arguments->positional;

    TG_TRY(tg_builtin_need(arguments, "abs", 1, 1));
    if (x->kind == TG_DATUM_ARRAY)
        return tg_builtin_numpy(calc, "absolute", arguments, out);
    TG_NEED(tg_datum_is_number(x), TG_EARG, "bad operand type for abs(): '%s'", tg_datum_type(x));
    if (x->kind == TG_DATUM_COMPLEX)
        *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = hypot(x->parts[0], x->parts[1])};
    else if (x->kind == TG_DATUM_FLOAT)
        *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = fabs(x->real)};
    else if (tg_datum_is_integer(x) && tg_datum_wide(x) < 0)
        TG_TRY(tg_number_unary("-", x, out));
    else
        TG_TRY(tg_number_unary("+", x, out));
out:
    return status;
}

/* The least (op "<") or largest (">") of some values. */
static tg_status extreme(tg_calc *calc, const tg_arguments *arguments, const char *op,
                         tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *first = arguments->positional;
    tg_datum items;

    if (arguments->npositional > 0 && arguments->nnamed == 0 &&
        (first->kind != TG_DATUM_ARRAY ||
         (arguments->npositional > 1 && tg_ndim(first->array) == 0))) {
        TG_TRY(items_of(calc, arguments, &items));
        TG_NEED(items.count > 0, TG_EARG, "%s() arg is an empty sequence",
                op[0] == '<' ? "min" : "max");
        *out = items.items[0];
        for (int64_t i = 1; i < items.count; i++) {
            tg_datum better;
            bool truth = false;

            TG_TRY(tg_eval_compare(calc, op, &items.items[i], out, &better));
            TG_TRY(tg_datum_truth(&better, &truth));
            if (truth)
                *out = items.items[i];
        }
        return TG_OK;
    }
    return tg_builtin_numpy(calc, op[0] == '<' ? "min" : "max", arguments, out);
out:
    return status;
}

static tg_status least(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return extreme(calc, arguments, "<", out);
}

static tg_status largest(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return extreme(calc, arguments, ">", out);
}

static tg_status sum(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum items;

    if (has_array(arguments))
        return tg_builtin_numpy(calc, "sum", arguments, out);
    TG_TRY(tg_builtin_need(arguments, "sum", 1, 2));
    TG_TRY(tg_eval_items(calc, &arguments->positional[0], &items));
    *out = arguments->npositional == 2 ? arguments->positional[1] : tg_datum_int(0);
    for (int64_t i = 0; i < items.count; i++)
        TG_TRY(tg_eval_binary(calc, "+", out, &items.items[i], out));
out:
    return status;
}

/* all (until the first false) and any (until the first true). */
static tg_status quantify(tg_calc *calc, const tg_arguments *arguments, bool stop, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum items;
    bool truth = !stop;

    if (has_array(arguments))
        return tg_builtin_numpy(calc, stop ? "any" : "all", arguments, out);
    TG_TRY(tg_builtin_need(arguments, stop ? "any" : "all", 1, 1));
    TG_TRY(tg_eval_items(calc, &arguments->positional[0], &items));
    for (int64_t i = 0; i < items.count && truth != stop; i++)
        TG_TRY(tg_datum_truth(&items.items[i], &truth));
    *out = (tg_datum){.kind = TG_DATUM_BOOL, .truth = truth};
out:
    return status;
}

static tg_status all(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return quantify(calc, arguments, false, out);
}

static tg_status any(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return quantify(calc, arguments, true, out);
}

static tg_status power(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;

    TG_TRY(tg_builtin_need(arguments, "pow", 2, 2));
    TG_TRY(tg_eval_binary(calc, "**", &arguments->positional[0], &arguments->positional[1], out));
out:
    return status;
}

static tg_status division(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *x = arguments->positional;
    tg_datum pair[2];

    TG_TRY(tg_builtin_need(arguments, "divmod", 2, 2));
    TG_TRY(tg_eval_binary(calc, "//", &x[0], &x[1], &pair[0]));
    TG_TRY(tg_eval_binary(calc, "%", &x[0], &x[1], &pair[1]));
    *out = tg_datum_tuple(calc->ctx, pair, 2);
out:
    return status;
}

/* Python's round: halves to even, decided on the exact value. */
static tg_status rounded(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *x = arguments->positional;
    int64_t digits = 0;
    char text[512];

    if (has_array(arguments))
        return tg_builtin_numpy(calc, "round", arguments, out);
    TG_TRY(tg_builtin_need(arguments, "round", 1, 2));
    if (arguments->npositional == 2)
        TG_TRY(tg_datum_to_int(&x[1], &digits));
    TG_NEED(x->kind <= TG_DATUM_FLOAT && x->kind != TG_DATUM_NONE, TG_EARG,
            "type %s doesn't define __round__ method", tg_datum_type(x));
    *out = *x;
    if (x->kind != TG_DATUM_FLOAT)
        return TG_OK;
    if (arguments->npositional == 1) {
        tg_datum nearest = {.kind = TG_DATUM_FLOAT, .real = rint(x->real)};

        return tg_builtin_int(calc, &(tg_arguments){.npositional = 1, .positional = &nearest}, out);
    }
    if (digits >= 0 && digits < 100 && isfinite(x->real)) {
        snprintf(text, sizeof text, "%.*f", (int)digits, x->real);
        out->real = strtod(text, NULL);
    } else if (digits < 0 && digits > -300) {
        double scale = pow(10, (double)-digits);

        out->real = rint(x->real / scale) * scale;
    }
out:
    return status;
}

const tg_builtin_row tg_builtin_numbers[] = {
    {"abs", absolute}, {"all", all},   {"any", any},       {"divmod", division}, {"max", largest},
    {"min", least},    {"pow", power}, {"round", rounded}, {"sum", sum},         {NULL, NULL},
};
