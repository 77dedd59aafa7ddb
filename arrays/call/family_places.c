/* SPDX-License-Identifier: BSD-3-Clause */
/* Operators that move, repeat and add elements, and on neighbours. */
#include <inttypes.h>
#include <string.h>
#include <tegula/index.h>
#include <tegula/shape.h>

#include "call/datum.h"
#include "call/arguments.h"
#include "call/table.h"

static tg_datum build_flip(tg_call *call)
{
    tg_array *m = tg_call_array(call, "m");
    const char *name = tg_call_operator(call)->name;
    tg_axes axes;

    if (strcmp(name, "flip") == 0) {
        axes = tg_call_axis_list(call, "axis");
        for (int i = 1; i < axes.count; i++)
            for (int k = 0; k < i; k++)
                if ((axes.axis[i] - axes.axis[k]) % (tg_ndim(m) > 0 ? tg_ndim(m) : 1) == 0)
                    return tg_call_fail(call, "repeated axis: %d", axes.axis[i]);
        return tg_datum_array(tg_flip(m, axes));
    }
    if (strcmp(name, "fliplr") == 0 && tg_ndim(m) < 2)
        return tg_call_fail(call, "Input must be >= 2-d.");
    return tg_datum_array(strcmp(name, "fliplr") == 0 ? tg_flip(m, TG_AXES(1))
                                                      : tg_flip(m, TG_AXES(0)));
}

static tg_datum build_rot90(tg_call *call)
{
    int64_t axes[2] = {0, 1};

    if (tg_call_given(call, "axes") && tg_call_ints(call, "axes", axes, 2) != 2)
        return tg_call_fail(call, "len(axes) must be 2.");
    return tg_datum_array(tg_rot90(tg_call_array(call, "m"), (int)(tg_call_int(call, "k") % 4),
                                   (int)axes[0], (int)axes[1]));
}

/* axis=None: of the raveled array; else shifts and axes are broadcast to each other. */
static tg_datum build_roll(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    int64_t shift[TG_MAX_NDIM], asked[TG_MAX_NDIM];
    int axis[TG_MAX_NDIM], nshift = tg_call_ints(call, "shift", shift, TG_MAX_NDIM), naxes;

    if (tg_call_datum(call, "axis")->kind == TG_DATUM_NONE) {
        for (int i = 1; i < nshift; i++)
            shift[0] += shift[i];
        return tg_datum_array(tg_roll(a, -1, shift, NULL));
    }
    naxes = tg_call_ints(call, "axis", asked, TG_MAX_NDIM);
    if (nshift != naxes && nshift != 1 && naxes != 1)
        return tg_call_fail(call, "'shift' and 'axis' should be scalars or 1D sequences");
    int count = nshift == 0 || naxes == 0 ? 0 : nshift > naxes ? nshift : naxes;
    for (int i = 0; i < count; i++) {
        shift[i] = shift[nshift == 1 ? 0 : i];
        axis[i] = (int)asked[naxes == 1 ? 0 : i];
    }
    return tg_datum_array(tg_roll(a, count, shift, axis));
}

static tg_datum build_repeat(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *repeats = tg_call_array(call, "repeats");
    int64_t count = tg_size(repeats), *times;
    int axis = 0;

    if (tg_call_given(call, "axis"))
        a = tg_call_along(call, "a", &axis);
    else
        a = tg_ravel(a);
    if (!tg_call_failed(call) && tg_dtype_of(repeats) >= TG_COMPLEX64)
        return tg_call_fail(call, "repeat: repeats holds integers, not %s",
                            tg_dtype_name(tg_dtype_of(repeats)));
    times = tg_ctx_alloc(tg_call_ctx(call), (size_t)(count + 1) * sizeof *times);
    if (!times || tg_call_failed(call))
        return tg_datum_array(a);
    tg_call_status(call,
                   tg_gather(tg_astype(repeats, TG_INT64), times, (size_t)count * sizeof *times));
    if (tg_call_failed(call))
        return tg_datum_array(a);
    return tg_datum_array(count == 1 ? tg_repeat(a, times[0], axis)
                                     : tg_repeat_each(a, times, count, axis));
}

static tg_datum build_tile(tg_call *call)
{
    int64_t times[TG_MAX_NDIM];
    int count = tg_call_ints(call, "reps", times, TG_MAX_NDIM);

    return tg_datum_array(tg_tile(tg_call_array(call, "A"), count, times));
}

