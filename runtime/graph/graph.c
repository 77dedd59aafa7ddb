/* SPDX-License-Identifier: BSD-3-Clause */
/* Building a graph: tasks are appended, equal ones found by their content key. */
#include "graph/graph.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"

/* What a task's key is made of beside its inputs' keys and its parameters. */
typedef struct key_head {
    tg_reference function;
    int64_t ninputs, params_size, impure, zero;
} key_head;

/* Keys: the head, those of inputs and the parameters are hashed at once where they are few. */
enum { HEAD_KEYS = sizeof(key_head) / sizeof(tg_key), FEW_KEYS = 32 };

/* An array by task and the bytes of an element. */
typedef struct column {
    void *array; /* T ** */
    size_t size;
} column;

enum { MAX_COLUMNS = 10 };

/* The arrays that are there; those for special tasks come with the first of these. */
static int find_columns(tg_graph *g, column columns[MAX_COLUMNS])
{
    const column always[] = {
        {&g->task, sizeof *g->task},
        {&g->key, sizeof *g->key},
        {&g->input_begin, sizeof *g->input_begin},
    };
    int n = sizeof always / sizeof *always;

    memcpy(columns, always, sizeof always);
    if (g->seconds)
        columns[n++] = (column){&g->seconds, sizeof *g->seconds};
    if (g->priority)
        columns[n++] = (column){&g->priority, sizeof *g->priority};
    if (g->affinity)
        columns[n++] = (column){&g->affinity, sizeof *g->affinity};
    if (g->handle)
        columns[n++] = (column){&g->handle, sizeof *g->handle};
    if (g->resident_on)
        columns[n++] = (column){&g->resident_on, sizeof *g->resident_on};
    if (g->need)
        columns[n++] = (column){&g->need, sizeof *g->need};
    return n;
}

/* Room for twice as many tasks. */
static tg_status grow_columns(tg_graph *g)
{
    tg_status status = TG_OK;
    const int64_t capacity = g->capacity ? 2 * g->capacity : 32;
    column columns[MAX_COLUMNS];
    const int n = find_columns(g, columns);

    for (int i = 0; i < n; i++) {
        int64_t had = g->capacity ? g->capacity + 1 : 0;

        TG_TRY(tg_grow(columns[i].array, &had, capacity + 1, columns[i].size));
    }
    g->capacity = capacity;
out:
    return status;
}

tg_status tg_graph_new(const tg_objects *objects, tg_graph **out)
{
    tg_status status = TG_OK;
    tg_graph *graph = tg_zalloc(sizeof *graph);

    TG_NEED(graph, TG_ENOMEM, "out of memory for a task graph");
    graph->objects = objects;
    TG_TRY(grow_columns(graph));
    graph->input_begin[0] = 0;
    graph->task[0].params = 0;
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
    tg_free(g->task);
    tg_free(g->key);
    tg_free(g->input_begin);
    tg_free(g->seconds);
    tg_free(g->priority);
    tg_free(g->affinity);
    tg_free(g->handle);
    tg_free(g->resident_on);
    tg_free(g->need);
    tg_free(g->input);
    tg_free(g->params);
    tg_free(g->functions);
    tg_free(g->affinities);
    tg_key_map_clear(&g->numbers);
    tg_free(g);
    *graph = NULL;
}

/* An array that comes with the first task that needs it, 0 for all before. */
static tg_status add_column(const tg_graph *g, void *array /* T ** */, size_t size)
{
    void *had, *made;

    memcpy(&had, array, sizeof had);
    if (had)
        return TG_OK;
    made = tg_alloc_array(g->capacity + 1, size);
    if (!made)
        return tg_fail(TG_ENOMEM, "out of memory: a graph of %" PRId64 " tasks", g->capacity);
    memcpy(array, &made, sizeof made);
    return TG_OK;
}

/* Room for a task: arrays, inputs, parameters. */
static tg_status make_room(tg_graph *g, const tg_task_spec *spec)
{
    tg_status status = TG_OK;
    const int64_t edges = tg_graph_nedges(g) + spec->ninputs;
    const size_t units =
        g->task[g->ntasks].params + tg_round_up(spec->params_size, TG_PARAMS_UNIT) / TG_PARAMS_UNIT;

    TG_NEED(edges <= UINT32_MAX, TG_EARG,
            "%" PRId64 " inputs: the tasks of a graph have at most 2^32 - 1", edges);
    TG_NEED(spec->params_size <= (size_t)INT64_MAX && units <= UINT32_MAX, TG_EARG,
            "parameters of %zu bytes: a graph holds at most 64 GiB", spec->params_size);
    if (g->ntasks == g->capacity)
        TG_TRY(grow_columns(g));
    if (spec->seconds > 0)
        TG_TRY(add_column(g, &g->seconds, sizeof *g->seconds));
    if (spec->priority)
        TG_TRY(add_column(g, &g->priority, sizeof *g->priority));
    if (spec->affinity)
        TG_TRY(add_column(g, &g->affinity, sizeof *g->affinity));
    if (edges > g->input_capacity)
        TG_TRY(tg_grow(&g->input, &g->input_capacity, edges, sizeof *g->input));
    if ((int64_t)units * TG_PARAMS_UNIT > g->params_capacity)
        TG_TRY(tg_grow(&g->params, &g->params_capacity, (int64_t)units * TG_PARAMS_UNIT, 1));
out:
    return status;
}

