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

/** tg_graph.function of a constant. */
#define TG_GRAPH_VALUE (-1)

/** Set in tg_graph.flags by the runtime itself. */
enum {
    TG_TASK_KEEP = 1u << 6, /* the result stays on its rank, under a handle */
    TG_TASK_RESIDENT =
        1u << 7, /* the result is kept on a rank already: not run, inputs not needed */
};

/** A function that tasks of a graph call. */
typedef struct tg_graph_function {
    tg_function *address;
    const char *name; /* borrowed */
    tg_reference reference;
} tg_graph_function;

struct tg_graph {
    const tg_objects *objects; /* borrowed: of the context */

    int64_t ntasks, capacity;
    int32_t *function;     /* index into functions, or TG_GRAPH_VALUE */
    tg_key *key;           /* content key */
    int64_t *input_begin;  /* inputs of t: input[input_begin[t] .. input_begin[t + 1]) */
    int64_t *params_begin; /* bytes, multiples of 16 */
    int64_t *params_size;  /* bytes */
    int64_t *output_bytes; /* expected, 0: not known */
    float *seconds;        /* expected, 0: not known */
    int32_t *affinity;     /* index of the affinity, from 1; 0: none */
    uint8_t *flags;        /* TG_TASK_* */
    int8_t *priority;
    int64_t *handle;      /* of a result kept or to be kept; NULL while there is none */
    int32_t *resident_on; /* rank; NULL while there is none */

    int32_t *input;
    int64_t input_capacity;
    unsigned char *params;
    int64_t params_capacity;
    int64_t array_capacity[10]; /* of the arrays above, in their order */

    tg_graph_function *functions; /* owned */
    int64_t nfunctions, function_capacity;
    int64_t *affinities; /* the user's numbers */
    int64_t naffinities, affinity_capacity;
    tg_key_map numbers; /* key -> task */
    int64_t nimpure;    /* makes impure keys differ */
};

/** Inputs of a task that it waits for. */
static inline int tg_graph_ninputs(const tg_graph *graph, int64_t task)
{
    if (graph->flags[task] & TG_TASK_RESIDENT)
        return 0;
    return (int)(graph->input_begin[task + 1] - graph->input_begin[task]);
}

static inline const int32_t *tg_graph_inputs(const tg_graph *graph, int64_t task)
{
    return graph->input + graph->input_begin[task];
}

/** The name of a task's function, "value" for a constant. */
const char *tg_graph_name(const tg_graph *graph, int64_t task);

/** A graph whose functions are found in `objects`. */
TG_MUST_CHECK tg_status tg_graph_new(const tg_objects *objects, tg_graph **out);

/** The result of a task is kept on `rank` under `handle`, from an earlier graph. */
TG_MUST_CHECK tg_status tg_graph_set_resident(tg_graph *graph, int64_t task, int64_t handle,
                                              int32_t rank);
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

/** One line a task: number, function, inputs, parameter bytes. For people and golden tests. */
TG_MUST_CHECK tg_status tg_graph_dump(const tg_graph *graph, FILE *out);

#endif
