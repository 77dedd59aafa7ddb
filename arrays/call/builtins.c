/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Python's built-in functions. On arrays those that numpy has too (sum, abs, min, ...) are numpy's;
 * print and save act at once; random generators are made here.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/eval.h"
#include "call/number.h"
#include "call/print.h"
#include "call/wide_int.h"

typedef tg_status builtin(tg_calc *calc, const tg_arguments *arguments, tg_datum *out);

/* ---- helpers -------------------------------------------------------------------------------- */

static tg_status need(const tg_arguments *arguments, const char *name, int least, int most)
{
    tg_status status = TG_OK;

    TG_NEED(arguments->nnamed == 0, TG_EARG, "%s() got an unexpected keyword argument '%s'", name,
            arguments->names[0]);
    TG_NEED(arguments->npositional >= least && arguments->npositional <= most, TG_EARG,
            "%s() takes %s%d argument%s (%d given)", name, least < most ? "at most " : "exactly ",
            most, most == 1 ? "" : "s", arguments->npositional);
out:
    return status;
}

/* numpy's function of that name, for arrays. */
static tg_status numpy(tg_calc *calc, const char *name, const tg_arguments *arguments,
                       tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_operator *op = tg_operator_find(name);

    TG_NEED(op, TG_EARG, "there is no operator '%s' yet", name);
    TG_TRY(tg_operator_call(calc->ctx, op, NULL, arguments, out));
out:
    return status;
}

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

/* ---- conversion ----------------------------------------------------------------------------- */

static tg_status number_argument(const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;

    *out = tg_datum_int(0);
    if (arguments->npositional > 0)
        *out = arguments->positional[0];
    if (out->kind == TG_DATUM_ARRAY)
        TG_TRY(tg_datum_item(out->array, out));
out:
    return status;
}

static tg_status to_int(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    char *end = NULL;

    (void)calc;
    TG_TRY(need(arguments, "int", 0, 1));
    TG_TRY(number_argument(arguments, out));
    if (out->kind == TG_DATUM_TEXT) {
        int64_t value = strtoll(out->text, &end, 10);

        TG_NEED(end != out->text && !*end, TG_EARG,
                "invalid literal for int() with base 10: '%.40s'", out->text);
        *out = tg_datum_int(value);
    } else if (out->kind == TG_DATUM_FLOAT) {
        TG_NEED(isfinite(out->real), TG_EARG, "cannot convert float %s to integer",
                isnan(out->real) ? "NaN" : "infinity");
        TG_NEED(fabs(out->real) < 0x1p127, TG_EARG, "int(%g) does not fit in 128 bits", out->real);
        *out = tg_datum_of_wide((tg_wide)out->real);
    } else {
        TG_NEED(tg_datum_is_integer(out), TG_EARG,
                "int() argument must be a string or a real number, not '%s'", tg_datum_type(out));
        *out = tg_datum_of_wide(tg_datum_wide(out));
    }
out:
    return status;
}

static tg_status to_float(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    double value = 0;
    char *end = NULL;

    (void)calc;
    TG_TRY(need(arguments, "float", 0, 1));
    TG_TRY(number_argument(arguments, out));
    if (out->kind == TG_DATUM_TEXT) {
        value = strtod(out->text, &end);
        TG_NEED(end != out->text && !*end, TG_EARG, "could not convert string to float: '%.40s'",
                out->text);
    } else {
        TG_TRY(tg_datum_to_float(out, &value));
    }
    *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = value};
out:
    return status;
}

