/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A call of an operator. Getters keep the first error in the call and give back something
 * harmless, so that a builder is one expression; tg_operator_call looks at the error when the
 * builder is done.
 */
#include "call/call.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <tegula/index.h>

#include "expr/node.h"

/* Most parts of an array that is given as a list of arrays. */
#define MOST_ROWS 100000

struct tg_call {
    tg_ctx *ctx;
    const tg_operator *op;
    tg_signature signature; /* bound: of the function, or of the method */
    tg_signature others;    /* a method's call: the function's, for the names that it has more */
    const tg_datum *self;   /* of a method's call */
    tg_generator *generator;
    tg_status status;
    const char *message;
};

static void keep_error(tg_call *call, tg_status status)
{
    if (call->status != TG_OK)
        return;
    call->status = status;
    call->message = tg_datum_copy_text(call->ctx, tg_message(), strlen(tg_message()));
}

tg_datum tg_call_status(tg_call *call, tg_status status)
{
    if (status != TG_OK)
        keep_error(call, status);
    return (tg_datum){0};
}

tg_datum tg_call_fail(tg_call *call, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return tg_call_status(call, tg_fail(TG_EARG, "%s", text));
}

bool tg_call_failed(const tg_call *call)
{
    return call->status != TG_OK;
}

tg_ctx *tg_call_ctx(const tg_call *call)
{
    return call->ctx;
}

const tg_operator *tg_call_operator(const tg_call *call)
{
    return call->op;
}

tg_generator *tg_call_generator(const tg_call *call)
{
    return call->generator;
}

const tg_datum *tg_call_self(const tg_call *call)
{
    return call->self;
}

static const tg_parameter *parameter(const tg_call *call, const char *name)
{
    tg_call *c = (tg_call *)call;
    const tg_parameter *own = tg_signature_find(&c->signature, name);

    return own ? own : tg_signature_find(&c->others, name);
}

bool tg_call_given(const tg_call *call, const char *name)
{
    const tg_parameter *p = parameter(call, name);

    return p && p->given && p->value.kind != TG_DATUM_NONE;
}

bool tg_call_named(const tg_call *call, const char *name)
{
    const tg_parameter *p = parameter(call, name);

    return p && p->named;
}

const tg_datum *tg_call_datum(const tg_call *call, const char *name)
{
    static const tg_datum none = {0};
    const tg_parameter *p = parameter(call, name);

    return p ? &p->value : &none;
}

tg_array *tg_call_array(tg_call *call, const char *name)
{
    tg_array *array = tg_datum_to_array(call->ctx, tg_call_datum(call, name));

    tg_call_status(call, tg_array_status(array));
    return array;
}

/* An array stands for the list of its parts along the first axis. */
static tg_array *const *rows_of(tg_call *call, tg_array *a, int *count)
{
    const int64_t n = tg_shape(a)[0];
    tg_array **rows = NULL;

    if (n <= MOST_ROWS)
        rows = tg_ctx_alloc(call->ctx, (size_t)(n + 1) * sizeof *rows);
    if (!rows) {
        tg_call_status(call,
                       tg_fail(TG_ENOMEM, "an array of %" PRId64 " parts as a list of arrays", n));
        return NULL;
    }
    for (int64_t i = 0; i < n; i++)
        rows[i] = tg_getitem(a, TG_INDEX(TG_AT(i)));
    *count = (int)n;
    return rows;
}

tg_array *const *tg_call_arrays(tg_call *call, const char *name, int *count)
{
    const tg_datum *datum = tg_call_datum(call, name);
    tg_array **arrays = NULL;

    *count = 0;
    if (datum->kind == TG_DATUM_ARRAY && tg_ndim(datum->array) > 0)
        return rows_of(call, datum->array, count);
    if (!tg_datum_is_sequence(datum) || datum->count > INT_MAX) {
        tg_call_fail(call, "%s: %s must be a list or tuple of arrays, not %s", call->op->name, name,
                     tg_datum_type(datum));
        return NULL;
    }
    arrays = tg_ctx_alloc(call->ctx, (size_t)(datum->count + 1) * sizeof *arrays);
    if (!arrays) {
        tg_call_status(call, TG_ENOMEM);
        return NULL;
    }
    for (int64_t i = 0; i < datum->count; i++) {
        arrays[i] = tg_datum_to_array(call->ctx, &datum->items[i]);
        tg_call_status(call, tg_array_status(arrays[i]));
    }
    *count = (int)datum->count;
    return arrays;
}

