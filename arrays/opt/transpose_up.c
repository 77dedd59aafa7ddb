/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * transpose-up: transpositions move from the sources towards the outputs, where they cancel (files
 * whose axes count the other way) or meet arrays that reductions have made small.
 *
 *     transpose(transpose(x, p), q)      = transpose(x, p q);  transpose(x, identity) = x
 *     op(transpose(x, p), ...)           = transpose(op(x, ...), p)
 *     reduce(transpose(x, p), axes)      = transpose(reduce(x, p[axes]), q)
 *     concatenate(transpose(xi, p), k)   = transpose(concatenate(xi, p[k]), p)
 *     rechunk(transpose(x, p))           = transpose(rechunk(x), p)
 *
 * A reduction keeps the list of its axes in the user's order: the reduced elements are taken in
 * that order still.
 */
#include <string.h>

#include "opt/pass.h"

/* The permutation of a transposition; NULL for other nodes. */
static const int *permutation(const tg_array *a)
{
    if (a->class != &tg_class_transpose)
        return NULL;
    return ((const tg_transpose_params *)a->params)->axis;
}

static tg_array *through_transpose(tg_array *a)
{
    const int *q = permutation(a), *p = permutation(a->inputs[0]);
    int axis[TG_MAX_NDIM];
    bool identity = true;

    for (int d = 0; d < a->ndim; d++) {
        axis[d] = p ? p[q[d]] : q[d];
        identity = identity && axis[d] == d;
    }
    if (identity)
        return p ? a->inputs[0]->inputs[0] : a->inputs[0];
    return p ? tg_transpose(a->inputs[0]->inputs[0], axis) : a;
}

static tg_array *through_affine(tg_array *a)
{
    const tg_affine_params *params = a->params;
    const int *p = permutation(a->inputs[0]);

    if (!p)
        return a;
    return tg_transpose(tg_affine(a->inputs[0]->inputs[0], params->slope, params->inter), p);
}

static tg_array *through_rechunk(tg_array *a)
{
    const int *p = permutation(a->inputs[0]);
    tg_grid grid = {0};

    if (!p)
        return a;
    for (int d = 0; d < a->ndim; d++) {
        grid.count[p[d]] = a->grid.count[d];
        grid.length[p[d]] = a->grid.length[d];
    }
    return tg_transpose(tg_rechunk_to(a->inputs[0]->inputs[0], &grid), p);
}

static bool is_whole(const tg_array *a, const tg_array *input)
{
    return input->ndim == a->ndim &&
           memcmp(input->shape, a->shape, (size_t)a->ndim * sizeof *a->shape) == 0;
}

/* The permutation that all inputs as large as the result share; NULL when they do not, or when an
 * input has too few axes to be transposed with them. */
static const int *shared_permutation(const tg_array *a)
{
    const int *shared = NULL;

    for (int i = 0; i < a->ninputs; i++) {
        const tg_array *input = a->inputs[i];
        const int *p = permutation(input);

        if (input->ndim > 0 && input->ndim < a->ndim)
            return NULL;
        if (!is_whole(a, input))
            continue;
        if (!p || (shared && memcmp(p, shared, (size_t)a->ndim * sizeof *p) != 0))
            return NULL;
        shared = p;
    }
    return shared;
}

/* Inputs that are broadcast are small: transposing those instead costs little. */
static tg_array *through_program(tg_array *a)
{
    const int *p = shared_permutation(a);
    tg_array *inputs[TG_PROGRAM_MAX_INPUTS];
    int64_t shape[TG_MAX_NDIM];
    int back[TG_MAX_NDIM];

    if (!p)
        return a;
    for (int d = 0; d < a->ndim; d++) {
        shape[p[d]] = a->shape[d];
        back[p[d]] = d;
    }
    for (int i = 0; i < a->ninputs; i++) {
        if (is_whole(a, a->inputs[i]))
            inputs[i] = a->inputs[i]->inputs[0];
        else if (a->inputs[i]->ndim == 0)
            inputs[i] = a->inputs[i];
        else
            inputs[i] = tg_transpose(a->inputs[i], back);
    }
    return tg_transpose(tg_program_node(a->ctx, a->params, inputs, a->ndim, shape), p);
}

static tg_array *through_reduce(tg_array *a)
{
    const int *p = permutation(a->inputs[0]);
    tg_reduce_params params;
    bool reduced[TG_MAX_NDIM] = {false};
    int rank[TG_MAX_NDIM], axis[TG_MAX_NDIM];
    int n = 0;

    if (!p)
        return a;
    memcpy(&params, a->params, sizeof params);
    for (int i = 0; i < params.naxes; i++) {
        params.axis[i] = p[params.axis[i]];
        reduced[params.axis[i]] = !params.keepdims;
    }
    for (int d = 0; d < a->inputs[0]->ndim; d++)
        rank[d] = reduced[d] ? -1 : n++;
    n = 0;
    for (int d = 0; d < a->inputs[0]->ndim; d++)
        if (!reduced[p[d]])
            axis[n++] = rank[p[d]];
    return tg_transpose(tg_reduce_node(a->inputs[0]->inputs[0], &params), axis);
}

static tg_array *through_concatenate(tg_array *a)
{
    const int *p = permutation(a->inputs[0]);
    int axis = ((const tg_concatenate_params *)a->params)->axis;
    tg_array **pieces = NULL;

    for (int i = 0; i < a->ninputs; i++) {
        const int *own = permutation(a->inputs[i]);

        if (!own || memcmp(own, p, (size_t)a->ndim * sizeof *p) != 0)
            return a;
    }
    pieces = tg_ctx_alloc(a->ctx, (size_t)a->ninputs * sizeof *pieces);
    if (!pieces)
        return tg_node_poisoned(a->ctx, TG_ENOMEM);
    for (int i = 0; i < a->ninputs; i++)
        pieces[i] = a->inputs[i]->inputs[0];
    return tg_transpose(tg_concatenate_node(a->ctx, pieces, a->ninputs, p[axis]), p);
}

static const struct {
    const tg_class *class;
    tg_array *(*through)(tg_array *a);
} laws[] = {
    {&tg_class_transpose, through_transpose}, {&tg_class_affine, through_affine},
    {&tg_class_rechunk, through_rechunk},     {&tg_class_program, through_program},
    {&tg_class_reduce, through_reduce},       {&tg_class_concatenate, through_concatenate},
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

const tg_pass tg_pass_transpose_up = {
    .name = "transpose-up",
    .law = "op(transpose(x, p)) = transpose(op(x), p); pairs cancel",
    .run = run,
};
