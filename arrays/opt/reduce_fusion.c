/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reduce-fusion: a program of which nothing is left but a reduction runs inside it, block by block
 * in the cache. Memory is passed over once and no temporary is as large as a chunk.
 *
 *     reduce(program(x, ...)) = reduce(inlined(x, ...))
 *
 * So where all that use the program are reductions with the same partials: mean, var and std. Else
 * it would run for each of them.
 */
#include <stdlib.h>
#include <string.h>

#include "opt/pass.h"

/* Of each node of the expression as it was: the first reduction of it, and whether anything that
 * cannot share its partials uses the node. */
struct users {
    tg_order order;
    const tg_array **reduction; /* malloc */
    bool *others;               /* malloc */
};

static bool same_partials(const tg_array *a, const tg_array *b)
{
    const tg_reduce_params *p = a->params, *q = b->params;

    return p->partials == q->partials && p->naxes == q->naxes &&
           memcmp(p->axis, q->axis, (size_t)p->naxes * sizeof *p->axis) == 0 &&
           memcmp(p->params, q->params, (size_t)p->partials->nchunk_params * sizeof *p->params) ==
               0;
}

static tg_status list_users(tg_array *const *roots, int nroots, struct users *out)
{
    tg_status status = TG_OK;

    TG_TRY(tg_order_create(roots, nroots, &out->order));
    out->reduction = calloc((size_t)out->order.count + 1, sizeof *out->reduction);
    out->others = calloc((size_t)out->order.count + 1, sizeof *out->others);
    TG_NEED(out->reduction && out->others, TG_ENOMEM, "an expression of %lld nodes",
            (long long)out->order.count);
    for (int64_t i = 0; i < out->order.count; i++) {
        const tg_array *a = out->order.nodes[i];

        for (int k = 0; k < a->ninputs; k++) {
            int64_t place = tg_node_map_get(&out->order.place, a->inputs[k]);
            const tg_array *first = out->reduction[place];

            if (a->class != &tg_class_reduce || (first && !same_partials(a, first)))
                out->others[place] = true;
            else
                out->reduction[place] = a;
        }
    }
    for (int i = 0; i < nroots; i++)
        out->others[tg_node_map_get(&out->order.place, roots[i])] = true;
out:
    return status;
}

static tg_array *inlined(const tg_array *program)
{
    tg_array *node = tg_node_create(program->ctx, &tg_class_inlined, program->ninputs,
                                    program->inputs, program->params_size);

    if (node->status != TG_OK)
        return node;
    memcpy(node->params, program->params, program->params_size);
    tg_node_like(node, program);
    node->dtype = program->dtype;
    return node;
}

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    const struct users *users = state;
    const tg_reduce_params *params = a->params;
    tg_array *input = NULL;

    if (old->class != &tg_class_reduce || a->inputs[0]->class != &tg_class_program ||
        !params->partials->by_tiles || a->inputs[0]->dtype >= TG_COMPLEX64 ||
        users->others[tg_node_map_get(&users->order.place, old->inputs[0])])
        return a;
    input = inlined(a->inputs[0]);
    return input->status == TG_OK ? tg_node_with_inputs(a, &input) : input;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    tg_status status = TG_OK;
    struct users users = {0};

    TG_TRY(list_users(roots, nroots, &users));
    TG_TRY(tg_rewrite(roots, nroots, rule, &users, changed));
out:
    free(users.reduction);
    free(users.others);
    tg_order_clear(&users.order);
    return status;
}

const tg_pass tg_pass_reduce_fusion = {
    .name = "reduce-fusion",
    .law = "reduce(f(x)) makes f(x) block by block, where nothing else uses f(x)",
    .run = run,
};
