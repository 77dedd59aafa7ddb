/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The task graph: arrays by task number, edges in compressed rows. Inputs have smaller numbers than
 * the task, so the order of adding is a topological one. Constants are tasks without a function
 * whose parameters are the result.
 */
#ifndef TG_GRAPH_GRAPH_H
#define TG_GRAPH_GRAPH_H

#include <stdio.h>

#include <tegula/task.h>

#include "base/key.h"
#include "base/object.h"
#include "graph/need.h"

/** tg_graph.function of a constant. */
#define TG_GRAPH_VALUE (-1)

/** Parameters of each task start at multiples of so many bytes. */
#define TG_PARAMS_UNIT 16

/** Set in tg_graph.flags by the runtime itself. */
enum {
    TG_TASK_URGENT = 1u << 5, /* its priority is raised */
    TG_TASK_KEEP = 1u << 6,   /* the result stays on its rank, under a handle */
    TG_TASK_RESIDENT =
        1u << 7, /* the result is kept on a rank already: not run, inputs not needed */
};

/** A function that tasks of a graph call, under a name. */
typedef struct tg_graph_function {
    tg_function *address;
    const char *name; /* borrowed */
    tg_reference reference;
} tg_graph_function;

/** What is read of a task at once, so that it lies together. */
typedef struct tg_graph_task {
    float output_bytes;     /* expected, 0: not known */
    uint32_t params;        /* where its parameters begin, in units of TG_PARAMS_UNIT bytes */
    int16_t function;       /* index into tg_graph.functions, or TG_GRAPH_VALUE */
    uint8_t flags;          /* TG_TASK_* */
    uint8_t params_pad : 4; /* bytes of the last unit of parameters that are not used */
    uint8_t few_inputs : 4; /* how many inputs, TG_MANY_INPUTS: so many or more */
} tg_graph_task;

enum { TG_MANY_INPUTS = 15 };

struct tg_graph {
    const tg_objects *objects; /* borrowed: of the context */
    tg_resources *resources;   /* borrowed, likewise; NULL: tasks may name none */

    int64_t ntasks, capacity; /* of every array by task */
    tg_graph_task *task; /* [ntasks + 1]: parameters of the last end where another's would begin */
    tg_key *key;         /* content key */
    uint32_t *input_begin; /* [ntasks + 1] into input */
    float *seconds;        /* expected, 0: not known; NULL while none is */
    int8_t *priority;      /* NULL while all are 0 */
    int32_t *affinity;     /* index of the affinity, from 1; 0: none; NULL while there is none */
    int64_t *handle;       /* of a result kept or to be kept; NULL while there is none */
    int32_t *resident_on;  /* rank; NULL while there is none */
    tg_need *need;         /* NULL while no task needs anything */

    int32_t *input;
    int64_t input_capacity;
    unsigned char *params;
    int64_t params_capacity; /* bytes */

    tg_graph_function *functions; /* owned */
    int64_t nfunctions, function_capacity;
    int64_t *affinities; /* the user's numbers */
    int64_t naffinities, affinity_capacity;
    tg_key_map numbers; /* key -> task */
    int64_t nimpure;    /* makes impure keys differ */
};

/** Is the result kept on a rank already? */
static inline bool tg_graph_is_resident(const tg_graph *graph, int64_t task)
{
    return graph->resident_on && (graph->task[task].flags & TG_TASK_RESIDENT);
}

/** Inputs of a task that it waits for. */
static inline int tg_graph_ninputs(const tg_graph *graph, int64_t task)
{
    if (tg_graph_is_resident(graph, task))
        return 0;
    return (int)(graph->input_begin[task + 1] - graph->input_begin[task]);
}

/** The same where tg_graph.task is looked at anyhow: of most tasks nothing else is. */
static inline int tg_graph_ninputs_of_task(const tg_graph *graph, int64_t task)
{
    const int few = graph->task[task].few_inputs;

    if (few == TG_MANY_INPUTS)
        return tg_graph_ninputs(graph, task);
    return tg_graph_is_resident(graph, task) ? 0 : few;
}

static inline const int32_t *tg_graph_inputs(const tg_graph *graph, int64_t task)
{
    return graph->input + graph->input_begin[task];
}

/** Inputs of all tasks. */
static inline int64_t tg_graph_nedges(const tg_graph *graph)
{
    return graph->input_begin[graph->ntasks];
}

static inline const void *tg_graph_params(const tg_graph *graph, int64_t task)
{
    return graph->params + (size_t)graph->task[task].params * TG_PARAMS_UNIT;
}

/** Units of parameters of a task. */
static inline int64_t tg_graph_params_units(const tg_graph *graph, int64_t task)
{
    return (int64_t)graph->task[task + 1].params - graph->task[task].params;
}

/** Bytes of parameters of a task. */
static inline int64_t tg_graph_params_size(const tg_graph *graph, int64_t task)
{
    return tg_graph_params_units(graph, task) * TG_PARAMS_UNIT - graph->task[task].params_pad;
}

/** Seconds that a task is expected to take; 0: not known. */
static inline float tg_graph_seconds(const tg_graph *graph, int64_t task)
{
    return graph->seconds ? graph->seconds[task] : 0;
}

static inline int32_t tg_graph_affinity(const tg_graph *graph, int64_t task)
{
    return graph->affinity ? graph->affinity[task] : 0;
}

/** Bytes that a task needs beside its inputs and its output while it runs. */
static inline int64_t tg_graph_memory(const tg_graph *graph, int64_t task)
{
    return graph->need ? graph->need[task].memory : 0;
}

/** The name of a task's function, "value" for a constant. */
const char *tg_graph_name(const tg_graph *graph, int64_t task);

/** A graph whose functions are found in `objects`. */
TG_MUST_CHECK tg_status tg_graph_new(const tg_objects *objects, tg_graph **out);

/** The result of a task is kept on `rank` under `handle`, from an earlier graph. */
TG_MUST_CHECK tg_status tg_graph_set_resident(tg_graph *graph, int64_t task, int64_t handle,
                                              int32_t rank);
/** Add a task of a key that is known, for a result that is there already: an equal task, or one
 * that only stands for it. */
TG_MUST_CHECK tg_status tg_graph_add_known(tg_graph *graph, const tg_task_spec *spec, tg_key key,
                                           int64_t *task);
/** Keep the result of a task under `handle`. */
TG_MUST_CHECK tg_status tg_graph_set_kept(tg_graph *graph, int64_t task, int64_t handle);

/** Is everything in its place (edges backwards, sizes, functions)? For assert. */
bool tg_graph_is_valid(const tg_graph *graph);

/**
 * Order of the tasks that `targets` need, depth first: all that a task needs, then the task, inputs
 * in order. Tasks not needed are left out. *order is malloced.
 */
TG_MUST_CHECK tg_status tg_graph_order(const tg_graph *graph, const int64_t *targets,
                                       int64_t ntargets, int32_t **order, int64_t *count);

/**
 * The same, with the level of each task: 0 without inputs other than constants, else one more than
 * the highest of its inputs; -1 for constants and for tasks not needed. *level is malloced.
 */
TG_MUST_CHECK tg_status tg_graph_order_levels(const tg_graph *graph, const int64_t *targets,
                                              int64_t ntargets, int32_t **order, int64_t *count,
                                              int32_t **level);

/** One line a task: number, function, inputs, parameter bytes. For people and golden tests. */
TG_MUST_CHECK tg_status tg_graph_dump(const tg_graph *graph, FILE *out);

#endif
