/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reduce-fusion: a program of which nothing is left but a reduction runs inside it, block by block
 * in the cache; a file that is only reduced is read there. Memory is passed over once, and what
 * moves between tasks and ranks is as small as the partials.
 *
 *     reduce(program(x, ...)) = reduce(inlined(x, ...))
 *     reduce(source) = reduce(read inside), also reduce(concatenate(source, ...))
 *
 * So where all that use the program or the source are reductions with the same partials: mean, var
 * and std. Else it would run, or be read, for each of them. A stream is read in its own order.
 */
#include <stdlib.h>
#include <string.h>

#include "opt/pass.h"

/* Who uses each node of the expression as it was. */
struct users {
    tg_order order;
    const tg_array **reduction; /* the first of it, also of a concatenation of it; malloc */
    bool *others;               /* something that cannot share its partials uses the node; malloc */
};

static bool same_partials(const tg_array *a, const tg_array *b)
{
    const tg_reduce_params *p = a->params, *q = b->params;

    return p->partials == q->partials && p->naxes == q->naxes &&
           memcmp(p->axis, q->axis, (size_t)p->naxes * sizeof *p->axis) == 0 &&
           memcmp(p->params, q->params, (size_t)p->partials->nchunk_params * sizeof *p->params) ==
               0;
}

/* The reduction that node i, a user of others, stands for; NULL: none. */
static const tg_array *reduction_of(const struct users *users, int64_t i)
{
    const tg_array *a = users->order.nodes[i];

    if (a->class == &tg_class_concatenate && !users->others[i])
        return users->reduction[i];
    return a->class == &tg_class_reduce ? a : NULL;
}

/* Node i uses that at `place`. What is joined for a reduction has no other user. */
static void note_user(struct users *users, int64_t i, int64_t place)
{
    const tg_array *a = reduction_of(users, i), *first = users->reduction[place];
    const bool joined = users->order.nodes[i]->class == &tg_class_concatenate ||
                        (first && first->inputs[0] != users->order.nodes[place]);

    if (!a || (first && (joined || !same_partials(a, first))))
        users->others[place] = true;
    else
        users->reduction[place] = a;
}

/* Users come before what they use. */
static tg_status list_users(tg_array *const *roots, int nroots, struct users *out)
{
    tg_status status = TG_OK;

    TG_TRY(tg_order_create(roots, nroots, &out->order));
    out->reduction = calloc((size_t)out->order.count + 1, sizeof *out->reduction);
    out->others = calloc((size_t)out->order.count + 1, sizeof *out->others);
    TG_NEED(out->reduction && out->others, TG_ENOMEM, "an expression of %lld nodes",
            (long long)out->order.count);
    for (int i = 0; i < nroots; i++)
        out->others[tg_node_map_get(&out->order.place, roots[i])] = true;
    for (int64_t i = out->order.count - 1; i >= 0; i--)
        for (int k = 0; k < out->order.nodes[i]->ninputs; k++)
            note_user(out, i, tg_node_map_get(&out->order.place, out->order.nodes[i]->inputs[k]));
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

/* The source as it is read where it is reduced, or itself. */
static tg_array *read_inside(const struct users *users, const tg_array *old, tg_array *source)
{
    const tg_source_params *params = source->params;
    int64_t place = tg_node_map_get(&users->order.place, old);
    tg_array *node;

    if (params->file->source.sequential || users->others[place] || !users->reduction[place])
        return source;
    node = tg_node_create(source->ctx, &tg_class_read_inside, 0, NULL, source->params_size);
    if (node->status != TG_OK)
        return node;
    memcpy(node->params, source->params, source->params_size);
    tg_node_like(node, source);
    node->name = source->name;
    node->dtype = source->dtype;
    return node;
}

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    const struct users *users = state;
    const tg_reduce_params *params = a->params;
    tg_array *input = NULL;

    if (old->class == &tg_class_source && a->class == &tg_class_source)
        return read_inside(users, old, a);
    if (old->class != &tg_class_reduce || a->inputs[0]->class != &tg_class_program ||
        !params->partials->by_tiles ||
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
    .law =
        "reduce(f(x)) makes f(x) block by block and reduce(file) reads it, where nothing else does",
    .run = run,
};
