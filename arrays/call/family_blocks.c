/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Functions of blocks. What a line can give is an operator or a lambda of operators, which is lazy;
 * it is called for each block (call/block_calls.h). C functions on blocks are in
 * <tegula/blocks.h>.
 */
#include <inttypes.h>
#include <string.h>

#include <tegula/blocks.h>
#include <tegula/index.h>

#include "call/arguments.h"
#include "call/block_calls.h"
#include "call/gufunc.h"
#include "call/table.h"
#include "expr/node.h"

/* The calls of a row, with the function and its keyword arguments. */
static tg_block_calls *begin(tg_call *call)
{
    tg_block_calls *calls = tg_ctx_alloc(tg_call_ctx(call), sizeof *calls);

    if (!calls) {
        tg_call_status(call, TG_ENOMEM);
        return NULL;
    }
    memset(calls, 0, sizeof *calls);
    calls->name = tg_call_operator(call)->name;
    calls->function = tg_call_datum(call, "func");
    calls->others = tg_call_datum(call, "kwargs");
    return calls;
}

/* One more argument; an array's labels are set by the caller. */
static tg_block_argument *add(tg_call *call, tg_block_calls *calls, const tg_datum *value)
{
    tg_block_argument *argument = &calls->argument[calls->count];

    if (calls->count == TG_MOST_BLOCK_ARGUMENTS) {
        tg_call_fail(call, "%s: more than %d arguments", calls->name, TG_MOST_BLOCK_ARGUMENTS);
        return argument;
    }
    calls->count++;
    argument->value = *value;
    if (value->kind == TG_DATUM_ARRAY) {
        argument->array = value->array;
        tg_call_status(call, tg_array_status(value->array));
    }
    return argument;
}

/* The array of the method, then what *args are. */
static void add_all(tg_call *call, tg_block_calls *calls)
{
    const tg_datum *args = tg_call_datum(call, "args");

    if (tg_call_self(call))
        add(call, calls, tg_call_self(call));
    for (int64_t i = 0; i < args->count; i++)
        add(call, calls, &args->items[i]);
}

static int most_axes(const tg_block_calls *calls)
{
    int most = 0;

    for (int i = 0; i < calls->count; i++)
        if (calls->argument[i].array && calls->argument[i].array->ndim > most)
            most = calls->argument[i].array->ndim;
    return most;
}

static tg_datum finish(tg_call *call, tg_block_calls *calls)
{
    tg_array *out = NULL;

    if (!tg_call_failed(call))
        tg_call_status(call, tg_block_calls_run(tg_call_ctx(call), calls, &out));
    if (tg_call_failed(call))
        return (tg_datum){0};
    return tg_datum_array(tg_astype(out, tg_call_dtype(call, "dtype", out->dtype)));
}

/* Axes of an array of `ndim` axes that are named, none where the argument was not given. */
static void marked_axes(tg_call *call, const char *name, int ndim, bool *marked)
{
    int64_t axes[TG_MAX_NDIM];
    int count = tg_call_given(call, name) ? tg_call_ints(call, name, axes, TG_MAX_NDIM) : 0;

    memset(marked, 0, TG_MAX_NDIM * sizeof *marked);
    for (int i = 0; i < count; i++) {
        int64_t axis = axes[i] < 0 ? axes[i] + ndim : axes[i];

        if (axis < 0 || axis >= ndim)
            tg_call_fail(call, "%s: %s %" PRId64 " is out of bounds for %d axes",
                         tg_call_operator(call)->name, name, axes[i], ndim);
        else
            marked[axis] = true;
    }
}

/* Labels by axis of the arrays, which are aligned from the last: kept ones are the result's,
 * between which stand the new ones; dropped ones come after all. */
