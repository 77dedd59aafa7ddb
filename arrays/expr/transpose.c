/* SPDX-License-Identifier: BSD-3-Clause */
/* Transposition: a view of the same chunks until somebody needs the bytes in order. */
#include <inttypes.h>
#include <string.h>

#include "expr/node.h"

static void dump_transpose(const tg_array *a, FILE *out)
{
    const tg_transpose_params *params = a->params;

    for (int d = 0; d < a->ndim; d++)
        fprintf(out, "%s%d", d ? " " : "axes ", params->axis[d]);
}

static tg_array *regrid_transpose(tg_array *a, const tg_grid *grid)
{
    const tg_transpose_params *params = a->params;
    tg_grid below = {0};
    tg_array *input = NULL;

    for (int d = 0; d < a->ndim; d++) {
        below.count[params->axis[d]] = grid->count[d];
        below.length[params->axis[d]] = grid->length[d];
    }
    input = tg_regrid(a->inputs[0], &below);
    return input ? tg_transpose(input, params->axis) : NULL;
}

const tg_class tg_class_transpose = {
    .name = "transpose",
    .dump = dump_transpose,
    .regrid = regrid_transpose,
};

/* Axes counted from 0, each once; NULL reverses. */
static tg_status permutation(const tg_array *a, const int *axes, int *out)
{
    tg_status status = TG_OK;
    bool seen[TG_MAX_NDIM] = {false};

    for (int d = 0; d < a->ndim; d++) {
        TG_TRY(tg_normalize_axis(a, axes ? axes[d] : a->ndim - 1 - d, &out[d]));
        TG_NEED(!seen[out[d]], TG_EARG, "transpose: axis %d is given twice", axes[d]);
        seen[out[d]] = true;
    }
out:
    return status;
}

tg_array *tg_transpose(tg_array *a, const int *axes)
{
    tg_status status = TG_OK;
    tg_array *node = NULL;
    int *axis = NULL;

    TG_TRY(tg_array_status(a));
    node = tg_node_create(a->ctx, &tg_class_transpose, 1, &a, sizeof(tg_transpose_params));
    TG_TRY(tg_array_status(node));
    axis = ((tg_transpose_params *)node->params)->axis;
    TG_TRY(permutation(a, axes, axis));
    node->name = a->name;
    node->dtype = a->dtype;
    node->automatic = a->automatic;
    node->ndim = a->ndim;
    node->size = a->size;
    for (int d = 0; d < a->ndim; d++) {
        node->shape[d] = a->shape[axis[d]];
        node->grid.count[d] = a->grid.count[axis[d]];
        node->grid.length[d] = a->grid.length[axis[d]];
    }
    tg_layout_permute(&a->layout, a->ndim, axis, &node->layout);
out:
    return status == TG_OK ? node : tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
