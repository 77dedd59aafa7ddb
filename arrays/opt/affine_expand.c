/* SPDX-License-Identifier: BSD-3-Clause */
/* affine-expand: what is left of a file's scaling becomes a product and a sum in float64. */
#include "opt/pass.h"

static tg_step binary(const char *name, int left, int right)
{
    return (tg_step){
        .op = tg_elementwise_find(name),
        .in = {left, right},
        .operands = {TG_FLOAT64, TG_FLOAT64},
        .result = TG_FLOAT64,
    };
}

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    const tg_affine_params *params = a->params;
    tg_array *inputs[3] = {0};
    tg_program program = {.ninputs = 2, .nsteps = 1};

    (void)old;
    (void)state;
    if (a->class != &tg_class_affine)
        return a;
    inputs[0] = a->inputs[0];
    inputs[1] = tg_from_memory(a->ctx, &params->slope, TG_FLOAT64, 0, NULL);
    if (params->inter != 0) {
        inputs[2] = tg_from_memory(a->ctx, &params->inter, TG_FLOAT64, 0, NULL);
        program.ninputs = 3;
        program.nsteps = 2;
    }
    program.inputs[0] = a->inputs[0]->dtype;
    program.inputs[1] = TG_FLOAT64;
    program.inputs[2] = params->inter != 0 ? TG_FLOAT64 : 0;
    program.steps[0] = binary("multiply", 0, 1);
    if (params->inter != 0)
        program.steps[1] = binary("add", 3, 2);
    return tg_program_node(a->ctx, &program, inputs, a->ndim, a->shape);
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    return tg_rewrite(roots, nroots, rule, NULL, changed);
}

const tg_pass tg_pass_affine_expand = {
    .name = "affine-expand",
    .law = "affine(a) = a * slope + inter",
    .run = run,
};
