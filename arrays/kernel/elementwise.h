/* SPDX-License-Identifier: BSD-3-Clause */
/** The table of elementwise operators, and conversion between dtypes. */
#ifndef TG_KERNEL_ELEMENTWISE_H
#define TG_KERNEL_ELEMENTWISE_H

#include <tegula/operator.h>

/** The row of an operator by NumPy's name; NULL when there is none. `astype` is not an operator of
 * the table but `tg_convert_op(dtype)`, a unary one with that result. */
const tg_elementwise *tg_elementwise_find(const char *name);
const tg_elementwise *tg_convert_op(tg_dtype to);

/** Row i of the table; NULL after the last. */
const tg_elementwise *tg_elementwise_row(int i);

/** The loop for operands of the dtypes that `op->resolve` gave. */
tg_loop *tg_elementwise_loop(const tg_elementwise *op, const tg_dtype *operands);

/** NumPy's promotion of two dtypes (numpy.promote_types). */
tg_dtype tg_promote(tg_dtype a, tg_dtype b);

/** NumPy's promotion of several dtypes together (numpy.result_type): bit 1 << dtype of `dtypes` is
 * set for each. One by one they may grow larger: uint16 and int8 make int32, which float32 does not
 * hold, but float32 holds each of the two. */
tg_dtype tg_promote_all(uint32_t dtypes);

/** NEP 50: the dtype that a Python number (`weak`: int64, float64, complex128) takes when it meets
 * arrays of dtype `strong`. An int that does not fit an integer dtype is an error for the caller to
 * report. */
tg_dtype tg_promote_weak(tg_dtype strong, tg_dtype weak);

/** Convert n contiguous elements with C's rules (to bool: is it not zero; NaN or out of range to
 * integers: as NumPy on x86-64 does, without undefined behaviour). */
void tg_convert(int64_t n, tg_dtype from, const void *in, tg_dtype to, void *out);

#endif
