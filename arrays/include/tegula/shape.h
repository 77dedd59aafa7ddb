/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The same elements in other places: NumPy's operators of these names.
 *
 * Call:    lazy, local, all of them.
 * Dtype:   as the input; joined arrays are promoted.
 * Errors:  TG_EARG as NumPy's ValueError and AxisError; kept in the node.
 * Cost:    slices, joints and repetitions copy each element at most once, and nothing where whole
 *          chunks stay whole.
 * Tests:   tests/arrays/expr/test_shapes.py
 */
#ifndef TEGULA_SHAPE_H
#define TEGULA_SHAPE_H

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/** C order kept; one length may be -1. Chunks are cut to ranges that are boxes in both shapes. */
tg_array *tg_reshape(tg_array *a, int ndim, const int64_t *shape);
tg_array *tg_ravel(tg_array *a);
/** Axes of length 1 dropped: those in `axes`, or all with TG_ALL_AXES. */
tg_array *tg_squeeze(tg_array *a, tg_axes axes);
/** New axes of length 1 at these places of the result. */
tg_array *tg_expand_dims(tg_array *a, tg_axes axes);
tg_array *tg_atleast_1d(tg_array *a);
tg_array *tg_atleast_2d(tg_array *a);
tg_array *tg_atleast_3d(tg_array *a);
tg_array *tg_moveaxis(tg_array *a, int count, const int *source, const int *destination);
tg_array *tg_rollaxis(tg_array *a, int axis, int start);
tg_array *tg_swapaxes(tg_array *a, int axis1, int axis2);
tg_array *tg_broadcast_to(tg_array *a, int ndim, const int64_t *shape);
/** Arrays broadcast against each other: out[i]. */
TG_MUST_CHECK tg_status tg_broadcast_arrays(tg_array *const *arrays, int count, tg_array **out);

tg_array *tg_flip(tg_array *a, tg_axes axes);
tg_array *tg_rot90(tg_array *a, int k, int axis1, int axis2);
/** Along each axis, one shift each; count -1: of the raveled array, by shift[0]. */
tg_array *tg_roll(tg_array *a, int count, const int64_t *shift, const int *axis);
/** Each element `repeats` times along an axis. */
tg_array *tg_repeat(tg_array *a, int64_t repeats, int axis);
/** Element i of the axis repeats[i] times. */
tg_array *tg_repeat_each(tg_array *a, const int64_t *repeats, int64_t count, int axis);
tg_array *tg_tile(tg_array *a, int count, const int64_t *repeats);
/** Windows of length window[i] along axis[i], as new last axes. numpy.lib.stride_tricks. */
tg_array *tg_sliding_window_view(tg_array *a, int count, const int64_t *window, const int *axis);

/** How tg_pad fills. */
typedef enum tg_pad_mode {
    TG_PAD_CONSTANT,
    TG_PAD_EDGE,
    TG_PAD_REFLECT,
    TG_PAD_SYMMETRIC,
    TG_PAD_WRAP,
    TG_PAD_LINEAR_RAMP,
    TG_PAD_MAXIMUM,
    TG_PAD_MEAN,
    TG_PAD_MEDIAN,
    TG_PAD_MINIMUM,
    TG_PAD_EMPTY,
    TG_NPAD_MODES
} tg_pad_mode;

/** NumPy's name of a mode -> the mode. Errors: TG_EARG with the names that there are. */
TG_MUST_CHECK tg_status tg_pad_mode_parse(const char *name, tg_pad_mode *out);

/** By axis of the array: how many elements go before and after, and with what. */
typedef struct tg_padding {
    tg_pad_mode mode;
    int64_t before[TG_MAX_NDIM], after[TG_MAX_NDIM];
    tg_array *value[TG_MAX_NDIM][2]; /* CONSTANT, LINEAR_RAMP: a number before and one after; NULL:
                                        0 */
    int64_t stat[TG_MAX_NDIM][2];    /* MAXIMUM to MINIMUM: of so many elements at the edge; 0: of
                                        all */
    bool odd;                        /* REFLECT, SYMMETRIC: reflect_type='odd' */
} tg_padding;

tg_array *tg_pad(tg_array *a, const tg_padding *padding);

tg_array *tg_stack(tg_array *const *arrays, int count, int axis);
tg_array *tg_hstack(tg_array *const *arrays, int count);
tg_array *tg_vstack(tg_array *const *arrays, int count);
tg_array *tg_dstack(tg_array *const *arrays, int count);
tg_array *tg_append(tg_array *a, tg_array *b, int axis);
tg_array *tg_insert(tg_array *a, int64_t at, tg_array *values, int axis);
/** values[i] along the axis before element at[i] of `a`. numpy.insert with a list. */
tg_array *tg_insert_places(tg_array *a, const int64_t *at, int64_t count, tg_array *values,
                           int axis);
tg_array *tg_delete(tg_array *a, const int64_t *list, int64_t count, int axis);
/** Pieces [0, at[0]), [at[0], at[1]), ..., [at[count - 1], n) along an axis: out[count + 1]. */
TG_MUST_CHECK tg_status tg_split(tg_array *a, const int64_t *at, int64_t count, int axis,
                                 tg_array **out);

/** The n-th difference along an axis. */
tg_array *tg_diff(tg_array *a, int n, int axis);
/** Second order inside, first or second (`edge_order`) at the edges, elements `spacing` apart. */
tg_array *tg_gradient(tg_array *a, double spacing, int axis, int edge_order);
/** The same with elements at the coordinates of a 1-d array, as long as the axis. */
tg_array *tg_gradient_at(tg_array *a, tg_array *coordinates, int axis, int edge_order);
/** Blocks of factor[d] elements along axis d, reduced by `reduce`: dask.array.coarsen. `trim`: what
 * is left at the end is cut off; else it is an error. */
tg_array *tg_coarsen(tg_array *(*reduce)(tg_array *a, tg_axes axes), tg_array *a,
                     const int64_t *factor, bool trim);
/** Axes in blocks of factor[d]: [n0 / f0, f0, n1 / f1, f1, ...] and the axes of the factors. */
tg_array *tg_coarsen_view(tg_array *a, const int64_t *factor, bool trim, tg_axes *axes);

/** Where values go in a sorted 1-d array, which is one chunk. Dtype: int64. */
tg_array *tg_searchsorted(tg_array *sorted, tg_array *values, bool right);
/** Which elements are among those of `set`. Dtype: bool. */
tg_array *tg_isin(tg_array *a, tg_array *set, bool invert);

#ifdef __cplusplus
}
#endif

#endif