static void label_axes(tg_call *call, tg_block_calls *calls)
{
    bool dropped[TG_MAX_NDIM], added[TG_MAX_NDIM];
    int label[TG_MAX_NDIM], ndim = most_axes(calls), kept = ndim, nadded = 0, axis = 0;

    marked_axes(call, "drop_axis", ndim, dropped);
    for (int d = 0; d < ndim; d++)
        kept -= dropped[d];
    if (tg_call_given(call, "new_axis")) {
        int64_t axes[TG_MAX_NDIM];

        nadded = tg_call_ints(call, "new_axis", axes, TG_MAX_NDIM);
    }
    if (kept + nadded > TG_MAX_NDIM)
        tg_call_fail(call, "map_blocks: a result of more than %d axes", TG_MAX_NDIM);
    marked_axes(call, "new_axis", kept + nadded, added);
    if (tg_call_failed(call))
        return;
    calls->nout = kept + nadded;
    calls->nlabels = calls->nout;
    for (int d = 0; d < ndim; d++) {
        while (!dropped[d] && axis < calls->nout && added[axis])
            axis++;
        label[d] = dropped[d] ? calls->nlabels++ : axis++;
    }
    for (int i = 0; i < calls->count; i++) {
        tg_array *a = calls->argument[i].array;

        for (int d = 0; a && d < a->ndim; d++)
            calls->argument[i].label[d] = label[ndim - a->ndim + d];
    }
}

static tg_datum build_map_blocks(tg_call *call)
{
    tg_block_calls *calls = begin(call);

    if (!calls)
        return (tg_datum){0};
    add_all(call, calls);
    calls->concatenate = true;
    if (!tg_call_failed(call))
        label_axes(call, calls);
    if (!tg_call_failed(call))
        tg_call_status(call, tg_block_calls_align(tg_call_ctx(call), calls));
    return finish(call, calls);
}

/* Letters of a text or integers of a tuple, as numbers that tell them apart. */
static int indices_of(tg_call *call, const tg_datum *datum, int64_t *out)
{
    int n = 0;

    if (datum->kind == TG_DATUM_TEXT) {
        for (const char *c = datum->text; *c && n < TG_MAX_NDIM; c++)
            out[n++] = -1 - (int64_t)(unsigned char)*c;
        return n;
    }
    if (!tg_datum_is_sequence(datum) || datum->count > TG_MAX_NDIM) {
        tg_call_fail(call, "blockwise: an index is a text with a letter for each axis, or a tuple");
        return 0;
    }
    for (; n < datum->count; n++) {
        const tg_datum *item = &datum->items[n];

        if (item->kind == TG_DATUM_TEXT)
            out[n] = -1 - (int64_t)(unsigned char)item->text[0];
        else
            tg_call_status(call, tg_datum_to_int(item, &out[n]));
    }
    return n;
}

/* Labels of the result, then of those that only arrays have. */
struct labels {
    int count;
    int64_t name[TG_MOST_LABELS];
};

static int label_of(tg_call *call, struct labels *labels, int64_t name)
{
    for (int l = 0; l < labels->count; l++)
        if (labels->name[l] == name)
            return l;
    if (labels->count == TG_MOST_LABELS) {
        tg_call_fail(call, "blockwise: more than %d indices", TG_MOST_LABELS);
        return 0;
    }
    labels->name[labels->count] = name;
    return labels->count++;
}

/* new_axes={'z': 5} or {'z': (5, 5)}: so many blocks. */
static void add_new_axes(tg_call *call, tg_block_calls *calls, struct labels *labels)
{
    const tg_datum *dict = tg_call_datum(call, "new_axes");

    for (int64_t i = 0; dict->kind == TG_DATUM_DICT && i < dict->count; i += 2) {
        int64_t name;
        tg_datum one = {.kind = TG_DATUM_TUPLE, .items = &dict->items[i], .count = 1};

        if (indices_of(call, &one, &name) == 1)
            calls->blocks[label_of(call, labels, name)] =
                tg_datum_is_sequence(&dict->items[i + 1]) ? dict->items[i + 1].count : 1;
    }
}

