/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing NIfTI. A .nii has its header and room for all data from the beginning, and ranks write
 * where their boxes lie. A .nii.gz is made of gzip members, the header one and each box one; gzip
 * readers take members that follow each other for one stream.
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

/** What a .nii.gz keeps between create and finish. */
struct growing {
    int fd;
    int64_t size; /* bytes so far */
};

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
static tg_status prepare(const char *path, tg_sink *sinks, int nsinks, const tg_format *format,
                         unsigned char head[TG_NIFTI_WRITTEN], size_t *head_size)
{
    tg_status status = TG_OK;
    tg_nifti_params *params = NULL;
    tg_sink *sink = sinks;

    TG_NEED(nsinks == 1, TG_EARG, "%s: a NIfTI file holds one array, not %d", path, nsinks);
    sink->format = format;
    TG_TRY(tg_nifti_compose(path, sink, head, head_size));
    params = tg_nifti_params_create(path, &sink->params_size);
    TG_NEED(params, TG_ENOMEM, "parameters of %s", path);
    sink->params = params;
    params->offset = (int64_t)*head_size;
    params->dtype = (int32_t)sink->dtype;
    params->ndim = sink->ndim;
    params->gzip = format == &tg_format_nifti_gz;
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
    char words[128];
    int fd = -1;

    TG_TRY(prepare(path, sinks, nsinks, &tg_format_nifti, head, &size));
    TG_TRY(open_new(path, &fd));
    TG_TRY(tg_pwrite_all(path, fd, 0, head, size));
    bytes = tg_box_size(sinks->ndim, sinks->shape) * (int64_t)tg_dtype_size(sinks->dtype);
    TG_NEED(ftruncate(fd, (int64_t)size + bytes) == 0, TG_EIO, "%s: %s", path,
            tg_errno_words(errno, words, sizeof words));
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

static tg_status put_behind(const char *path, struct growing *growing, const void *bytes,
                            size_t size)
{
    tg_status status = TG_OK;

    TG_TRY(tg_pwrite_all(path, growing->fd, growing->size, bytes, size));
    growing->size += (int64_t)size;
out:
    return status;
}

tg_status tg_nifti_gz_create(const char *path, tg_sink *sinks, int nsinks)
{
    tg_status status = TG_OK;
    unsigned char head[TG_NIFTI_WRITTEN], member[2 * TG_NIFTI_WRITTEN];
    struct growing *growing = NULL;
    size_t size = 0, got = 0;
    int64_t row = (int64_t)tg_dtype_size(sinks->dtype);

    TG_TRY(prepare(path, sinks, nsinks, &tg_format_nifti_gz, head, &size));
    growing = calloc(1, sizeof *growing);
    TG_NEED(growing, TG_ENOMEM, "%s", path);
    growing->fd = -1;
    sinks->state = growing;
    TG_TRY(open_new(path, &growing->fd));
    TG_TRY(make_member(path, DEFAULT_LEVEL, head, size, member, sizeof member, &got));
    TG_TRY(put_behind(path, growing, member, got));
    sinks->ordered = true;
    for (int d = 1; d < sinks->ndim; d++) {
        sinks->box[d] = sinks->shape[d];
        row *= sinks->shape[d];
    }
    if (sinks->ndim)
        sinks->box[0] = row < MEMBER_SIZE ? MEMBER_SIZE / row : 1;
    if (sinks->ndim && sinks->box[0] > sinks->shape[0])
        sinks->box[0] = sinks->shape[0];
out:
    return status;
}

tg_status tg_nifti_gz_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                            const int64_t *count, const void *in)
{
    tg_status status = TG_OK;
    const tg_nifti_params *p = params;
    size_t bytes = (size_t)tg_box_size(p->ndim, count) * tg_dtype_size((tg_dtype)p->dtype);
    size_t room = libdeflate_gzip_compress_bound(NULL, bytes), got = 0;
    void *member = tg_task_scratch(task, room), *output;

    (void)size, (void)start;
    TG_NEED(member, TG_ENOMEM, "%s: %zu bytes to deflate", p->path, bytes);
    TG_TRY(make_member(p->path, p->level, in, bytes, member, room, &got));
    output = tg_task_output(task, got);
    TG_NEED(output, TG_ENOMEM, "%s: %zu bytes", p->path, got);
    memcpy(output, member, got);
    tg_task_count(task, TG_BYTES_WRITTEN, (int64_t)got);
out:
    return status;
}

tg_status tg_nifti_gz_append(const char *path, const tg_sink *sink, const int64_t *start,
                             const int64_t *count, const void *bytes, size_t size)
{
    (void)start, (void)count;
    return put_behind(path, sink->state, bytes, size);
}

tg_status tg_nifti_finish(const char *path, const tg_sink *sinks, int nsinks)
{
    (void)sinks, (void)nsinks;
    return tg_file_sync(path);
}

void tg_nifti_release(void *state)
{
    struct growing *growing = state;

    if (growing && growing->fd >= 0)
        close(growing->fd);
    free(growing);
}
