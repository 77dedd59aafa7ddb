/* SPDX-License-Identifier: BSD-3-Clause */
/** The loops that the table of elementwise operators points to: tg_loop_OPERATOR_DTYPE. */
#ifndef TG_KERNEL_LOOPS_H
#define TG_KERNEL_LOOPS_H

#include <tegula/operator.h>

#include "kernel/types.h"

#define TG_DECLARE_LOOPS(name, dtype, type, wide)                                                  \
    tg_loop tg_loop_add_##name, tg_loop_subtract_##name, tg_loop_multiply_##name;                  \
    tg_loop tg_loop_divide_##name, tg_loop_sqrt_##name;                                            \
    tg_loop tg_loop_negative_##name, tg_loop_absolute_##name;                                      \
    tg_loop tg_loop_equal_##name, tg_loop_not_equal_##name;                                        \
    tg_loop tg_loop_less_##name, tg_loop_less_equal_##name;                                        \
    tg_loop tg_loop_greater_##name, tg_loop_greater_equal_##name;                                  \
    tg_loop tg_loop_where_##name;
TG_EACH_DTYPE(TG_DECLARE_LOOPS)

/* Comparisons of int64 with uint64 and the other way round, exact. */
tg_loop tg_loop_equal_signed_unsigned, tg_loop_equal_unsigned_signed;
tg_loop tg_loop_not_equal_signed_unsigned, tg_loop_not_equal_unsigned_signed;
tg_loop tg_loop_less_signed_unsigned, tg_loop_less_unsigned_signed;
tg_loop tg_loop_less_equal_signed_unsigned, tg_loop_less_equal_unsigned_signed;
tg_loop tg_loop_greater_signed_unsigned, tg_loop_greater_unsigned_signed;
tg_loop tg_loop_greater_equal_signed_unsigned, tg_loop_greater_equal_unsigned_signed;

#endif