static tg_datum build_blockwise(tg_call *call)
{
    tg_block_calls *calls = begin(call);
    const tg_datum *args = tg_call_datum(call, "args");
    struct labels labels = {0};
    int64_t names[TG_MAX_NDIM];

    if (!calls)
        return (tg_datum){0};
    calls->nout = indices_of(call, tg_call_datum(call, "out_ind"), labels.name);
    labels.count = calls->nout;
    if (args->count % 2)
        return tg_call_fail(call,
                            "blockwise: each array is followed by its index: %" PRId64 " arguments",
                            args->count);
    for (int64_t i = 0; i < args->count && !tg_call_failed(call); i += 2) {
        bool plain = args->items[i + 1].kind == TG_DATUM_NONE;
        tg_datum value = args->items[i];
        tg_block_argument *argument;
        int n;

        if (!plain)
            value = tg_datum_array(tg_datum_to_array(tg_call_ctx(call), &value));
        argument = add(call, calls, &value);
        if (plain || tg_call_failed(call)) {
            argument->array = NULL;
            continue;
        }
        n = indices_of(call, &args->items[i + 1], names);
        if (n != argument->array->ndim)
            return tg_call_fail(call, "blockwise: an index of %d letters for an array of %d axes",
                                n, argument->array->ndim);
        for (int d = 0; d < n; d++)
            argument->label[d] = label_of(call, &labels, names[d]);
    }
    add_new_axes(call, calls, &labels);
    calls->nlabels = labels.count;
    calls->concatenate = tg_call_given(call, "concatenate") && tg_call_bool(call, "concatenate");
    if (!tg_call_failed(call))
        tg_call_status(call, tg_call_bool(call, "align_arrays")
                                 ? tg_block_calls_align(tg_call_ctx(call), calls)
                                 : tg_block_calls_count(calls));
    return finish(call, calls);
}

/* What a dict, a tuple or one value for all says of an axis; NULL: nothing. */
static const tg_datum *entry_of(const tg_datum *datum, int axis, int ndim)
{
    if (datum->kind == TG_DATUM_DICT) {
        for (int64_t i = 0; i < datum->count; i += 2)
            if (datum->items[i].kind == TG_DATUM_INT &&
                (datum->items[i].integer == axis || datum->items[i].integer == axis - ndim))
                return &datum->items[i + 1];
        return NULL;
    }
    if (datum->kind == TG_DATUM_TUPLE || datum->kind == TG_DATUM_LIST)
        return axis < datum->count ? &datum->items[axis] : NULL;
    return datum;
}

static void set_depth(tg_call *call, const tg_datum *depth, int axis, tg_halo *halo)
{
    bool pair = depth && tg_datum_is_sequence(depth);

    if (!depth || depth->kind == TG_DATUM_NONE)
        return;
    if (pair && depth->count != 2) {
        tg_call_fail(call, "map_overlap: the depth of axis %d is a number or (before, after)",
                     axis);
        return;
    }
    tg_call_status(call, tg_datum_to_int(pair ? &depth->items[0] : depth, &halo->before[axis]));
    tg_call_status(call, tg_datum_to_int(pair ? &depth->items[1] : depth, &halo->after[axis]));
}

static void set_boundary(tg_call *call, const tg_datum *boundary, int axis, tg_halo *halo)
{
    static const struct {
        const char *name;
        tg_boundary boundary;
    } names[] = {
        {"none", TG_BOUNDARY_NONE},
        {"reflect", TG_BOUNDARY_REFLECT},
        {"nearest", TG_BOUNDARY_NEAREST},
        {"periodic", TG_BOUNDARY_PERIODIC},
    };

    halo->boundary[axis] = TG_BOUNDARY_NONE;
    if (!boundary || boundary->kind == TG_DATUM_NONE)
        return;
    if (boundary->kind != TG_DATUM_TEXT) {
        halo->boundary[axis] = TG_BOUNDARY_CONSTANT;
        tg_call_status(call, tg_datum_to_float(boundary, &halo->value[axis]));
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, boundary->text) == 0) {
            halo->boundary[axis] = names[i].boundary;
            return;
        }
    tg_call_fail(call,
                 "map_overlap: boundary '%s' of axis %d; there are 'none', 'reflect', 'nearest', "
                 "'periodic' and numbers",
                 boundary->text, axis);
}

