/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Header facts as attributes of a dataset. The names are ours, after those of the NIfTI header:
 *
 *     scl_slope, scl_inter      float64   value = stored * scl_slope + scl_inter
 *     affine                    float64 [4, 4]: voxel -> mm
 *     spacing                   float64 [ndim]: lengths of a voxel by axis (`pixdim` is read too;
 *     of
 *                               NIfTI's own 8 numbers the first, qfac, is left out)
 *     qform_code, sform_code    int32
 *     xyz_units, time_units     text: "mm", "s"
 *     descrip                   text
 *     history                   text: what made it (lower/history.h)
 *     nifti_header              uint8 [348 or 540]: the whole NIfTI header that was read
 */
#include "io/hdf5_facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tegula/runtime.h>

#include "io/hdf5_library.h"

/** Up to `room` numbers of an attribute; how many there were, 0 when it is not there or no
 * numbers. */
static int read_numbers(hid_t dataset, const char *name, double *out, int room)
{
    hid_t attribute = H5Aexists(dataset, name) > 0 ? H5Aopen(dataset, name, H5P_DEFAULT) : -1;
    hid_t type = attribute >= 0 ? H5Aget_type(attribute) : -1;
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
    hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
    bool numeric = type >= 0 && tg_hdf5_type_of(type).known;

    if (!numeric || count < 1 || count > room || H5Aread(attribute, H5T_NATIVE_DOUBLE, out) < 0)
        count = 0;
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    if (attribute >= 0)
        H5Aclose(attribute);
    return (int)count;
}

/** A NIfTI header; its bytes, 0 when it is not there or none. */
static int read_bytes(hid_t dataset, const char *name, unsigned char *out, size_t room)
{
    double numbers[sizeof((tg_header){0}.nifti)];
    int count = read_numbers(dataset, name, numbers, (int)room);

    for (int i = 0; i < count; i++)
        out[i] = numbers[i] >= 0 && numbers[i] < 256 ? (unsigned char)numbers[i] : 0;
    return count == 348 || count == 540 ? count : 0;
}

/** A text attribute of fixed or varying length, cut to the buffer. */
static void read_text(hid_t dataset, const char *name, char *out, size_t size)
{
    hid_t attribute = H5Aexists(dataset, name) > 0 ? H5Aopen(dataset, name, H5P_DEFAULT) : -1;
    hid_t type = attribute >= 0 ? H5Aget_type(attribute) : -1;
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
    bool text =
        type >= 0 && H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1;

    if (text && H5Tis_variable_str(type) > 0) {
        char *value = NULL;

        if (H5Aread(attribute, type, &value) >= 0 && value)
            snprintf(out, size, "%s", value);
        H5free_memory(value);
    } else if (text) {
        char *value = calloc(1, H5Tget_size(type) + 1);

        if (value && H5Aread(attribute, type, value) >= 0)
            snprintf(out, size, "%s", value);
        free(value);
    }
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    if (attribute >= 0)
        H5Aclose(attribute);
}

static void read_spacing(hid_t dataset, int ndim, double *out)
{
    double numbers[TG_MAX_NDIM] = {0};
    int count = read_numbers(dataset, "spacing", numbers, TG_MAX_NDIM), skip = 0;

    if (count == 0) {
        count = read_numbers(dataset, "pixdim", numbers, TG_MAX_NDIM);
        skip = count == 8 && ndim < 8;
    }
    for (int d = 0; d + skip < count; d++)
        out[d] = numbers[d + skip];
}

void tg_hdf5_read_facts(hid_t dataset, int ndim, tg_header *out)
{
    double numbers[16];

    *out = (tg_header){.slope = 1};
    if (read_numbers(dataset, "scl_slope", numbers, 1) && isfinite(numbers[0]) && numbers[0] != 0)
        out->slope = numbers[0];
    if (read_numbers(dataset, "scl_inter", numbers, 1) && isfinite(numbers[0]))
        out->inter = numbers[0];
    if (read_numbers(dataset, "affine", numbers, 16) == 16) {
        memcpy(out->affine, numbers, sizeof numbers);
        out->has_affine = true;
    }
    read_spacing(dataset, ndim, out->spacing);
    if (read_numbers(dataset, "qform_code", numbers, 1) && fabs(numbers[0]) < 32768)
        out->qform_code = (int)numbers[0];
    if (read_numbers(dataset, "sform_code", numbers, 1) && fabs(numbers[0]) < 32768)
        out->sform_code = (int)numbers[0];
    read_text(dataset, "xyz_units", out->space_units, sizeof out->space_units);
    read_text(dataset, "time_units", out->time_units, sizeof out->time_units);
    read_text(dataset, "descrip", out->description, sizeof out->description);
    out->nifti_size = read_bytes(dataset, "nifti_header", out->nifti, sizeof out->nifti);
}

/** The dataset that attributes go to, and the first failure. */
struct facts {
    hid_t dataset;
    const char *path;
    tg_status status;
};

static void write_value(struct facts *facts, const char *name, hid_t type, hid_t space,
                        hid_t memory, const void *value)
{
    char words[TG_HDF5_WORDS];
    hid_t attribute = H5Acreate2(facts->dataset, name, type, space, H5P_DEFAULT, H5P_DEFAULT);

    if (facts->status == TG_OK && (attribute < 0 || H5Awrite(attribute, memory, value) < 0))
        facts->status = tg_fail(TG_EIO, "%s: attribute %s cannot be written: %s", facts->path, name,
                                tg_hdf5_words(words, sizeof words));
    if (attribute >= 0)
        H5Aclose(attribute);
}

/** Text of varying length, as h5py writes str. */
static void write_text(struct facts *facts, const char *name, const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);

    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    write_value(facts, name, type, space, type, &text);
    H5Sclose(space);
    H5Tclose(type);
}

