/* SPDX-License-Identifier: BSD-3-Clause */
/* Connected parts of images and what is measured of them: scipy.ndimage. */
#include <inttypes.h>
#include <string.h>
#include <tegula/create.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "call/datum.h"
#include "call/image_arguments.h"
#include "call/table.h"

static tg_datum build_structure(tg_call *call)
{
    return tg_datum_array(
        tg_image_structure(call, tg_call_int(call, "rank"), tg_call_int(call, "connectivity")));
}

/* With origin: the structure, and what a single dilation by it wants as origin. */
static tg_datum build_iterated(tg_call *call)
{
    const int64_t n = tg_call_int(call, "iterations");
    tg_array *structure = tg_call_array(call, "structure");
    const tg_datum *origin = tg_call_datum(call, "origin");
    tg_datum items[2] = {tg_datum_array(tg_iterate_structure(structure, n))};
    int64_t shift[TG_MAX_NDIM];

    if (!tg_call_given(call, "origin") || tg_call_failed(call))
        return items[0];
    if (tg_datum_is_sequence(origin) && origin->count != tg_ndim(structure))
        return tg_call_fail(call,
                            "sequence argument must have length equal to input rank: origin has "
                            "%" PRId64 " items for %d axes",
                            origin->count, tg_ndim(structure));
    for (int d = 0; d < tg_ndim(structure); d++) {
        const tg_datum *item = tg_datum_is_sequence(origin) ? &origin->items[d] : origin;

        tg_call_status(call, tg_datum_to_int(item, &shift[d]));
        shift[d] *= n;
    }
    items[1] = tg_datum_ints(tg_call_ctx(call), shift, tg_ndim(structure));
    items[1].kind = items[1].kind == TG_DATUM_TUPLE ? TG_DATUM_LIST : items[1].kind;
    return tg_datum_tuple(tg_call_ctx(call), items, 2);
}

/* output= may be an array here, too: SciPy then gives back the number alone. */
static tg_datum build_label(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);
    tg_window structure = {0};
    tg_array *parts[2];
    bool given = tg_call_given(call, "structure");

    if (given)
        structure = tg_image_window(call, &image, tg_call_array(call, "structure"), "structure");
    if (tg_call_failed(call))
        return (tg_datum){0};
    parts[0] = tg_label(image.input, given ? &structure : NULL,
                        image.options.typed ? &image.options.dtype : NULL, &parts[1]);
    return tg_datum_arrays(tg_call_ctx(call), parts, 2);
}

static const struct measure {
    const char *name;
    tg_measure what;
} measures[] = {
    {"ndimage.sum_labels", TG_MEASURE_SUM},
    {"ndimage.mean_labels", TG_MEASURE_MEAN},
    {"ndimage.variance", TG_MEASURE_VARIANCE},
    {"ndimage.standard_deviation", TG_MEASURE_STANDARD_DEVIATION},
    {"ndimage.median", TG_MEASURE_MEDIAN},
    {"ndimage.minimum", TG_MEASURE_MINIMUM},
    {"ndimage.maximum", TG_MEASURE_MAXIMUM},
    {"ndimage.minimum_position", TG_MEASURE_MINIMUM_POSITION},
    {"ndimage.maximum_position", TG_MEASURE_MAXIMUM_POSITION},
    {"ndimage.center_of_mass", TG_MEASURE_CENTER_OF_MASS},
};

static tg_array *read_measure(tg_call *call, tg_measure what)
{
    tg_array *input = tg_call_array(call, "input"), *labels = NULL, *index = NULL;

    if (tg_call_given(call, "labels"))
        labels = tg_call_array(call, "labels");
    if (tg_call_given(call, "index"))
        index = tg_call_array(call, "index");
    return tg_call_failed(call) ? input : tg_measure_labels(what, input, labels, index);
}

static tg_measure measure_of(const tg_call *call)
{
    const char *name = tg_call_operator(call)->name;
    size_t i = 0;

    while (strcmp(measures[i].name, name) != 0)
        i++;
    return measures[i].what;
}

static tg_datum build_measure(tg_call *call)
{
    return tg_datum_array(read_measure(call, measure_of(call)));
}

/* Elements of a result in memory, NULL after an error. */
static void *fetch(tg_call *call, tg_array *a)
{
    size_t size = (size_t)tg_size(a) * tg_dtype_size(tg_dtype_of(a));
    void *values = tg_ctx_alloc(tg_call_ctx(call), size + 1);

    tg_call_status(call, tg_array_status(a));
    if (!values)
        tg_call_status(call, TG_ENOMEM);
    if (!tg_call_failed(call))
        tg_call_status(call, tg_gather(a, values, size));
    return tg_call_failed(call) ? NULL : values;
}

