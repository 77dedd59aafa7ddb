/* SPDX-License-Identifier: BSD-3-Clause */
/* Operators on axes, joining and splitting. */
#include <inttypes.h>
#include <string.h>
#include <tegula/create.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/datum.h"
#include "call/table.h"
#include "expr/node.h"

/* Arrays converted where the call names a dtype. */
static tg_array *const *operands(tg_call *call, const char *name, int *count)
{
    tg_array *const *arrays = tg_call_arrays(call, name, count);
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_FLOAT64);
    tg_array **cast = tg_ctx_alloc(tg_call_ctx(call), (size_t)(*count + 1) * sizeof *cast);

    tg_call_no_out(call);
    if (!cast || tg_call_failed(call) || *count == 0)
        return arrays;
    if (!tg_call_given(call, "dtype"))
        dtype = tg_result_type_weak(arrays, *count);
    for (int i = 0; i < *count; i++) {
        tg_dtype own = tg_dtype_of(arrays[i]);
        const char *casting = tg_call_text(call, "casting");

        if (!tg_call_can_cast(call, own, dtype, casting))
            tg_call_fail(call, "Cannot cast array data from %s to %s according to the rule '%s'",
                         tg_dtype_name(own), tg_dtype_name(dtype), casting);
        cast[i] = tg_astype(arrays[i], dtype);
    }
    return tg_call_given(call, "dtype") ? cast : arrays;
}

/* axis=None: all raveled. */
static tg_datum build_concatenate(tg_call *call)
{
    int count;
    tg_array *const *arrays = operands(call, "arrays", &count);
    tg_array **flat = tg_ctx_alloc(tg_call_ctx(call), (size_t)(count + 1) * sizeof *flat);

    if (tg_call_datum(call, "axis")->kind != TG_DATUM_NONE || !flat)
        return tg_datum_array(tg_concatenate(arrays, count, tg_call_axis(call, "axis")));
    for (int i = 0; i < count; i++)
        flat[i] = tg_ravel(arrays[i]);
    return tg_datum_array(tg_concatenate(flat, count, 0));
}

static tg_datum build_transpose(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    int64_t values[TG_MAX_NDIM];
    int axes[TG_MAX_NDIM];

    if (tg_call_datum(call, "axes")->kind == TG_DATUM_NONE)
        return tg_datum_array(tg_transpose(a, NULL));
    int count = tg_call_ints(call, "axes", values, TG_MAX_NDIM);
    for (int i = 0; i < count; i++)
        axes[i] = (int)values[i];
    if (count != tg_ndim(a))
        return tg_call_fail(call, "axes don't match array: %d axes for an array of %d", count,
                            tg_ndim(a));
    return tg_datum_array(tg_transpose(a, axes));
}

static tg_datum build_reversed(tg_call *call)
{
    return tg_datum_array(tg_transpose(tg_call_array(call, "a"), NULL));
}

static tg_datum build_rechunk(tg_call *call)
{
    tg_array *a = tg_call_array(call, "x");

    return tg_datum_array(tg_rechunk(a, tg_call_chunks(call, "chunks", tg_ndim(a), a)));
}

/* Whether elements are counted along the first axis first. 'A' and 'K' ask for the order in memory,
 * which is 'C' for all arrays here. */
static bool is_fortran(tg_call *call)
{
    const char *order = tg_call_text(call, "order");

    if (!order || strlen(order) != 1 || !strchr("CFAK", order[0]))
        tg_call_fail(call, "order must be one of 'C', 'F', 'A', or 'K' (got '%s')",
                     order ? order : "");
    return order && order[0] == 'F';
}

/* In Fortran's order: the reversed axes in C's order to the reversed shape. */
static tg_datum build_reshape(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    int64_t shape[TG_MAX_NDIM], reversed[TG_MAX_NDIM];
    int ndim = tg_call_shape(call, "shape", shape);

    if (tg_call_text(call, "order") && strcmp(tg_call_text(call, "order"), "K") == 0)
        return tg_call_fail(call, "order 'K' is not permitted for reshaping");
    if (!is_fortran(call))
        return tg_datum_array(tg_reshape(a, ndim, shape));
    for (int d = 0; d < ndim; d++)
        reversed[d] = shape[ndim - 1 - d];
    return tg_datum_array(tg_transpose(tg_reshape(tg_transpose(a, NULL), ndim, reversed), NULL));
}

