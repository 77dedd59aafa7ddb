/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Lazy chunked n-d arrays with NumPy's semantics.
 *
 * Builders return a node at once and compute nothing; effects (tg_store, tg_gather, ...) compute.
 * A builder never returns NULL: a bad node is poisoned, keeps the first message, and speaks when it
 * is computed. All nodes belong to the context. Everything here is called on rank 0.
 */
#ifndef TEGULA_ARRAY_H
#define TEGULA_ARRAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <tegula/status.h>
#include <tegula/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most axes an array can have. */
#define TG_MAX_NDIM 16

/** A lazy array. */
typedef struct tg_array tg_array;
typedef struct tg_delayed tg_delayed; /* runtime.h */

/** Element types; the order within a kind is the order of size. Files of float16 are read as
 * float32. */
typedef enum tg_dtype {
    TG_BOOL,
    TG_INT8,
    TG_INT16,
    TG_INT32,
    TG_INT64,
    TG_UINT8,
    TG_UINT16,
    TG_UINT32,
    TG_UINT64,
    TG_FLOAT32,
    TG_FLOAT64,
    TG_COMPLEX64, /* two float32: real, imaginary; C's float _Complex */
    TG_COMPLEX128,
    TG_NDTYPES
} tg_dtype;

/** Bytes of one element. Call: local. */
size_t tg_dtype_size(tg_dtype dtype);

/** NumPy's name: "int16", "float64". Call: local. Owner: static. */
const char *tg_dtype_name(tg_dtype dtype);

/** The dtype of a NumPy name. Call: local. Errors: TG_EARG with the names that there are. */
TG_MUST_CHECK tg_status tg_dtype_parse(const char *name, tg_dtype *out);

/** Axes of a reduction; negative ones count from the last. Made by TG_AXES and its kin. */
typedef struct tg_axes {
    int count; /* -1: all axes */
    int axis[TG_MAX_NDIM];
    bool keepdims; /* reduced axes stay, with length 1 */
} tg_axes;

#define TG_AXES_COUNT(...) ((int)(sizeof((int[]){__VA_ARGS__}) / sizeof(int)))
/** TG_AXES(0, -1): these axes. */
#define TG_AXES(...) ((tg_axes){.count = TG_AXES_COUNT(__VA_ARGS__), .axis = {__VA_ARGS__}})
/** TG_KEEPDIMS(-1): these axes, kept with length 1. */
#define TG_KEEPDIMS(...)                                                                           \
    ((tg_axes){.count = TG_AXES_COUNT(__VA_ARGS__), .axis = {__VA_ARGS__}, .keepdims = true})
/** All axes: the result has none. */
#define TG_ALL_AXES ((tg_axes){.count = -1})

/** TG_OK, or why the node is poisoned, with its message as the thread's last. Call: local. */
TG_MUST_CHECK tg_status tg_array_status(const tg_array *a);
/** Number of axes; 0 for a poisoned node. Call: local. */
int tg_ndim(const tg_array *a);
/** Lengths of the axes, tg_ndim of them. Call: local. Owner: the node. */
const int64_t *tg_shape(const tg_array *a);
/** Number of elements. Call: local. */
int64_t tg_size(const tg_array *a);
/** Element type. Call: local. */
tg_dtype tg_dtype_of(const tg_array *a);
/** Number of chunks along an axis, and their lengths. Call: local. Owner: the node. */
int64_t tg_nchunks(const tg_array *a, int axis);
const int64_t *tg_chunks(const tg_array *a, int axis);

/**
 * Print what the array is, as Dask's repr does: bytes, shape, chunks, dtype, tasks. Reads nothing.
 *
 * Call:    local (rank 0).
 * Errors:  what the node was poisoned with; TG_EIO when `out` cannot be written.
 * Cost:    builds the task graph.
 * Source:  dask.array.Array.__repr__.
 */
TG_MUST_CHECK tg_status tg_describe(tg_array *a, FILE *out);

