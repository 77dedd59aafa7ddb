/* SPDX-License-Identifier: BSD-3-Clause */
/** Programs in the parameters of tasks: of elementwise ones and of reductions that run them. */
#ifndef TG_LOWER_PROGRAM_H
#define TG_LOWER_PROGRAM_H

#include "kernel/program.h"
#include "lower/lowering.h"

/** The tasks that make the operands of a chunk of a program: a task's inputs in their order. */
TG_MUST_CHECK tg_status tg_lower_operands(tg_lowering *lowering, const tg_array *a,
                                          const int64_t *index, int64_t *inputs, int *ninputs);

/** The program over that chunk; its operands are the task's inputs from `first` on. */
void tg_words_add_program(tg_words *words, const tg_array *a, const int64_t *index, int first);

/** What it is thought to cost. */
double tg_program_seconds(const tg_array *a, int64_t elements);

/** What tg_words_add_program wrote, in the task's scratch; operands have `ndim` strides. */
TG_MUST_CHECK tg_status tg_read_program(tg_reader *reader, tg_task *task, int ndim,
                                        tg_program **program, tg_operand **operands);

#endif
