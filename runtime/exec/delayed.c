/* SPDX-License-Identifier: BSD-3-Clause */
/* Delayed functions: nodes in the context's arena, turned into a task graph when computed. Nodes
 * are numbered as they are made, so sorting those that are needed by number is a valid order. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <tegula/runtime.h>

#include "exec/context.h"
#include "exec/delayed.h"
#include "exec/session.h"

struct tg_delayed {
    tg_ctx *ctx;
    int64_t number;
    tg_task_spec spec;   /* function NULL: a value, which is the parameters */
    tg_delayed **inputs; /* [spec.ninputs] */
    tg_status status;    /* not TG_OK: poisoned, with */
    const char *message;
    int64_t kept;       /* see tg_delayed_kept */
    int64_t walk, task; /* of the walk that last met it: its number in that graph */
};

/* All nodes share one poisoned node for the case that not even a node can be had. */
static tg_delayed out_of_memory = {.status = TG_ENOMEM, .message = "out of memory for a node"};

tg_delayed *tg_delayed_poison(tg_delayed *node, tg_status status, const char *message)
{
    char *copy = tg_ctx_alloc(node->ctx, strlen(message) + 1);

    node->status = status;
    node->message = copy ? strcpy(copy, message) : "out of memory for a message";
    return node;
}

tg_status tg_delayed_status(const tg_delayed *node)
{
    return node->status == TG_OK ? TG_OK : tg_fail(node->status, "%s", node->message);
}

int64_t tg_delayed_kept(const tg_delayed *node)
{
    return node->kept;
}

void tg_delayed_set_kept(tg_delayed *node, int64_t entry)
{
    node->kept = entry;
}

static tg_delayed *new_node(tg_ctx *ctx, const tg_task_spec *spec)
{
    tg_delayed *node = tg_ctx_alloc(ctx, sizeof *node);
    void *params;

    if (!node)
        return &out_of_memory;
    node->ctx = ctx;
    node->number = ctx->nnodes++;
    node->spec = *spec;
    params = tg_ctx_alloc(ctx, spec->params_size);
    if (!params)
        return tg_delayed_poison(node, TG_ENOMEM, tg_message());
    if (spec->params_size)
        memcpy(params, spec->params, spec->params_size);
    node->spec.params = params;
    return node;
}

tg_delayed *tg_value_bytes(tg_ctx *ctx, const void *data, size_t size)
{
    return new_node(ctx, &(tg_task_spec){.params = data, .params_size = size});
}

tg_delayed *tg_delay_spec(tg_ctx *ctx, const tg_task_spec *spec, tg_delayed *const *inputs,
                          int ninputs)
{
    tg_delayed *node = new_node(ctx, spec);

    if (node->status != TG_OK)
        return node;
    if (!spec->function)
        return tg_delayed_poison(node, TG_EARG, "a delayed call without a function");
    node->spec.ninputs = ninputs;
    node->inputs = tg_ctx_alloc(ctx, (size_t)ninputs * sizeof *inputs);
    if (!node->inputs)
        return tg_delayed_poison(node, TG_ENOMEM, tg_message());
    for (int i = 0; i < ninputs; i++) {
        if (!inputs[i])
            return tg_delayed_poison(node, TG_EARG, "a delayed call with a NULL input");
        if (inputs[i]->status != TG_OK)
            return tg_delayed_poison(node, inputs[i]->status, inputs[i]->message);
        node->inputs[i] = inputs[i];
    }
    return node;
}

tg_delayed *tg_with_memory(tg_delayed *node, size_t bytes)
{
    if (node->status == TG_OK && bytes > node->spec.memory)
        node->spec.memory = bytes;
    return node;
}

tg_delayed *tg_with_resource(tg_delayed *node, const char *name)
{
    char *copy;

    if (node->status != TG_OK)
        return node;
    copy = tg_ctx_alloc(node->ctx, strlen(name) + 1);
    if (!copy)
        return tg_delayed_poison(node, TG_ENOMEM, tg_message());
    node->spec.resource = strcpy(copy, name);
    return node;
}

tg_delayed *tg_delay_call(tg_ctx *ctx, const char *name, tg_function *function,
                          tg_delayed *const *inputs, int ninputs)
{
    return tg_delay_spec(ctx, &(tg_task_spec){.function = function, .name = name}, inputs, ninputs);
}

typedef struct node_list {
    tg_delayed **node;
    int64_t count, capacity;
} node_list;

static tg_status meet(node_list *list, tg_delayed *node, int64_t walk)
{
    tg_status status = TG_OK;

    if (node->walk == walk)
        return TG_OK;
    node->walk = walk;
    TG_TRY(tg_grow(&list->node, &list->capacity, list->count + 1, sizeof *list->node));
    list->node[list->count++] = node;
out:
    return status;
}

static int by_number(const void *a, const void *b)
{
    const tg_delayed *x = *(tg_delayed *const *)a, *y = *(tg_delayed *const *)b;

    return (x->number > y->number) - (x->number < y->number);
}

