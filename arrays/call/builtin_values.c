/* SPDX-License-Identifier: BSD-3-Clause */
/* Python's built-in functions that make values: of other types, and sequences. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "call/builtins.h"
#include "call/number.h"
#include "call/wide_int.h"

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

tg_status tg_builtin_int(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                         tg_datum *out)
{
    tg_status status = TG_OK;
    char *end = NULL;

    (void)calc, (void)row;
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

static tg_status to_float(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                          tg_datum *out)
{
    tg_status status = TG_OK;
    double value = 0;
    char *end = NULL;

    (void)calc, (void)row;
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
static tg_status to_complex(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                            tg_datum *out)
{
    tg_status status = TG_OK;
    static const tg_datum unit = {.kind = TG_DATUM_COMPLEX, .parts = {0, 1}};
    tg_datum second = {.kind = TG_DATUM_COMPLEX}, imaginary;

    (void)row;
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

static tg_status to_bool(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                         tg_datum *out)
{
    tg_status status = TG_OK;
    bool truth = false;

    (void)calc, (void)row;
    if (arguments->npositional)
        TG_TRY(tg_datum_truth(&arguments->positional[0], &truth));
    *out = (tg_datum){.kind = TG_DATUM_BOOL, .truth = truth};
out:
    return status;
}

static tg_status to_sequence(tg_calc *calc, const tg_builtin_row *row,
                             const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;

    *out = tg_datum_tuple(calc->ctx, NULL, 0);
    if (arguments->npositional)
        TG_TRY(tg_eval_items(calc, &arguments->positional[0], out));
    out->kind = strcmp(row->name, "list") == 0 ? TG_DATUM_LIST : TG_DATUM_TUPLE;
out:
    return status;
}

/* np.dtype("i2") */
static tg_status to_dtype(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                          tg_datum *out)
{
    tg_status status = TG_OK;
    tg_dtype dtype;

    (void)calc, (void)row;
    TG_TRY(tg_datum_to_dtype(&arguments->positional[0], &dtype));
    *out = (tg_datum){.kind = TG_DATUM_DTYPE, .dtype = dtype};
out:
    return status;
}

/* str and repr */
static tg_status to_text(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                         tg_datum *out)
{
    return tg_eval_text(calc->ctx, &arguments->positional[0], strcmp(row->name, "repr") == 0, out);
}

static tg_status length(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                        tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *object = arguments->positional;

    (void)calc, (void)row;
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

static tg_status range(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                       tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t parts[3] = {0, 0, 1};
    int n = arguments->npositional;
    double count;

    (void)row;
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

static tg_status slice(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                       tg_datum *out)
{
    tg_status status = TG_OK;
    int n = arguments->npositional;

    (void)row;
    *out = (tg_datum){.kind = TG_DATUM_SLICE, .items = tg_datum_items(calc->ctx, 3), .count = 3};
    TG_NEED(out->items, TG_ENOMEM, "a slice");
    for (int i = 0; i < n; i++)
        out->items[n == 1 ? 1 : i] = arguments->positional[i];
out:
    return status;
}

/* zip and enumerate: tuples of the i-th items. */
static tg_status zip(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                     tg_datum *out)
{
    tg_status status = TG_OK;
    int n = arguments->npositional;
    tg_datum columns[8];
    int64_t count = n ? TG_MAX_ITEMS : 0;

    (void)row;
    for (int k = 0; k < n; k++) {
        TG_TRY(tg_eval_items(calc, &arguments->positional[k], &columns[k]));
        count = columns[k].count < count ? columns[k].count : count;
    }
    *out = (tg_datum){.kind = TG_DATUM_LIST, .items = tg_datum_items(calc->ctx, count)};
    TG_NEED(out->items, TG_ENOMEM, "%" PRId64 " items", count);
    for (; out->count < count; out->count++) {
        tg_datum tuple[8];

        for (int k = 0; k < n; k++)
            tuple[k] = columns[k].items[out->count];
        out->items[out->count] = tg_datum_tuple(calc->ctx, tuple, n);
    }
out:
    return status;
}

static tg_status enumerate(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                           tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum items;

    (void)row;
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

/* Most items that Python's sorted takes. */
enum { MOST_SORTED = 2000 };

/* By insertion, which is stable: lists here are short. */
static tg_status sorted(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                        tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum items, less;
    bool truth = true;

    (void)row;
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

const tg_builtin_row tg_builtin_values[] = {
    {"bool", to_bool, 0, 1, false},   {"complex", to_complex, 0, 2, false},
    {"dtype", to_dtype, 1, 1, false}, {"enumerate", enumerate, 1, 1, false},
    {"float", to_float, 0, 1, false}, {"int", tg_builtin_int, 0, 1, false},
    {"len", length, 1, 1, false},     {"list", to_sequence, 0, 1, false},
    {"range", range, 1, 3, false},    {"repr", to_text, 1, 1, false},
    {"slice", slice, 1, 3, false},    {"sorted", sorted, 1, 1, false},
    {"str", to_text, 1, 1, false},    {"tuple", to_sequence, 0, 1, false},
    {"zip", zip, 0, 8, false},        {NULL, NULL, 0, 0, false},
};