/* A tuple of numbers for one label, a list of tuples for several. */
static tg_datum tuples(tg_call *call, const tg_datum *items, int64_t ntuples, int64_t length,
                       bool several)
{
    tg_ctx *ctx = tg_call_ctx(call);
    tg_datum list = {.kind = TG_DATUM_LIST, .count = ntuples};

    if (!several)
        return tg_datum_tuple(ctx, items, length);
    list.items = tg_datum_items(ctx, ntuples + 1);
    if (!list.items)
        return tg_call_status(call, TG_ENOMEM);
    for (int64_t i = 0; i < ntuples; i++)
        list.items[i] = tg_datum_tuple(ctx, items + i * length, length);
    return list;
}

static bool asks_for_several(const tg_call *call)
{
    const tg_datum *index = tg_call_datum(call, "index");

    return tg_call_given(call, "labels") &&
           (tg_datum_is_sequence(index) ||
            (index->kind == TG_DATUM_ARRAY && tg_ndim(index->array) > 0));
}

static tg_datum build_center(tg_call *call)
{
    tg_array *a = read_measure(call, TG_MEASURE_CENTER_OF_MASS);
    int64_t length = tg_ndim(a) > 0 ? tg_shape(a)[tg_ndim(a) - 1] : 0;
    const size_t step = tg_dtype_size(tg_dtype_of(a));
    const char *values = fetch(call, a);
    tg_datum *items = tg_datum_items(tg_call_ctx(call), tg_size(a) + 1);

    if (!values || !items)
        return (tg_datum){0};
    for (int64_t i = 0; i < tg_size(a); i++)
        items[i] = tg_datum_of_element(tg_dtype_of(a), values + (size_t)i * step);
    return tuples(call, items, length > 0 ? tg_size(a) / length : 0, length,
                  asks_for_several(call));
}

/* Places in C order as indices along the axes of the input. */
static tg_datum positions(tg_call *call, tg_measure what)
{
    tg_array *a = read_measure(call, what), *input = tg_call_array(call, "input");
    int ndim = tg_ndim(input);
    const int64_t *values = fetch(call, a);
    tg_datum *items = tg_datum_items(tg_call_ctx(call), tg_size(a) * ndim + 1);

    if (!values || !items)
        return (tg_datum){0};
    for (int64_t i = 0; i < tg_size(a); i++) {
        int64_t rest = values[i];

        for (int d = ndim - 1; d >= 0; d--) {
            int64_t n = tg_shape(input)[d] > 0 ? tg_shape(input)[d] : 1;

            items[i * ndim + d] = tg_datum_int(rest % n);
            rest /= n;
        }
    }
    return tuples(call, items, tg_size(a), ndim, asks_for_several(call));
}

static tg_datum build_position(tg_call *call)
{
    return positions(call, measure_of(call));
}

static tg_datum build_extrema(tg_call *call)
{
    tg_datum items[4] = {
        tg_datum_array(read_measure(call, TG_MEASURE_MINIMUM)),
        tg_datum_array(read_measure(call, TG_MEASURE_MAXIMUM)),
        positions(call, TG_MEASURE_MINIMUM_POSITION),
        positions(call, TG_MEASURE_MAXIMUM_POSITION),
    };

    return tg_datum_tuple(tg_call_ctx(call), items, 4);
}

/* As SciPy: an array, for several labels a list of them, None for a label that is not there. */
static tg_datum build_histogram(tg_call *call)
{
    const double range[2] = {tg_call_float(call, "min"), tg_call_float(call, "max")};
    const int64_t bins = tg_call_int(call, "bins");
    tg_array *input = tg_call_array(call, "input"), *labels = NULL, *index = NULL, *counts;
    tg_datum list = {.kind = TG_DATUM_LIST};
    const double *there;
    const int64_t *values;

    if (tg_call_given(call, "labels"))
        labels = tg_call_array(call, "labels");
    else if (tg_call_given(call, "index"))
        return tg_call_fail(call, "index without defined labels");
    if (tg_call_given(call, "index"))
        index = tg_call_array(call, "index");
    if (tg_call_failed(call))
        return (tg_datum){0};
    counts = tg_histogram_labels(input, labels, index, range, bins);
    if (!index)
        return tg_datum_array(counts);
    index = tg_ravel(index);
    there = fetch(call, tg_measure_labels(TG_MEASURE_SUM,
                                          tg_ones(tg_call_ctx(call), TG_FLOAT64, tg_ndim(labels),
                                                  tg_shape(labels), NULL),
                                          labels, index));
    values = fetch(call, counts);
    list.count = tg_size(index);
    list.items = tg_datum_items(tg_call_ctx(call), list.count + 1);
    if (!there || !values || !list.items)
        return (tg_datum){0};
    for (int64_t i = 0; i < list.count; i++)
        if (there[i] > 0)
            list.items[i] = tg_datum_array(
                tg_from_memory(tg_call_ctx(call), values + i * bins, TG_INT64, 1, &bins));
    return asks_for_several(call) ? list : list.items[0];
}

