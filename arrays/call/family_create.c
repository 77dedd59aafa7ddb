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

static tg_datum build_open(tg_call *call)
{
    const char *name = tg_call_text(call, "name");
    tg_open_options options = {.chunks = tg_call_text(call, "chunks"),
                               .raw = tg_call_bool(call, "raw")};

    if (!name || tg_call_failed(call))
        return tg_call_fail(call, "open() needs the name of a file");
    return tg_datum_array(tg_open(tg_call_ctx(call), name, &options));
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
};

const tg_family tg_family_create = TG_FAMILY(rows);
