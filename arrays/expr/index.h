/* SPDX-License-Identifier: BSD-3-Clause */
/** What the files of indexing share: the items of an index, and masks. */
#ifndef TG_EXPR_INDEX_H
#define TG_EXPR_INDEX_H

#include <tegula/create.h>
#include <tegula/index.h>
#include <tegula/shape.h>

#include "expr/views.h"

/** Axes of an array and as many new ones. */
#define TG_MAX_ITEMS (2 * TG_MAX_NDIM + 2)

/** Items without ellipsis, mask and array: each is an integer, a slice, None or a list. */
typedef struct tg_items {
    tg_index item[TG_MAX_ITEMS];
    int axis[TG_MAX_ITEMS]; /* of the array; -1 for None */
    int n;
} tg_items;

/** Make them; masks and arrays of integers are computed. Errors: TG_EARG. */
TG_MUST_CHECK tg_status tg_items_expand(tg_array *a, const tg_index *index, int nindex,
                                        tg_items *out);

/** Python's slice.indices. Errors: TG_EARG for step 0. */
TG_MUST_CHECK tg_status tg_slice_resolve(const tg_index *item, int64_t n, int64_t *start,
                                         int64_t *step, int64_t *count);

/** A list for each axis of a mask over axes `axis`, axis + 1, ... of `a`: where it is true.
 * Computes. Errors: TG_EARG for another shape. */
TG_MUST_CHECK tg_status tg_items_of_mask(tg_array *a, int axis, tg_array *mask, tg_index *items);

/** The list of an array of integers. Computes. */
TG_MUST_CHECK tg_status tg_item_of_array(tg_array *array, tg_index *item);

/** a[mask], the mask of a's shape: the elements in C order. Counts. */
tg_array *tg_select_where(tg_array *a, tg_array *mask);

#endif
