/* SPDX-License-Identifier: BSD-3-Clause */
/** What reducers share that look for the place of an element: argmin and argmax. */
#ifndef TG_KERNEL_REDUCE_PLACE_H
#define TG_KERNEL_REDUCE_PLACE_H

#include "kernel/reduce_walk.h"

/**
 * tg_walk for a kernel that writes to at[k] the place of what it found for result k, among the
 * chunk's reduced elements in their order; they become places in the whole array, -1 where the
 * kernel found nothing. Tiles come in order: the first of equals is seen first.
 */
TG_MUST_CHECK tg_status tg_walk_places(const tg_reduce_view *view, size_t itemsize,
                                       tg_tile_kernel *kernel, void *state, int64_t *at,
                                       tg_task *scratch);

/** The places as results. Errors: TG_EARG where one is -1. */
TG_MUST_CHECK tg_status tg_finalize_places(int64_t nkept, const int64_t *at, void *out);

/** Their dtype, whatever the input's. */
tg_dtype tg_place_dtype(tg_dtype in);

#endif
