/* SPDX-License-Identifier: BSD-3-Clause */
/* What an array is, and picking elements. */
#include <string.h>
#include <tegula/create.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/call.h"
#include "call/table.h"
#include "expr/alike.h"

static tg_datum build_shape(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");

    return tg_datum_ints(tg_call_ctx(call), tg_shape(a), tg_ndim(a));
}

static tg_datum build_ndim(tg_call *call)
{
    return tg_datum_int(tg_ndim(tg_call_array(call, "a")));
}

static tg_datum build_size(tg_call *call)
{
    return tg_datum_int(tg_size(tg_call_array(call, "a")));
}

static tg_datum build_dtype(tg_call *call)
{
    return (tg_datum){.kind = TG_DATUM_DTYPE, .dtype = tg_dtype_of(tg_call_array(call, "a"))};
}

static tg_datum build_itemsize(tg_call *call)
{
    return tg_datum_int((int64_t)tg_dtype_size(tg_dtype_of(tg_call_array(call, "a"))));
}

static tg_datum build_nbytes(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");

    return tg_datum_int(tg_size(a) * (int64_t)tg_dtype_size(tg_dtype_of(a)));
}

static tg_datum build_numblocks(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    int64_t counts[TG_MAX_NDIM];

    for (int d = 0; d < tg_ndim(a); d++)
        counts[d] = tg_nchunks(a, d);
    return tg_datum_ints(tg_call_ctx(call), counts, tg_ndim(a));
}

static tg_datum build_npartitions(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    int64_t count = 1;

    for (int d = 0; d < tg_ndim(a); d++)
        count *= tg_nchunks(a, d);
    return tg_datum_int(count);
}

static tg_datum build_chunks(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    tg_datum axes[TG_MAX_NDIM];

    for (int d = 0; d < tg_ndim(a); d++) {
        axes[d] = tg_datum_tuple(tg_call_ctx(call), NULL, 0);
        axes[d].items =
            tg_ctx_alloc(tg_call_ctx(call), (size_t)(tg_nchunks(a, d) + 1) * sizeof *axes[d].items);
        axes[d].count = axes[d].items ? tg_nchunks(a, d) : 0;
        for (int64_t c = 0; c < axes[d].count; c++)
            axes[d].items[c] = tg_datum_int(tg_chunks(a, d)[c]);
    }
    return tg_datum_tuple(tg_call_ctx(call), axes, tg_ndim(a));
}

static tg_datum build_chunksize(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    int64_t longest[TG_MAX_NDIM] = {0};

    for (int d = 0; d < tg_ndim(a); d++)
        for (int64_t c = 0; c < tg_nchunks(a, d); c++)
            longest[d] = tg_chunks(a, d)[c] > longest[d] ? tg_chunks(a, d)[c] : longest[d];
    return tg_datum_ints(tg_call_ctx(call), longest, tg_ndim(a));
}

/* Indices brought within an axis of length n as `mode` says. */
static tg_array *bounded(tg_call *call, tg_array *indices, int64_t n)
{
    const char *mode = tg_call_word(call, "mode");
    tg_ctx *ctx = tg_call_ctx(call);

    if (!mode || strcmp(mode, "raise") == 0)
        return indices;
    if (strcmp(mode, "wrap") != 0 && strcmp(mode, "clip") != 0)
        tg_call_fail(call, "clipmode must be one of 'clip', 'raise', or 'wrap' (got '%s')", mode);
    else if (n == 0 && tg_size(indices) > 0)
        tg_call_fail(call, "cannot do a non-empty take from an empty axes.");
    else if (mode[0] == 'w')
        return n > 0 ? tg_remainder(indices, tg_int(ctx, n)) : indices;
    return tg_clip(indices, tg_int(ctx, 0), tg_int(ctx, n > 0 ? n - 1 : 0));
}

/* What np.take takes: indices as an item for the axis. */
static tg_datum build_take(tg_call *call)
{
    int axis;
    tg_array *a = tg_call_along(call, "a", &axis), *indices = tg_call_array(call, "indices");
    tg_index items[TG_MAX_NDIM];

    tg_call_no_out(call);
    if (tg_call_failed(call) || tg_array_status(a) != TG_OK)
        return tg_datum_array(a);
    for (int d = 0; d < axis; d++)
        items[d] = TG_ALL;
    if (tg_size(indices) > 0 &&
        !tg_call_can_cast(call, tg_dtype_of(indices), TG_INT64, "same_kind"))
        return tg_call_fail(call,
                            "Cannot cast array data from %s to int64 according to the rule 'safe'",
                            tg_dtype_name(tg_dtype_of(indices)));
    indices = bounded(call, tg_astype(indices, TG_INT64), tg_shape(a)[axis]);
    items[axis] = (tg_index){.kind = TG_INDEX_ARRAY, .array = indices};
    return tg_datum_array(tg_getitem(a, items, axis + 1));
}

