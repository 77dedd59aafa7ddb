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

/**
 * The smallest of the elements under a structure less its heights; the largest of them and the
 * turned structure's heights. NaN among the heights: not part of it.
 *
 * Errors:  TG_EARG for complex numbers, a structure of other axes or without a part.
 * Source:  scipy.ndimage.grey_erosion, grey_dilation.
 */
tg_array *tg_grey_erosion(tg_array *a, const tg_window *structure,
                          const tg_filter_options *options);
tg_array *tg_grey_dilation(tg_array *a, const tg_window *structure,
                           const tg_filter_options *options);

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

typedef enum tg_measure {
    TG_MEASURE_SUM,
    TG_MEASURE_MEAN,
    TG_MEASURE_VARIANCE,
    TG_MEASURE_STANDARD_DEVIATION,
    TG_MEASURE_MINIMUM,
    TG_MEASURE_MAXIMUM,
    TG_MEASURE_MINIMUM_POSITION, /* in C order over the array; the first */
    TG_MEASURE_MAXIMUM_POSITION,
    TG_MEASURE_CENTER_OF_MASS, /* an index for each axis */
    TG_MEASURE_MEDIAN,         /* float64; float32 of float32. One task gets the elements */
    TG_MEASURE_BOX,            /* for each axis the first index and the one behind the last */
} tg_measure;

/**
 * What is measured of the elements of `a` under each of the labels in `index`.
 *
 * Call:    lazy, local. index NULL: of all labels above 0 together; labels NULL: of all elements.
 * Shape:   that of index; of centres and boxes with an axis for their numbers. No axes for NULL.
 * Dtype:   float64; int64 for positions and boxes; of extremes that of `a`. A sum for an index
 *          without axes or for NULL has tg_sum's. Of complex elements all but places is complex.
 * Errors:  TG_EARG for sums of complex elements with several labels. A label that is not there has
 *          sum 0, mean and median NaN, extremes 0; where it is the only one, extremes fail when
 *          computed.
 * Cost:    one pass; a record for each label of a chunk.
 * Source:  scipy.ndimage.sum_labels, mean, variance, minimum, center_of_mass, ...
 */
tg_array *tg_measure_labels(tg_measure what, tg_array *a, tg_array *labels, tg_array *index);

/**
 * How many elements under each of the labels in `index` lie in each of `bins` equal bins from
 * range[0] to range[1], the last one with its end.
 *
 * Call:    lazy, local. index NULL: of all labels above 0 together; labels NULL: of all elements.
 * Shape:   that of index with an axis for the bins; [bins] for NULL.
 * Dtype:   int64.
 * Errors:  TG_EARG for complex elements, no bins, a range that is not finite or falls.
 * Cost:    one pass; a record for each bin of each label of a chunk.
 * Source:  scipy.ndimage.histogram.
 */
tg_array *tg_histogram_labels(tg_array *a, tg_array *labels, tg_array *index, const double *range,
                              int64_t bins);

/** The boxes of labels 1 .. max_label: int64 [max_label, 2 * ndim], 0 where a label is not there.
 * scipy.ndimage.find_objects */
tg_array *tg_find_objects(tg_array *labels, int64_t max_label);

/**
 * The threshold between the two classes of elements that Otsu's method finds (1979): of `nbins`
 * bins for floats, for integers of all values.
 *
 * Call:    lazy, local.
 * Shape:   no axes.
 * Dtype:   int64 for integers, float32 for float32, else float64.
 * Errors:  TG_EARG for an empty or complex image, when computed for elements that are not finite.
 * Cost:    one pass for integers, two for floats.
 * Source:  skimage.filters.threshold_otsu.
 */
tg_array *tg_threshold_otsu(tg_array *a, int64_t nbins);

/** The same from a histogram: counts and, NULL for 0, 1, ..., the middles of its bins. Call: local.
 * Errors: TG_EARG for one without elements. */
TG_MUST_CHECK tg_status tg_otsu_of_histogram(int64_t n, const double *counts, const double *centers,
                                             double *out);

/** An erosion or a dilation. */
typedef struct tg_erosion {
    tg_window structure;
    int64_t origin[TG_MAX_NDIM];
    int64_t iterations; /* less than 1: until nothing changes */
    int border_value;   /* what lies beyond the edges */
    tg_array *mask;     /* elements stay where it is 0; NULL: none do */
} tg_erosion;

/**
 * Whether all (erosion), any (dilation) of the elements under the structure are not 0.
 *
 * Call:    lazy, local. With iterations < 1 it computes where the structure lacks its centre, and
 *          for more than 2^26 elements where it is not symmetric or longer than 3 along an axis.
 * Dtype:   bool.
 * Errors:  TG_EARG for a structure or a mask of other axes, an origin outside the structure.
 * Cost:    several iterations in one task a chunk; iterations < 1 that of tg_label and two passes,
 *          of structures that are not symmetric or longer one task on all of the array; where it
 *          computes a pass for each time that what grows enters another chunk.
 * Source:  scipy.ndimage.binary_erosion, binary_dilation.
 */
tg_array *tg_binary_erosion(tg_array *a, const tg_erosion *erosion);
tg_array *tg_binary_dilation(tg_array *a, const tg_erosion *erosion);
tg_array *tg_binary_opening(tg_array *a, const tg_erosion *erosion);
tg_array *tg_binary_closing(tg_array *a, const tg_erosion *erosion);
/** Where one structure fits the ones and the other the zeros. */
tg_array *tg_binary_hit_or_miss(tg_array *a, const tg_erosion *hit, const tg_erosion *miss);
/** The structure whose single dilation does as much as so many of this one: bool.
 * scipy.ndimage.iterate_structure */
tg_array *tg_iterate_structure(tg_array *structure, int64_t iterations);

#ifdef __cplusplus
}
#endif

#endif