static tg_datum build_ravel(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");

    return tg_datum_array(tg_ravel(is_fortran(call) ? tg_transpose(a, NULL) : a));
}

static tg_datum build_flat(tg_call *call)
{
    return tg_datum_array(tg_ravel(tg_call_array(call, "a")));
}

static tg_datum build_matrix_transpose(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");

    if (!tg_call_failed(call) && tg_ndim(a) < 2)
        return tg_call_fail(call, "matrix transpose with ndim < 2 is undefined");
    return tg_datum_array(tg_swapaxes(a, -2, -1));
}

static tg_datum build_squeeze(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    tg_axes axes = tg_call_axes(call, "axis");

    if (tg_ndim(a) == 0 && axes.count == 1 && (axes.axis[0] == 0 || axes.axis[0] == -1))
        return tg_datum_array(a); /* NumPy lets a number pass */
    return tg_datum_array(tg_squeeze(a, axes));
}

static tg_datum build_expand_dims(tg_call *call)
{
    if (tg_call_datum(call, "axis")->kind == TG_DATUM_NONE)
        return tg_call_fail(call, "'NoneType' object cannot be interpreted as an integer: axis");
    return tg_datum_array(
        tg_expand_dims(tg_call_array(call, "a"), tg_call_axis_list(call, "axis")));
}

/* atleast_1d, _2d, _3d: one array gives one, several a tuple. */
static tg_datum build_atleast(tg_call *call)
{
    int count = 0, ndim = tg_call_operator(call)->name[8] - '0';
    tg_array *const *arrays = tg_call_arrays(call, "arys", &count);
    tg_array **out = tg_ctx_alloc(tg_call_ctx(call), (size_t)(count > 0 ? count : 1) * sizeof *out);

    for (int i = 0; i < count && out; i++)
        out[i] = ndim == 1   ? tg_atleast_1d(arrays[i])
                 : ndim == 2 ? tg_atleast_2d(arrays[i])
                             : tg_atleast_3d(arrays[i]);
    if (count == 1 && out)
        return tg_datum_array(out[0]);
    return tg_datum_arrays(tg_call_ctx(call), out, out ? count : 0);
}

static tg_datum build_moveaxis(tg_call *call)
{
    tg_axes from = tg_call_axis_list(call, "source"), to = tg_call_axis_list(call, "destination");

    if (from.count != to.count)
        return tg_call_fail(
            call, "`source` and `destination` arguments must have the same number of elements");
    return tg_datum_array(tg_moveaxis(tg_call_array(call, "a"), from.count, from.axis, to.axis));
}

static tg_datum build_rollaxis(tg_call *call)
{
    return tg_datum_array(tg_rollaxis(tg_call_array(call, "a"), tg_call_axis(call, "axis"),
                                      (int)tg_call_int(call, "start")));
}

static tg_datum build_swapaxes(tg_call *call)
{
    return tg_datum_array(tg_swapaxes(tg_call_array(call, "a"), tg_call_axis(call, "axis1"),
                                      tg_call_axis(call, "axis2")));
}

static tg_datum build_broadcast_to(tg_call *call)
{
    int64_t shape[TG_MAX_NDIM];
    int ndim = tg_call_shape(call, "shape", shape);

    return tg_datum_array(tg_broadcast_to(tg_call_array(call, "array"), ndim, shape));
}

static tg_datum build_broadcast_arrays(tg_call *call)
{
    int count = 0;
    tg_array *const *arrays = tg_call_arrays(call, "args", &count);
    tg_array **out = tg_ctx_alloc(tg_call_ctx(call), (size_t)(count + 1) * sizeof *out);

    if (!out)
        return tg_call_status(call, TG_ENOMEM);
    tg_call_status(call, tg_broadcast_arrays(arrays, count, out));
    return tg_datum_arrays(tg_call_ctx(call), out, tg_call_failed(call) ? 0 : count);
}