static tg_datum build_compress(tg_call *call)
{
    int axis;
    tg_array *a = tg_call_along(call, "a", &axis);

    tg_call_no_out(call);
    return tg_datum_array(tg_compress(tg_call_array(call, "condition"), a, axis));
}

static tg_datum build_extract(tg_call *call)
{
    return tg_datum_array(tg_extract(tg_call_array(call, "condition"), tg_call_array(call, "arr")));
}

static tg_datum build_flatnonzero(tg_call *call)
{
    return tg_datum_array(tg_flatnonzero(tg_call_array(call, "a")));
}

static tg_datum build_argwhere(tg_call *call)
{
    return tg_datum_array(tg_argwhere(tg_call_array(call, "a")));
}

static tg_datum build_nonzero(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *axis[TG_MAX_NDIM];

    if (!tg_call_failed(call) && tg_ndim(a) == 0)
        return tg_call_fail(call, "Calling nonzero on 0d arrays is not allowed. Use "
                                  "np.atleast_1d(scalar).nonzero() instead.");

    for (int d = 0; d < tg_ndim(a); d++)
        axis[d] = tg_nonzero(a, d);
    return tg_datum_arrays(tg_call_ctx(call), axis, tg_ndim(a));
}

/* The conditions, one or several: an array, or a list of them. */
static tg_datum conditions_of(tg_call *call, const tg_array *x)
{
    const tg_datum *list = tg_call_datum(call, "condlist");
    bool several = (list->kind == TG_DATUM_LIST || list->kind == TG_DATUM_TUPLE) &&
                   list->count > 0 &&
                   (list->items[0].kind == TG_DATUM_ARRAY || tg_ndim(x) == 0 ||
                    list->items[0].kind == TG_DATUM_LIST);
    tg_datum rows;

    if (list->kind == TG_DATUM_ARRAY && tg_ndim(list->array) > 1) {
        int64_t n = tg_shape(list->array)[0];

        rows = (tg_datum){.kind = TG_DATUM_LIST, .items = tg_datum_items(tg_call_ctx(call), n)};
        for (; rows.items && rows.count < n; rows.count++)
            rows.items[rows.count] =
                tg_datum_array(tg_getitem(list->array, TG_INDEX(TG_AT(rows.count))));
        return rows;
    }
    return several ? *list : tg_datum_tuple(tg_call_ctx(call), list, 1);
}

/* A condition in x's shape: of its first axes, as a mask is. */
static tg_array *mask_of(tg_ctx *ctx, const tg_datum *condition, const tg_array *x)
{
    tg_array *mask = tg_astype(tg_datum_to_array(ctx, condition), TG_BOOL);

    while (tg_array_status(mask) == TG_OK && tg_ndim(mask) > 0 && tg_ndim(mask) < tg_ndim(x))
        mask = tg_expand_dims(mask, TG_AXES(-1));
    return tg_broadcast_to(mask, tg_ndim(x), tg_shape(x));
}

/* y with f(x) where a condition holds: everywhere if f is elementwise, else of the elements. */
static tg_status put_function(tg_call *call, const tg_datum *function, tg_array *x, tg_array *mask,
                              tg_array **y)
{
    tg_status status = TG_OK;
    tg_ctx *ctx = tg_call_ctx(call);
    const tg_datum *args = tg_call_datum(call, "args"), *others = tg_call_datum(call, "kw");
    tg_datum *values = tg_datum_items(ctx, args->count + 1), result, probe;
    tg_array *picked, *part, *whole;

    TG_NEED(values, TG_ENOMEM, "arguments");
    if (args->count > 0)
        memcpy(values + 1, args->items, (size_t)args->count * sizeof *values);
    picked = tg_extract(mask, x);
    TG_TRY(tg_array_status(picked));
    if (tg_size(picked) == 0)
        return TG_OK;
    values[0] = tg_datum_array(picked);
    TG_TRY(tg_call_function(ctx, function, values, (int)args->count + 1, others, &probe));
    part = tg_datum_to_array(ctx, &probe);
    values[0] = tg_datum_array(tg_ravel(x));
    whole = part;
    if (tg_call_function(ctx, function, values, (int)args->count + 1, others, &result) == TG_OK)
        whole = tg_datum_to_array(ctx, &result);
    if (tg_elementwise_alike(part, &picked, whole, &values[0].array, 1)) {
        whole = tg_astype(tg_reshape(whole, tg_ndim(x), tg_shape(x)), tg_dtype_of(*y));
        *y = tg_where(mask, whole, *y);
    } else {
        tg_index item = {.kind = TG_INDEX_MASK, .array = tg_ravel(mask)};

        whole = tg_set_slice(tg_ravel(*y), &item, 1, part);
        *y = tg_reshape(whole, tg_ndim(x), tg_shape(x));
    }
    TG_TRY(tg_array_status(*y));
out:
    return status;
}

