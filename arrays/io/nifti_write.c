/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing NIfTI. A .nii has its header and room for all data from the beginning, and ranks write
 * where their boxes lie. A .nii.gz is made of gzip members, the header one and every few volumes
 * one; gzip readers take members that follow each other for one stream.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libdeflate.h>

#include "io/box.h"
#include "io/formats.h"
#include "io/nifti.h"
#include "io/nifti_header.h"

#define MEMBER_SIZE   (4 << 20) /* bytes of a box that becomes one gzip member, about */
#define DEFAULT_LEVEL 6

static tg_status open_new(const char *path, int *fd)
{
    tg_status status = TG_OK;
    char words[128];

    *fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    TG_NEED(*fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
out:
    return status;
}

/** Header and parameters of the sink. */
static tg_status prepare(const char *path, tg_sink *sinks, int nsinks, bool gzip,
                         unsigned char head[TG_NIFTI_WRITTEN], size_t *head_size)
{
    tg_status status = TG_OK;
    tg_nifti_params *params = NULL;
    tg_sink *sink = sinks;

    TG_NEED(nsinks == 1, TG_EARG, "%s: a NIfTI file holds one array, not %d", path, nsinks);
    TG_TRY(tg_nifti_compose(path, sink, head, head_size));
    params = tg_nifti_params_create(path, &sink->params_size);
    TG_NEED(params, TG_ENOMEM, "parameters of %s", path);
    sink->params = params;
    params->offset = (int64_t)*head_size;
    params->dtype = (int32_t)sink->dtype;
    params->ndim = sink->ndim;
    params->gzip = gzip;
    params->level =
        sink->options && sink->options->deflate > 0 ? sink->options->deflate : DEFAULT_LEVEL;
    for (int d = 0; d < sink->ndim; d++)
        params->shape[d] = sink->shape[d];
out:
    return status;
}

tg_status tg_nifti_create(const char *path, tg_sink *sinks, int nsinks)
{
    tg_status status = TG_OK;
    unsigned char head[TG_NIFTI_WRITTEN];
    size_t size = 0;
    int64_t bytes;
    int fd = -1;

    TG_TRY(prepare(path, sinks, nsinks, false, head, &size));
    TG_TRY(open_new(path, &fd));
    TG_TRY(tg_pwrite_all(path, fd, 0, head, size));
    bytes = tg_box_size(sinks->ndim, sinks->shape) * (int64_t)tg_dtype_size(sinks->dtype);
    TG_TRY(tg_file_make_room(path, (int64_t)size + bytes));
out:
    if (fd >= 0)
        close(fd);
    return status;
}

tg_status tg_nifti_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                         const int64_t *count, const void *in)
{
    const tg_nifti_params *p = params;
    tg_extent extent = {.offset = p->offset,
                        .itemsize = tg_dtype_size((tg_dtype)p->dtype),
                        .ndim = p->ndim,
                        .shape = p->shape};

    (void)size;
    return tg_box_write(task, p->path, &extent, start, count, in);
}

/** Compress to one gzip member in `out`, which has room for tg_gzip bound bytes. */
static tg_status make_member(const char *path, int level, const void *in, size_t size, void *out,
                             size_t room, size_t *got)
{
    tg_status status = TG_OK;
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(level);

    TG_NEED(deflater, TG_ENOMEM, "%s: no memory to deflate at level %d", path, level);
    *got = libdeflate_gzip_compress(deflater, in, size, out, room);
    TG_NEED(*got, TG_EINTERNAL, "%s: a gzip member of over %zu bytes", path, room);
out:
    if (deflater)
        libdeflate_free_compressor(deflater);
    return status;
}

tg_status tg_nifti_gz_create(const char *path, tg_sink *sinks, int nsinks)
{
    tg_status status = TG_OK;
    unsigned char head[TG_NIFTI_WRITTEN], member[2 * TG_NIFTI_WRITTEN];
    size_t size = 0, got = 0;
    int64_t row = (int64_t)tg_dtype_size(sinks->dtype);
    int fd = -1;

    TG_TRY(prepare(path, sinks, nsinks, true, head, &size));
    TG_TRY(open_new(path, &fd));
    TG_TRY(make_member(path, DEFAULT_LEVEL, head, size, member, sizeof member, &got));
    TG_TRY(tg_pwrite_all(path, fd, 0, member, got));
    sinks->packed = true;
    for (int d = 1; d < sinks->ndim; d++) {
        sinks->box[d] = sinks->shape[d];
        row *= sinks->shape[d];
    }
    if (sinks->ndim)
        sinks->box[0] = row < MEMBER_SIZE ? MEMBER_SIZE / row : 1;
    if (sinks->ndim && sinks->box[0] > sinks->shape[0])
        sinks->box[0] = sinks->shape[0];
    ((tg_nifti_params *)sinks->params)->rows = sinks->ndim ? sinks->box[0] : 1;
out:
    if (fd >= 0)
        close(fd);
    return status;
}

/** Members of a box, and bytes of a row. */
static int64_t members_of(const tg_nifti_params *p, const int64_t *count, size_t *row)
{
    *row = tg_dtype_size((tg_dtype)p->dtype);
    for (int d = 1; d < p->ndim; d++)
        *row *= (size_t)count[d];
    return p->ndim ? (count[0] + p->rows - 1) / p->rows : 1;
}

int64_t tg_nifti_gz_bound(const tg_sink *sink, const int64_t *count)
{
    const tg_nifti_params *p = sink->params;
    size_t row;
    int64_t n = members_of(p, count, &row);

    return n * (int64_t)libdeflate_gzip_compress_bound(NULL, row * (size_t)p->rows);
}

tg_status tg_nifti_gz_encode(tg_task *task, const void *params, size_t size, const int64_t *start,
                             const int64_t *count, const void *in, tg_encoded *out)
{
    tg_status status = TG_OK;
    const tg_nifti_params *p = params;
    size_t row, room;

    (void)size, (void)start;
    out->nparts = members_of(p, count, &row);
    room = libdeflate_gzip_compress_bound(NULL, row * (size_t)p->rows);
    out->part = tg_task_scratch(task, (size_t)out->nparts * sizeof *out->part);
    out->bytes = tg_task_scratch(task, (size_t)out->nparts * room);
    TG_NEED(out->part && out->bytes, TG_ENOMEM, "%s: %zu bytes to deflate", p->path,
            (size_t)out->nparts * room);
    for (int64_t i = 0; i < out->nparts; i++) {
        int64_t left = p->ndim ? count[0] - i * p->rows : 1;
        size_t bytes = row * (size_t)(left < p->rows ? left : p->rows), got = 0;

        TG_TRY(make_member(p->path, p->level, in, bytes, out->bytes + out->size, room, &got));
        out->part[i] = (tg_part){.size = got};
        out->size += got;
        in = (const char *)in + bytes;
    }
out:
    return status;
}

tg_status tg_nifti_gz_place(const char *path, const tg_sink *sink, tg_packed *boxes, int64_t nboxes)
{
    tg_status status = TG_OK;
    tg_stamp stamp;

    (void)sink; /* boxes are cut along the slowest axis only, so they come in order */
    TG_TRY(tg_file_stamp(path, &stamp));
    for (int64_t b = 0; b < nboxes; b++)
        for (int64_t i = 0; i < boxes[b].nparts; i++) {
            boxes[b].address[i] = stamp.size;
            stamp.size += (int64_t)boxes[b].part[i].size;
        }
out:
    return status;
}

tg_status tg_nifti_finish(const char *path, const tg_sink *sinks, int nsinks)
{
    (void)sinks, (void)nsinks;
    return tg_file_sync(path);
}
