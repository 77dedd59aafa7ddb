/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays from values and files, and conversion. */
#include <string.h>

#include "call/table.h"
#include "call/datum.h"

/* numpy.array: what an array is made of is no Python number any more. */
static tg_datum build_array(tg_call *call)
{
    tg_array *a = tg_call_array(call, "object");
    tg_dtype dtype = tg_call_dtype(call, "dtype", tg_dtype_of(a));

    return tg_datum_array(tg_astype(a, dtype));
}

static tg_datum build_astype(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x");

    return tg_datum_array(tg_astype(x, tg_call_dtype(call, "dtype", TG_FLOAT64)));
}

/* chunks=(4, 4) needs the number of axes, so the header is read first. */
static tg_datum build_open(tg_call *call)
{
    const char *name = tg_call_text(call, "name");
    tg_open_options options = {.raw = tg_call_bool(call, "raw")};
    tg_array *array = NULL;

    if (!name || tg_call_failed(call))
        return tg_call_fail(call, "open() needs the name of a file");
    if (tg_call_datum(call, "chunks")->kind == TG_DATUM_TEXT) {
        options.chunks = tg_call_text(call, "chunks");
        return tg_datum_array(tg_open(tg_call_ctx(call), name, &options));
    }
    array = tg_open(tg_call_ctx(call), name, &options);
    options.chunks = tg_call_chunks(call, "chunks", tg_ndim(array), NULL);
    if (options.chunks && tg_array_status(array) == TG_OK)
        array = tg_open(tg_call_ctx(call), name, &options);
    return tg_datum_array(array);
}

/* What is lazy stays lazy: these are here so that lines written for Dask run as they are. */
static tg_datum build_same(tg_call *call)
{
    return tg_datum_array(tg_call_array(call, "a"));
}

static tg_datum build_item(tg_call *call)
{
    tg_datum item = {0};

    tg_call_status(call, tg_datum_item(tg_call_array(call, "a"), &item));
    return item;
}

static const tg_operator rows[] = {
    {.name = "array",
     .aliases = "asarray asanyarray ascontiguousarray from_array",
     .kind = TG_CLASS_CREATE,
     .signature = "object, dtype=None, *, chunks='auto', copy=True",
     .dask = "array",
     .shape = "of the nested lists",
     .dtype = "bool, int64, float64; or as asked for",
     .build = build_array},
    {.name = "astype",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "x, dtype, copy=True",
     .method = "dtype, copy=True",
     .dask = "Array.astype",
     .shape = "as x",
     .dtype = "dtype",
     .build = build_astype},
    {.name = "open",
     .aliases = "load from_hdf5",
     .kind = TG_CLASS_CREATE,
     .signature = "name, chunks=None, raw=False",
     .dask = NULL,
     .shape = "the file's",
     .dtype = "the file's; float64 where it is scaled",
     .cost = "reads the header; chunks are read when computed",
     .build = build_open},
    {.name = "compute",
     .kind = TG_CLASS_CREATE,
     .signature = "a",
     .method = "",
     .dask = "Array.compute",
     .shape = "as a",
     .dtype = "as a",
     .notes = "the array itself: what is printed or stored is computed then",
     .build = build_same},
    {.name = "persist",
     .kind = TG_CLASS_CREATE,
     .signature = "a",
     .method = "",
     .dask = "Array.persist",
     .shape = "as a",
     .dtype = "as a",
     .notes = "the array itself",
     .build = build_same},
    {.name = "copy",
     .kind = TG_CLASS_CREATE,
     .signature = "a",
     .method = "",
     .dask = "Array.copy",
     .shape = "as a",
     .dtype = "as a",
     .notes = "the array itself: arrays never change",
     .build = build_same},
    {.name = "item",
     .kind = TG_CLASS_CREATE,
     .signature = "a",
     .method = "",
     .dask = NULL,
     .shape = "a number",
     .dtype = "Python's",
     .cost = "computes",
     .build = build_item},
};

const tg_family tg_family_create = TG_FAMILY(rows);
