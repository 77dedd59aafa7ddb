/* SPDX-License-Identifier: BSD-3-Clause */
/* What an array is, and picking elements. */
#include <string.h>
#include <tegula/create.h>
#include <tegula/index.h>
#include <tegula/shape.h>

#include "call/table.h"

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

/* ---- picking -------------------------------------------------------------------------------- */

/* axis=None: of the raveled array. */
static tg_array *along(tg_call *call, tg_array *a, int *axis)
{
    *axis = 0;
    if (tg_call_datum(call, "axis")->kind == TG_DATUM_NONE)
        return tg_ravel(a);
    *axis = tg_call_axis(call, "axis");
    return a;
}

/* What np.take takes: indices as an item for the axis. 'wrap' and 'clip' are done to the values. */
static tg_datum build_take(tg_call *call)
{
    int axis;
    tg_array *a = along(call, tg_call_array(call, "a"), &axis);
    tg_array *indices = tg_call_array(call, "indices");
    const char *mode = tg_call_text(call, "mode");
    tg_index items[TG_MAX_NDIM];
    int n = axis < 0 ? axis + tg_ndim(a) : axis;

    if (tg_call_failed(call) || tg_array_status(a) != TG_OK)
        return tg_datum_array(a);
    if (n < 0 || n >= tg_ndim(a))
        return tg_call_fail(call, "axis %d is out of bounds for array of dimension %d", axis,
                            tg_ndim(a));
    if (mode && strcmp(mode, "raise") != 0)
        return tg_call_fail(call, "take: mode '%s' is not there, only 'raise'", mode);
    for (int d = 0; d < n; d++)
        items[d] = TG_ALL;
    if (tg_dtype_of(indices) == TG_BOOL)
        indices = tg_astype(indices, TG_INT64);
    items[n] = (tg_index){.kind = TG_INDEX_ARRAY, .array = indices};
    return tg_datum_array(tg_getitem(a, items, n + 1));
}

static tg_datum build_compress(tg_call *call)
{
    int axis;
    tg_array *a = along(call, tg_call_array(call, "a"), &axis);

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

    for (int d = 0; d < tg_ndim(a); d++)
        axis[d] = tg_nonzero(a, d);
    return tg_datum_arrays(tg_call_ctx(call), axis, tg_ndim(a));
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