static tg_status add_node(tg_graph *graph, tg_delayed *node, int64_t *inputs)
{
    tg_task_spec spec = node->spec;

    for (int i = 0; i < spec.ninputs; i++)
        inputs[i] = node->inputs[i]->task;
    spec.inputs = inputs;
    return spec.function ? tg_graph_add(graph, &spec, &node->task)
                         : tg_graph_value(graph, spec.params, spec.params_size, &node->task);
}

static tg_status add_nodes(tg_graph *graph, const node_list *list)
{
    tg_status status = TG_OK;
    int64_t *inputs = NULL, capacity = 0;

    for (int64_t i = 0; i < list->count; i++) {
        TG_TRY(tg_grow(&inputs, &capacity, list->node[i]->spec.ninputs, sizeof *inputs));
        TG_TRY(add_node(graph, list->node[i], inputs));
        if (list->node[i]->kept)
            TG_TRY(tg_futures_mark(list->node[i]->ctx, graph, list->node[i]->task,
                                   list->node[i]->kept));
    }
out:
    tg_free(inputs);
    return status;
}

tg_status tg_delayed_add(tg_graph *graph, tg_delayed *const *nodes, int nnodes, int64_t *tasks)
{
    tg_status status = TG_OK;
    node_list list = {0};
    int64_t walk;

    for (int i = 0; i < nnodes; i++)
        TG_TRY(tg_delayed_status(nodes[i]));
    walk = nnodes ? ++nodes[0]->ctx->nwalks : 0;
    for (int i = 0; i < nnodes; i++)
        TG_TRY(meet(&list, nodes[i], walk));
    for (int64_t i = 0; i < list.count; i++)
        for (int k = 0; k < list.node[i]->spec.ninputs; k++)
            TG_TRY(meet(&list, list.node[i]->inputs[k], walk));
    qsort(list.node, (size_t)list.count, sizeof *list.node, by_number);
    TG_TRY(add_nodes(graph, &list));
    for (int i = 0; i < nnodes; i++)
        tasks[i] = nodes[i]->task;
out:
    tg_free(list.node);
    return status;
}

tg_status tg_graph_delayed(tg_graph *graph, tg_delayed *node, int64_t *task)
{
    return tg_delayed_add(graph, &node, 1, task);
}

static tg_status compute_nodes(tg_ctx *ctx, tg_delayed *const *nodes, int nnodes, tg_bytes *results)
{
    tg_status status = TG_OK;
    tg_graph *graph = NULL;
    int64_t *tasks = tg_alloc_array(nnodes, sizeof *tasks);

    TG_NEED(tasks, TG_ENOMEM, "out of memory: %d results", nnodes);
    TG_TRY(tg_graph_create(ctx, &graph));
    TG_TRY(tg_delayed_add(graph, nodes, nnodes, tasks));
    TG_TRY(tg_graph_compute(ctx, graph, tasks, nnodes, results));
out:
    tg_graph_destroy(&graph);
    tg_free(tasks);
    return status;
}

tg_status tg_compute_bytes(tg_ctx *ctx, tg_delayed *node, tg_bytes *result)
{
    return compute_nodes(ctx, &node, 1, result);
}

static const char *name_of(const tg_delayed *node)
{
    return !node->spec.function ? "a value" : node->spec.name ? node->spec.name : "a task";
}

tg_status tg_compute_all(tg_ctx *ctx, const tg_target *targets, int ntargets)
{
    tg_status status = TG_OK;
    tg_delayed **nodes = tg_alloc_array(ntargets, sizeof *nodes);
    tg_bytes *results = tg_alloc_array(ntargets, sizeof *results);

    TG_NEED(nodes && results, TG_ENOMEM, "out of memory: %d results", ntargets);
    for (int i = 0; i < ntargets; i++)
        nodes[i] = targets[i].node;
    TG_TRY(compute_nodes(ctx, nodes, ntargets, results));
    for (int i = 0; i < ntargets; i++)
        TG_NEED(results[i].size == targets[i].size, TG_EARG,
                "the result of %s has %zu bytes, room was given for %zu", name_of(nodes[i]),
                results[i].size, targets[i].size);
    for (int i = 0; i < ntargets; i++)
        if (results[i].size)
            memcpy(targets[i].result, results[i].data, results[i].size);
out:
    for (int i = 0; results && i < ntargets; i++)
        tg_bytes_free(&results[i]);
    tg_free(nodes);
    tg_free(results);
    return status;
}

tg_status tg_compute(tg_ctx *ctx, tg_delayed *node, void *result, size_t size)
{
    return tg_compute_all(ctx, &(tg_target){node, result, size}, 1);
}

tg_status tg_gather_future(tg_delayed *future, void *result, size_t size)
{
    tg_status status = tg_delayed_status(future);

    return status == TG_OK ? tg_compute(future->ctx, future, result, size) : status;
}

tg_status tg_visualize(tg_ctx *ctx, tg_delayed *node, const char *path)
{
    tg_status status = TG_OK;
    tg_graph *graph = NULL;
    int64_t task;

    TG_TRY(tg_graph_create(ctx, &graph));
    TG_TRY(tg_delayed_add(graph, &node, 1, &task));
    TG_TRY(tg_ctx_draw(graph, path));
out:
    tg_graph_destroy(&graph);
    return status;
}
