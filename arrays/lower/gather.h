/* SPDX-License-Identifier: BSD-3-Clause */
/** Chunks put together from parts of other chunks: what their tasks, and tasks that use the parts
 * where they lie, have in common. */
#ifndef TG_LOWER_GATHER_H
#define TG_LOWER_GATHER_H

#include "lower/lowering.h"

/** Elements of the result's axis that one input chunk gives. Written as five words. */
typedef struct tg_segment {
    int64_t chunk; /* which of the axis' input chunks, counted from the first that is used */
    int64_t from, step, to, count;
} tg_segment;

/** An axis as a task reads it. */
typedef struct tg_gather_axis {
    int64_t nchunks, nsegments;
    const int64_t *length; /* of each input chunk */
    const tg_segment *segment;
} tg_gather_axis;

/** An axis of a chunk while tasks are added. */
typedef struct tg_gather_line {
    int64_t *chunk;  /* input chunks that are used, in the order of their numbers; malloc */
    int64_t *length; /* of each of them, or of the part of it; malloc */
    int64_t nchunks;
    tg_segment *segment; /* with the input's own chunk numbers, then with places in `chunk` */
    int64_t nsegments, capacity; /* malloc */
} tg_gather_line;

/** A chunk while tasks are added. */
typedef struct tg_gathering {
    tg_lowering *lowering;
    tg_lowered *input;
    const char *name;
    size_t itemsize, bytes; /* of an element, of the chunk */
    int ndim;
    int64_t count[TG_MAX_NDIM]; /* its shape */
    tg_gather_line line[TG_MAX_NDIM];
    int64_t ninputs; /* input chunks */
    int64_t *inputs; /* tasks [ninputs], listed by tg_gather_inputs; malloc */
} tg_gathering;

/** Whether a node's chunks are put together from its input's: slices and other cuts. */
bool tg_is_gathered(const tg_array *a);

/**
 * What the chunk `index` of such a node is made of. No task is added.
 *
 * Owner:   tg_gather_end, also on failure.
 * Errors:  TG_ENOMEM; TG_EARG for more than 2^31 - 1 input chunks.
 */
TG_MUST_CHECK tg_status tg_gather_begin(tg_lowering *lowering, const tg_lowered *a,
                                        const int64_t *index, tg_gathering *out);
void tg_gather_end(tg_gathering *g);

/** Is it one input chunk as it is? */
bool tg_gather_is_one_chunk(const tg_gathering *g);

/** Boxes, each of one input, that it is made of. */
int64_t tg_gather_boxes(const tg_gathering *g);

/** Add the tasks of its inputs, where only parts travel those of the parts. Before words. */
TG_MUST_CHECK tg_status tg_gather_inputs(tg_gathering *g);

/** The axes, and reading them: they point into the task's parameters. */
void tg_gather_add_words(const tg_gathering *g);
void tg_gather_read(tg_reader *reader, int ndim, tg_gather_axis *axes);

/** The function of tasks that put a chunk together: size of an element, shape and axes. */
TG_MUST_CHECK tg_status tg_gather_run(tg_task *task);

#endif
