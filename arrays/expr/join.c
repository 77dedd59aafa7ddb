/* SPDX-License-Identifier: BSD-3-Clause */
/* Joining and splitting: concatenations and slices. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expr/index.h"

/* Each array changed by `with`, then joined along an axis. */
static tg_array *join(tg_array *const *arrays, int count, tg_array *(*with)(tg_array *), int axis)
{
    tg_status status = TG_OK;
    tg_array **pieces = NULL;

    if (count < 1 || !arrays)
        return tg_node_nothing_joined();
    TG_TRY(tg_inputs_status(arrays, count));
    pieces = tg_ctx_alloc(tg_inputs_ctx(arrays, count), (size_t)count * sizeof *pieces);
    TG_NEED(pieces, TG_ENOMEM, "%d arrays to be joined", count);
    for (int i = 0; i < count; i++)
        pieces[i] = with(arrays[i]);
    return tg_concatenate(pieces, count, axis);
out:
    return tg_node_poisoned(tg_inputs_ctx(arrays, count), status);
}

tg_array *tg_stack(tg_array *const *arrays, int count, int axis)
{
    tg_status status = TG_OK;
    tg_array **pieces = NULL;
    char first[TG_SHAPE_TEXT], other[TG_SHAPE_TEXT];
    int at;

    if (count < 1 || !arrays)
        return tg_node_nothing_joined();
    TG_TRY(tg_inputs_status(arrays, count));
    at = axis < 0 ? axis + arrays[0]->ndim + 1 : axis;
    TG_NEED(at >= 0 && at <= arrays[0]->ndim, TG_EARG,
            "axis %d is out of bounds for array of dimension %d", axis, arrays[0]->ndim + 1);
    pieces = tg_ctx_alloc(arrays[0]->ctx, (size_t)count * sizeof *pieces);
    TG_NEED(pieces, TG_ENOMEM, "%d arrays to be joined", count);
    for (int i = 0; i < count; i++) {
        TG_NEED(arrays[i]->ndim == arrays[0]->ndim &&
                    memcmp(arrays[i]->shape, arrays[0]->shape,
                           (size_t)arrays[0]->ndim * sizeof *arrays[0]->shape) == 0,
                TG_EARG, "all input arrays must have the same shape: %s and %s",
                tg_shape_text(arrays[0]->ndim, arrays[0]->shape, first),
                tg_shape_text(arrays[i]->ndim, arrays[i]->shape, other));
        pieces[i] = tg_expand_dims(arrays[i], TG_AXES(at));
    }
    return tg_concatenate(pieces, count, at);
out:
    return tg_node_poisoned(tg_inputs_ctx(arrays, count), status);
}

tg_array *tg_hstack(tg_array *const *arrays, int count)
{
    bool line = count > 0 && arrays && arrays[0] && arrays[0]->ndim <= 1;

    return join(arrays, count, tg_atleast_1d, line ? 0 : 1);
}

tg_array *tg_vstack(tg_array *const *arrays, int count)
{
    return join(arrays, count, tg_atleast_2d, 0);
}

tg_array *tg_dstack(tg_array *const *arrays, int count)
{
    return join(arrays, count, tg_atleast_3d, 2);
}

tg_array *tg_append(tg_array *a, tg_array *b, int axis)
{
    return tg_concatenate((tg_array *[]){a, b}, 2, axis);
}

tg_array *tg_insert(tg_array *a, int64_t at, tg_array *values, int axis)
{
    tg_status status = TG_OK;
    int64_t n, place, shape[TG_MAX_NDIM];
    int from[TG_MAX_NDIM], d;

    TG_TRY(tg_inputs_status((tg_array *[]){a, values}, 2));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    n = a->shape[d];
    place = at < 0 ? at + n : at;
    TG_NEED(place >= 0 && place <= n, TG_EARG,
            "index %" PRId64 " is out of bounds for axis %d with size %" PRId64, at, d, n);
    values = tg_astype(values, a->dtype);
    if (values->ndim == a->ndim - 1) { /* one row */
        for (int k = 0; k < a->ndim; k++)
            from[k] = k == d ? -1 : k - (k > d);
        values = tg_reshape_ones(values, a->ndim, from);
    }
    TG_TRY(tg_array_status(values));
    memcpy(shape, a->shape, sizeof shape);
    shape[d] = values->ndim == a->ndim ? values->shape[d] : 1;
    values = tg_broadcast_to(values, a->ndim, shape);
    return tg_concatenate((tg_array *[]){tg_slice_one(a, d, 0, 1, place), values,
                                         tg_slice_one(a, d, place, 1, n - place)},
                          3, d);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){a, values}, 2), status);
}

tg_array *tg_delete(tg_array *a, const int64_t *list, int64_t count, int axis)
{
    tg_status status = TG_OK;
    tg_stretches kept = {0};
    tg_slice_params params;
    uint8_t *gone = NULL;
    int d;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    gone = calloc((size_t)a->shape[d] + 1, 1);
    TG_NEED(gone, TG_ENOMEM, "%" PRId64 " indices", a->shape[d]);
    for (int64_t i = 0; i < count; i++) {
        TG_NEED(list[i] >= -a->shape[d] && list[i] < a->shape[d], TG_EARG,
                "index %" PRId64 " is out of bounds for axis %d with size %" PRId64, list[i], d,
                a->shape[d]);
        gone[list[i] < 0 ? list[i] + a->shape[d] : list[i]] = 1;
    }
    for (int64_t i = 0; i < a->shape[d]; i++)
        if (!gone[i])
            tg_stretches_add(&kept, i, 1, 1);
    TG_TRY(tg_slice_begin(a, &params));
    TG_TRY(tg_stretches_give(&kept, a->ctx, &params, d));
    free(gone);
    return tg_slice_node(a, &params, NULL);
out:
    tg_stretches_clear(&kept);
    free(gone);
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_status tg_split(tg_array *a, const int64_t *at, int64_t count, int axis, tg_array **out)
{
    tg_status status = TG_OK;
    int d;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    for (int64_t i = 0; i <= count; i++) {
        tg_index item = TG_SLICE(i == 0 ? TG_NONE : at[i - 1], i == count ? TG_NONE : at[i], 1);
        int64_t start, step, length;

        TG_TRY(tg_slice_resolve(&item, a->shape[d], &start, &step, &length));
        out[i] = tg_slice_one(a, d, start, step, length);
        TG_TRY(tg_array_status(out[i]));
    }
out:
    return status;
}
