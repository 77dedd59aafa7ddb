/* SPDX-License-Identifier: BSD-3-Clause */
/* A header and one array behind it, in C order. */
#include "io/flat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/box.h"

tg_status tg_flat_params_create(const char *path, int ndim, const int64_t *shape,
                                tg_flat_params **out, size_t *size)
{
    tg_status status = TG_OK;
    tg_flat_params *params;

    *size = sizeof *params + strlen(path) + 1;
    params = calloc(1, *size);
    TG_NEED(params, TG_ENOMEM, "parameters of %s", path);
    memcpy(params->path, path, strlen(path) + 1);
    params->ndim = ndim;
    for (int d = 0; d < ndim; d++)
        params->shape[d] = shape[d];
    *out = params;
out:
    return status;
}

tg_status tg_flat_describe(tg_flat_params *params, size_t size, tg_source *out)
{
    tg_status status = TG_OK;
    int64_t bytes = tg_box_size(params->ndim, params->shape) * params->element.size;

    TG_NEED(params->stamp.size - params->offset >= bytes, TG_EFORMAT,
            "%s ends early: needs %" PRId64 " bytes, has %" PRId64, params->path,
            params->offset + bytes, params->stamp.size);
    out->dtype = (tg_dtype)params->element.dtype;
    out->ndim = params->ndim;
    for (int d = 0; d < out->ndim; d++) {
        out->shape[d] = params->shape[d];
        out->chunk[d] = params->shape[d] ? params->shape[d] : 1;
    }
    out->contiguous = true;
    out->stored_bytes = bytes;
    out->params = params;
    out->params_size = size;
    params = NULL;
out:
    free(params);
    return status;
}

tg_status tg_flat_create(const char *path, const void *head, size_t head_size, int64_t bytes)
{
    tg_status status = TG_OK;
    char words[128];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    TG_NEED(fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    TG_TRY(tg_file_make_room(path, (int64_t)head_size + bytes));
    TG_TRY(tg_pwrite_all(path, fd, 0, head, head_size));
out:
    if (fd >= 0)
        close(fd);
    return status;
}

static tg_extent extent_of(const tg_flat_params *p)
{
    return (tg_extent){.offset = p->offset,
                       .itemsize = (size_t)p->element.size,
                       .ndim = p->ndim,
                       .shape = p->shape};
}

int64_t tg_flat_bytes(const void *params, size_t size, const int64_t *start, const int64_t *count,
                      bool *exact)
{
    const tg_extent extent = extent_of(params);

    (void)size, (void)exact;
    return tg_box_bytes(&extent, start, count);
}

tg_status tg_flat_read(tg_task *task, const void *params, size_t size, const int64_t *start,
                       const int64_t *count, void *out)
{
    tg_status status = TG_OK;
    const tg_flat_params *p = params;
    int64_t n = tg_box_size(p->ndim, count);
    tg_file file = {0};
    const tg_extent extent = extent_of(p);
    void *stored = out;

    (void)size;
    if (n == 0)
        goto out;
    if (p->element.half)
        stored = tg_task_scratch(task, (size_t)n * extent.itemsize);
    TG_NEED(stored, TG_ENOMEM, "%s: a box of %" PRId64 " elements", p->path, n);
    TG_TRY(tg_file_begin(task, p->path, &p->stamp, &file));
    TG_TRY(tg_box_read(&file, &extent, start, count, stored));
    tg_element_decode(&p->element, n, stored, out);
out:
    tg_file_end(&file);
    return status;
}

tg_status tg_flat_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, const void *in)
{
    const tg_flat_params *p = params;
    const tg_extent extent = extent_of(p);

    (void)size;
    return tg_box_write(task, p->path, &extent, start, count, in);
}

tg_status tg_flat_finish(const char *path, const tg_sink *sinks, int nsinks)
{
    (void)sinks, (void)nsinks;
    return tg_file_sync(path);
}