static tg_datum build_windows(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x");
    int64_t window[TG_MAX_NDIM];
    int axis[TG_MAX_NDIM], count = tg_call_ints(call, "window_shape", window, TG_MAX_NDIM);
    tg_axes axes = tg_call_axis_list(call, "axis");

    if (axes.count < 0)
        axes.count = tg_ndim(x);
    if (axes.count != count)
        return tg_call_fail(call,
                            "Since axis is None, must provide window_shape for all dimensions "
                            "of `x`; or one axis for each window");
    for (int i = 0; i < count; i++)
        axis[i] = tg_call_given(call, "axis") ? axes.axis[i] : i;
    return tg_datum_array(tg_sliding_window_view(x, count, window, axis));
}

/* NumPy's pairs, (before, after) for each axis: what broadcasts to [ndim, 2]. */
static tg_array *pairs(tg_call *call, const char *name, int ndim)
{
    tg_array *given = tg_call_array(call, name), *all;

    if (tg_call_failed(call))
        return given;
    all = tg_broadcast_to(given, 2, (int64_t[]){ndim, 2});
    if (tg_array_status(all) != TG_OK)
        tg_call_fail(call,
                     "pad: %s is a number, (before, after), or such a pair for each of %d axes",
                     name, ndim);
    return all;
}

/* Pairs that are integers. */
static void int_pairs(tg_call *call, const char *name, int ndim, int64_t (*out)[2])
{
    tg_array *all = pairs(call, name, ndim);

    if (!tg_call_failed(call) && (tg_dtype_of(all) == TG_BOOL || tg_dtype_of(all) >= TG_FLOAT32))
        tg_call_fail(call, "`%s` must be of integral type, not %s.", name,
                     tg_dtype_name(tg_dtype_of(all)));
    if (!tg_call_failed(call))
        tg_call_status(call, tg_gather(tg_astype(all, TG_INT64), out, (size_t)ndim * sizeof *out));
}

/* {axis: number or (before, after)}; nothing goes to the other axes. */
static void widths_by_axis(tg_call *call, const tg_datum *dict, int ndim, int64_t (*out)[2])
{
    memset(out, 0, (size_t)ndim * sizeof *out);
    for (int64_t i = 0; i < dict->count && !tg_call_failed(call); i += 2) {
        tg_array *pair = tg_datum_to_array(tg_call_ctx(call), &dict->items[i + 1]);
        int64_t d = 0;

        tg_call_status(call, tg_datum_to_int(&dict->items[i], &d));
        d += d < 0 ? ndim : 0;
        if (d < 0 || d >= ndim)
            tg_call_fail(call, "pad_width: axis %" PRId64 " of an array of %d axes", d, ndim);
        pair = tg_broadcast_to(pair, 1, (int64_t[]){2});
        tg_call_status(call, tg_array_status(pair));
        if (!tg_call_failed(call) &&
            (tg_dtype_of(pair) == TG_BOOL || tg_dtype_of(pair) >= TG_FLOAT32))
            tg_call_fail(call, "`pad_width` must be of integral type, not %s.",
                         tg_dtype_name(tg_dtype_of(pair)));
        if (!tg_call_failed(call))
            tg_call_status(call, tg_gather(tg_astype(pair, TG_INT64), out[d], sizeof out[d]));
    }
}

/* What a mode asks for beside the widths. */
static void pad_values(tg_call *call, int ndim, tg_padding *padding)
{
    const bool ramp = padding->mode == TG_PAD_LINEAR_RAMP;
    tg_array *values;

    if (tg_call_given(call, "stat_length")) {
        int_pairs(call, "stat_length", ndim, padding->stat);
        for (int d = 0; d < ndim && !tg_call_failed(call); d++)
            if (padding->stat[d][0] < 1 || padding->stat[d][1] < 1)
                tg_call_fail(call, "stat_length of %" PRId64 " yields no value for padding",
                             padding->stat[d][padding->stat[d][0] >= 1]);
    }
    if (!ramp && padding->mode != TG_PAD_CONSTANT)
        return;
    values = pairs(call, ramp ? "end_values" : "constant_values", ndim);
    for (int d = 0; d < ndim && !tg_call_failed(call); d++)
        for (int side = 0; side < 2; side++)
            padding->value[d][side] = tg_getitem(values, TG_INDEX(TG_AT(d), TG_AT(side)));
}