/* A tuple of slices, None for a label that is not there. */
static tg_datum box_of(tg_call *call, const int64_t *box, int ndim)
{
    tg_datum slices[TG_MAX_NDIM];

    if (ndim > 0 && box[1] == 0)
        return (tg_datum){0};
    for (int d = 0; d < ndim; d++) {
        slices[d] = (tg_datum){.kind = TG_DATUM_SLICE, .count = 3};
        slices[d].items = tg_datum_items(tg_call_ctx(call), 3);
        if (!slices[d].items)
            return tg_call_status(call, TG_ENOMEM);
        slices[d].items[0] = tg_datum_int(box[2 * d]);
        slices[d].items[1] = tg_datum_int(box[2 * d + 1]);
        slices[d].items[2] = (tg_datum){0};
    }
    return tg_datum_tuple(tg_call_ctx(call), slices, ndim);
}

/* Python's values take some hundred bytes for each. */
enum { MOST_OBJECTS = 10000000 };

static tg_datum build_find_objects(tg_call *call)
{
    tg_array *labels = tg_call_array(call, "input"), *boxes;
    int64_t most = tg_call_int(call, "max_label");
    int ndim = tg_ndim(labels);
    tg_datum list = {.kind = TG_DATUM_LIST};
    const int64_t *values;

    if (tg_dtype_of(labels) >= TG_COMPLEX64)
        return tg_call_fail(call, "Complex type not supported");
    if (tg_dtype_of(labels) >= TG_FLOAT32)
        return tg_call_fail(call, "find_objects: labels must be integers, not %s",
                            tg_dtype_name(tg_dtype_of(labels)));
    if (!tg_call_failed(call) && most < 1) {
        values = fetch(call, tg_astype(tg_max(labels, TG_ALL_AXES), TG_INT64));
        most = values ? values[0] : 0;
    }
    if (tg_call_failed(call))
        return (tg_datum){0};
    list.count = most > 0 ? most : 0;
    if (list.count > MOST_OBJECTS)
        return tg_call_fail(call, "find_objects: %" PRId64 " labels, more than %d", most,
                            MOST_OBJECTS);
    boxes = tg_find_objects(labels, most);
    values = fetch(call, boxes);
    list.items = tg_datum_items(tg_call_ctx(call), list.count + 1);
    if (!values || !list.items)
        return tg_call_status(call, TG_ENOMEM);
    for (int64_t i = 0; i < list.count; i++)
        list.items[i] = box_of(call, values + i * 2 * ndim, ndim);
    return list;
}

/* hist= : counts, or counts and the middles of their bins. */
static tg_datum otsu_of_histogram(tg_call *call)
{
    const tg_datum *given = tg_call_datum(call, "hist");
    bool pair = tg_datum_is_sequence(given) && given->count == 2;
    tg_array *part[2];
    double *values[2] = {NULL, NULL}, threshold = 0;

    for (int i = 0; i < 1 + pair; i++) {
        part[i] = tg_datum_to_array(tg_call_ctx(call), pair ? &given->items[i] : given);
        values[i] = fetch(call, tg_astype(part[i], TG_FLOAT64));
    }
    if (!tg_call_failed(call) && pair && tg_size(part[0]) != tg_size(part[1]))
        return tg_call_fail(call, "threshold_otsu: %" PRId64 " counts for %" PRId64 " bins",
                            tg_size(part[0]), tg_size(part[1]));
    if (!tg_call_failed(call))
        tg_call_status(call,
                       tg_otsu_of_histogram(tg_size(part[0]), values[0], values[1], &threshold));
    if (!pair || (!tg_call_failed(call) && tg_dtype_of(part[1]) < TG_FLOAT32))
        return tg_datum_int((int64_t)threshold);
    return (tg_datum){.kind = TG_DATUM_FLOAT, .real = threshold};
}

