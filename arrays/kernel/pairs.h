/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Two arithmetic operators in one loop, each rounded as on its own: what lies between them stays in
 * a vector register, and all inputs stream at the same time.
 */
#ifndef TG_KERNEL_PAIRS_H
#define TG_KERNEL_PAIRS_H

#include "kernel/program.h"

/**
 * The loop for step `s` and the next one, over the operands of the first and the other operand of
 * the second; NULL where there is none: other operators or dtypes, a result that is used elsewhere.
 */
tg_loop *tg_pair_loop(const tg_program *program, int s, int *other);

#endif
