/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Functions of core axes: "(i,j),(j)->(i)". A function of that signature works along the loop axes,
 * which come first and are broadcast, as NumPy's own do, so it is called with the whole arrays;
 * with vectorize=True it knows core axes alone and is called for each place of the loop axes.
 */
#include "call/gufunc.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <tegula/index.h>
#include <tegula/shape.h>

#include "expr/node.h"

enum { MOST_ARGUMENTS = 16, LONGEST_NAME = 31 };

/* The core axes of one input or output: their names. */
struct core {
    int count;
    char name[TG_MAX_NDIM][LONGEST_NAME + 1];
};

struct signature {
    const char *text;
    int nin, nout;
    struct core in[MOST_ARGUMENTS], out[MOST_ARGUMENTS];
};

static tg_status bad_signature(const char *text)
{
    return tg_fail(TG_EARG, "Not a valid function signature: '%s'", text);
}

/* "(i,j)" */
static tg_status parse_core(const char *text, const char **at, struct core *out)
{
    const char *c = *at;

    if (*c++ != '(')
        return bad_signature(text);
    while (*c != ')') {
        size_t size = 0;

        while (isalnum((unsigned char)c[size]) || c[size] == '_')
            size++;
        if (size == 0 || size > LONGEST_NAME || out->count == TG_MAX_NDIM)
            return bad_signature(text);
        memcpy(out->name[out->count++], c, size);
        c += size;
        if (*c == ',')
            c++;
        else if (*c != ')')
            return bad_signature(text);
    }
    *at = c + 1;
    return TG_OK;
}

static tg_status parse_side(const char *text, const char **at, struct core *cores, int *count)
{
    tg_status status = TG_OK;

    while (**at == '(') {
        TG_NEED(*count < MOST_ARGUMENTS, TG_EARG, "signature '%s' of more than %d arrays", text,
                MOST_ARGUMENTS);
        TG_TRY(parse_core(text, at, &cores[(*count)++]));
        if (**at != ',')
            break;
        (*at)++;
    }
out:
    return status;
}

static tg_status parse_signature(tg_ctx *ctx, const char *text, struct signature *out)
{
    tg_status status = TG_OK;
    char *dense = tg_ctx_alloc(ctx, strlen(text) + 1);
    const char *at = dense;
    size_t size = 0;

    TG_NEED(dense, TG_ENOMEM, "a signature");
    for (const char *c = text; *c; c++)
        if (*c != ' ')
            dense[size++] = *c;
    dense[size] = '\0';
    out->text = text;
    TG_TRY(parse_side(text, &at, out->in, &out->nin));
    if (strncmp(at, "->", 2) != 0)
        return bad_signature(text);
    at += 2;
    TG_TRY(parse_side(text, &at, out->out, &out->nout));
    if (*at || out->nout == 0)
        return bad_signature(text);
out:
    return status;
}

/* The core axes of input or output number i by axes= or axis=; false: the last ones. */
static bool asked_axes(tg_call *call, const struct core *core, int i, int *axes)
{
    const tg_datum *list = tg_call_datum(call, "axes"), *item;

    if (tg_call_given(call, "axis") && core->count > 0) {
        axes[0] = tg_call_axis(call, "axis");
        if (core->count != 1)
            tg_call_fail(call, "`axis` can be used only with a single shared core dimension");
        return true;
    }
    if (!tg_call_given(call, "axes"))
        return false;
    item = tg_datum_is_sequence(list) && i < list->count ? &list->items[i] : NULL;
    if (item && item->kind == TG_DATUM_INT && core->count == 1) {
        axes[0] = (int)item->integer;
        return true;
    }
    if (!item && i > 0 && core->count == 0) /* outputs without core axes may be left out */
        return false;
    if (!item || !tg_datum_is_sequence(item) || item->count != core->count) {
        tg_call_fail(call, "`axes` has to have a tuple of %d axes for array %d of the signature",
                     core->count, i);
        return false;
    }
    for (int k = 0; k < core->count; k++) {
        int64_t value = 0;

        tg_call_status(call, tg_datum_to_int(&item->items[k], &value));
        axes[k] = (int)value;
    }
    return core->count > 0;
}

