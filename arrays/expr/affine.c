/* SPDX-License-Identifier: BSD-3-Clause */
/* The scaling of files: a node of its own, so that moments of integers stay exact below it. */
#include "expr/node.h"

static void dump_affine(const tg_array *a, FILE *out)
{
    const tg_affine_params *params = a->params;

    fprintf(out, "slope %.17g, inter %.17g", params->slope, params->inter);
}

static tg_array *regrid_affine(tg_array *a, const tg_grid *grid)
{
    const tg_affine_params *params = a->params;
    tg_array *input = tg_regrid(a->inputs[0], grid);

    return input ? tg_affine(input, params->slope, params->inter) : NULL;
}

const tg_class tg_class_affine = {
    .name = "affine",
    .dump = dump_affine,
    .regrid = regrid_affine,
};

tg_array *tg_affine(tg_array *a, double slope, double inter)
{
    tg_array *node = NULL;

    if (a->status != TG_OK)
        return a;
    node = tg_node_create(a->ctx, &tg_class_affine, 1, &a, sizeof(tg_affine_params));
    if (node->status != TG_OK)
        return node;
    *(tg_affine_params *)node->params = (tg_affine_params){.slope = slope, .inter = inter};
    tg_node_like(node, a);
    node->dtype = TG_FLOAT64;
    node->automatic = a->automatic;
    return node;
}
