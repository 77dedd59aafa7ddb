/* SPDX-License-Identifier: BSD-3-Clause */
/* Nested lists and tuples as arrays: numpy.array of them. */
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include <tegula/index.h>
#include <tegula/shape.h>

#include "call/datum.h"
#include "call/wide_int.h"
#include "expr/node.h"

/* What a nested list looks like. */
struct nest {
    int ndim;
    int64_t shape[TG_MAX_NDIM];
    int64_t count;      /* numbers */
    tg_datum_kind kind; /* the widest of the numbers */
    bool negative;      /* is one of them an integer below 0? */
    bool beyond;        /* is one of them an integer that no dtype holds? */
    bool any;           /* is there a number? */
    bool has_array;
};

static tg_status uneven(int depth)
{
    return tg_fail(TG_EARG,
                   "setting an array element with a sequence. The requested array has an "
                   "inhomogeneous shape after %d dimensions",
                   depth);
}

/* The shape is that of the first items all the way down. */
static tg_status look_down(const tg_datum *datum, struct nest *nest)
{
    tg_status status = TG_OK;

    nest->count = 1;
    for (; tg_datum_is_sequence(datum); datum = &datum->items[0]) {
        TG_NEED(nest->ndim < TG_MAX_NDIM, TG_EARG, "lists are nested more than %d deep",
                TG_MAX_NDIM);
        nest->shape[nest->ndim++] = datum->count;
        nest->count *= datum->count;
        if (datum->count == 0)
            break;
    }
out:
    return status;
}

/* Do all items agree with the shape, and what are they? */
static tg_status look_at(const tg_datum *datum, int depth, struct nest *nest)
{
    tg_status status = TG_OK;

    if (tg_datum_is_sequence(datum)) {
        if (depth >= nest->ndim || datum->count != nest->shape[depth])
            return uneven(depth);
        for (int64_t i = 0; i < datum->count; i++)
            TG_TRY(look_at(&datum->items[i], depth + 1, nest));
        return TG_OK;
    }
    if (depth != nest->ndim)
        return uneven(depth);
    if (datum->kind == TG_DATUM_ARRAY) {
        nest->has_array = true;
        return TG_OK;
    }
    TG_NEED(tg_datum_is_number(datum), TG_EARG,
            "a value of type '%s' cannot be an element of an "
            "array",
            tg_datum_type(datum));
    nest->kind = !nest->any || datum->kind > nest->kind ? datum->kind : nest->kind;
    nest->any = true;
    if (tg_datum_is_integer(datum)) {
        nest->negative = nest->negative || tg_datum_wide(datum) < 0;
        nest->beyond = nest->beyond || (datum->kind == TG_DATUM_BIG &&
                                        !tg_wide_fits(tg_datum_wide(datum), TG_UINT64));
    }
out:
    return status;
}

static tg_status put_number(const tg_datum *datum, tg_dtype dtype, void *to)
{
    double *parts = to;

    switch (dtype) {
    case TG_BOOL:
        *(uint8_t *)to = datum->truth;
        return TG_OK;
    case TG_INT64:
        return tg_datum_to_int(datum, to);
    case TG_UINT64:
        *(uint64_t *)to = (uint64_t)tg_datum_wide(datum);
        return TG_OK;
    case TG_FLOAT64:
        return tg_datum_to_float(datum, to);
    default:
        parts[0] = datum->parts[0];
        parts[1] = datum->kind == TG_DATUM_COMPLEX ? datum->parts[1] : 0;
        return datum->kind == TG_DATUM_COMPLEX ? TG_OK : tg_datum_to_float(datum, parts);
    }
}

static tg_status fill(const tg_datum *datum, tg_dtype dtype, char **to)
{
    tg_status status = TG_OK;

    if (tg_datum_is_sequence(datum)) {
        for (int64_t i = 0; i < datum->count; i++)
            TG_TRY(fill(&datum->items[i], dtype, to));
        return TG_OK;
    }
    TG_TRY(put_number(datum, dtype, *to));
    *to += tg_dtype_size(dtype);
out:
    return status;
}

/* The dtype that numpy gives to Python's numbers. */
static tg_dtype dtype_of_nest(const struct nest *nest)
{
    return nest->kind == TG_DATUM_BOOL    ? TG_BOOL
           : nest->kind == TG_DATUM_INT   ? TG_INT64
           : nest->kind == TG_DATUM_BIG   ? (nest->negative ? TG_FLOAT64 : TG_UINT64)
           : nest->kind == TG_DATUM_FLOAT ? TG_FLOAT64
                                          : TG_COMPLEX128;
}

static tg_array *array_of_list(tg_ctx *ctx, const tg_datum *datum);

