/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs: one or, after fusion, several elementwise operators over inputs whose grids agree.
 *
 * Where grids differ the inputs are cut anew: those whose cuts the library chose follow the others;
 * the others are cut wherever one of them is.
 */
#include <inttypes.h>
#include <string.h>

#include "expr/node.h"

static void dump_program(const tg_array *a, FILE *out)
{
    const tg_program *program = a->params;

    for (int s = 0; s < program->nsteps; s++) {
        const tg_step *step = &program->steps[s];

        fprintf(out, "%sr%d = %s", s ? "; " : "", program->ninputs + s, step->op->name);
        for (int i = 0; i < step->op->arity; i++)
            fprintf(out, " r%d", step->in[i]);
        fprintf(out, ":%s", tg_dtype_name(step->result));
    }
}

/* The part of a result's grid that an input sees. */
static void operand_grid(const tg_array *input, int ndim, const int64_t *shape, const tg_grid *grid,
                         tg_grid *out)
{
    *out = input->grid;
    for (int d = 0; d < ndim; d++) {
        int axis = tg_operand_axis(input, ndim, shape, d);

        if (axis >= 0) {
            out->count[axis] = grid->count[d];
            out->length[axis] = grid->length[d];
        }
    }
}

static tg_array *regrid_program(tg_array *a, const tg_grid *grid)
{
    tg_array *inputs[TG_PROGRAM_MAX_INPUTS];

    for (int i = 0; i < a->ninputs; i++) {
        tg_grid below;

        operand_grid(a->inputs[i], a->ndim, a->shape, grid, &below);
        inputs[i] = tg_regrid(a->inputs[i], &below);
        if (!inputs[i])
            return NULL;
    }
    return tg_program_node(a->ctx, a->params, inputs, a->ndim, a->shape);
}

const tg_class tg_class_program = {
    .name = "program",
    .dump = dump_program,
    .regrid = regrid_program,
};

const tg_class tg_class_inlined = {.name = "inlined", .dump = dump_program};

/* Grid, layout and name of a program whose inputs agree. */
static tg_status take_grid(tg_array *a)
{
    tg_status status = TG_OK;
    bool automatic = false, fixed = false, laid_out = false;

    tg_layout_plain(&a->layout, a->ndim, tg_dtype_size(a->dtype));
    for (int d = 0; d < a->ndim; d++) {
        int64_t n = a->shape[d];

        for (int i = 0; i < a->ninputs && !a->grid.length[d]; i++) {
            int axis = tg_operand_axis(a->inputs[i], a->ndim, a->shape, d);

            if (axis >= 0 && (n != 1 || a->inputs[i]->grid.count[axis] == 1)) {
                a->grid.count[d] = a->inputs[i]->grid.count[axis];
                a->grid.length[d] = a->inputs[i]->grid.length[axis];
            }
        }
        if (!a->grid.length[d])
            TG_TRY(tg_grid_axis(a->ctx, n, n ? n : 1, &a->grid.count[d], &a->grid.length[d]));
    }
    for (int i = 0; i < a->ninputs; i++) {
        const tg_array *input = a->inputs[i];

        if (tg_is_constant(input))
            continue;
        automatic = automatic || input->automatic;
        fixed = fixed || !input->automatic;
        if (!laid_out && input->ndim == a->ndim && input->size == a->size) {
            a->layout = input->layout;
            a->name = input->name;
            laid_out = true;
        }
    }
    a->automatic = automatic && !fixed;
out:
    return status;
}

tg_array *tg_program_node(tg_ctx *ctx, const tg_program *program, tg_array *const *inputs, int ndim,
                          const int64_t *shape)
{
    tg_status status = TG_OK;
    tg_array *node =
        tg_node_create(ctx, &tg_class_program, program->ninputs, inputs, sizeof *program);

    TG_TRY(tg_array_status(node));
    memcpy(node->params, program, sizeof *program);
    node->dtype = program->steps[program->nsteps - 1].result;
    TG_TRY(tg_node_shape(node, ndim, shape));
    TG_TRY(take_grid(node));
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}

