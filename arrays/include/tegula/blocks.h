/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * C functions on the blocks of arrays: map_blocks, blockwise, map_overlap, apply_along_axis, and
 * arrays made by a function.
 */
#ifndef TEGULA_BLOCKS_H
#define TEGULA_BLOCKS_H

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One chunk as a function sees it. */
typedef struct tg_block {
    void *data; /* contiguous, C order; of an input: read-only; NULL where there are no elements */
    tg_dtype dtype;
    int ndim;
    int64_t shape[TG_MAX_NDIM]; /* of the block */
    int64_t start[TG_MAX_NDIM]; /* where it begins in its array */
    int64_t total[TG_MAX_NDIM]; /* the array's shape */
    int64_t index[TG_MAX_NDIM]; /* which block along each axis */
    int64_t size;               /* elements */
    const void *object;         /* of the output: the spec's, where it is on this rank */
} tg_block;

/**
 * Fill `out` from `in`. Runs on any rank and thread: only its arguments and constants are there.
 * `task` gives scratch memory. Any function of the program or of a library that all ranks have
 * loaded.
 */
typedef tg_status tg_block_function(const tg_block *in, int nin, tg_block *out, const void *params,
                                    size_t params_size, tg_task *task);

/** What to do with blocks; the zero of what is not given is the default. */
typedef struct tg_block_spec {
    const char *name; /* in pictures and dumps; outlives the context */
    tg_block_function *function;
    const void *params; /* the function's own bytes; copied */
    size_t params_size;
    const void *object; /* something static that the function needs: another function, a table */
    tg_dtype dtype;     /* of the result */
    /** blockwise: labels of axes, as einsum's: "ik,kj->ij". A label that the result lacks is one
     * block along that axis. NULL: axes are aligned from the last, as in broadcasting. */
    const char *labels;
    /** By axis of the result: lengths of its chunks where they are not those of the inputs; NULL:
     * the inputs'. As many as the inputs have chunks there, for an axis that no input has: as
     * many as nlengths says. */
    const int64_t *lengths[TG_MAX_NDIM];
    int64_t nlengths[TG_MAX_NDIM];
    double seconds; /* expected for one block; 0: not known */
} tg_block_spec;

/**
 * A function on each block: dask.array.map_blocks, and with labels dask.array.blockwise.
 *
 * Call:    lazy, local.
 * Shape:   inputs are broadcast (labels NULL) or labelled; where they share an axis they are cut
 *          alike. Lengths of chunks as `lengths` says.
 * Dtype:   spec->dtype.
 * Errors:  TG_EARG for shapes that do not agree; what the function returns, when computed.
 * Source:  dask.array.map_blocks, dask.array.blockwise.
 */
tg_array *tg_map_blocks(const tg_block_spec *spec, tg_array *const *inputs, int ninputs);

/**
 * An array whose elements are a function of their place: no input. The function must give the same
 * elements however the array is cut.
 *
 * Call:    lazy, local.
 * Source:  numpy.fromfunction.
 */
tg_array *tg_fromfunction(tg_ctx *ctx, const tg_block_spec *spec, int ndim, const int64_t *shape,
                          const char *chunks);

/** What lies beyond the edges of an array for its neighbours. */
typedef enum tg_boundary {
    TG_BOUNDARY_NONE,     /* nothing: blocks at the edges have less */
    TG_BOUNDARY_CONSTANT, /* a value */
    TG_BOUNDARY_REFLECT,  /* b a | a b c: dask's reflect, numpy.pad's symmetric, SciPy's reflect */
    TG_BOUNDARY_MIRROR,   /* c b | a b c: numpy.pad's reflect, SciPy's mirror */
    TG_BOUNDARY_NEAREST,  /* a a | a b c */
    TG_BOUNDARY_PERIODIC, /* b c | a b c: SciPy's wrap (grid-wrap) */
} tg_boundary;

/** How blocks overlap: by axis of the array. */
typedef struct tg_halo {
    int64_t before[TG_MAX_NDIM], after[TG_MAX_NDIM];
    tg_boundary boundary[TG_MAX_NDIM];
    double value[TG_MAX_NDIM]; /* TG_BOUNDARY_CONSTANT */
} tg_halo;

/**
 * Blocks with `halo` elements of their neighbours around them: the first half of map_overlap.
 *
 * Call:    lazy, local.
 * Shape:   each axis longer by before + after for each of its chunks (TG_BOUNDARY_NONE: less at the
 *          edges).
 * Errors:  TG_EARG for a negative depth, or one longer than the axis has elements beyond the edge.
 * Cost:    each block is copied once; of neighbours only the halo travels.
 * Source:  dask.array.overlap.overlap.
 */
tg_array *tg_overlap(tg_array *a, const tg_halo *halo);

/** The blocks of an overlapped array without their halo: dask.array.overlap.trim_internal. */
tg_array *tg_trim(tg_array *a, const tg_array *like, const tg_halo *halo);

/**
 * A function on each block with a halo around it; the function gives a block of the same shape as
 * it got, halo included, whose halo is cut off, or with `trimmed` one without the halo.
 *
 * Call:    lazy, local.
 * Shape:   that of `a`, its chunks too. Chunks shorter than the halo are merged before.
 * Source:  dask.array.map_overlap.
 */
tg_array *tg_map_overlap(tg_array *a, const tg_block_spec *spec, const tg_halo *halo, bool trimmed);

/** A function of n elements along an axis, contiguous in and out. */
typedef tg_status tg_line_function(int64_t n, const void *in, int64_t nout, void *out,
                                   const void *params, size_t params_size);

/**
 * A function on each line of an array along one axis, which is one chunk.
 *
 * Call:    lazy, local.
 * Shape:   the axis gets `length` elements; none, that is the axis goes, for length -1 (the
 *          function gives one element).
 * Source:  numpy.apply_along_axis.
 */
tg_array *tg_apply_along_axis(tg_array *a, int axis, tg_line_function *function, int64_t length,
                              tg_dtype dtype, const void *params, size_t params_size);

#ifdef __cplusplus
}
#endif

#endif
