/* SPDX-License-Identifier: BSD-3-Clause */
/* Building a graph: tasks are appended, equal ones found by their content key. */
#include "graph/graph.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"

/* What a task's key is made of beside its parameters and its inputs' keys. */
typedef struct key_head {
    tg_reference function;
    tg_key params;
    tg_key inputs;
    int64_t ninputs, impure;
} key_head;

tg_status tg_graph_new(const tg_objects *objects, tg_graph **out)
{
    tg_status status = TG_OK;
    tg_graph *graph = tg_zalloc(sizeof *graph);

    TG_NEED(graph, TG_ENOMEM, "out of memory for a task graph");
    graph->objects = objects;
    TG_TRY(tg_grow(&graph->input_begin, &graph->array_capacity[2], 1, sizeof(int64_t)));
    graph->input_begin[0] = 0;
    *out = graph;
    graph = NULL;
out:
    tg_graph_destroy(&graph);
    return status;
}

void tg_graph_destroy(tg_graph **graph)
{
    tg_graph *g = *graph;

    if (!g)
        return;
    tg_free(g->function);
    tg_free(g->key);
    tg_free(g->input_begin);
    tg_free(g->params_begin);
    tg_free(g->params_size);
    tg_free(g->output_bytes);
    tg_free(g->seconds);
    tg_free(g->affinity);
    tg_free(g->flags);
    tg_free(g->priority);
    tg_free(g->handle);
    tg_free(g->resident_on);
    tg_free(g->input);
    tg_free(g->params);
    tg_free(g->functions);
    tg_free(g->affinities);
    tg_key_map_clear(&g->numbers);
    tg_free(g);
    *graph = NULL;
}

static tg_status make_room(tg_graph *g, int64_t ninputs, int64_t params_size)
{
    tg_status status = TG_OK;
    const int64_t n = g->ntasks + 1;
    int64_t *capacity = g->array_capacity;

    TG_TRY(tg_grow(&g->input, &g->input_capacity, g->input_begin[g->ntasks] + ninputs,
                   sizeof *g->input));
    if (n > g->capacity) {
        TG_TRY(tg_grow(&g->function, &capacity[0], n, sizeof *g->function));
        TG_TRY(tg_grow(&g->key, &capacity[1], n, sizeof *g->key));
        TG_TRY(tg_grow(&g->input_begin, &capacity[2], capacity[0] + 1, sizeof *g->input_begin));
        TG_TRY(tg_grow(&g->params_begin, &capacity[3], n, sizeof *g->params_begin));
        TG_TRY(tg_grow(&g->params_size, &capacity[4], n, sizeof *g->params_size));
        TG_TRY(tg_grow(&g->output_bytes, &capacity[5], n, sizeof *g->output_bytes));
        TG_TRY(tg_grow(&g->seconds, &capacity[6], n, sizeof *g->seconds));
        TG_TRY(tg_grow(&g->affinity, &capacity[7], n, sizeof *g->affinity));
        TG_TRY(tg_grow(&g->flags, &capacity[8], n, sizeof *g->flags));
        TG_TRY(tg_grow(&g->priority, &capacity[9], n, sizeof *g->priority));
        if (g->handle) {
            int64_t handles = g->capacity, ranks = g->capacity;

            TG_TRY(tg_grow(&g->handle, &handles, capacity[0], sizeof *g->handle));
            TG_TRY(tg_grow(&g->resident_on, &ranks, capacity[0], sizeof *g->resident_on));
        }
        g->capacity = capacity[0];
    }
    params_size += g->ntasks ? g->params_begin[g->ntasks - 1] +
                                   (int64_t)tg_round_up((size_t)g->params_size[g->ntasks - 1], 16)
                             : 0;
    TG_TRY(tg_grow(&g->params, &g->params_capacity, params_size, 1));
out:
    return status;
}

