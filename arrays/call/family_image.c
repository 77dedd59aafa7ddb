/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters of images: scipy.ndimage. */
#include <inttypes.h>
#include <string.h>

#include "call/datum.h"
#include "call/image_arguments.h"
#include "call/table.h"

/* One axis, which axis= says; the others are left alone. */
static tg_image_call along_axis(tg_call *call, int *axis)
{
    tg_image_call image = tg_image_arguments(call);
    int ndim = tg_ndim(image.input), d = tg_call_axis(call, "axis");

    *axis = d < 0 ? d + ndim : d;
    if (!tg_call_failed(call) && (*axis < 0 || *axis >= ndim)) {
        tg_call_fail(call, "axis %d is out of bounds for array of dimension %d", d, ndim);
        *axis = 0;
    }
    return image;
}

static void only_axis(tg_image_call *image, int axis)
{
    for (int d = 0; d < TG_MAX_NDIM; d++)
        image->options.skip[d] = d != axis;
    image->naxes = 1;
    image->axis[0] = axis;
}

static tg_gaussian read_gaussian(tg_call *call, const tg_image_call *image)
{
    tg_gaussian gaussian = {.truncate = tg_call_float(call, "truncate")};
    int64_t order[TG_MAX_NDIM] = {0};

    tg_image_floats(call, image, "sigma", gaussian.sigma);
    if (tg_call_datum(call, "order")->kind != TG_DATUM_NONE)
        tg_image_ints(call, image, "order", order);
    for (int d = 0; d < TG_MAX_NDIM; d++)
        gaussian.order[d] = order[d] < -1 ? -1 : order[d] > 1000 ? 1000 : (int)order[d];
    gaussian.radii = tg_call_given(call, "radius");
    if (gaussian.radii)
        tg_image_ints(call, image, "radius", gaussian.radius);
    if (gaussian.truncate <= 0 &&
        !gaussian.radii) { /* a window of one element: 0 stands for the default */
        gaussian.radii = true;
        memset(gaussian.radius, 0, sizeof gaussian.radius);
    }
    return gaussian;
}

static tg_datum build_gaussian(tg_call *call)
{
    static const struct {
        const char *name;
        tg_array *(*build)(tg_array *, const tg_gaussian *, const tg_filter_options *);
    } builders[] = {
        {"ndimage.gaussian_filter", tg_gaussian_filter},
        {"ndimage.gaussian_laplace", tg_gaussian_laplace},
        {"ndimage.gaussian_gradient_magnitude", tg_gaussian_gradient_magnitude},
    };
    tg_image_call image = tg_image_arguments(call);
    tg_gaussian gaussian = read_gaussian(call, &image);
    const char *name = tg_call_operator(call)->name;

    for (size_t i = 0; i < sizeof builders / sizeof *builders; i++)
        if (strcmp(builders[i].name, name) == 0)
            return tg_datum_array(builders[i].build(image.input, &gaussian, &image.options));
    return tg_call_fail(call, "%s is not among the Gaussian filters", name);
}

static tg_datum build_gaussian1d(tg_call *call)
{
    int axis;
    tg_image_call image = along_axis(call, &axis);
    tg_gaussian gaussian;

    if (tg_call_failed(call))
        return (tg_datum){0};
    only_axis(&image, axis);
    gaussian = read_gaussian(call, &image);
    return tg_datum_array(tg_gaussian_filter(image.input, &gaussian, &image.options));
}

typedef tg_array *window_builder(tg_array *, const int64_t *, const tg_filter_options *);

static window_builder *window_builder_of(const char *name)
{
    if (strstr(name, "uniform"))
        return tg_uniform_filter;
    return strstr(name, "minimum") ? tg_minimum_filter : tg_maximum_filter;
}

static tg_datum build_window1d(tg_call *call)
{
    int axis;
    tg_image_call image = along_axis(call, &axis);
    int64_t size[TG_MAX_NDIM] = {0};

    if (tg_call_failed(call))
        return (tg_datum){0};
    only_axis(&image, axis);
    size[axis] = tg_call_int(call, "size");
    if (size[axis] < 1 && !tg_call_failed(call))
        return tg_call_fail(call, "incorrect filter size: %" PRId64, size[axis]);
    return tg_datum_array(
        window_builder_of(tg_call_operator(call)->name)(image.input, size, &image.options));
}

static tg_datum build_uniform(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);
    int64_t size[TG_MAX_NDIM] = {0};

    tg_image_ints(call, &image, "size", size);
    return tg_datum_array(tg_uniform_filter(image.input, size, &image.options));
}