static tg_datum build_otsu(tg_call *call)
{
    if (tg_call_given(call, "hist"))
        return otsu_of_histogram(call);
    if (!tg_call_given(call, "image"))
        return tg_call_fail(call, "Either image or hist must be provided.");
    return tg_datum_array(
        tg_threshold_otsu(tg_call_array(call, "image"), tg_call_int(call, "nbins")));
}

#define RECORDS  "one pass; a record for each label of a chunk"
#define COMPUTES "computes; one pass"
#define MEASURE(name_, aliases_, dask_, dtype_, cost_, build_)                                     \
    {                                                                                              \
        .name = "ndimage." name_, .aliases = (aliases_), .kind = TG_CLASS_IMAGE,                   \
        .signature = "input, labels=None, index=None", .dask = "dask_image.ndmeasure." dask_,      \
        .shape = "index's", .dtype = (dtype_), .cost = (cost_), .build = (build_)                  \
    }

static const tg_operator rows[] = {
    {.name = "ndimage.generate_binary_structure",
     .aliases = "generate_binary_structure",
     .kind = TG_CLASS_IMAGE,
     .signature = "rank, connectivity",
     .shape = "3 along each of rank axes",
     .dtype = "bool",
     .build = build_structure},
    {.name = "ndimage.iterate_structure",
     .aliases = "iterate_structure",
     .kind = TG_CLASS_IMAGE,
     .signature = "structure, iterations, origin=None",
     .shape = "as far as that many steps reach",
     .dtype = "bool; as structure for less than 2",
     .build = build_iterated},
    {.name = "ndimage.label",
     .aliases = "label",
     .kind = TG_CLASS_IMAGE,
     .signature = "input, structure=None, output=None",
     .dask = "dask_image.ndmeasure.label",
     .shape = "the input's, and how many parts",
     .dtype = "int32, or output's",
     .cost = "two passes; one task over what lies on the faces of chunks",
     .notes = "numbers go up in C order of the parts' first elements, whatever the chunks",
     .build = build_label},
    MEASURE("sum_labels", "ndimage.sum sum_labels", "sum_labels",
            "float64; for one index as the sum of its elements", RECORDS, build_measure),
    MEASURE("mean_labels", "ndimage.mean mean_labels", "mean", "float64", RECORDS, build_measure),
    MEASURE("variance", "ndimage.variance_labels", "variance", "float64", RECORDS, build_measure),
    MEASURE("standard_deviation", "ndimage.standard_deviation_labels", "standard_deviation",
            "float64", RECORDS, build_measure),
    MEASURE("median", NULL, "median", "float64; float32 and complex stay",
            "one task gets the elements under the labels", build_measure),
    {.name = "ndimage.histogram",
     .kind = TG_CLASS_IMAGE,
     .signature = "input, min, max, bins, labels=None, index=None",
     .dask = "dask_image.ndmeasure.histogram",
     .shape = "[bins]; a list of them for several labels",
     .dtype = "int64",
     .cost = "computes; one pass",
     .build = build_histogram},
    MEASURE("minimum", "ndimage.minimum_labels", "minimum", "the input's", RECORDS, build_measure),
    MEASURE("maximum", "ndimage.maximum_labels", "maximum", "the input's", RECORDS, build_measure),
    MEASURE("minimum_position", NULL, "minimum_position", "a tuple of ints, a list of them",
            COMPUTES, build_position),
    MEASURE("maximum_position", NULL, "maximum_position", "a tuple of ints, a list of them",
            COMPUTES, build_position),
    MEASURE("extrema", NULL, "extrema", "the input's, tuples of ints", COMPUTES, build_extrema),
    MEASURE("center_of_mass", "center_of_mass", "center_of_mass",
            "a tuple of floats, a list of them", COMPUTES, build_center),
    {.name = "ndimage.find_objects",
     .aliases = "find_objects",
     .kind = TG_CLASS_IMAGE,
     .signature = "input, max_label=0",
     .dask = "dask_image.ndmeasure.find_objects",
     .shape = "a list of tuples of slices, by label",
     .dtype = "Python's slices and None",
     .cost = COMPUTES,
     .build = build_find_objects},
    {.name = "threshold_otsu",
     .kind = TG_CLASS_IMAGE,
     .signature = "image=None, nbins=256, *, hist=None",
     .shape = "no axes",
     .dtype = "int64 for integers, else the image's",
     .cost = "one pass for integers, two for floats",
     .notes = "skimage.filters'",
     .build = build_otsu},
};

const tg_family tg_family_measure = TG_FAMILY(rows);
