/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Parts of arrays: NumPy's indexing, take and its kin, assignment as a new array.
 *
 *     tg_getitem(x, TG_INDEX(TG_SLICE(5, 10, 1), TG_SLICE(TG_NONE, TG_NONE, 3)))   x[5:10, ::3]
 *     tg_getitem(x, TG_INDEX(TG_AT(-1), TG_ELLIPSIS, TG_NEWAXIS))                  x[-1, ..., None]
 */
#ifndef TEGULA_INDEX_H
#define TEGULA_INDEX_H

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A part of a slice that is left out: the None of x[None:5]. */
#define TG_NONE INT64_MIN

typedef enum tg_index_kind {
    TG_INDEX_INTEGER,  /* x[start] */
    TG_INDEX_SLICE,    /* x[start:stop:step] */
    TG_INDEX_NEWAXIS,  /* x[None] */
    TG_INDEX_ELLIPSIS, /* x[...] */
    TG_INDEX_LIST,     /* x[[2, 0, 0]]: integers in memory */
    TG_INDEX_MASK,     /* x[m]: an array of bool, as many axes of x as it has */
    TG_INDEX_ARRAY,    /* x[i]: an array of integers */
} tg_index_kind;

/** One item between the brackets. */
typedef struct tg_index {
    tg_index_kind kind;
    int64_t start, stop, step; /* SLICE: TG_NONE where left out; INTEGER: start */
    const int64_t *list;       /* LIST */
    int64_t count;             /* LIST: integers in it */
    int list_ndim;             /* LIST: its axes; 0 or 1: a plain list of `count` */
    const int64_t *list_shape; /* LIST: lengths of its axes; NULL: count */
    tg_array *array;           /* MASK, ARRAY */
} tg_index;

#define TG_AT(i) ((tg_index){.kind = TG_INDEX_INTEGER, .start = (i)})
#define TG_SLICE(first, end, by)                                                                   \
    ((tg_index){.kind = TG_INDEX_SLICE, .start = (first), .stop = (end), .step = (by)})
#define TG_ALL                                                                                     \
    ((tg_index){.kind = TG_INDEX_SLICE, .start = TG_NONE, .stop = TG_NONE, .step = TG_NONE})
#define TG_NEWAXIS  ((tg_index){.kind = TG_INDEX_NEWAXIS})
#define TG_ELLIPSIS ((tg_index){.kind = TG_INDEX_ELLIPSIS})

/** The last two arguments of tg_getitem: the items and their number. */
#define TG_INDEX(...)                                                                              \
    (tg_index[]){__VA_ARGS__}, (int)(sizeof((tg_index[]){__VA_ARGS__}) / sizeof(tg_index))

/**
 * a[index]: NumPy's basic and advanced indexing.
 *
 * Call:    lazy, local; but a MASK or an ARRAY among the items is computed at once (blocking, rank
 *          0): the shape hangs on it. A mask of all of `a` is only counted, chunk by chunk, and
 *          computed again with the result; of other masks and arrays the values come to rank 0.
 * Shape:   as NumPy: integers drop their axis, slices keep it, several lists are broadcast and
 *          point together; a list's axes stand where the lists stood, or first where a slice, None
 *          or ... stands between them.
 * Errors:  TG_EARG as NumPy's IndexError: out of bounds, too many indices, a mask of another shape.
 * Cost:    only chunks that hold wanted elements are computed, of files only wanted boxes are read.
 * Source:  numpy.ndarray.__getitem__.
 * Tests:   tests/arrays/expr/test_index.py
 */
tg_array *tg_getitem(tg_array *a, const tg_index *index, int nindex);

/**
 * A copy of `a` in which a[index] is `values`, broadcast and converted. `a` stays as it is. Of
 * equal places in a list the last counts.
 *
 * Call:    as tg_getitem; several lists, a mask with several values: their places come to rank 0.
 * Shape:   that of `a`. Dtype: that of `a`.
 * Errors:  as tg_getitem; TG_EARG where values cannot be broadcast to the part.
 * Source:  numpy.ndarray.__setitem__.
 */
tg_array *tg_set_slice(tg_array *a, const tg_index *index, int nindex, tg_array *values);

/**
 * Elements at `list` along an axis, negative ones counted from the end. numpy.take; lists with axes
 * of their own by tg_getitem. Call: lazy, local.
 */
tg_array *tg_take(tg_array *a, const int64_t *list, int64_t count, int axis);

/** Elements along an axis where the 1-d condition, which may be shorter, is true. numpy.compress.
 * Call: the condition is computed at once (blocking, rank 0). */
tg_array *tg_compress(tg_array *condition, tg_array *a, int axis);

/** Elements of a where condition, of the same size, is not zero, as one axis. numpy.extract.
 * Call: as a mask in tg_getitem. */
tg_array *tg_extract(tg_array *condition, tg_array *a);

/** Indices along each axis of the elements that are not zero: numpy.nonzero, `axis` of its tuple.
 * Call: as a mask in tg_getitem. Dtype: int64. */
tg_array *tg_nonzero(tg_array *a, int axis);
/** Indices in C order of the elements that are not zero. numpy.flatnonzero. */
tg_array *tg_flatnonzero(tg_array *a);
/** Indices of the elements that are not zero, a row each: [n, ndim]. numpy.argwhere. */
tg_array *tg_argwhere(tg_array *a);

/**
 * The array's chunks seen as elements of an array, indexed by INTEGER, SLICE and LIST items.
 *
 * Call:    lazy, local.
 * Errors:  as tg_getitem, in chunks.
 * Source:  dask.array.Array.blocks.
 */
tg_array *tg_blocks(tg_array *a, const tg_index *index, int nindex);

#ifdef __cplusplus
}
#endif

#endif