static void write_numbers(struct facts *facts, const char *name, hid_t type, const double *numbers,
                          int ndim, const hsize_t *shape)
{
    hid_t space = ndim ? H5Screate_simple(ndim, shape, NULL) : H5Screate(H5S_SCALAR);

    write_value(facts, name, type, space, H5T_NATIVE_DOUBLE, numbers);
    H5Sclose(space);
}

static void write_header(struct facts *facts, const tg_header *header, int ndim)
{
    const double codes[] = {header->qform_code, header->sform_code};
    const hsize_t four[] = {4, 4}, axes[] = {(hsize_t)ndim};
    bool spaced = false;

    for (int d = 0; d < ndim; d++)
        spaced |= header->spacing[d] != 0;
    if (header->slope != 1 || header->inter != 0) {
        write_numbers(facts, "scl_slope", H5T_IEEE_F64LE, &header->slope, 0, NULL);
        write_numbers(facts, "scl_inter", H5T_IEEE_F64LE, &header->inter, 0, NULL);
    }
    if (header->has_affine) {
        write_numbers(facts, "affine", H5T_IEEE_F64LE, &header->affine[0][0], 2, four);
        write_numbers(facts, "qform_code", H5T_STD_I32LE, &codes[0], 0, NULL);
        write_numbers(facts, "sform_code", H5T_STD_I32LE, &codes[1], 0, NULL);
    }
    if (spaced)
        write_numbers(facts, "spacing", H5T_IEEE_F64LE, header->spacing, 1, axes);
    if (header->space_units[0])
        write_text(facts, "xyz_units", header->space_units);
    if (header->time_units[0])
        write_text(facts, "time_units", header->time_units);
    if (header->description[0])
        write_text(facts, "descrip", header->description);
    if (header->nifti_size) {
        const hsize_t size[] = {(hsize_t)header->nifti_size};
        hid_t space = H5Screate_simple(1, size, NULL);

        write_value(facts, "nifti_header", H5T_STD_U8LE, space, H5T_NATIVE_UINT8, header->nifti);
        H5Sclose(space);
    }
}

static void write_attribute(struct facts *facts, const tg_attribute *attribute)
{
    const hsize_t shape[] = {(hsize_t)attribute->count};

    if (facts->status != TG_OK)
        return;
    if (!attribute->name || (!attribute->text && !attribute->numbers) || attribute->count < 0)
        facts->status =
            tg_fail(TG_EARG, "%s: an attribute wants a name and a text or numbers", facts->path);
    else if (H5Aexists(facts->dataset, attribute->name) >
             0) /* the caller's word goes before ours */
        H5Adelete(facts->dataset, attribute->name);
    if (facts->status != TG_OK)
        return;
    if (attribute->text)
        write_text(facts, attribute->name, attribute->text);
    else
        write_numbers(facts, attribute->name, H5T_IEEE_F64LE, attribute->numbers,
                      attribute->count != 1, shape);
}

tg_status tg_hdf5_write_facts(hid_t dataset, const char *path, const tg_sink *sink)
{
    struct facts facts = {.dataset = dataset, .path = path};
    const tg_store_options *options = sink->options;

    if (sink->header)
        write_header(&facts, sink->header, sink->ndim);
    if (sink->history)
        write_text(&facts, "history", sink->history);
    for (int i = 0; options && i < options->nattributes; i++)
        write_attribute(&facts, &options->attributes[i]);
    return facts.status;
}
