/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * A chain of elementwise operators over one chunk, run in cache-sized blocks: no temporary is as
 * large as a chunk, memory is passed over once.
 */
#ifndef TG_KERNEL_PROGRAM_H
#define TG_KERNEL_PROGRAM_H

#include <tegula/operator.h>
#include <tegula/task.h>

/** Most inputs and steps of one program; the fusion pass stops before. */
#define TG_PROGRAM_MAX_INPUTS 16
#define TG_PROGRAM_MAX_STEPS  32

/**
 * One operator. Registers 0 .. ninputs-1 are the inputs; step s writes register ninputs + s; the
 * last step's register is the result. A register whose dtype is not the operand's is converted.
 */
typedef struct tg_step {
    const tg_elementwise *op;
    int in[TG_MAX_OPERANDS];
    tg_dtype operands[TG_MAX_OPERANDS];
    tg_dtype result;
} tg_step;

typedef struct tg_program {
    int ninputs, nsteps;
    tg_dtype inputs[TG_PROGRAM_MAX_INPUTS];
    tg_step steps[TG_PROGRAM_MAX_STEPS];
} tg_program;

/** A chunk as the program sees it: strides in bytes over the result's axes, 0 where broadcast. */
typedef struct tg_operand {
    const void *data;
    int64_t stride[TG_MAX_NDIM];
} tg_operand;

/**
 * Run the program over all elements of a box `shape`; `out` is contiguous, C order.
 *
 * Call:    local, inside a task. Errors: TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_program_run(const tg_program *program, const tg_operand *inputs,
                                       int ndim, const int64_t *shape, void *out, tg_task *scratch);

/** A program that runs over one box after another: its registers. */
typedef struct tg_program_machine tg_program_machine;

/** Registers, in the task's scratch. `program` stays the caller's. Errors: TG_ENOMEM, TG_EARG. */
TG_MUST_CHECK tg_status tg_program_begin(const tg_program *program, tg_task *scratch,
                                         tg_program_machine **out);

/**
 * Run it over a box. `pitch` is, by axis, elements of `out` from one index to the next. At most
 * TG_MAX_NDIM - 1 axes may be longer than 1 where none has a pitch of 1.
 *
 * Call:    local, inside a task. Errors: TG_ENOMEM; what the operators check.
 */
TG_MUST_CHECK tg_status tg_program_box(tg_program_machine *m, const tg_operand *inputs, int ndim,
                                       const int64_t *shape, void *out, const int64_t *pitch);

/**
 * Get ready for a line of n elements, whose strides are the inputs' first, and run it part by part:
 * elements [first, first + n) of it, side by side to `out`. What the next part reads is asked for
 * from memory meanwhile.
 *
 * Call:    local, inside a task. Errors: TG_ENOMEM; what the operators check.
 */
TG_MUST_CHECK tg_status tg_program_lay_line(tg_program_machine *m, const tg_operand *inputs,
                                            int64_t n);
TG_MUST_CHECK tg_status tg_program_part(tg_program_machine *m, int64_t first, int64_t n, void *out);

#endif
