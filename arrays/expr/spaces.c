/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers evenly spaced between arrays, in NumPy's steps: i * (delta / div) + start, or where a
 * delta / div is 0 i / div * delta + start, the last one replaced by stop.
 */
#include <inttypes.h>
#include <math.h>
#include <tegula/create.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/node.h"
#include "kernel/types.h"

/* 0, 1, ... along a new first axis before ndim others. */
static tg_array *counted(tg_ctx *ctx, int64_t num, int ndim, tg_dtype dtype)
{
    int64_t shape[TG_MAX_NDIM];

    for (int d = 0; d <= ndim && d < TG_MAX_NDIM; d++)
        shape[d] = d == 0 ? num : 1;
    return tg_astype(tg_reshape(tg_arange(ctx, 0, num, 1, TG_INT64, NULL), ndim + 1, shape), dtype);
}

/* Numbers that are no Python's: floats as they are, others float64; times 1.0 as in NumPy, of which
 * complex numbers with a NaN are none in both parts. */
static tg_array *inexact(tg_array *a)
{
    return tg_multiply(tg_astype(a, a->dtype >= TG_FLOAT32 ? a->dtype : TG_FLOAT64),
                       tg_float(a->ctx, 1));
}

/* The first num - 1 elements, then stop. */
static tg_array *ended(tg_array *y, tg_array *stop)
{
    int64_t last = y->shape[0] - 1, shape[TG_MAX_NDIM];
    tg_array *parts[2] = {y, NULL};

    for (int d = 0; d < y->ndim; d++)
        shape[d] = d == 0 ? 1 : y->shape[d];
    parts[0] = tg_getitem(y, TG_INDEX(TG_SLICE(TG_NONE, last, TG_NONE)));
    parts[1] = tg_broadcast_to(tg_astype(stop, y->dtype), y->ndim, shape);
    return tg_concatenate(parts, 2, 0);
}

static tg_status spaced(tg_array *start, tg_array *stop, int64_t num, bool endpoint, int axis,
                        tg_array **out, tg_array **step)
{
    tg_status status = TG_OK;
    tg_array *delta, *y, *by;
    double div = (double)(endpoint ? num - 1 : num);
    int first = 0;

    TG_NEED(num >= 0, TG_EARG, "Number of samples, %" PRId64 ", must be non-negative.", num);
    delta = tg_subtract(stop, start);
    TG_TRY(tg_array_status(delta));
    TG_NEED(delta->ndim < TG_MAX_NDIM, TG_EARG, "linspace: a result of more than %d axes",
            TG_MAX_NDIM);
    y = counted(delta->ctx, num, delta->ndim, tg_real_part(delta->dtype));
    *step = tg_divide(delta, tg_float(delta->ctx, div > 0 ? div : NAN));
    by = tg_multiply(y, div > 0 ? *step : delta);
    if (div > 0)
        by = tg_where(tg_any(tg_equal(*step, tg_int(delta->ctx, 0)), TG_ALL_AXES),
                      tg_multiply(tg_divide(y, tg_float(delta->ctx, div)), delta), by);
    y = tg_add(by, start);
    TG_TRY(tg_array_status(y));
    if (endpoint && num > 1)
        y = ended(y, stop);
    *out = tg_moveaxis(y, 1, &first, &axis);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

tg_array *tg_linspace_between(tg_array *start, tg_array *stop, int64_t num, bool endpoint, int axis,
                              const tg_dtype *dtype, tg_array **step)
{
    tg_status status = TG_OK;
    tg_array *out = NULL, *by = NULL;

    TG_TRY(tg_inputs_status((tg_array *[]){start, stop}, 2));
    TG_TRY(spaced(inexact(start), inexact(stop), num, endpoint, axis, &out, &by));
    if (dtype && *dtype < TG_FLOAT32 && *dtype != TG_BOOL)
        out = tg_floor(out);
    if (dtype)
        out = tg_astype(out, *dtype);
out:
    if (status != TG_OK)
        out = by = tg_node_poisoned(tg_inputs_ctx((tg_array *[]){start, stop}, 2), status);
    if (step)
        *step = by;
    return out;
}