static tg_datum build_pad(tg_call *call)
{
    static const struct {
        const char *name;
        unsigned modes; /* that take it, by bit */
    } others[] = {
        {"constant_values", 1u << TG_PAD_CONSTANT},
        {"end_values", 1u << TG_PAD_LINEAR_RAMP},
        {"stat_length",
         1u << TG_PAD_MAXIMUM | 1u << TG_PAD_MEAN | 1u << TG_PAD_MEDIAN | 1u << TG_PAD_MINIMUM},
        {"reflect_type", 1u << TG_PAD_REFLECT | 1u << TG_PAD_SYMMETRIC},
    };
    tg_array *a = tg_call_array(call, "array");
    const tg_datum *given = tg_call_datum(call, "pad_width");
    const char *type = tg_call_text(call, "reflect_type");
    int64_t width[TG_MAX_NDIM][2];
    tg_padding padding = {0};

    tg_call_status(call, tg_pad_mode_parse(tg_call_word(call, "mode"), &padding.mode));
    for (size_t i = 0; i < sizeof others / sizeof *others && !tg_call_failed(call); i++)
        if (tg_call_given(call, others[i].name) && !(others[i].modes >> padding.mode & 1))
            tg_call_fail(call, "unsupported keyword arguments for mode '%s': {'%s'}",
                         tg_call_word(call, "mode"), others[i].name);
    if (tg_call_failed(call))
        return tg_datum_array(a);
    if (given->kind == TG_DATUM_DICT)
        widths_by_axis(call, given, tg_ndim(a), width);
    else
        int_pairs(call, "pad_width", tg_ndim(a), width);
    padding.odd = type && strcmp(type, "odd") == 0;
    pad_values(call, tg_ndim(a), &padding);
    if (tg_call_failed(call))
        return tg_datum_array(a);
    for (int d = 0; d < tg_ndim(a); d++) {
        padding.before[d] = width[d][0];
        padding.after[d] = width[d][1];
    }
    return tg_datum_array(tg_pad(a, &padding));
}

static tg_datum build_diff(tg_call *call)
{
    tg_array *piece[3], *a = tg_call_array(call, "a");
    int axis = tg_call_axis(call, "axis"), count = 0;
    int n = (int)tg_call_int(call, "n"); /* 0: the array itself, nothing put before or behind */

    if (n == 0)
        return tg_datum_array(a);
    for (int i = 0; i < 3; i++) {
        const char *name = i == 0 ? "prepend" : "append";

        if (i == 1)
            piece[count++] = a;
        else if (n != 0 && tg_call_given(call, name)) {
            tg_array *more = tg_call_array(call, name);
            int64_t shape[TG_MAX_NDIM];

            if (tg_ndim(more) == 0 && axis >= -tg_ndim(a) && axis < tg_ndim(a)) {
                memcpy(shape, tg_shape(a), (size_t)tg_ndim(a) * sizeof *shape);
                shape[axis < 0 ? axis + tg_ndim(a) : axis] = 1;
                more = tg_broadcast_to(more, tg_ndim(a), shape);
            }
            piece[count++] = more;
        }
    }
    return tg_datum_array(tg_diff(tg_concatenate(piece, count, axis), n, axis));
}

/* The gradient along one axis by what NumPy's *varargs say of it: a distance, or coordinates. */
static tg_array *gradient_by(tg_call *call, tg_array *f, const tg_datum *by, int axis)
{
    int edge_order = (int)tg_call_int(call, "edge_order");
    tg_array *at = by ? tg_datum_to_array(tg_call_ctx(call), by) : NULL;
    double spacing = 1;

    if (at && tg_array_status(at) == TG_OK && tg_ndim(at) > 0)
        return tg_gradient_at(f, at, axis, edge_order);
    if (by)
        tg_call_status(call, tg_datum_to_float(by, &spacing));
    return tg_gradient(f, spacing, axis, edge_order);
}

/* One array for one axis, a list for several. */
static tg_datum build_gradient(tg_call *call)
{
    tg_array *f = tg_call_array(call, "f"), *out[TG_MAX_NDIM];
    tg_axes axes = tg_call_axis_list(call, "axis");
    const tg_datum *by = tg_call_datum(call, "varargs");
    tg_datum result;
    int count = axes.count < 0 ? tg_ndim(f) : axes.count;

    if (!tg_call_failed(call) && tg_dtype_of(f) == TG_BOOL)
        return tg_call_fail(call,
                            "gradient: subtract is not defined for bool: convert with astype");
    if (by->count > 1 && by->count != count)
        return tg_call_fail(call, "invalid number of arguments");
    for (int i = 0; i < count; i++)
        out[i] = gradient_by(call, f, by->count == 0 ? NULL : &by->items[by->count == 1 ? 0 : i],
                             axes.count < 0 ? i : axes.axis[i]);
    if (count == 1)
        return tg_datum_array(out[0]);
    result = tg_datum_arrays(tg_call_ctx(call), out, count);
    result.kind = TG_DATUM_LIST;
    return result;
}