/* The footprint, or one of size= that is true everywhere. */
static tg_window read_footprint(tg_call *call, const tg_image_call *image)
{
    tg_window window = {.ndim = tg_ndim(image->input)};
    double *values;
    int64_t n = 1;

    if (tg_call_given(call, "footprint"))
        return tg_image_window(call, image, tg_astype(tg_call_array(call, "footprint"), TG_BOOL),
                               "filter footprint");
    for (int d = 0; d < window.ndim; d++)
        window.shape[d] = 1;
    if (!tg_call_given(call, "size")) {
        tg_call_fail(call, "no footprint or filter size provided");
        return window;
    }
    tg_image_ints(call, image, "size", window.shape);
    for (int d = 0; d < window.ndim && !tg_call_failed(call); d++) {
        if (window.shape[d] < 1 || window.shape[d] > INT32_MAX / n)
            tg_call_fail(call, "incorrect filter size: %" PRId64 " along axis %d", window.shape[d],
                         d);
        else
            n *= window.shape[d];
    }
    values = tg_ctx_alloc(tg_call_ctx(call), (size_t)n * sizeof *values);
    for (int64_t i = 0; i < n && values; i++)
        values[i] = 1;
    if (!values)
        tg_call_status(call, TG_ENOMEM);
    window.values = values;
    return window;
}

/* A window of several axes has one mode. */
static void need_one_mode(tg_call *call)
{
    if (tg_datum_is_sequence(tg_call_datum(call, "mode")))
        tg_call_fail(call, "A sequence of modes is not supported for non-separable footprints");
}

static bool is_full(const tg_window *window)
{
    int64_t n = 1;
    bool full = true;

    for (int d = 0; d < window->ndim; d++)
        n *= window->shape[d];
    for (int64_t i = 0; i < n && full; i++)
        full = window->values[i] != 0;
    return full;
}

/* minimum_filter and maximum_filter: without a footprint one pass along each axis. */
static tg_datum build_extreme(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);
    int64_t size[TG_MAX_NDIM] = {0};
    tg_window footprint;

    if (tg_call_failed(call))
        return (tg_datum){0};
    if (!tg_call_given(call, "footprint") && tg_call_given(call, "size")) {
        tg_image_ints(call, &image, "size", size);
        return tg_datum_array(
            window_builder_of(tg_call_operator(call)->name)(image.input, size, &image.options));
    }
    footprint = read_footprint(call, &image);
    if (tg_call_failed(call))
        return (tg_datum){0};
    if (!is_full(&footprint))
        need_one_mode(call);
    return tg_datum_array((strstr(tg_call_operator(call)->name, "minimum")
                               ? tg_minimum_footprint
                               : tg_maximum_footprint)(image.input, &footprint, &image.options));
}

static tg_datum build_rank(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);
    const char *name = tg_call_operator(call)->name;
    tg_window footprint = read_footprint(call, &image);

    need_one_mode(call);
    if (tg_call_failed(call))
        return (tg_datum){0};
    if (strcmp(name, "ndimage.median_filter") == 0)
        return tg_datum_array(tg_median_filter(image.input, &footprint, &image.options));
    if (strcmp(name, "ndimage.percentile_filter") == 0)
        return tg_datum_array(tg_percentile_filter(image.input, tg_call_float(call, "percentile"),
                                                   &footprint, &image.options));
    return tg_datum_array(
        tg_rank_filter(image.input, tg_call_int(call, "rank"), &footprint, &image.options));
}

static tg_datum build_edges(tg_call *call)
{
    int axis;
    tg_image_call image = along_axis(call, &axis);

    if (tg_call_failed(call))
        return (tg_datum){0};
    return tg_datum_array((strstr(tg_call_operator(call)->name, "sobel") ? tg_sobel : tg_prewitt)(
        image.input, axis, &image.options));
}

static tg_datum build_laplace(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);

    return tg_datum_array(tg_laplace(image.input, &image.options));
}

/* With one part of the weights; along one axis, or along all for axis -1. */
static tg_array *weigh(tg_call *call, const tg_image_call *image, tg_array *weights, int axis)
{
    bool turned = strstr(tg_call_operator(call)->name, "convolve");
    tg_window window = tg_image_window(call, image, weights, "filter weights");

    if (tg_call_failed(call))
        return image->input;
    if (axis < 0)
        return (turned ? tg_convolve : tg_correlate)(image->input, &window, &image->options);
    return (turned ? tg_convolve1d : tg_correlate1d)(image->input, window.values,
                                                     window.shape[axis], axis, &image->options);
}

/* Complex weights by their parts: a * (p + i q) = a * p + i (a * q), a correlation with what is
 * conjugated. */
static tg_datum weigh_parts(tg_call *call, tg_image_call *image, int axis)
{
    tg_array *weights = tg_call_array(call, "weights"), *real, *imaginary;
    tg_dtype dtype = tg_dtype_of(image->input);
    bool turned = strstr(tg_call_operator(call)->name, "convolve");

    if (tg_dtype_of(weights) < TG_COMPLEX64)
        return tg_datum_array(weigh(call, image, weights, axis));
    if (dtype < TG_COMPLEX64) {
        dtype = dtype == TG_FLOAT32 || tg_dtype_size(dtype) <= 2 ? TG_COMPLEX64 : TG_COMPLEX128;
        image->input = tg_astype(image->input, dtype);
    }
    real = weigh(call, image, tg_real(weights), axis);
    imaginary = weigh(call, image, tg_imag(weights), axis);
    imaginary = tg_multiply(tg_complex(tg_call_ctx(call), 0, turned ? 1 : -1), imaginary);
    return tg_datum_array(tg_add(real, imaginary));
}

