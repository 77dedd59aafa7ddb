/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * numpy.pad, an axis after the other. Modes that repeat elements of the array (edge, reflect,
 * symmetric, wrap) are one slice; the others join pieces before and after.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <tegula/reduce.h>

#include "expr/index.h"
#include "kernel/types.h"

static const char *const names[TG_NPAD_MODES] = {
    [TG_PAD_CONSTANT] = "constant", [TG_PAD_EDGE] = "edge",
    [TG_PAD_REFLECT] = "reflect",   [TG_PAD_SYMMETRIC] = "symmetric",
    [TG_PAD_WRAP] = "wrap",         [TG_PAD_LINEAR_RAMP] = "linear_ramp",
    [TG_PAD_MAXIMUM] = "maximum",   [TG_PAD_MEAN] = "mean",
    [TG_PAD_MEDIAN] = "median",     [TG_PAD_MINIMUM] = "minimum",
    [TG_PAD_EMPTY] = "empty",
};

tg_status tg_pad_mode_parse(const char *name, tg_pad_mode *out)
{
    for (int i = 0; i < TG_NPAD_MODES; i++) {
        if (name && strcmp(name, names[i]) == 0) {
            *out = (tg_pad_mode)i;
            return TG_OK;
        }
    }
    return tg_fail(
        TG_EARG,
        "mode '%s' is not supported: there are constant, edge, reflect, symmetric, wrap, "
        "linear_ramp, maximum, mean, median, minimum, empty",
        name ? name : "(null)");
}

/* The element that stands at position `at` of an axis of length n, which may be outside. */
static int64_t repeated(tg_pad_mode mode, int64_t at, int64_t n)
{
    int64_t period = mode == TG_PAD_WRAP ? n : mode == TG_PAD_SYMMETRIC ? 2 * n : 2 * (n - 1);

    if (mode == TG_PAD_EDGE)
        return at < 0 ? 0 : at >= n ? n - 1 : at;
    if (n == 1)
        return 0;
    at = (at % period + period) % period;
    if (mode == TG_PAD_SYMMETRIC)
        return at < n ? at : period - 1 - at;
    return at < n ? at : period - at;
}

static tg_array *pad_by_slice(tg_array *a, tg_pad_mode mode, int d, int64_t before, int64_t after)
{
    tg_status status = TG_OK;
    tg_slice_params params;
    tg_stretches list = {0};
    int64_t n = a->shape[d];

    TG_NEED(n > 0, TG_EARG,
            "can't extend empty axis %d using modes other than 'constant' or 'empty'", d);
    TG_TRY(tg_slice_begin(a, &params));
    for (int64_t i = -before; i < 0; i++)
        tg_stretches_add(&list, repeated(mode, i, n), 1, 1);
    tg_stretches_add(&list, 0, 1, n);
    for (int64_t i = n; i < n + after; i++)
        tg_stretches_add(&list, repeated(mode, i, n), 1, 1);
    TG_TRY(tg_stretches_give(&list, a->ctx, &params, d));
    return tg_slice_node(a, &params, NULL);
out:
    tg_stretches_clear(&list);
    return tg_node_poisoned(a->ctx, status);
}

