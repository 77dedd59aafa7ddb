/* SPDX-License-Identifier: BSD-3-Clause */
/* The same values in other chunks. Over a file it is the file read in those chunks. */
#include "expr/node.h"

static tg_array *regrid_rechunk(tg_array *a, const tg_grid *grid)
{
    return tg_rechunk_to(a->inputs[0], grid);
}

const tg_class tg_class_rechunk = {.name = "rechunk", .regrid = regrid_rechunk};

tg_array *tg_rechunk_to(tg_array *a, const tg_grid *grid)
{
    tg_array *node = NULL;

    if (a->status != TG_OK || tg_grid_equal(a->ndim, &a->grid, grid))
        return a;
    node = tg_node_create(a->ctx, &tg_class_rechunk, 1, &a, 0);
    if (node->status != TG_OK)
        return node;
    tg_node_like(node, a);
    node->dtype = a->dtype;
    node->grid = *grid;
    return node;
}

tg_array *tg_regrid(tg_array *a, const tg_grid *grid)
{
    if (tg_grid_equal(a->ndim, &a->grid, grid))
        return a;
    return a->class->regrid ? a->class->regrid(a, grid) : NULL;
}

tg_array *tg_rechunk(tg_array *a, const char *spec)
{
    tg_status status = TG_OK;
    tg_grid grid = {0};
    bool automatic;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_chunks_grid(a->ctx, spec, &a->layout, a->ndim, a->shape, &grid, &automatic));
    return tg_rechunk_to(a, &grid);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
