/* SPDX-License-Identifier: BSD-3-Clause */
/* Results of tasks whose size nobody knows before. */
#include "expr/parcels.h"

#include <inttypes.h>
#include <string.h>

static void dump_parcels(const tg_array *a, FILE *out)
{
    const tg_parcels_params *params = a->params;

    fprintf(out, "%s", params->spec.name);
    if (params->fan > 0)
        fprintf(out, ", of %" PRId64, params->fan);
}

static void key_parcels(const tg_array *a, FILE *out)
{
    const tg_parcels_params *params = a->params;

    fwrite(&params->spec.function, sizeof params->spec.function, 1, out);
    fwrite(&params->fan, sizeof params->fan, 1, out);
    fwrite(params->spec.params, 1, params->spec.params_size, out);
}

const tg_class tg_class_parcels = {
    .name = "parcels",
    .dump = dump_parcels,
    .key = key_parcels,
};

/* One element for each parcel, each a chunk. */
static tg_status set_parcels(tg_array *node, int ndim, const int64_t *count)
{
    tg_status status = TG_OK;

    TG_TRY(tg_node_shape(node, ndim, count));
    for (int d = 0; d < ndim; d++)
        TG_TRY(tg_grid_axis(node->ctx, count[d], 1, &node->grid.count[d], &node->grid.length[d]));
    tg_layout_plain(&node->layout, ndim, 1);
    node->dtype = TG_UINT8;
out:
    return status;
}

static tg_array *parcels_node(const tg_parcel_spec *spec, tg_array *const *inputs, int ninputs,
                              int64_t fan, int ndim, const int64_t *count)
{
    tg_status status = TG_OK;
    tg_ctx *ctx = inputs[0]->ctx;
    tg_array *node =
        tg_node_create(ctx, &tg_class_parcels, ninputs, inputs, sizeof(tg_parcels_params));
    tg_parcels_params *params;
    void *copy;

    TG_TRY(tg_array_status(node));
    copy = tg_ctx_alloc(ctx, spec->params_size + 1);
    TG_NEED(copy, TG_ENOMEM, "%zu bytes of parameters", spec->params_size);
    if (spec->params_size > 0)
        memcpy(copy, spec->params, spec->params_size);
    params = node->params;
    params->spec = *spec;
    params->spec.params = copy;
    params->fan = fan;
    TG_TRY(set_parcels(node, ndim, count));
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}

tg_array *tg_parcels_each(const tg_parcel_spec *spec, tg_array *const *inputs, int ninputs)
{
    tg_status status = TG_OK;
    tg_array *cut[TG_BLOCKS_MAX_INPUTS];

    TG_TRY(tg_inputs_status(inputs, ninputs));
    TG_NEED(ninputs <= TG_BLOCKS_MAX_INPUTS, TG_EINTERNAL, "parcels of %d arrays", ninputs);
    for (int i = 0; i < ninputs; i++)
        cut[i] = tg_grid_chunks(inputs[i]->ndim, &inputs[i]->grid) == 1
                     ? inputs[i]
                     : tg_rechunk_to(inputs[i], &inputs[0]->grid);
    return parcels_node(spec, cut, ninputs, 0, inputs[0]->ndim, inputs[0]->grid.count);
out:
    return tg_node_poisoned(tg_inputs_ctx(inputs, ninputs), status);
}

tg_array *tg_parcels_join(const tg_parcel_spec *spec, tg_array *parcels, int64_t fan)
{
    int64_t count;

    if (parcels->status != TG_OK)
        return parcels;
    fan = fan < parcels->size ? fan : parcels->size;
    count = (parcels->size + fan - 1) / fan;
    return parcels_node(spec, &parcels, 1, fan, 1, &count);
}

tg_array *tg_parcels_join_all(const tg_parcel_spec *spec, tg_array *parcels, int64_t fan)
{
    do
        parcels = tg_parcels_join(spec, parcels, fan);
    while (parcels->status == TG_OK && parcels->size > 1);
    return parcels;
}

tg_array *tg_blocks_of_parcels(const tg_block_spec *spec, tg_array *const *inputs, int ninputs,
                               const tg_array *like)
{
    tg_status status = TG_OK;
    tg_array *node = NULL;
    tg_blocks_params *params;

    TG_TRY(tg_inputs_status(inputs, ninputs));
    node = tg_blocks_node(inputs[0]->ctx, spec, inputs, ninputs);
    TG_TRY(tg_array_status(node));
    params = node->params;
    for (int i = 0; i < ninputs && like; i++)
        for (int d = 0; d < inputs[i]->ndim && d < like->ndim; d++)
            if (inputs[i]->ndim == like->ndim && inputs[i]->grid.count[d] == like->grid.count[d])
                params->axis[i][d] = (int8_t)d;
    TG_TRY(tg_node_shape(node, like ? like->ndim : 0, like ? like->shape : NULL));
    if (like)
        node->grid = like->grid;
    tg_layout_plain(&node->layout, node->ndim, tg_dtype_size(node->dtype));
out:
    return status == TG_OK ? node : tg_node_poisoned(tg_inputs_ctx(inputs, ninputs), status);
}