/* reflect_type='odd': twice the edge less what is reflected, in steps of one reflection. */
static tg_array *pad_odd(tg_array *a, tg_pad_mode mode, int d, int64_t before, int64_t after)
{
    tg_status status = TG_OK;
    int64_t gap = mode == TG_PAD_REFLECT;
    tg_dtype dtype;

    TG_NEED(a->shape[d] > 0, TG_EARG,
            "can't extend empty axis %d using modes other than 'constant' or 'empty'", d);
    if (a->shape[d] == 1)
        return pad_by_slice(a, TG_PAD_EDGE, d, before, after);
    dtype = a->dtype;
    while (before > 0 || after > 0) {
        int64_t n = a->shape[d], room = n - gap;
        int64_t left = before < room ? before : room, right = after < room ? after : room;
        tg_array *two = tg_int(a->ctx, 2), *piece[3];
        int count = 0;

        if (left > 0)
            piece[count++] = tg_subtract(tg_multiply(two, tg_slice_one(a, d, 0, 1, 1)),
                                         tg_slice_one(a, d, left - 1 + gap, -1, left));
        piece[count++] = a;
        if (right > 0)
            piece[count++] = tg_subtract(tg_multiply(two, tg_slice_one(a, d, n - 1, 1, 1)),
                                         tg_slice_one(a, d, n - 1 - gap, -1, right));
        a = tg_astype(tg_concatenate(piece, count, d), dtype);
        TG_TRY(tg_array_status(a));
        before -= left;
        after -= right;
    }
    return a;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* One value, `count` of it along axis d. */
static tg_array *slab(const tg_array *a, int d, int64_t count, tg_array *value)
{
    int64_t shape[TG_MAX_NDIM];

    memcpy(shape, a->shape, sizeof shape);
    shape[d] = count;
    return tg_broadcast_to(tg_astype(value, a->dtype), a->ndim, shape);
}

/* NumPy's linspace from the end value to the edge, rounded as it rounds integers. */
static tg_array *ramp(tg_array *a, int d, int64_t count, tg_array *from, bool left)
{
    tg_array *edge = tg_slice_one(a, d, left ? 0 : a->shape[d] - 1, 1, 1), *place, *value, *step;
    int axes[TG_MAX_NDIM];

    for (int k = 0; k < a->ndim; k++)
        axes[k] = k == d ? 0 : -1;
    place =
        tg_arange(a->ctx, left ? 0 : count - 1, left ? count : -1, left ? 1 : -1, TG_FLOAT64, NULL);
    place = tg_reshape_ones(place, a->ndim, axes);
    if (edge->status != TG_OK)
        return edge;
    edge = tg_astype(edge, tg_is_complex(a->dtype) ? TG_COMPLEX128 : TG_FLOAT64);
    step = tg_divide(tg_subtract(edge, from), tg_float(a->ctx, (double)count));
    value = tg_add(tg_multiply(place, step), from);
    if (a->dtype < TG_FLOAT32 && a->dtype != TG_BOOL)
        value = tg_elementwise_node("floor", &value, 1);
    return tg_astype(value, a->dtype);
}

/* The mean, median, largest or smallest of elements at one edge. */
static tg_array *statistic(tg_array *a, tg_pad_mode mode, int d, int64_t stat, bool left)
{
    int64_t n = a->shape[d], count = stat > 0 && stat < n ? stat : n;
    tg_array *part = tg_slice_one(a, d, left ? 0 : n - count, 1, count), *value;

    if (mode == TG_PAD_MAXIMUM)
        return tg_max(part, TG_KEEPDIMS(d));
    if (mode == TG_PAD_MINIMUM)
        return tg_min(part, TG_KEEPDIMS(d));
    value = mode == TG_PAD_MEDIAN ? tg_median(part, TG_KEEPDIMS(d), false)
                                  : tg_mean(part, TG_KEEPDIMS(d));
    if (a->dtype < TG_FLOAT32 && a->dtype != TG_BOOL && value->status == TG_OK)
        value = tg_elementwise_node("rint", &value, 1);
    return value;
}

static tg_array *filling(tg_array *a, const tg_padding *p, int d, int64_t count, bool left)
{
    tg_array *value = p->value[d][left ? 0 : 1];

    if (!value || p->mode == TG_PAD_EMPTY)
        value = tg_float(a->ctx, 0);
    switch (p->mode) {
    case TG_PAD_LINEAR_RAMP:
        return ramp(a, d, count, value, left);
    case TG_PAD_MAXIMUM:
    case TG_PAD_MEAN:
    case TG_PAD_MEDIAN:
    case TG_PAD_MINIMUM:
        return slab(a, d, count, statistic(a, p->mode, d, p->stat[d][left ? 0 : 1], left));
    default:
        return slab(a, d, count, value);
    }
}

static tg_array *pad_by_joining(tg_array *a, const tg_padding *p, int d)
{
    tg_status status = TG_OK;
    tg_array *piece[3];
    int count = 0;

    TG_NEED(a->shape[d] > 0 || p->mode == TG_PAD_CONSTANT || p->mode == TG_PAD_EMPTY, TG_EARG,
            "can't extend empty axis %d using modes other than 'constant' or 'empty'", d);
    if (p->before[d] > 0)
        piece[count++] = filling(a, p, d, p->before[d], true);
    piece[count++] = a;
    if (p->after[d] > 0)
        piece[count++] = filling(a, p, d, p->after[d], false);
    return tg_concatenate(piece, count, d);
out:
    return tg_node_poisoned(a->ctx, status);
}

tg_array *tg_pad(tg_array *a, const tg_padding *p)
{
    tg_status status = TG_OK;

    TG_TRY(tg_array_status(a));
    for (int d = 0; d < a->ndim; d++)
        TG_NEED(p->before[d] >= 0 && p->after[d] >= 0, TG_EARG,
                "index can't contain negative values");
    for (int d = 0; d < a->ndim; d++) {
        if (p->before[d] == 0 && p->after[d] == 0)
            continue;
        if (p->odd && (p->mode == TG_PAD_REFLECT || p->mode == TG_PAD_SYMMETRIC))
            a = pad_odd(a, p->mode, d, p->before[d], p->after[d]);
        else if (p->mode >= TG_PAD_EDGE && p->mode <= TG_PAD_WRAP)
            a = pad_by_slice(a, p->mode, d, p->before[d], p->after[d]);
        else
            a = pad_by_joining(a, p, d);
        TG_TRY(tg_array_status(a));
    }
    return a;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
