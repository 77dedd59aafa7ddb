/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening a NIfTI file: the header alone is read, inflated where the file is gzipped. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/box.h"
#include "io/formats.h"
#include "io/gzip_stream.h"
#include "io/nifti.h"
#include "io/nifti_header.h"

#define STREAM_CHUNK                                                                               \
    (12 << 20) /* bytes of a chunk of a stream: one box of whole volumes, at most */

#define DEFLATE_MOST 1032 /* bytes that one can inflate to */

tg_nifti_params *tg_nifti_params_create(const char *path, size_t *size)
{
    tg_nifti_params *params;

    *size = sizeof *params + strlen(path) + 1;
    params = calloc(1, *size);
    if (params)
        memcpy(params->path, path, strlen(path) + 1);
    return params;
}

static tg_status read_head(const char *path, tg_nifti_facts *facts, bool *gzip)
{
    tg_status status = TG_OK;
    unsigned char head[TG_NIFTI_HEAD];
    char words[128];
    size_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    TG_NEED(fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    TG_TRY(tg_pread_all(path, fd, 0, head, sizeof head, &got));
    *gzip = got >= 2 && head[0] == 0x1f && head[1] == 0x8b;
    if (*gzip)
        tg_gzip_peek(fd, head, sizeof head, &got);
    TG_TRY(tg_nifti_parse(path, head, got, facts));
out:
    if (fd >= 0)
        close(fd);
    return status;
}

/** The data of a pair, by the name of its header, gzipped if that is where there are both; *gzip:
 * whether they are. */
static tg_status find_image(const char *path, char **image, bool *gzip)
{
    tg_status status = TG_OK;
    size_t length = strlen(path), stem = length;
    unsigned char head[2] = {0};
    size_t got = 0;
    int fd = -1;
    bool packed;

    stem -= length > 7 && strcmp(path + length - 7, ".hdr.gz") == 0 ? 7 : 0;
    stem -= length > 4 && strcmp(path + length - 4, ".hdr") == 0 ? 4 : 0;
    TG_NEED(stem < length, TG_EARG,
            "%s is the header of a pair of files, but its name does not end with .hdr", path);
    packed = stem + 7 == length;
    for (int i = 0; i < 2 && fd < 0; i++) {
        free(*image);
        *image = NULL;
        TG_NEED(asprintf(image, "%.*s.img%s", (int)stem, path, packed == (i == 0) ? ".gz" : "") > 0,
                TG_ENOMEM, "name of the image of %s", path);
        fd = open(*image, O_RDONLY | O_CLOEXEC);
    }
    TG_NEED(fd >= 0, TG_EIO, "%s is the header of a pair of files, but %.*s.img is not there", path,
            (int)stem, path);
    TG_TRY(tg_pread_all(*image, fd, 0, head, sizeof head, &got));
    *gzip = head[0] == 0x1f && head[1] == 0x8b;
out:
    if (fd >= 0)
        close(fd);
    return status;
}

/** Rows of axis 0 in a chunk of a stream: equal parts of about STREAM_CHUNK. A file that can be
 * inflated at once is one chunk: that takes half the time of a stream. */
static int64_t rows_of_chunk(const tg_source *source)
{
    int64_t rows = source->shape[0];
    int64_t bytes =
        tg_box_size(source->ndim, source->shape) * (int64_t)tg_dtype_size(source->dtype);
    int64_t parts = (bytes + STREAM_CHUNK - 1) / STREAM_CHUNK;

    return parts < 2 || bytes <= TG_NIFTI_WHOLE ? rows
           : parts >= rows                      ? 1
                                                : (rows + parts - 1) / parts;
}

static void describe(const tg_nifti_facts *facts, bool gzip, tg_source *out)
{
    out->format = gzip ? &tg_format_nifti_gz : &tg_format_nifti;
    out->dtype = facts->dtype;
    out->ndim = facts->ndim;
    for (int d = 0; d < out->ndim; d++)
        out->chunk[d] = out->shape[d] = facts->dim[out->ndim - 1 - d];
    out->contiguous = !gzip;
    out->sequential = gzip;
    out->reversed = true;
    out->header = facts->header;
    if (gzip)
        out->chunk[0] = rows_of_chunk(out);
    for (int d = 0; d < out->ndim; d++)
        out->chunk[d] = out->chunk[d] ? out->chunk[d] : 1;
}

tg_status tg_nifti_open(const char *path, const char *dataset, tg_source *out)
{
    tg_status status = TG_OK;
    tg_nifti_facts facts;
    tg_nifti_params *params = NULL;
    tg_source source = {0};
    int64_t bytes;
    bool gzip = false;
    size_t size = 0;
    char *image = NULL;
    tg_stamp stamp;

    TG_NEED(!dataset, TG_EARG, "%s is a NIfTI file: it has no datasets, so %s cannot be one", path,
            dataset);
    TG_TRY(tg_file_stamp(path, &stamp));
    TG_TRY(read_head(path, &facts, &gzip));
    if (facts.pair) {
        TG_TRY(find_image(path, &image, &gzip));
        path = image;
        TG_TRY(tg_file_stamp(path, &stamp));
    }
    params = tg_nifti_params_create(path, &size);
    TG_NEED(params, TG_ENOMEM, "parameters of %s", path);
    params->stamp = stamp;
    describe(&facts, gzip, &source);
    bytes = tg_box_size(source.ndim, source.shape) * (int64_t)tg_dtype_size(source.dtype);
    TG_NEED(gzip || params->stamp.size - facts.offset >= bytes, TG_EFORMAT,
            "%s ends early: needs %" PRId64 " bytes, has %" PRId64, path, facts.offset + bytes,
            params->stamp.size);
    TG_NEED(!gzip || (facts.offset + bytes) / DEFLATE_MOST <= params->stamp.size, TG_EFORMAT,
            "%s ends early: needs %" PRId64 " bytes, its %" PRId64 " cannot inflate to as many",
            path, facts.offset + bytes, params->stamp.size);
    source.stored_bytes = gzip ? params->stamp.size : bytes;
    params->offset = facts.offset;
    params->dtype = (int32_t)facts.dtype;
    params->ndim = facts.ndim;
    params->gzip = gzip;
    params->swapped = facts.swapped;
    memcpy(params->shape, source.shape, sizeof params->shape);
    source.params = params;
    source.params_size = size;
    params = NULL;
    *out = source;
out:
    free(image);
    free(params);
    return status;
}