int64_t tg_call_int(tg_call *call, const char *name)
{
    int64_t value = 0;

    tg_call_status(call, tg_datum_to_int(tg_call_datum(call, name), &value));
    return value;
}

int tg_call_axis(tg_call *call, const char *name)
{
    int64_t value = tg_call_int(call, name);

    if (value < -INT_MAX || value > INT_MAX)
        tg_call_fail(call, "axis %" PRId64 " is out of bounds", value);
    return tg_call_failed(call) ? 0 : (int)value;
}

double tg_call_float(tg_call *call, const char *name)
{
    double value = 0;

    tg_call_status(call, tg_datum_to_float(tg_call_datum(call, name), &value));
    return value;
}

bool tg_call_bool(tg_call *call, const char *name)
{
    bool value = false;

    tg_call_status(call, tg_datum_truth(tg_call_datum(call, name), &value));
    return value;
}

const char *tg_call_text(tg_call *call, const char *name)
{
    const tg_datum *datum = tg_call_datum(call, name);

    if (datum->kind == TG_DATUM_TEXT)
        return datum->text;
    if (datum->kind != TG_DATUM_NONE)
        tg_call_fail(call, "%s: %s must be a string, not %s", call->op->name, name,
                     tg_datum_type(datum));
    return NULL;
}

const char *tg_call_word(tg_call *call, const char *name)
{
    const char *text = tg_call_text(call, name);

    if (!text)
        tg_call_fail(call, "%s: %s must be a string, not None", call->op->name, name);
    return text ? text : "";
}

tg_dtype tg_call_dtype(tg_call *call, const char *name, tg_dtype otherwise)
{
    tg_dtype dtype = otherwise;

    if (tg_call_datum(call, name)->kind != TG_DATUM_NONE)
        tg_call_status(call, tg_datum_to_dtype(tg_call_datum(call, name), &dtype));
    return dtype;
}

/* The parts of a 1-d array as a list of values; NULL after an error. */
static const tg_datum *list_of(tg_call *call, const char *name, int64_t most)
{
    int count;
    tg_array *const *rows = tg_call_arrays(call, name, &count);
    tg_datum *list = tg_datum_items(call->ctx, 1);

    if (!rows || !list || count > most)
        return NULL;
    *list = tg_datum_arrays(call->ctx, rows, count);
    return list;
}

/* The items of a sequence, of which a 1-d array is one; a number stands for one. */
static const tg_datum *sequence(tg_call *call, const char *name, int64_t most, int64_t *count)
{
    const tg_datum *datum = tg_call_datum(call, name), *list;

    if (datum->kind == TG_DATUM_ARRAY && tg_ndim(datum->array) == 1)
        datum = (list = list_of(call, name, most)) ? list : datum;
    while (tg_datum_is_sequence(datum) && datum->count == 1 &&
           tg_datum_is_sequence(&datum->items[0]))
        datum = &datum->items[0];
    *count = tg_datum_is_sequence(datum) ? datum->count : 1;
    if (*count > most) {
        tg_call_fail(call, "%s: %s has %" PRId64 " entries, at most %" PRId64 " can be",
                     call->op->name, name, *count, most);
        *count = 0;
    }
    return tg_datum_is_sequence(datum) ? datum->items : datum;
}

int tg_call_ints(tg_call *call, const char *name, int64_t *values, int most)
{
    int64_t count;
    const tg_datum *items = sequence(call, name, most, &count);

    for (int64_t i = 0; i < count; i++) {
        values[i] = 0;
        tg_call_status(call, tg_datum_to_int(&items[i], &values[i]));
    }
    return (int)count;
}

int tg_call_floats(tg_call *call, const char *name, double *values, int most)
{
    int64_t count;
    const tg_datum *items = sequence(call, name, most, &count);

    for (int64_t i = 0; i < count; i++) {
        values[i] = 0;
        tg_call_status(call, tg_datum_to_float(&items[i], &values[i]));
    }
    return (int)count;
}

/* Where NumPy wants an int that is no bool: lengths, and axes of its reductions. */
static void refuse_bools(tg_call *call, const char *name)
{
    const tg_datum *datum = tg_call_datum(call, name);
    int64_t count = tg_datum_is_sequence(datum) ? datum->count : 1;

    for (int64_t i = 0; i < count; i++) {
        const tg_datum *item = tg_datum_is_sequence(datum) ? &datum->items[i] : datum;

        if (item->kind == TG_DATUM_BOOL ||
            (item->kind == TG_DATUM_ARRAY && tg_dtype_of(item->array) == TG_BOOL))
            tg_call_fail(call, "an integer is required, not a bool: %s of %s", name,
                         call->op->name);
    }
}

