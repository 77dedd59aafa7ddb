/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Images on n-d chunks: filters, thresholds, connected parts and what is measured of them. Results
 * are those of scipy.ndimage (threshold_otsu: of skimage.filters) whatever the chunks are.
 *
 * All builders are lazy and local unless they say that they compute; their results belong to the
 * context. Errors are kept in the node.
 */
#ifndef TEGULA_IMAGE_H
#define TEGULA_IMAGE_H

#include <tegula/array.h>
#include <tegula/blocks.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What filters share; the zero is SciPy's default. By axis of the array. */
typedef struct tg_filter_options {
    tg_boundary mode[TG_MAX_NDIM]; /* what lies beyond the edges; TG_BOUNDARY_NONE: reflect */
    double cval[2];                /* TG_BOUNDARY_CONSTANT: real and imaginary part */
    int64_t origin[TG_MAX_NDIM];   /* the window is moved by so many elements */
    bool skip[TG_MAX_NDIM];        /* axes that are left alone */
    bool typed;                    /* results are of `dtype`, else of the array's */
    tg_dtype dtype;
} tg_filter_options;

/** SciPy's name of a mode: "reflect", "constant", ... Errors: TG_EARG. */
TG_MUST_CHECK tg_status tg_boundary_parse(const char *name, tg_boundary *out);

/* ---- filters -------------------------------------------------------------------------------- */

/** Gaussian, by axis. */
typedef struct tg_gaussian {
    double sigma[TG_MAX_NDIM];   /* in elements; 0: the axis is left alone */
    int order[TG_MAX_NDIM];      /* 0: smooths; n: the n-th derivative of the Gaussian */
    int64_t radius[TG_MAX_NDIM]; /* elements on each side where `radii` */
    bool radii;
    double truncate; /* else so many sigmas on each side; 0: 4 */
} tg_gaussian;

/**
 * Gaussian filter, one pass along each axis.
 *
 * Call:    lazy, local. options NULL: the default.
 * Shape:   that of `a`, its chunks too.
 * Dtype:   that of `a` or options->dtype, after each pass (integers are cut off, as SciPy does);
 *          sums are float64.
 * Errors:  TG_EARG for a negative order or radius.
 * Cost:    each chunk and its neighbours' elements around it once; passes of one chunk in one task.
 * Source:  scipy.ndimage.gaussian_filter.
 * Tests:   tests/arrays/call/test_image.py
 */
tg_array *tg_gaussian_filter(tg_array *a, const tg_gaussian *gaussian,
                             const tg_filter_options *options);
/** Sum over the axes of second derivatives. scipy.ndimage.gaussian_laplace */
tg_array *tg_gaussian_laplace(tg_array *a, const tg_gaussian *gaussian,
                              const tg_filter_options *options);
/** Root of the sum over the axes of squared first derivatives. gaussian_gradient_magnitude */
tg_array *tg_gaussian_gradient_magnitude(tg_array *a, const tg_gaussian *gaussian,
                                         const tg_filter_options *options);

/** Mean, smallest, largest of size[d] elements along axis d: uniform_filter, minimum_filter, ... */
tg_array *tg_uniform_filter(tg_array *a, const int64_t *size, const tg_filter_options *options);
tg_array *tg_minimum_filter(tg_array *a, const int64_t *size, const tg_filter_options *options);
tg_array *tg_maximum_filter(tg_array *a, const int64_t *size, const tg_filter_options *options);

/** Differences along an axis, smoothed by 1 2 1 or 1 1 1 along the others. */
tg_array *tg_sobel(tg_array *a, int axis, const tg_filter_options *options);
tg_array *tg_prewitt(tg_array *a, int axis, const tg_filter_options *options);
/** Sum over the axes of second differences. */
tg_array *tg_laplace(tg_array *a, const tg_filter_options *options);

/** Sums of `n` weights times elements along one axis. Errors: TG_EARG for an origin outside. */
tg_array *tg_correlate1d(tg_array *a, const double *weights, int64_t n, int axis,
                         const tg_filter_options *options);
tg_array *tg_convolve1d(tg_array *a, const double *weights, int64_t n, int axis,
                        const tg_filter_options *options);

/** A small array in C order, with as many axes as the image: weights, a footprint, a structure. */
typedef struct tg_window {
    int ndim;
    int64_t shape[TG_MAX_NDIM];
    const double *values; /* weights; of a footprint or a structure: not 0 where it is true */
} tg_window;

/** Sums of weights times elements. Errors: TG_EARG for other axes, an origin outside. */
tg_array *tg_correlate(tg_array *a, const tg_window *weights, const tg_filter_options *options);
tg_array *tg_convolve(tg_array *a, const tg_window *weights, const tg_filter_options *options);

/** The element of a rank (negative: from the largest) among those under the footprint. */
tg_array *tg_rank_filter(tg_array *a, int64_t rank, const tg_window *footprint,
                         const tg_filter_options *options);
tg_array *tg_median_filter(tg_array *a, const tg_window *footprint,
                           const tg_filter_options *options);
tg_array *tg_percentile_filter(tg_array *a, double percentile, const tg_window *footprint,
                               const tg_filter_options *options);
/** The smallest, the largest of the elements under a footprint. */
tg_array *tg_minimum_footprint(tg_array *a, const tg_window *footprint,
                               const tg_filter_options *options);
tg_array *tg_maximum_footprint(tg_array *a, const tg_window *footprint,
                               const tg_filter_options *options);

/* ---- connected parts ------------------------------------------------------------------------ */

/**
 * Connected parts of what is not 0, numbered from 1 in C order of their first elements, over the
 * edges of chunks.
 *
 * Call:    lazy, local. `structure` has 3 elements along each axis and says what is a neighbour;
 *          NULL: one step along one axis. *parts, if not NULL, is how many there are: int64, no
 *          axes.
 * Shape:   that of `a`; chunks too, where they are not slivers along the last axis.
 * Dtype:   *output, int32 for NULL.
 * Errors:  TG_EARG for a structure that is not symmetric; when computed, for more parts than the
 *          dtype can count.
 * Cost:    one pass over the chunks, one task over what lies on their faces, one pass to number.
 * Source:  scipy.ndimage.label.
 */
tg_array *tg_label(tg_array *a, const tg_window *structure, const tg_dtype *output,
                   tg_array **parts);

#ifdef __cplusplus
}
#endif

#endif