/**
 * Print what a file holds: a line for each group and array with shape, type, chunks and filters; of
 * the array that the name means, if it means one, also tg_describe and the facts of its header.
 *
 * Call:    local (rank 0). Reads headers only.
 * Errors:  as tg_open's for the file; TG_EARG for a dataset that it has not.
 * Source:  h5ls.
 * Tests:   tests/apps/test_info.py
 */
TG_MUST_CHECK tg_status tg_info(tg_ctx *ctx, const char *name, FILE *out);

/** How to open a file; the zero is the default. */
typedef struct tg_open_options {
    const char *chunks; /* "auto" (default), or lengths by axis: "16,16,-1,-1" (-1: whole axis,
                           auto: the library's choice for the axis; 600+400, 2x300+400: the lengths
                           of all its chunks) */
    bool raw;           /* leave the header's slope and intercept unapplied */
} tg_open_options;

/**
 * An array in a file: HDF5 (FILE.h5[:/DATASET]), NIfTI (FILE.nii, FILE.nii.gz), NumPy (FILE.npy),
 * Zarr (FOLDER.zarr[:/ARRAY]).
 *
 * Call:    lazy, local. Reads the header only; ranks read their chunks when computed.
 * Shape:   the file's; NIfTI's axes are [x, y, z, time], trailing ones of length 1 kept.
 * Dtype:   the file's; float64 where the header has a slope or intercept that changes values
 *          (NIfTI scl_slope, scl_inter; attributes of these names on an HDF5 dataset).
 * Owner:   the context.
 * Errors:  TG_EIO, TG_EFORMAT, TG_EARG (several datasets: the message lists them); kept in the
 *          node.
 * Cost:    one header read. Chunks follow those of the file.
 * Source:  h5py.Dataset; nibabel.load.
 */
tg_array *tg_open(tg_ctx *ctx, const char *name, const tg_open_options *options);

/**
 * An array of values in memory.
 *
 * Call:    lazy, local.
 * Shape:   `shape`, C order.
 * Owner:   the values are copied.
 * Errors:  TG_EARG for ndim out of 0..TG_MAX_NDIM or a negative length, TG_ENOMEM.
 * Source:  numpy.array.
 */
tg_array *tg_from_memory(tg_ctx *ctx, const void *values, tg_dtype dtype, int ndim,
                         const int64_t *shape);

/**
 * A delayed result seen as one chunk of an array; tg_concatenate joins several.
 *
 * Call:    lazy, local.
 * Shape:   `shape`; the result must have that many elements of `dtype`, C order.
 * Errors:  TG_EARG when computed and the size differs.
 * Source:  dask.array.from_delayed.
 */
tg_array *tg_array_from_delayed(tg_ctx *ctx, tg_delayed *delayed, tg_dtype dtype, int ndim,
                                const int64_t *shape);

/** A number of Python's kind: takes the dtype of what it meets (NEP 50). Call: lazy, local. */
tg_array *tg_float(tg_ctx *ctx, double value);
tg_array *tg_int(tg_ctx *ctx, int64_t value);
tg_array *tg_uint(tg_ctx *ctx, uint64_t value);
tg_array *tg_complex(tg_ctx *ctx, double re, double im);

/** The same array in other chunks: `spec` as in tg_open_options.chunks. Call: lazy, local. */
tg_array *tg_rechunk(tg_array *a, const char *spec);

/**
 * Join arrays along an axis. Nothing is copied together: chunks stay where they are.
 *
 * Call:    lazy, local.
 * Shape:   all [d0, ..., di, ..., dn-1] equal but for axis i -> [d0, ..., sum of di, ..., dn-1].
 * Dtype:   NumPy's promotion of all.
 * Errors:  TG_EARG for no arrays, an axis out of range, shapes that differ (the message names
 *          both).
 * Source:  numpy.concatenate.
 */
tg_array *tg_concatenate(tg_array *const *arrays, int count, int axis);

/**
 * Axes in another order: axis i of the result is axis axes[i] of `a`; NULL reverses them.
 *
 * Call:    lazy, local. Usually costs nothing: transpositions cancel or move to small arrays.
 * Source:  numpy.transpose.
 */
