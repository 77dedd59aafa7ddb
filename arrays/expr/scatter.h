/* SPDX-License-Identifier: BSD-3-Clause */
/** Elements at listed places of an array replaced. */
#ifndef TG_EXPR_SCATTER_H
#define TG_EXPR_SCATTER_H

#include "expr/index.h"

/** Of a's elements along an axis (0 <= axis) those at `list` become those of `values`, which has as
 * many along it and a's lengths elsewhere; of equal places the last counts. Errors: TG_EARG. */
tg_array *tg_replace_places(tg_array *a, const int64_t *list, int64_t count, tg_array *values,
                            int axis);

/** tg_set_slice where the index has lists, masks or arrays; `values` is of a's dtype. */
tg_array *tg_set_lists(tg_array *a, const tg_index *index, int nindex, tg_array *values);

#endif