/* Cuts along axis d: all of the inputs whose cuts are fixed, else those of the largest input. */
static tg_status agree_on_axis(tg_ctx *ctx, tg_array *const *inputs, int ninputs, int ndim,
                               const int64_t *shape, int d, tg_grid *grid)
{
    tg_status status = TG_OK;
    double largest = -1;
    bool fixed = false;

    for (int i = 0; i < ninputs; i++) {
        const tg_array *a = inputs[i];
        int axis = tg_operand_axis(a, ndim, shape, d);
        double bytes = (double)a->size * (double)a->layout.itemsize;

        if (axis < 0 || tg_is_constant(a) || (a->automatic && (fixed || bytes <= largest)))
            continue;
        if (!a->automatic && fixed) {
            TG_TRY(tg_grid_union(ctx, grid->count[d], grid->length[d], a->grid.count[axis],
                                 a->grid.length[axis], &grid->count[d], &grid->length[d]));
            continue;
        }
        fixed = !a->automatic;
        largest = bytes;
        grid->count[d] = a->grid.count[axis];
        grid->length[d] = a->grid.length[axis];
    }
    if (!grid->length[d])
        TG_TRY(tg_grid_axis(ctx, shape[d], shape[d] ? shape[d] : 1, &grid->count[d],
                            &grid->length[d]));
out:
    return status;
}

/* Cut the inputs (replaced in place) so that they agree. */
static tg_status agree(tg_ctx *ctx, tg_array **inputs, int ninputs, int ndim, const int64_t *shape)
{
    tg_status status = TG_OK;
    tg_grid grid = {0};

    for (int d = 0; d < ndim; d++)
        TG_TRY(agree_on_axis(ctx, inputs, ninputs, ndim, shape, d, &grid));
    for (int i = 0; i < ninputs; i++) {
        tg_grid own;

        operand_grid(inputs[i], ndim, shape, &grid, &own);
        inputs[i] = tg_rechunk_to(inputs[i], &own);
        TG_TRY(tg_array_status(inputs[i]));
    }
out:
    return status;
}

/* A program of one step; equal inputs are one register. */
static tg_array *one_step(tg_ctx *ctx, const tg_elementwise *op, const tg_dtype *operands,
                          tg_dtype result, tg_array *const *given)
{
    tg_status status = TG_OK;
    tg_program program = {.nsteps = 1, .steps[0] = {.op = op, .result = result}};
    tg_array *inputs[TG_MAX_OPERANDS];
    tg_array *node = NULL;
    int64_t shape[TG_MAX_NDIM];
    int ndim, known;

    memcpy(inputs, given, (size_t)op->arity * sizeof *inputs);
    TG_TRY(tg_broadcast(inputs, op->arity, &ndim, shape));
    TG_TRY(agree(ctx, inputs, op->arity, ndim, shape));
    for (int i = 0; i < op->arity; i++) {
        for (known = 0; known < program.ninputs && inputs[known] != inputs[i]; known++)
            continue;
        if (known == program.ninputs) {
            inputs[program.ninputs] = inputs[i];
            program.inputs[program.ninputs++] = inputs[i]->dtype;
        }
        program.steps[0].in[i] = known;
        program.steps[0].operands[i] = operands[i];
    }
    node = tg_program_node(ctx, &program, inputs, ndim, shape);
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}

