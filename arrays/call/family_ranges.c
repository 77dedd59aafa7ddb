/* SPDX-License-Identifier: BSD-3-Clause */
/* Evenly spaced numbers. */
#include <string.h>
#include <tegula/create.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/table.h"

static bool is_float(tg_call *call, const char *name)
{
    tg_datum_kind kind = tg_call_datum(call, name)->kind;

    return kind == TG_DATUM_FLOAT ||
           (kind == TG_DATUM_ARRAY && tg_dtype_of(tg_call_array(call, name)) >= TG_FLOAT32);
}

static tg_datum build_arange(tg_call *call)
{
    bool two = tg_call_given(call, "stop"), by = tg_call_given(call, "step");
    bool real = is_float(call, "start") || is_float(call, "stop") || is_float(call, "step");
    tg_dtype dtype = tg_call_dtype(call, "dtype", real ? TG_FLOAT64 : TG_INT64);
    const char *chunks = tg_call_chunks(call, "chunks", 1, NULL);
    tg_ctx *ctx = tg_call_ctx(call);

    if (real || dtype >= TG_FLOAT32) {
        double start = tg_call_float(call, "start");
        double stop = two ? tg_call_float(call, "stop") : start;

        return tg_datum_array(tg_arange_float(ctx, two ? start : 0, stop,
                                              by ? tg_call_float(call, "step") : 1, dtype, chunks));
    }
    int64_t start = tg_call_int(call, "start");
    int64_t stop = two ? tg_call_int(call, "stop") : start;

    return tg_datum_array(
        tg_arange(ctx, two ? start : 0, stop, by ? tg_call_int(call, "step") : 1, dtype, chunks));
}

/* Whether an end is one real number whose precision is float64's. */
static bool is_plain(tg_call *call, const char *name)
{
    const tg_array *a = tg_call_array(call, name);

    return tg_ndim(a) == 0 && tg_dtype_of(a) != TG_FLOAT32 && tg_dtype_of(a) < TG_COMPLEX64;
}

static tg_array *between(tg_call *call, const tg_dtype *dtype, tg_array **step)
{
    int axis = tg_call_axis(call, "axis");
    double distance = 0;
    tg_array *line;

    if (!is_plain(call, "start") || !is_plain(call, "stop"))
        return tg_linspace_between(tg_call_array(call, "start"), tg_call_array(call, "stop"),
                                   tg_call_int(call, "num"), tg_call_bool(call, "endpoint"), axis,
                                   dtype, step);
    if (axis != 0 && axis != -1)
        tg_call_fail(call, "axis %d is out of bounds for array of dimension 1", axis);
    line = tg_linspace(tg_call_ctx(call), tg_call_float(call, "start"), tg_call_float(call, "stop"),
                       tg_call_int(call, "num"), tg_call_bool(call, "endpoint"),
                       dtype ? *dtype : TG_FLOAT64, tg_call_chunks(call, "chunks", 1, NULL),
                       &distance);
    if (step)
        *step = tg_astype(tg_float(tg_call_ctx(call), distance), TG_FLOAT64);
    return line;
}

static tg_datum build_linspace(tg_call *call)
{
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_FLOAT64);
    tg_array *parts[2];

    parts[0] = between(call, tg_call_given(call, "dtype") ? &dtype : NULL, &parts[1]);
    return tg_call_bool(call, "retstep") ? tg_datum_arrays(tg_call_ctx(call), parts, 2)
                                         : tg_datum_array(parts[0]);
}

/* base ** linspace; a base with axes is broadcast with the ends. */
static tg_datum build_logspace(tg_call *call)
{
    tg_array *base = tg_call_array(call, "base"), *line = between(call, NULL, NULL);
    int axis = tg_call_axis(call, "axis");

    tg_call_status(call, tg_array_status(line));
    if (tg_call_failed(call))
        return tg_datum_array(line);
    if (tg_ndim(base) > 0) {
        while (tg_ndim(line) <= tg_ndim(base))
            line = tg_expand_dims(line, TG_AXES(axis < 0 ? 0 : tg_ndim(line)));
        base = tg_expand_dims(base, TG_AXES(axis));
    }
    line = tg_power(base, line);
    return tg_datum_array(tg_call_given(call, "dtype")
                              ? tg_astype(line, tg_call_dtype(call, "dtype", TG_FLOAT64))
                              : line);
}

static const tg_operator rows[] = {
    {.name = "arange",
     .kind = TG_CLASS_CREATE,
     .signature = "start, stop=None, step=None, dtype=None, *, chunks='auto'",
     .dask = "arange",
     .shape = "(ceil((stop - start) / step),)",
     .dtype = "int64 of integers, else float64",
     .build = build_arange},
    {.name = "linspace",
     .kind = TG_CLASS_CREATE,
     .signature = "start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, "
                  "chunks='auto'",
     .dask = "linspace",
     .shape = "(num,); between arrays theirs with a new axis",
     .dtype = "float64, that of float or complex ends, or dtype",
     .build = build_linspace},
    {.name = "logspace",
     .kind = TG_CLASS_CREATE,
     .signature = "start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0, *, "
                  "chunks='auto'",
     .dask = NULL,
     .shape = "as linspace",
     .dtype = "as linspace",
     .build = build_logspace},
};

const tg_family tg_family_ranges = TG_FAMILY(rows);
