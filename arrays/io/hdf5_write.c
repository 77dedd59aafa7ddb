/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing a box of an HDF5 dataset on a rank: to its place in the file, by chunks where it has
 * such; or, for filtered chunks, encoded: for each chunk of the box in C order its filtered bytes.
 * The filters are those of the dataset, shuffle (filter 0 where there is one) and deflate; a chunk
 * that deflate would not shorten goes without it, as its mask says. Chunks at the edge are whole
 * chunks in the file, filled up with zeros.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include <libdeflate.h>

#include "io/box.h"
#include "io/chunk.h"
#include "io/disk.h"
#include "io/hdf5_filter.h"
#include "io/hdf5_layout.h"
#include "io/hdf5_params.h"

/** Encoding one box. */
struct encoding {
    const tg_hdf5_layout *layout;
    size_t itemsize, chunk_size;
    char *whole, *shuffled; /* chunk_size bytes each */
    struct libdeflate_compressor *deflater;
    tg_encoded *out;
};

static void encode_chunk(struct encoding *e, const char *chunk, tg_part *part)
{
    char *to = e->out->bytes + e->out->size;

    *part = (tg_part){.size = 0};
    if (e->layout->shuffle) {
        tg_shuffle(e->itemsize, e->chunk_size, chunk, e->shuffled);
        chunk = e->shuffled;
    }
    if (e->deflater)
        part->size =
            libdeflate_zlib_compress(e->deflater, chunk, e->chunk_size, to, e->chunk_size - 1);
    if (part->size == 0) {
        memcpy(to, chunk, e->chunk_size);
        part->size = e->chunk_size;
        part->mask = e->deflater ? 1u << (e->layout->shuffle ? 1 : 0) : 0;
    }
    e->out->size += part->size;
}

int64_t tg_hdf5_bound(const tg_sink *sink, const int64_t *count)
{
    const tg_hdf5_layout *layout = sink->params;
    int64_t grid[TG_MAX_NDIM];

    return tg_hdf5_chunks_of(layout, count, grid) * tg_box_size(layout->ndim, layout->chunk) *
           (int64_t)tg_dtype_size((tg_dtype)layout->dtype);
}

tg_status tg_hdf5_encode(tg_task *task, const void *params, size_t size, const int64_t *start,
                         const int64_t *count, const void *in, tg_encoded *out)
{
    tg_status status = TG_OK;
    const tg_hdf5_layout *layout = params;
    struct encoding e = {.layout = layout, .out = out};
    int64_t grid[TG_MAX_NDIM];
    tg_chunked chunked;

    (void)size;
    e.itemsize = tg_dtype_size((tg_dtype)layout->dtype);
    e.chunk_size = (size_t)tg_box_size(layout->ndim, layout->chunk) * e.itemsize;
    chunked = tg_chunked_of(layout->ndim, layout->chunk, start, count, e.itemsize);
    out->nparts = tg_hdf5_chunks_of(layout, count, grid);
    out->part = tg_task_scratch(task, (size_t)out->nparts * sizeof *out->part + 1);
    out->bytes = tg_task_scratch(task, (size_t)out->nparts * e.chunk_size + 1);
    e.whole = tg_task_scratch(task, e.chunk_size);
    e.shuffled = tg_task_scratch(task, e.chunk_size);
    TG_NEED(e.whole && e.shuffled && out->part && out->bytes, TG_ENOMEM,
            "%s: %" PRId64 " chunks of %zu bytes", layout->path, out->nparts, e.chunk_size);
    if (layout->deflate) {
        e.deflater = libdeflate_alloc_compressor(layout->deflate);
        TG_NEED(e.deflater, TG_ENOMEM, "%s: no memory to deflate", layout->path);
    }
    for (int64_t i = 0; i < out->nparts; i++)
        encode_chunk(&e, tg_chunked_take(&chunked, grid, i, in, e.whole), &out->part[i]);
out:
    if (e.deflater)
        libdeflate_free_compressor(e.deflater);
    return status;
}

/** Whole chunks to their places. */
static tg_status write_chunks(tg_task *task, tg_hdf5_layout *layout, const int64_t *start,
                              const int64_t *count, const void *in)
{
    tg_status status = TG_OK;
    size_t itemsize = tg_dtype_size((tg_dtype)layout->dtype);
    size_t size = (size_t)tg_hdf5_chunk_bytes(layout);
    const int64_t *place = tg_hdf5_places(layout);
    tg_chunked chunked = tg_chunked_of(layout->ndim, layout->chunk, start, count, itemsize);
    int64_t grid[TG_MAX_NDIM], n = tg_hdf5_chunks_of(layout, count, grid);
    void *whole = tg_task_scratch(task, size);
    char words[128];
    int fd = open(layout->path, O_WRONLY | O_CLOEXEC), closed;

    TG_NEED(fd >= 0, TG_EIO, "%s: %s", layout->path, tg_errno_words(errno, words, sizeof words));
    TG_NEED(whole, TG_ENOMEM, "%s: a chunk of %zu bytes", layout->path, size);
    TG_NEED(n == layout->nplaces, TG_EINTERNAL, "%s: %" PRId64 " chunks, %" PRId64 " places",
            layout->path, n, layout->nplaces);
    for (int64_t i = 0; i < n; i++)
        TG_TRY(tg_pwrite_all(layout->path, fd, place[i],
                             tg_chunked_take(&chunked, grid, i, in, whole), size));
    if (n > 0)
        TG_TRY(tg_file_write_back(layout->path, fd, place[0], place[n - 1] + (int64_t)size, size));
    closed = close(fd);
    fd = -1;
    TG_NEED(closed == 0, TG_EIO, "%s: %s", layout->path,
            tg_errno_words(errno, words, sizeof words));
    tg_task_count(task, TG_BYTES_WRITTEN, n * (int64_t)size);
out:
    if (fd >= 0)
        close(fd);
    return status;
}

tg_status tg_hdf5_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, const void *in)
{
    tg_hdf5_layout *layout = (tg_hdf5_layout *)params;
    tg_extent extent = {.offset = layout->address,
                        .itemsize = tg_dtype_size((tg_dtype)layout->dtype),
                        .ndim = layout->ndim,
                        .shape = layout->shape};

    (void)size;
    if (layout->placed)
        return write_chunks(task, layout, start, count, in);
    return tg_box_write(task, layout->path, &extent, start, count, in);
}
