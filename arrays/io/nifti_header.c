/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NIfTI headers, with nifticlib's structures and conversions. The bytes are read by us, so that it
 * does not matter what a file is called or how it is compressed.
 *
 * Which facts count is as in nibabel, which most users compare with: scl_slope counts unless it is
 * 0 or not finite; the affine is the sform where its code is positive, else the qform where its
 * code is, else the base affine (spacing, origin in the middle, x from right to left).
 */
#include "io/nifti_header.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nifti2_io.h>
#include <tegula/runtime.h>

static const struct {
    int code;
    tg_dtype dtype;
} datatypes[] = {
    {DT_UINT8, TG_UINT8},           {DT_INT8, TG_INT8},     {DT_UINT16, TG_UINT16},
    {DT_INT16, TG_INT16},           {DT_UINT32, TG_UINT32}, {DT_INT32, TG_INT32},
    {DT_UINT64, TG_UINT64},         {DT_INT64, TG_INT64},   {DT_FLOAT32, TG_FLOAT32},
    {DT_FLOAT64, TG_FLOAT64},       {DT_UINT8, TG_BOOL},    {DT_COMPLEX64, TG_COMPLEX64},
    {DT_COMPLEX128, TG_COMPLEX128},
};

static const struct {
    int code;
    const char *text;
} units[] = {
    {NIFTI_UNITS_METER, "m"}, {NIFTI_UNITS_MM, "mm"},   {NIFTI_UNITS_MICRON, "um"},
    {NIFTI_UNITS_SEC, "s"},   {NIFTI_UNITS_MSEC, "ms"}, {NIFTI_UNITS_USEC, "us"},
    {NIFTI_UNITS_HZ, "Hz"},   {NIFTI_UNITS_PPM, "ppm"}, {NIFTI_UNITS_RADS, "rad/s"},
};

enum { NDATATYPES = sizeof datatypes / sizeof *datatypes, NUNITS = sizeof units / sizeof *units };

static const char *unit_text(int code)
{
    for (int i = 0; i < NUNITS; i++)
        if (units[i].code == code)
            return units[i].text;
    return "";
}

static int unit_code(const char *text)
{
    for (int i = 0; i < NUNITS; i++)
        if (strcmp(units[i].text, text) == 0)
            return units[i].code;
    return NIFTI_UNITS_UNKNOWN;
}

/** Whether the header of that kind says that data are in another file. */
static bool is_pair(const void *head, tg_nifti_kind kind)
{
    const char *bytes = head;

    return kind == TG_NIFTI_1 ? memcmp(bytes + 344, "ni1", 4) == 0
                              : memcmp(bytes + 4, "ni2", 4) == 0;
}

tg_nifti_kind tg_nifti_kind_of(const void *head, size_t size, bool *swapped)
{
    const char *bytes = head;
    int32_t length;
    int16_t ndim;
    bool other;

    if (size < sizeof(nifti_1_header))
        return TG_NIFTI_NONE;
    memcpy(&length, bytes, sizeof length);
    memcpy(&ndim, bytes + 40, sizeof ndim);
    other = length != 348 && length != 540;
    if (other) {
        length = (int32_t)__builtin_bswap32((uint32_t)length);
        ndim = (int16_t)__builtin_bswap16((uint16_t)ndim);
    }
    if (swapped)
        *swapped = other;
    if (length == 348 && (memcmp(bytes + 344, "n+1", 4) == 0 || is_pair(head, TG_NIFTI_1)))
        return TG_NIFTI_1;
    if (length == 540 && size >= sizeof(nifti_2_header) &&
        (memcmp(bytes + 4, "n+2", 4) == 0 || is_pair(head, TG_NIFTI_2)))
        return TG_NIFTI_2;
    return length == 348 && ndim >= 1 && ndim <= 7 ? TG_NIFTI_ANALYZE : TG_NIFTI_NONE;
}

/** The header's fields that nifticlib mends and we want to see as they are. */
struct raw {
    int64_t dim[8];
    double slope, inter;
};

