/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * From an expression to chunk tasks.
 *
 * Chunks are asked for one by one, and each asks for what it needs: tasks are added depth first,
 * all that one output chunk needs before anything of the next, the order that needs little memory.
 * A chunk that is asked for again is the same task.
 */
#ifndef TG_LOWER_LOWERING_H
#define TG_LOWER_LOWERING_H

#include "expr/node.h"
#include "lower/words.h"

typedef struct tg_lowering tg_lowering;

/** A node that is being lowered. */
typedef struct tg_lowered {
    const tg_array *node;
    const struct tg_lower_class *lower;
    int64_t *task;               /* by chunk in C order over the grid; -1: not asked for yet */
    int64_t *start[TG_MAX_NDIM]; /* by axis: where chunks begin, and the axis' length at the end */
} tg_lowered;

/** How nodes of a class become tasks: a row of the table in lowering.c. */
typedef struct tg_lower_class {
    const tg_class *class;
    /** The task that makes the chunk with that index along each axis. */
    tg_status (*chunk)(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                       int64_t *task);
} tg_lower_class;

struct tg_lowering {
    tg_ctx *ctx;
    tg_graph *graph;    /* borrowed */
    tg_lowered **nodes; /* malloc, each malloced */
    int64_t count, capacity;
    tg_node_map place; /* node -> its index in nodes */
    tg_words words;    /* of the task that is being added */
    int64_t ntasks;
};

void tg_lowering_begin(tg_lowering *lowering, tg_ctx *ctx, tg_graph *graph);
void tg_lowering_end(tg_lowering *lowering);

/** The node's entry, made when it is new. */
TG_MUST_CHECK tg_status tg_lower_node(tg_lowering *lowering, const tg_array *a, tg_lowered **out);

/** The task that makes a chunk. */
TG_MUST_CHECK tg_status tg_lower_chunk(tg_lowering *lowering, const tg_array *a,
                                       const int64_t *index, int64_t *task);

/** Add a task whose parameters are lowering->words, which are reset. */
TG_MUST_CHECK tg_status tg_lower_add(tg_lowering *lowering, tg_task_spec *spec, int64_t *task);

/** Where a chunk lies and how long it is; the number of its elements. */
int64_t tg_chunk_box(const tg_lowered *a, const int64_t *index, int64_t *start, int64_t *count);

/** Index over a grid of the i-th chunk in C order, and the other way round. */
void tg_chunk_index(const tg_array *a, int64_t i, int64_t *index);
int64_t tg_chunk_number(const tg_array *a, const int64_t *index);

/** The piece of a concatenation that has a chunk; `index` becomes that of the piece's. */
const tg_array *tg_chunk_piece(const tg_array *a, int64_t *index);

/** The chunk along an axis that holds position `at`. */
int64_t tg_chunk_at(const tg_lowered *a, int axis, int64_t at);

#define TG_LOWER(class)                                                                            \
    tg_status tg_lower_##class(tg_lowering * lowering, const tg_lowered *a, const int64_t *index,  \
                               int64_t *task)
TG_LOWER(source);
TG_LOWER(memory);
TG_LOWER(kept);
TG_LOWER(delayed);
TG_LOWER(program);
TG_LOWER(reduce);
TG_LOWER(concatenate);
TG_LOWER(transpose);
TG_LOWER(rechunk);
TG_LOWER(slice);
TG_LOWER(broadcast);
TG_LOWER(reshape);
TG_LOWER(blocks);
TG_LOWER(parcels);

#endif