static void last_axes(int count, int *axes)
{
    for (int k = 0; k < count; k++)
        axes[k] = k - count;
}

struct lengths {
    int count;
    const char *name[MOST_ARGUMENTS * TG_MAX_NDIM];
    int64_t length[MOST_ARGUMENTS * TG_MAX_NDIM];
};

static tg_status check_lengths(const struct signature *signature, int i, const tg_array *a,
                               struct lengths *lengths)
{
    tg_status status = TG_OK;
    const struct core *core = &signature->in[i];

    TG_NEED(a->ndim >= core->count, TG_EARG,
            "apply_gufunc: array %d has %d axes, '%s' needs %d core axes", i, a->ndim,
            signature->text, core->count);
    for (int k = 0; k < core->count; k++) {
        int64_t n = a->shape[a->ndim - core->count + k];
        int l = 0;

        while (l < lengths->count && strcmp(lengths->name[l], core->name[k]) != 0)
            l++;
        if (l == lengths->count) {
            lengths->name[lengths->count] = core->name[k];
            lengths->length[lengths->count++] = n;
        }
        TG_NEED(lengths->length[l] == n, TG_EARG,
                "Dimension `'%s'` with different lengths in arrays: %" PRId64 " and %" PRId64,
                core->name[k], lengths->length[l], n);
    }
out:
    return status;
}

/* Output number i of what the function gave, with loop axes first. */
static tg_status output_of(tg_ctx *ctx, const struct signature *signature, const tg_datum *result,
                           int i, int nloop, tg_array **out)
{
    tg_status status = TG_OK;
    bool several = tg_datum_is_sequence(result);
    char text[TG_SHAPE_TEXT];

    TG_NEED(signature->nout == 1 || (several && result->count == signature->nout), TG_EARG,
            "apply_gufunc: '%s' has %d results, the function did not give as many", signature->text,
            signature->nout);
    *out = tg_datum_to_array(ctx, signature->nout == 1 ? result : &result->items[i]);
    TG_TRY(tg_array_status(*out));
    TG_NEED((*out)->ndim == nloop + signature->out[i].count, TG_EARG,
            "apply_gufunc: the function gave shape %s where '%s' has %d loop and %d core axes; "
            "vectorize=True calls it for each place",
            tg_shape_text((*out)->ndim, (*out)->shape, text), signature->text, nloop,
            signature->out[i].count);
out:
    return status;
}

/* Where axes= wants core axes, or kept ones of length 1; dtypes as asked for. */
static tg_array *place_output(tg_call *call, const struct signature *signature, int i,
                              tg_array *out)
{
    const struct core *core = &signature->out[i];
    const tg_datum *dtypes = tg_call_datum(call, "output_dtypes");
    int from[TG_MAX_NDIM], to[TG_MAX_NDIM], kept = signature->in[0].count;
    tg_dtype dtype;

    if (tg_call_bool(call, "keepdims") && core->count == 0) {
        tg_axes axes = {.count = kept};

        if (!asked_axes(call, &signature->in[0], 0, axes.axis))
            last_axes(kept, axes.axis);
        out = kept > 0 ? tg_expand_dims(out, axes) : out;
    } else if (asked_axes(call, core, signature->nin + i, to)) {
        last_axes(core->count, from);
        out = tg_moveaxis(out, core->count, from, to);
    }
    if (dtypes->kind != TG_DATUM_NONE) {
        const tg_datum *own = !tg_datum_is_sequence(dtypes) ? dtypes
                              : i < dtypes->count           ? &dtypes->items[i]
                                                            : NULL;

        if (own) {
            tg_call_status(call, tg_datum_to_dtype(own, &dtype));
            out = tg_call_failed(call) ? out : tg_astype(out, dtype);
        }
    }
    return out;
}

