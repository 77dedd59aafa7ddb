/* SPDX-License-Identifier: BSD-3-Clause */
/* One sweep of a rule over an expression, inputs before consumers. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "opt/pass.h"

/* What every law keeps. */
static bool stands_for(const tg_array *a, const tg_array *b)
{
    return a->dtype == b->dtype && a->ndim == b->ndim &&
           memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) == 0 &&
           tg_grid_equal(a->ndim, &a->grid, &b->grid);
}

/* The node over its inputs' replacements; the node itself when they are the inputs. */
static tg_status over_images(const tg_order *order, tg_array *const *images, int64_t i,
                             tg_array **out)
{
    tg_status status = TG_OK;
    tg_array *a = order->nodes[i];
    tg_array **inputs = calloc((size_t)a->ninputs + 1, sizeof(tg_array *));
    bool same = true;

    TG_NEED(inputs, TG_ENOMEM, "an expression of %d inputs", a->ninputs);
    for (int k = 0; k < a->ninputs; k++) {
        inputs[k] = images[tg_node_map_get(&order->place, a->inputs[k])];
        same = same && inputs[k] == a->inputs[k];
    }
    *out = same ? a : tg_node_with_inputs(a, inputs);
    TG_TRY(tg_array_status(*out));
out:
    free(inputs);
    return status;
}

tg_status tg_rewrite(tg_array **roots, int nroots, tg_rule *rule, void *state, bool *changed)
{
    tg_status status = TG_OK;
    tg_order order = {0};
    tg_array **images = NULL;

    TG_TRY(tg_order_create(roots, nroots, &order));
    images = calloc((size_t)order.count + 1, sizeof(tg_array *));
    TG_NEED(images, TG_ENOMEM, "an expression of %lld nodes", (long long)order.count);
    for (int64_t i = 0; i < order.count; i++) {
        tg_array *a = NULL;

        TG_TRY(over_images(&order, images, i, &a));
        images[i] = rule(order.nodes[i], a, state);
        TG_TRY(tg_array_status(images[i]));
        assert(stands_for(images[i], a));
        *changed = *changed || images[i] != a;
    }
    for (int i = 0; i < nroots; i++)
        roots[i] = images[tg_node_map_get(&order.place, roots[i])];
out:
    (void)stands_for;
    free(images);
    tg_order_clear(&order);
    return status;
}
