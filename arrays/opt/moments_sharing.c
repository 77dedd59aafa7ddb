/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * moments-sharing: a mean beside a variance or deviation of the same array and axes is read off
 * their partials, which begin with the mean's: one pass over the array makes both.
 */
#include <string.h>

#include "opt/pass.h"

/* Whether `b` makes, of the same elements, the partials that `a` can be read off. */
static bool makes_wider(const tg_array *a, const tg_array *b)
{
    const tg_reduce_params *pa = a->params, *pb = b->params;
    const tg_reducer *wider = pa->reducer->wider;

    return b->class == &tg_class_reduce && b->inputs[0] == a->inputs[0] &&
           pb->reducer->chunk == wider->chunk && pb->reducer->nchunk_params == 0 &&
           pb->naxes == pa->naxes &&
           memcmp(pb->axis, pa->axis, (size_t)pa->naxes * sizeof *pa->axis) == 0;
}

/* `state` is the order of the expression as it was: inputs compare by their old nodes. */
static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    const tg_order *order = state;
    const tg_reduce_params *params = old->params;
    tg_reduce_params shared;

    if (old->class != &tg_class_reduce || !params->reducer->wider ||
        params->partials != params->reducer)
        return a;
    for (int64_t i = 0; i < order->count; i++) {
        if (order->nodes[i] != old && makes_wider(old, order->nodes[i])) {
            memcpy(&shared, params, sizeof shared);
            shared.partials = ((const tg_reduce_params *)order->nodes[i]->params)->reducer;
            return tg_reduce_node(a->inputs[0], &shared);
        }
    }
    return a;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    tg_status status = TG_OK;
    tg_order order = {0};

    TG_TRY(tg_order_create(roots, nroots, &order));
    TG_TRY(tg_rewrite(roots, nroots, rule, &order, changed));
out:
    tg_order_clear(&order);
    return status;
}

const tg_pass tg_pass_moments_sharing = {
    .name = "moments-sharing",
    .law = "mean(a) beside std(a) is read off the partials of std(a)",
    .run = run,
};
