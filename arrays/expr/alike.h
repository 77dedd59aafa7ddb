/* SPDX-License-Identifier: BSD-3-Clause */
/** Whether a function that was called with parts and with wholes is elementwise. */
#ifndef TG_EXPR_ALIKE_H
#define TG_EXPR_ALIKE_H

#include <tegula/array.h>

/**
 * Whether `whole` does to each element of `wholes` what `part` does to those of `parts`: both are
 * elementwise operators alone, the same ones in the same order, over the arrays of equal index and
 * over equal constants. Then the function that made both need not be called for each part.
 *
 * Call:    local.
 */
bool tg_elementwise_alike(const tg_array *part, tg_array *const *parts, const tg_array *whole,
                          tg_array *const *wholes, int count);

#endif