/* The number of a function in the graph's table; few functions, the last one added is likeliest. */
static tg_status intern_function(tg_graph *g, tg_function *address, const char *name, int32_t *out)
{
    tg_status status = TG_OK;
    tg_graph_function f = {.address = address, .name = name ? name : "task"};
    const void *code;

    for (int64_t i = g->nfunctions; i-- > 0;)
        if (g->functions[i].address == address && strcmp(g->functions[i].name, f.name) == 0) {
            *out = (int32_t)i;
            return TG_OK;
        }
    memcpy(&code, &address, sizeof code);
    TG_TRY(tg_objects_refer(g->objects, code, &f.reference));
    TG_TRY(tg_grow(&g->functions, &g->function_capacity, g->nfunctions + 1, sizeof f));
    *out = (int32_t)g->nfunctions;
    g->functions[g->nfunctions++] = f;
out:
    return status;
}

static tg_status intern_affinity(tg_graph *g, int64_t affinity, int32_t *out)
{
    tg_status status = TG_OK;

    *out = 0;
    if (!affinity)
        return TG_OK;
    for (int64_t i = g->naffinities; i-- > 0;)
        if (g->affinities[i] == affinity) {
            *out = (int32_t)i + 1;
            return TG_OK;
        }
    TG_TRY(tg_grow(&g->affinities, &g->affinity_capacity, g->naffinities + 1, sizeof(int64_t)));
    g->affinities[g->naffinities++] = affinity;
    *out = (int32_t)g->naffinities;
out:
    return status;
}

/* Append the key of each input behind the others and hash them; short lists stay on the stack. */
static tg_status key_of_inputs(const tg_graph *g, const int64_t *inputs, int ninputs, tg_key *out)
{
    tg_key few[32], *keys = few;

    if (ninputs > 32)
        keys = tg_alloc_array(ninputs, sizeof *keys);
    if (!keys)
        return tg_fail(TG_ENOMEM, "out of memory: a task of %d inputs", ninputs);
    for (int i = 0; i < ninputs; i++)
        keys[i] = g->key[inputs[i]];
    *out = tg_key_of(keys, (size_t)ninputs * sizeof *keys);
    if (keys != few)
        tg_free(keys);
    return TG_OK;
}

static tg_status key_of_task(tg_graph *g, const tg_task_spec *spec, int32_t function, tg_key *out)
{
    tg_status status = TG_OK;
    key_head head = {.ninputs = spec->ninputs};

    head.function = function < 0 ? (tg_reference){UINT64_MAX, 0} : g->functions[function].reference;
    head.params = tg_key_of(spec->params, spec->params_size);
    if (spec->flags & TG_TASK_IMPURE)
        head.impure = ++g->nimpure;
    TG_TRY(key_of_inputs(g, spec->inputs, spec->ninputs, &head.inputs));
    *out = tg_key_of(&head, sizeof head);
out:
    return status;
}

static void append(tg_graph *g, const tg_task_spec *spec, int32_t function, tg_key key)
{
    const int64_t t = g->ntasks++;
    const int64_t edge = g->input_begin[t];
    const int64_t bytes =
        t ? g->params_begin[t - 1] + (int64_t)tg_round_up((size_t)g->params_size[t - 1], 16) : 0;

    g->function[t] = function;
    g->key[t] = key;
    for (int i = 0; i < spec->ninputs; i++)
        g->input[edge + i] = (int32_t)spec->inputs[i];
    g->input_begin[t + 1] = edge + spec->ninputs;
    g->params_begin[t] = bytes;
    g->params_size[t] = (int64_t)spec->params_size;
    if (spec->params_size)
        memcpy(g->params + bytes, spec->params, spec->params_size);
    g->output_bytes[t] = (int64_t)spec->output_bytes;
    g->seconds[t] = (float)spec->seconds;
    g->flags[t] = (uint8_t)spec->flags;
    g->priority[t] = (int8_t)spec->priority;
    if (g->handle) {
        g->handle[t] = 0;
        g->resident_on[t] = 0;
    }
}