/* A list holds what is said of each array. */
static const tg_datum *of_array(const tg_datum *datum, int i)
{
    return datum->kind != TG_DATUM_LIST ? datum : i < datum->count ? &datum->items[i] : NULL;
}

static void halo_of(tg_call *call, int i, int ndim, tg_halo *halo)
{
    const tg_datum *depth = of_array(tg_call_datum(call, "depth"), i);
    const tg_datum *boundary = of_array(tg_call_datum(call, "boundary"), i);

    memset(halo, 0, sizeof *halo);
    for (int d = 0; d < ndim; d++) {
        set_depth(call, depth ? entry_of(depth, d, ndim) : NULL, d, halo);
        set_boundary(call, boundary ? entry_of(boundary, d, ndim) : NULL, d, halo);
    }
}

/* The block without what its halo became. */
static tg_array *trim(const tg_block_calls *calls, tg_array *block, const int64_t *at)
{
    const tg_halo *halo = calls->data;
    tg_index items[TG_MAX_NDIM];

    for (int d = 0; d < calls->nout; d++) {
        bool none = halo->boundary[d] == TG_BOUNDARY_NONE;
        int64_t before = none && at[d] == 0 ? 0 : halo->before[d];
        int64_t after = none && at[d] == calls->blocks[d] - 1 ? 0 : halo->after[d];
        int64_t end = block->shape[d] - after;

        items[d] = TG_SLICE(before, end < before ? before : end, 1);
    }
    return tg_getitem(block, items, calls->nout);
}

/* Arrays with halos; that of the first of those with most axes is cut off in the end. */
static void overlap_all(tg_call *call, tg_block_calls *calls)
{
    tg_halo *halo = tg_ctx_alloc(tg_call_ctx(call), sizeof *halo), own;
    int number = 0;

    for (int i = 0; halo && i < calls->count && !tg_call_failed(call); i++) {
        tg_block_argument *argument = &calls->argument[i];

        if (!argument->array)
            continue;
        halo_of(call, number++, argument->array->ndim, &own);
        if (tg_call_failed(call))
            return;
        if (!calls->data && argument->array->ndim == calls->nout) {
            *halo = own;
            calls->data = halo;
        }
        argument->array = tg_overlap(argument->array, &own);
        tg_call_status(call, tg_array_status(argument->array));
    }
    if (!tg_call_failed(call))
        tg_call_status(call, halo ? tg_block_calls_count(calls) : TG_ENOMEM);
}

static tg_datum build_map_overlap(tg_call *call)
{
    tg_block_calls *calls = begin(call);
    const tg_datum *args = tg_call_datum(call, "args");

    if (!calls)
        return (tg_datum){0};
    if (calls->function->kind == TG_DATUM_ARRAY && args->count > 0 &&
        args->items[0].kind == TG_DATUM_FUNCTION) { /* Dask's older order: the array first */
        add(call, calls, calls->function);
        calls->function = &args->items[0];
    } else {
        add_all(call, calls);
    }
    calls->concatenate = true;
    calls->nout = calls->nlabels = most_axes(calls);
    for (int i = 0; i < calls->count; i++) {
        tg_array *a = calls->argument[i].array;

        for (int d = 0; a && d < a->ndim; d++)
            calls->argument[i].label[d] = calls->nout - a->ndim + d;
    }
    if (!tg_call_failed(call))
        tg_call_status(call, tg_block_calls_align(tg_call_ctx(call), calls));
    memset(calls->blocks, 0, sizeof calls->blocks); /* short chunks are merged */
    if (!tg_call_failed(call))
        overlap_all(call, calls);
    if (tg_call_bool(call, "trim"))
        calls->finish = trim;
    return finish(call, calls);
}