int tg_call_shape(tg_call *call, const char *name, int64_t *shape)
{
    refuse_bools(call, name);
    return tg_call_ints(call, name, shape, TG_MAX_NDIM);
}

tg_axes tg_call_axes(tg_call *call, const char *name)
{
    const tg_datum *axis = tg_call_datum(call, name);

    refuse_bools(call, name);
    if (axis->kind == TG_DATUM_LIST)
        tg_call_fail(call,
                     "'list' object cannot be interpreted as an integer: %s of %s is one, or "
                     "a tuple of them",
                     name, call->op->name);
    else if (axis->kind == TG_DATUM_ARRAY && tg_ndim(axis->array) > 0)
        tg_call_fail(call,
                     "only integer scalar arrays can be converted to a scalar index: %s of "
                     "%s is an integer, or a tuple of them",
                     name, call->op->name);
    return tg_call_axis_list(call, name);
}

tg_axes tg_call_axis_list(tg_call *call, const char *name)
{
    tg_axes axes = TG_ALL_AXES;
    int64_t values[TG_MAX_NDIM];

    if (parameter(call, "keepdims"))
        axes.keepdims = tg_call_bool(call, "keepdims");
    if (tg_call_datum(call, name)->kind == TG_DATUM_NONE)
        return axes;
    axes.count = tg_call_ints(call, name, values, TG_MAX_NDIM);
    for (int i = 0; i < axes.count; i++) {
        if (values[i] < -INT_MAX || values[i] > INT_MAX)
            tg_call_fail(call, "axis %" PRId64 " is out of bounds", values[i]);
        else
            axes.axis[i] = (int)values[i];
    }
    return axes;
}

/* A method's signature without the array, which is the first parameter of the function's. */
static tg_status bind_method(tg_call *call, const tg_datum *self, const tg_arguments *arguments)
{
    tg_status status = TG_OK;
    const tg_operator *op = call->op;
    const char *dot = strrchr(op->name, '.');

    TG_TRY(tg_signature_parse(call->ctx, dot ? dot + 1 : op->name, op->method, &call->signature));
    TG_TRY(tg_signature_bind(call->ctx, &call->signature, arguments));
    TG_TRY(tg_signature_parse(call->ctx, op->name, op->signature, &call->others));
    for (int i = 0; i < call->others.count;
         i++) { /* the array: the first that is not the method's */
        tg_parameter *p = &call->others.parameters[i];

        if (!p->required || tg_signature_find(&call->signature, p->name))
            continue;
        p->value = *self;
        p->given = true;
        break;
    }
    for (int i = 0; i < call->signature.count; i++) { /* x.transpose(): the function's default */
        tg_parameter *p = &call->signature.parameters[i];
        const tg_parameter *other = tg_signature_find(&call->others, p->name);

        if (p->star && !p->given && other)
            p->value = other->value;
        while (p->star && p->given && p->value.count == 1 &&
               p->value.items[0].kind == TG_DATUM_NONE)
            p->value = p->value.items[0];
    }
out:
    return status;
}

static bool is_among(const tg_datum *datum, const char *const *words)
{
    for (; datum->kind == TG_DATUM_TEXT && *words; words++)
        if (strcmp(datum->text, *words) == 0)
            return true;
    return false;
}

/* Arguments that mean nothing here, where arrays have no order in memory and no subclasses, are
 * those that NumPy takes all the same. */
static void check_common(tg_call *call)
{
    static const char *const orders[] = {"C", "F", "A", "K", NULL};
    static const char *const casts[] = {"no", "equiv", "safe", "same_kind", "unsafe", NULL};
    const bool sorts = strstr(call->op->name, "sort") || strstr(call->op->name, "partition");
    const tg_datum *keepdims = tg_call_datum(call, "keepdims");

    if (tg_call_given(call, "order") && !sorts && strncmp(call->op->name, "ndimage.", 8) != 0 &&
        !is_among(tg_call_datum(call, "order"), orders))
        tg_call_fail(call, "%s: order must be one of 'C', 'F', 'A', or 'K'", call->op->name);
    if (tg_call_given(call, "casting") && !is_among(tg_call_datum(call, "casting"), casts))
        tg_call_fail(call,
                     "%s: casting must be one of 'no', 'equiv', 'safe', 'same_kind', or 'unsafe'",
                     call->op->name);
    if (tg_call_given(call, "subok") && strcmp(call->op->name, "broadcast_to") != 0 &&
        tg_call_datum(call, "subok")->kind != TG_DATUM_BOOL)
        tg_call_fail(call, "%s: 'subok' must be a boolean, not %s", call->op->name,
                     tg_datum_type(tg_call_datum(call, "subok")));
    if (parameter(call, "keepdims") && keepdims->kind != TG_DATUM_BOOL &&
        keepdims->kind != TG_DATUM_INT && keepdims->kind != TG_DATUM_ARRAY)
        tg_call_fail(call, "%s: keepdims: '%s' object cannot be interpreted as an integer",
                     call->op->name, tg_datum_type(keepdims));
}

