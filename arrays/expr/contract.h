/* SPDX-License-Identifier: BSD-3-Clause */
/** The product that all contractions are made of. */
#ifndef TG_EXPR_CONTRACT_H
#define TG_EXPR_CONTRACT_H

#include <tegula/contract.h>

#include "expr/node.h"

/**
 * Axes of `a`: [batch, rows, inner], of `b`: [batch, inner, columns], of the result: [batch, rows,
 * columns]. The batch axes are aligned from the last and broadcast. Inner axes have equal lengths.
 */
tg_array *tg_product(tg_array *a, tg_array *b, int rows, int inner, int columns);

/** All in the dtype that NumPy gives their product; Python numbers count as arrays.
 * Errors: the first poisoned one's. */
TG_MUST_CHECK tg_status tg_product_dtype(tg_array **arrays, int count);

#endif
