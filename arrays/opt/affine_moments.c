/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * affine-moments: the scaling of a file moves through means and deviations of integers.
 *
 *     mean(a s + b) = mean(a) s + b;  var(a s + b) = var(a) s^2;  std(a s + b) = std(a) |s|
 *     concatenate(ai s + b)           = concatenate(ai) s + b
 *     rechunk(a s + b)                = rechunk(a) s + b
 *
 * Moments of integers are exact, so this is more exact than scaling each element, and the result no
 * longer depends on how the file is cut. Constants give a deviation of exactly 0. Arrays of floats
 * stay as they are.
 */
#include <math.h>

#include "opt/pass.h"

/* How a reducer's result follows when the elements are scaled: result * slope(s) + inter. */
static double same(double s)
{
    return s;
}

static double square(double s)
{
    return s * s;
}

static const struct {
    const tg_reducer *reducer;
    double (*slope)(double);
    bool shifted; /* the result moves with the intercept */
} reducers[] = {
    {&tg_reducer_mean, same, true},           {&tg_reducer_var, square, false},
    {&tg_reducer_std, fabs, false},           {&tg_reducer_detrended_mean, same, true},
    {&tg_reducer_detrended_std, fabs, false},
};

static bool is_affine_of_integers(const tg_array *a)
{
    return a->class == &tg_class_affine && a->inputs[0]->dtype < TG_FLOAT32;
}

static tg_array *through_reduce(tg_array *a)
{
    const tg_reduce_params *params = a->params;
    const tg_affine_params *affine = a->inputs[0]->params;

    if (!is_affine_of_integers(a->inputs[0]))
        return a;
    for (size_t i = 0; i < sizeof reducers / sizeof *reducers; i++)
        if (params->reducer == reducers[i].reducer)
            return tg_affine(tg_reduce_node(a->inputs[0]->inputs[0], params),
                             reducers[i].slope(affine->slope),
                             reducers[i].shifted ? affine->inter : 0);
    return a;
}

/* Bits, not values: -0.0 and NaN are their own. */
static bool same_affine(const tg_array *a, const tg_array *b)
{
    const tg_affine_params *pa = a->params, *pb = b->params;

    return a->inputs[0]->dtype == b->inputs[0]->dtype && pa->slope == pb->slope &&
           pa->inter == pb->inter && signbit(pa->inter) == signbit(pb->inter);
}

static tg_array *through_concatenate(tg_array *a)
{
    const tg_affine_params *params = a->inputs[0]->params;
    int axis = ((const tg_concatenate_params *)a->params)->axis;
    tg_array **pieces = NULL;

    for (int i = 0; i < a->ninputs; i++)
        if (a->inputs[i]->class != &tg_class_affine || !same_affine(a->inputs[0], a->inputs[i]))
            return a;
    pieces = tg_ctx_alloc(a->ctx, (size_t)a->ninputs * sizeof *pieces);
    if (!pieces)
        return tg_node_poisoned(a->ctx, TG_ENOMEM);
    for (int i = 0; i < a->ninputs; i++)
        pieces[i] = a->inputs[i]->inputs[0];
    return tg_affine(tg_concatenate_node(a->ctx, pieces, a->ninputs, axis), params->slope,
                     params->inter);
}

static tg_array *through_rechunk(tg_array *a)
{
    const tg_affine_params *affine = a->inputs[0]->params;

    if (!is_affine_of_integers(a->inputs[0]))
        return a;
    return tg_affine(tg_rechunk_to(a->inputs[0]->inputs[0], &a->grid), affine->slope,
                     affine->inter);
}

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    (void)old;
    (void)state;
    if (a->class == &tg_class_reduce)
        return through_reduce(a);
    if (a->class == &tg_class_concatenate)
        return through_concatenate(a);
    if (a->class == &tg_class_rechunk)
        return through_rechunk(a);
    return a;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    return tg_rewrite(roots, nroots, rule, NULL, changed);
}

const tg_pass tg_pass_affine_moments = {
    .name = "affine-moments",
    .law = "mean(a s + b) = mean(a) s + b, std(a s + b) = std(a) |s|, for integers a",
    .run = run,
};
