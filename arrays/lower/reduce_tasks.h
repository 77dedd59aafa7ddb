/* SPDX-License-Identifier: BSD-3-Clause */
/** The tasks of reductions, and how partials lie in memory: slab after slab of results. */
#ifndef TG_LOWER_REDUCE_TASKS_H
#define TG_LOWER_REDUCE_TASKS_H

#include <tegula/operator.h>
#include <tegula/task.h>

/**
 * Results as [outer, length, inner]: a slab is `step` of the middle axis (the last one may be
 * shorter), so many results in C order. A partial is one of the reducer's for each slab, on cache
 * lines. All words.
 */
typedef struct tg_slabs {
    int64_t outer, length, step, inner;
} tg_slabs;

#define TG_SLAB_WORDS ((int)(sizeof(tg_slabs) / sizeof(int64_t)))

/** Where the elements of a chunk come from: the task's input, a program over its inputs, a file. */
typedef enum tg_elements { TG_ELEMENTS_INPUT, TG_ELEMENTS_MADE, TG_ELEMENTS_READ } tg_elements;

typedef size_t tg_partial_size(const tg_reduce_spec *spec, int64_t nkept);

/** Bytes of a partial. */
size_t tg_slabs_size(const tg_slabs *slabs, tg_partial_size *size, const tg_reduce_spec *spec);

/** Chunks -> their merged partial; partials -> their merged one; partials -> the result. */
tg_function tg_reduce_chunks, tg_combine_partials, tg_finalize_partials;

#endif