static tg_status check_spec(const tg_graph *g, const tg_task_spec *spec)
{
    tg_status status = TG_OK;

    TG_NEED(g->ntasks < INT32_MAX, TG_EARG, "%" PRId64 " tasks: a graph holds at most 2^31 - 1",
            g->ntasks + 1);
    TG_NEED(spec->ninputs >= 0, TG_EARG, "a task of %d inputs", spec->ninputs);
    TG_NEED(spec->priority >= -100 && spec->priority <= 100, TG_EARG,
            "priority %d of task %s: it lies between -100 and 100", spec->priority,
            spec->name ? spec->name : "task");
    TG_NEED(spec->flags < TG_TASK_KEEP, TG_EARG, "flags %#x of task %s", spec->flags,
            spec->name ? spec->name : "task");
    for (int i = 0; i < spec->ninputs; i++)
        TG_NEED(spec->inputs[i] >= 0 && spec->inputs[i] < g->ntasks, TG_EARG,
                "input %d of task %" PRId64 " (%s) is task %" PRId64 ", which is not there yet", i,
                g->ntasks, spec->name ? spec->name : "task", spec->inputs[i]);
out:
    return status;
}

static tg_status add(tg_graph *g, const tg_task_spec *spec, int32_t function, int64_t *task)
{
    tg_status status = TG_OK;
    int32_t affinity;
    tg_key key;
    int64_t known;

    TG_TRY(check_spec(g, spec));
    TG_TRY(key_of_task(g, spec, function, &key));
    known = tg_key_map_find(&g->numbers, g->key, key);
    if (known >= 0) {
        *task = known;
        return TG_OK;
    }
    TG_TRY(intern_affinity(g, spec->affinity, &affinity));
    TG_TRY(make_room(g, spec->ninputs, (int64_t)tg_round_up(spec->params_size, 16)));
    append(g, spec, function, key);
    g->affinity[g->ntasks - 1] = affinity;
    TG_TRY(tg_key_map_add(&g->numbers, g->key, (int32_t)(g->ntasks - 1)));
    *task = g->ntasks - 1;
out:
    return status;
}

tg_status tg_graph_add(tg_graph *graph, const tg_task_spec *spec, int64_t *task)
{
    tg_status status = TG_OK;
    int32_t function;

    TG_NEED(spec->function, TG_EARG, "a task without a function");
    TG_TRY(intern_function(graph, spec->function, spec->name, &function));
    TG_TRY(add(graph, spec, function, task));
out:
    return status;
}

tg_status tg_graph_value(tg_graph *graph, const void *data, size_t size, int64_t *task)
{
    return add(graph, &(tg_task_spec){.params = data, .params_size = size, .output_bytes = size},
               TG_GRAPH_VALUE, task);
}

/* The columns of kept results are there once there is one. */
static tg_status add_handles(tg_graph *g)
{
    tg_status status = TG_OK;

    if (!g->handle)
        g->handle = tg_alloc_array(g->capacity, sizeof *g->handle);
    if (!g->resident_on)
        g->resident_on = tg_alloc_array(g->capacity, sizeof *g->resident_on);
    TG_NEED(g->handle && g->resident_on, TG_ENOMEM, "out of memory: handles of %" PRId64 " tasks",
            g->ntasks);
out:
    return status;
}

tg_status tg_graph_set_resident(tg_graph *graph, int64_t task, int64_t handle, int32_t rank)
{
    tg_status status = TG_OK;

    TG_TRY(add_handles(graph));
    graph->handle[task] = handle;
    graph->resident_on[task] = rank;
    graph->flags[task] = (uint8_t)(graph->flags[task] | TG_TASK_RESIDENT);
out:
    return status;
}

tg_status tg_graph_set_kept(tg_graph *graph, int64_t task, int64_t handle)
{
    tg_status status = TG_OK;

    TG_TRY(add_handles(graph));
    graph->handle[task] = handle;
    graph->flags[task] = (uint8_t)(graph->flags[task] | TG_TASK_KEEP);
out:
    return status;
}
