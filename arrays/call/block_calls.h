/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * A function of Python's kind, called for each block of some arrays. It is lazy: what it makes of a
 * block are nodes, and all blocks' are joined. What is elementwise is called once, for the whole.
 */
#ifndef TG_CALL_BLOCK_CALLS_H
#define TG_CALL_BLOCK_CALLS_H

#include "call/call.h"

/** Most axes of the result and of those that it lacks, most arguments, most blocks. */
#define TG_MOST_LABELS          (2 * TG_MAX_NDIM)
#define TG_MOST_BLOCK_ARGUMENTS 32
#define TG_MOST_BLOCK_CALLS     100000

typedef struct tg_block_argument {
    tg_array *array; /* NULL: `value`, as it is */
    tg_datum value;
    int label[TG_MAX_NDIM]; /* by axis of the array */
} tg_block_argument;

/**
 * Labels 0 .. nout - 1 are the result's axes in order, others are those that it lacks: the function
 * gets all blocks along them, joined (`concatenate`) or as lists.
 */
typedef struct tg_block_calls tg_block_calls;
struct tg_block_calls {
    const char *name; /* for messages */
    const tg_datum *function, *others;
    int nout, nlabels, count;
    bool concatenate;
    int64_t blocks[TG_MOST_LABELS]; /* how many; 0: not known yet */
    tg_block_argument argument[TG_MOST_BLOCK_ARGUMENTS];
    /* What becomes of the function's block number `at`; NULL: nothing. */
    tg_array *(*finish)(const tg_block_calls *calls, tg_array *block, const int64_t *at);
    const void *data; /* of `finish` */
};

/** Cut arrays alike where they share a label. Errors: TG_EARG for lengths that differ. */
TG_MUST_CHECK tg_status tg_block_calls_align(tg_ctx *ctx, tg_block_calls *calls);

/** Count the blocks by label of arrays that are cut already. Errors: TG_EARG where they differ. */
TG_MUST_CHECK tg_status tg_block_calls_count(tg_block_calls *calls);

/** Call the function for all blocks. Errors: its own; TG_EARG for blocks that do not fit. */
TG_MUST_CHECK tg_status tg_block_calls_run(tg_ctx *ctx, const tg_block_calls *calls,
                                           tg_array **out);

#endif
