/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reshape-merge: what is undone is not done.
 *
 *     reshape(reshape(x))   = reshape(x);  reshape(x) to its own shape = x
 *     rechunk(rechunk(x))   = rechunk(x);  rechunk(x) to its own chunks = x
 *
 * A reshape node's chunk i has the bytes of its input's chunk i, so two are one.
 */
#include <string.h>

#include "expr/views.h"
#include "opt/pass.h"

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    tg_array *input;

    (void)old;
    (void)state;
    if (a->class == &tg_class_rechunk && a->inputs[0]->class == &tg_class_rechunk)
        return tg_rechunk_to(a->inputs[0]->inputs[0], &a->grid);
    if (a->class != &tg_class_reshape)
        return a;
    input = a->inputs[0];
    if (input->class == &tg_class_reshape)
        return tg_reshape_node(input->inputs[0], a->ndim, a->shape, &a->grid);
    if (input->ndim == a->ndim && tg_grid_equal(a->ndim, &a->grid, &input->grid) &&
        memcmp(input->shape, a->shape, (size_t)a->ndim * sizeof *a->shape) == 0)
        return input;
    return a;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    return tg_rewrite(roots, nroots, rule, NULL, changed);
}

const tg_pass tg_pass_reshape_merge = {
    .name = "reshape-merge",
    .law = "reshape(reshape(x)) = reshape(x), rechunk(rechunk(x)) = rechunk(x)",
    .run = run,
};