static tg_datum build_stack(tg_call *call)
{
    int count = 0;
    tg_array *const *arrays = operands(call, "arrays", &count);

    return tg_datum_array(tg_stack(arrays, count, tg_call_axis(call, "axis")));
}

/* hstack, vstack, dstack: which one is in the row's name. */
static tg_datum build_xstack(tg_call *call)
{
    int count = 0;
    tg_array *const *arrays = operands(call, "tup", &count);
    char which = tg_call_operator(call)->name[0];

    return tg_datum_array(which == 'h'   ? tg_hstack(arrays, count)
                          : which == 'v' ? tg_vstack(arrays, count)
                                         : tg_dstack(arrays, count));
}

/* NumPy joins blocks of up to so many elements (times the levels of lists) level by level, each
 * with a dtype of its own; in larger ones all arrays are promoted together. */
#define BY_CONCATENATION (2 * 512 * 512)

/* numpy.block: its arrays in the order in which they are written. */
struct blocks {
    tg_array **arrays;
    int64_t count, next;
    int depth, ndim; /* levels of lists; axes of the result */
};

/* How many arrays there are, all below as many lists. */
static tg_status count_blocks(const tg_datum *datum, int depth, struct blocks *blocks)
{
    tg_status status = TG_OK;

    TG_NEED(datum->kind != TG_DATUM_TUPLE, TG_EARG,
            "arrays at depth %d is a tuple. Only lists can be used to arrange blocks", depth);
    if (datum->kind != TG_DATUM_LIST) {
        blocks->depth = blocks->count++ == 0 ? depth : blocks->depth;
        TG_NEED(
            blocks->depth == depth, TG_EARG,
            "List depths are mismatched. First element was at depth %d, but there is an element "
            "at depth %d",
            blocks->depth, depth);
    }
    for (int64_t i = 0; datum->kind == TG_DATUM_LIST && i < datum->count; i++)
        TG_TRY(count_blocks(&datum->items[i], depth + 1, blocks));
    TG_NEED(datum->kind != TG_DATUM_LIST || datum->count > 0, TG_EARG,
            "List at depth %d cannot be empty", depth);
out:
    return status;
}

static void list_blocks(tg_ctx *ctx, const tg_datum *datum, struct blocks *blocks)
{
    tg_array *a;

    for (int64_t i = 0; datum->kind == TG_DATUM_LIST && i < datum->count; i++)
        list_blocks(ctx, &datum->items[i], blocks);
    if (datum->kind == TG_DATUM_LIST)
        return;
    blocks->arrays[blocks->next++] = a = tg_datum_to_array(ctx, datum);
    blocks->ndim = tg_ndim(a) > blocks->ndim ? tg_ndim(a) : blocks->ndim;
}

/* Lists at the deepest level are joined along the last axis, those above along the one before, and
 * so on; `depth` levels of lists are below. */
static tg_array *join_blocks(tg_ctx *ctx, const tg_datum *datum, int depth, struct blocks *blocks)
{
    tg_array **parts, *a;

    blocks->next = depth == blocks->depth ? 0 : blocks->next;
    if (datum->kind != TG_DATUM_LIST) {
        a = blocks->arrays[blocks->next++];
        while (tg_array_status(a) == TG_OK && tg_ndim(a) < blocks->ndim)
            a = tg_expand_dims(a, TG_AXES(0));
        return a;
    }
    parts = tg_ctx_alloc(ctx, (size_t)(datum->count + 1) * sizeof *parts);
    for (int64_t i = 0; parts && i < datum->count; i++)
        parts[i] = join_blocks(ctx, &datum->items[i], depth - 1, blocks);
    return tg_concatenate(parts, (int)datum->count, -depth);
}