/* Loop axes of the inputs, broadcast to the same shape and made one, first. */
static tg_status flatten_loops(tg_array **arrays, const struct signature *signature, int *nloop,
                               int64_t *loop, int64_t *places)
{
    tg_status status = TG_OK;
    int64_t shape[TG_MAX_NDIM];

    *nloop = 0;
    *places = 1;
    for (int i = 0; i < signature->nin; i++) {
        int own = arrays[i]->ndim - signature->in[i].count;

        *nloop = own > *nloop ? own : *nloop;
    }
    for (int d = 0; d < *nloop; d++) {
        loop[d] = 1;
        for (int i = 0; i < signature->nin; i++) {
            int at = d - (*nloop - (arrays[i]->ndim - signature->in[i].count));
            int64_t n = at < 0 ? 1 : arrays[i]->shape[at];

            TG_NEED(n == 1 || loop[d] == 1 || n == loop[d], TG_EARG,
                    "apply_gufunc: loop axes of %" PRId64 " and %" PRId64
                    " elements cannot be broadcast",
                    loop[d], n);
            loop[d] = n == 1 ? loop[d] : n;
        }
        *places *= loop[d];
    }
    for (int i = 0; i < signature->nin; i++) {
        int ncore = signature->in[i].count, ndim = *nloop + ncore;
        const int64_t *core = arrays[i]->shape + arrays[i]->ndim - ncore;

        TG_NEED(ndim <= TG_MAX_NDIM, TG_EARG, "apply_gufunc: more than %d axes", TG_MAX_NDIM);
        memcpy(shape, loop, (size_t)*nloop * sizeof *shape);
        memcpy(shape + *nloop, core, (size_t)ncore * sizeof *shape);
        arrays[i] = tg_broadcast_to(arrays[i], ndim, shape);
        TG_TRY(tg_array_status(arrays[i]));
        shape[0] = *places;
        memmove(shape + 1, arrays[i]->shape + *nloop, (size_t)ncore * sizeof *shape);
        arrays[i] = tg_reshape(arrays[i], 1 + ncore, shape);
        TG_TRY(tg_array_status(arrays[i]));
    }
out:
    return status;
}

/* The function's results at each place, stacked, with their loop axes. */
static tg_status call_places(tg_ctx *ctx, const struct signature *signature,
                             const tg_datum *function, const tg_datum *others, tg_array **arrays,
                             tg_array **out)
{
    tg_status status = TG_OK;
    int nloop;
    int64_t loop[TG_MAX_NDIM], places, shape[TG_MAX_NDIM];
    tg_array **parts;
    tg_datum values[MOST_ARGUMENTS], result;

    TG_TRY(flatten_loops(arrays, signature, &nloop, loop, &places));
    TG_NEED(places > 0 && places <= TG_MOST_LINES, TG_EARG,
            "a function that is called for each of %" PRId64 " places: 1 to %d can be", places,
            TG_MOST_LINES);
    parts = tg_ctx_alloc(ctx, (size_t)(places * signature->nout) * sizeof *parts);
    TG_NEED(parts, TG_ENOMEM, "%" PRId64 " results", places);
    for (int64_t p = 0; p < places; p++) {
        for (int i = 0; i < signature->nin; i++)
            values[i] = tg_datum_array(tg_getitem(arrays[i], TG_INDEX(TG_AT(p))));
        TG_TRY(tg_call_function(ctx, function, values, signature->nin, others, &result));
        for (int i = 0; i < signature->nout; i++)
            TG_TRY(output_of(ctx, signature, &result, i, 0, &parts[i * places + p]));
    }
    for (int i = 0; i < signature->nout; i++) {
        int ncore = signature->out[i].count;

        out[i] = tg_stack(parts + i * places, (int)places, 0);
        TG_TRY(tg_array_status(out[i]));
        memcpy(shape, loop, (size_t)nloop * sizeof *shape);
        memcpy(shape + nloop, out[i]->shape + 1, (size_t)ncore * sizeof *shape);
        out[i] = tg_reshape(out[i], nloop + ncore, shape);
        TG_TRY(tg_array_status(out[i]));
    }
out:
    return status;
}