/* Its place in the graph's table, or -1; few functions, the last one added is likeliest. Where the
 * table is full, a function goes by a name that it has there. */
static int64_t find_function(const tg_graph *g, const tg_graph_function *f)
{
    int64_t same = -1;

    for (int64_t i = g->nfunctions; i-- > 0;) {
        if (g->functions[i].address != f->address)
            continue;
        if (strcmp(g->functions[i].name, f->name) == 0)
            return i;
        same = same < 0 ? i : same;
    }
    return g->nfunctions > INT16_MAX ? same : -1;
}

static tg_status intern_function(tg_graph *g, tg_function *address, const char *name, int16_t *out)
{
    tg_status status = TG_OK;
    tg_graph_function f = {.address = address, .name = name ? name : "task"};
    const int64_t known = find_function(g, &f);
    const void *code;

    if (known >= 0) {
        *out = (int16_t)known;
        return TG_OK;
    }
    TG_NEED(g->nfunctions <= INT16_MAX, TG_EARG, "task %s: a graph calls at most %d functions",
            f.name, INT16_MAX + 1);
    memcpy(&code, &address, sizeof code);
    TG_TRY(tg_objects_refer(g->objects, code, &f.reference));
    TG_TRY(tg_grow(&g->functions, &g->function_capacity, g->nfunctions + 1, sizeof f));
    *out = (int16_t)g->nfunctions;
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

static bool is_short(const tg_task_spec *spec)
{
    return spec->ninputs <= FEW_KEYS / 2 && spec->params_size <= FEW_KEYS / 4 * sizeof(tg_key);
}

static tg_key key_of_short(const tg_graph *g, const tg_task_spec *spec, const key_head *head)
{
    tg_key keys[FEW_KEYS];
    const int n = HEAD_KEYS + spec->ninputs;

    memcpy(keys, head, sizeof *head);
    for (int i = 0; i < spec->ninputs; i++)
        keys[HEAD_KEYS + i] = g->key[spec->inputs[i]];
    if (spec->params_size)
        memcpy(keys + n, spec->params, spec->params_size);
    return tg_key_of(keys, (size_t)n * sizeof *keys + spec->params_size);
}

static tg_status key_of_long(const tg_graph *g, const tg_task_spec *spec, const key_head *head,
                             tg_key *out)
{
    tg_key *keys = tg_alloc_array(spec->ninputs, sizeof *keys), parts[3];

    if (!keys)
        return tg_fail(TG_ENOMEM, "out of memory: a task of %d inputs", spec->ninputs);
    for (int i = 0; i < spec->ninputs; i++)
        keys[i] = g->key[spec->inputs[i]];
    parts[0] = tg_key_of(head, sizeof *head);
    parts[1] = tg_key_of(keys, (size_t)spec->ninputs * sizeof *keys);
    parts[2] = tg_key_of(spec->params, spec->params_size);
    *out = tg_key_of(parts, sizeof parts);
    tg_free(keys);
    return TG_OK;
}

static tg_status key_of_task(tg_graph *g, const tg_task_spec *spec, int16_t function, tg_key *out)
{
    key_head head = {.ninputs = spec->ninputs, .params_size = (int64_t)spec->params_size};

    head.function = function < 0 ? (tg_reference){UINT64_MAX, 0} : g->functions[function].reference;
    if (spec->flags & TG_TASK_IMPURE)
        head.impure = ++g->nimpure;
    if (!is_short(spec))
        return key_of_long(g, spec, &head, out);
    *out = key_of_short(g, spec, &head);
    return TG_OK;
}

/* There is room. */
static void append(tg_graph *g, const tg_task_spec *spec, int16_t function, tg_key key)
{
    const int64_t t = g->ntasks++;
    const uint32_t edge = g->input_begin[t], unit = g->task[t].params;
    const size_t padded = tg_round_up(spec->params_size, TG_PARAMS_UNIT);
    const int few = spec->ninputs < TG_MANY_INPUTS ? spec->ninputs : TG_MANY_INPUTS;

    g->task[t] =
        (tg_graph_task){.output_bytes = (float)spec->output_bytes,
                        .params = unit,
                        .function = function,
                        .flags = (uint8_t)(spec->flags | (spec->priority > 0 ? TG_TASK_URGENT : 0)),
                        .params_pad = (padded - spec->params_size) & (TG_PARAMS_UNIT - 1),
                        .few_inputs = (unsigned)few & TG_MANY_INPUTS};
    g->key[t] = key;
    for (int i = 0; i < spec->ninputs; i++)
        g->input[edge + (uint32_t)i] = (int32_t)spec->inputs[i];
    g->input_begin[t + 1] = edge + (uint32_t)spec->ninputs;
    g->task[t + 1].params = unit + (uint32_t)(padded / TG_PARAMS_UNIT);
    if (spec->params_size) {
        memcpy(g->params + (size_t)unit * TG_PARAMS_UNIT, spec->params, spec->params_size);
        memset(g->params + (size_t)unit * TG_PARAMS_UNIT + spec->params_size, 0,
               padded - spec->params_size);
    }
    if (g->seconds)
        g->seconds[t] = (float)spec->seconds;
    if (g->priority)
        g->priority[t] = (int8_t)spec->priority;
    if (g->handle)
        g->handle[t] = 0;
    if (g->resident_on)
        g->resident_on[t] = 0;
    if (g->need)
        g->need[t] = (tg_need){0};
}

/* What a task needs of its rank; of equal tasks the most. */
static tg_status add_need(tg_graph *g, const tg_task_spec *spec, int64_t task)
{
    tg_status status = TG_OK;
    uint64_t bits = spec->flags & TG_TASK_ALONE ? 1 : 0, bit = 0;

    if (!spec->memory && !spec->resource && !bits)
        return TG_OK;
    TG_NEED(!spec->resource || g->resources, TG_EARG, "resource %s: the graph has no context",
            spec->resource);
    if (spec->resource)
        TG_TRY(tg_resources_find(g->resources, spec->resource, &bit));
    TG_TRY(add_column(g, &g->need, sizeof *g->need));
    g->need[task].resources |= bits | bit;
    if ((int64_t)spec->memory > g->need[task].memory)
        g->need[task].memory = (int64_t)spec->memory;
out:
    return status;
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
    TG_NEED(spec->memory <= INT64_MAX, TG_EARG, "task %s needs %zu bytes of memory",
            spec->name ? spec->name : "task", spec->memory);
    TG_NEED(spec->flags < TG_TASK_URGENT, TG_EARG, "flags %#x of task %s", spec->flags,
            spec->name ? spec->name : "task");
    for (int i = 0; i < spec->ninputs; i++)
        TG_NEED(spec->inputs[i] >= 0 && spec->inputs[i] < g->ntasks, TG_EARG,
                "input %d of task %" PRId64 " (%s) is task %" PRId64 ", which is not there yet", i,
                g->ntasks, spec->name ? spec->name : "task", spec->inputs[i]);
out:
    return status;
}

static tg_status add_key(tg_graph *g, const tg_task_spec *spec, int16_t function, tg_key key,
                         int64_t *task)
{
    tg_status status = TG_OK;
    const int64_t known = tg_key_map_find(&g->numbers, g->key, key);
    int32_t affinity;

    if (known >= 0) {
        *task = known;
        return add_need(g, spec, known);
    }
    TG_TRY(intern_affinity(g, spec->affinity, &affinity));
    TG_TRY(make_room(g, spec));
    append(g, spec, function, key);
    if (g->affinity)
        g->affinity[g->ntasks - 1] = affinity;
    TG_TRY(tg_key_map_add(&g->numbers, g->key, (int32_t)(g->ntasks - 1)));
    TG_TRY(add_need(g, spec, g->ntasks - 1));
    *task = g->ntasks - 1;
out:
    return status;
}

static tg_status add(tg_graph *g, const tg_task_spec *spec, int16_t function, int64_t *task)
{
    tg_status status = TG_OK;
    tg_key key;

    TG_TRY(check_spec(g, spec));
    TG_TRY(key_of_task(g, spec, function, &key));
    TG_TRY(add_key(g, spec, function, key, task));
out:
    return status;
}

tg_status tg_graph_add_known(tg_graph *graph, const tg_task_spec *spec, tg_key key, int64_t *task)
{
    tg_status status = TG_OK;
    int16_t function;

    TG_TRY(check_spec(graph, spec));
    TG_TRY(intern_function(graph, spec->function, spec->name, &function));
    TG_TRY(add_key(graph, spec, function, key, task));
out:
    return status;
}

tg_status tg_graph_add(tg_graph *graph, const tg_task_spec *spec, int64_t *task)
{
    tg_status status = TG_OK;
    int16_t function;

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

tg_status tg_graph_set_resident(tg_graph *graph, int64_t task, int64_t handle, int32_t rank)
{
    tg_status status = TG_OK;

    TG_TRY(add_column(graph, &graph->handle, sizeof *graph->handle));
    TG_TRY(add_column(graph, &graph->resident_on, sizeof *graph->resident_on));
    graph->handle[task] = handle;
    graph->resident_on[task] = rank;
    graph->task[task].flags = (uint8_t)(graph->task[task].flags | TG_TASK_RESIDENT);
out:
    return status;
}

tg_status tg_graph_set_kept(tg_graph *graph, int64_t task, int64_t handle)
{
    tg_status status = TG_OK;

    TG_TRY(add_column(graph, &graph->handle, sizeof *graph->handle));
    graph->handle[task] = handle;
    graph->task[task].flags = (uint8_t)(graph->task[task].flags | TG_TASK_KEEP);
out:
    return status;
}
