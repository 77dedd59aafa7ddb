/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays of values in rank 0's memory, Python's numbers, and delayed results seen as arrays. */
#include <inttypes.h>
#include <string.h>

#include "expr/node.h"

static void dump_memory(const tg_array *a, FILE *out)
{
    const tg_memory_params *params = a->params;
    double value[2] = {0};

    if (a->weak)
        fprintf(out, "number, ");
    if (a->size != 1) {
        fprintf(out, "%zu bytes", params->size);
        return;
    }
    tg_convert(1, a->dtype, params->data, TG_COMPLEX128, value);
    fprintf(out, "%.17g", value[0]);
    if (a->dtype == TG_COMPLEX64 || a->dtype == TG_COMPLEX128)
        fprintf(out, "%+.17gj", value[1]);
}

static void key_memory(const tg_array *a, FILE *out)
{
    const tg_memory_params *params = a->params;

    fputc(a->weak, out);
    fwrite(params->data, 1, params->size, out);
}

static tg_array *regrid_memory(tg_array *a, const tg_grid *grid)
{
    tg_array *node = tg_node_create(a->ctx, a->class, 0, NULL, sizeof(tg_memory_params));

    if (node->status != TG_OK)
        return node;
    memcpy(node->params, a->params, sizeof(tg_memory_params));
    tg_node_like(node, a);
    node->dtype = a->dtype;
    node->weak = a->weak;
    node->beyond = a->beyond;
    node->grid = *grid;
    return node;
}

const tg_class tg_class_memory = {
    .name = "memory",
    .dump = dump_memory,
    .key = key_memory,
    .regrid = regrid_memory,
};

tg_array *tg_from_memory(tg_ctx *ctx, const void *values, tg_dtype dtype, int ndim,
                         const int64_t *shape)
{
    tg_status status = TG_OK;
    tg_array *node = tg_node_create(ctx, &tg_class_memory, 0, NULL, sizeof(tg_memory_params));
    tg_memory_params *params = NULL;
    void *copy = NULL;
    bool automatic;

    TG_TRY(tg_array_status(node));
    TG_NEED((int)dtype >= 0 && dtype < TG_NDTYPES, TG_EARG, "dtype %d does not exist", (int)dtype);
    node->dtype = dtype;
    TG_TRY(tg_node_shape(node, ndim, shape));
    TG_NEED(values || node->size == 0, TG_EARG, "tg_from_memory was called without values");
    params = node->params;
    params->size = (size_t)node->size * tg_dtype_size(dtype);
    copy = tg_ctx_alloc(ctx, params->size + 1);
    TG_NEED(copy, TG_ENOMEM, "an array of %zu bytes", params->size);
    if (params->size > 0)
        memcpy(copy, values, params->size);
    params->data = copy;
    tg_layout_plain(&node->layout, ndim, tg_dtype_size(dtype));
    TG_TRY(tg_chunks_grid(ctx, "auto", &node->layout, ndim, shape, &node->grid, &automatic));
    node->automatic = true;
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}

static tg_array *number(tg_ctx *ctx, const void *value, tg_dtype dtype)
{
    tg_array *node = tg_from_memory(ctx, value, dtype, 0, NULL);

    if (node->status == TG_OK)
        node->weak = true;
    return node;
}

tg_array *tg_float(tg_ctx *ctx, double value)
{
    return number(ctx, &value, TG_FLOAT64);
}

tg_array *tg_int(tg_ctx *ctx, int64_t value)
{
    return number(ctx, &value, TG_INT64);
}

tg_array *tg_uint(tg_ctx *ctx, uint64_t value)
{
    return value <= INT64_MAX ? tg_int(ctx, (int64_t)value) : number(ctx, &value, TG_UINT64);
}

tg_array *tg_int_beyond(tg_ctx *ctx, double value)
{
    tg_array *node = tg_float(ctx, value);

    node->beyond = node->status == TG_OK;
    return node;
}

tg_array *tg_complex(tg_ctx *ctx, double re, double im)
{
    return number(ctx, (double[]){re, im}, TG_COMPLEX128);
}

const tg_class tg_class_delayed = {.name = "delayed"};

tg_array *tg_array_from_delayed(tg_ctx *ctx, tg_delayed *delayed, tg_dtype dtype, int ndim,
                                const int64_t *shape)
{
    tg_status status = TG_OK;
    tg_array *node = tg_node_create(ctx, &tg_class_delayed, 0, NULL, sizeof(tg_delayed_params));

    TG_TRY(tg_array_status(node));
    TG_NEED(delayed, TG_EARG, "tg_array_from_delayed was called without a delayed result");
    TG_NEED((int)dtype >= 0 && dtype < TG_NDTYPES, TG_EARG, "dtype %d does not exist", (int)dtype);
    node->dtype = dtype;
    ((tg_delayed_params *)node->params)->delayed = delayed;
    TG_TRY(tg_node_shape(node, ndim, shape));
    tg_layout_plain(&node->layout, ndim, tg_dtype_size(dtype));
    for (int d = 0; d < ndim; d++)
        TG_TRY(tg_grid_axis(ctx, shape[d], shape[d] ? shape[d] : 1, &node->grid.count[d],
                            &node->grid.length[d]));
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}