tg_array *tg_transpose(tg_array *a, const int *axes);

/**
 * Sum along axes.
 *
 * Call:    lazy, local.
 * Shape:   the axes in `axes` removed (kept as 1 with TG_KEEPDIMS).
 * Dtype:   int64 for bool and signed integers, uint64 for unsigned ones (exact, wrapping as
 *          NumPy's do); floats stay, accumulated in float64.
 * Errors:  TG_EARG for an axis out of range or given twice.
 * Source:  numpy.sum.
 */
tg_array *tg_sum(tg_array *a, tg_axes axes);

/** Smallest and largest element, of complex numbers by real, then imaginary part; NaN wins. TG_EARG
 * for a reduced axis of length 0. numpy.min */
tg_array *tg_min(tg_array *a, tg_axes axes);
tg_array *tg_max(tg_array *a, tg_axes axes);

/**
 * Arithmetic mean along axes.
 *
 * Call:    lazy, local. Adds one node; no data moves before it is computed.
 * Shape:   the axes in `axes` removed (kept as 1 with TG_KEEPDIMS).
 * Dtype:   float64 for integers and bool; float32 stays float32, accumulated in float64.
 * Errors:  TG_EARG for an axis out of range or given twice; kept in the node, returned when
 *          computed.
 * Cost:    one pass over `a`, shared with tg_std and tg_var of the same array and axes.
 * Source:  numpy.mean.
 */
tg_array *tg_mean(tg_array *a, tg_axes axes);

/**
 * Variance and standard deviation along axes, the sum of squared deviations divided by n - ddof.
 *
 * Call:    lazy, local.
 * Shape, Dtype, Errors: as tg_mean. n <= ddof gives NaN or inf, as NumPy.
 * Cost:    one pass; exact for integers, merged from deviations for floats (Chan, Golub, LeVeque
 *          1983): a constant gives exactly 0.
 * Source:  numpy.var, numpy.std.
 */
tg_array *tg_var(tg_array *a, tg_axes axes);
tg_array *tg_std(tg_array *a, tg_axes axes);
tg_array *tg_var_ddof(tg_array *a, tg_axes axes, double ddof);
tg_array *tg_std_ddof(tg_array *a, tg_axes axes, double ddof);

/**
 * Mean and standard deviation along one axis after a least-squares fit of Legendre polynomials of
 * order 1..degree over the whole axis (on [-1, 1]) has been subtracted; the mean is kept.
 *
 * Call:    lazy, local. Both share one pass over `a`.
 * Shape:   the axis removed. Dtype: float64.
 * Errors:  TG_EARG for degree < 0 or an axis out of range.
 * Cost:    one pass; partial fits of the chunks are merged by orthogonal transformations.
 * Source:  nipype.algorithms.confounds.TSNR (regress_poly).
 */
tg_array *tg_detrended_mean(tg_array *a, int axis, int degree);
tg_array *tg_detrended_std(tg_array *a, int axis, int degree, double ddof);

/** An attribute of an output dataset. Exactly one of text and numbers is given. */
typedef struct tg_attribute {
    const char *name;
    const char *text;
    const double *numbers;
    int count;
} tg_attribute;

/** How to write a file; the zero is the default. */
typedef struct tg_store_options {
    const tg_array *like;           /* take affine, spacing and units from where this array's data
                                        come from (a file opened before) */
    const tg_attribute *attributes; /* of the dataset */
    int nattributes;
    int deflate;        /* HDF5: 0 none, 1..9 gzip level of chunks; .nii.gz: level, 0: 6 */
    bool shuffle;       /* HDF5, Zarr: byte shuffle before the codec */
    const char *chunks; /* HDF5, Zarr: chunk lengths as in tg_open_options; NULL: HDF5 contiguous
                           without deflate, the library's choice otherwise */
    bool append;        /* HDF5, Zarr: keep what the file of that name holds, add to it */
    int zarr;           /* Zarr: version of the format, 2 or 3; 0: 2 */
    const char *codec;  /* Zarr: "zlib", "gzip", "zstd", "blosc", "lz4", "lzma", "bz2"; `deflate`
                           is its level (0: its own choice); HDF5: "gzip".
                           NULL: with a level gzip (version 2: zlib), without it none */
} tg_store_options;