/** Keep the header in our byte order. */
static void keep(const void *head, tg_nifti_kind kind, bool swapped, tg_header *out)
{
    union {
        nifti_1_header one;
        nifti_2_header two;
    } h;

    out->nifti_size = kind == TG_NIFTI_1 ? (int)sizeof h.one : (int)sizeof h.two;
    memcpy(&h, head, (size_t)out->nifti_size);
    if (swapped && kind == TG_NIFTI_1)
        swap_nifti_header(&h.one, 1);
    else if (swapped)
        swap_nifti_header(&h.two, 2);
    memcpy(out->nifti, &h, (size_t)out->nifti_size);
}

/** nifticlib refuses these with words of its own on stderr. */
static bool is_good(const struct raw *raw, int datatype)
{
    return raw->dim[0] >= 1 && raw->dim[0] <= 7 && raw->dim[1] >= 1 && datatype != DT_UNKNOWN &&
           datatype != DT_BINARY;
}

/** nifticlib's view of the header, NULL where it finds it bad. */
static nifti_image *convert(const char *path, const void *head, tg_nifti_kind kind, bool swapped,
                            struct raw *raw)
{
    nifti_1_header one;
    nifti_2_header two;

    nifti_set_debug_level(0);
    if (kind == TG_NIFTI_1) {
        memcpy(&one, head, sizeof one);
        if (swapped)
            swap_nifti_header(&one, 1);
        raw->slope = (double)one.scl_slope;
        raw->inter = (double)one.scl_inter;
        for (int d = 0; d < 8; d++)
            raw->dim[d] = one.dim[d];
        return is_good(raw, one.datatype) ? nifti_convert_n1hdr2nim(one, path) : NULL;
    }
    memcpy(&two, head, sizeof two);
    if (swapped)
        swap_nifti_header(&two, 2);
    raw->slope = two.scl_slope;
    raw->inter = two.scl_inter;
    for (int d = 0; d < 8; d++)
        raw->dim[d] = two.dim[d];
    return is_good(raw, two.datatype) ? nifti_convert_n2hdr2nim(two, path) : NULL;
}

static void base_affine(const nifti_image *nim, const struct raw *raw, double affine[4][4])
{
    memset(affine, 0, 16 * sizeof(double));
    affine[3][3] = 1;
    for (int d = 0; d < 3; d++) {
        double zoom = d < raw->dim[0] ? nim->pixdim[d + 1] : 1, sign = d == 0 ? -1 : 1;
        double length = d < raw->dim[0] ? (double)raw->dim[d + 1] : 1;

        affine[d][d] = sign * zoom;
        affine[d][3] = -sign * zoom * (length - 1) / 2;
    }
}

static void take_affine(const nifti_image *nim, const struct raw *raw, tg_header *out)
{
    out->has_affine = true;
    out->qform_code = nim->qform_code;
    out->sform_code = nim->sform_code;
    if (nim->sform_code > 0)
        memcpy(out->affine, nim->sto_xyz.m, sizeof out->affine);
    else if (nim->qform_code > 0)
        memcpy(out->affine, nim->qto_xyz.m, sizeof out->affine);
    else
        base_affine(nim, raw, out->affine);
}

static tg_status take_scaling(const char *path, const struct raw *raw, tg_header *out)
{
    tg_status status = TG_OK;

    out->slope = 1;
    if (!isfinite(raw->slope) || raw->slope == 0)
        goto out;
    TG_NEED(isfinite(raw->inter), TG_EFORMAT, "%s: scl_slope is %g but scl_inter is not finite",
            path, raw->slope);
    out->slope = raw->slope;
    out->inter = raw->inter;
out:
    return status;
}

static tg_status take_shape(const char *path, const nifti_image *nim, const struct raw *raw,
                            tg_nifti_facts *out)
{
    tg_status status = TG_OK;
    double bytes = (double)tg_dtype_size(out->dtype);

    out->ndim = (int)raw->dim[0];
    for (int d = 0; d < out->ndim; d++) {
        TG_NEED(raw->dim[d + 1] >= 0, TG_EFORMAT, "%s: axis %d has length %" PRId64, path, d,
                raw->dim[d + 1]);
        out->dim[d] = raw->dim[d + 1];
        bytes *= (double)out->dim[d];
        out->header.spacing[d] = nim->pixdim[d + 1];
    }
    TG_NEED(bytes < 9e18, TG_EFORMAT, "%s: the header asks for more than 2^63 bytes", path);
    out->offset = nim->iname_offset;
    TG_NEED(out->offset >= 0 && out->offset < INT64_MAX / 2, TG_EFORMAT,
            "%s: the header puts the data at byte %" PRId64, path, out->offset);
out:
    return status;
}

