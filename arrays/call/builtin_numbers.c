/* SPDX-License-Identifier: BSD-3-Clause */
/* Python's built-in functions of numbers; on arrays those that numpy has too are numpy's. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static tg_status absolute(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                          tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *x = arguments->positional;

    (void)row;
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

/* min and max of some values. */
static tg_status extreme(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                         tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *first = arguments->positional;
    const char *op = strcmp(row->name, "min") == 0 ? "<" : ">";
    tg_datum items;

    if (arguments->npositional > 0 && arguments->nnamed == 0 &&
        (first->kind != TG_DATUM_ARRAY ||
         (arguments->npositional > 1 && tg_ndim(first->array) == 0))) {
        TG_TRY(items_of(calc, arguments, &items));
        TG_NEED(items.count > 0, TG_EARG, "%s() arg is an empty sequence", row->name);
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
    return tg_builtin_numpy(calc, row->name, arguments, out);
out:
    return status;
}

static tg_status sum(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                     tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum items;

    if (has_array(arguments))
        return tg_builtin_numpy(calc, "sum", arguments, out);
    TG_TRY(tg_builtin_need(row, arguments));
    TG_TRY(tg_eval_items(calc, &arguments->positional[0], &items));
    *out = arguments->npositional == 2 ? arguments->positional[1] : tg_datum_int(0);
    for (int64_t i = 0; i < items.count; i++)
        TG_TRY(tg_eval_binary(calc, "+", out, &items.items[i], out));
out:
    return status;
}

/* all (until the first false) and any (until the first true). */
static tg_status quantify(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                          tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum items;
    const bool stop = strcmp(row->name, "any") == 0;
    bool truth = !stop;

    if (has_array(arguments))
        return tg_builtin_numpy(calc, row->name, arguments, out);
    TG_TRY(tg_builtin_need(row, arguments));
    TG_TRY(tg_eval_items(calc, &arguments->positional[0], &items));
    for (int64_t i = 0; i < items.count && truth != stop; i++)
        TG_TRY(tg_datum_truth(&items.items[i], &truth));
    *out = (tg_datum){.kind = TG_DATUM_BOOL, .truth = truth};
out:
    return status;
}

static tg_status power(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                       tg_datum *out)
{
    tg_status status = TG_OK;

    (void)row;
    TG_TRY(tg_eval_binary(calc, "**", &arguments->positional[0], &arguments->positional[1], out));
out:
    return status;
}

static tg_status division(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                          tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *x = arguments->positional;
    tg_datum pair[2];

    (void)row;
    TG_TRY(tg_eval_binary(calc, "//", &x[0], &x[1], &pair[0]));
    TG_TRY(tg_eval_binary(calc, "%", &x[0], &x[1], &pair[1]));
    *out = tg_datum_tuple(calc->ctx, pair, 2);
out:
    return status;
}

/* Python's round: halves to even, decided on the exact value. */
static tg_status rounded(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                         tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *x = arguments->positional;
    int64_t digits = 0;
    char text[512];

    if (has_array(arguments))
        return tg_builtin_numpy(calc, "round", arguments, out);
    TG_TRY(tg_builtin_need(row, arguments));
    if (arguments->npositional == 2)
        TG_TRY(tg_datum_to_int(&x[1], &digits));
    TG_NEED(x->kind <= TG_DATUM_FLOAT && x->kind != TG_DATUM_NONE, TG_EARG,
            "type %s doesn't define __round__ method", tg_datum_type(x));
    *out = *x;
    if (x->kind != TG_DATUM_FLOAT)
        return TG_OK;
    if (arguments->npositional == 1) {
        tg_datum nearest = {.kind = TG_DATUM_FLOAT, .real = rint(x->real)};

        return tg_builtin_int(calc, row, &(tg_arguments){.npositional = 1, .positional = &nearest},
                              out);
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

/* Of those that numpy has, too, it checks the arguments. */
const tg_builtin_row tg_builtin_numbers[] = {
    {"abs", absolute, 1, 1, false}, {"all", quantify, 1, 1, true},
    {"any", quantify, 1, 1, true},  {"divmod", division, 2, 2, false},
    {"max", extreme, 1, 1, true},   {"min", extreme, 1, 1, true},
    {"pow", power, 2, 2, false},    {"round", rounded, 1, 2, true},
    {"sum", sum, 1, 2, true},       {NULL, NULL, 0, 0, false},
};