/** One result: to a file (`path`) or to memory of rank 0 (`memory`). */
typedef struct tg_output {
    tg_array *array;
    const char *path;    /* FILE.h5, .nii, .nii.gz, .npy, .zarr; NULL: to memory */
    const char *dataset; /* HDF5 and Zarr, e.g. "/tsnr" */
    const tg_store_options *options;
    void *memory;       /* C order */
    size_t memory_size; /* bytes, must be what the array needs */
} tg_output;

/**
 * Compute several results in one run, shared work once, and write them in parallel.
 *
 * Call:    blocking (rank 0).
 * Owner:   memory is the caller's. Outputs of one path go to one new file.
 * Errors:  the first poisoned array's; what tg_graph_compute says; TG_EIO. Files are written under
 *          a temporary name and renamed when all are whole; on failure none is left and older files
 *          of these names are untouched.
 * Source:  dask.array.store, dask.compute.
 */
TG_MUST_CHECK tg_status tg_store_all(tg_ctx *ctx, const tg_output *outputs, int noutputs);

/** One array to one dataset of one new file: tg_store_all of it. Call: blocking (rank 0). */
TG_MUST_CHECK tg_status tg_store(tg_array *a, const char *path, const char *dataset,
                                 const tg_store_options *options);

/** One array to memory, `size` bytes: tg_store_all of it. Call: blocking (rank 0). */
TG_MUST_CHECK tg_status tg_gather(tg_array *a, void *memory, size_t size);

/**
 * Start computing an array and keep its chunks in the memory of the ranks that make them; whatever
 * uses the array from then on takes them from there. With <tegula/tegula.h> it is tg_persist, and
 * the next two are tg_wait and tg_release, as for delayed results.
 *
 * Call:    local (rank 0). Returns when the work is started; on an array that is kept does nothing.
 * Owner:   the ranks keep the chunks until tg_release_array or the end of the context.
 * Errors:  a poisoned array's; TG_ENOMEM; TG_EMPI. A task's failure is told by tg_wait_array and by
 *          what uses the array.
 * Cost:    the array's bytes, over all ranks.
 * Source:  dask.array.Array.persist.
 * Tests:   tests/arrays/test_persist.c
 */
TG_MUST_CHECK tg_status tg_persist_array(tg_ctx *ctx, tg_array *a);

/** Wait until a persisted array is computed. Errors: of its first failed task; TG_EARG for an array
 * that is not kept. Call: blocking (rank 0). */
TG_MUST_CHECK tg_status tg_wait_array(tg_ctx *ctx, tg_array *a);

/** Let the ranks forget a persisted array; it is lazy again. Call: local (rank 0). */
TG_MUST_CHECK tg_status tg_release_array(tg_ctx *ctx, tg_array *a);

/** What a file's header says about an array beside its values. */
typedef struct tg_header {
    double slope, inter; /* 1, 0 where there is none */
    bool has_affine;
    double affine[4][4];                  /* voxel -> mm */
    double spacing[TG_MAX_NDIM];          /* lengths of a voxel by axis; 0 where not known */
    char space_units[16], time_units[16]; /* "mm", "s", ""... */
    char description[128];
    int qform_code, sform_code;
    unsigned char nifti[540]; /* the NIfTI header as it was read, in this machine's byte order */
    int nifti_size;           /* its bytes: 348, 540, or 0 where there is none */
} tg_header;

/**
 * The header facts of the file that the array's data come from (through operators: of the first
 * input that has one).
 *
 * Call:    local (rank 0).
 * Errors:  TG_EARG when no file is behind the array.
 */
TG_MUST_CHECK tg_status tg_header_of(const tg_array *a, tg_header *out);

/** Bytes in the file(s) behind the array, as stored. Call: local (rank 0). */
int64_t tg_stored_bytes(const tg_array *a);

#ifdef __cplusplus
}
#endif

#endif
