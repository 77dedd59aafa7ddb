/* SPDX-License-Identifier: BSD-3-Clause */
/** Reductions over elements that a program makes on the way. */
#ifndef TG_KERNEL_REDUCE_PROGRAM_H
#define TG_KERNEL_REDUCE_PROGRAM_H

#include "kernel/program.h"
#include "kernel/reduce_walk.h"

/** What makes the elements of a view: a program over operands whose strides are those of the kept
 * axes, then of the reduced ones. */
typedef struct tg_view_program {
    const tg_program *program;
    const tg_operand *operands;
} tg_view_program;

/** tg_walk of a view that has a program. */
TG_MUST_CHECK tg_status tg_walk_program(const tg_reduce_view *view, size_t itemsize,
                                        const tg_walk_options *options, tg_tile_kernel *kernel,
                                        void *state, tg_task *scratch);

#endif
