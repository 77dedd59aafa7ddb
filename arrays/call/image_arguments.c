/* SPDX-License-Identifier: BSD-3-Clause */
/* Arguments that functions on images have in common. */
#include "call/image_arguments.h"

#include <inttypes.h>
#include <string.h>

#include "call/datum.h"

/* Sequences have an item for each axis that is filtered. */
static const tg_datum *item_of(tg_call *call, const tg_image_call *image, const char *name, int i)
{
    const tg_datum *datum = tg_call_datum(call, name);

    if (!tg_datum_is_sequence(datum))
        return datum;
    if (datum->count != image->naxes) {
        tg_call_fail(call,
                     "sequence argument must have length equal to input rank: %s has %" PRId64
                     " items for %d axes",
                     name, datum->count, image->naxes);
        return NULL;
    }
    return &datum->items[i];
}

void tg_image_floats(tg_call *call, const tg_image_call *image, const char *name, double *values)
{
    for (int i = 0; i < image->naxes; i++) {
        const tg_datum *item = item_of(call, image, name, i);

        if (item)
            tg_call_status(call, tg_datum_to_float(item, &values[image->axis[i]]));
    }
}

void tg_image_ints(tg_call *call, const tg_image_call *image, const char *name, int64_t *values)
{
    for (int i = 0; i < image->naxes; i++) {
        const tg_datum *item = item_of(call, image, name, i);

        if (item)
            tg_call_status(call, tg_datum_to_int(item, &values[image->axis[i]]));
    }
}

static void read_modes(tg_call *call, tg_image_call *image)
{
    if (tg_call_datum(call, "mode")->kind == TG_DATUM_NONE)
        return;
    for (int i = 0; i < image->naxes; i++) {
        const tg_datum *item = item_of(call, image, "mode", i);

        if (!item)
            return;
        if (item->kind != TG_DATUM_TEXT) {
            tg_call_fail(call, "boundary mode not supported: %s is not a name",
                         tg_datum_type(item));
            return;
        }
        tg_call_status(call, tg_boundary_parse(item->text, &image->options.mode[image->axis[i]]));
    }
}

static void read_cval(tg_call *call, tg_filter_options *options)
{
    tg_datum value = *tg_call_datum(call, "cval");

    if (value.kind == TG_DATUM_ARRAY)
        tg_call_status(call, tg_datum_item(value.array, &value));
    if (value.kind == TG_DATUM_COMPLEX)
        memcpy(options->cval, value.parts, sizeof options->cval);
    else if (value.kind != TG_DATUM_NONE)
        tg_call_status(call, tg_datum_to_float(&value, &options->cval[0]));
}

bool tg_image_output(tg_call *call, const tg_array *input, tg_dtype *dtype)
{
    const tg_datum *datum = tg_call_datum(call, "output");
    bool same = true;

    if (datum->kind == TG_DATUM_NONE)
        return false;
    if (datum->kind != TG_DATUM_ARRAY) {
        *dtype = tg_call_dtype(call, "output", *dtype);
        return true;
    }
    for (int d = 0; d < tg_ndim(input) && tg_ndim(input) == tg_ndim(datum->array); d++)
        same = same && tg_shape(input)[d] == tg_shape(datum->array)[d];
    if (!same || tg_ndim(input) != tg_ndim(datum->array))
        tg_call_fail(call, "output shape not correct");
    *dtype = tg_dtype_of(datum->array);
    return true;
}

/* axes=: which are filtered; without it all are. */
static void read_axes(tg_call *call, tg_image_call *image)
{
    int ndim = tg_ndim(image->input);
    tg_axes axes = {.count = -1};

    if (tg_call_given(call, "axes"))
        axes = tg_call_axis_list(call, "axes");
    image->naxes = axes.count < 0 ? ndim : axes.count;
    for (int d = 0; d < ndim; d++)
        image->options.skip[d] = axes.count >= 0;
    for (int i = 0; i < image->naxes; i++) {
        int d = axes.count < 0 ? i : axes.axis[i];

        d += d < 0 ? ndim : 0;
        if (d < 0 || d >= ndim || (axes.count >= 0 && !image->options.skip[d])) {
            tg_call_fail(call, "invalid axis %d: for an array of %d axes, each once", axes.axis[i],
                         ndim);
            image->naxes = 0;
            return;
        }
        image->axis[i] = d;
        image->options.skip[d] = false;
    }
}

tg_image_call tg_image_arguments(tg_call *call)
{
    tg_image_call image = {.input = tg_call_array(call, "input")};

    read_axes(call, &image);
    read_modes(call, &image);
    read_cval(call, &image.options);
    if (tg_call_datum(call, "origin")->kind != TG_DATUM_NONE)
        tg_image_ints(call, &image, "origin", image.options.origin);
    image.options.dtype = tg_dtype_of(image.input);
    image.options.typed = tg_image_output(call, image.input, &image.options.dtype);
    return image;
}

tg_window tg_image_window(tg_call *call, const tg_image_call *image, tg_array *a, const char *what)
{
    tg_window window = {.ndim = tg_ndim(image->input)};
    size_t size = (size_t)tg_size(a) * sizeof(double);
    double *values = tg_ctx_alloc(tg_call_ctx(call), size + sizeof(double));

    for (int d = 0; d < window.ndim; d++)
        window.shape[d] = 1;
    window.values = values;
    if (tg_call_failed(call))
        return window;
    if (!values) {
        tg_call_status(call, TG_ENOMEM);
    } else if (tg_ndim(a) != image->naxes) {
        tg_call_fail(call, "%s array has incorrect shape: %d axes, not %d", what, tg_ndim(a),
                     image->naxes);
    } else {
        for (int i = 0; i < image->naxes; i++) {
            window.shape[image->axis[i]] = tg_shape(a)[i];
            if (i > 0 && image->axis[i] < image->axis[i - 1])
                tg_call_fail(call, "%s: axes must be in ascending order", what);
        }
        tg_call_status(call, tg_gather(tg_astype(a, TG_FLOAT64), values, size));
    }
    return window;
}

tg_array *tg_image_structure(tg_call *call, int64_t rank, int64_t connectivity)
{
    int64_t shape[TG_MAX_NDIM], n = 1;
    uint8_t *near;

    if (rank > 10)
        tg_call_fail(call, "a structure of %" PRId64 " axes: at most 10 can be", rank);
    rank = rank < 0 ? 0 : rank > 10 ? 10 : rank;
    for (int d = 0; d < rank; d++, n *= 3)
        shape[d] = 3;
    near = tg_ctx_alloc(tg_call_ctx(call), (size_t)n);
    for (int64_t i = 0; i < n && near; i++) {
        int64_t steps = 0;

        for (int64_t rest = i, d = 0; d < rank; d++, rest /= 3)
            steps += rest % 3 != 1;
        near[i] = steps <= (connectivity < 1 ? 1 : connectivity);
    }
    if (!near)
        tg_call_status(call, TG_ENOMEM);
    return tg_from_memory(tg_call_ctx(call), near, TG_BOOL, near ? (int)rank : -1, shape);
}