/* Two real parts stay as they are, signs of zeros and NaN included; others are added. */
static tg_status to_complex(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    static const tg_datum unit = {.kind = TG_DATUM_COMPLEX, .parts = {0, 1}};
    tg_datum second = {.kind = TG_DATUM_COMPLEX}, imaginary;

    TG_TRY(need(arguments, "complex", 0, 2));
    TG_TRY(number_argument(arguments, out));
    if (arguments->npositional == 2)
        second = arguments->positional[1];
    if (out->kind != TG_DATUM_COMPLEX && second.kind != TG_DATUM_COMPLEX) {
        imaginary = (tg_datum){.kind = TG_DATUM_COMPLEX};
        TG_TRY(tg_datum_to_float(out, &imaginary.parts[0]));
        TG_TRY(tg_datum_to_float(&second, &imaginary.parts[1]));
        *out = imaginary;
        return TG_OK;
    }
    TG_TRY(tg_number_binary(calc->ctx, "*", &second, &unit, &imaginary));
    TG_TRY(tg_number_binary(calc->ctx, "+", out, &imaginary, out));
out:
    return status;
}

static tg_status to_bool(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    bool truth = false;

    (void)calc;
    TG_TRY(need(arguments, "bool", 0, 1));
    if (arguments->npositional)
        TG_TRY(tg_datum_truth(&arguments->positional[0], &truth));
    *out = (tg_datum){.kind = TG_DATUM_BOOL, .truth = truth};
out:
    return status;
}

static tg_status to_sequence(tg_calc *calc, const tg_arguments *arguments, tg_datum_kind kind,
                             tg_datum *out)
{
    tg_status status = TG_OK;

    TG_TRY(need(arguments, kind == TG_DATUM_LIST ? "list" : "tuple", 0, 1));
    *out = tg_datum_tuple(calc->ctx, NULL, 0);
    if (arguments->npositional)
        TG_TRY(tg_eval_items(calc, &arguments->positional[0], out));
    out->kind = kind;
out:
    return status;
}

static tg_status to_list(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return to_sequence(calc, arguments, TG_DATUM_LIST, out);
}

static tg_status to_tuple(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return to_sequence(calc, arguments, TG_DATUM_TUPLE, out);
}

/* np.dtype("i2") */
static tg_status to_dtype(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_dtype dtype;

    (void)calc;
    TG_TRY(need(arguments, "dtype", 1, 1));
    TG_TRY(tg_datum_to_dtype(&arguments->positional[0], &dtype));
    *out = (tg_datum){.kind = TG_DATUM_DTYPE, .dtype = dtype};
out:
    return status;
}

/* ---- sequences ------------------------------------------------------------------------------ */

static tg_status length(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *object = arguments->positional;

    (void)calc;
    TG_TRY(need(arguments, "len", 1, 1));
    if (object->kind == TG_DATUM_ARRAY) {
        TG_TRY(tg_array_status(object->array));
        TG_NEED(tg_ndim(object->array) > 0, TG_EARG, "len() of unsized object");
        *out = tg_datum_int(tg_shape(object->array)[0]);
    } else if (tg_datum_is_sequence(object)) {
        *out = tg_datum_int(object->count);
    } else if (object->kind == TG_DATUM_DICT) {
        *out = tg_datum_int(object->count / 2);
    } else if (object->kind == TG_DATUM_TEXT) {
        *out = tg_datum_int((int64_t)strlen(object->text));
    } else {
        status = tg_fail(TG_EARG, "object of type '%s' has no len()", tg_datum_type(object));
    }
out:
    return status;
}

static tg_status range(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t parts[3] = {0, 0, 1};
    int n = arguments->npositional;
    double count;

    TG_TRY(need(arguments, "range", 1, 3));
    for (int i = 0; i < n; i++)
        TG_TRY(tg_datum_to_int(&arguments->positional[i], &parts[n == 1 ? 1 : i]));
    TG_NEED(parts[2] != 0, TG_EARG, "range() arg 3 must not be zero");
    count = ceil(((double)parts[1] - (double)parts[0]) / (double)parts[2]);
    TG_NEED(count <= TG_MAX_ITEMS, TG_EARG, "range() of more than %d items", TG_MAX_ITEMS);
    *out = (tg_datum){.kind = TG_DATUM_LIST, .count = count > 0 ? (int64_t)count : 0};
    out->items = tg_datum_items(calc->ctx, out->count);
    TG_NEED(out->items, TG_ENOMEM, "%" PRId64 " items", out->count);
    for (int64_t i = 0; i < out->count; i++)
        out->items[i] = tg_datum_int(parts[0] + i * parts[2]);
out:
    return status;
}