static tg_datum build_apply_along_axis(tg_call *call)
{
    tg_array *a = tg_call_array(call, "arr");
    const tg_datum *function = tg_call_datum(call, "func1d");
    int axis = tg_call_axis(call, "axis");
    tg_array *out = NULL;

    if (!tg_call_failed(call))
        tg_call_status(call, tg_apply_to_lines(tg_call_ctx(call), function, axis, a,
                                               tg_call_datum(call, "args"),
                                               tg_call_datum(call, "kwargs"), &out));
    if (tg_call_failed(call))
        return (tg_datum){0};
    return tg_datum_array(tg_astype(out, tg_call_dtype(call, "dtype", out->dtype)));
}

static tg_datum build_apply_gufunc(tg_call *call)
{
    return tg_apply_gufunc(call);
}

#define MAP_BLOCKS                                                                                 \
    "func, *args, name=None, token=None, dtype=None, chunks=None, drop_axis=None, new_axis=None, " \
    "enforce_ndim=False, meta=None, **kwargs"

static const tg_operator rows[] = {
    {.name = "map_blocks",
     .kind = TG_CLASS_BLOCKS,
     .signature = MAP_BLOCKS,
     .method = MAP_BLOCKS,
     .dask = "map_blocks",
     .shape = "of the function's blocks, joined",
     .dtype = "the function's, or dtype",
     .cost = "called for each block; once where the function is elementwise",
     .notes = "Dask's; func is an operator or a lambda; its blocks' shapes need not be told. In C: "
              "tg_map_blocks",
     .build = build_map_blocks},
    {.name = "blockwise",
     .kind = TG_CLASS_BLOCKS,
     .signature = "func, out_ind, *args, name=None, token=None, dtype=None, adjust_chunks=None, "
                  "new_axes=None, align_arrays=True, concatenate=None, meta=None, **kwargs",
     .dask = "blockwise",
     .shape = "of the function's blocks, joined as out_ind says",
     .dtype = "the function's, or dtype",
     .cost = "called for each block; once where the function is elementwise",
     .notes = "Dask's; as map_blocks. In C: tg_map_blocks with labels",
     .build = build_blockwise},
    {.name = "map_overlap",
     .kind = TG_CLASS_BLOCKS,
     .signature = "func, *args, depth=None, boundary=None, trim=True, align_arrays=True, "
                  "allow_rechunk=True, dtype=None, meta=None, **kwargs",
     .method = "func, depth, boundary=None, trim=True, dtype=None, meta=None, *args, **kwargs",
     .dask = "map_overlap",
     .shape = "as the array; of the function's blocks with trim=False",
     .dtype = "the function's, or dtype",
     .cost = "called for each block",
     .notes = "Dask's; depths by axis as (before, after). In C: tg_map_overlap",
     .build = build_map_overlap},
    {.name = "apply_along_axis",
     .kind = TG_CLASS_BLOCKS,
     .signature = "func1d, axis, arr, *args, dtype=None, shape=None, **kwargs",
     .dask = "apply_along_axis",
     .shape = "the axis replaced by the function's result",
     .dtype = "the function's",
     .cost = "called for each line; once for operators that take an axis",
     .notes = "in C: tg_apply_along_axis",
     .build = build_apply_along_axis},
    {.name = "apply_gufunc",
     .kind = TG_CLASS_BLOCKS,
     .signature = "func, signature, *args, axes=None, axis=None, keepdims=False, "
                  "output_dtypes=None, output_sizes=None, vectorize=None, allow_rechunk=False, "
                  "meta=None, **kwargs",
     .dask = "apply_gufunc",
     .shape = "loop axes, then the signature's: (i),(j)->(i,j)",
     .dtype = "the function's, or output_dtypes",
     .cost = "called once; with vectorize for each place of the loop axes",
     .notes = "Dask's",
     .build = build_apply_gufunc},
};

const tg_family tg_family_blocks = TG_FAMILY(rows);