static tg_datum build_block(tg_call *call)
{
    const tg_datum *arrays = tg_call_datum(call, "arrays");
    tg_ctx *ctx = tg_call_ctx(call);
    struct blocks blocks = {0};
    tg_array *joined;
    tg_dtype dtype;

    tg_call_status(call, count_blocks(arrays, 0, &blocks));
    blocks.arrays = tg_ctx_alloc(ctx, (size_t)(blocks.count + 1) * sizeof(tg_array *));
    if (!blocks.arrays || tg_call_failed(call))
        return tg_call_status(call, blocks.arrays ? TG_OK : TG_ENOMEM);
    blocks.ndim = blocks.depth;
    list_blocks(ctx, arrays, &blocks);
    joined = join_blocks(ctx, arrays, blocks.depth, &blocks);
    if (tg_array_status(joined) != TG_OK || blocks.depth * tg_size(joined) <= BY_CONCATENATION)
        return tg_datum_array(joined);
    dtype = tg_result_type(blocks.arrays, (int)blocks.count);
    for (int64_t i = 0; i < blocks.count; i++)
        blocks.arrays[i] = tg_astype(blocks.arrays[i], dtype);
    return tg_datum_array(join_blocks(ctx, arrays, blocks.depth, &blocks));
}

/* axis=None: both raveled. */
static tg_datum build_append(tg_call *call)
{
    tg_array *a = tg_call_array(call, "arr"), *b = tg_call_array(call, "values");

    if (!tg_call_given(call, "axis"))
        return tg_datum_array(tg_append(tg_ravel(a), tg_ravel(b), 0));
    return tg_datum_array(tg_append(a, b, tg_call_axis(call, "axis")));
}

/* Values for one place that was given as a list get the array's axes in front. */
static tg_array *with_axes(tg_array *values, int ndim)
{
    while (tg_array_status(values) == TG_OK && tg_ndim(values) < ndim)
        values = tg_expand_dims(values, TG_AXES(0));
    return values;
}

static tg_datum build_insert(tg_call *call)
{
    int axis;
    tg_array *a = tg_call_along(call, "arr", &axis), *values = tg_call_array(call, "values");
    int64_t count, *list, n = tg_call_failed(call) ? 0 : tg_shape(a)[axis];
    const tg_datum *obj = tg_call_datum(call, "obj");
    bool plain;

    if (obj->kind != TG_DATUM_SLICE && !tg_call_failed(call) &&
        tg_ndim(tg_call_array(call, "obj")) > 1)
        return tg_call_fail(call, "index array argument obj to insert must be one dimensional or "
                                  "scalar");
    list = tg_call_failed(call) ? NULL : tg_call_places(call, "obj", n, &count, &plain);
    tg_call_status(call, tg_datum_check_dtype(tg_call_datum(call, "values"), tg_dtype_of(a)));
    if (!list)
        return tg_datum_array(a);
    if (count != 1)
        return tg_datum_array(tg_insert_places(a, list, count, values, axis));
    values = with_axes(values, tg_ndim(a));
    if (plain) /* the first axis of the values is that of the array */
        values = tg_moveaxis(values, 1, (int[]){0}, &axis);
    return tg_datum_array(tg_insert(a, list[0], values, axis));
}

static tg_datum build_delete(tg_call *call)
{
    int axis;
    tg_array *a = tg_call_along(call, "arr", &axis);
    int64_t count, *list, n = tg_call_failed(call) ? 0 : tg_shape(a)[axis];

    list = tg_call_failed(call) ? NULL : tg_call_places(call, "obj", n, &count, NULL);
    return tg_datum_array(list ? tg_delete(a, list, count, axis) : a);
}

/* Where a row of the split family cuts: its axis. */
static int split_axis(tg_call *call, const tg_array *a)
{
    const char *name = tg_call_operator(call)->name;

    switch (name[0]) {
    case 'h':
        return tg_ndim(a) > 1;
    case 'v':
    case 'd':
        if (tg_ndim(a) < (name[0] == 'v' ? 2 : 3))
            tg_call_fail(call, "%s only works on arrays of %d or more dimensions", name,
                         name[0] == 'v' ? 2 : 3);
        return name[0] == 'v' ? 0 : 2;
    default:
        return tg_call_axis(call, "axis");
    }
}