tg_status tg_operator_call(tg_ctx *ctx, const tg_operator *op, const tg_datum *self,
                           const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_call call = {.ctx = ctx, .op = op, .self = self, .generator = arguments->generator};
    tg_datum result;

    if (self) {
        TG_TRY(bind_method(&call, self, arguments));
    } else {
        TG_TRY(tg_signature_parse(ctx, op->name, op->signature, &call.signature));
        TG_TRY(tg_signature_bind(ctx, &call.signature, arguments));
    }
    check_common(&call);
    result = op->build(&call);
    TG_NEED(call.status == TG_OK, call.status, "%s", call.message ? call.message : "memory is out");
    if (result.kind == TG_DATUM_ARRAY)
        TG_TRY(tg_array_status(result.array));
    for (int64_t i = 0; tg_datum_is_sequence(&result) && i < result.count; i++)
        if (result.items[i].kind == TG_DATUM_ARRAY)
            TG_TRY(tg_array_status(result.items[i].array));
    *out = result;
out:
    return status;
}

tg_status tg_operator_apply(tg_ctx *ctx, const char *name, const tg_datum *values, int count,
                            tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_operator *op = tg_operator_find(name);
    tg_arguments arguments = {.positional = values, .npositional = count};

    TG_NEED(op, TG_EARG, "there is no operator '%s' yet", name);
    TG_TRY(tg_operator_call(ctx, op, NULL, &arguments, out));
out:
    return status;
}

static tg_status apply_operator(tg_ctx *ctx, const tg_callable *callable,
                                const tg_arguments *arguments, tg_datum *out)
{
    return tg_operator_call(ctx, callable->op, callable->is_method ? &callable->self : NULL,
                            arguments, out);
}

tg_status tg_datum_function(tg_ctx *ctx, const tg_operator *op, const tg_datum *self, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_callable *callable = tg_ctx_alloc(ctx, sizeof *callable);

    TG_NEED(callable, TG_ENOMEM, "a function");
    *callable = (tg_callable){.name = op->name, .apply = apply_operator, .op = op};
    if (self) {
        callable->self = *self;
        callable->is_method = true;
    }
    *out = (tg_datum){.kind = self ? TG_DATUM_METHOD : TG_DATUM_FUNCTION, .callable = callable};
out:
    return status;
}

tg_status tg_datum_call(tg_ctx *ctx, const tg_datum *function, const tg_arguments *arguments,
                        tg_datum *out)
{
    if ((function->kind != TG_DATUM_FUNCTION && function->kind != TG_DATUM_METHOD) ||
        !function->callable->apply)
        return tg_fail(TG_EARG, "'%s' object is not callable", tg_datum_type(function));
    return function->callable->apply(ctx, function->callable, arguments, out);
}

tg_status tg_call_function(tg_ctx *ctx, const tg_datum *function, const tg_datum *positional,
                           int count, const tg_datum *others, tg_datum *out)
{
    tg_status status = TG_OK;
    int n = others ? (int)(others->count / 2) : 0;
    const char **names = tg_ctx_alloc(ctx, (size_t)(n + 1) * sizeof *names);
    tg_datum *named = tg_datum_items(ctx, n);

    TG_NEED(names && named, TG_ENOMEM, "arguments");
    for (int i = 0; i < n; i++) {
        names[i] = others->items[2 * i].text;
        named[i] = others->items[2 * i + 1];
    }
    TG_TRY(tg_datum_call(ctx, function,
                         &(tg_arguments){.positional = positional,
                                         .npositional = count,
                                         .names = names,
                                         .named = named,
                                         .nnamed = n},
                         out));
out:
    return status;
}

tg_datum tg_call_apply(tg_call *call, const tg_datum *function, const tg_datum *arguments,
                       int count)
{
    tg_datum out = {0};
    tg_arguments given = {.positional = arguments, .npositional = count};

    tg_call_status(call, tg_datum_call(call->ctx, function, &given, &out));
    return out;
}
