/* SPDX-License-Identifier: BSD-3-Clause */
/* Evenly spaced numbers. */
#include <complex.h>
#include <math.h>
#include <string.h>
#include <tegula/create.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/call.h"
#include "call/table.h"

/* int64, float64 or complex128, as start, stop and step have it. */
static tg_dtype kind_of_range(tg_call *call)
{
    static const char *const names[] = {"start", "stop", "step"};
    tg_dtype most = TG_INT64;

    for (int i = 0; i < 3; i++) {
        const tg_datum *datum = tg_call_datum(call, names[i]);
        tg_dtype own = datum->kind == TG_DATUM_ARRAY     ? tg_dtype_of(datum->array)
                       : datum->kind == TG_DATUM_COMPLEX ? TG_COMPLEX128
                       : datum->kind == TG_DATUM_FLOAT   ? TG_FLOAT64
                                                         : TG_INT64;

        own = own >= TG_COMPLEX64 ? TG_COMPLEX128 : own >= TG_FLOAT32 ? TG_FLOAT64 : TG_INT64;
        most = own > most ? own : most;
    }
    return most;
}

static double complex complex_of(tg_call *call, const char *name, double otherwise)
{
    tg_array *a;
    double parts[2] = {otherwise, 0};

    if (tg_call_given(call, name)) {
        a = tg_astype(tg_call_array(call, name), TG_COMPLEX128);
        if (!tg_call_failed(call) && tg_size(a) == 1)
            tg_call_status(call, tg_gather(a, parts, sizeof parts));
        else
            tg_call_fail(call, "arange: %s must be a number", name);
    }
    return CMPLX(parts[0], parts[1]);
}

/* As far as neither part of (stop - start) / step is reached, which NumPy does with one another. */
static tg_array *complex_range(tg_call *call, tg_dtype dtype, const char *chunks)
{
    const bool two = tg_call_given(call, "stop");
    const double complex start = two ? complex_of(call, "start", 0) : 0;
    const double complex stop = complex_of(call, two ? "stop" : "start", 0);
    const double complex step = complex_of(call, "step", 1), steps = (stop - start) / step;
    const double complex delta = start + step - start;
    tg_ctx *ctx = tg_call_ctx(call);
    double n = fmin(ceil(creal(steps)), ceil(cimag(steps)));

    if (!(isfinite(creal(steps)) && isfinite(cimag(steps))))
        tg_call_fail(call, "arange: cannot compute length of %g%+gj steps", creal(steps),
                     cimag(steps));
    if (tg_call_failed(call))
        n = 0;
    return tg_astype(
        tg_add(tg_multiply(tg_arange_float(ctx, 0, n > 0 ? n : 0, 1, TG_FLOAT64, chunks),
                           tg_complex(ctx, creal(delta), cimag(delta))),
               tg_complex(ctx, creal(start), cimag(start))),
        dtype);
}

/* Beyond False and True there are no bools to count with. */
static tg_datum ranged(tg_call *call, tg_array *range)
{
    if (tg_array_status(range) == TG_OK && tg_dtype_of(range) == TG_BOOL && tg_size(range) > 2)
        return tg_call_fail(call, "arange() is only supported for booleans when the result has at "
                                  "most length 2.");
    return tg_datum_array(range);
}

/* As of Python's range, one number is the end. */
static tg_datum build_arange(tg_call *call)
{
    bool two = tg_call_given(call, "stop"), by = tg_call_given(call, "step");
    tg_dtype kind = kind_of_range(call), dtype = tg_call_dtype(call, "dtype", kind);
    const char *chunks = tg_call_chunks(call, "chunks", 1, NULL);
    tg_ctx *ctx = tg_call_ctx(call);

    if (!two && (!tg_call_given(call, "start") || tg_call_named(call, "start")))
        return tg_call_fail(call, "arange() requires stop to be specified.");
    if (kind == TG_COMPLEX128)
        return ranged(call, complex_range(call, dtype, chunks));
    if (kind == TG_FLOAT64 || dtype >= TG_FLOAT32) {
        double start = tg_call_given(call, "start") ? tg_call_float(call, "start") : 0;
        double stop = two ? tg_call_float(call, "stop") : start;

        return ranged(call, tg_arange_float(ctx, two ? start : 0, stop,
                                            by ? tg_call_float(call, "step") : 1, dtype, chunks));
    }
    int64_t start = tg_call_given(call, "start") ? tg_call_int(call, "start") : 0;
    int64_t stop = two ? tg_call_int(call, "stop") : start;

    return ranged(call, tg_arange(ctx, two ? start : 0, stop, by ? tg_call_int(call, "step") : 1,
                                  dtype, chunks));
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
     .signature = "start=None, stop=None, step=None, dtype=None, *, chunks='auto'",
     .dask = "arange",
     .shape = "(ceil((stop - start) / step),)",
     .dtype = "int64 of integers, else float64; complex128 of complex numbers",
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
