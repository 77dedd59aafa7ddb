/* SPDX-License-Identifier: BSD-3-Clause */
/** What the filters of images share: passes along axes, and blocks with what lies around them. */
#ifndef TG_EXPR_IMAGE_H
#define TG_EXPR_IMAGE_H

#include <tegula/image.h>

#include "expr/node.h"
#include "kernel/extend.h"
#include "kernel/filter.h"
#include "kernel/groups.h"

/** How far a filter looks along each axis, and what it sees beyond the edges. */
typedef struct tg_reach {
    int64_t before[TG_MAX_NDIM], after[TG_MAX_NDIM];
    tg_boundary boundary[TG_MAX_NDIM];
} tg_reach;

/** Options that are complete: the default ones for NULL, reflect where nothing is said. */
tg_filter_options tg_filter_options_of(const tg_filter_options *options);

/** The dtype of results. Errors: TG_EARG for a complex array or result where `real`. */
TG_MUST_CHECK tg_status tg_filter_dtype(const tg_array *a, const tg_filter_options *options,
                                        bool real, tg_dtype *out);

/**
 * The array's chunks, each with what of the array is in reach around it; along periodic axes what
 * lies beyond an edge is taken from the other end. Any depth.
 */
tg_array *tg_within_reach(tg_array *a, const tg_reach *reach);

/** Along an axis: what the block within reach of a block of the result holds. */
tg_extend_axis tg_reach_axis(const tg_reach *reach, const tg_block *out, int d);

/** A function on blocks within reach -> blocks of the array's own grid. */
tg_array *tg_map_reach(tg_array *a, const tg_reach *reach, const tg_block_spec *spec);

/** One pass along an axis. */
typedef struct tg_pass {
    int axis;
    tg_filter_kind kind;
    int64_t before, after;
    const double *weights; /* TG_FILTER_WEIGHTS: before + after + 1 */
} tg_pass;

/** The passes one after the other, each rounded to the results' dtype; modes of the options. */
tg_array *tg_filter_passes(tg_array *a, const tg_pass *passes, int npasses,
                           const tg_filter_options *options);

/** The window of `size` elements at `origin`: how far it looks. Errors: TG_EARG. */
TG_MUST_CHECK tg_status tg_window_reach(int64_t size, int64_t origin, int64_t *before,
                                        int64_t *after);

/**
 * What grows from seeds within a mask, NULL for one that is 1 everywhere, until nothing changes:
 * bool, cut as the seeds. `near` says who is a neighbour, as to tg_label; `first` is what one step
 * gives.
 */
tg_array *tg_grown(tg_array *seeds, tg_array *first, tg_array *mask, const tg_window *near);

/** Medians by label (expr/image_median.c); `single`: as NumPy's median of the elements of one. */
tg_array *tg_median_labels(tg_array *a, tg_array *labels, tg_array *index, bool single);

/** Records (kernel/groups.h) of all labels, as one parcel. */
tg_array *tg_group_records(tg_array *a, tg_array *labels, const tg_group_spec *spec);

#endif
