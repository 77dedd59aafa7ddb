/* SPDX-License-Identifier: BSD-3-Clause */
/* Constants: one value broadcast to a shape. */
#include <inttypes.h>
#include <string.h>

#include "expr/index.h"

static tg_array *constant(tg_ctx *ctx, tg_dtype dtype, int value)
{
    tg_status status = TG_OK;
    char bytes[32] = {0};
    uint8_t one = (uint8_t)value;

    TG_NEED((int)dtype >= 0 && dtype < TG_NDTYPES, TG_EARG, "dtype %d does not exist", (int)dtype);
    tg_convert(1, TG_UINT8, &one, dtype, bytes);
    return tg_from_memory(ctx, bytes, dtype, 0, NULL);
out:
    return tg_node_poisoned(ctx, status);
}

tg_array *tg_zeros_node(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape,
                        const tg_grid *grid)
{
    return tg_broadcast_node(constant(ctx, dtype, 0), ndim, shape, grid);
}

/* An array of one value seen as larger; chunks as a text says. */
static tg_array *spread(tg_array *value, int ndim, const int64_t *shape, const char *chunks)
{
    tg_status status = TG_OK;
    tg_layout layout;
    tg_grid grid = {0};
    bool automatic;
    tg_array *node = NULL;

    TG_TRY(tg_array_status(value));
    TG_NEED(ndim >= 0 && ndim <= TG_MAX_NDIM, TG_EARG, "an array of %d axes: 0 to %d can be", ndim,
            TG_MAX_NDIM);
    node = tg_broadcast_to(value, ndim, shape);
    TG_TRY(tg_array_status(node));
    if (!chunks || strcmp(chunks, "auto") == 0)
        return node;
    tg_layout_plain(&layout, ndim, tg_dtype_size(value->dtype));
    TG_TRY(tg_chunks_grid(value->ctx, chunks, &layout, ndim, shape, &grid, &automatic));
    return tg_broadcast_node(value, ndim, shape, &grid);
out:
    return tg_node_poisoned(tg_inputs_ctx(&value, 1), status);
}

tg_array *tg_zeros(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape, const char *chunks)
{
    return spread(constant(ctx, dtype, 0), ndim, shape, chunks);
}

tg_array *tg_ones(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape, const char *chunks)
{
    return spread(constant(ctx, dtype, 1), ndim, shape, chunks);
}

tg_array *tg_empty(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape, const char *chunks)
{
    return tg_zeros(ctx, dtype, ndim, shape, chunks);
}

/* Python's numbers are arrays of their own dtype here. */
static tg_array *strong(tg_array *value)
{
    return value && value->status == TG_OK && value->weak ? tg_astype(value, value->dtype) : value;
}

tg_array *tg_full(tg_array *value, int ndim, const int64_t *shape, const char *chunks)
{
    return spread(strong(value), ndim, shape, chunks);
}

tg_array *tg_full_like(const tg_array *a, tg_array *value, tg_dtype dtype, const char *chunks)
{
    tg_status status = TG_OK;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_array_status(value));
    value = tg_astype(value, dtype);
    if (chunks)
        return spread(value, a->ndim, a->shape, chunks);
    TG_TRY(tg_array_status(tg_broadcast_to(value, a->ndim, a->shape)));
    return tg_broadcast_node(value, a->ndim, a->shape, &a->grid);
out:
    return tg_node_poisoned(a ? a->ctx : NULL, status);
}

tg_array *tg_broadcast_to(tg_array *a, int ndim, const int64_t *shape)
{
    tg_status status = TG_OK;
    char from[TG_SHAPE_TEXT], to[TG_SHAPE_TEXT];
    bool fits;

    TG_TRY(tg_array_status(a));
    TG_NEED(ndim <= TG_MAX_NDIM, TG_EARG, "an array of %d axes: 0 to %d can be", ndim, TG_MAX_NDIM);
    fits = a->ndim <= ndim;
    for (int d = 0; d < ndim; d++)
        TG_NEED(shape[d] >= 0, TG_EARG, "shape %s has a negative length",
                tg_shape_text(ndim, shape, to));
    for (int k = 0; fits && k < a->ndim; k++)
        fits = a->shape[k] == 1 || a->shape[k] == shape[ndim - a->ndim + k];
    TG_NEED(fits, TG_EARG, "an array of shape %s cannot be broadcast to %s",
            tg_shape_text(a->ndim, a->shape, from), tg_shape_text(ndim, shape, to));
    return tg_broadcast_node(strong(a), ndim, shape, NULL);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_places(const tg_array *a, int axis)
{
    int from[TG_MAX_NDIM];
    tg_array *line = tg_arange(a->ctx, 0, a->shape[axis], 1, TG_INT64, NULL);

    for (int d = 0; d < a->ndim; d++)
        from[d] = d == axis ? 0 : -1;
    return tg_broadcast_to(tg_reshape_ones(line, a->ndim, from), a->ndim, a->shape);
}

tg_array *tg_indices(tg_ctx *ctx, int ndim, const int64_t *shape, tg_dtype dtype,
                     const char *chunks)
{
    tg_status status = TG_OK;
    tg_array *like = tg_zeros(ctx, TG_BOOL, ndim, shape, chunks), *axis[TG_MAX_NDIM];
    int64_t none[TG_MAX_NDIM] = {0};

    TG_TRY(tg_array_status(like));
    TG_NEED(ndim < TG_MAX_NDIM, TG_EARG, "indices of %d axes: fewer than %d can be", ndim,
            TG_MAX_NDIM);
    if (ndim == 0)
        return tg_zeros(ctx, dtype, 1, none, NULL);
    for (int d = 0; d < ndim; d++) {
        axis[d] = tg_astype(tg_places(like, d), dtype);
        TG_TRY(tg_array_status(axis[d]));
        axis[d] = tg_rechunk_to(axis[d], &like->grid);
    }
    return tg_stack(axis, ndim, 0);
out:
    return tg_node_poisoned(ctx, status);
}

tg_status tg_meshgrid(tg_array *const *arrays, int count, bool xy, bool sparse, tg_array **out)
{
    tg_status status = TG_OK;
    int64_t shape[TG_MAX_NDIM];

    TG_TRY(tg_inputs_status(arrays, count));
    TG_NEED(count <= TG_MAX_NDIM, TG_EARG, "meshgrid of %d arrays: at most %d can be", count,
            TG_MAX_NDIM);
    for (int i = 0; i < count; i++) {
        int at = xy && count > 1 && i < 2 ? 1 - i : i;

        shape[at] = arrays[i]->size;
    }
    for (int i = 0; i < count; i++) {
        int at = xy && count > 1 && i < 2 ? 1 - i : i, from[TG_MAX_NDIM];

        for (int d = 0; d < count; d++)
            from[d] = d == at ? 0 : -1;
        out[i] = tg_reshape_ones(tg_ravel(strong(arrays[i])), count, from);
        if (!sparse)
            out[i] = tg_broadcast_to(out[i], count, shape);
    }
out:
    return status;
}