static tg_datum build_piecewise(tg_call *call)
{
    tg_ctx *ctx = tg_call_ctx(call);
    tg_array *x = tg_call_array(call, "x"), *y, *mask, *rest = NULL;
    const tg_datum *functions = tg_call_datum(call, "funclist");
    tg_datum conditions = conditions_of(call, x);
    int64_t n = conditions.count;

    if (!tg_datum_is_sequence(functions) || (functions->count != n && functions->count != n + 1))
        return tg_call_fail(call,
                            "with %lld condition(s), either %lld or %lld functions are expected",
                            (long long)n, (long long)n, (long long)n + 1);
    x = tg_astype(x, tg_dtype_of(x)); /* a Python number is an array here */
    y = tg_full_like(x, tg_int(ctx, 0), tg_dtype_of(x), NULL);
    for (int64_t i = 0; i < functions->count && !tg_call_failed(call); i++) {
        const tg_datum *function = &functions->items[i];

        if (i < n) {
            mask = mask_of(ctx, &conditions.items[i], x);
            rest = rest ? tg_logical_or(rest, mask) : mask;
        } else {
            mask = tg_logical_not(rest);
        }
        if (function->kind == TG_DATUM_FUNCTION || function->kind == TG_DATUM_METHOD)
            tg_call_status(call, put_function(call, function, x, mask, &y));
        else
            y = tg_where(mask, tg_astype(tg_datum_to_array(ctx, function), tg_dtype_of(y)), y);
    }
    return tg_datum_array(y);
}

#define ATTRIBUTE(name_, text, build_)                                                             \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_INDEX, .signature = "a", .attribute = true,              \
        .dask = "Array." name_, .shape = (text), .dtype = "Python's", .build = (build_)            \
    }

static const tg_operator rows[] = {
    ATTRIBUTE("shape", "a tuple of lengths", build_shape),
    ATTRIBUTE("ndim", "a number", build_ndim),
    ATTRIBUTE("size", "a number", build_size),
    ATTRIBUTE("dtype", "an element type", build_dtype),
    ATTRIBUTE("itemsize", "bytes of an element", build_itemsize),
    ATTRIBUTE("nbytes", "bytes of all elements", build_nbytes),
    ATTRIBUTE("chunks", "a tuple of chunk lengths for each axis", build_chunks),
    ATTRIBUTE("chunksize", "a tuple of the longest chunk of each axis", build_chunksize),
    ATTRIBUTE("numblocks", "a tuple of how many chunks each axis has", build_numblocks),
    ATTRIBUTE("npartitions", "how many chunks there are", build_npartitions),
    {.name = "take",
     .kind = TG_CLASS_INDEX,
     .signature = "a, indices, axis=None, out=None, mode='raise'",
     .method = "indices, axis=None, out=None, mode='raise'",
     .dask = "take",
     .shape = "the axis replaced by those of indices",
     .dtype = "as a",
     .cost = "indices that are computed are computed at once",
     .build = build_take},
    {.name = "compress",
     .kind = TG_CLASS_INDEX,
     .signature = "condition, a, axis=None, out=None",
     .method = "condition, axis=None, out=None",
     .dask = "compress",
     .shape = "the axis as long as condition is true",
     .dtype = "as a",
     .cost = "the condition is computed at once",
     .build = build_compress},
    {.name = "extract",
     .kind = TG_CLASS_INDEX,
     .signature = "condition, arr",
     .dask = "extract",
     .shape = "one axis, as long as condition is true",
     .dtype = "as arr",
     .cost = "the condition is counted at once",
     .build = build_extract},
    {.name = "piecewise",
     .kind = TG_CLASS_INDEX,
     .signature = "x, condlist, funclist, *args, **kw",
     .dask = "piecewise",
     .shape = "as x",
     .dtype = "as x",
     .cost = "where() for numbers and elementwise functions; others get the elements, whose places "
             "come to rank 0",
     .build = build_piecewise},
    {.name = "nonzero",
     .kind = TG_CLASS_INDEX,
     .signature = "a",
     .method = "",
     .dask = "nonzero",
     .shape = "a tuple: one axis for each of a's",
     .dtype = "int64",
     .cost = "counted at once",
     .build = build_nonzero},
    {.name = "flatnonzero",
     .kind = TG_CLASS_INDEX,
     .signature = "a",
     .dask = "flatnonzero",
     .shape = "one axis",
     .dtype = "int64",
     .cost = "counted at once",
     .build = build_flatnonzero},
    {.name = "argwhere",
     .kind = TG_CLASS_INDEX,
     .signature = "a",
     .dask = "argwhere",
     .shape = "(n, a.ndim)",
     .dtype = "int64",
     .cost = "counted at once",
     .build = build_argwhere},
};

const tg_family tg_family_index = TG_FAMILY(rows);
