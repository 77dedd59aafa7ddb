/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Broadcasting as a node of its own: what NumPy's broadcast_to gives, and what arrays of one value
 * (zeros, ones, full) are. The optimiser floats it towards the outputs, so that operators work on
 * the input and constants fold.
 */
#include "expr/views.h"

#include <string.h>

void tg_operand_grid(const tg_array *input, int ndim, const int64_t *shape, const tg_grid *grid,
                     tg_grid *out)
{
    *out = input->grid;
    for (int d = 0; d < ndim; d++) {
        int axis = tg_operand_axis(input, ndim, shape, d);

        if (axis >= 0) {
            out->count[axis] = grid->count[d];
            out->length[axis] = grid->length[d];
        }
    }
}

static tg_array *regrid_broadcast(tg_array *a, const tg_grid *grid)
{
    tg_grid below;
    tg_array *input = NULL;

    tg_operand_grid(a->inputs[0], a->ndim, a->shape, grid, &below);
    input = tg_regrid(a->inputs[0], &below);
    return input ? tg_broadcast_node(input, a->ndim, a->shape, grid) : NULL;
}

const tg_class tg_class_broadcast = {.name = "broadcast", .regrid = regrid_broadcast};

/* The input's cuts; of the other axes the library's choice. */
static tg_status choose_grid(tg_array *a)
{
    tg_status status = TG_OK;
    const tg_array *input = a->inputs[0];
    int64_t length[TG_MAX_NDIM] = {0};
    tg_grid grid = {0};

    for (int d = 0; d < a->ndim; d++) {
        int axis = tg_operand_axis(input, a->ndim, a->shape, d);

        if (axis >= 0 && input->shape[axis] > 0)
            length[d] = input->grid.length[axis][0];
    }
    tg_grid_choose(&a->layout, a->ndim, a->shape, length);
    TG_TRY(tg_grid_regular(a->ctx, a->ndim, a->shape, length, &grid));
    for (int d = 0; d < a->ndim; d++) {
        int axis = tg_operand_axis(input, a->ndim, a->shape, d);

        if (axis >= 0) {
            grid.count[d] = input->grid.count[axis];
            grid.length[d] = input->grid.length[axis];
        }
    }
    a->grid = grid;
out:
    return status;
}

tg_array *tg_broadcast_node(tg_array *a, int ndim, const int64_t *shape, const tg_grid *grid)
{
    tg_status status = TG_OK;
    tg_array *node = NULL, *input = a;
    tg_grid below;

    TG_TRY(tg_array_status(a));
    if (a->ndim == ndim &&
        (ndim == 0 || memcmp(a->shape, shape, (size_t)ndim * sizeof *shape) == 0))
        return grid ? tg_rechunk_to(a, grid) : a;
    if (grid) {
        tg_operand_grid(a, ndim, shape, grid, &below);
        input = tg_rechunk_to(a, &below);
    }
    node = tg_node_create(a->ctx, &tg_class_broadcast, 1, &input, 0);
    TG_TRY(tg_array_status(node));
    node->name = a->name;
    node->dtype = a->dtype;
    TG_TRY(tg_node_shape(node, ndim, shape));
    tg_layout_plain(&node->layout, ndim, tg_dtype_size(a->dtype));
    node->automatic = !grid && (a->automatic || a->size == 1);
    if (grid)
        node->grid = *grid;
    else
        TG_TRY(choose_grid(node));
out:
    return status == TG_OK ? node : tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