static tg_status call_whole(tg_ctx *ctx, const struct signature *signature,
                            const tg_datum *function, const tg_datum *others, tg_array **arrays,
                            tg_array **out)
{
    tg_status status = TG_OK;
    tg_datum values[MOST_ARGUMENTS], result;
    int nloop = 0;

    for (int i = 0; i < signature->nin; i++) {
        int own = arrays[i]->ndim - signature->in[i].count;

        nloop = own > nloop ? own : nloop;
        values[i] = tg_datum_array(arrays[i]);
    }
    TG_TRY(tg_call_function(ctx, function, values, signature->nin, others, &result));
    for (int i = 0; i < signature->nout; i++)
        TG_TRY(output_of(ctx, signature, &result, i, nloop, &out[i]));
out:
    return status;
}

/* Inputs with their core axes last. */
static tg_status take_inputs(tg_call *call, const struct signature *signature, tg_array **arrays)
{
    tg_status status = TG_OK;
    const tg_datum *args = tg_call_datum(call, "args");
    struct lengths lengths = {0};
    int from[TG_MAX_NDIM], to[TG_MAX_NDIM];

    TG_NEED(args->count == signature->nin, TG_EARG,
            "apply_gufunc: '%s' has %d inputs, %" PRId64 " arrays were given", signature->text,
            signature->nin, args->count);
    for (int i = 0; i < signature->nin; i++) {
        const struct core *core = &signature->in[i];

        arrays[i] = tg_datum_to_array(tg_call_ctx(call), &args->items[i]);
        TG_TRY(tg_array_status(arrays[i]));
        if (asked_axes(call, core, i, from) && !tg_call_failed(call)) {
            last_axes(core->count, to);
            arrays[i] = tg_moveaxis(arrays[i], core->count, from, to);
            TG_TRY(tg_array_status(arrays[i]));
        }
        TG_TRY(check_lengths(signature, i, arrays[i], &lengths));
    }
out:
    return status;
}

tg_datum tg_apply_gufunc(tg_call *call)
{
    tg_ctx *ctx = tg_call_ctx(call);
    const char *text = tg_call_text(call, "signature");
    const tg_datum *function = tg_call_datum(call, "func");
    const tg_datum *others = tg_call_datum(call, "kwargs");
    bool vectorize = tg_call_given(call, "vectorize") && tg_call_bool(call, "vectorize");
    struct signature *signature = tg_ctx_alloc(ctx, sizeof *signature);
    tg_array *arrays[MOST_ARGUMENTS], *out[MOST_ARGUMENTS];

    if (!signature || !text)
        return tg_call_fail(call, "apply_gufunc: a signature is a text: '(i),(j)->(i,j)'");
    memset(signature, 0, sizeof *signature);
    tg_call_status(call, parse_signature(ctx, text, signature));
    if (!tg_call_failed(call))
        tg_call_status(call, take_inputs(call, signature, arrays));
    if (!tg_call_failed(call))
        tg_call_status(call, (vectorize ? call_places : call_whole)(ctx, signature, function,
                                                                    others, arrays, out));
    for (int i = 0; i < signature->nout && !tg_call_failed(call); i++)
        out[i] = place_output(call, signature, i, out[i]);
    if (tg_call_failed(call))
        return (tg_datum){0};
    return signature->nout == 1 ? tg_datum_array(out[0])
                                : tg_datum_arrays(ctx, out, signature->nout);
}

/* Whether a function is an operator of an array and an axis that keeps or drops the axis. */
static bool takes_axis(const tg_datum *function)
{
    const tg_operator *op = function->kind == TG_DATUM_FUNCTION ? function->callable->op : NULL;

    return op && op->kind == TG_CLASS_REDUCE && strstr(op->signature, "axis=") &&
           !strstr(op->signature, " q") && strncmp(op->name, "linalg", 6) != 0;
}

