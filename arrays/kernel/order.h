/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The order of elements as NumPy sorts them: NaN after all numbers; complex numbers by their real,
 * then their imaginary part, those with a NaN last.
 */
#ifndef TG_KERNEL_ORDER_H
#define TG_KERNEL_ORDER_H

#include <tegula/array.h>

/** Less than 0, 0, more than 0: element `x` is before, equal to, after `y`. NaN equals NaN. */
typedef int tg_compare(const void *x, const void *y);

/** By dtype. */
extern tg_compare *const tg_compares[TG_NDTYPES];

/** Whether an element is, or a part of it, no number. */
bool tg_element_is_nan(tg_dtype dtype, const void *x);

/** Sort n elements; `spare` has room for as many. Equal ones keep their order. */
void tg_sort_elements(tg_dtype dtype, int64_t n, void *x, void *spare);

/** The indices from 0 that sort n elements, to `index`; `spare` has room for 3 n indices. Equal
 * ones keep their order. */
void tg_argsort_elements(tg_dtype dtype, int64_t n, const void *x, int64_t *index, int64_t *spare);

/** Sort indices by a function of two of them; equal ones keep their order. */
void tg_sort_indices(int64_t n, int64_t *index, int64_t *spare,
                     int (*compare)(int64_t i, int64_t j, const void *context),
                     const void *context);

/** How many of n sorted elements are before `value`; with `right` those equal to it as well. */
int64_t tg_search_sorted(tg_dtype dtype, int64_t n, const void *sorted, const void *value,
                         bool right);

#endif