tg_status tg_nifti_parse(const char *path, const void *head, size_t size, tg_nifti_facts *out)
{
    tg_status status = TG_OK;
    struct raw raw = {0};
    nifti_image *nim = NULL;
    tg_nifti_facts facts = {.dtype = TG_NDTYPES};
    tg_nifti_kind kind = tg_nifti_kind_of(head, size, &facts.swapped);

    TG_NEED(
        kind != TG_NIFTI_ANALYZE, TG_EARG,
        "%s is a header of Analyze 7.5, which does not say where left is: make a NIfTI of it first",
        path);
    TG_NEED(kind != TG_NIFTI_NONE, TG_EFORMAT, "%s is not a NIfTI file: it has no NIfTI header",
            path);
    facts.pair = is_pair(head, kind);
    nim = convert(path, head, kind, facts.swapped, &raw);
    TG_NEED(nim && raw.dim[0] >= 1 && raw.dim[0] <= 7, TG_EFORMAT,
            "%s: the header is damaged (%" PRId64 " axes, the first of length %" PRId64 ")", path,
            raw.dim[0], raw.dim[1]);
    for (int i = NDATATYPES - 1; i >= 0; i--)
        if (datatypes[i].code == nim->datatype && datatypes[i].dtype != TG_BOOL)
            facts.dtype = datatypes[i].dtype;
    TG_NEED(facts.dtype != TG_NDTYPES, TG_EARG,
            "%s holds %s: integers of 1 to 8 bytes, floats and complex of these can be read", path,
            nifti_datatype_string(nim->datatype));
    TG_TRY(take_shape(path, nim, &raw, &facts));
    TG_TRY(take_scaling(path, &raw, &facts.header));
    take_affine(nim, &raw, &facts.header);
    snprintf(facts.header.space_units, sizeof facts.header.space_units, "%s",
             unit_text(nim->xyz_units));
    snprintf(facts.header.time_units, sizeof facts.header.time_units, "%s",
             unit_text(nim->time_units));
    snprintf(facts.header.description, sizeof facts.header.description, "%.80s", nim->descrip);
    keep(head, kind, facts.swapped, &facts.header);
    *out = facts;
out:
    nifti_image_free(nim);
    return status;
}

/** What nifticlib is to write about orientation; a plain diagonal where nothing is known. */
static void put_affine(nifti_image *nim, const tg_header *header)
{
    static const tg_header plain;
    const tg_header *from = header && header->has_affine ? header : &plain;
    int sform = from->sform_code, qform = from->qform_code;
    double dx, dy, dz;

    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            nim->sto_xyz.m[i][j] = from->has_affine ? from->affine[i][j] : i == j;
    nim->sform_code = sform > 0 ? sform : qform > 0 ? 0 : NIFTI_XFORM_ALIGNED_ANAT;
    /* The affine is the sform's where there is one: a qform of another space is not known here. */
    nim->qform_code = sform > 0 && qform != sform ? 0 : qform > 0 ? qform : 0;
    nifti_dmat44_to_quatern(nim->sto_xyz, &nim->quatern_b, &nim->quatern_c, &nim->quatern_d,
                            &nim->qoffset_x, &nim->qoffset_y, &nim->qoffset_z, &dx, &dy, &dz,
                            &nim->qfac);
}

static void put_facts(nifti_image *nim, const tg_header *header, bool affine)
{
    nim->scl_slope = header ? header->slope : 1;
    nim->scl_inter = header ? header->inter : 0;
    for (int d = 0; d < 7; d++) {
        double length = header ? header->spacing[d] : 0;

        nim->pixdim[d + 1] = length > 0 && isfinite(length) ? length : 1;
    }
    nim->dx = nim->pixdim[1];
    nim->dy = nim->pixdim[2];
    nim->dz = nim->pixdim[3];
    nim->dt = nim->pixdim[4];
    nim->du = nim->pixdim[5];
    nim->dv = nim->pixdim[6];
    nim->dw = nim->pixdim[7];
    nim->xyz_units = header ? unit_code(header->space_units) : NIFTI_UNITS_UNKNOWN;
    nim->time_units = header ? unit_code(header->time_units) : NIFTI_UNITS_UNKNOWN;
    if (header && header->description[0])
        snprintf(nim->descrip, sizeof nim->descrip, "%.*s", (int)sizeof nim->descrip - 1,
                 header->description);
    else
        snprintf(nim->descrip, sizeof nim->descrip, "Tegula %s", TG_VERSION);
    if (affine)
        put_affine(nim, header);
}