static tg_datum build_weights(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);

    need_one_mode(call);
    return tg_call_failed(call) ? (tg_datum){0} : weigh_parts(call, &image, -1);
}

static tg_datum build_weights1d(tg_call *call)
{
    int axis;
    tg_image_call image = along_axis(call, &axis);

    if (tg_call_failed(call))
        return (tg_datum){0};
    only_axis(&image, axis);
    return weigh_parts(call, &image, axis);
}

#define EDGES  "output=None, mode='reflect', cval=0.0"
#define WINDOW EDGES ", origin=0"
#define KEPT   "the input's, or output's; sums in float64"

#define ROW(name_, aliases_, dask_, signature_, cost_, notes_, build_)                             \
    {                                                                                              \
        .name = "ndimage." name_, .aliases = (aliases_), .kind = TG_CLASS_IMAGE,                   \
        .signature = "input, " signature_, .dask = (dask_), .shape = "the input's", .dtype = KEPT, \
        .cost = (cost_), .notes = (notes_), .build = (build_)                                      \
    }
#define FILTERS(name_) "dask_image.ndfilters." name_
#define PASSES         "a pass along each axis, all in one task a chunk"

static const tg_operator rows[] = {
    ROW("gaussian_filter", "gaussian_filter", FILTERS("gaussian_filter"),
        "sigma, order=0, " EDGES ", truncate=4.0, *, radius=None, axes=None", PASSES, NULL,
        build_gaussian),
    ROW("gaussian_filter1d", "gaussian_filter1d", NULL,
        "sigma, axis=-1, order=0, " EDGES ", truncate=4.0, *, radius=None", "one pass", NULL,
        build_gaussian1d),
    ROW("gaussian_laplace", "gaussian_laplace", FILTERS("gaussian_laplace"),
        "sigma, " EDGES ", *, truncate=4.0, radius=None, axes=None", NULL, NULL, build_gaussian),
    ROW("gaussian_gradient_magnitude", "gaussian_gradient_magnitude",
        FILTERS("gaussian_gradient_magnitude"),
        "sigma, " EDGES ", *, truncate=4.0, radius=None, axes=None", NULL, NULL, build_gaussian),
    ROW("uniform_filter", "uniform_filter", FILTERS("uniform_filter"),
        "size=3, " WINDOW ", *, axes=None", PASSES,
        "floats are summed anew for each element, which is more exact", build_uniform),
    ROW("uniform_filter1d", "uniform_filter1d", NULL, "size, axis=-1, " WINDOW, "one pass", NULL,
        build_window1d),
    ROW("minimum_filter", "minimum_filter", FILTERS("minimum_filter"),
        "size=None, footprint=None, " WINDOW ", *, axes=None", PASSES, NULL, build_extreme),
    ROW("maximum_filter", "maximum_filter", FILTERS("maximum_filter"),
        "size=None, footprint=None, " WINDOW ", *, axes=None", PASSES, NULL, build_extreme),
    ROW("minimum_filter1d", "minimum_filter1d", NULL, "size, axis=-1, " WINDOW, "one pass", NULL,
        build_window1d),
    ROW("maximum_filter1d", "maximum_filter1d", NULL, "size, axis=-1, " WINDOW, "one pass", NULL,
        build_window1d),
    ROW("median_filter", "median_filter", FILTERS("median_filter"),
        "size=None, footprint=None, " WINDOW ", *, axes=None", NULL, NULL, build_rank),
    ROW("rank_filter", "rank_filter", FILTERS("rank_filter"),
        "rank, size=None, footprint=None, " WINDOW ", *, axes=None", NULL, NULL, build_rank),
    ROW("percentile_filter", "percentile_filter", FILTERS("percentile_filter"),
        "percentile, size=None, footprint=None, " WINDOW ", *, axes=None", NULL, NULL, build_rank),
    ROW("sobel", "sobel", FILTERS("sobel"), "axis=-1, " EDGES, PASSES, NULL, build_edges),
    ROW("prewitt", "prewitt", FILTERS("prewitt"), "axis=-1, " EDGES, PASSES, NULL, build_edges),
    ROW("laplace", "laplace", FILTERS("laplace"), EDGES ", *, axes=None", NULL, NULL,
        build_laplace),
    ROW("correlate", NULL, FILTERS("correlate"), "weights, " WINDOW ", *, axes=None",
        "a sum of as many products as weights are not 0", NULL, build_weights),
    ROW("convolve", NULL, FILTERS("convolve"), "weights, " WINDOW ", *, axes=None",
        "a sum of as many products as weights are not 0", NULL, build_weights),
    ROW("correlate1d", "correlate1d", NULL, "weights, axis=-1, " WINDOW, "one pass", NULL,
        build_weights1d),
    ROW("convolve1d", "convolve1d", NULL, "weights, axis=-1, " WINDOW, "one pass", NULL,
        build_weights1d),
};

const tg_family tg_family_image = TG_FAMILY(rows);
