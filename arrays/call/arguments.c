/* SPDX-License-Identifier: BSD-3-Clause */
/* Arguments that many of NumPy's functions have in common. */
#include "call/arguments.h"

#include <inttypes.h>
#include <string.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/shape.h>

#include "call/call.h"
#include "expr/index.h"
#include "kernel/types.h"

void tg_call_no_out(tg_call *call)
{
    if (tg_call_given(call, "out"))
        tg_call_fail(call, "%s: out= cannot be: arrays never change; assign the result to a name",
                     tg_call_operator(call)->name);
}

tg_array *tg_call_array_or_null(tg_call *call, const char *name)
{
    return tg_call_given(call, name) ? tg_call_array(call, name) : NULL;
}

tg_array *tg_call_where(tg_call *call)
{
    const tg_datum *where = tg_call_datum(call, "where");
    tg_array *mask;

    if (where->kind == TG_DATUM_NONE || (where->kind == TG_DATUM_BOOL && where->truth))
        return NULL;
    mask = tg_call_array(call, "where");
    if (where->kind == TG_DATUM_INT)
        return tg_astype(mask, TG_BOOL);
    if (!tg_call_failed(call) && tg_dtype_of(mask) != TG_BOOL)
        tg_call_fail(call, "%s: where= is an array of bool, not %s", tg_call_operator(call)->name,
                     tg_dtype_name(tg_dtype_of(mask)));
    return mask;
}

/* bool, unsigned, signed, float, complex. */
static int kind_of(tg_dtype dtype)
{
    if (dtype >= TG_COMPLEX64)
        return 4;
    if (dtype >= TG_FLOAT32)
        return 3;
    return dtype >= TG_UINT8 ? 1 : dtype >= TG_INT8 ? 2 : 0;
}

bool tg_is_same_kind(tg_dtype from, tg_dtype to)
{
    return tg_promote(from, to) == to || kind_of(from) <= kind_of(to);
}

bool tg_call_can_cast(tg_call *call, tg_dtype from, tg_dtype to, const char *casting)
{
    if (!casting || strcmp(casting, "unsafe") == 0)
        return true;
    if (strcmp(casting, "safe") == 0)
        return tg_promote(from, to) == to;
    if (strcmp(casting, "same_kind") == 0)
        return tg_is_same_kind(from, to);
    if (strcmp(casting, "no") == 0 || strcmp(casting, "equiv") == 0)
        return from == to;
    tg_call_fail(call,
                 "casting must be one of 'no', 'equiv', 'safe', 'same_kind', or 'unsafe' (got "
                 "'%s')",
                 casting);
    return false;
}

static tg_status slice_places(tg_ctx *ctx, const tg_datum *slice, int64_t n, int64_t **list,
                              int64_t *count)
{
    tg_status status = TG_OK;
    int64_t parts[3], start, step;

    for (int i = 0; i < 3; i++) {
        parts[i] = TG_NONE;
        if (slice->items[i].kind != TG_DATUM_NONE)
            TG_TRY(tg_datum_to_int(&slice->items[i], &parts[i]));
    }
    TG_TRY(tg_slice_resolve(&TG_SLICE(parts[0], parts[1], parts[2]), n, &start, &step, count));
    *list = tg_ctx_alloc(ctx, (size_t)(*count + 1) * sizeof **list);
    TG_NEED(*list, TG_ENOMEM, "%" PRId64 " integers", *count);
    for (int64_t i = 0; i < *count; i++)
        (*list)[i] = start + i * step;
out:
    return status;
}

int64_t *tg_call_places(tg_call *call, const char *name, int64_t n, int64_t *count, bool *plain)
{
    tg_status status = TG_OK;
    tg_ctx *ctx = tg_call_ctx(call);
    const tg_datum *datum = tg_call_datum(call, name);
    tg_array *array = NULL;
    int64_t *list = NULL;

    *count = 0;
    if (plain)
        *plain = false;
    if (datum->kind == TG_DATUM_SLICE) {
        TG_TRY(slice_places(ctx, datum, n, &list, count));
        return list;
    }
    array = tg_call_array(call, name);
    TG_TRY(tg_array_status(array));
    if (plain)
        *plain = tg_ndim(array) == 0;
    if (tg_dtype_of(array) == TG_BOOL) {
        TG_NEED(tg_ndim(array) == 1 && tg_size(array) == n, TG_EARG,
                "boolean array argument %s to %s must be one dimensional and match the axis length "
                "of %" PRId64,
                name, tg_call_operator(call)->name, n);
        array = tg_flatnonzero(array);
    }
    TG_NEED(tg_dtype_of(array) < TG_FLOAT32 || tg_size(array) == 0, TG_EARG,
            "%s: %s holds integers, not %s", tg_call_operator(call)->name, name,
            tg_dtype_name(tg_dtype_of(array)));
    array = tg_astype(array, TG_INT64);
    TG_TRY(tg_array_status(array));
    list = tg_ctx_alloc(ctx, (size_t)(tg_size(array) + 1) * sizeof *list);
    TG_NEED(list, TG_ENOMEM, "%" PRId64 " integers", tg_size(array));
    TG_TRY(tg_gather(array, list, (size_t)tg_size(array) * sizeof *list));
    *count = tg_size(array);
out:
    tg_call_status(call, status);
    return status == TG_OK ? list : NULL;
}

double *tg_call_numbers(tg_call *call, const char *name, int64_t *count)
{
    tg_status status = TG_OK;
    tg_array *array = tg_astype(tg_call_array(call, name), TG_FLOAT64);
    double *numbers = NULL;

    *count = 0;
    TG_TRY(tg_array_status(array));
    numbers = tg_ctx_alloc(tg_call_ctx(call), (size_t)(tg_size(array) + 1) * sizeof *numbers);
    TG_NEED(numbers, TG_ENOMEM, "%" PRId64 " numbers", tg_size(array));
    TG_TRY(tg_gather(array, numbers, (size_t)tg_size(array) * sizeof *numbers));
    *count = tg_size(array);
out:
    tg_call_status(call, status);
    return status == TG_OK ? numbers : NULL;
}

/* Functions of NumPy to which a number has an axis. */
static bool takes_numbers(const tg_call *call)
{
    const char *name = tg_call_operator(call)->name;

    return strncmp(name, "arg", 3) == 0 || strncmp(name, "cum", 3) == 0 ||
           strncmp(name, "nancum", 6) == 0 || strcmp(name, "repeat") == 0;
}

tg_array *tg_call_along(tg_call *call, const char *name, int *axis)
{
    tg_array *a = tg_call_array(call, name);

    *axis = 0;
    if (tg_call_datum(call, "axis")->kind == TG_DATUM_NONE)
        return tg_ravel(a);
    *axis = tg_call_axis(call, "axis");
    if (tg_ndim(a) == 0 && (*axis == 0 || *axis == -1) && takes_numbers(call)) {
        *axis = 0;
        return tg_ravel(a);
    }
    if (*axis < -tg_ndim(a) || *axis >= tg_ndim(a))
        tg_call_fail(call, "axis %d is out of bounds for array of dimension %d", *axis, tg_ndim(a));
    else if (*axis < 0)
        *axis += tg_ndim(a);
    return a;
}