/* An item of a list that has arrays in it: no Python number any more. */
static tg_array *item_array(tg_ctx *ctx, const tg_datum *datum)
{
    const tg_datum list = {.kind = TG_DATUM_LIST, .items = (tg_datum *)datum, .count = 1};

    if (!tg_datum_is_number(datum))
        return tg_datum_to_array(ctx, datum);
    return tg_getitem(array_of_list(ctx, &list), TG_INDEX(TG_AT(0)));
}

/* [x, y] where some are arrays: their stack. */
static tg_array *stacked(tg_ctx *ctx, const tg_datum *datum)
{
    tg_status status = TG_OK;
    tg_array **arrays = tg_ctx_alloc(ctx, (size_t)datum->count * sizeof *arrays);

    TG_NEED(arrays && datum->count <= INT_MAX, TG_ENOMEM, "%" PRId64 " arrays", datum->count);
    for (int64_t i = 0; i < datum->count; i++) {
        arrays[i] = item_array(ctx, &datum->items[i]);
        TG_TRY(tg_array_status(arrays[i]));
    }
    return tg_stack(arrays, (int)datum->count, 0);
out:
    return tg_node_poisoned(ctx, status);
}

static tg_array *array_of_list(tg_ctx *ctx, const tg_datum *datum)
{
    tg_status status = TG_OK;
    struct nest nest = {.kind = TG_DATUM_FLOAT};
    tg_dtype dtype;
    char *values, *at;

    TG_TRY(look_down(datum, &nest));
    TG_TRY(look_at(datum, 0, &nest));
    if (nest.has_array)
        return stacked(ctx, datum);
    TG_NEED(!nest.beyond || nest.kind > TG_DATUM_BIG, TG_EARG,
            "Python int too large to convert to C long: an array's integers have 64 bits");
    dtype = dtype_of_nest(&nest);
    values = at = tg_ctx_alloc(ctx, (size_t)(nest.count + 1) * tg_dtype_size(dtype));
    TG_NEED(values, TG_ENOMEM, "an array of %" PRId64 " elements", nest.count);
    TG_TRY(fill(datum, dtype, &at));
    return tg_from_memory(ctx, values, dtype, nest.ndim, nest.shape);
out:
    return tg_node_poisoned(ctx, status);
}

tg_array *tg_datum_to_array(tg_ctx *ctx, const tg_datum *datum)
{
    uint8_t truth = datum->kind == TG_DATUM_BOOL && datum->truth;

    switch (datum->kind) {
    case TG_DATUM_ARRAY:
        return datum->array;
    case TG_DATUM_BOOL:
        return tg_from_memory(ctx, &truth, TG_BOOL, 0, NULL);
    case TG_DATUM_INT:
        return tg_int(ctx, datum->integer);
    case TG_DATUM_BIG:
        return tg_wide_fits(tg_datum_wide(datum), TG_UINT64)
                   ? tg_uint(ctx, (uint64_t)tg_datum_wide(datum))
                   : tg_int_beyond(ctx, (double)tg_datum_wide(datum));
    case TG_DATUM_FLOAT:
        return tg_float(ctx, datum->real);
    case TG_DATUM_COMPLEX:
        return tg_complex(ctx, datum->parts[0], datum->parts[1]);
    case TG_DATUM_TUPLE:
    case TG_DATUM_LIST:
        return array_of_list(ctx, datum);
    default:
        return tg_node_poisoned(
            ctx, tg_fail(TG_EARG, "a value of type '%s' is no array", tg_datum_type(datum)));
    }
}

tg_status tg_datum_check_dtype(const tg_datum *datum, tg_dtype dtype)
{
    tg_status status = TG_OK;
    char text[TG_WIDE_TEXT];

    for (int64_t i = 0; tg_datum_is_sequence(datum) && i < datum->count; i++)
        TG_TRY(tg_datum_check_dtype(&datum->items[i], dtype));
    TG_NEED(datum->kind != TG_DATUM_COMPLEX || dtype >= TG_COMPLEX64 || dtype == TG_BOOL, TG_EARG,
            "%s() argument must be a string or a real number, not 'complex'",
            dtype >= TG_FLOAT32 ? "float" : "int");
    if (dtype < TG_INT8 || dtype > TG_UINT64)
        return TG_OK;
    if (tg_datum_is_integer(datum))
        TG_NEED(tg_wide_fits(tg_datum_wide(datum), dtype), TG_EARG,
                "Python integer %s out of bounds for %s", tg_wide_text(tg_datum_wide(datum), text),
                tg_dtype_name(dtype));
    if (datum->kind == TG_DATUM_FLOAT) {
        TG_NEED(isfinite(datum->real), TG_EARG, "cannot convert float %s to integer",
                isnan(datum->real) ? "NaN" : "infinity");
        TG_NEED(fabs(datum->real) < (dtype == TG_UINT64 ? 0x1p64 : 0x1p63), TG_EARG,
                "Python float %g out of bounds for int64", datum->real);
    }
out:
    return status;
}
