/* SPDX-License-Identifier: BSD-3-Clause */
/* Axes dropped, put in and put elsewhere. */
#include <inttypes.h>
#include <string.h>

#include "expr/index.h"

/* Which of ndim axes are meant. Errors: TG_EARG for one out of range or given twice. */
static tg_status mark_axes(tg_axes axes, int ndim, bool *marked)
{
    tg_status status = TG_OK;

    memset(marked, 0, TG_MAX_NDIM * sizeof *marked);
    for (int i = 0; i < axes.count; i++) {
        int axis = axes.axis[i] < 0 ? axes.axis[i] + ndim : axes.axis[i];

        TG_NEED(axis >= 0 && axis < ndim, TG_EARG,
                "axis %d is out of bounds for array of dimension %d", axes.axis[i], ndim);
        TG_NEED(!marked[axis], TG_EARG, "repeated axis %d", axes.axis[i]);
        marked[axis] = true;
    }
out:
    return status;
}

tg_array *tg_squeeze(tg_array *a, tg_axes axes)
{
    tg_status status = TG_OK;
    bool dropped[TG_MAX_NDIM];
    int from[TG_MAX_NDIM] = {0}, n = 0;

    TG_TRY(tg_array_status(a));
    TG_TRY(mark_axes(axes, a->ndim, dropped));
    for (int d = 0; d < a->ndim; d++) {
        bool drop = axes.count < 0 ? a->shape[d] == 1 : dropped[d];

        TG_NEED(!drop || a->shape[d] == 1, TG_EARG,
                "cannot select an axis to squeeze out which has size not equal to one: axis %d has "
                "%" PRId64,
                d, a->shape[d]);
        if (!drop)
            from[n++] = d;
    }
    return tg_reshape_ones(a, n, from);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_expand_dims(tg_array *a, tg_axes axes)
{
    tg_status status = TG_OK;
    bool fresh[TG_MAX_NDIM];
    int from[TG_MAX_NDIM] = {0}, ndim, n = 0;

    TG_TRY(tg_array_status(a));
    ndim = a->ndim + (axes.count > 0 ? axes.count : 0);
    TG_NEED(ndim <= TG_MAX_NDIM, TG_EARG, "an array of %d axes: 0 to %d can be", ndim, TG_MAX_NDIM);
    TG_TRY(mark_axes(axes, ndim, fresh));
    for (int d = 0; d < ndim; d++)
        from[d] = fresh[d] ? -1 : n++;
    return tg_reshape_ones(a, ndim, from);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_atleast_1d(tg_array *a)
{
    return a && a->status == TG_OK && a->ndim < 1 ? tg_reshape_ones(a, 1, (int[]){-1}) : a;
}

tg_array *tg_atleast_2d(tg_array *a)
{
    a = tg_atleast_1d(a);
    return a && a->status == TG_OK && a->ndim < 2 ? tg_reshape_ones(a, 2, (int[]){-1, 0}) : a;
}

tg_array *tg_atleast_3d(tg_array *a)
{
    if (a && a->status == TG_OK && a->ndim == 2)
        return tg_reshape_ones(a, 3, (int[]){0, 1, -1});
    a = tg_atleast_1d(a);
    return a && a->status == TG_OK && a->ndim < 3 ? tg_reshape_ones(a, 3, (int[]){-1, 0, -1}) : a;
}

tg_array *tg_moveaxis(tg_array *a, int count, const int *source, const int *destination)
{
    tg_status status = TG_OK;
    tg_axes from = {.count = count}, to = {.count = count};
    bool moved[TG_MAX_NDIM], taken[TG_MAX_NDIM];
    int order[TG_MAX_NDIM], k = 0;

    TG_TRY(tg_array_status(a));
    TG_NEED(count >= 0 && count <= a->ndim, TG_EARG, "moveaxis of %d axes of an array of %d", count,
            a->ndim);
    memcpy(from.axis, source, (size_t)count * sizeof *source);
    memcpy(to.axis, destination, (size_t)count * sizeof *destination);
    TG_TRY(mark_axes(from, a->ndim, moved));
    TG_TRY(mark_axes(to, a->ndim, taken));
    for (int i = 0; i < count; i++)
        order[destination[i] < 0 ? destination[i] + a->ndim : destination[i]] =
            source[i] < 0 ? source[i] + a->ndim : source[i];
    for (int d = 0; d < a->ndim; d++) {
        if (taken[d])
            continue;
        while (moved[k])
            k++;
        order[d] = k++;
    }
    return tg_transpose(a, order);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_rollaxis(tg_array *a, int axis, int start)
{
    tg_status status = TG_OK;
    int from, to;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &from));
    to = start < 0 ? start + a->ndim : start;
    TG_NEED(to >= 0 && to <= a->ndim, TG_EARG,
            "'start' arg requires %d <= start < %d, but %d was passed in", -a->ndim, a->ndim + 1,
            start);
    to -= from < to;
    return tg_moveaxis(a, 1, &from, &to);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_swapaxes(tg_array *a, int axis1, int axis2)
{
    tg_status status = TG_OK;
    int order[TG_MAX_NDIM], first, second;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis1, &first));
    TG_TRY(tg_normalize_axis(a, axis2, &second));
    for (int d = 0; d < a->ndim; d++)
        order[d] = d == first ? second : d == second ? first : d;
    return tg_transpose(a, order);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_status tg_broadcast_arrays(tg_array *const *arrays, int count, tg_array **out)
{
    tg_status status = TG_OK;
    int64_t shape[TG_MAX_NDIM];
    int ndim = 0;

    TG_TRY(tg_inputs_status(arrays, count));
    for (int i = 0; i < count; i++) { /* two at a time: the message names them */
        tg_array both = {.ndim = ndim};

        memcpy(both.shape, shape, (size_t)ndim * sizeof *shape);
        TG_TRY(tg_broadcast((tg_array *[]){&both, arrays[i]}, 2, &ndim, shape));
    }
    for (int i = 0; i < count; i++)
        out[i] = tg_broadcast_to(arrays[i], ndim, shape);
out:
    return status;
}
