/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * broadcast-up: broadcasting moves from the sources towards the outputs, so that operators work on
 * what there is and constants fold.
 *
 *     broadcast(broadcast(x))          = broadcast(x)
 *     op(broadcast(x), y, ...)         = op(x, y, ...)          where y has the shape
 *     op(broadcast(x), broadcast(y))   = broadcast(op(x, y))
 *     transpose(broadcast(x), p)       = broadcast(x)           of a single value
 *     rechunk(broadcast(x))            = broadcast(x) in those chunks
 *     sum(broadcast(x)) of n           = x n;  mean, min, max = x;  var = (x - x) / (n - ddof)
 *
 * Sums and means are more exact so than added up; those of a NaN or an infinity are the same.
 */
#include <string.h>

#include "expr/views.h"
#include "opt/pass.h"

static bool is_broadcast(const tg_array *a)
{
    return a->class == &tg_class_broadcast;
}

static tg_array *through_broadcast(tg_array *a)
{
    if (!is_broadcast(a->inputs[0]))
        return a;
    return tg_broadcast_node(a->inputs[0]->inputs[0], a->ndim, a->shape, &a->grid);
}

static tg_array *through_rechunk(tg_array *a)
{
    if (!is_broadcast(a->inputs[0]))
        return a;
    return tg_broadcast_node(a->inputs[0]->inputs[0], a->ndim, a->shape, &a->grid);
}

static tg_array *through_transpose(tg_array *a)
{
    if (!is_broadcast(a->inputs[0]) || a->inputs[0]->inputs[0]->ndim > 0)
        return a;
    return tg_broadcast_node(a->inputs[0]->inputs[0], a->ndim, a->shape, &a->grid);
}

static tg_array *through_affine(tg_array *a)
{
    const tg_affine_params *affine = a->params;

    if (!is_broadcast(a->inputs[0]))
        return a;
    return tg_broadcast_node(tg_affine(a->inputs[0]->inputs[0], affine->slope, affine->inter),
                             a->ndim, a->shape, &a->grid);
}

/* A reshape that keeps the only value. */
static tg_array *through_reshape(tg_array *a)
{
    if (!is_broadcast(a->inputs[0]) || a->inputs[0]->inputs[0]->ndim > 0)
        return a;
    return tg_broadcast_node(a->inputs[0]->inputs[0], a->ndim, a->shape, &a->grid);
}

/* Two operands that were one input are one register still: inputs are replaced one by one. */
static tg_array *through_program(tg_array *a)
{
    tg_array *inputs[TG_PROGRAM_MAX_INPUTS], *node;
    int64_t shape[TG_MAX_NDIM] = {0};
    int ndim = 0;
    bool any = false;

    for (int i = 0; i < a->ninputs; i++) {
        bool broadcast = is_broadcast(a->inputs[i]) && a->inputs[i]->size > 0;

        inputs[i] = broadcast ? a->inputs[i]->inputs[0] : a->inputs[i];
        any = any || broadcast;
        ndim = inputs[i]->ndim > ndim ? inputs[i]->ndim : ndim;
    }
    if (!any || a->size == 0)
        return a;
    for (int d = 0; d < ndim; d++) {
        shape[d] = 1;
        for (int i = 0; i < a->ninputs; i++) {
            int axis = d - (ndim - inputs[i]->ndim);

            if (axis >= 0 && inputs[i]->shape[axis] != 1)
                shape[d] = inputs[i]->shape[axis];
        }
    }
    node = tg_program_node(a->ctx, a->params, inputs, ndim, shape);
    if (node->status != TG_OK)
        return node;
    return tg_broadcast_node(node, a->ndim, a->shape, &a->grid);
}

static tg_array *binary(const char *name, tg_array *a, tg_array *b)
{
    return tg_elementwise_node(name, (tg_array *[]){a, b}, 2);
}

/* x n in float64, or in the integers of the result; n copies added up. */
static tg_array *times(tg_array *x, int64_t n, tg_dtype dtype)
{
    tg_dtype wide = dtype < TG_FLOAT32 ? dtype : TG_FLOAT64;
    tg_array *count = tg_astype(tg_int(x->ctx, n), wide);

    return tg_astype(binary("multiply", tg_astype(x, wide), count), dtype);
}

/* (x - x) / (n - ddof): 0, or NaN as deviations from it are. */
static tg_array *spread(tg_array *x, int64_t n, double ddof, tg_dtype dtype)
{
    tg_array *wide = tg_astype(x, TG_FLOAT64);
    double left = (double)n - ddof;

    return tg_astype(
        binary("divide", binary("subtract", wide, wide), tg_float(x->ctx, left > 0 ? left : 0)),
        dtype);
}

static tg_array *reduce_value(const tg_array *a, tg_array *x, int64_t n)
{
    const tg_reduce_params *params = a->params;
    const char *name = params->reducer->name;

    if (strcmp(name, "sum") == 0)
        return times(x, n, a->dtype);
    if (strcmp(name, "mean") == 0 || strcmp(name, "min") == 0 || strcmp(name, "max") == 0)
        return tg_astype(x, a->dtype);
    if (strcmp(name, "var") == 0 || strcmp(name, "std") == 0)
        return spread(x, n, params->params[0], a->dtype);
    return NULL;
}

/* Only where the reduced axes are all broadcast, and the others are the input's own or broadcast:
 * the input without the reduced axes is what is left. */
static tg_array *through_reduce(tg_array *a)
{
    const tg_reduce_params *params = a->params;
    tg_array *node = a->inputs[0], *x;
    bool reduced[TG_MAX_NDIM] = {false};
    int from[TG_MAX_NDIM], ndim = 0;
    int64_t n = 1;

    if (!is_broadcast(node) || node->size == 0 || node->dtype > TG_FLOAT64)
        return a;
    x = node->inputs[0];
    for (int i = 0; i < params->naxes; i++) {
        int d = params->axis[i], axis = d - (node->ndim - x->ndim);

        if (axis >= 0 && x->shape[axis] != 1)
            return a;
        reduced[d] = true;
        n *= node->shape[d];
    }
    for (int d = 0; d < node->ndim; d++) {
        int axis = d - (node->ndim - x->ndim);

        if (axis >= 0 && (!reduced[d] || params->keepdims))
            from[ndim++] = axis;
    }
    x = reduce_value(a, tg_reshape_ones(x, ndim, from), n);
    if (!x || x->status != TG_OK)
        return x ? x : a;
    return tg_broadcast_node(x, a->ndim, a->shape, &a->grid);
}

static const struct {
    const tg_class *class;
    tg_array *(*through)(tg_array *a);
} laws[] = {
    {&tg_class_broadcast, through_broadcast}, {&tg_class_rechunk, through_rechunk},
    {&tg_class_transpose, through_transpose}, {&tg_class_affine, through_affine},
    {&tg_class_reshape, through_reshape},     {&tg_class_program, through_program},
    {&tg_class_reduce, through_reduce},
};

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    (void)old;
    (void)state;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
        if (a->class == laws[i].class)
            return laws[i].through(a);
    return a;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    return tg_rewrite(roots, nroots, rule, NULL, changed);
}

const tg_pass tg_pass_broadcast_up = {
    .name = "broadcast-up",
    .law = "op(broadcast(x)) = broadcast(op(x)); sum(broadcast(x)) of n = x n",
    .run = run,
};
