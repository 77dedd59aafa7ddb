/* SPDX-License-Identifier: BSD-3-Clause */
/* Header facts as attributes of a Zarr array, by the names that HDF5 datasets have them under
 * (hdf5_facts.c): numbers, lists and texts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/zarr.h"

static json_object *get(json_object *object, const char *key)
{
    json_object *value = NULL;

    if (object && json_object_is_type(object, json_type_object))
        json_object_object_get_ex(object, key, &value);
    return value;
}

/** Numbers of nested lists, or one; how many. */
static int read_numbers(json_object *value, double *out, int room)
{
    int n = 0;

    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value) && n < room; i++)
            n += read_numbers(json_object_array_get_idx(value, i), out + n, room - n);
    } else if (value && room > 0 && !json_object_is_type(value, json_type_string)) {
        *out = json_object_get_double(value);
        n = 1;
    }
    return n;
}

static void read_text(json_object *attributes, const char *name, char *out, size_t size)
{
    json_object *value = get(attributes, name);

    if (json_object_is_type(value, json_type_string))
        snprintf(out, size, "%s", json_object_get_string(value));
}

static int read_code(json_object *attributes, const char *name)
{
    double number = 0;

    return read_numbers(get(attributes, name), &number, 1) && fabs(number) < 32768 ? (int)number
                                                                                   : 0;
}

void tg_zarr_read_facts(json_object *attributes, int ndim, tg_header *out)
{
    double numbers[sizeof out->nifti];
    int n;

    *out = (tg_header){.slope = 1};
    if (read_numbers(get(attributes, "scl_slope"), numbers, 1) && isfinite(numbers[0]) &&
        numbers[0] != 0)
        out->slope = numbers[0];
    if (read_numbers(get(attributes, "scl_inter"), numbers, 1) && isfinite(numbers[0]))
        out->inter = numbers[0];
    if (read_numbers(get(attributes, "affine"), numbers, 17) == 16) {
        memcpy(out->affine, numbers, sizeof out->affine);
        out->has_affine = true;
    }
    read_numbers(get(attributes, "spacing"), out->spacing, ndim);
    out->qform_code = read_code(attributes, "qform_code");
    out->sform_code = read_code(attributes, "sform_code");
    read_text(attributes, "xyz_units", out->space_units, sizeof out->space_units);
    read_text(attributes, "time_units", out->time_units, sizeof out->time_units);
    read_text(attributes, "descrip", out->description, sizeof out->description);
    n = read_numbers(get(attributes, "nifti_header"), numbers, sizeof out->nifti);
    out->nifti_size = n == 348 || n == 540 ? n : 0;
    for (int i = 0; i < out->nifti_size; i++)
        out->nifti[i] = (unsigned char)numbers[i];
}

static void add(json_object *to, const char *name, json_object *value)
{
    json_object_object_add(to, name, value);
}

static json_object *list_of(const double *numbers, int n)
{
    json_object *list = json_object_new_array();

    for (int i = 0; i < n; i++)
        json_object_array_add(list, json_object_new_double(numbers[i]));
    return list;
}

static void add_header(json_object *to, const tg_header *header, int ndim)
{
    json_object *rows = json_object_new_array(), *bytes = json_object_new_array();

    if (header->slope != 1 || header->inter != 0) {
        add(to, "scl_slope", json_object_new_double(header->slope));
        add(to, "scl_inter", json_object_new_double(header->inter));
    }
    for (int i = 0; i < 4; i++)
        json_object_array_add(rows, list_of(header->affine[i], 4));
    if (header->has_affine) {
        add(to, "affine", json_object_get(rows));
        add(to, "qform_code", json_object_new_int(header->qform_code));
        add(to, "sform_code", json_object_new_int(header->sform_code));
    }
    for (int d = 0; d < ndim; d++)
        if (header->spacing[d] != 0 && !get(to, "spacing"))
            add(to, "spacing", list_of(header->spacing, ndim));
    if (header->space_units[0])
        add(to, "xyz_units", json_object_new_string(header->space_units));
    if (header->time_units[0])
        add(to, "time_units", json_object_new_string(header->time_units));
    if (header->description[0])
        add(to, "descrip", json_object_new_string(header->description));
    for (int i = 0; i < header->nifti_size; i++)
        json_object_array_add(bytes, json_object_new_int(header->nifti[i]));
    if (header->nifti_size)
        add(to, "nifti_header", json_object_get(bytes));
    json_object_put(rows);
    json_object_put(bytes);
}

tg_status tg_zarr_facts(const char *path, const tg_sink *sink, json_object **out)
{
    tg_status status = TG_OK;
    json_object *to = json_object_new_object();
    const tg_store_options *options = sink->options;

    TG_NEED(to, TG_ENOMEM, "attributes of %s", path);
    if (sink->header)
        add_header(to, sink->header, sink->ndim);
    if (sink->history)
        add(to, "history", json_object_new_string(sink->history));
    for (int i = 0; options && i < options->nattributes; i++) {
        const tg_attribute *a = &options->attributes[i];

        TG_NEED(a->name && (a->text || a->numbers) && a->count >= 0, TG_EARG,
                "%s: an attribute wants a name and a text or numbers", path);
        add(to, a->name,
            a->text         ? json_object_new_string(a->text)
            : a->count == 1 ? json_object_new_double(a->numbers[0])
                            : list_of(a->numbers, a->count));
    }
    *out = to;
    to = NULL;
out:
    json_object_put(to);
    return status;
}
