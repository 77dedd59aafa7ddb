/* SPDX-License-Identifier: BSD-3-Clause */
/* Erosion and dilation of images in grey, and what is made of them: scipy.ndimage. */
#include <math.h>
#include <string.h>
#include <tegula/elementwise.h>

#include "call/datum.h"
#include "call/image_arguments.h"
#include "call/table.h"

static tg_window window_of_size(tg_call *call, const tg_image_call *image)
{
    tg_window window = {.ndim = tg_ndim(image->input)};
    int64_t n = 1;
    double *heights;

    for (int d = 0; d < window.ndim; d++)
        window.shape[d] = 1;
    tg_image_ints(call, image, "size", window.shape);
    for (int d = 0; d < window.ndim && !tg_call_failed(call); d++)
        if (window.shape[d] < 1 || window.shape[d] > INT32_MAX / n)
            tg_call_fail(call, "incorrect size: %lld along axis %d", (long long)window.shape[d], d);
        else
            n *= window.shape[d];
    heights = tg_ctx_alloc(tg_call_ctx(call), (size_t)n * sizeof *heights);
    if (!heights)
        tg_call_status(call, TG_ENOMEM);
    else
        memset(heights, 0, (size_t)n * sizeof *heights);
    window.values = heights;
    return window;
}

/* Heights: those of the structure where the footprint has a part, else 0; NaN where it has none. */
static tg_window read_structure(tg_call *call, const tg_image_call *image)
{
    bool has_heights = tg_call_given(call, "structure");
    tg_window window = {0}, part = {0};
    double *heights;
    int64_t n = 1, parts = 0;

    if (!has_heights && !tg_call_given(call, "footprint")) {
        if (!tg_call_given(call, "size"))
            tg_call_fail(call, "size, footprint, or structure must be specified");
        return tg_call_failed(call) ? window : window_of_size(call, image);
    }
    if (tg_call_given(call, "footprint"))
        part = tg_image_window(call, image, tg_astype(tg_call_array(call, "footprint"), TG_BOOL),
                               "footprint");
    window = has_heights
                 ? tg_image_window(call, image, tg_call_array(call, "structure"), "structure")
                 : part;
    for (int d = 0; d < window.ndim; d++)
        n *= window.shape[d];
    heights = tg_ctx_alloc(tg_call_ctx(call), (size_t)n * sizeof *heights);
    if (!heights)
        tg_call_status(call, TG_ENOMEM);
    if (part.values && memcmp(part.shape, window.shape, (size_t)window.ndim * sizeof *part.shape))
        tg_call_fail(call, "footprint and structure have other shapes");
    if (tg_call_failed(call))
        return window;
    for (int64_t i = 0; i < n; i++) {
        bool counts = !part.values || part.values[i] != 0;

        heights[i] = !counts ? NAN : has_heights ? window.values[i] : 0;
        parts += counts;
    }
    if (parts == 0)
        tg_call_fail(call, "All-zero footprint is not supported.");
    window.values = heights;
    return window;
}

typedef tg_array *step(tg_array *a, const tg_window *structure, const tg_filter_options *options);

/* What comes of the image, its erosion and its dilation. */
static tg_array *combine(const char *name, tg_array *a, const tg_window *structure,
                         const tg_filter_options *options)
{
    bool dilates = strstr(name, "dilation") || strstr(name, "closing") || strstr(name, "black");
    bool twice = strstr(name, "ing") || strstr(name, "tophat");
    tg_filter_options inner = *options;
    tg_array *first, *second;

    if (strstr(name, "gradient"))
        return tg_subtract(tg_grey_dilation(a, structure, options),
                           tg_grey_erosion(a, structure, options));
    if (strstr(name, "laplace"))
        return tg_subtract(tg_add(tg_grey_dilation(a, structure, options),
                                  tg_subtract(tg_grey_erosion(a, structure, options), a)),
                           a);
    inner.typed = inner.typed && !twice;
    first = (dilates ? tg_grey_dilation : tg_grey_erosion)(a, structure, &inner);
    if (!twice)
        return first;
    second = (dilates ? tg_grey_erosion : tg_grey_dilation)(first, structure, options);
    if (!strstr(name, "tophat"))
        return second;
    if (tg_dtype_of(a) == TG_BOOL)
        return tg_logical_xor(a, second);
    return dilates ? tg_subtract(second, a) : tg_subtract(a, second);
}

static tg_datum build_grey(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);
    const char *name = tg_call_operator(call)->name;
    tg_window structure = {0};

    if (strstr(name, "morphological") && tg_call_datum(call, "output")->kind != TG_DATUM_ARRAY)
        image.options.typed = false; /* SciPy's take the dtype of an array only */
    if (!tg_call_failed(call))
        structure = read_structure(call, &image);
    if (tg_call_failed(call))
        return (tg_datum){0};
    return tg_datum_array(combine(name, image.input, &structure, &image.options));
}

#define ROW(name_, cost_)                                                                          \
    {                                                                                              \
        .name = "ndimage." name_, .aliases = (name_), .kind = TG_CLASS_IMAGE,                      \
        .signature = "input, size=None, footprint=None, structure=None, output=None, "             \
                     "mode='reflect', cval=0.0, origin=0",                                         \
        .shape = "the input's", .dtype = "the input's, or output's", .cost = (cost_),              \
        .build = build_grey                                                                        \
    }

static const tg_operator rows[] = {
    ROW("grey_erosion", "of a box a pass along each axis"),
    ROW("grey_dilation", "of a box a pass along each axis"),
    ROW("grey_opening", "an erosion, then a dilation"),
    ROW("grey_closing", "a dilation, then an erosion"),
    ROW("morphological_gradient", "both of the image"),
    ROW("morphological_laplace", "both of the image"),
    ROW("white_tophat", "an opening"),
    ROW("black_tophat", "a closing"),
};

const tg_family tg_family_grey = TG_FAMILY(rows);