static int datatype_of(tg_dtype dtype)
{
    for (int i = 0; i < NDATATYPES; i++)
        if (datatypes[i].dtype == dtype)
            return datatypes[i].code;
    return DT_UNKNOWN;
}

/** The image of the header that came with the data, if it is of these lengths; else a new one.
 * *affine: what it says about orientation is not what the facts say, which may have been changed
 * since. */
static nifti_image *begin_image(const char *path, const tg_sink *sink, const int64_t *dim,
                                bool *affine)
{
    const tg_header *header = sink->header;
    struct raw raw = {0};
    tg_header old = {0};
    nifti_image *nim = NULL;
    bool same = true;

    *affine = true;
    if (header && header->nifti_size)
        nim =
            convert(path, header->nifti,
                    tg_nifti_kind_of(header->nifti, (size_t)header->nifti_size, NULL), false, &raw);
    for (int d = 0; nim && d <= (sink->ndim ? sink->ndim : 1); d++)
        same &= raw.dim[d] == dim[d];
    if (!nim || !same) {
        nifti_image_free(nim);
        return nifti_make_new_nim(dim, datatype_of(sink->dtype), 0);
    }
    take_affine(nim, &raw, &old);
    *affine = old.qform_code != header->qform_code || old.sform_code != header->sform_code ||
              memcmp(old.affine, header->affine, sizeof old.affine) != 0;
    nim->datatype = datatype_of(sink->dtype);
    nifti_datatype_sizes(nim->datatype, &nim->nbyper, &nim->swapsize);
    return nim;
}

tg_status tg_nifti_compose(const char *path, const tg_sink *sink,
                           unsigned char out[TG_NIFTI_WRITTEN], size_t *size)
{
    tg_status status = TG_OK;
    int64_t dim[8] = {sink->ndim ? sink->ndim : 1, 1, 1, 1, 1, 1, 1, 1};
    nifti_image *nim = NULL;
    nifti_1_header one = {0};
    nifti_2_header two = {0};
    bool large = false, converted, affine;

    TG_NEED(sink->ndim <= 7, TG_EARG, "%s: NIfTI holds at most 7 axes, the array has %d", path,
            sink->ndim);
    for (int d = 0; d < sink->ndim; d++) {
        dim[d + 1] = sink->shape[sink->ndim - 1 - d];
        TG_NEED(dim[d + 1] > 0, TG_EARG, "%s: NIfTI cannot hold an axis of length 0", path);
        large |= dim[d + 1] > INT16_MAX;
    }
    nifti_set_debug_level(0);
    nim = begin_image(path, sink, dim, &affine);
    TG_NEED(nim, TG_ENOMEM, "%s: header", path);
    put_facts(nim, sink->header, affine);
    nim->nifti_type = large ? NIFTI_FTYPE_NIFTI2_1 : NIFTI_FTYPE_NIFTI1_1;
    nim->iname_offset = large ? 544 : 352;
    converted =
        large ? nifti_convert_nim2n2hdr(nim, &two) == 0 : nifti_convert_nim2n1hdr(nim, &one) == 0;
    TG_NEED(converted, TG_EINTERNAL, "%s: the header cannot be made", path);
    for (int d = sink->ndim ? sink->ndim + 1 : 2; d < 8; d++) {
        one.dim[d] = 1; /* nifticlib says 0, and readers that multiply all lengths find nothing */
        two.dim[d] = 1;
    }
    memset(out, 0, TG_NIFTI_WRITTEN);
    if (large)
        memcpy(out, &two, sizeof two);
    else
        memcpy(out, &one, sizeof one);
    *size = (size_t)nim->iname_offset;
out:
    nifti_image_free(nim);
    return status;
}