tg_array *tg_astype(tg_array *a, tg_dtype dtype)
{
    tg_status status = TG_OK;

    TG_TRY(tg_array_status(a));
    TG_NEED((int)dtype >= 0 && dtype < TG_NDTYPES, TG_EARG, "dtype %d does not exist", (int)dtype);
    if (a->dtype == dtype && !a->weak)
        return a;
    return one_step(a->ctx, tg_convert_op(dtype), &a->dtype, dtype, &a);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

static bool fits(int64_t value, tg_dtype dtype)
{
    int bits = 8 * (int)tg_dtype_size(dtype);

    if (dtype >= TG_INT8 && dtype <= TG_INT64)
        return bits == 64 ||
               (value >= -(INT64_C(1) << (bits - 1)) && value < (INT64_C(1) << (bits - 1)));
    if (dtype >= TG_UINT8 && dtype <= TG_UINT64)
        return value >= 0 && (bits == 64 || value < INT64_C(1) << bits);
    return true;
}

/* Whether the value of a Python number fits a dtype; floats hold all. */
static bool weak_fits(const tg_array *a, tg_dtype dtype)
{
    int64_t value;

    if (a->beyond)
        return dtype >= TG_FLOAT32;
    if (a->dtype == TG_UINT64) /* made of those that int64 does not hold */
        return dtype == TG_UINT64 || dtype >= TG_FLOAT32;
    if (a->dtype != TG_INT64)
        return true;
    memcpy(&value, ((const tg_memory_params *)a->params)->data, sizeof value);
    return fits(value, dtype);
}

static tg_status does_not_fit(const tg_elementwise *op, const tg_array *a, tg_dtype dtype)
{
    const void *data = ((const tg_memory_params *)a->params)->data;
    char text[32];

    if (a->beyond)
        snprintf(text, sizeof text, "%.6g", *(const double *)data);
    else if (a->dtype == TG_UINT64)
        snprintf(text, sizeof text, "%" PRIu64, *(const uint64_t *)data);
    else
        snprintf(text, sizeof text, "%" PRId64, *(const int64_t *)data);
    return tg_fail(TG_EARG,
                   "%s: Python integer %s out of bounds for %s; convert the array with astype",
                   op->name, text, tg_dtype_name(dtype));
}

/* A Python integer takes the dtype of what it meets, and that has to hold it: but where the
 * operator computes in floats (u8 / -3), where any value can be. */
static tg_status check_weak(const tg_elementwise *op, tg_array *const *inputs,
                            const tg_dtype *operands)
{
    for (int i = 0; i < op->arity; i++)
        if (inputs[i]->weak && !(op->apart >> i & 1) && !weak_fits(inputs[i], operands[i]))
            return does_not_fit(op, inputs[i], operands[i]);
    return TG_OK;
}

static void operand_dtypes(const tg_elementwise *op, tg_array *const *inputs, tg_dtype *dtypes)
{
    uint32_t strong = 0;

    for (int i = 0; i < op->arity; i++) {
        dtypes[i] = inputs[i]->dtype;
        if (!(op->apart >> i & 1) && !inputs[i]->weak)
            strong |= 1U << dtypes[i];
    }
    for (int i = 0; i < op->arity && strong != 0; i++)
        if (!(op->apart >> i & 1) && inputs[i]->weak) {
            dtypes[i] = tg_promote_weak(tg_promote_all(strong),
                                        inputs[i]->beyond ? TG_INT64 : inputs[i]->dtype);
            if (op->mixed[0] && !weak_fits(inputs[i], dtypes[i]))
                dtypes[i] = inputs[i]->dtype; /* compared by value */
        }
}

static uint32_t dtypes_of(tg_array *const *arrays, int count, bool weak)
{
    uint32_t dtypes = 0;

    for (int i = 0; i < count; i++)
        if (weak == arrays[i]->weak)
            dtypes |= 1U << arrays[i]->dtype;
    return dtypes;
}

tg_dtype tg_result_type(tg_array *const *arrays, int count)
{
    return tg_promote_all(dtypes_of(arrays, count, false) | dtypes_of(arrays, count, true));
}

tg_dtype tg_result_type_weak(tg_array *const *arrays, int count)
{
    uint32_t strong = dtypes_of(arrays, count, false), weak = dtypes_of(arrays, count, true);
    uint32_t all = strong;

    for (int dtype = 0; dtype < TG_NDTYPES && strong != 0; dtype++)
        if (weak >> dtype & 1)
            all |= 1U << tg_promote_weak(tg_promote_all(strong), (tg_dtype)dtype);
    return tg_promote_all(all != 0 ? all : weak);
}

tg_status tg_elementwise_dtypes(const char *name, tg_array *const *inputs, tg_dtype *operands,
                                tg_dtype *result)
{
    const tg_elementwise *op = tg_elementwise_find(name);
    tg_dtype dtypes[TG_MAX_OPERANDS];

    operand_dtypes(op, inputs, dtypes);
    return op->resolve(op, dtypes, operands, result);
}

tg_array *tg_elementwise_node(const char *name, tg_array *const *inputs, int ninputs)
{
    tg_status status = TG_OK;
    const tg_elementwise *op = tg_elementwise_find(name);
    tg_dtype operands[TG_MAX_OPERANDS], result;
    tg_ctx *ctx = tg_inputs_ctx(inputs, ninputs);

    TG_TRY(tg_inputs_status(inputs, ninputs));
    TG_NEED(op && op->arity == ninputs, TG_EINTERNAL, "no operator '%s' of %d operands", name,
            ninputs);
    TG_TRY(tg_elementwise_dtypes(name, inputs, operands, &result));
    TG_TRY(check_weak(op, inputs, operands));
    return one_step(ctx, op, operands, result, inputs);
out:
    return tg_node_poisoned(ctx, status);
}
