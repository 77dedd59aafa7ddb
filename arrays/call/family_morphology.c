/* SPDX-License-Identifier: BSD-3-Clause */
/* Erosion, dilation and what is made of them: scipy.ndimage. */
#include <stdlib.h>
#include <string.h>

#include "call/datum.h"
#include "call/image_arguments.h"
#include "call/table.h"

/* The structure; without one, steps of one along one axis. */
static tg_window read_structure(tg_call *call, const tg_image_call *image, const char *name)
{
    tg_array *structure = tg_call_given(call, name) ? tg_astype(tg_call_array(call, name), TG_BOOL)
                                                    : tg_image_structure(call, image->naxes, 1);

    return tg_image_window(call, image, structure, "structure");
}

/* What a signature lacks is as in a single erosion. */
static tg_erosion read_erosion(tg_call *call, const tg_image_call *image)
{
    tg_erosion erosion = {.iterations = 1};

    erosion.structure = read_structure(call, image, "structure");
    memcpy(erosion.origin, image->options.origin, sizeof erosion.origin);
    if (tg_call_datum(call, "iterations")->kind != TG_DATUM_NONE)
        erosion.iterations = tg_call_int(call, "iterations");
    if (tg_call_datum(call, "border_value")->kind != TG_DATUM_NONE)
        erosion.border_value = tg_call_int(call, "border_value") != 0;
    if (tg_call_given(call, "mask"))
        erosion.mask = tg_call_array(call, "mask");
    return erosion;
}

/* bool; an array given as output= has its own dtype. */
static tg_datum as_output(tg_call *call, const tg_image_call *image, tg_array *result)
{
    if (tg_call_datum(call, "output")->kind == TG_DATUM_ARRAY)
        result = tg_astype(result, image->options.dtype);
    return tg_datum_array(result);
}

static tg_datum build_erosion(tg_call *call)
{
    static const struct {
        const char *name;
        tg_array *(*build)(tg_array *, const tg_erosion *);
    } builders[] = {
        {"ndimage.binary_erosion", tg_binary_erosion},
        {"ndimage.binary_dilation", tg_binary_dilation},
        {"ndimage.binary_opening", tg_binary_opening},
        {"ndimage.binary_closing", tg_binary_closing},
    };
    tg_image_call image = tg_image_arguments(call);
    tg_erosion erosion = {0};
    const char *name = tg_call_operator(call)->name;

    if (!tg_call_failed(call))
        erosion = read_erosion(call, &image);
    for (size_t i = 0; i < sizeof builders / sizeof *builders && !tg_call_failed(call); i++)
        if (strcmp(builders[i].name, name) == 0)
            return as_output(call, &image, builders[i].build(image.input, &erosion));
    return tg_call_fail(call, "%s is not among the erosions", name);
}

static tg_datum build_propagation(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);
    tg_erosion erosion = {0};

    if (!tg_call_failed(call))
        erosion = read_erosion(call, &image);
    if (tg_call_failed(call))
        return (tg_datum){0};
    erosion.iterations = -1;
    return as_output(call, &image, tg_binary_dilation(image.input, &erosion));
}

/* What grows from beyond the edges into the zeros is no hole. */
static tg_datum build_fill_holes(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);
    tg_erosion erosion = {0};
    tg_array *nothing;

    if (!tg_call_failed(call))
        erosion = read_erosion(call, &image);
    if (tg_call_failed(call))
        return (tg_datum){0};
    erosion.iterations = -1;
    erosion.border_value = 1;
    erosion.mask = tg_logical_not(image.input);
    nothing = tg_not_equal(erosion.mask, erosion.mask);
    return as_output(call, &image, tg_logical_not(tg_binary_dilation(nothing, &erosion)));
}

static tg_datum build_hit_or_miss(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);
    tg_erosion hit = {.iterations = 1}, miss = {.iterations = 1};
    double *others;
    int64_t n = 1;

    if (tg_call_failed(call))
        return (tg_datum){0};
    hit.structure = read_structure(call, &image, "structure1");
    tg_image_ints(call, &image, "origin1", hit.origin);
    memcpy(miss.origin, hit.origin, sizeof miss.origin);
    if (tg_call_given(call, "origin2"))
        tg_image_ints(call, &image, "origin2", miss.origin);
    if (tg_call_given(call, "structure2")) {
        miss.structure = read_structure(call, &image, "structure2");
    } else {
        miss.structure = hit.structure;
        for (int d = 0; d < hit.structure.ndim; d++)
            n *= hit.structure.shape[d];
        miss.structure.values = others =
            tg_ctx_alloc(tg_call_ctx(call), (size_t)n * sizeof *others);
        if (!others)
            return tg_call_status(call, TG_ENOMEM);
        for (int64_t i = 0; i < n && !tg_call_failed(call); i++)
            others[i] = hit.structure.values[i] == 0;
    }
    if (tg_call_failed(call))
        return (tg_datum){0};
    return as_output(call, &image, tg_binary_hit_or_miss(image.input, &hit, &miss));
}

#define ROW(name_, dask_, signature_, cost_, build_)                                               \
    {                                                                                              \
        .name = "ndimage." name_, .aliases = (name_), .kind = TG_CLASS_IMAGE,                      \
        .signature = "input, " signature_, .dask = (dask_), .shape = "the input's",                \
        .dtype = "bool; of an array output, its own", .cost = (cost_), .build = (build_)           \
    }
#define MORPH(name_) "dask_image.ndmorph." name_
#define SINGLE       "several iterations in one task a chunk"
#define ROUNDS                                                                                     \
    "by connected parts, however far; by a queue for structures longer than 3 or not symmetric"

static const tg_operator rows[] = {
    ROW("binary_erosion", MORPH("binary_erosion"),
        "structure=None, iterations=1, mask=None, output=None, border_value=0, origin=0, "
        "brute_force=False, *, axes=None",
        SINGLE, build_erosion),
    ROW("binary_dilation", MORPH("binary_dilation"),
        "structure=None, iterations=1, mask=None, output=None, border_value=0, origin=0, "
        "brute_force=False, *, axes=None",
        SINGLE, build_erosion),
    ROW("binary_opening", MORPH("binary_opening"),
        "structure=None, iterations=1, output=None, origin=0, mask=None, border_value=0, "
        "brute_force=False, *, axes=None",
        SINGLE, build_erosion),
    ROW("binary_closing", MORPH("binary_closing"),
        "structure=None, iterations=1, output=None, origin=0, mask=None, border_value=0, "
        "brute_force=False, *, axes=None",
        SINGLE, build_erosion),
    ROW("binary_propagation", NULL,
        "structure=None, mask=None, output=None, border_value=0, origin=0, *, axes=None", ROUNDS,
        build_propagation),
    ROW("binary_fill_holes", NULL, "structure=None, output=None, origin=0, *, axes=None", ROUNDS,
        build_fill_holes),
    ROW("binary_hit_or_miss", NULL,
        "structure1=None, structure2=None, output=None, origin1=0, origin2=None, *, axes=None",
        SINGLE, build_hit_or_miss),
};

const tg_family tg_family_morphology = TG_FAMILY(rows);
