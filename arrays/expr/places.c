/* SPDX-License-Identifier: BSD-3-Clause */
/* Elements in other places along an axis: slices of one or more stretches. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expr/index.h"

tg_array *tg_flip(tg_array *a, tg_axes axes)
{
    tg_status status = TG_OK;
    tg_slice_params params;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_slice_begin(a, &params));
    for (int i = 0; i < (axes.count < 0 ? a->ndim : axes.count); i++) {
        int d = i;

        if (axes.count >= 0)
            TG_TRY(tg_normalize_axis(a, axes.axis[i], &d));
        TG_TRY(tg_slice_axis(a->ctx, &params, d, a->shape[d] - 1, -1, a->shape[d]));
    }
    return tg_slice_node(a, &params, NULL);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_rot90(tg_array *a, int k, int axis1, int axis2)
{
    tg_status status = TG_OK;
    int first, second;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis1, &first));
    TG_TRY(tg_normalize_axis(a, axis2, &second));
    TG_NEED(first != second, TG_EARG, "Axes must be different.");
    switch ((k % 4 + 4) % 4) {
    case 1:
        return tg_swapaxes(tg_flip(a, TG_AXES(second)), first, second);
    case 2:
        return tg_flip(a, TG_AXES(first, second));
    case 3:
        return tg_flip(tg_swapaxes(a, first, second), TG_AXES(second));
    default:
        return a;
    }
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_roll(tg_array *a, int count, const int64_t *shift, const int *axis)
{
    tg_status status = TG_OK;
    tg_slice_params params;
    int64_t total[TG_MAX_NDIM] = {0};

    TG_TRY(tg_array_status(a));
    if (count < 0) {
        tg_array *flat = tg_roll(tg_ravel(a), 1, shift, (int[]){0});

        return tg_reshape(flat, a->ndim, a->shape);
    }
    for (int i = 0; i < count; i++) {
        int d;

        TG_TRY(tg_normalize_axis(a, axis[i], &d));
        if (a->shape[d] > 0)
            total[d] = (total[d] + shift[i] % a->shape[d]) % a->shape[d];
    }
    TG_TRY(tg_slice_begin(a, &params));
    for (int d = 0; d < a->ndim; d++) {
        int64_t n = a->shape[d], by = total[d] < 0 ? total[d] + n : total[d];
        tg_stretches list = {0};

        if (by == 0)
            continue;
        tg_stretches_add(&list, n - by, 1, by);
        tg_stretches_add(&list, 0, 1, n - by);
        TG_TRY(tg_stretches_give(&list, a->ctx, &params, d));
    }
    return tg_slice_node(a, &params, NULL);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* Element i of an axis repeats[i % count] times. */
static tg_array *repeat(tg_array *a, const int64_t *repeats, int64_t count, int axis)
{
    tg_status status = TG_OK;
    tg_slice_params params;
    tg_stretches list = {0};
    int d;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    TG_NEED(count == 1 || count == a->shape[d], TG_EARG,
            "operands could not be broadcast together with shape (%" PRId64 ",) (%" PRId64 ",)",
            a->shape[d], count);
    TG_TRY(tg_slice_begin(a, &params));
    for (int64_t i = 0; i < a->shape[d]; i++) {
        TG_NEED(repeats[i % count] >= 0, TG_EARG, "repeats may not contain negative values.");
        tg_stretches_add(&list, i, 0, repeats[i % count]);
    }
    TG_TRY(tg_stretches_give(&list, a->ctx, &params, d));
    return tg_slice_node(a, &params, NULL);
out:
    tg_stretches_clear(&list);
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_repeat(tg_array *a, int64_t repeats, int axis)
{
    return repeats == 1 ? a : repeat(a, &repeats, 1, axis);
}

tg_array *tg_repeat_each(tg_array *a, const int64_t *repeats, int64_t count, int axis)
{
    return repeat(a, repeats, count, axis);
}

tg_array *tg_tile(tg_array *a, int count, const int64_t *repeats)
{
    tg_status status = TG_OK;
    tg_slice_params params;
    int from[TG_MAX_NDIM], ndim;

    TG_TRY(tg_array_status(a));
    ndim = count > a->ndim ? count : a->ndim;
    TG_NEED(ndim <= TG_MAX_NDIM, TG_EARG, "an array of %d axes: 0 to %d can be", ndim, TG_MAX_NDIM);
    for (int d = 0; d < ndim; d++)
        from[d] = d - (ndim - a->ndim) < 0 ? -1 : d - (ndim - a->ndim);
    a = tg_reshape_ones(a, ndim, from);
    TG_TRY(tg_array_status(a));
    TG_TRY(tg_slice_begin(a, &params));
    for (int d = ndim - count; d < ndim; d++) {
        int64_t times = repeats[d - (ndim - count)];
        tg_stretches list = {0};

        TG_NEED(times >= 0, TG_EARG, "negative dimensions are not allowed");
        for (int64_t i = 0; i < times; i++)
            tg_stretches_add(&list, 0, a->shape[d] == 1 ? 0 : 1, a->shape[d]);
        TG_TRY(tg_stretches_give(&list, a->ctx, &params, d));
    }
    return tg_slice_node(a, &params, NULL);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* One axis: element (i, j) is element i + j; the window is the last axis. As one axis the elements
 * are listed window after window, then seen as two. */
static tg_array *window_axis(tg_array *a, int d, int64_t window)
{
    tg_status status = TG_OK;
    tg_slice_params params;
    tg_stretches list = {0};
    int64_t shape[TG_MAX_NDIM], n = a->shape[d] - window + 1;

    TG_NEED(a->ndim < TG_MAX_NDIM, TG_EARG, "windows of an array of %d axes", a->ndim);
    TG_TRY(tg_slice_begin(a, &params));
    for (int64_t i = 0; i < n; i++)
        tg_stretches_add(&list, i, 1, window);
    TG_TRY(tg_stretches_give(&list, a->ctx, &params, d));
    memcpy(shape, a->shape, (size_t)d * sizeof *shape);
    shape[d] = n;
    shape[d + 1] = window;
    memcpy(shape + d + 2, a->shape + d + 1, (size_t)(a->ndim - d - 1) * sizeof *shape);
    a = tg_reshape(tg_slice_node(a, &params, NULL), a->ndim + 1, shape);
    return tg_moveaxis(a, 1, (int[]){d + 1}, (int[]){-1});
out:
    tg_stretches_clear(&list);
    return tg_node_poisoned(a->ctx, status);
}

tg_array *tg_sliding_window_view(tg_array *a, int count, const int64_t *window, const int *axis)
{
    tg_status status = TG_OK;
    int64_t left[TG_MAX_NDIM];
    int ndim, d;

    TG_TRY(tg_array_status(a));
    ndim = a->ndim;
    memcpy(left, a->shape, sizeof left);
    for (int i = 0; i < count; i++) {
        TG_TRY(
            tg_normalize_axis(a, axis[i] < 0 && axis[i] >= -ndim ? axis[i] + ndim : axis[i], &d));
        TG_NEED(window[i] >= 0, TG_EARG, "`window_shape` cannot contain negative values");
        left[d] -= window[i] - 1;
        TG_NEED(left[d] >= 0 + (window[i] > 0), TG_EARG,
                "window shape cannot be larger than input array shape");
        a = window_axis(a, d, window[i]);
        TG_TRY(tg_array_status(a));
    }
    return a;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
