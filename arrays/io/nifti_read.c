/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading a box of a NIfTI file on a rank. A box that is all of a gzipped file is inflated at once
 * by libdeflate, twice as fast as a stream; what libdeflate does not take (several members,
 * damage) the stream reads, or says what is wrong with it.
 */
#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "io/box.h"
#include "io/element.h"
#include "io/gzip_stream.h"
#include "io/nifti.h"

/** Inflate the whole file; *done is false when it is not one good member of the right length. */
static tg_status read_whole(tg_task *task, const tg_nifti_params *p, void *out, size_t size,
                            bool *done)
{
    tg_status status = TG_OK;
    struct libdeflate_decompressor *inflater = NULL;
    size_t packed = (size_t)p->stamp.size, total = (size_t)p->offset + size, used = 0, got = 0;
    char *in = tg_task_scratch(task, packed), *inflated = tg_task_scratch(task, total);
    tg_file file = {0};

    TG_NEED(in && inflated, TG_ENOMEM, "%s: %zu bytes", p->path, packed + total);
    TG_TRY(tg_file_begin(task, p->path, &p->stamp, &file));
    TG_TRY(tg_pread_all(p->path, file.fd, 0, in, packed, &got));
    inflater = libdeflate_alloc_decompressor();
    TG_NEED(inflater, TG_ENOMEM, "%s: no memory to inflate it", p->path);
    *done = got == packed &&
            libdeflate_gzip_decompress_ex(inflater, in, packed, inflated, total, &used, &got) ==
                LIBDEFLATE_SUCCESS &&
            got == total;
    if (*done) {
        memcpy(out, inflated + p->offset, size);
        tg_task_count(task, TG_BYTES_READ, (int64_t)packed);
    }
out:
    if (inflater)
        libdeflate_free_decompressor(inflater);
    tg_file_end(&file);
    return status;
}

static tg_status read_stream(tg_task *task, const tg_nifti_params *p, const int64_t *start,
                             const int64_t *count, void *out)
{
    tg_status status = TG_OK;
    tg_pieces pieces;
    size_t item = tg_dtype_size((tg_dtype)p->dtype);
    int64_t all = tg_box_size(p->ndim, p->shape) * (int64_t)item;
    char *to = out;
    bool done = false;

    tg_pieces_begin(&pieces, p->ndim, p->shape, start, count, -1);
    if (pieces.length * (int64_t)item == all && all <= TG_NIFTI_WHOLE &&
        p->stamp.size <= TG_NIFTI_WHOLE)
        TG_TRY(read_whole(task, p, out, (size_t)all, &done));
    while (!done && tg_pieces_next(&pieces)) {
        size_t size = (size_t)pieces.length * item;

        TG_TRY(tg_gzip_read(task, p->path, &p->stamp, p->offset + pieces.place * (int64_t)item,
                            p->offset + all, to, size));
        to += size;
    }
out:
    return status;
}

static tg_extent extent_of(const tg_nifti_params *p)
{
    return (tg_extent){.offset = p->offset,
                       .itemsize = tg_dtype_size((tg_dtype)p->dtype),
                       .ndim = p->ndim,
                       .shape = p->shape};
}

/* A stream is read from its beginning to the end of what is wanted. */
int64_t tg_nifti_bytes(const void *params, size_t size, const int64_t *start, const int64_t *count,
                       bool *exact)
{
    const tg_nifti_params *p = params;
    const tg_extent extent = extent_of(p);

    (void)size;
    if (!p->gzip)
        return tg_box_bytes(&extent, start, count);
    *exact = p->ndim == 0 || start[0] + count[0] == p->shape[0];
    return p->stamp.size;
}

static tg_status read_plain(tg_task *task, const tg_nifti_params *p, const int64_t *start,
                            const int64_t *count, void *out)
{
    tg_status status = TG_OK;
    tg_file file = {0};
    const tg_extent extent = extent_of(p);

    TG_TRY(tg_file_begin(task, p->path, &p->stamp, &file));
    TG_TRY(tg_box_read(&file, &extent, start, count, out));
out:
    tg_file_end(&file);
    return status;
}

tg_status tg_nifti_read(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, void *out)
{
    tg_status status = TG_OK;
    const tg_nifti_params *p = params;
    tg_element element;

    (void)size;
    if (tg_box_size(p->ndim, count) == 0)
        goto out;
    TG_TRY(p->gzip ? read_stream(task, p, start, count, out)
                   : read_plain(task, p, start, count, out));
    if (p->swapped) {
        element = tg_element_of((tg_dtype)p->dtype);
        element.swapped = true;
        tg_element_decode(&element, tg_box_size(p->ndim, count), out, out);
    }
out:
    return status;
}
