/* SPDX-License-Identifier: BSD-3-Clause */
/** The node of a C function on blocks. */
#ifndef TG_EXPR_BLOCKS_H
#define TG_EXPR_BLOCKS_H

#include <tegula/blocks.h>

#include "expr/node.h"

extern const tg_class tg_class_blocks;

/** Most inputs of one node. */
#define TG_BLOCKS_MAX_INPUTS 16

typedef struct tg_blocks_params {
    const char *name;
    tg_block_function *function;
    const void *params; /* arena */
    size_t params_size;
    const void *object; /* static; NULL */
    double seconds;
    bool positional; /* elements hang on their place alone: any grid will do */
    /** By input and its axis: the axis of the node that numbers its blocks; -1: its only block. */
    int8_t axis[TG_BLOCKS_MAX_INPUTS][TG_MAX_NDIM];
    const int64_t
        *chosen; /* of a node of one axis, by its block: the block of the inputs; NULL: the
                              same number */
} tg_blocks_params;

/** A node without shape and grid, which the caller sets. */
tg_array *tg_blocks_node(tg_ctx *ctx, const tg_block_spec *spec, tg_array *const *inputs,
                         int ninputs);

#endif
