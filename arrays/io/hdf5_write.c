/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing a box of an HDF5 dataset on a rank: to its place in the file, or, for chunked datasets,
 * encoded into the task's output: for each chunk of the box in C order a tg_hdf5_frame and the
 * filtered bytes. The filters are those of the dataset, shuffle (filter 0 where there is one) and
 * deflate; a chunk that deflate would not shorten goes without it, as its mask says. Chunks at the
 * edge are whole chunks in the file, filled up with zeros.
 */
#include <string.h>

#include <libdeflate.h>

#include "io/box.h"
#include "io/hdf5_filter.h"
#include "io/hdf5_layout.h"
#include "io/hdf5_params.h"
#include "kernel/copy.h"

/** Encoding one box. */
struct encoding {
    const tg_hdf5_layout *layout;
    const int64_t *count;
    size_t itemsize, chunk_size;
    int64_t in_stride[TG_MAX_NDIM], chunk_stride[TG_MAX_NDIM]; /* bytes */
    char *whole, *shuffled;                                    /* chunk_size bytes each */
    struct libdeflate_compressor *deflater;
    char *out;
    size_t size; /* bytes in out */
};

/** Chunk number i of the box, filled up: in `in` itself where it lies there whole. */
static const char *gather_chunk(struct encoding *e, const int64_t *grid, int64_t i, const char *in)
{
    int ndim = e->layout->ndim;
    int64_t part[TG_MAX_NDIM];
    bool whole = true, same = true;

    for (int d = ndim - 1; d >= 0; d--) {
        int64_t begin = i % grid[d] * e->layout->chunk[d], left = e->count[d] - begin;

        i /= grid[d];
        part[d] = left < e->layout->chunk[d] ? left : e->layout->chunk[d];
        whole &= part[d] == e->layout->chunk[d];
        same &= part[d] == e->count[d];
        in += begin * e->in_stride[d];
    }
    if (whole && same)
        return in;
    if (!whole)
        memset(e->whole, 0, e->chunk_size);
    tg_copy_box(ndim, part, e->itemsize, in, e->in_stride, e->whole, e->chunk_stride);
    return e->whole;
}

static void encode_chunk(struct encoding *e, const char *chunk)
{
    tg_hdf5_frame frame = {.size = (uint32_t)e->chunk_size};
    char *to = e->out + e->size + sizeof frame;
    size_t deflated = 0;

    if (e->layout->shuffle) {
        tg_shuffle(e->itemsize, e->chunk_size, chunk, e->shuffled);
        chunk = e->shuffled;
    }
    if (e->deflater)
        deflated =
            libdeflate_zlib_compress(e->deflater, chunk, e->chunk_size, to, e->chunk_size - 1);
    if (deflated) {
        frame.size = (uint32_t)deflated;
    } else {
        memcpy(to, chunk, e->chunk_size);
        frame.mask = e->deflater ? 1u << (e->layout->shuffle ? 1 : 0) : 0;
    }
    memcpy(e->out + e->size, &frame, sizeof frame);
    e->size += sizeof frame + frame.size;
}

static tg_status encode_box(tg_task *task, const tg_hdf5_layout *layout, const int64_t *count,
                            const void *in)
{
    tg_status status = TG_OK;
    struct encoding e = {.layout = layout, .count = count};
    int64_t grid[TG_MAX_NDIM], n;
    void *output;

    e.itemsize = tg_dtype_size((tg_dtype)layout->dtype);
    e.chunk_size = (size_t)tg_box_size(layout->ndim, layout->chunk) * e.itemsize;
    tg_strides(layout->ndim, count, e.itemsize, e.in_stride);
    tg_strides(layout->ndim, layout->chunk, e.itemsize, e.chunk_stride);
    for (int d = 0; d < layout->ndim; d++)
        grid[d] = (count[d] + layout->chunk[d] - 1) / layout->chunk[d];
    n = tg_box_size(layout->ndim, grid);
    e.whole = tg_task_scratch(task, e.chunk_size);
    e.shuffled = tg_task_scratch(task, e.chunk_size);
    e.out = tg_task_scratch(task, (size_t)n * (e.chunk_size + sizeof(tg_hdf5_frame)) + 1);
    TG_NEED(e.whole && e.shuffled && e.out, TG_ENOMEM, "%s: chunks of %zu bytes", layout->path,
            e.chunk_size);
    if (layout->deflate) {
        e.deflater = libdeflate_alloc_compressor(layout->deflate);
        TG_NEED(e.deflater, TG_ENOMEM, "%s: no memory to deflate", layout->path);
    }
    for (int64_t i = 0; i < n; i++)
        encode_chunk(&e, gather_chunk(&e, grid, i, in));
    output = tg_task_output(task, e.size);
    TG_NEED(output, TG_ENOMEM, "%s: %zu bytes", layout->path, e.size);
    memcpy(output, e.out, e.size);
    tg_task_count(task, TG_BYTES_WRITTEN, (int64_t)e.size);
out:
    if (e.deflater)
        libdeflate_free_compressor(e.deflater);
    return status;
}

tg_status tg_hdf5_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, const void *in)
{
    const tg_hdf5_layout *layout = params;
    tg_extent extent = {.offset = layout->address,
                        .itemsize = tg_dtype_size((tg_dtype)layout->dtype),
                        .ndim = layout->ndim,
                        .shape = layout->shape};

    (void)size;
    if (layout->chunked)
        return encode_box(task, layout, count, in);
    return tg_box_write(task, layout->path, &extent, start, count, in);
}
