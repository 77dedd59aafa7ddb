/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Nodes that pick, repeat or reinterpret elements of their input, and their parameters.
 *
 *     slice      elements at positions that are listed for each axis on its own
 *     broadcast  an input seen as larger: NumPy's broadcasting to the node's shape
 *     reshape    the same chunks with the same bytes, seen with other axes
 */
#ifndef TG_EXPR_VIEWS_H
#define TG_EXPR_VIEWS_H

#include "expr/node.h"

extern const tg_class tg_class_slice, tg_class_broadcast, tg_class_reshape;

/** Positions at + 0 .. at + count - 1 of a result are start, start + step, ... of its input. */
typedef struct tg_stretch {
    int64_t at, start, step, count;
} tg_stretch;

/** By axis: the stretches that make the result's axis, none of count 0, in the context's arena. */
typedef struct tg_slice_params {
    int64_t n[TG_MAX_NDIM];
    const tg_stretch *stretch[TG_MAX_NDIM];
} tg_slice_params;

/** Stretches in the making: neighbours that go on are merged. Its zero is empty. */
typedef struct tg_stretches {
    tg_stretch *stretch; /* malloc */
    int64_t n, capacity, length;
    bool no_memory;
} tg_stretches;

void tg_stretches_add(tg_stretches *list, int64_t start, int64_t step, int64_t count);
/** Give them to one axis of a slice, copied to the arena, and forget them. Errors: TG_ENOMEM. */
TG_MUST_CHECK tg_status tg_stretches_give(tg_stretches *list, tg_ctx *ctx, tg_slice_params *params,
                                          int axis);
void tg_stretches_clear(tg_stretches *list);

/** All axes as they are: the parameters to begin with. Errors: TG_ENOMEM. */
TG_MUST_CHECK tg_status tg_slice_begin(const tg_array *a, tg_slice_params *out);
/** One axis: start, start + step, ... Errors: TG_ENOMEM. */
TG_MUST_CHECK tg_status tg_slice_axis(tg_ctx *ctx, tg_slice_params *params, int axis, int64_t start,
                                      int64_t step, int64_t count);
/** Elements along an axis of a slice. */
int64_t tg_slice_length(const tg_slice_params *params, int axis);
/** Whether an axis of length n is taken as it is. */
bool tg_slice_is_whole(const tg_slice_params *params, int axis, int64_t n);
/** Stretches of `outer` in positions of the input of `inner`, one axis. */
TG_MUST_CHECK tg_status tg_slice_compose(tg_ctx *ctx, const tg_slice_params *inner,
                                         const tg_slice_params *outer, int axis,
                                         tg_slice_params *out, int to);

/** The node; `a` where nothing changes. grid NULL: cut where the input is cut, or evenly. */
tg_array *tg_slice_node(tg_array *a, const tg_slice_params *params, const tg_grid *grid);

/** Elements start, start + step, ... along one axis. */
tg_array *tg_slice_one(tg_array *a, int axis, int64_t start, int64_t step, int64_t count);

/** The node; `a` where shape and grid are its own. grid NULL: the input's cuts, the rest whole
 * chunks of the library's choice. */
tg_array *tg_broadcast_node(tg_array *a, int ndim, const int64_t *shape, const tg_grid *grid);

/** Cuts of a node's input as `grid` cuts the node: axes that are broadcast keep theirs. */
void tg_operand_grid(const tg_array *input, int ndim, const int64_t *shape, const tg_grid *grid,
                     tg_grid *out);

/** The node: chunk i of it has the bytes of chunk i of `a`, in C order of both grids. */
tg_array *tg_reshape_node(tg_array *a, int ndim, const int64_t *shape, const tg_grid *grid);

/**
 * Axes in the same order, those of length 1 dropped or put in: axis d of the result is axis from[d]
 * of `a`, or a new one of length 1 where from[d] is -1.
 */
tg_array *tg_reshape_ones(tg_array *a, int ndim, const int *from);

/** Whether a reshape node only drops and puts in axes of length 1; then `from` as above. */
bool tg_reshape_is_ones(const tg_array *a, int *from);

/** Zeros; grid NULL: the library's choice. */
tg_array *tg_zeros_node(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape,
                        const tg_grid *grid);

/** Of each element of an array of a's shape its index along an axis, int64. */
tg_array *tg_places(const tg_array *a, int axis);

#endif
