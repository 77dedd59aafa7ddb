/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fusion: a program that only one other program uses, element for element, is part of it. Memory is
 * passed over once and no temporary is as large as a chunk.
 */
#include <stdlib.h>
#include <string.h>

#include "opt/pass.h"

/* How many nodes and roots use each node of the expression as it was. */
struct uses {
    tg_order order;
    int64_t *count;
};

static bool is_first_use(const tg_array *a, int i)
{
    for (int k = 0; k < i; k++)
        if (a->inputs[k] == a->inputs[i])
            return false;
    return true;
}

static tg_status count_uses(tg_array *const *roots, int nroots, struct uses *out)
{
    tg_status status = TG_OK;

    TG_TRY(tg_order_create(roots, nroots, &out->order));
    out->count = calloc((size_t)out->order.count + 1, sizeof *out->count);
    TG_NEED(out->count, TG_ENOMEM, "an expression of %lld nodes", (long long)out->order.count);
    for (int64_t i = 0; i < out->order.count; i++) {
        const tg_array *a = out->order.nodes[i];

        for (int k = 0; k < a->ninputs; k++)
            if (is_first_use(a, k))
                out->count[tg_node_map_get(&out->order.place, a->inputs[k])]++;
    }
    for (int i = 0; i < nroots; i++)
        out->count[tg_node_map_get(&out->order.place, roots[i])]++;
out:
    return status;
}

/* A program in the making, with room for one input and for steps too many. */
struct merged {
    tg_program program;
    tg_array *inputs[2 * TG_PROGRAM_MAX_INPUTS];
    int ninputs;
};

static int input_register(struct merged *merged, tg_array *input)
{
    for (int i = 0; i < merged->ninputs; i++)
        if (merged->inputs[i] == input)
            return i;
    merged->inputs[merged->ninputs] = input;
    return merged->ninputs++;
}

/* Append a program's steps; `registers` tells where its inputs are in the merged one. The registers
 * of steps are counted from the final number of inputs, which is known before. */
static void append_steps(struct merged *merged, const tg_program *program, const int *registers)
{
    int first = merged->ninputs + merged->program.nsteps;

    for (int s = 0; s < program->nsteps; s++) {
        tg_step step = program->steps[s];

        for (int i = 0; i < step.op->arity; i++)
            step.in[i] = step.in[i] < program->ninputs ? registers[step.in[i]]
                                                       : first + step.in[i] - program->ninputs;
        merged->program.steps[merged->program.nsteps++] = step;
    }
}

/* a with its input `producer` made part of it; NULL when that would be too large. */
static tg_array *merge(const tg_array *a, const tg_array *producer)
{
    const tg_program *outer = a->params, *inner = producer->params;
    struct merged merged = {0};
    int inner_registers[TG_PROGRAM_MAX_INPUTS], outer_registers[TG_PROGRAM_MAX_INPUTS];

    for (int i = 0; i < producer->ninputs; i++)
        inner_registers[i] = input_register(&merged, producer->inputs[i]);
    for (int i = 0; i < a->ninputs; i++)
        if (a->inputs[i] != producer)
            outer_registers[i] = input_register(&merged, a->inputs[i]);
    if (merged.ninputs > TG_PROGRAM_MAX_INPUTS ||
        inner->nsteps + outer->nsteps > TG_PROGRAM_MAX_STEPS)
        return NULL;
    merged.program.ninputs = merged.ninputs;
    for (int i = 0; i < merged.ninputs; i++)
        merged.program.inputs[i] = merged.inputs[i]->dtype;
    append_steps(&merged, inner, inner_registers);
    for (int i = 0; i < a->ninputs; i++)
        if (a->inputs[i] == producer)
            outer_registers[i] = merged.ninputs + inner->nsteps - 1;
    append_steps(&merged, outer, outer_registers);
    return tg_program_node(a->ctx, &merged.program, merged.inputs, a->ndim, a->shape);
}

static bool is_element_for_element(const tg_array *a, const tg_array *input)
{
    return input->class == &tg_class_program && input->ndim == a->ndim &&
           memcmp(input->shape, a->shape, (size_t)a->ndim * sizeof *a->shape) == 0;
}

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    const struct uses *uses = state;
    tg_array *producers[TG_PROGRAM_MAX_INPUTS];
    int n = 0;

    if (old->class != &tg_class_program)
        return a;
    for (int i = 0; i < old->ninputs; i++)
        if (is_first_use(old, i) && is_element_for_element(a, a->inputs[i]) &&
            uses->count[tg_node_map_get(&uses->order.place, old->inputs[i])] == 1)
            producers[n++] = a->inputs[i];
    for (int i = 0; i < n; i++) {
        tg_array *fused = merge(a, producers[i]);

        a = fused ? fused : a;
        if (a->status != TG_OK)
            break;
    }
    return a;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    tg_status status = TG_OK;
    struct uses uses = {0};

    TG_TRY(count_uses(roots, nroots, &uses));
    TG_TRY(tg_rewrite(roots, nroots, rule, &uses, changed));
out:
    free(uses.count);
    tg_order_clear(&uses.order);
    return status;
}

const tg_pass tg_pass_fusion = {
    .name = "fusion",
    .law = "f(g(x)) is one program where nothing else uses g(x)",
    .run = run,
};