/* A number: so many parts of equal length (array_split: as equal as can be); a list: where. */
static tg_datum build_split(tg_call *call)
{
    const tg_datum *how = tg_call_datum(call, "indices_or_sections");
    tg_array *a = tg_call_array(call, "ary"), **out = NULL;
    int axis = split_axis(call, a), d = axis < 0 ? axis + tg_ndim(a) : axis;
    int64_t n = d >= 0 && d < tg_ndim(a) ? tg_shape(a)[d] : 0, count = 0, *at = NULL;
    tg_datum result;

    if (how->kind != TG_DATUM_SLICE && !tg_datum_is_sequence(how) &&
        !(how->kind == TG_DATUM_ARRAY && tg_ndim(how->array) > 0)) {
        int64_t parts = tg_call_int(call, "indices_or_sections");

        if (parts < 1)
            return tg_call_fail(call, "number sections must be larger than 0.");
        if (n % parts && strcmp(tg_call_operator(call)->name, "array_split") != 0)
            return tg_call_fail(call, "array split does not result in an equal division");
        at = tg_ctx_alloc(tg_call_ctx(call), (size_t)parts * sizeof *at);
        for (; at && count < parts - 1; count++)
            at[count] = (count ? at[count - 1] : 0) + n / parts + (count < n % parts);
    } else {
        at = tg_call_places(call, "indices_or_sections", n, &count, NULL);
    }
    out = tg_ctx_alloc(tg_call_ctx(call), (size_t)(count + 1) * sizeof *out);
    if (!at || !out)
        return tg_call_status(call, TG_ENOMEM);
    tg_call_status(call, tg_split(a, at, count, axis, out));
    result = tg_datum_arrays(tg_call_ctx(call), out, tg_call_failed(call) ? 0 : (int)count + 1);
    result.kind = TG_DATUM_LIST;
    return result;
}

#define STACK(name_, text)                                                                         \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_SHAPE,                                                   \
        .signature = "tup, *, dtype=None, casting='same_kind'", .dask = (name_), .shape = (text),  \
        .dtype = "promoted", .cost = "nothing is copied", .build = build_xstack                    \
    }

#define ATLEAST(name_)                                                                             \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_SHAPE, .signature = "*arys", .dask = (name_),            \
        .shape = "axes of length 1 put in", .dtype = "as each", .cost = "nothing is copied",       \
        .build = build_atleast                                                                     \
    }

#define SPLIT(name_, signature_, dask_)                                                            \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_SHAPE, .signature = signature_, .dask = (dask_),         \
        .shape = "a list of parts", .dtype = "as ary", .build = build_split                        \
    }

