/* SPDX-License-Identifier: BSD-3-Clause */
/* Operators that move elements to other places. */
#include "call/table.h"

static tg_datum build_concatenate(tg_call *call)
{
    int count;
    tg_array *const *arrays = tg_call_arrays(call, "arrays", &count);

    return tg_datum_array(tg_concatenate(arrays, count, tg_call_axis(call, "axis")));
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

static const tg_operator rows[] = {
    {.name = "concatenate",
     .aliases = "concat",
     .kind = TG_CLASS_SHAPE,
     .signature = "arrays, /, axis=0",
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
};

const tg_family tg_family_shape = TG_FAMILY(rows);