static tg_status slice(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    int n = arguments->npositional;

    TG_TRY(need(arguments, "slice", 1, 3));
    *out = (tg_datum){.kind = TG_DATUM_SLICE, .items = tg_datum_items(calc->ctx, 3), .count = 3};
    TG_NEED(out->items, TG_ENOMEM, "a slice");
    for (int i = 0; i < n; i++)
        out->items[n == 1 ? 1 : i] = arguments->positional[i];
out:
    return status;
}

/* zip and enumerate: tuples of the i-th items. */
static tg_status zip(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    int n = arguments->npositional;
    tg_datum columns[8];
    int64_t count = n ? TG_MAX_ITEMS : 0;

    TG_TRY(need(arguments, "zip", 0, 8));
    for (int k = 0; k < n; k++) {
        TG_TRY(tg_eval_items(calc, &arguments->positional[k], &columns[k]));
        count = columns[k].count < count ? columns[k].count : count;
    }
    *out = (tg_datum){.kind = TG_DATUM_LIST, .items = tg_datum_items(calc->ctx, count)};
    TG_NEED(out->items, TG_ENOMEM, "%" PRId64 " items", count);
    for (; out->count < count; out->count++) {
        tg_datum row[8];

        for (int k = 0; k < n; k++)
            row[k] = columns[k].items[out->count];
        out->items[out->count] = tg_datum_tuple(calc->ctx, row, n);
    }
out:
    return status;
}