static const tg_operator rows[] = {
    {.name = "concatenate",
     .aliases = "concat",
     .kind = TG_CLASS_SHAPE,
     .signature = "arrays, /, axis=0, out=None, *, dtype=None, casting='same_kind'",
     .dask = "concatenate",
     .shape = "lengths along the axis added",
     .dtype = "promoted",
     .cost = "nothing is copied",
     .build = build_concatenate},
    {.name = "transpose",
     .aliases = "permute_dims",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, axes=None",
     .method = "*axes",
     .dask = "transpose",
     .shape = "axes in the order given, reversed for None",
     .dtype = "as a",
     .cost = "cancels or moves to small arrays where it can",
     .build = build_transpose},
    {.name = "T",
     .kind = TG_CLASS_SHAPE,
     .signature = "a",
     .attribute = true,
     .dask = "Array.T",
     .shape = "axes reversed",
     .dtype = "as a",
     .build = build_reversed},
    {.name = "rechunk",
     .kind = TG_CLASS_SHAPE,
     .signature = "x, chunks='auto'",
     .method = "chunks='auto'",
     .dask = "rechunk",
     .shape = "as x",
     .dtype = "as x",
     .build = build_rechunk},
    {.name = "reshape",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, shape, order='C'",
     .method = "*shape, order='C'",
     .dask = "reshape",
     .shape = "shape",
     .dtype = "as a",
     .cost = "nothing is copied where chunks stay contiguous",
     .build = build_reshape},
    {.name = "ravel",
     .aliases = "flatten",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, order='C'",
     .method = "order='C'",
     .dask = "ravel",
     .shape = "one axis",
     .dtype = "as a",
     .build = build_ravel},
    {.name = "flat",
     .kind = TG_CLASS_SHAPE,
     .signature = "a",
     .attribute = true,
     .shape = "one axis",
     .dtype = "as a",
     .build = build_flat},
    {.name = "mT",
     .kind = TG_CLASS_SHAPE,
     .signature = "a",
     .attribute = true,
     .shape = "the last two axes swapped",
     .dtype = "as a",
     .build = build_matrix_transpose},
    {.name = "squeeze",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, axis=None",
     .method = "axis=None",
     .dask = "squeeze",
     .shape = "axes of length 1 dropped",
     .dtype = "as a",
     .cost = "nothing is copied",
     .build = build_squeeze},
    {.name = "expand_dims",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, axis",
     .dask = "expand_dims",
     .shape = "axes of length 1 put in",
     .dtype = "as a",
     .cost = "nothing is copied",
     .build = build_expand_dims},
    ATLEAST("atleast_1d"),
    ATLEAST("atleast_2d"),
    ATLEAST("atleast_3d"),
    {.name = "moveaxis",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, source, destination",
     .dask = "moveaxis",
     .shape = "axes moved",
     .dtype = "as a",
     .build = build_moveaxis},
    {.name = "rollaxis",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, axis, start=0",
     .dask = "rollaxis",
     .shape = "an axis moved before another",
     .dtype = "as a",
     .build = build_rollaxis},
    {.name = "swapaxes",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, axis1, axis2",
     .method = "axis1, axis2",
     .dask = "swapaxes",
     .shape = "two axes swapped",
     .dtype = "as a",
     .build = build_swapaxes},
    {.name = "broadcast_to",
     .kind = TG_CLASS_SHAPE,
     .signature = "array, shape, subok=False",
     .dask = "broadcast_to",
     .shape = "shape",
     .dtype = "as array",
     .cost = "no memory",
     .build = build_broadcast_to},
    {.name = "broadcast_arrays",
     .kind = TG_CLASS_SHAPE,
     .signature = "*args, subok=False",
     .dask = "broadcast_arrays",
     .shape = "broadcast, each",
     .dtype = "as each",
     .cost = "no memory",
     .build = build_broadcast_arrays},
    {.name = "stack",
     .kind = TG_CLASS_SHAPE,
     .signature = "arrays, axis=0, out=None, *, dtype=None, casting='same_kind'",
     .dask = "stack",
     .shape = "a new axis",
     .dtype = "promoted",
     .cost = "nothing is copied",
     .build = build_stack},
    STACK("hstack", "second axes joined; of vectors the first"),
    STACK("vstack", "first axes joined; vectors are rows"),
    STACK("dstack", "third axes joined"),
    {.name = "block",
     .kind = TG_CLASS_SHAPE,
     .signature = "arrays",
     .dask = "block",
     .shape = "nested lists joined from the last axis up",
     .dtype = "promoted",
     .build = build_block},
    {.name = "append",
     .kind = TG_CLASS_SHAPE,
     .signature = "arr, values, axis=None",
     .dask = "append",
     .shape = "lengths along the axis added",
     .dtype = "promoted",
     .build = build_append},
    {.name = "insert",
     .kind = TG_CLASS_SHAPE,
     .signature = "arr, obj, values, axis=None",
     .dask = "insert",
     .shape = "the axis longer by the values",
     .dtype = "as arr",
     .build = build_insert},
    {.name = "delete",
     .kind = TG_CLASS_SHAPE,
     .signature = "arr, obj, axis=None",
     .dask = "delete",
     .shape = "the axis shorter",
     .dtype = "as arr",
     .build = build_delete},
    SPLIT("split", "ary, indices_or_sections, axis=0", NULL),
    SPLIT("array_split", "ary, indices_or_sections, axis=0", NULL),
    SPLIT("hsplit", "ary, indices_or_sections", NULL),
    SPLIT("vsplit", "ary, indices_or_sections", NULL),
    SPLIT("dsplit", "ary, indices_or_sections", NULL),
};

const tg_family tg_family_shape = TG_FAMILY(rows);