/* dask.array.coarsen(np.mean, x, {0: 2, 1: 3}). */
static tg_datum build_coarsen(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x"), *view;
    const tg_datum *by = tg_call_datum(call, "axes");
    int64_t factor[TG_MAX_NDIM];
    tg_axes axes = {0};
    tg_datum arguments[2];
    int64_t list[TG_MAX_NDIM];

    for (int d = 0; d < TG_MAX_NDIM; d++)
        factor[d] = 1;
    if (by->kind != TG_DATUM_DICT)
        return tg_call_fail(call, "coarsen: axes is a dict, {axis: factor}");
    for (int64_t i = 0; i < by->count; i += 2) {
        int64_t axis = by->items[i].integer;

        if (by->items[i].kind != TG_DATUM_INT || by->items[i + 1].kind != TG_DATUM_INT ||
            axis < -tg_ndim(x) || axis >= tg_ndim(x))
            return tg_call_fail(call, "coarsen: axes is a dict, {axis: factor}");
        factor[axis < 0 ? axis + tg_ndim(x) : axis] = by->items[i + 1].integer;
    }
    view = tg_coarsen_view(x, factor, tg_call_bool(call, "trim_excess"), &axes);
    for (int i = 0; i < axes.count; i++)
        list[i] = axes.axis[i];
    arguments[0] = tg_datum_array(view);
    arguments[1] = tg_datum_ints(tg_call_ctx(call), list, axes.count);
    return tg_call_apply(call, tg_call_datum(call, "reduction"), arguments, 2);
}

#define FLIP(name_, signature_, dask_)                                                             \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_SHAPE, .signature = signature_, .dask = (dask_),         \
        .shape = "as m", .dtype = "as m", .cost = "one copy", .build = build_flip                  \
    }

static const tg_operator rows[] = {
    FLIP("flip", "m, axis=None", "flip"),
    FLIP("fliplr", "m", "fliplr"),
    FLIP("flipud", "m", "flipud"),
    {.name = "rot90",
     .kind = TG_CLASS_SHAPE,
     .signature = "m, k=1, axes=None",
     .dask = "rot90",
     .shape = "two axes swapped for odd k",
     .dtype = "as m",
     .cost = "one copy",
     .build = build_rot90},
    {.name = "roll",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, shift, axis=None",
     .dask = "roll",
     .shape = "as a",
     .dtype = "as a",
     .cost = "one copy",
     .build = build_roll},
    {.name = "repeat",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, repeats, axis=None",
     .method = "repeats, axis=None",
     .dask = "repeat",
     .shape = "the axis as long as all repeats",
     .dtype = "as a",
     .cost = "one copy",
     .build = build_repeat},
    {.name = "tile",
     .kind = TG_CLASS_SHAPE,
     .signature = "A, reps",
     .dask = "tile",
     .shape = "lengths times reps",
     .dtype = "as A",
     .cost = "one copy",
     .build = build_tile},
    {.name = "lib.stride_tricks.sliding_window_view",
     .aliases = "sliding_window_view",
     .kind = TG_CLASS_SHAPE,
     .signature = "x, window_shape, axis=None",
     .dask = "lib.stride_tricks.sliding_window_view",
     .shape = "windows as new last axes",
     .dtype = "as x",
     .cost = "copies: as many elements as windows have",
     .build = build_windows},
    {.name = "pad",
     .kind = TG_CLASS_SHAPE,
     .signature = "array, pad_width, mode='constant', *, constant_values=0, end_values=0, "
                  "stat_length=None, reflect_type='even'",
     .dask = "pad",
     .shape = "axes longer by what is padded",
     .dtype = "as array",
     .cost = "one copy",
     .build = build_pad},
    {.name = "diff",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, n=1, axis=-1, prepend=None, append=None",
     .dask = "diff",
     .shape = "the axis shorter by n",
     .dtype = "as a",
     .build = build_diff},
    {.name = "gradient",
     .kind = TG_CLASS_SHAPE,
     .signature = "f, *varargs, axis=None, edge_order=1",
     .dask = "gradient",
     .shape = "as f, for each axis",
     .dtype = "as f, float64 of integers",
     .build = build_gradient},
    {.name = "coarsen",
     .kind = TG_CLASS_SHAPE,
     .signature = "reduction, x, axes, trim_excess=False",
     .dask = "coarsen",
     .shape = "lengths divided by factors",
     .dtype = "the reduction's",
     .cost = "one pass",
     .notes = "Dask's; NumPy has none",
     .build = build_coarsen},
};

const tg_family tg_family_places = TG_FAMILY(rows);
