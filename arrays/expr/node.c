/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nodes: made, copied over other inputs, poisoned, asked what they are.
 *
 * Where there is no context to take memory from (a missing input, memory that is out) a builder
 * still owes a node: the constants below are those.
 */
#include "expr/node.h"

#include <inttypes.h>
#include <string.h>

static const tg_class class_poisoned = {.name = "poisoned"};

static tg_array missing_node = {
    .class = &class_poisoned,
    .status = TG_EARG,
    .message = "an operator was called without an array",
};
static tg_array nothing_joined_node = {
    .class = &class_poisoned,
    .status = TG_EARG,
    .message = "concatenate needs at least one array",
};
static tg_array no_memory_node = {
    .class = &class_poisoned,
    .status = TG_ENOMEM,
    .message = "memory for an expression is out",
};

static const char *copy_text(tg_ctx *ctx, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = tg_ctx_alloc(ctx, size);

    return copy ? memcpy(copy, text, size) : no_memory_node.message;
}

tg_array *tg_node_poisoned(tg_ctx *ctx, tg_status status)
{
    tg_array *node = NULL;

    if (!ctx)
        return &missing_node;
    node = tg_ctx_alloc(ctx, sizeof *node);
    if (!node)
        return &no_memory_node;
    node->ctx = ctx;
    node->class = &class_poisoned;
    node->status = status;
    node->message = copy_text(ctx, tg_message());
    return node;
}

tg_array *tg_node_nothing_joined(void)
{
    return &nothing_joined_node;
}

tg_array *tg_node_create(tg_ctx *ctx, const tg_class *class, int ninputs, tg_array *const *inputs,
                         size_t params_size)
{
    tg_status status = TG_OK;
    tg_array *node = NULL;

    TG_TRY(tg_inputs_status(inputs, ninputs));
    node = tg_ctx_alloc(ctx, sizeof *node);
    TG_NEED(node, TG_ENOMEM, "a node of an expression");
    node->ctx = ctx;
    node->class = class;
    node->ninputs = ninputs;
    node->inputs = tg_ctx_alloc(ctx, (size_t)(ninputs ? ninputs : 1) * sizeof *node->inputs);
    node->params = tg_ctx_alloc(ctx, params_size ? params_size : 1);
    node->params_size = params_size;
    TG_NEED(node->inputs && node->params, TG_ENOMEM, "a node of an expression");
    for (int i = 0; i < ninputs; i++)
        node->inputs[i] = inputs[i];
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}

tg_array *tg_node_with_inputs(const tg_array *a, tg_array *const *inputs)
{
    tg_array *node = tg_node_create(a->ctx, a->class, a->ninputs, inputs, 0);
    tg_array **own = node->inputs;

    if (node->status != TG_OK)
        return node;
    *node = *a;
    node->inputs = own;
    return node;
}

tg_status tg_node_shape(tg_array *a, int ndim, const int64_t *shape)
{
    tg_status status = TG_OK;
    int64_t bytes = (int64_t)tg_dtype_size(TG_FLOAT64);
    char text[TG_SHAPE_TEXT];

    TG_NEED(ndim >= 0 && ndim <= TG_MAX_NDIM, TG_EARG, "an array of %d axes: 0 to %d can be", ndim,
            TG_MAX_NDIM);
    a->ndim = ndim;
    a->size = 1;
    for (int d = 0; d < ndim; d++) {
        TG_NEED(shape[d] >= 0, TG_EARG, "shape %s has a negative length",
                tg_shape_text(ndim, shape, text));
        a->shape[d] = shape[d];
        a->size *= shape[d] == 0 ? 0 : 1;
    }
    for (int d = 0; d < ndim && a->size != 0; d++)
        TG_NEED(!__builtin_mul_overflow(a->size, shape[d], &a->size) &&
                    !__builtin_mul_overflow(bytes, shape[d], &bytes),
                TG_EARG, "an array of shape %s has too many elements",
                tg_shape_text(ndim, shape, text));
out:
    return status;
}

void tg_node_like(tg_array *a, const tg_array *other)
{
    a->name = other->name;
    a->ndim = other->ndim;
    memcpy(a->shape, other->shape, sizeof a->shape);
    a->size = other->size;
    a->grid = other->grid;
    a->layout = other->layout;
}

tg_ctx *tg_inputs_ctx(tg_array *const *inputs, int ninputs)
{
    for (int i = 0; i < ninputs; i++)
        if (inputs[i] && inputs[i]->ctx)
            return inputs[i]->ctx;
    return NULL;
}

tg_status tg_inputs_status(tg_array *const *inputs, int ninputs)
{
    tg_status status = TG_OK;

    for (int i = 0; i < ninputs; i++)
        TG_TRY(tg_array_status(inputs[i]));
out:
    return status;
}

bool tg_is_constant(const tg_array *a)
{
    return a->class == &tg_class_memory && a->size == 1;
}

tg_status tg_array_status(const tg_array *a)
{
    if (!a)
        a = &missing_node;
    return a->status == TG_OK ? TG_OK : tg_fail(a->status, "%s", a->message);
}

int tg_ndim(const tg_array *a)
{
    return a ? a->ndim : 0;
}

const int64_t *tg_shape(const tg_array *a)
{
    return a ? a->shape : missing_node.shape;
}

int64_t tg_size(const tg_array *a)
{
    return a ? a->size : 0;
}

tg_dtype tg_dtype_of(const tg_array *a)
{
    return a ? a->dtype : TG_FLOAT64;
}

int64_t tg_nchunks(const tg_array *a, int axis)
{
    return a && axis >= 0 && axis < a->ndim ? a->grid.count[axis] : 0;
}

const int64_t *tg_chunks(const tg_array *a, int axis)
{
    return a && axis >= 0 && axis < a->ndim ? a->grid.length[axis] : NULL;
}