static tg_status call_with_axis(tg_ctx *ctx, const tg_datum *function, int axis, tg_array *a,
                                const tg_datum *others, tg_array **out)
{
    tg_status status = TG_OK;
    tg_datum array = tg_datum_array(a), result, dict = {.kind = TG_DATUM_DICT};
    int64_t n = others->count;

    dict.items = tg_datum_items(ctx, n + 2);
    TG_NEED(dict.items, TG_ENOMEM, "arguments");
    if (n > 0)
        memcpy(dict.items, others->items, (size_t)n * sizeof *dict.items);
    dict.items[n] = (tg_datum){.kind = TG_DATUM_TEXT, .text = "axis"};
    dict.items[n + 1] = tg_datum_int(axis);
    dict.count = n + 2;
    TG_TRY(tg_call_function(ctx, function, &array, 1, &dict, &result));
    *out = tg_datum_to_array(ctx, &result);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

/* One call for each line; the results' axes stand where the line's was. */
static tg_status call_lines(tg_ctx *ctx, const tg_datum *function, int axis, tg_array *a,
                            const tg_datum *args, const tg_datum *others, tg_array **out)
{
    tg_status status = TG_OK;
    tg_array **lines = NULL, *first;
    tg_datum *values = tg_datum_items(ctx, args->count + 1), result;
    int last = a->ndim - 1, from[TG_MAX_NDIM], to[TG_MAX_NDIM], ncore;
    int64_t count, shape[2 * TG_MAX_NDIM];

    first = tg_moveaxis(a, 1, &axis, &last);
    TG_TRY(tg_array_status(first));
    count = first->size / first->shape[last];
    TG_NEED(count > 0 && count <= TG_MOST_LINES, TG_EARG,
            "a function that is called for each of %" PRId64 " lines: 1 to %d can be", count,
            TG_MOST_LINES);
    memcpy(shape, first->shape, (size_t)last * sizeof *shape);
    first = tg_reshape(first, 2, (int64_t[]){count, first->shape[last]});
    lines = tg_ctx_alloc(ctx, (size_t)count * sizeof *lines);
    TG_NEED(lines && values, TG_ENOMEM, "%" PRId64 " lines", count);
    if (args->count > 0)
        memcpy(values + 1, args->items, (size_t)args->count * sizeof *values);
    for (int64_t i = 0; i < count; i++) {
        values[0] = tg_datum_array(tg_getitem(first, TG_INDEX(TG_AT(i))));
        TG_TRY(tg_call_function(ctx, function, values, (int)args->count + 1, others, &result));
        lines[i] = tg_datum_to_array(ctx, &result);
        TG_TRY(tg_array_status(lines[i]));
    }
    first = tg_stack(lines, (int)count, 0);
    TG_TRY(tg_array_status(first));
    ncore = first->ndim - 1;
    TG_NEED(last + ncore <= TG_MAX_NDIM, TG_EARG, "apply_along_axis: more than %d axes",
            TG_MAX_NDIM);
    memcpy(shape + last, first->shape + 1, (size_t)ncore * sizeof *shape);
    first = tg_reshape(first, last + ncore, shape);
    for (int k = 0; k < ncore; k++) {
        from[k] = last + k;
        to[k] = axis + k;
    }
    *out = ncore > 0 ? tg_moveaxis(first, ncore, from, to) : first;
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

tg_status tg_apply_to_lines(tg_ctx *ctx, const tg_datum *function, int axis, tg_array *a,
                            const tg_datum *args, const tg_datum *others, tg_array **out)
{
    tg_status status = TG_OK;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &axis));
    TG_NEED(a->shape[axis] > 0 && a->size > 0, TG_EARG,
            "Cannot apply_along_axis when any iteration dimensions are 0");
    if (args->count == 0 && takes_axis(function))
        return call_with_axis(ctx, function, axis, a, others, out);
    TG_TRY(call_lines(ctx, function, axis, a, args, others, out));
out:
    return status;
}