static tg_status enumerate(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum items;

    TG_TRY(need(arguments, "enumerate", 1, 1));
    TG_TRY(tg_eval_items(calc, &arguments->positional[0], &items));
    *out = (tg_datum){.kind = TG_DATUM_LIST, .items = tg_datum_items(calc->ctx, items.count)};
    TG_NEED(out->items, TG_ENOMEM, "%" PRId64 " items", items.count);
    for (; out->count < items.count; out->count++) {
        tg_datum pair[2] = {tg_datum_int(out->count), items.items[out->count]};

        out->items[out->count] = tg_datum_tuple(calc->ctx, pair, 2);
    }
out:
    return status;
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

static tg_status absolute(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *x = arguments->positional;

    TG_TRY(need(arguments, "abs", 1, 1));
    if (x->kind == TG_DATUM_ARRAY)
        return numpy(calc, "absolute", arguments, out);
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
    return numpy(calc, op[0] == '<' ? "min" : "max", arguments, out);
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

/* Most items that Python's sorted takes. */
enum { MOST_SORTED = 2000 };

/* By insertion, which is stable: lists here are short. */
static tg_status sorted(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum items, less;
    bool truth = true;

    TG_TRY(need(arguments, "sorted", 1, 1));
    TG_TRY(tg_eval_items(calc, &arguments->positional[0], &items));
    TG_NEED(items.count <= MOST_SORTED, TG_EARG, "sorted() of more than %d items: use np.sort",
            MOST_SORTED);
    *out = tg_datum_tuple(calc->ctx, items.items, items.count);
    TG_NEED(out->items, TG_ENOMEM, "%" PRId64 " items", items.count);
    out->kind = TG_DATUM_LIST;
    for (int64_t i = 1; i < out->count; i++)
        for (int64_t j = i; j > 0; j--) {
            tg_datum *pair = out->items + j - 1, first = pair[0];

            TG_TRY(tg_eval_compare(calc, "<", &pair[1], &first, &less));
            TG_TRY(tg_datum_truth(&less, &truth));
            if (!truth)
                break;
            pair[0] = pair[1];
            pair[1] = first;
        }
out:
    return status;
}

static tg_status sum(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum items;

    if (has_array(arguments))
        return numpy(calc, "sum", arguments, out);
    TG_TRY(need(arguments, "sum", 1, 2));
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
        return numpy(calc, stop ? "any" : "all", arguments, out);
    TG_TRY(need(arguments, stop ? "any" : "all", 1, 1));
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

    TG_TRY(need(arguments, "pow", 2, 2));
    TG_TRY(tg_eval_binary(calc, "**", &arguments->positional[0], &arguments->positional[1], out));
out:
    return status;
}

static tg_status division(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *x = arguments->positional;
    tg_datum pair[2];

    TG_TRY(need(arguments, "divmod", 2, 2));
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
        return numpy(calc, "round", arguments, out);
    TG_TRY(need(arguments, "round", 1, 2));
    if (arguments->npositional == 2)
        TG_TRY(tg_datum_to_int(&x[1], &digits));
    TG_NEED(x->kind <= TG_DATUM_FLOAT && x->kind != TG_DATUM_NONE, TG_EARG,
            "type %s doesn't define __round__ method", tg_datum_type(x));
    *out = *x;
    if (x->kind != TG_DATUM_FLOAT)
        return TG_OK;
    if (arguments->npositional == 1) {
        tg_datum nearest = {.kind = TG_DATUM_FLOAT, .real = rint(x->real)};

        return to_int(calc, &(tg_arguments){.npositional = 1, .positional = &nearest}, out);
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

/* ---- effects -------------------------------------------------------------------------------- */

/* Some values as one text, with `between` between them; malloc. */
static tg_status text_of(tg_calc *calc, const tg_arguments *arguments, const char *between,
                         char **text)
{
    tg_status status = TG_OK;
    size_t size = 0;
    FILE *to = open_memstream(text, &size);

    TG_NEED(to, TG_ENOMEM, "a text to print");
    for (int i = 0; i < arguments->npositional; i++) {
        if (i)
            fputs(between, to);
        TG_TRY(tg_print_value(calc->ctx, &arguments->positional[i], false, to));
    }
out:
    if (to && fclose(to) != 0 && status == TG_OK)
        status = tg_fail(TG_ENOMEM, "a text to print");
    return status;
}

static tg_status print(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const char *sep = " ", *end = "\n";
    char *text = NULL;

    for (int i = 0; i < arguments->nnamed; i++) {
        const tg_datum *value = &arguments->named[i];
        bool is_sep = strcmp(arguments->names[i], "sep") == 0;

        TG_NEED(is_sep || strcmp(arguments->names[i], "end") == 0, TG_EARG,
                "'%s' is an invalid keyword argument for print()", arguments->names[i]);
        TG_NEED(value->kind == TG_DATUM_TEXT || value->kind == TG_DATUM_NONE, TG_EARG,
                "%s must be None or a string, not %s", arguments->names[i], tg_datum_type(value));
        if (value->kind == TG_DATUM_TEXT)
            *(is_sep ? &sep : &end) = value->text;
    }
    TG_TRY(text_of(calc, arguments, sep, &text));
    TG_NEED(fputs(text, stdout) >= 0 && fputs(end, stdout) >= 0, TG_EIO,
            "standard output cannot be written");
    *out = (tg_datum){0};
out:
    free(text);
    return status;
}

static tg_status to_text(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    char *text = NULL;

    TG_TRY(need(arguments, "str", 1, 1));
    TG_TRY(text_of(calc, arguments, " ", &text));
    *out = (tg_datum){.kind = TG_DATUM_TEXT};
    out->text = tg_datum_copy_text(calc->ctx, text, strlen(text));
    TG_NEED(out->text, TG_ENOMEM, "a text");
out:
    free(text);
    return status;
}

/* save(value, "FILE"), and numpy's save("FILE", value). */
static tg_status save(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *value = arguments->positional, *name = value + 1;

    TG_TRY(need(arguments, "save", 2, 2));
    if (value->kind == TG_DATUM_TEXT && name->kind != TG_DATUM_TEXT) {
        value = name;
        name = arguments->positional;
    }
    TG_NEED(name->kind == TG_DATUM_TEXT, TG_EARG, "save(value, \"FILE\") needs the name of a file");
    if (calc->hooks.save)
        TG_TRY(calc->hooks.save(calc->hooks.state, value, name->text));
    else
        TG_TRY(tg_calc_save(calc->ctx, value, name->text));
    *out = (tg_datum){0};
out:
    return status;
}

/* ---- random generators ---------------------------------------------------------------------- */

static tg_status make_generator(tg_calc *calc, const tg_arguments *arguments, bool legacy,
                                tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t seed = (int64_t)calc->generator.seed;
    tg_generator *generator = tg_ctx_alloc(calc->ctx, sizeof *generator);

    TG_NEED(generator, TG_ENOMEM, "a generator of random numbers");
    TG_TRY(need(arguments, legacy ? "RandomState" : "default_rng", 0, 1));
    if (arguments->npositional && arguments->positional[0].kind != TG_DATUM_NONE)
        TG_TRY(tg_datum_to_int(&arguments->positional[0], &seed));
    *generator = (tg_generator){.seed = (uint64_t)seed, .legacy = legacy};
    *out = (tg_datum){.kind = TG_DATUM_GENERATOR, .generator = generator};
out:
    return status;
}

static tg_status default_rng(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return make_generator(calc, arguments, false, out);
}

static tg_status random_state(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return make_generator(calc, arguments, true, out);
}

static tg_status seed(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t value = 0;

    TG_TRY(need(arguments, "seed", 0, 1));
    if (arguments->npositional && arguments->positional[0].kind != TG_DATUM_NONE)
        TG_TRY(tg_datum_to_int(&arguments->positional[0], &value));
    calc->generator = (tg_generator){.seed = (uint64_t)value, .legacy = true};
    *out = (tg_datum){0};
out:
    return status;
}

/* dask.compute(x, y) and dask.persist: a tuple; what is printed or stored is computed then. */
static tg_status all_of_them(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    *out = tg_datum_tuple(calc->ctx, arguments->positional, arguments->npositional);
    return TG_OK;
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct entry {
    const char *name;
    builtin *function;
} table[] = {
    {"abs", absolute},
    {"all", all},
    {"any", any},
    {"bool", to_bool},
    {"complex", to_complex},
    {"divmod", division},
    {"dtype", to_dtype},
    {"enumerate", enumerate},
    {"float", to_float},
    {"int", to_int},
    {"len", length},
    {"list", to_list},
    {"max", largest},
    {"min", least},
    {"pow", power},
    {"print", print},
    {"range", range},
    {"round", rounded},
    {"save", save},
    {"slice", slice},
    {"sorted", sorted},
    {"str", to_text},
    {"sum", sum},
    {"tuple", to_tuple},
    {"zip", zip},
    {"dask.compute", all_of_them},
    {"dask.persist", all_of_them},
    {"random.RandomState", random_state},
    {"random.default_rng", default_rng},
    {"random.seed", seed},
};

struct bound {
    tg_calc *calc;
    builtin *function;
};

static tg_status apply_builtin(tg_ctx *ctx, const tg_callable *callable,
                               const tg_arguments *arguments, tg_datum *out)
{
    const struct bound *bound = callable->extra;

    (void)ctx;
    return bound->function(bound->calc, arguments, out);
}

bool tg_builtin_function(tg_calc *calc, const char *name, tg_status *status, tg_datum *out)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, name) != 0)
            continue;
        tg_callable *callable = tg_ctx_alloc(calc->ctx, sizeof *callable);
        struct bound *bound = tg_ctx_alloc(calc->ctx, sizeof *bound);

        *status = callable && bound ? TG_OK : tg_fail(TG_ENOMEM, "a function");
        if (*status != TG_OK)
            return true;
        *bound = (struct bound){.calc = calc, .function = table[i].function};
        *callable = (tg_callable){.name = table[i].name, .apply = apply_builtin, .extra = bound};
        *out = (tg_datum){.kind = TG_DATUM_FUNCTION, .callable = callable};
        return true;
    }
    return false;
}
